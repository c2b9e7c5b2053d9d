"""Regressions with unit and time effects for any tidy panel: Poisson pseudo-likelihood and OLS."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from scipy.special import xlogy

from analysis.errors import ModelError
from analysis.modelling.design import Effects, Family, Problem, build_problem

# A column whose part beside the others is smaller than this share of it is a sum of them.
COLLINEAR = 1e-13
# The same for a regressor beside the effects, where rounding has been through a logarithm.
VARIES = 1e-9
# A mean this much smaller than the average one is on its way to zero.
SEPARATED = 1e-7
ITERATIONS = 200


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
        """Sums of the regressors' scores, one row a unit, one column a regressor."""
        sums = np.zeros((len(self.problem.units), self.problem.regressors.shape[1]))
        np.add.at(sums, self.problem.unit, self.partialled * self.residuals[:, None])
        return sums[self.problem.present]

    @property
    def counted(self) -> int:
        """Number of parameters in a small-sample factor, all but the effects of units."""
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
    RequestError
        For an unknown column, set of effects or family, no regressor, or a trend over times that
        are neither dates nor numbers.
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
    asked = {"outcome": outcome, "unit": unit, "time": time, "exposure": exposure}
    problem, lost = build_problem(
        frame, regressors=regressors, effects=effects, family=family, **asked
    )
    beside = partial_out(problem.regressors, problem.nuisance, np.ones(len(problem.outcome)))
    for i, name in enumerate(regressors):
        if not np.linalg.norm(beside[:, i]) > VARIES * np.linalg.norm(problem.regressors[:, i]):
            raise ModelError(f"the figures of {name} do not vary beside the effects {effects}")
    params, linear, mu = solve(problem)
    return EffectsFit(problem, pd.Series(params, regressors), linear, mu, lost)


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
