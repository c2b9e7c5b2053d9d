"""A rate in segments: level and slope before and after events, in any series of counts."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.sarimax import SARIMAX

from analysis.calendar import month_span, month_text, parse_month
from analysis.errors import ModelError, RequestError
from analysis.modelling.inference import hac_covariance, normal_row, score_rows
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.series import (
    autocorrelation,
    dispersion,
    log_rates,
    poisson_fit,
    read_series,
    season_columns,
)

# Rows that must lie on each side of an event or bend.
SIDE = 12
HARMONICS = 2
LAGS = 6


def estimate_segments(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    exposure: str = "",
    events: Sequence[str],
    bends: Sequence[str] = (),
    harmonics: int = HARMONICS,
    lags: int = LAGS,
    period: int = 12,
) -> ModelResult:
    """Estimate how a rate's level and slope change at events, in a series of counts.

    Quasi-Poisson with log link: linear time in years, Fourier pairs of the calendar month, and
    for every event a step and a change of slope, for every bend a change of slope only (Wagner et
    al. 2002, J. Clin. Pharm. Ther. 27, 299-309; Bernal, Cummins & Gasparrini 2017, Int. J.
    Epidemiol. 46, 348-355). Newey-West sandwich; beside it the same design for the log rate with
    AR(1) errors by exact maximum likelihood, standard errors from the observed information.

    Parameters
    ----------
    series : pandas.DataFrame
        One row a month (or as `period` says), in any order, without holes.
    outcome, time, exposure : str
        Columns: a count, its month, and what the rate is per (none when empty).
    events, bends : sequence of str
        Months ``YYYY-MM``: of a step with a change of slope, and of a change of slope alone.
    harmonics, lags, period : int
        Fourier pairs, lags of the sandwich, rows a year.

    Returns
    -------
    ModelResult
        Rows ``trend`` (the slope before any event), ``level YYYY-MM``, ``slope YYYY-MM``,
        ``bend YYYY-MM``, each with ``inference`` = ``hac`` and ``ar1``: ``estimate`` a rate
        ratio, of slopes a year; ``std_error`` on the log scale; ``dispersion`` (Pearson) and
        ``ar1`` (lag-1 autocorrelation of Pearson residuals) with ``hac``, ``rho`` (of the
        errors) with ``ar1``.

    Raises
    ------
    RequestError
        Without an event, for an event named twice, or a month, column or number not accepted.
    ModelError
        For an event or bend outside the window or with fewer than 12 rows to the next one or to
        an end, columns that can not be told apart, a hole, no homicides, or a fit that does not
        converge.

    Examples
    --------
    >>> months = pd.date_range("2015-01", periods=60, freq="MS")
    >>> deaths = [100, 110, 120, 120, 110, 100] * 4 + [200, 220, 240, 240, 220, 200] * 6
    >>> frame = pd.DataFrame({"month": months, "deaths": deaths})
    >>> result = estimate_segments(frame, outcome="deaths", time="month", events=["2017-01"])
    >>> float(result.row("level 2017-01", inference="hac")["estimate"].round(2))
    2.0
    """
    rows = read_series(series, outcome=outcome, time=time, exposure=exposure, period=period)
    steps, turns = _read_months(rows, events), _read_months(rows, bends)
    if not steps:
        raise RequestError("name at least one event, as YYYY-MM")
    if not 0 <= lags < len(rows):
        raise RequestError(f"lags must lie between 0 and the {len(rows)} rows less one, not {lags}")
    _check_sides(rows, steps, turns)
    design = segment_design(rows, steps, turns, harmonics=harmonics, period=period)
    fitted = poisson_fit(rows, design)
    other, notes = _fit_ar1(rows, design)
    table = [hac_rows(fitted, lags), _ar1_rows(other, design)]
    offset = f" + offset(log({exposure}))" if exposure else ""
    return ModelResult(
        model="segments",
        formula=f"{outcome} ~ {' + '.join(design)}{offset}",
        parameters={
            "events": ",".join(map(month_text, steps)),
            "bends": ",".join(map(month_text, turns)),
            "harmonics": harmonics,
            "lags": lags,
        },
        sources=tuple(series.attrs.get("sources", ())),
        period=month_span(rows["month"]),
        observations=len(rows),
        states=0,
        inference=f"Newey-West sandwich, L = {lags}; AR(1) errors by exact maximum likelihood",
        unit="rate ratio; of slopes a year",
        rows=pd.concat(table, ignore_index=True),
        notes=notes,
        fitted={"series": rows, "hac": fitted, "ar1": other},
    )


def _read_months(rows: pd.DataFrame, given: Sequence[str]) -> list[pd.Timestamp]:
    if isinstance(given, str):
        raise RequestError(f'give months as a list, ["{given}"], not as one text')
    months = sorted(parse_month(month) for month in given)
    if len(set(months)) < len(months):
        raise RequestError(f"a month is named twice in {', '.join(map(str, given))}")
    known = set(rows["month"])
    for month in months:
        if month not in known:
            first, last = month_span(rows["month"])
            raise ModelError(f"{month_text(month)} is no row of the series {first} to {last}")
    return months


def _check_sides(rows: pd.DataFrame, events: list[pd.Timestamp], bends: list[pd.Timestamp]) -> None:
    """Refuse an event or bend without a year of rows to the next one, or to the end."""
    place = {month: i for i, month in enumerate(rows["month"])}
    turns = sorted([*events, *bends])
    edges = [0, *(place[month] for month in turns), len(rows)]
    for month, low, here, high in zip(turns, edges, edges[1:], edges[2:], strict=False):
        if here - low < SIDE or high - here < SIDE:
            raise ModelError(
                f"{month_text(month)} has {here - low} rows before and {high - here} after it, up "
                f"to the next event, bend or end of the series; {SIDE} are needed on each side: "
                "leave it out or widen the window"
            )


def segment_design(
    rows: pd.DataFrame,
    events: list[pd.Timestamp],
    bends: list[pd.Timestamp],
    *,
    harmonics: int = HARMONICS,
    period: int = 12,
) -> pd.DataFrame:
    """Give the columns: constant, trend, season, a level and slope an event, a slope a bend."""
    base = {"const": np.ones(len(rows)), "trend": rows["years"]}
    seasons = season_columns(rows, harmonics, period)
    changes = {}
    for month in events:
        changes[f"level {month_text(month)}"] = (rows["month"] >= month).astype("float64")
        changes[f"slope {month_text(month)}"] = _years_since(rows, month)
    for month in bends:
        changes[f"bend {month_text(month)}"] = _years_since(rows, month)
    return pd.DataFrame(base, index=rows.index).join(seasons).assign(**changes)


def _years_since(rows: pd.DataFrame, month: pd.Timestamp) -> pd.Series:
    """Give the years since a month, zero before it."""
    return (rows["years"] - rows.loc[rows["month"] == month, "years"].iloc[0]).clip(lower=0)


def _ratio_rows(names: list[str], coefs: np.ndarray, std_errors: np.ndarray) -> pd.DataFrame:
    """Give the rows of those coefficients that are asked for, as ratios."""
    rows = []
    for name, coef, std_error in zip(names, coefs, std_errors, strict=True):
        if name == "trend" or name[:5] in ("level", "slope", "bend "):
            row = normal_row(name, float(coef), float(std_error))
            rows.append(row | {k: np.exp(row[k]) for k in ("estimate", "conf_low", "conf_high")})
    return pd.DataFrame(rows)


def hac_rows(fitted: Any, lags: int = LAGS) -> pd.DataFrame:
    """Give trend, levels, slopes and bends of a Poisson fit with the Newey-West sandwich."""
    covariance = hac_covariance(*score_rows(fitted), lags=lags)
    names, coefs = list(fitted.params.index), fitted.params.to_numpy()
    table = _ratio_rows(names, coefs, np.sqrt(np.diag(covariance)))
    phi, ar1 = dispersion(fitted), autocorrelation(fitted.resid_pearson)
    return table.assign(inference="hac", dispersion=phi, ar1=ar1)


def _fit_ar1(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[Any, tuple[Note, ...]]:
    rates, notes = log_rates(rows)
    # Near the optimum already, and in a scale where the level does not dwarf the rest.
    centred = (rates - rates.mean()).to_numpy()
    model = SARIMAX(centred, exog=design.to_numpy(), order=(1, 0, 0), concentrate_scale=True)
    with warnings.catch_warnings():
        # What they warn of is raised below as an error.
        warnings.simplefilter("ignore")
        fitted = model.fit(method="bfgs", gtol=1e-7, maxiter=500, disp=0, cov_type="approx")
    if not fitted.mle_retvals["converged"] or not np.isfinite(fitted.bse).all():
        raise ModelError("the regression with AR(1) errors did not converge")
    return fitted, notes


def _ar1_rows(fitted: Any, design: pd.DataFrame) -> pd.DataFrame:
    coefs = dict(zip(fitted.param_names, fitted.params, strict=True))
    width = design.shape[1]
    table = _ratio_rows(list(design), fitted.params[:width], fitted.bse[:width])
    return table.assign(inference="ar1", rho=coefs["ar.L1"])
