"""What SciPy and statsmodels make of deals of several reps: `python vectors.py > vectors.json`.

Needs `pip install scipy statsmodels`. Nothing here knows of our code: where these libraries have no function for what we compute, it is computed
from its definition with matrices, one row a deal.
"""

import json

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests


def deals(rng, sizes, kind):
    """`sizes`: won and lost deals of each rep. Reps differ, and binary values lie near an end."""
    rep, won, value = [], [], []
    for number, (n_won, n_lost) in enumerate(sizes):
        habit = rng.normal()
        for side, n in ((True, n_won), (False, n_lost)):
            for _ in range(n):
                rep.append(number)
                won.append(side)
                if kind == "share":
                    calls = rng.integers(1, 5)
                    p = 1 / (1 + np.exp(1.5 - habit - 0.8 * side))
                    value.append(round(float(rng.binomial(calls, p) / calls), 6))
                else:
                    value.append(round(float(60_000 + 20_000 * habit + 5_000 * side + 30_000 * rng.exponential()), 0))
    return {"rep": rep, "won": won, "value": value}


def design(data):
    won = np.array(data["won"], dtype=float)
    return sm.add_constant(won), np.array(data["value"]), np.array(data["rep"])


def root(matrix):
    """The symmetric square root of a matrix's pseudo-inverse."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag([1 / np.sqrt(v) if v > 1e-9 else 0.0 for v in values]) @ vectors.T


def by_definition(data):
    """Bell and McCaffrey (2002): CR2 = B Σ X_g' A_g e_g e_g' A_g X_g B, A_g = (I − H_gg)^(−1/2), and Satterthwaite's degrees of freedom for
    independent errors."""
    x, y, rep = design(data)
    bread = np.linalg.inv(x.T @ x)
    hat = x @ bread @ x.T
    left = np.eye(len(y)) - hat
    error = left @ y
    contrast = np.array([0.0, 1.0])
    variance, columns = 0.0, []
    for g in np.unique(rep):
        rows = rep == g
        weights = root(np.eye(rows.sum()) - hat[np.ix_(rows, rows)]) @ x[rows] @ bread @ contrast
        variance += float(weights @ error[rows]) ** 2
        columns.append(left[:, rows] @ weights)
    matrix = np.array(columns) @ np.array(columns).T
    return float(np.sqrt(variance)), float(np.trace(matrix) ** 2 / np.sum(matrix**2))


def compared(data):
    x, y, rep = design(data)
    fit = sm.OLS(y, x).fit()
    error, df = by_definition(data)
    difference = float(fit.params[1])
    reach = float(stats.t.isf(0.025, df)) * error
    return {
        **data,
        "won_mean": float(fit.params.sum()),
        "lost_mean": float(fit.params[0]),
        "standard_error": error,
        "df": df,
        "low": difference - reach,
        "high": difference + reach,
        "p": float(2 * stats.t.sf(abs(difference) / error, df)),
    }


def clustered(data):
    """statsmodels' own clustered standard error, CR1."""
    x, y, rep = design(data)
    fit = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": rep})
    return {**data, "cluster_standard_error": float(fit.bse[1])}


def single(data):
    """Every deal of another rep: CR2 is then HC2, which is Welch's."""
    x, y, _ = design(data)
    won = np.array(data["won"])
    welch = stats.ttest_ind(y[won], y[~won], equal_var=False)
    hc2 = sm.OLS(y, x).fit(cov_type="HC2").bse[1]
    return {
        **data,
        "hc2_standard_error": float(hc2),
        "welch_standard_error": float((y[won].mean() - y[~won].mean()) / welch.statistic),
    }


def bootstrapped(data, rng):
    """Many reps, drawn again with all their deals."""
    rep, won, value = (np.array(data[name]) for name in ("rep", "won", "value"))
    reps = np.unique(rep)
    cells = [[((rep == g) & (won == side)) for g in reps] for side in (True, False)]
    n = [np.array([c.sum() for c in side], dtype=float) for side in cells]
    total = [np.array([value[c].sum() for c in side]) for side in cells]

    def difference(a, b, c, d, axis=-1):
        return a.sum(axis=axis) / b.sum(axis=axis) - c.sum(axis=axis) / d.sum(axis=axis)

    result = stats.bootstrap(
        (total[0], n[0], total[1], n[1]), difference, paired=True, vectorized=True, n_resamples=50_000, batch=5_000,
        method="percentile", rng=rng,
    )
    return {
        **data,
        "low": float(result.confidence_interval.low),
        "high": float(result.confidence_interval.high),
        "standard_error": float(result.standard_error),
    }


def main():
    rng = np.random.default_rng(20260511)
    uneven = [(3, 9), (14, 2), (5, 5), (0, 8), (9, 6), (2, 3), (7, 0)]
    small = [(8, 5), (6, 9), (10, 7), (4, 6), (5, 8)]
    many = [(int(a), int(b)) for a, b in rng.integers(0, 5, size=(300, 2))]
    dfs = [1, 1.5, 2.25, 3, 4.7, 7, 11.3, 29, 120.5, 1000]
    p_sets = [
        [0.01, 0.02, 0.03, 0.04, 0.05],
        [0.9, 0.001, 0.04, 0.04, 0.5, 0.012, 1.0, 0.0004],
        [0.3],
        [round(float(p), 6) for p in rng.uniform(size=40) ** 3],
    ]
    print(
        json.dumps(
            {
                "quantiles": [
                    {"df": df, "p": p, "t": float(stats.t.isf(p / 2, df))}
                    for df in dfs
                    for p in (0.9, 0.5, 0.1, 0.05, 0.01, 1e-3, 1e-5, 1e-8)
                ],
                "tails": [
                    {"df": df, "t": t, "p": float(2 * stats.t.sf(t, df))}
                    for df in dfs
                    for t in (0.0, 1e-6, 0.1, 0.7, 1.0, 2.5, 6.0, 40.0)
                ],
                "adjusted": [
                    {"p": p, "q": [float(q) for q in multipletests(p, method="fdr_bh")[1]]} for p in p_sets
                ],
                "compared": [
                    compared(deals(rng, sizes, kind)) for sizes in (uneven, small) for kind in ("share", "ms")
                ],
                "even": [clustered(deals(rng, [(n, m)] * g, kind)) for n, m, g, kind in ((5, 4, 8, "share"), (3, 7, 6, "ms"))],
                "single": [single(deals(rng, [(1, 0)] * 34 + [(0, 1)] * 41, "ms"))],
                "bootstrapped": [bootstrapped(deals(rng, many, kind), rng) for kind in ("share", "ms")],
            }
        )
    )


main()
