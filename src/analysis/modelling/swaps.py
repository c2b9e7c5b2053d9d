"""Inference by swapping whole trajectories of a regressor among the units of a panel."""

from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.modelling.clusters import invert_test, null_scores, studentised
from analysis.modelling.effects import EffectsFit
from analysis.parameters import check_draws

# An interval needs many tests; so many draws place its ends to a hundredth of a standard error.
INTERVAL_DRAWS = 1_999


def infer_permutation(
    fit: EffectsFit, *, draws: int = 9_999, seed: int = 1, term: int = 0
) -> pd.DataFrame:
    """Test one coefficient by swapping whole trajectories of its regressor among the units.

    Each unit keeps its outcome and exposure and takes another's regressor at every time. The
    statistic is the studentised score at the null, which stays valid where units differ in size
    (DiCiccio & Romano 2017, J. Am. Stat. Assoc. 112, 1211-1220); no regression is refitted. The
    interval holds the values that are not rejected at 5 %, by the first of the draws
    (`INTERVAL_DRAWS`). With few units all permutations are used. Columns as `infer_score_wild`.

    Raises
    ------
    ModelError
        When a unit lacks a time that others have: then trajectories can not be swapped.
    """
    groups = len(fit.problem.present)
    orders = draw_orders(groups, draws, seed)
    exact = _all_orders(groups, draws)
    few = orders if exact else orders[:INTERVAL_DRAWS]
    return invert_test(
        fit,
        term,
        lambda value: swap_distribution(fit, term, value, orders),
        lambda value: swap_distribution(fit, term, value, few),
        "permutation",
        len(orders),
        exact,
    )


def swap_distribution(
    fit: EffectsFit, term: int, value: float, orders: np.ndarray
) -> tuple[float, np.ndarray]:
    """Give the statistic of one coefficient held at a value, and its size in every draw."""
    scores, residuals, weights = null_scores(fit, term, value)
    swapped, __ = swap_scores(fit, term, residuals, weights, orders)
    return studentised(scores), np.abs(swapped.sum(axis=1)) / np.sqrt((swapped**2).sum(axis=1))


def _all_orders(groups: int, draws: int) -> bool:
    return groups < 13 and factorial(groups) <= draws


def draw_orders(groups: int, draws: int, seed: int) -> np.ndarray:
    """Draw permutations of the units, one row a draw; all of them where they are no more.

    Raises
    ------
    RequestError
        For fewer draws than can show 5 %, or a negative seed.
    """
    check_draws(draws, seed)
    if _all_orders(groups, draws):
        return np.array(list(permutations(range(groups))))
    return np.random.default_rng(seed).random((draws, groups)).argsort(axis=1)


def join_orders(keys: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Give one permutation of some of the units for each joint permutation of all.

    Examples
    --------
    >>> keys = np.array([[2, 0, 1]])
    >>> join_orders(keys, np.array([True, True, True])).tolist()
    [[2, 0, 1]]
    >>> join_orders(keys, np.array([True, False, True])).tolist()
    [[1, 0]]
    """
    return keys.argsort(axis=1)[:, kept].argsort(axis=1)


def swap_scores(
    fit: EffectsFit, term: int, residuals: np.ndarray, weights: np.ndarray, orders: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the scores by unit when unit i takes the regressor of unit ``orders[draw, i]``.

    Everything a draw needs is a sum over its pairs of units, so that it is added up from tables
    made once: the products of every unit's residuals, weights and effects with every unit's
    regressor.

    Returns
    -------
    tuple of numpy.ndarray
        Scores, one row a draw and one column a unit; the information of the coefficient by draw.
    """
    x = to_grid(fit, fit.problem.regressors[:, term])
    u, w = to_grid(fit, residuals), to_grid(fit, weights)
    nuisance = fit.problem.null(term, 0.0).nuisance
    design = np.stack([to_grid(fit, column) for column in nuisance.T], axis=2)
    pair = {"score": np.einsum("it,jt->ij", u, x), "square": np.einsum("it,jt->ij", w, x**2)}
    moment = np.einsum("it,itk,jt->ijk", w, design, x, optimize=True)
    moments = np.zeros((len(orders), design.shape[2]))
    for i in range(len(x)):
        moments += moment[i][orders[:, i]]
    root = nuisance * np.sqrt(weights)[:, None]
    effects = np.linalg.solve(root.T @ root, moments.T).T
    units = np.arange(len(x))
    scores = pair["score"][units, orders] - effects @ np.einsum("it,itk->ki", u, design)
    information = pair["square"][units, orders].sum(axis=1) - (effects * moments).sum(axis=1)
    return scores, information


def to_grid(fit: EffectsFit, values: np.ndarray) -> np.ndarray:
    """Lay observations out with one row a unit and one column a time."""
    problem = fit.problem
    units, unit = problem.present, np.searchsorted(problem.present, problem.unit)
    times, time = np.unique(problem.time, return_inverse=True)
    if len(values) != len(units) * len(times):
        raise ModelError(
            f"{len(units) * len(times) - len(values)} of {len(units)} x {len(times)} units and "
            "times are missing: trajectories can be swapped only where every unit has every time"
        )
    grid = np.empty((len(units), len(times)))
    grid[unit, time] = values
    return grid
