"""Cells of one month that carry each other's figures."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analysis.modelling.chance import (
    LEVEL,
    Around,
    deviation,
    log_density,
    middle_of_three,
    tail,
)

# An outlier stands 1.5 times above or below the running median of three.
OUTLIER = float(np.log(1.5))
# A figure may also be wrong for reasons of its own, once in a thousand cells, and is then equally
# likely in each order of magnitude up to a million: no exchange gains more by it than that.
ALONE = 1e-3 / np.log(1e6)
# Few figures moved explain a month better than many: each must make it ten times likelier.
RELUCTANCE = float(np.log(10))


def off_rule(wide: pd.DataFrame, around: Around) -> np.ndarray:
    """Say which cells break the rule: far from the median of three, and farther than chance.

    Far is more than 1.5 times above or below; chance would give one such cell in a hundred
    clean tables of the size.
    """
    figures = wide.to_numpy()
    far = np.abs(deviation(figures, middle_of_three(wide))) > OUTLIER
    rare = np.zeros_like(far)
    rows, columns = np.nonzero(far)
    here = Around(around.centre[:, rows, columns], around.spread[:, rows, columns], around.kind)
    cells = max(int(wide.count().sum()), 1)
    rare[rows, columns] = tail(figures[rows, columns], here) < LEVEL / (2 * cells)
    return rare


def find_exchanges(wide: pd.DataFrame, around: Around) -> list[tuple[int, dict[int, int]]]:
    """Find, month by month, units that carry each other's figures.

    Parameters
    ----------
    wide : pandas.DataFrame
        Figures, one row a time in order, one column a unit.
    around : Around
        From `look_around`.

    Returns
    -------
    list of (int, dict)
        Row number, and for each unit's column number the column its figure stands in: swaps,
        cycles or a shift of many rows.

    Notes
    -----
    Of all ways to deal a month's figures out to its units the likeliest is taken (assignment
    problem, Kuhn 1955, Naval Res. Logist. Q. 2, 83-97), each moved figure paying log(units), the
    number of places it could have gone to, and in the choice a factor of ten. A cycle counts when
    its likelihood ratio beats the months searched over `LEVEL`, which chance does in less than
    that share of clean tables (Markov's inequality), when two of its cells at least are 1.5 times
    off and rare, and when every one obeys the rule or is not rare once exchanged.
    """
    figures = wide.to_numpy()
    rare = np.abs(deviation(figures, middle_of_three(wide))) > OUTLIER
    rare &= tail(figures, around) < LEVEL
    need = np.log(len(wide) / LEVEL)
    found = []
    for row in map(int, np.flatnonzero(rare.sum(axis=1) >= 2)):
        usable = ~np.isnan(figures[row]) & ~np.isnan(around.centre[:, row]).all(axis=0)
        units = np.flatnonzero(usable)
        dealt = figures[row, units]
        centre, spread = around.centre[:, row, units], around.spread[:, row, units]
        # One row for each unit, one column for each figure it might have.
        table = Around(centre[..., None], spread[..., None], around.kind)
        chance = np.logaddexp(log_density(dealt[None, None, :], table), _alone(dealt))
        price = np.log(len(units)) * (1 - np.eye(len(units)))
        __, chosen = linear_sum_assignment(price + RELUCTANCE * (price > 0) - chance)
        after = deviation(dealt[chosen], _middle_with(wide, row, dealt[chosen], units))
        odds = tail(dealt[chosen], Around(centre, spread, around.kind))
        for cycle in _cycles(chosen):
            gain = sum(chance[i, chosen[i]] - price[i, chosen[i]] - chance[i, i] for i in cycle)
            fits = (np.abs(after) < OUTLIER) | (odds > LEVEL / (2 * len(cycle)))
            if gain > need and fits[cycle].all() and rare[row, units[cycle]].sum() >= 2:
                found.append((row, {int(units[i]): int(units[chosen[i]]) for i in cycle}))
    return found


def exchange(wide: pd.DataFrame, exchanges: list[tuple[int, dict[int, int]]]) -> pd.DataFrame:
    """Give a copy of a table with every figure in the cell it belongs to."""
    figures = wide.to_numpy(copy=True)
    for row, moved in exchanges:
        figures[row, list(moved)] = figures[row, list(moved.values())]
    return pd.DataFrame(figures, index=wide.index, columns=wide.columns)


def _middle_with(wide: pd.DataFrame, row: int, dealt: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Give the medians of three of a row that holds other figures."""
    near = slice(max(row - 3, 0), row + 4)
    changed = wide.iloc[near, units].copy()
    changed.iloc[row - near.start] = dealt
    return middle_of_three(changed)[row - near.start]


def _alone(figures: np.ndarray) -> np.ndarray:
    """Give the log probability that a figure is what it is by a fault of its own."""
    return np.log(ALONE / (figures + 1))


def _cycles(chosen: np.ndarray) -> list[list[int]]:
    """Split a permutation into its cycles, cells that stay where they are left out."""
    seen: set[int] = set()
    cycles = []
    for start in range(len(chosen)):
        cycle, at = [], start
        while at not in seen:
            seen.add(at)
            cycle.append(at)
            at = int(chosen[at])
        if len(cycle) > 1:
            cycles.append(cycle)
    return cycles
