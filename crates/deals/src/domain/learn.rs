//! Which features are told first, and by which checks moments are looked for.

use winners::{Beside, Comparison};

/// What is known of a feature.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its place among the features.
    pub place: usize,
    /// Won beside lost deals of the team.
    pub team: Comparison,
    /// The rep beside top performers.
    pub beside: Beside,
}

impl Known {
    /// Whether won and lost deals differ in it by more than chance.
    pub fn is_found(&self) -> bool {
        self.team.result.as_ref().is_ok_and(|difference| difference.is_found)
    }

    /// Whether it was found that won deals show it more.
    fn wins(&self) -> bool {
        self.team.result.as_ref().is_ok_and(|found| found.is_found && found.difference > 0.0)
    }

    fn p(&self) -> f64 {
        self.team.result.as_ref().map_or(1.0, |difference| difference.p)
    }

    /// How much the rep lacks of what top performers do; not known where either is not.
    pub fn gap(&self) -> Option<f64> {
        self.beside.own.mean.zip(self.beside.others.mean).map(|(own, others)| others - own)
    }
}

/// What was found first, then what could be compared, the least chance first.
pub fn ordered(mut all: Vec<Known>) -> Vec<Known> {
    all.sort_by(|a, b| {
        let found = b.is_found().cmp(&a.is_found());
        found.then(a.p().total_cmp(&b.p())).then(a.place.cmp(&b.place))
    });
    all
}

/// The checks for which moments are looked for, out of features in the order of [`ordered`]: those found that the rep shows less than top performers
/// first, the largest gaps before; then the others that won deals show more; then the rest, the largest gaps before.
pub fn for_moments(all: &[Known], is_check: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut checks: Vec<&Known> = all.iter().filter(|known| is_check(known.place)).collect();
    let gap = |known: &Known| known.gap().unwrap_or(0.0);
    let lacks = |known: &Known| known.is_found() && gap(known) > 0.0;
    // Stable: what is alike in all this stays in the order of the features.
    checks.sort_by(|a, b| {
        let by_gap = gap(b).total_cmp(&gap(a));
        match (lacks(a), lacks(b)) {
            (false, false) => b.wins().cmp(&a.wins()).then(by_gap),
            (a, b) => b.cmp(&a).then(by_gap),
        }
    });
    checks.into_iter().map(|known| known.place).collect()
}

/// Where deals are alike: of one product and segment, of one product, or none of both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alike {
    /// Of this product.
    pub product: Option<String>,
    /// With customers of this kind.
    pub segment: Option<String>,
}

impl Alike {
    /// Whether a deal is one of these.
    pub fn has(&self, product: Option<&str>, segment: Option<&str>) -> bool {
        self.product.as_deref().is_none_or(|wanted| product == Some(wanted))
            && self.segment.as_deref().is_none_or(|wanted| segment == Some(wanted))
    }
}

/// Won and lost deals of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// What is sold.
    pub product: Option<String>,
    /// To whom.
    pub segment: Option<String>,
    /// Whether it was won.
    pub won: bool,
    /// Whether it is the rep's.
    pub own: bool,
}

/// The narrowest kind of deals of which there are `least` of both won and lost: that of which the rep has most, by product and segment, by product, else all.
pub fn alike(deals: &[Closed], least: usize) -> Alike {
    let most = |key: &dyn Fn(&Closed) -> Option<Alike>| -> Option<Alike> {
        let mut counted: Vec<(Alike, usize)> = Vec::new();
        for kind in deals.iter().filter(|deal| deal.own).filter_map(key) {
            match counted.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => counted.push((kind, 1)),
            }
        }
        counted.sort_by(|a, b| b.1.cmp(&a.1).then((&a.0.product, &a.0.segment).cmp(&(&b.0.product, &b.0.segment))));
        counted.into_iter().next().map(|(kind, _)| kind)
    };
    let enough = |kind: &Alike| {
        let count = |won: bool| {
            deals
                .iter()
                .filter(|deal| deal.won == won && kind.has(deal.product.as_deref(), deal.segment.as_deref()))
                .count()
        };
        count(true) >= least && count(false) >= least
    };
    let both = |deal: &Closed| {
        let (product, segment) = (deal.product.clone()?, deal.segment.clone()?);
        Some(Alike { product: Some(product), segment: Some(segment) })
    };
    let product = |deal: &Closed| Some(Alike { product: Some(deal.product.clone()?), segment: None });
    [most(&both), most(&product)].into_iter().flatten().find(enough).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use winners::{Difference, Group, Side};

    fn closed(product: &str, segment: &str, won: bool, own: bool) -> Closed {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Closed { product: text(product), segment: text(segment), won, own }
    }

    fn of(counts: &[(&str, &str, usize, usize)], own: (&str, &str)) -> Alike {
        let mut deals = vec![closed(own.0, own.1, true, true)];
        for (product, segment, won, lost) in counts {
            deals.extend((0..*won).map(|_| closed(product, segment, true, false)));
            deals.extend((0..*lost).map(|_| closed(product, segment, false, false)));
        }
        alike(&deals, 30)
    }

    /// Feature `place` with this difference between won and lost deals, found or not, and this mean of a rep beside that of others.
    fn known(place: usize, difference: f64, is_found: bool, means: Option<(f64, f64)>) -> Known {
        let side = Side { deals: 40, reps: 8 };
        let found = Difference {
            won: difference,
            lost: 0.0,
            difference,
            low: difference - 0.1,
            high: difference + 0.1,
            standard_error: 0.05,
            df: 6.0,
            p: 0.01,
            q: 0.02,
            is_found,
        };
        let group = |mean: Option<f64>| Group { n: 10, mean };
        let beside = Beside {
            own: group(means.map(|(own, _)| own)),
            others: group(means.map(|(_, others)| others)),
            difference: means.map(|(own, others)| own - others),
            interval: None,
        };
        Known { place, team: Comparison { won: side, lost: side, result: Ok(found) }, beside }
    }

    #[test]
    fn moments_are_of_what_the_rep_lacks_then_of_what_wins_then_of_the_rest() {
        let all = [
            known(0, 0.1, false, Some((0.1, 0.9))),
            known(1, 0.3, true, None),
            known(2, -0.3, true, None),
            known(3, 0.2, true, Some((0.5, 0.6))),
            known(4, 0.2, true, Some((0.5, 0.8))),
            known(5, 0.2, true, Some((0.9, 0.8))),
            known(6, 0.0, false, None),
            known(7, 0.3, true, None),
        ];
        assert_eq!(for_moments(&all, |_| true), [4, 3, 1, 7, 5, 0, 2, 6]);
        assert_eq!(for_moments(&all, |place| place > 4), [7, 5, 6]);
    }

    #[test]
    fn deals_are_as_alike_as_there_are_enough_of_them() {
        let kind = |product: Option<&str>, segment: Option<&str>| Alike {
            product: product.map(str::to_owned),
            segment: segment.map(str::to_owned),
        };
        let both = [("Docks", "smb", 30, 30), ("Yard", "smb", 40, 40)];
        assert_eq!(of(&both, ("Docks", "smb")), kind(Some("Docks"), Some("smb")));
        let product = [("Docks", "smb", 20, 30), ("Docks", "enterprise", 20, 5)];
        assert_eq!(of(&product, ("Docks", "smb")), kind(Some("Docks"), None));
        let few = [("Docks", "smb", 10, 30), ("Yard", "smb", 40, 40)];
        assert_eq!(of(&few, ("Docks", "smb")), kind(None, None));
        assert_eq!(of(&both, ("", "")), kind(None, None));
    }
}
