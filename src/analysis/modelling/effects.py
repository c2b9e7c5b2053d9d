"""Regressions with unit and time effects for any tidy panel: Poisson pseudo-likelihood and OLS."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from scipy.linalg import qr, solve_triangular
from scipy.special import xlogy

from analysis.errors import ModelError

Effects = Literal["none", "unit", "time", "unit+time", "unit+time+trend"]
Family = Literal["poisson", "gaussian"]

# A column whose part beside the others is smaller than this share of it is a sum of them.
COLLINEAR = 1e-13
# The same for a regressor beside the effects, where rounding has been through a logarithm.
VARIES = 1e-9
# A mean this much smaller than the average one is on its way to zero.
SEPARATED = 1e-7
ITERATIONS = 200


@dataclass(frozen=True, eq=False)
class Problem:
    """A panel as arrays, one row an observation in order of unit and time.

    Attributes
    ----------
    outcome, offset : numpy.ndarray
        Counts (or any figure, for OLS) and log exposure.
    regressors : numpy.ndarray
        One column a regressor, named in ``names``.
    nuisance : numpy.ndarray
        Linearly independent columns of the effects.
    unit, time : numpy.ndarray
        Codes 0, 1, ... of the labels in ``units, times``.
    nested : bool
        Whether there is an effect for each unit, and so nested in the clusters.
    """

    outcome: np.ndarray
    offset: np.ndarray
    regressors: np.ndarray
    nuisance: np.ndarray
    unit: np.ndarray
    time: np.ndarray
    names: list[str]
    units: np.ndarray
    times: np.ndarray
    nested: bool
    family: Family

    @cached_property
    def present(self) -> np.ndarray:
        """Codes of the units that have a row."""
        return np.unique(self.unit)

    def without(self, unit: int) -> "Problem":
        """Leave one unit out."""
        keep = self.unit != unit
        return replace(
            self,
            outcome=self.outcome[keep],
            offset=self.offset[keep],
            regressors=self.regressors[keep],
            nuisance=_independent(self.nuisance[keep]),
            unit=self.unit[keep],
            time=self.time[keep],
        )

    def null(self, term: int, value: float) -> "Problem":
        """Hold one coefficient at a value; the other regressors join the nuisance."""
        others = np.delete(self.regressors, term, axis=1)
        return replace(
            self,
            offset=self.offset + value * self.regressors[:, term],
            regressors=self.regressors[:, [term]],
            nuisance=np.hstack([others, self.nuisance]) if others.size else self.nuisance,
        )


@dataclass(frozen=True, eq=False)
class EffectsFit:
    """An estimated panel regression.

    Attributes
    ----------
    problem : Problem
        The data as arrays.
    params : pandas.Series
        Coefficients of the regressors.
    linear, mu : numpy.ndarray
        Linear predictor without offset, and fitted means.
    dropped : pandas.DataFrame
        Rows that can not inform the coefficients, with their ``reason``.
    """

    problem: Problem
    params: pd.Series
    linear: np.ndarray
    mu: np.ndarray
    dropped: pd.DataFrame

    @cached_property
    def weights(self) -> np.ndarray:
        """Weights of the observations in the information."""
        return self.mu if self.problem.family == "poisson" else np.ones_like(self.mu)

    @cached_property
    def residuals(self) -> np.ndarray:
        """Outcome less fitted mean."""
        return self.problem.outcome - self.mu

    @property
    def deviance(self) -> float:
        """Poisson deviance, or residual sum of squares."""
        if self.problem.family == "gaussian":
            return float((self.residuals**2).sum())
        outcome = self.problem.outcome
        return float(2 * (xlogy(outcome, outcome / self.mu) - self.residuals).sum())

    @cached_property
    def partialled(self) -> np.ndarray:
        """Regressors less what the effects explain of them, in the weights of the fit."""
        return partial_out(self.problem.regressors, self.problem.nuisance, self.weights)

    @cached_property
    def bread(self) -> np.ndarray:
        """Inverse information of the regressors' coefficients."""
        root = self.partialled * np.sqrt(self.weights)[:, None]
        return np.linalg.inv(root.T @ root)

    @cached_property
    def unit_scores(self) -> np.ndarray:
        """Sums of the regressors' scores by unit: one row a unit, one column a regressor."""
        sums = np.zeros((len(self.problem.units), self.problem.regressors.shape[1]))
        np.add.at(sums, self.problem.unit, self.partialled * self.residuals[:, None])
        return sums[self.problem.present]

    @property
    def counted(self) -> int:
        """Parameters that a small-sample factor counts: all but the effects of units."""
        groups = len(self.problem.present) if self.problem.nested else 0
        return self.problem.regressors.shape[1] + self.problem.nuisance.shape[1] - groups


