"""Inference for panel regressions with few clusters: sandwich, jackknife, wild scores."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from analysis.errors import ModelError
from analysis.modelling.effects import EffectsFit, partial_out, solve
from analysis.modelling.inference import cluster_covariance
from analysis.parameters import check_draws

# Six-point distribution with four moments of a standard normal but the fourth (Webb 2014).
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
LEVEL = 0.05
TIE = 1 - 1e-10


def infer_crv1(fit: EffectsFit) -> pd.DataFrame:
    """Give cluster-robust errors by unit with the usual small-sample factor and t(G - 1).

    The factor is G/(G - 1) (n - 1)/(n - k), k without effects nested in the units (Liang & Zeger
    1986, Biometrika 73, 13-22; Cameron & Miller 2015, J. Hum. Resour. 50, 317-372).

    Returns
    -------
    pandas.DataFrame
        One row a regressor: ``term, estimate, std_error, statistic, p_value, conf_low,
        conf_high, inference, detectable`` (the smallest coefficient seen with 80 % power at 5 %,
        Bloom 1995, Eval. Rev. 19, 547-556).
    """
    groups, n = len(fit.unit_scores), len(fit.mu)
    scores = fit.partialled * fit.residuals[:, None]
    covariance = cluster_covariance(scores, fit.bread, fit.problem.unit)
    factor = groups / (groups - 1) * (n - 1) / (n - fit.counted)
    return _t_rows(fit, np.sqrt(factor * np.diag(covariance)), "crv1")


def infer_crv3(fit: EffectsFit, *, without: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give jackknife errors: the regression without each unit in turn, and t(G - 1).

    (G - 1)/G times the sum of squared deviations from the full estimate (CV3 of MacKinnon,
    Nielsen & Webb 2023, J. Appl. Econom. 38, 671-694). Rows as `infer_crv1`; ``without`` are
    the rows of `leave_one_out` where they are known already.

    Raises
    ------
    ModelError
        When the coefficients can not be estimated without one of the units.
    """
    without = leave_one_out(fit) if without is None else without
    groups = len(without)
    squares = ((without[fit.problem.names] - fit.params) ** 2).sum()
    return _t_rows(fit, np.sqrt((groups - 1) / groups * squares.to_numpy()), "crv3")


def leave_one_out(fit: EffectsFit) -> pd.DataFrame:
    """Estimate the coefficients without each unit in turn: ``unit`` and a column a regressor."""
    rows = []
    for code in fit.problem.present:
        keep = fit.problem.unit != code
        label = fit.problem.units[code]
        try:
            params, __, __ = solve(fit.problem.without(code), linear=fit.linear[keep])
        except ModelError as error:
            raise ModelError(f"without {label} there is no estimate: {error}") from error
        rows.append({"unit": label, **dict(zip(fit.problem.names, params, strict=True))})
    return pd.DataFrame(rows)


