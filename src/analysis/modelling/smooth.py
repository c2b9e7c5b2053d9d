"""The course of a rate without its season: a smooth curve with a band for the whole of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats
from scipy.interpolate import BSpline

from analysis.calendar import PER, month_text
from analysis.errors import ModelError, RequestError
from analysis.geography import find_state
from analysis.modelling.effects import SEPARATED
from analysis.modelling.inference import Z
from analysis.modelling.places import name_place, read_gappy_series, select_place_series
from analysis.modelling.result import ModelResult, Note
from analysis.parameters import SHORTEST, Source, check, check_period

CUBIC = 3
KNOT_EVERY, FEWEST, MOST = 6, 4, 40  # an inner knot each half year, within these
SEASON_KNOTS = 6
CONTRAST = np.vstack([np.eye(SEASON_KNOTS - 1), -np.ones(SEASON_KNOTS - 1)])
# Smoothing parameters that are tried, in units of the mean count: one grid for every place.
TREND_GRID = 10.0 ** np.arange(6, -5.01, -0.25)
SEASON_GRID = 10.0 ** np.arange(6, -2.01, -1)
ROUGH = 0.9  # a curve that uses this share of its basis is as rough as its knots allow
SHOWN = ["cve_ent", "month", "observed", "rate", "std_error", "conf_low", "conf_high", "flags"]
DIRECTION = 0.90  # of the interval by which the last month is called rising or falling


def estimate_smooth(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    exposure: str = "",
    per: float = PER,
    draws: int = 10_000,
    seed: int = 1,
) -> ModelResult:
    """Estimate the smooth course of a monthly rate without its season, with a band for all of it.

    Poisson counts with log link: a cubic P-spline of time (Eilers & Marx 1996, Stat. Science 11,
    89-121) and a cyclic one of the calendar month whose mean is zero, smoothing parameters by
    generalised cross-validation (Wood 2017, Generalized Additive Models, 2nd ed., 6.2.3),
    dispersion from Pearson's chi-squared, Bayesian covariance (Wood 2006, Aust. N. Z. J. Stat.
    48, 445-464). The band holds the whole curve at once with 95 %: the critical value is the
    quantile of the largest standardised deviation over the months in draws of the curve (Ruppert,
    Wand & Carroll 2003, Semiparametric Regression, 6.5).

    Parameters
    ----------
    series : pandas.DataFrame
        One row a month, in any order; a missing count is left out.
    outcome, time, exposure : str
        Columns: a count, its month, and what the rate is per (none when empty).
    per : float
        The rate is per this much exposure; without exposure it is the count.
    draws, seed : int
        Curves drawn for the band, and where their randomness begins.

    Returns
    -------
    ModelResult
        Rows ``term`` = month, ``kind`` = ``month``: ``estimate`` the rate without season,
        ``conf_low, conf_high`` the band, ``std_error`` on the log scale, ``month, observed,
        rate, pointwise_low, pointwise_high``, ``critical`` (standard errors in half a band), and
        ``edf`` (effective degrees of freedom), ``smoothing, dispersion``. Row ``direction``: the
        slope of the curve in the last month, % a month, with its 90 % interval; ``direction`` is
        ``rising, falling`` or, when it holds zero, ``unclear``.

    Raises
    ------
    RequestError
        For an unknown column or fewer than 100 draws.
    ModelError
        For fewer than 24 counts, a hole in the months, no events or a long stretch without any, or
        counts without scatter.

    Examples
    --------
    >>> months = pd.date_range("2015-01", periods=36, freq="MS")
    >>> frame = pd.DataFrame({"month": months, "deaths": [9, 12, 15, 11, 14, 8] * 6})
    >>> estimate_smooth(frame, outcome="deaths", time="month").row("direction")["direction"]
    'unclear'
    """
    if draws < 100:
        raise RequestError(f"a band needs at least 100 draws, not {draws}")
    rows = read_gappy_series(series, outcome=outcome, time=time, exposure=exposure)
    known = rows["count"].notna()
    if known.sum() < SHORTEST:
        raise ModelError(f"{known.sum()} months with {outcome}; a smooth trend needs {SHORTEST}")
    basis = _Basis(len(rows))
    design = np.hstack([basis.trend, _season(rows["month"])])
    fit = _choose(design[known], rows.loc[known], basis.width)
    course = _course(rows, basis, fit, per if exposure else 1.0, draws, seed)
    offset = f" + offset(log({exposure}))" if exposure else ""
    return ModelResult(
        model="smooth-trend",
        formula=f"{outcome} ~ s({time}) + s(calendar month, cyclic){offset}, quasi-Poisson",
        parameters={"draws": draws, "seed": seed},
        sources=tuple(series.attrs.get("sources", ())),
        period=(month_text(rows["month"].iloc[0]), month_text(rows["month"].iloc[-1])),
        observations=int(known.sum()),
        states=0,
        inference=f"Bayesian posterior of the penalised fit; simultaneous 95 % band, {draws} "
        "draws; direction of the last month at 90 %",
        rows=pd.concat([course, pd.DataFrame([_direction(basis, fit)])], ignore_index=True),
        notes=_edge_notes(fit),
        fitted=fit,
    )


def fit_smooth_trend(
    panel: pd.DataFrame,
    national_month: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    state: str | None = None,
    start: str = "2015-01",
    seed: int = 1,
) -> ModelResult:
    """Estimate the smooth course of the homicide rate, and whether it rises or falls at its end.

    The model is that of `estimate_smooth`.

    Parameters
    ----------
    panel, national_month : pandas.DataFrame
        As for `select_place_series`.
    source : {"sesnsp", "inegi"}
        Which count.
    state : str, optional
        Name, code or abbreviation; none is the nation.
    start : str
        First month, ``YYYY-MM``; an empty one is the first of the source.
    seed : int
        Where the randomness of the band begins.

    Returns
    -------
    ModelResult
        As `estimate_smooth`, rates per 100,000 person-years; with ``flags``, and ``cve_ent`` for
        a state.

    Raises
    ------
    RequestError
        For an unknown state or an impossible window.
    ModelError
        When the window has too few months with a count, or no homicides.

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> result = fit_smooth_trend(load_panel(), load_table("national_month"))
    >>> len(result.rows), result.period
    (127, ('2015-01', '2025-06'))
    """
    check(fit_smooth_trend, {"source": source, "seed": seed})
    name = find_state(state).name if state else None
    series = select_place_series(panel, national_month, source=source, state=state, start=start)
    try:
        result = estimate_smooth(
            series, outcome="homicides", time="month", exposure="person_years", seed=seed
        )
    except ModelError as error:
        raise ModelError(f"{name or 'nation'}, {source}: {error}") from error
    flags = series.set_index(series["month"].map(month_text))["flags"]
    rows = result.rows.assign(flags=result.rows["month"].map(flags))
    start, _ = check_period(start, None, source)
    asked = {"source": source, "state": name, "start": start, "seed": seed}
    missing = int(series["homicides"].isna().sum())
    text = "{missing} months are missing: the curve is fitted to the others"
    notes = series.attrs["notes"] + ([Note(text, missing=missing)] if missing else [])
    return name_place(replace(result, rows=rows), parameters=asked, notes=notes)


def select_smooth(smooth: ModelResult) -> pd.DataFrame:
    """Give the months as a frame for a figure, with ``source`` and the ``direction`` at the end."""
    rows = smooth.tidy()
    out = rows.loc[rows["kind"] == "month", [c for c in SHOWN if c in rows]]
    direction, source = smooth.row("direction")["direction"], smooth.parameters.get("source", "")
    out = out.assign(month=pd.to_datetime(out["month"]), direction=direction, source=source)
    out.attrs = rows.attrs
    return out


class _Basis:
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


def _season(months: pd.Series) -> np.ndarray:
    """Give cyclic cubic B-splines of the calendar month, a season whose mean is zero."""
    step = 12 / SEASON_KNOTS
    knots = step * np.arange(-CUBIC, SEASON_KNOTS + CUBIC + 1)
    place = months.dt.month.to_numpy() - 1.0
    open_ended = BSpline.design_matrix(place, knots, CUBIC).toarray()
    cyclic = open_ended[:, :SEASON_KNOTS].copy()
    cyclic[:, :CUBIC] += open_ended[:, SEASON_KNOTS:]
    return cyclic @ CONTRAST


def _penalties(width: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the second-difference penalties of trend and season, each in all coefficients."""
    size = width + SEASON_KNOTS - 1
    trend, season = np.zeros((size, size)), np.zeros((size, size))
    bend = np.diff(np.eye(width), n=2, axis=0)
    trend[:width, :width] = bend.T @ bend
    around = np.eye(SEASON_KNOTS)
    turn = (np.roll(around, 1, axis=0) - 2 * around + np.roll(around, -1, axis=0)) @ CONTRAST
    season[width:, width:] = turn.T @ turn
    return trend, season