def estimate_effects(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: list[str],
    unit: str,
    time: str,
    exposure: str = "",
    effects: Effects = "unit+time",
    family: Family = "poisson",
) -> EffectsFit:
    """Regress an outcome on regressors beside effects of units and of times.

    Poisson pseudo-maximum likelihood with a log link, consistent when the mean is right whatever
    the variance (Santos Silva & Tenreyro 2006, Rev. Econ. Stat. 88, 641-658), or least squares.
    Solved by QR decompositions, which keep the digits that normal equations lose.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a unit and time, in any order. Rows with a missing value are left out.
    outcome, unit, time, exposure : str
        Names of columns; ``exposure`` (Poisson only) enters as the logarithm with coefficient one.
    regressors : list of str
        Names of numeric columns.
    effects : str
        ``trend`` is one linear trend a unit; ``none`` leaves a constant.
    family : {"poisson", "gaussian"}
        Pseudo-likelihood.

    Returns
    -------
    EffectsFit
        Coefficients in ``params``; `infer_crv1` and its siblings give intervals. Units and times
        whose every count is zero leave a Poisson regression with effects, for no coefficient
        depends on them: they stand in ``dropped``.

    Raises
    ------
    ModelError
        For a repeated row, a negative count, an exposure that is not positive, fewer than three
        units, a regressor that does not vary beside the effects, separation, no convergence.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": list("aaabbbccc"), "time": [1, 2, 3] * 3,
    ...                       "dose": [0, 1, 2, 0, 0, 1, 1, 0, 3],
    ...                       "cases": [8, 13, 30, 4, 4, 9, 6, 2, 20]})
    >>> fit = estimate_effects(frame, outcome="cases", regressors=["dose"], unit="unit",
    ...                        time="time")
    >>> round(float(fit.params["dose"]), 3)
    0.674
    """
    names = [outcome, *regressors, *([exposure] if exposure else [])]
    absent = frame[[unit, time, *names]].isna().any(axis=1).to_numpy()
    dropped = [frame[absent].assign(reason="a value is missing")] * int(absent.any())
    rows = frame[~absent]
    units, times = (pd.factorize(rows[name], sort=True) for name in (unit, time))
    figures = {name: rows[name].to_numpy("float64") for name in names}
    _check_rows(figures, rows[[unit, time]], outcome, exposure, family)
    keep = np.ones(len(rows), dtype=bool)
    if family == "poisson":
        own = [codes for (codes, __), name in ((units, "unit"), (times, "time")) if name in effects]
        keep = _informative(figures[outcome], own)
        lost = rows[~keep].assign(reason="every count is zero")
        dropped += [lost] * int(not keep.all())
    order = np.lexsort((times[0], units[0]))
    order = order[keep[order]]
    figures = {name: values[order] for name, values in figures.items()}
    unit_codes, time_codes = units[0][order], times[0][order]
    if len(np.unique(unit_codes)) < 3:
        raise ModelError(
            f"{outcome} has {len(np.unique(unit_codes))} units with figures; 3 are needed"
        )
    problem = Problem(
        outcome=figures[outcome],
        offset=np.log(figures[exposure]) if exposure else np.zeros(len(order)),
        regressors=np.column_stack([figures[name] for name in regressors]),
        nuisance=_independent(_nuisance(unit_codes, time_codes, effects)),
        unit=unit_codes,
        time=time_codes,
        names=list(regressors),
        units=np.asarray(units[1]),
        times=np.asarray(times[1]),
        nested="unit" in effects,
        family=family,
    )
    beside = partial_out(problem.regressors, problem.nuisance, np.ones(len(order)))
    for i, name in enumerate(regressors):
        if not np.linalg.norm(beside[:, i]) > VARIES * np.linalg.norm(problem.regressors[:, i]):
            raise ModelError(f"the figures of {name} do not vary beside the effects {effects}")
    params, linear, mu = solve(problem)
    lost = pd.concat(dropped) if dropped else frame.iloc[:0].assign(reason="")
    return EffectsFit(problem, pd.Series(params, regressors), linear, mu, lost)


