"""Standard errors, intervals and corrections for many tests that the models share."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.sandwich_covariance import S_hac_simple

from analysis.errors import ModelError

Z = float(stats.norm.ppf(0.975))
# A change is called rising or falling below this q-value, else unclear.
SURE = 0.05


def hac_covariance(scores: np.ndarray, bread: np.ndarray, lags: int) -> np.ndarray:
    """Give the Newey-West covariance with Bartlett weights and no small-sample factor.

    Parameters
    ----------
    scores : numpy.ndarray
        Derivative of the log-likelihood, one row an observation in order of time.
    bread : numpy.ndarray
        Inverse of the information matrix.
    lags : int
        Lags with positive weight, ``L`` in Newey & West (1987), Econometrica 55, 703-708.

    Examples
    --------
    >>> float(hac_covariance(np.array([[1.0], [-1.0]]), np.eye(1), 0)[0, 0])
    2.0
    """
    return bread @ S_hac_simple(scores, nlags=lags) @ bread


def cluster_covariance(scores: np.ndarray, bread: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Give the cluster-robust covariance without small-sample factor (Liang & Zeger 1986)."""
    sums = pd.DataFrame(scores).groupby(clusters).sum().to_numpy()
    return bread @ sums.T @ sums @ bread


def score_rows(fitted: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give the scores by observation and the inverse expected information of a fitted GLM."""
    model = fitted.model
    weights = model.family.weights(fitted.mu)
    working = model.family.link.deriv(fitted.mu) * (model.endog - fitted.mu)
    scores = model.exog * (weights * working)[:, None]
    information = (model.exog * weights[:, None]).T @ model.exog
    return scores, np.linalg.inv(information)


def fisher_interval(correlation: float, freedom: float) -> tuple[float, float]:
    """Give the 95 % interval of a correlation by Fisher's z, missing where it has none.

    ``freedom`` is n - 3, less one for each variable partialled out (Fisher 1915, 1924).

    Examples
    --------
    >>> [round(value, 3) for value in fisher_interval(0.5, 7)]
    [-0.189, 0.859]
    """
    if freedom < 1 or not abs(correlation) < 1:
        return float("nan"), float("nan")
    half = Z / np.sqrt(freedom)
    centre = np.arctanh(correlation)
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def wilson(successes: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give Wilson's 95 % interval of shares (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212)."""
    share = successes / trials
    centre = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    half /= 1 + Z**2 / trials
    return centre - half, centre + half


def q_values(p_values: pd.Series) -> pd.Series:
    """Adjust p-values for many tests (Benjamini & Hochberg 1995); absent ones stay absent.

    Examples
    --------
    >>> q_values(pd.Series([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    known = p_values.dropna()
    return pd.Series(stats.false_discovery_control(known), index=known.index).reindex(
        p_values.index
    )


def call_direction(changes: pd.Series, q: pd.Series) -> pd.Series:
    """Call changes ``rising`` or ``falling`` where their q-value is sure, else ``unclear``.

    Examples
    --------
    >>> call_direction(pd.Series([2.0, -1.0, 3.0]), pd.Series([0.01, 0.02, 0.2])).tolist()
    ['rising', 'falling', 'unclear']
    """
    direction = pd.Series(np.where(changes > 0, "rising", "falling"), index=changes.index)
    return direction.where(q < SURE, "unclear")


def pool_effects(effects: pd.Series, std_errors: pd.Series) -> dict[str, float]:
    """Pool effects with random effects (DerSimonian & Laird 1986).

    Returns
    -------
    dict
        ``estimate, std_error, tau2, i2, q`` and the 95 % prediction interval ``predict_low,
        predict_high`` for a new state, by t with k - 2 degrees of freedom (Higgins, Thompson &
        Spiegelhalter 2009, J. R. Stat. Soc. A 172, 137-159).

    Raises
    ------
    ModelError
        With fewer than three effects.
    """
    if len(effects) < 3:
        raise ModelError(f"pooling needs at least three states; there are {len(effects)}")
    weights = 1 / std_errors**2
    fixed = (weights * effects).sum() / weights.sum()
    q = float((weights * (effects - fixed) ** 2).sum())
    freedom = len(effects) - 1
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    tau2 = max(0.0, float((q - freedom) / scale))
    weights = 1 / (std_errors**2 + tau2)
    estimate = float((weights * effects).sum() / weights.sum())
    std_error = float(np.sqrt(1 / weights.sum()))
    reach = float(stats.t.ppf(0.975, freedom - 1) * np.sqrt(tau2 + std_error**2))
    return {
        "estimate": estimate,
        "std_error": std_error,
        "tau2": tau2,
        "i2": max(0.0, (q - freedom) / q) if q > 0 else 0.0,
        "q": q,
        "predict_low": estimate - reach,
        "predict_high": estimate + reach,
    }


def normal_row(term: str, estimate: float, std_error: float) -> dict[str, Any]:
    """Give the tidy columns of an estimate with a normal interval."""
    statistic = estimate / std_error
    return {
        "term": term,
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "p_value": float(2 * stats.norm.sf(abs(statistic))),
        "conf_low": estimate - Z * std_error,
        "conf_high": estimate + Z * std_error,
    }