def _choose(design: np.ndarray, rows: pd.DataFrame, width: int) -> dict[str, Any]:
    """Fit with every pair of smoothing parameters and give the fit with the least GCV score."""
    count, offset = rows["count"].to_numpy(), np.log(rows["exposure"].to_numpy())
    trend, season = (count.mean() * penalty for penalty in _penalties(width))
    best: dict[str, Any] = {"gcv": np.inf}
    for calm in SEASON_GRID:
        start = np.log((count + count.mean()) / 2)
        for smooth in TREND_GRID:
            found = _iterate(design, count, offset, smooth * trend + calm * season, start)
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


def _iterate(
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


def _course(
    rows: pd.DataFrame, basis: _Basis, fit: dict[str, Any], per: float, draws: int, seed: int
) -> pd.DataFrame:
    covariance = fit["covariance"][: basis.width, : basis.width]
    log_rate = basis.trend @ fit["coefficients"][: basis.width] + np.log(per)
    error = np.sqrt(np.einsum("ij,jk,ik->i", basis.trend, covariance, basis.trend))
    curves = np.random.default_rng(seed).standard_normal((draws, basis.width))
    curves = curves @ np.linalg.cholesky(covariance).T @ basis.trend.T
    critical = float(np.quantile(np.abs(curves / error).max(axis=1), 0.95))
    return pd.DataFrame(
        {
            "kind": "month",
            "term": rows["month"].map(month_text),
            "estimate": np.exp(log_rate),
            "std_error": error,
            "conf_low": np.exp(log_rate - critical * error),
            "conf_high": np.exp(log_rate + critical * error),
            "month": rows["month"].map(month_text),
            "observed": rows["count"] / rows["exposure"] * per,
            "rate": np.exp(log_rate),
            "pointwise_low": np.exp(log_rate - Z * error),
            "pointwise_high": np.exp(log_rate + Z * error),
            "critical": critical,
            "edf": float(fit["edf"].sum()),
            "smoothing": fit["smoothing"][0],
            "dispersion": fit["dispersion"],
        }
    )


def _direction(basis: _Basis, fit: dict[str, Any]) -> dict[str, Any]:
    """Give the trend's slope in the last month, % a month: no curve goes on so for a year."""
    slope = float(basis.end_slope @ fit["coefficients"][: basis.width])
    within = fit["covariance"][: basis.width, : basis.width]
    error = float(np.sqrt(basis.end_slope @ within @ basis.end_slope))
    half = float(stats.norm.ppf((1 + DIRECTION) / 2)) * error
    word = "rising" if slope > half else "falling" if slope < -half else "unclear"
    return {
        "kind": "direction",
        "term": "direction",
        "estimate": float(np.expm1(slope) * 100),
        "std_error": error,
        "statistic": slope / error,
        "p_value": float(2 * stats.norm.sf(abs(slope / error))),
        "conf_low": float(np.expm1(slope - half) * 100),
        "conf_high": float(np.expm1(slope + half) * 100),
        "direction": word,
    }


def _edge_notes(fit: dict[str, Any]) -> tuple[Note, ...]:
    if fit["smoothing"][0] == TREND_GRID[0]:
        return (Note("The curve is a straight line on the log scale: no bend can be told"),)
    if fit["edf"][: fit["width"]].sum() > ROUGH * fit["width"]:
        return (Note("The curve is as rough as its knots allow: too rough where months resemble"),)
    return ()
