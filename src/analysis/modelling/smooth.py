"""The course of a rate without its season: a smooth curve with a band for the whole of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calendar import PER, month_span, month_text
from analysis.columns import credit
from analysis.errors import ModelError, RequestError
from analysis.geography import find_state
from analysis.modelling.inference import Z
from analysis.modelling.places import name_place, read_gappy_series, select_place_series
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.series import rate_unit
from analysis.modelling.spline import TREND_GRID, TrendBasis, choose_smoothing, season_basis
from analysis.parameters import SHORTEST, Source, check, check_period

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
    basis = TrendBasis(len(rows))
    design = np.hstack([basis.trend, season_basis(rows["month"])])
    fit = choose_smoothing(design[known], rows.loc[known], basis.width)
    course = _course(rows, basis, fit, per if exposure else 1.0, draws, seed)
    offset = f" + offset(log({exposure}))" if exposure else ""
    return ModelResult(
        model="smooth-trend",
        formula=f"{outcome} ~ s({time}) + s(calendar month, cyclic){offset}, quasi-Poisson",
        parameters={"draws": draws, "seed": seed},
        sources=tuple(series.attrs.get("sources", ())),
        period=month_span(rows["month"]),
        observations=int(known.sum()),
        states=0,
        inference=f"Bayesian posterior of the penalised fit; simultaneous 95 % band, {draws} "
        "draws; direction of the last month at 90 %",
        unit=f"{rate_unit(outcome, exposure, per)}; of the direction % a month",
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
    """Give the months as a frame for a figure, with ``source`` and the ``direction`` at the end.

    Parameters
    ----------
    smooth : ModelResult
        From `fit_smooth_trend`.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``month`` (a date), ``observed, rate, conf_low, conf_high`` per 100,000
        person-years, ``std_error``, ``direction`` at the end (``rising, falling`` or ``unclear``),
        ``source`` and, where known, ``flags`` and ``cve_ent``.

    Examples
    --------
    >>> from analysis import fit_smooth_trend, load_panel, load_table
    >>> smooth = fit_smooth_trend(load_panel(), load_table("national_month"), state="Colima")
    >>> select_smooth(smooth)["rate"].iloc[[0, -1]].round().tolist()
    [20.0, 81.0]
    """
    rows = smooth.tidy()
    out = rows.loc[rows["kind"] == "month", [c for c in SHOWN if c in rows]]
    direction, source = smooth.row("direction")["direction"], smooth.parameters.get("source", "")
    out = out.assign(month=pd.to_datetime(out["month"]), direction=direction, source=source)
    out.attrs, unit = rows.attrs, smooth.unit.partition(";")[0]
    return credit(out, smooth.sources, estimate=unit, rate=unit, observed=unit)


def _course(
    rows: pd.DataFrame, basis: TrendBasis, fit: dict[str, Any], per: float, draws: int, seed: int
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


def _direction(basis: TrendBasis, fit: dict[str, Any]) -> dict[str, Any]:
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