def _check_rows(
    figures: dict[str, np.ndarray], labels: pd.DataFrame, outcome: str, exposure: str, family: str
) -> None:
    if (twice := labels.duplicated()).any():
        first = labels[twice].iloc[0].to_dict()
        raise ModelError(f"{first} stands twice in the frame; expected one row a unit and time")
    if family == "poisson" and (figures[outcome] < 0).any():
        raise ModelError(f"{outcome} is negative in {(figures[outcome] < 0).sum()} rows: no count")
    if exposure and (family != "poisson" or not (figures[exposure] > 0).all()):
        raise ModelError(f"{exposure} must be positive in every row, and the family Poisson")
    for name, values in figures.items():
        if not np.isfinite(values).all():
            raise ModelError(f"{name} is infinite in {(~np.isfinite(values)).sum()} rows")


def _informative(counts: np.ndarray, own: list[np.ndarray]) -> np.ndarray:
    """Leave out units and times with effects of their own and no event, as often as it takes."""
    keep = np.ones(len(counts), dtype=bool)
    while True:
        silent = np.zeros(len(counts), dtype=bool)
        for codes in own:
            silent |= keep & (np.bincount(codes, counts * keep)[codes] == 0)
        if not silent.any():
            return keep
        keep &= ~silent


def _nuisance(unit: np.ndarray, time: np.ndarray, effects: str) -> np.ndarray:
    own = np.equal.outer(unit, np.unique(unit)) if "unit" in effects else np.ones((len(unit), 1))
    parts = [own.astype("float64")]
    if "time" in effects:
        parts.append(np.equal.outer(time, np.unique(time)).astype("float64"))
    if "trend" in effects:
        parts.append(own * (time - time.mean())[:, None])
    return np.hstack(parts)


def _independent(columns: np.ndarray) -> np.ndarray:
    """Leave out columns that are sums of the others."""
    columns = columns[:, np.any(columns != 0, axis=0)]
    triangle, order = qr(columns, mode="r", pivoting=True)
    size = np.abs(np.diag(triangle))
    return columns[:, np.sort(order[: int((size > 1e-10 * size[0]).sum())])]


def partial_out(columns: np.ndarray, nuisance: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Take from columns what a weighted regression on the nuisance explains of them."""
    root = np.sqrt(weights)[:, None]
    base, triangle = np.linalg.qr(nuisance * root)
    return columns - nuisance @ solve_triangular(triangle, base.T @ (columns * root))


def replace_regressor(problem: Problem, values: np.ndarray) -> Problem:
    """Put other values in the place of the first regressor."""
    return replace(problem, regressors=np.column_stack([values, problem.regressors[:, 1:]]))


def solve(
    problem: Problem, *, linear: np.ndarray | None = None, null: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the regressors' coefficients, the linear predictor and the means of a problem.

    ``linear`` begins the iterations; with ``null`` only the nuisance enters.

    Raises
    ------
    ModelError
        When columns are collinear, means go to zero, or the iterations do not settle.
    """
    count = 0 if null else problem.regressors.shape[1]
    design = np.hstack([problem.nuisance, problem.regressors[:, :count]])
    if problem.family == "gaussian":
        coefficients = _least_squares(design, problem.outcome - problem.offset)
        linear = design @ coefficients
        return coefficients[len(coefficients) - count :], linear, linear + problem.offset
    outcome, offset = problem.outcome, problem.offset
    if linear is None:
        linear = np.log((outcome + outcome.mean()) / 2) - offset
    for __ in range(ITERATIONS):
        mu = np.exp(np.minimum(linear + offset, 700))
        working = linear + (outcome - mu) / mu
        root = np.sqrt(mu)
        coefficients = _least_squares(design * root[:, None], working * root)
        before, linear = linear, design @ coefficients
        if np.abs(linear - before).max() < 1e-10:
            mu = np.exp(linear + offset)
            if mu.min() < SEPARATED * mu.mean():
                break
            return coefficients[len(coefficients) - count :], linear, mu
        if not np.isfinite(linear).all():
            break
    raise ModelError(
        f"the regression on {', '.join(problem.names)} did not converge: counts are separated by "
        "an effect or a regressor (every count zero on one side of it); leave that one out"
    )


def _least_squares(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    # The triangle of both together holds what is needed of the orthogonal part.
    both = np.asarray(np.linalg.qr(np.column_stack([design, outcome]), mode="r"))
    triangle, rotated = both[: design.shape[1], :-1], both[: design.shape[1], -1]
    norms = np.linalg.norm(design, axis=0)
    if not (np.abs(np.diag(triangle)) > COLLINEAR * norms).all():
        raise ModelError("the regressors and effects are collinear: no unique coefficients")
    return solve_triangular(triangle, rotated)
