"""One bend in the trend of a rate, by its deviance profile."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calendar import month_span, month_text
from analysis.errors import ModelError, RequestError
from analysis.modelling.inference import Z, hac_covariance, normal_row, score_rows
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.series import (
    autocorrelation,
    dispersion,
    poisson_fit,
    read_series,
    season_columns,
)

LAGS = 6
# Mean squared residual, as a share of the fitted value, that only rounding leaves.
PERFECT = 1e-16
# How far the scaled deviance of the true month lies above the least, with 95 %.
DROP = float(stats.chi2.ppf(0.95, 1))


def estimate_joinpoint(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    exposure: str = "",
    harmonics: int = 2,
    margin: int = 12,
    period: int = 12,
) -> ModelResult:
    """Estimate the month at which the trend of a rate bends once, by its deviance profile.

    Quasi-Poisson: constant, time, time since the month, Fourier pairs; one fit a candidate month.
    The estimate has the smallest deviance; the interval holds every month whose deviance, scaled by
    the dispersion, is less than 3.84 above it (Lerman 1980, Appl. Stat. 29, 77-84; Kim et al. 2000,
    Stat. Med. 19, 335-351).

    Parameters
    ----------
    series : pandas.DataFrame
        One row a month (or as `period` says), in any order, without holes.
    outcome, time, exposure : str
        Columns: a count, its month, and what the rate is per (none when empty).
    harmonics, margin, period : int
        Fourier pairs, rows before and after that are no candidates, rows a year.

    Returns
    -------
    ModelResult
        One row ``joinpoint``: ``estimate`` is the slope a year after over that before, with a
        Newey-West interval for the month given; it has no test, for the month was searched.
        ``month, month_low, month_high``; ``before, after`` in % a year, each with its interval;
        ``dispersion`` (Pearson) and ``ar1`` (lag-1 autocorrelation of Pearson residuals), which the
        interval of the month does not allow for. ``fitted["profile"]`` has a row a candidate:
        ``month, deviance, scaled``.

    Raises
    ------
    RequestError
        For a column or number not accepted.
    ModelError
        For a hole, no homicides, too few rows, no scatter about the best fit, or a fit that does
        not converge.

    Examples
    --------
    >>> months = pd.date_range("2015-01", periods=72, freq="MS")
    >>> deaths = [round(100 * 1.02 ** min(i, 36)) for i in range(72)]
    >>> frame = pd.DataFrame({"month": months, "deaths": deaths})
    >>> estimate_joinpoint(frame, outcome="deaths", time="month").row("joinpoint")["month"]
    '2018-01'
    """
    rows = read_series(series, outcome=outcome, time=time, exposure=exposure, period=period)
    if margin < 2:
        raise RequestError(f"margin must be at least 2 rows, not {margin}")
    months = rows["month"].iloc[margin : len(rows) - margin]
    if months.empty:
        raise ModelError(
            f"{len(rows)} rows leave no month with {margin} before and after it; "
            f"{2 * margin + 1} are needed"
        )
    seasons = season_columns(rows, harmonics, period)
    fits = {month: _fit_bend(rows, seasons, place) for place, month in months.items()}
    best = min(fits.values(), key=lambda fitted: fitted.deviance)
    # Without degrees of freedom every row is met; a line met by the counts has no interval.
    scatter = best.pearson_chi2 / rows["count"].sum()
    if best.df_resid < 1 or not scatter > PERFECT:
        text = "lies on a line with one bend: without scatter no month can be told"
        raise ModelError(f"{outcome} {text}")
    profile = _profile(months.reset_index(drop=True), [*fits.values()], best)
    inside = np.flatnonzero(profile["scaled"] <= DROP)
    row = bend_row("joinpoint", best, tested=False) | {
        "month": month_text(months.iloc[profile["deviance"].argmin()]),
        "month_low": month_text(months.iloc[inside[0]]),
        "month_high": month_text(months.iloc[inside[-1]]),
        "dispersion": dispersion(best),
        "ar1": autocorrelation(best.resid_pearson),
    }
    return ModelResult(
        model="joinpoint",
        formula=f"{outcome} ~ time + (time - month)+ + {harmonics} Fourier pairs, Poisson",
        parameters={"harmonics": harmonics, "margin": margin},
        sources=tuple(series.attrs.get("sources", ())),
        period=month_span(rows["month"]),
        observations=len(rows),
        states=0,
        inference=f"profile of the scaled deviance; slopes Newey-West, L = {LAGS}",
        unit="ratio of slopes a year",
        rows=pd.DataFrame([row]),
        notes=_profile_notes(inside, len(months)),
        fitted={"series": rows, "profile": profile, "fits": fits},
    )


def _fit_bend(rows: pd.DataFrame, seasons: pd.DataFrame, place: int) -> Any:
    years = rows["years"]
    base = pd.DataFrame(
        {"const": 1.0, "trend": years, "bend": (years - years[place]).clip(lower=0)}
    )
    return poisson_fit(rows, base.join(seasons))


def _profile(months: pd.Series, fits: list[Any], best: Any) -> pd.DataFrame:
    """Give the deviance of each month's fit, and how far it lies above the best in its scale."""
    deviance = np.array([fitted.deviance for fitted in fits])
    scaled = (deviance - best.deviance) / dispersion(best)
    return pd.DataFrame({"month": months, "deviance": deviance, "scaled": scaled})


def bend_row(term: str, fitted: Any, *, tested: bool) -> dict[str, Any]:
    """Give the ratio of slopes, and the slopes before and after in % a year."""
    covariance = hac_covariance(*score_rows(fitted), lags=LAGS)[1:3, 1:3]
    trend, bend = fitted.params.iloc[1:3]
    row = normal_row(term, float(bend), float(np.sqrt(covariance[1, 1])))
    row |= {key: np.exp(row[key]) for key in ("estimate", "conf_low", "conf_high")}
    if not tested:
        row |= {"statistic": np.nan, "p_value": np.nan}
    for name, slope, std_error in (
        ("before", trend, np.sqrt(covariance[0, 0])),
        ("after", trend + bend, np.sqrt(covariance.sum())),
    ):
        ends = np.expm1(slope + np.array([0, -Z, Z]) * std_error) * 100
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
    return row


def _profile_notes(inside: np.ndarray, candidates: int) -> tuple[Note, ...]:
    notes = []
    if inside[0] == 0 or inside[-1] == candidates - 1:
        notes.append(Note("the interval reaches the first or last month that was tried"))
    if len(inside) < inside[-1] - inside[0] + 1:
        notes.append(Note("the interval has gaps: months within it that fit worse"))
    return tuple(notes)
