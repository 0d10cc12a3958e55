//! Student's t and the incomplete beta function that it rests on.

/// The relative change below which a continued fraction has converged.
const PRECISION: f64 = 1e-16;
/// In place of a denominator of nothing.
const TINY: f64 = 1e-300;

/// How likely Student's t with `df` degrees of freedom (above 0, not necessarily whole) is to lie at least as far from 0 as `t`, on either side.
pub fn two_sided_p(t: f64, df: f64) -> f64 {
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    // x and 1 − x are computed apart: near 1 the difference would lose digits.
    incomplete_beta(df / 2.0, 0.5, df / (df + square), square / (df + square))
}

/// The t above 0 whose [`two_sided_p`] is `p` (between 0 and 1, neither included): 0.05 gives the bounds of a 95 % interval.
pub fn two_sided_quantile(p: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while two_sided_p(high, df) > p {
        (low, high) = (high, high * 2.0);
    }
    // p falls with t, so halving ends at neighbouring numbers.
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if two_sided_p(middle, df) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The regularised incomplete beta function `I_x(a, b)`; `y` is 1 − x.
///
/// By the continued fraction DLMF 8.17.22 where it converges fast, by `I_x(a, b) = 1 − I_y(b, a)` (8.17.4) elsewhere.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() + b * y.ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) { front * fraction(a, b, x) / a } else { 1.0 - front * fraction(b, a, y) / b }
}

/// The continued fraction of DLMF 8.17.22, from its front by Lentz' method (as modified by Thompson and Barnett, 1986).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut upper = 1.0;
    let mut lower = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut value = lower;
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for term in [even, odd] {
            lower = 1.0 / guard(1.0 + term * lower);
            upper = guard(1.0 + term / upper);
            value *= upper * lower;
        }
        if (value - before).abs() <= PRECISION * value.abs() {
            break;
        }
    }
    value
}

/// ln Γ(x) for x above 0: Stirling's series (DLMF 5.11.1) from 15 on, the recurrence Γ(x + 1) = x Γ(x) below.
fn ln_gamma(mut x: f64) -> f64 {
    let mut product = 1.0;
    while x < 15.0 {
        product *= x;
        x += 1.0;
    }
    let square = x * x;
    // B_2k / (2k (2k − 1) x^(2k − 1)).
    let series = (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square) / square) / square)
        / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - product.ln()
}
