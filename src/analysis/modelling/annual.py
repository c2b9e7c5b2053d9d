"""Year-end totals of the National Guard against the national homicide rate."""

from typing import Any, get_args

import numpy as np
import pandas as pd

from analysis.columns import credit
from analysis.errors import ModelError
from analysis.modelling.inference import fisher_interval
from analysis.modelling.result import ModelResult, Note
from analysis.parameters import SOURCES, Series, Source, check

STRENGTH = "guard_strength_national"


# Where the yearly totals of each source stand.
ANNUAL = {
    "sesnsp": (SOURCES["sesnsp"], "sesnsp_national_bridge", SOURCES["inegi"]),
    "inegi": ("inegi_homicides_national",),
}


def fit_guard_annual(
    national_year: pd.DataFrame,
    guard_strength_national: pd.DataFrame,
    *,
    series: Series = "force_strength",
    source: Source = "sesnsp",
) -> ModelResult:
    """Correlate year-end guards with the national rate in four ways, side by side.

    In levels, in differences of consecutive years, with a linear year partialled out, and the
    bare year with the rate. A handful of years can not carry a claim; the four together show it.

    Parameters
    ----------
    national_year : pandas.DataFrame
        One row a year: ``year, rate_sesnsp, rate_inegi`` (per 100,000 person-years), ``flags``.
    guard_strength_national : pandas.DataFrame
        Dated totals: ``date, concept, guards``. Only December counts; of two figures of one
        concept in one December the last listed.
    series : str
        Which family of totals; ``assigned_inegi`` takes the figure including heads of units
        where INEGI's plain one is lacking. Families are never mixed.
    source : {"sesnsp", "inegi"}
        Which rate.

    Returns
    -------
    ModelResult
        Rows ``levels, differences, detrended, time index``: ``estimate`` = correlation with
        Fisher's interval, ``n``. An interval that the years can not give is missing.

    Raises
    ------
    ModelError
        With fewer than four years.

    Examples
    --------
    >>> from analysis import load_table
    >>> tables = load_table("national_year"), load_table("guard_strength_national")
    >>> fit_guard_annual(*tables).tidy()["term"].tolist()
    ['levels', 'differences', 'detrended', 'time index']
    """
    check(fit_guard_annual, {"series": series, "source": source})
    years = select_year_end(guard_strength_national, series).merge(
        national_year[["year", f"rate_{source}", "flags"]].dropna(), on="year"
    )
    if len(years) < 4:
        raise ModelError(f"{series} and rate_{source} meet in {len(years)} years; four are needed")
    guards, rate, year = years["guards"], years[f"rate_{source}"], years["year"]
    consecutive = year.diff().eq(1)
    rows = [
        _correlation("levels", guards, rate),
        _correlation("differences", guards.diff()[consecutive], rate.diff()[consecutive]),
        _correlation("detrended", _detrended(guards, year), _detrended(rate, year), partialled=1),
        _correlation("time index", year, rate),
    ]
    press = years.loc[years["flags"].str.contains("press"), "year"].astype("str")
    text = "{year}: the rate rests on a preliminary total from the press"
    notes = [Note(text, year=item) for item in press]
    notes += _double_notes(guard_strength_national, series, set(year))
    return ModelResult(
        model="guard-annual",
        formula=f"correlation of year-end {series} with rate_{source}",
        parameters={"series": series, "source": source},
        sources=(STRENGTH, *ANNUAL[source], "conapo_population_state_year"),
        period=(str(year.min()), str(year.max())),
        observations=len(years),
        states=32,
        inference="Fisher z, 95 %",
        unit="correlation",
        rows=pd.DataFrame(rows),
        notes=tuple(notes),
        fitted=years,
    )


def select_year_end(guard_strength_national: pd.DataFrame, series: str) -> pd.DataFrame:
    """Give December's total of one family of Guard totals.

    Parameters
    ----------
    guard_strength_national : pandas.DataFrame
        Dated totals: ``date, concept, guards``.
    series : str
        The family, as in `fit_guard_annual`; ``assigned_inegi`` takes the figure including heads of
        units where INEGI's plain one is lacking.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``year, guards`` (persons), ``concept``.

    Examples
    --------
    >>> from analysis import load_table
    >>> totals = select_year_end(load_table("guard_strength_national"), "force_strength")
    >>> totals.set_index("year")["guards"].tail(3).to_dict()
    {2023: 127438, 2024: 137716, 2025: 121247}
    """
    concepts = [series, "assigned_inegi_including_heads"][: 2 if series == "assigned_inegi" else 1]
    table = guard_strength_national
    december = table[table["date"].str.match(r"\d{4}-12") & table["concept"].isin(concepts)]
    rank = december["concept"].map({concept: i for i, concept in enumerate(concepts)})
    ordered = december.assign(year=december["date"].str[:4].astype("int64"), rank=-rank)
    ordered = ordered.sort_values(["year", "rank"], kind="stable")
    return ordered.drop_duplicates("year", keep="last")[["year", "guards", "concept"]]


def _double_notes(table: pd.DataFrame, series: str, years: set[int]) -> list[Note]:
    """Say in which December one concept has two totals."""
    december = table[table["date"].str.match(r"\d{4}-12") & table["concept"].eq(series)]
    notes = []
    for year, guards in december.groupby(december["date"].str[:4])["guards"]:
        if len(guards) > 1 and int(year) in years:
            text = "{year}: two totals, {first} and {last}; the last is used"
            notes.append(Note(text, year=year, first=guards.iloc[0], last=guards.iloc[-1]))
    return notes


def _detrended(values: pd.Series, year: pd.Series) -> pd.Series:
    values = values.astype("float64")
    slope, level = np.polyfit(year, values, 1)
    return values - (level + slope * year)


def _correlation(
    term: str, first: pd.Series, second: pd.Series, *, partialled: int = 0
) -> dict[str, Any]:
    n = len(first)
    estimate = float(np.corrcoef(first.astype("float64"), second)[0, 1]) if n > 2 else np.nan
    low, high = fisher_interval(estimate, n - 3 - partialled)
    return {"term": term, "estimate": estimate, "conf_low": low, "conf_high": high, "n": n}


def select_annual(
    national_year: pd.DataFrame, guard_strength_national: pd.DataFrame
) -> pd.DataFrame:
    """Put the annual correlations of every series and source under each other.

    Parameters
    ----------
    national_year, guard_strength_national : pandas.DataFrame
        As in `fit_guard_annual`.

    Returns
    -------
    pandas.DataFrame
        Rows of `fit_guard_annual` with ``series, source, first, last``; a pair with fewer than
        four common years is left out.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_annual(load_table("national_year"), load_table("guard_strength_national"))
    >>> levels = rows[(rows["term"] == "levels") & (rows["source"] == "inegi")]
    >>> levels.set_index("series")["n"].to_dict()
    {'force_strength': 5, 'assigned_inegi': 5, 'deployed': 4}
    """
    frames = []
    for series in get_args(Series):
        for source in SOURCES:
            try:
                result = fit_guard_annual(
                    national_year, guard_strength_national, series=series, source=source
                )
            except ModelError:
                continue
            first, last = result.period
            rows = result.tidy().assign(series=series, source=source, first=first, last=last)
            frames.append(rows)
    frame = pd.concat(frames, ignore_index=True)
    totals = (name for names in ANNUAL.values() for name in names)
    return credit(
        frame, [STRENGTH, *totals, "conapo_population_state_year"], estimate="correlation"
    )
