//! Many questions asked at once: the Benjamini–Hochberg adjustment.

/// The q of each p, in the same order: the smallest share of false findings at which it would still be a finding (Benjamini and Hochberg, 1995).
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, index) in order.into_iter().enumerate().rev() {
        least = least.min(p[index] * (p.len() as f64 / (rank + 1) as f64));
        q[index] = least;
    }
    q
}
