"""Penalised splines of time and calendar month for Poisson counts, their smoothing by GCV."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from scipy.interpolate import BSpline

from analysis.calendar import month_text
from analysis.errors import ModelError
from analysis.modelling.effects import SEPARATED

CUBIC = 3
KNOT_EVERY, FEWEST, MOST = 6, 4, 40  # an inner knot each half year, within these
SEASON_KNOTS = 6
CONTRAST = np.vstack([np.eye(SEASON_KNOTS - 1), -np.ones(SEASON_KNOTS - 1)])
# Smoothing parameters that are tried, in units of the mean count: one grid for every place.
TREND_GRID = 10.0 ** np.arange(6, -5.01, -0.25)
SEASON_GRID = 10.0 ** np.arange(6, -2.01, -1)


class TrendBasis:
    """Cubic B-splines with equidistant knots over the rows of a series, and their end slope."""

    def __init__(self, length: int) -> None:
        inner = min(max(length // KNOT_EVERY, FEWEST), MOST)
        step = (length - 1) / (inner + 1)
        knots = step * np.arange(-CUBIC, inner + CUBIC + 2)
        self.width = inner + CUBIC + 1
        position = np.arange(length, dtype="float64")
        # The last month is the end of the last interval, where rounding must not matter.
        self.trend = BSpline.design_matrix(position, knots, CUBIC, extrapolate=True).toarray()
        slopes = BSpline(knots, np.eye(self.width), CUBIC).derivative()
        self.end_slope = slopes(position[-1])


def season_basis(months: pd.Series) -> np.ndarray:
    """Give cyclic cubic B-splines of the calendar month, a season whose mean is zero."""
    step = 12 / SEASON_KNOTS
    knots = step * np.arange(-CUBIC, SEASON_KNOTS + CUBIC + 1)
    place = months.dt.month.to_numpy() - 1.0
    open_ended = BSpline.design_matrix(place, knots, CUBIC).toarray()
    cyclic = open_ended[:, :SEASON_KNOTS].copy()
    cyclic[:, :CUBIC] += open_ended[:, SEASON_KNOTS:]
    return cyclic @ CONTRAST


def build_penalties(width: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the second-difference penalties of trend and season, each in all coefficients."""
    size = width + SEASON_KNOTS - 1
    trend, season = np.zeros((size, size)), np.zeros((size, size))
    bend = np.diff(np.eye(width), n=2, axis=0)
    trend[:width, :width] = bend.T @ bend
    around = np.eye(SEASON_KNOTS)
    turn = (np.roll(around, 1, axis=0) - 2 * around + np.roll(around, -1, axis=0)) @ CONTRAST
    season[width:, width:] = turn.T @ turn
    return trend, season


def choose_smoothing(design: np.ndarray, rows: pd.DataFrame, width: int) -> dict[str, Any]:
    """Fit with every pair of smoothing parameters and give the fit with the least GCV score."""
    count, offset = rows["count"].to_numpy(), np.log(rows["exposure"].to_numpy())
    trend, season = (count.mean() * penalty for penalty in build_penalties(width))
    best: dict[str, Any] = {"gcv": np.inf}
    for calm in SEASON_GRID:
        start = np.log((count + count.mean()) / 2)
        for smooth in TREND_GRID:
            found = solve_penalised(design, count, offset, smooth * trend + calm * season, start)
            if found is None:
                continue
            start = found["linear"]
            if found["gcv"] < best["gcv"]:
                penalty = smooth * trend + calm * season
                best = found | {"smoothing": (float(smooth), float(calm)), "penalty": penalty}
    if not np.isfinite(best["gcv"]):
        raise ModelError("the penalised fit did not converge with any smoothing parameter")
    if best["mean"].min() < SEPARATED * best["mean"].mean():
        month = month_text(rows["month"].iloc[best["mean"].argmin()])
        text = "so many months without any have no rate; shorten the series to leave them out"
        raise ModelError(f"the fitted counts go to zero in {month}: {text}")
    freedom = len(count) - best["edf"].sum()
    best["dispersion"] = float(((count - best["mean"]) ** 2 / best["mean"]).sum() / freedom)
    if not best["dispersion"] > 1e-8:
        raise ModelError("the counts do not scatter about the curve, so it can have no band")
    best["covariance"] = best["dispersion"] * best["inverse"]
    return best | {"design": design, "width": width}


def solve_penalised(
    design: np.ndarray, count: np.ndarray, offset: np.ndarray, penalty: np.ndarray, start: Any
) -> dict[str, Any] | None:
    """Fit Poisson counts by penalised iteratively reweighted least squares; None if it fails.

    Ours because the grid asks for 400 fits: statsmodels' ``GLMGam`` gives the same coefficients,
    errors and degrees of freedom at half the penalty (the tests compare them), but takes fifty
    times as long, and its GCV score holds the scale of a Poisson at one.
    """
    linear = start
    for _ in range(50):
        mean = np.exp(linear)
        information = design.T @ (design * mean[:, None])
        working = linear - offset + (count - mean) / mean
        coefficients = np.linalg.solve(information + penalty, design.T @ (mean * working))
        before, linear = linear, offset + design @ coefficients
        if not np.isfinite(linear).all() or np.abs(linear).max() > 300:
            return None
        if np.abs(linear - before).max() < 1e-9:
            break
    else:
        return None
    mean = np.exp(linear)
    information = design.T @ (design * mean[:, None])
    inverse = np.linalg.inv(information + penalty)
    edf = np.einsum("ij,ji->i", inverse, information)
    deviance = 2 * (special.xlogy(count, count / mean) - (count - mean)).sum()
    return {
        "coefficients": coefficients,
        "linear": linear,
        "mean": mean,
        "inverse": (inverse + inverse.T) / 2,
        "edf": edf,
        "deviance": float(deviance),
        "gcv": float(len(count) * deviance / (len(count) - edf.sum()) ** 2),
    }
