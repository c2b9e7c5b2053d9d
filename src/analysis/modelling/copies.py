"""Months, blocks of units and years that repeat earlier figures."""

import numpy as np
import pandas as pd

from analysis.modelling.chance import LEVEL, Around, log_density, number_equal

# A block is at least half of the units with a figure above zero, and at least so many.
BLOCK = 6


def find_copied_times(wide: pd.DataFrame, around: Around) -> pd.DataFrame:
    """Find months that repeat an earlier month in all units or in a block of them.

    Parameters
    ----------
    wide : pandas.DataFrame
        Figures, one row a time in order, one column a unit.
    around : Around
        From `look_around`: how likely a cell has by chance the figure of an earlier month.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``row, earlier`` (row numbers), ``units`` (how many repeat), ``all``
        (whether every unit does), ``found`` (sum over the units that repeat).

    Notes
    -----
    Zeros do not speak for a copy. The number of equal cells is compared with the Poisson binomial
    distribution of chance equalities, for all pairs of months together at `LEVEL`. In stocks,
    which may stand still, a month that repeats another in every unit is always reported, and a
    block counts only cells that changed since the month before.
    """
    x = wide.to_numpy()
    known = ~np.isnan(x)
    level = LEVEL / max(len(x) * (len(x) - 1) / 2, 1)
    rows = []
    for later in range(1, len(x)):
        speaks = known[:later] & known[later] & (x[:later] > 0)
        same = speaks & (x[:later] == x[later])
        every = ((x[:later] == x[later]) | ~known[:later] & ~known[later]).all(axis=1)
        every &= (known[later].sum() >= 2) & (x[later] > 0).any()
        if around.kind == "stock":
            speaks &= x[later] != x[later - 1]
        counted = (same & speaks).sum(axis=1)
        block = (counted >= BLOCK) & (counted >= speaks.sum(axis=1) / 2)
        block &= counted >= (x[later] > 0).sum() / 2
        # The latest of the months it repeats in most units.
        order = np.lexsort([np.arange(later), counted, every])[::-1]
        for earlier in order[(every | block)[order]][:1]:
            certain = every[earlier] and around.kind == "stock"
            here = _at(around, later, speaks[earlier])
            chance = np.exp(log_density(x[earlier, speaks[earlier]], here))
            if certain or number_equal(chance, int(counted[earlier])) < level:
                units = int(known[later].sum() if every[earlier] else same[earlier].sum())
                total = float(np.nansum(x[later, :] if every[earlier] else x[later, same[earlier]]))
                rows.append((later, int(earlier), units, bool(every[earlier]), total))
    return pd.DataFrame(rows, columns=["row", "earlier", "units", "all", "found"])


def find_copied_years(
    wide: pd.DataFrame, around: Around, copied: set[int], period: int
) -> pd.DataFrame:
    """Find runs of months in one unit that repeat the same months of the year before.

    Parameters
    ----------
    wide, around
        As for `find_copied_times`.
    copied : set of int
        Rows that are already known as copies and start or continue no run.
    period : int
        Rows in a year.

    Returns
    -------
    pandas.DataFrame
        One row a run: ``row, last, column`` (numbers), ``found`` (sum).
    """
    x = wide.to_numpy()
    rows: list[tuple[int, int, int, float]] = []
    columns = ["row", "last", "column", "found"]
    if len(x) <= period:
        return pd.DataFrame(rows, columns=columns)
    free = ~np.isin(np.arange(period, len(x)), list(copied))
    same = (x[period:] == x[:-period]) & free[:, None]
    level = np.log(LEVEL / same.size)
    for column in range(x.shape[1]):
        for first, last in _runs(same[:, column]):
            span = np.arange(first, last) + period
            speaks = x[span, column] > 0
            if around.kind == "stock":
                speaks &= x[span, column] != x[span - 1, column]
            span = span[speaks]
            here = Around(
                around.centre[:, span, column], around.spread[:, span, column], around.kind
            )
            if len(span) >= BLOCK and log_density(x[span, column], here).sum() < level:
                total = float(x[first + period : last + period, column].sum())
                rows.append((first + period, last + period - 1, column, total))
    return pd.DataFrame(rows, columns=columns)


def _at(around: Around, row: int, columns: np.ndarray) -> Around:
    return Around(around.centre[:, row, columns], around.spread[:, row, columns], around.kind)


def _runs(same: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype("int8"), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
