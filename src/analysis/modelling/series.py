"""One series in time: read and checked, with what every model of a series needs."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.calendar import month_span
from analysis.columns import credit
from analysis.errors import ModelError, RequestError, unknown
from analysis.modelling.administrations import NATIONAL
from analysis.modelling.result import Note
from analysis.parameters import SOURCES, Source, check_period

PERIODS = (1, 2, 4, 12)


def select_national_series(
    national_month: pd.DataFrame, *, source: Source = "sesnsp", start: str, end: str | None = None
) -> pd.DataFrame:
    """Give the national monthly homicides of a source in a window.

    Parameters
    ----------
    national_month : pandas.DataFrame
        One row a month: ``month, person_years`` and ``homicides_sesnsp_filled`` (victims) or
        ``homicides_inegi`` (deaths); ``filled_cells, filled_deaths, flags`` where known.
    source : {"sesnsp", "inegi"}
        Which count.
    start, end : str
        First and last month, ``YYYY-MM``; an empty one is the first or last of the source.

    Returns
    -------
    pandas.DataFrame
        One row a month in order: ``month, homicides, person_years, flags``. ``attrs`` hold
        ``sources`` and the ``notes`` a reader must see.

    Raises
    ------
    RequestError
        For an impossible window.

    Examples
    --------
    >>> from analysis import load_table
    >>> months = select_national_series(load_table("national_month"), start="2019-07")
    >>> len(months), months["homicides"].iloc[0].item()
    (72, 2981)
    """
    start, end = check_period(start, end, source)
    inside = national_month["month"].between(pd.Timestamp(start), pd.Timestamp(end))
    rows = national_month[inside].sort_values("month", ignore_index=True)
    flags = rows.get("flags", "")
    series = rows[["month", "person_years"]].assign(homicides=rows[NATIONAL[source]], flags=flags)
    raw = tuple(SOURCES.values()) if source == "sesnsp" else (SOURCES[source],)
    series.attrs = {"notes": _notes(rows, series["flags"], source)}
    return credit(series, [*raw, "conapo_population_state_year"])


def rate_unit(outcome: str, exposure: str, per: float) -> str:
    """Say what a rate of an outcome by so many units of exposure is in.

    Examples
    --------
    >>> rate_unit("deaths", "person_years", 100_000), rate_unit("deaths", "", 1)
    ('deaths per 100,000 person-years', 'deaths')
    """
    return f"{outcome} per {per:,.0f} {exposure.replace('_', '-')}" if exposure else outcome


def _notes(rows: pd.DataFrame, flags: pd.Series, source: str) -> list[Note]:
    notes = []
    if source == "sesnsp" and "filled_cells" in rows and rows["filled_cells"].sum():
        text = "{cells} missing SESNSP cells are filled by the INEGI count: {deaths} deaths"
        cells, deaths = rows["filled_cells"].sum(), rows["filled_deaths"].sum()
        notes.append(Note(text, cells=cells, deaths=deaths))
    early = flags.str.contains(f"{source}_preliminary")
    if early.any():
        months = rows.loc[early, "month"]
        first, last = month_span(months)
        notes.append(Note("{first} to {last} are preliminary", first=first, last=last))
    incomplete = flags.str.contains(f"{source}_incomplete").sum()
    if incomplete:
        text = "{months} months are of years whose monthly table is incomplete"
        notes.append(Note(text, months=incomplete))
    return notes


def read_series(
    frame: pd.DataFrame, *, outcome: str, time: str, exposure: str = "", period: int = 12
) -> pd.DataFrame:
    """Read a series of counts from any frame and check that it has no hole.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a point in time.
    outcome, time, exposure : str
        Columns: a count, its date (or ``YYYY-MM``), and what the rate is per; an empty
        ``exposure`` is none, that is one for every row.
    period : int
        Rows a year: 12 months, 4 quarters, 2 or 1.

    Returns
    -------
    pandas.DataFrame
        In order of time: ``month, count, exposure, years`` since the first row, and ``season``,
        the calendar month as an angle.

    Raises
    ------
    RequestError
        For a column the frame does not have, or another period.
    ModelError
        For a missing, repeated or negative value, an exposure that is not positive, a hole, or a
        series without a single event.

    Examples
    --------
    >>> months = pd.DataFrame({"month": ["2020-02", "2020-01"], "deaths": [3, 5]})
    >>> read_series(months, outcome="deaths", time="month")["count"].tolist()
    [5.0, 3.0]
    """
    for column in (outcome, time, *([exposure] if exposure else [])):
        if column not in frame:
            raise unknown("column", column, map(str, frame))
    if period not in PERIODS:
        raise RequestError(f"period is the rows a year, one of {PERIODS}, not {period}")
    try:
        month = read_months(frame[time])
        count = pd.to_numeric(frame[outcome]).astype("float64")
        person = pd.to_numeric(frame[exposure]).astype("float64") if exposure else 1.0
    except (TypeError, ValueError) as error:
        raise ModelError(f"{time}, {outcome} or {exposure or 'none'}: {error}") from error
    series = pd.DataFrame({"month": month, "count": count, "exposure": person})
    series = series.sort_values("month", ignore_index=True)
    _check_values(series, outcome, exposure)
    _check_steps(series["month"], time, 12 // period)
    series["years"] = _elapsed(series["month"]) / 12
    series["season"] = 2 * np.pi * series["month"].dt.month / 12
    series["month"] = series["month"].dt.to_timestamp()
    return series


def _check_values(series: pd.DataFrame, outcome: str, exposure: str) -> None:
    if series.empty or series["month"].isna().any():
        raise ModelError("the series has no rows, or a row without its month")
    bad = ~np.isfinite(series["count"]) | (series["count"] < 0)
    what = f"{outcome} is missing, negative or infinite"
    if not bad.any():
        bad = ~np.isfinite(series["exposure"]) | (series["exposure"] <= 0)
        what = f"{exposure} is missing or not positive"
    if bad.any():
        first = series.loc[bad, "month"].iloc[0]
        raise ModelError(f"{what} in {bad.sum()} rows, first {first}; fill or shorten the series")
    if not series["count"].sum() > 0:
        raise ModelError(f"{outcome} is zero throughout: a rate of zero has no logarithm")


def read_months(time: pd.Series) -> pd.Series:
    """Give the months of dates, also of ``YYYY-MM`` and of years; other spellings are refused.

    Examples
    --------
    >>> read_months(pd.Series(["2020-02", "2020-03-15"])).astype("str").tolist()
    ['2020-02', '2020-03']
    """
    if not pd.api.types.is_datetime64_any_dtype(time):
        time = pd.to_datetime(time.astype("str"), format="ISO8601")
    # A date with a zone is in the month that its own clock shows.
    return time.dt.tz_localize(None).dt.to_period("M")


def _elapsed(month: pd.Series) -> pd.Series:
    """Give the months since the first row."""
    count = 12 * month.dt.year + month.dt.month
    return count - count.iloc[0]


def _check_steps(month: pd.Series, time: str, step: int) -> None:
    taken = _elapsed(month).diff().iloc[1:]
    wrong = taken[taken != step]
    if len(wrong):
        raise ModelError(
            f"{time}: {int(wrong.iloc[0])} months from the row before to {month[wrong.index[0]]}; "
            f"every step must be {step}, no month twice and none left out"
        )


def season_columns(series: pd.DataFrame, harmonics: int, period: int = 12) -> pd.DataFrame:
    """Give sine and cosine of the calendar month, a pair for each harmonic.

    Raises
    ------
    RequestError
        For fewer than none, or more than the rows of a year can tell apart.
    """
    if not 0 <= harmonics < max(period / 2, 1):
        most = max((period - 1) // 2, 0)
        raise RequestError(f"harmonics must lie between 0 and {most}, not {harmonics}")
    pairs = {}
    for j in range(1, harmonics + 1):
        pairs[f"sin {j}"] = np.sin(j * series["season"])
        pairs[f"cos {j}"] = np.cos(j * series["season"])
    return pd.DataFrame(pairs, index=series.index)


def log_rates(series: pd.DataFrame) -> tuple[pd.Series, tuple[Note, ...]]:
    """Give the log rate; where any count is zero 0.5 is added to every one, and a note says so."""
    zeros = int(series["count"].eq(0).sum())
    text = "{zeros} rows are zero: 0.5 is added to every count before the logarithm"
    notes = (Note(text, zeros=zeros),) if zeros else ()
    return np.log((series["count"] + (0.5 if zeros else 0.0)) / series["exposure"]), notes


def poisson_fit(series: pd.DataFrame, design: pd.DataFrame) -> Any:
    """Fit Poisson counts on a design, exposure as offset, and refuse what did not converge.

    Raises
    ------
    ModelError
        For columns that can not be told apart, or a fit that did not converge.
    """
    matrix = design.to_numpy()
    if np.linalg.matrix_rank(matrix) < design.shape[1]:
        names = ", ".join(map(str, design))
        raise ModelError(f"these columns can not be told apart in {len(design)} rows: {names}")
    model = sm.GLM(
        series["count"],
        design,
        family=sm.families.Poisson(),
        offset=np.log(series["exposure"]),
    )
    with warnings.catch_warnings():
        # What they warn of is raised below as an error.
        warnings.simplefilter("ignore")
        fitted = model.fit(maxiter=100, tol=1e-10, tol_criterion="params")
    if not fitted.converged or not np.isfinite(fitted.params).all():
        raise ModelError("the Poisson regression did not converge: a stretch without any count?")
    return fitted


def dispersion(fitted: Any) -> float:
    """Give Pearson's chi-squared over the degrees of freedom (McCullagh & Nelder 1989)."""
    return float(fitted.pearson_chi2 / fitted.df_resid)


def autocorrelation(residuals: np.ndarray) -> float:
    """Give the correlation of residuals with those one step before, about their mean."""
    centred = np.asarray(residuals) - np.mean(residuals)
    return float(centred[1:] @ centred[:-1] / (centred @ centred))