def infer_leave_one_out(fit: EffectsFit, *, without: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give the range of the first coefficient without one unit, and whose absence gives the ends.

    Returns
    -------
    pandas.DataFrame
        One row: ``term, estimate`` with all units, ``conf_low, conf_high`` the lowest and highest
        estimate (a range, not an interval), ``lowest_without, highest_without``, ``inference``.
    """
    without = (leave_one_out(fit) if without is None else without).set_index("unit")
    term = fit.problem.names[0]
    row = {
        "term": term,
        "estimate": float(fit.params.iloc[0]),
        "conf_low": without[term].min(),
        "conf_high": without[term].max(),
        "inference": "leave_one_out",
        "lowest_without": without[term].idxmin(),
        "highest_without": without[term].idxmax(),
    }
    return pd.DataFrame([row])


def infer_score_wild(
    fit: EffectsFit, *, draws: int = 99_999, seed: int = 1, term: int = 0
) -> pd.DataFrame:
    """Test one coefficient by the wild bootstrap of its scores, the null imposed.

    At the fit with the coefficient held at its null value, the scores of the units (partialled
    out of the effects) are multiplied by Webb weights; the statistic is their sum over the root of
    the sum of their squares (Kline & Santos 2012, J. Econom. Methods 1, 23-41; Webb 2014). The
    interval holds the values that are not rejected at 5 %. With few units all weights are used.

    Returns
    -------
    pandas.DataFrame
        One row: ``term, estimate, statistic, p_value, conf_low, conf_high, inference, draws``; an
        end of the interval is missing where no value is rejected.
    """
    check_draws(draws, seed)
    groups = len(fit.problem.present)
    if len(WEBB) ** groups <= draws:
        chosen = np.array(list(product(range(len(WEBB)), repeat=groups)))
        exact = True
    else:
        chosen = np.random.default_rng(seed).integers(len(WEBB), size=(draws, groups))
        exact = False
    weights = WEBB[chosen]
    squares = weights**2

    def distribution(value: float) -> tuple[float, np.ndarray]:
        scores, __, __ = null_scores(fit, term, value)
        return studentised(scores), np.abs(weights @ scores) / np.sqrt(squares @ scores**2)

    return invert_test(fit, term, distribution, distribution, "score_wild", len(weights), exact)


def share_beyond(statistic: float, drawn: np.ndarray, *, exact: bool = False) -> float:
    """Give the p-value of a statistic among drawn sizes of it, missing where it is missing.

    Unless ``drawn`` holds every case, the statistic itself counts as one more draw (Davison &
    Hinkley 1997, section 4.2).
    """
    if np.isnan(statistic) or np.isnan(drawn).any():
        return float("nan")
    extreme = int((drawn >= TIE * abs(statistic)).sum())
    return extreme / len(drawn) if exact else (1 + extreme) / (1 + len(drawn))


def null_scores(
    fit: EffectsFit, term: int, value: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the scores by unit of one coefficient held at a value, and that fit.

    Returns
    -------
    tuple of numpy.ndarray
        Scores, one a unit; residuals and weights, one an observation.
    """
    problem = fit.problem.null(term, value)
    begin = fit.linear - value * problem.regressors[:, 0]
    __, __, mu = solve(problem, linear=begin, null=True)
    weights = mu if problem.family == "poisson" else np.ones_like(mu)
    residuals = problem.outcome - mu
    partialled = partial_out(problem.regressors, problem.nuisance, weights)[:, 0]
    sums = np.bincount(problem.unit, partialled * residuals, len(problem.units))
    return sums[problem.present], residuals, weights


def studentised(scores: np.ndarray) -> float:
    """Give the sum of scores over the root of the sum of their squares."""
    return float(scores.sum() / np.sqrt((scores**2).sum()))


def _t_rows(fit: EffectsFit, std_errors: np.ndarray, inference: str) -> pd.DataFrame:
    t = stats.t(len(fit.problem.present) - 1)
    rows = pd.DataFrame({"term": fit.params.index, "estimate": fit.params.to_numpy()})
    rows["std_error"] = std_errors
    rows["statistic"] = rows["estimate"] / std_errors
    rows["p_value"] = 2 * t.sf(rows["statistic"].abs())
    rows["conf_low"] = rows["estimate"] - t.ppf(1 - LEVEL / 2) * std_errors
    rows["conf_high"] = rows["estimate"] + t.ppf(1 - LEVEL / 2) * std_errors
    detectable = (t.ppf(1 - LEVEL / 2) + t.ppf(0.8)) * std_errors
    return rows.assign(inference=inference, detectable=detectable)


Distribution = Callable[[float], tuple[float, np.ndarray]]


def invert_test(
    fit: EffectsFit,
    term: int,
    distribution: Distribution,
    quick: Distribution,
    inference: str,
    draws: int,
    exact: bool,
) -> pd.DataFrame:
    """Test zero, and turn the test into an interval with the quick distribution."""
    statistic, drawn = distribution(0.0)
    estimate = float(fit.params.iloc[term])
    std_error = float(infer_crv1(fit)["std_error"].iloc[term])

    def excess(value: float) -> float:
        observed, others = quick(value)
        return abs(observed) - float(np.quantile(others, 1 - LEVEL))

    ends = [_crossing(excess, estimate, side * std_error) for side in (-1, 1)]
    row = {
        "term": fit.problem.names[term],
        "estimate": estimate,
        "statistic": statistic,
        "p_value": share_beyond(statistic, drawn, exact=exact),
        "conf_low": ends[0],
        "conf_high": ends[1],
        "inference": inference,
        "draws": draws,
    }
    return pd.DataFrame([row])


def _crossing(excess: Callable[[float], float], inside: float, step: float) -> float:
    """Give the value beyond which the test rejects, missing when it does not within 32 steps."""
    reach = 2.0
    try:
        while excess(inside + reach * step) < 0:
            reach *= 2
            if reach > 32:
                return float("nan")
        return float(brentq(excess, inside, inside + reach * step, xtol=1e-3 * abs(step)))
    except (ModelError, ValueError):
        return float("nan")
