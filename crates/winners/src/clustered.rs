//! A difference of two means whose values come in clusters: the deals of one rep resemble each other.
//!
//! The standard error is the bias-reduced cluster-robust one, CR2, and the degrees of freedom are Satterthwaite's for it, both by Bell and
//! `McCaffrey` (2002, Survey Methodology 28); Pustejovsky and Tipton (2018, JBES 36) and Imbens and Kolesár (2016, `REStat` 98) recommend the pair
//! where clusters are few or of unequal sizes. For a regression on "won" alone both have closed forms in the sums of each cluster, which
//! stand here; `tests/vectors.py` computes them from the definition with matrices.

/// Values on one side of one cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    /// How many.
    pub n: usize,
    /// Their sum.
    pub total: f64,
}

/// A cluster: its values on either side.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cluster {
    /// The first side; what is compared.
    pub won: Sum,
    /// The second side; what it is compared with.
    pub lost: Sum,
}

/// A difference of two means and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean of the first side.
    pub won: f64,
    /// Mean of the second side.
    pub lost: f64,
    /// Standard error (CR2) of the first mean less the second.
    pub standard_error: f64,
    /// Satterthwaite degrees of freedom; above 0, below the number of clusters, rarely whole.
    pub df: f64,
}

impl Sum {
    /// Takes one value in.
    pub fn add(&mut self, value: f64) {
        self.n += 1;
        self.total += value;
    }

    fn n(self) -> f64 {
        self.n as f64
    }
}

/// A side of all clusters: how many values, and the weight `1 / (N √(1 − n/N))` that CR2 gives to the residuals of each cluster.
struct Side {
    n: f64,
    mean: f64,
    sums: Vec<Sum>,
    weights: Vec<f64>,
}

impl Side {
    fn new(sums: Vec<Sum>) -> Option<Self> {
        let n: usize = sums.iter().map(|sum| sum.n).sum();
        // Without two clusters nothing is known of how clusters differ.
        if sums.iter().filter(|sum| sum.n > 0).count() < 2 {
            return None;
        }
        let n = n as f64;
        let mean = sums.iter().map(|sum| sum.total).sum::<f64>() / n;
        let weights = sums.iter().map(|sum| 1.0 / (n * (1.0 - sum.n() / n).sqrt())).collect();
        Some(Self { n, mean, sums, weights })
    }

    /// What cluster `g` adds to the error of the mean.
    fn score(&self, g: usize) -> f64 {
        self.weights[g] * (self.sums[g].total - self.sums[g].n() * self.mean)
    }

    /// Covariance of the scores of two clusters, in units of the variance of a value, were all values independent and equally spread.
    fn covariance(&self, g: usize, h: usize) -> f64 {
        let (n, m) = (self.sums[g].n(), self.sums[h].n());
        let own = if g == h { n } else { 0.0 };
        self.weights[g] * self.weights[h] * (own - n * m / self.n)
    }
}

/// Mean of `won` less mean of `lost`, with standard error and degrees of freedom. Takes time in the square of the number of clusters.
///
/// `None` where a side has values of fewer than two clusters. A standard error of 0 means that the clusters do not differ at all.
pub fn estimate(clusters: &[Cluster]) -> Option<Estimate> {
    let won = Side::new(clusters.iter().map(|cluster| cluster.won).collect())?;
    let lost = Side::new(clusters.iter().map(|cluster| cluster.lost).collect())?;
    let variance: f64 = (0..clusters.len()).map(|g| (won.score(g) - lost.score(g)).powi(2)).sum();
    // Satterthwaite: the variance estimate is a sum of squares of correlated scores; its degrees of freedom are those of the χ² with the
    // same mean and variance, (Σλ)² / Σλ², and the sums are those of the diagonal and of all squares of the covariances.
    let (mut trace, mut squares) = (0.0, 0.0);
    for g in 0..clusters.len() {
        for h in 0..clusters.len() {
            let covariance = won.covariance(g, h) + lost.covariance(g, h);
            squares += covariance * covariance;
            if g == h {
                trace += covariance;
            }
        }
    }
    Some(Estimate { won: won.mean, lost: lost.mean, standard_error: variance.sqrt(), df: trace * trace / squares })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> Sum {
        let mut sum = Sum::default();
        for value in values {
            sum.add(*value);
        }
        sum
    }

    #[test]
    fn a_side_of_one_cluster_has_no_standard_error() {
        let both = Cluster { won: sum(&[1.0, 0.0]), lost: sum(&[0.0, 0.5]) };
        let lost = Cluster { lost: sum(&[1.0, 0.25]), ..Cluster::default() };
        assert_eq!(estimate(&[both, lost]), None);
        assert!(estimate(&[both, Cluster { won: sum(&[0.5]), ..lost }]).is_some_and(|e| e.standard_error.is_finite()));
    }
}
