"""How good forecasts were: interval scores, coverage, errors against a plain rule."""

from typing import Any

import numpy as np

from analysis.errors import RequestError

# Central intervals in percent whose ends, with the median, make a forecast.
LEVELS = (50, 80, 95)
# A difference of this share of the values is none.
ROUNDING = 1e-12


def interval_score(low: Any, high: Any, observed: Any, level: float) -> Any:
    """Score central intervals: their width, and a penalty for what lies outside.

    ``(high - low) + 2/a (low - y) [y < low] + 2/a (y - high) [y > high]``, ``a = 1 - level/100``
    (Gneiting & Raftery 2007, J. Am. Stat. Assoc. 102, 359-378, eq. 43).

    Examples
    --------
    >>> round(float(interval_score(2.0, 4.0, 5.0, 80)), 9)
    12.0
    """
    outside = np.maximum(low - observed, 0) + np.maximum(observed - high, 0)
    return high - low + 2 / (1 - level / 100) * outside


def weighted_interval_score(
    median: Any, intervals: dict[int, tuple[Any, Any]], observed: Any
) -> Any:
    """Score a forecast given as a median and central intervals; less is better.

    ``(|y - m| / 2 + sum of a_k / 2 x IS_k) / (K + 1/2)`` (Bracher, Ray, Gneiting & Reich 2021,
    PLoS Comput. Biol. 17, e1008618, eq. 1), in the unit of what is forecast.

    Parameters
    ----------
    median : array
        Medians.
    intervals : dict
        Low and high ends by level in percent.
    observed : array
        What came.

    Raises
    ------
    RequestError
        For a level that is not between 0 and 100.

    Examples
    --------
    >>> round(float(weighted_interval_score(3.0, {80: (2.0, 4.0)}, 5.0)), 9)
    1.466666667
    """
    if not all(0 < level < 100 for level in intervals):
        raise RequestError(f"levels lie between 0 and 100 percent, not {list(intervals)}")
    total = np.abs(observed - median) / 2
    for level, (low, high) in intervals.items():
        total = total + (1 - level / 100) / 2 * interval_score(low, high, observed, level)
    return total / (len(intervals) + 0.5)


def coverage(low: Any, high: Any, observed: Any) -> float:
    """Give the share of what came that the intervals held, their ends included.

    Examples
    --------
    >>> coverage(np.array([0, 0]), np.array([1, 1]), np.array([1, 2]))
    0.5
    """
    return float(np.mean((low <= observed) & (observed <= high)))


def seasonal_error(values: np.ndarray, period: int = 12) -> float:
    """Give the mean absolute difference from a season before, which scales errors (MASE).

    Hyndman & Koehler 2006, Int. J. Forecasting 22, 679-688. Missing where every season repeats
    the one before but for rounding: nothing can be divided by it.

    Examples
    --------
    >>> seasonal_error(np.array([1.0, 2.0, 2.0, 4.0]), period=2)
    1.5
    """
    error = np.abs(values[period:] - values[:-period]).mean()
    return float(error) if error > ROUNDING * np.abs(values).mean() else np.nan
