"""What a cell of a table may hold by chance, judged from its neighbours in time."""

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

Kind = Literal["count", "stock"]

# Share of clean tables in which one rule may speak up by chance, all its cells together.
LEVEL = 0.01
# How many neighbours stand on either side, and the variance of the median of one, two and three
# normal values in units of the variance of one value (David & Nagaraja 2003, Order Statistics).
SIDE = 3
SPREAD_OF_MEDIAN = np.array([1.0, 0.5, 0.4487])
# A figure and a median below one half stand for one half: their logarithm is then defined.
LEAST = 0.5
# The residuals' scale is taken from this quantile. For counts it withstands a fifth of wrong cells
# and is more precise than the median; stocks stand still and then jump, so their median is taken.
QUANTILE = {"count": 0.75, "stock": 0.5}
# Stocks that hardly move still move by some per cent when people come and go.
LEAST_STOCK_SPREAD = 0.05


class Around(NamedTuple):
    """What the months before and after let expect of each cell.

    ``centre`` and ``spread`` have two layers, before and after; ``spread`` is the dispersion of a
    negative binomial for counts, the standard deviation of the logarithm for stocks. Both contain
    the chance of the median that serves as centre.
    """

    centre: np.ndarray
    spread: np.ndarray
    kind: Kind


def look_around(wide: pd.DataFrame, hidden: pd.DataFrame, kind: Kind) -> Around:
    """Give centre and spread of each cell from its three known neighbours on either side.

    Parameters
    ----------
    wide : pandas.DataFrame
        Figures, one row a time in order, one column a unit.
    hidden : pandas.DataFrame
        Cells that must not serve as neighbours, for example doubtful zeros.
    kind : {"count", "stock"}
        Counts vary as NB2, variance m + alpha m²; stocks by a share of themselves.
    """
    known = wide.mask(hidden).to_numpy()
    before, after = _side(known), _side(known[::-1])
    centre = np.stack([before[0], after[0][::-1]])
    factor = np.stack([before[1], after[1][::-1]])
    centre = np.maximum(centre, LEAST)
    own = _dispersion(wide.to_numpy(), centre, factor, kind)
    if kind == "stock":
        scale = np.maximum(np.sqrt(own), LEAST_STOCK_SPREAD)
        return Around(centre, scale * np.sqrt(1 + factor), kind)
    return Around(centre, own + factor * (own + 1 / centre), kind)


def _side(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the median of the last three known figures before each cell, and its variance."""
    centre, factor = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    for column, figures in enumerate(known.T):
        rows = np.flatnonzero(~np.isnan(figures))
        here = figures[rows]
        medians = np.concatenate([here[:1], (here[:1] + here[1:2]) / 2, _medians(here)])
        # How many known figures stand before each cell, so that none is its own neighbour.
        number = np.searchsorted(rows, np.arange(len(figures)))
        after = number > 0
        centre[after, column] = medians[number[after] - 1]
        factor[after, column] = SPREAD_OF_MEDIAN[np.minimum(number[after], SIDE) - 1]
    return centre, factor


def _medians(x: np.ndarray) -> np.ndarray:
    """Give the medians of all three neighbouring figures of a series."""
    first, second, third = x[:-2], x[1:-1], x[2:]
    return np.maximum(np.minimum(first, second), np.minimum(np.maximum(first, second), third))


def _dispersion(x: np.ndarray, centre: np.ndarray, factor: np.ndarray, kind: Kind) -> np.ndarray:
    """Give each unit's relative variance beyond Poisson, robustly, no less than the median unit's.

    The residual is taken from the mean of both sides, which follows a trend and a season. A
    dispersion a makes the quantile of the squared residuals what chi-square with one degree of
    freedom has if and only if a is that quantile of the a of single cells.
    """
    middle = centre.mean(axis=0)
    if kind == "stock":
        squared = (np.log(np.maximum(x, LEAST)) - np.log(centre).mean(axis=0)) ** 2
    else:
        squared = (x - middle) ** 2
    squared = squared / (stats.chi2.ppf(QUANTILE[kind], 1) * (1 + factor.sum(axis=0) / 4))
    each = squared if kind == "stock" else (squared - middle) / middle**2
    # A unit without a single pair of neighbours shows no dispersion of its own.
    empty = np.isnan(each).all(axis=0)
    own = np.nanquantile(np.where(empty, 0, each), QUANTILE[kind], axis=0).clip(min=0)
    return np.maximum(own, np.median(own))


def log_density(found: np.ndarray, around: Around) -> np.ndarray:
    """Give the log probability of figures: half from either side, all from the one side at ends."""
    centre, spread = around.centre, around.spread
    if around.kind == "count":
        size = 1 / spread
        each = (
            special.gammaln(found + size)
            - special.gammaln(size)
            - special.gammaln(found + 1)
            - size * np.log1p(centre / size)
            + found * (np.log(centre) - np.log(centre + size))
        )
    else:
        distance = np.log(np.maximum(found, LEAST) / centre) / spread
        # The density of the figure itself, of which whole numbers are one apart.
        each = stats.norm.logpdf(distance) - np.log(spread * np.maximum(found, LEAST))
        each = np.minimum(each, 0)
    sides = (~np.isnan(each)).sum(axis=0)
    total = special.logsumexp(np.where(np.isnan(each), -np.inf, each), axis=0)
    return np.where(sides > 0, total - np.log(np.maximum(sides, 1)), np.nan)


def tail(found: np.ndarray, around: Around) -> np.ndarray:
    """Give the probability of a figure as far out as this one, on its side of the centre."""
    centre, spread = around.centre, around.spread
    if around.kind == "count":
        size, share = 1 / spread, 1 / (1 + spread * centre)
        low = stats.nbinom.cdf(found, size, share)
        high = stats.nbinom.sf(found - 1, size, share)
        low, high = _mean(low), _mean(high)
        return np.fmin(low, high)
    distance = np.log(np.maximum(found, LEAST) / centre) / spread
    return np.fmin(_mean(stats.norm.cdf(distance)), _mean(stats.norm.sf(distance)))


def _mean(sides: np.ndarray) -> np.ndarray:
    count = (~np.isnan(sides)).sum(axis=0)
    return np.where(count > 0, np.nansum(sides, axis=0) / np.maximum(count, 1), np.nan)


def middle_of_three(wide: pd.DataFrame) -> np.ndarray:
    """Give the running median of three: a cell and its nearest known neighbours in time.

    The first cell is compared with the two after it, the last with the two before it. Missing
    where fewer than three figures are known. Tukey 1977, Exploratory Data Analysis.
    """
    out = np.full(wide.shape, np.nan)
    for column, figures in enumerate(wide.to_numpy().T):
        rows = np.flatnonzero(~np.isnan(figures))
        if len(rows) < SIDE:
            continue
        known = figures[rows]
        middle = _medians(known)
        out[rows, column] = np.concatenate([middle[:1], middle, middle[-1:]])
    return out


def deviation(found: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Give the log deviation of figures from their medians of three."""
    return np.log(np.maximum(found, LEAST) / np.maximum(middle, LEAST))


def number_equal(probabilities: np.ndarray, least: int) -> float:
    """Give the probability that at least so many of independent events happen (Poisson binomial).

    Examples
    --------
    >>> round(number_equal(np.array([0.5, 0.5]), 2), 3)
    0.25
    """
    chance = np.array([1.0])
    for p in probabilities:
        chance = np.append(chance * (1 - p), 0) + np.append(0, chance * p)
    return float(chance[least:].sum())
