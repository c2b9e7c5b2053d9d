"""Faults in this project's tables, found from the tables themselves."""

from typing import Literal

import numpy as np
import pandas as pd

from analysis.calendar import month_span, month_text
from analysis.modelling.chance import Kind
from analysis.modelling.faults import select_faults
from analysis.modelling.result import ModelResult
from analysis.modelling.sums import find_broken_totals, find_implied_populations
from analysis.parameters import COMPLETE, SOURCES, check

# Column of the panel, raw table, kind of figure, and how the flags of the figure begin.
SEARCHED: dict[str, tuple[str, str, Kind, str]] = {
    "guard": ("guards", "guard_deployment_state_month", "stock", "guards"),
    "sesnsp": ("homicides_sesnsp", SOURCES["sesnsp"], "count", "sesnsp"),
    "inegi": ("homicides_inegi", SOURCES["inegi"], "count", "inegi"),
    "femicides": ("femicides", SOURCES["sesnsp"], "count", "sesnsp"),
    "negligent": ("negligent_homicides", SOURCES["sesnsp"], "count", "sesnsp"),
}
RULES = (
    "permuted",
    "outlier",
    "zero",
    "step",
    "repeat",
    "block",
    "copied year",
    "truncated",
    "incomplete",
    "total",
    "population",
)
PLACES = ["partner", "units", "note"]
COLUMNS = ["term", "cve_ent", "month", "found", "expected", "estimate", "sure", *PLACES]


def fit_quality(
    panel_as_found: pd.DataFrame,
    panel: pd.DataFrame,
    national_year: pd.DataFrame,
    inegi_homicides_state_year: pd.DataFrame,
    inegi_homicides_state_press: pd.DataFrame,
    *,
    source: Literal["guard", "sesnsp", "inegi", "femicides", "negligent"] = "guard",
) -> ModelResult:
    """Look for faults in one source: outliers, exchanged and missing cells, copies, sums.

    Parameters
    ----------
    panel_as_found, panel : pandas.DataFrame
        One row a state and month, before and after corrections; the second tells which findings
        have a recorded correction.
    national_year, inegi_homicides_state_year, inegi_homicides_state_press : pandas.DataFrame
        Totals and press figures that the INEGI counts are held against.
    source : {"guard", "sesnsp", "inegi", "femicides", "negligent"}
        Which figures to search: guards deployed, intentional homicides of either source, SESNSP's
        femicides and negligent homicides.

    Returns
    -------
    ModelResult
        A row a finding: ``term`` = rule (see `RULES`), ``cve_ent``, ``month`` or year, ``found``,
        ``expected``, ``estimate`` = log(found / expected), ``sure`` (``certain, likely,
        possible``), ``partner`` (state whose figure stands here, or month that is repeated),
        ``units`` (how many states), ``note``, ``corrected`` (recorded value, missing where none),
        ``recorded`` (whether a correction or flag is recorded).

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_state_year", "inegi_homicides_state_press"]
    >>> frames = [load_panel(corrections="off"), load_panel(), *map(load_table, names)]
    >>> found = fit_quality(*frames).tidy().query("term == 'permuted'")
    >>> found[["cve_ent", "month", "partner"]].to_numpy().tolist()
    [['05', '2021-03', '06'], ['06', '2021-03', '09'], ['09', '2021-03', '05']]
    """
    check(fit_quality, {"source": source})
    column, table, kind, flag = SEARCHED[source]
    found = select_faults(panel_as_found, unit="cve_ent", time="month", value=column, kind=kind)
    findings = [found.assign(month=found["month"].map(month_text))]
    if source == "inegi":
        findings.append(_incomplete_years(national_year))
        findings.append(_totals_off(inegi_homicides_state_year, national_year))
        findings.append(_implied_populations(inegi_homicides_state_press, panel_as_found))
    some = [rows for rows in findings if len(rows)] or findings[:1]
    rows = pd.concat(some, ignore_index=True).astype({"cve_ent": "str"})
    known = panel_as_found.dropna(subset=[column])
    return ModelResult(
        model="quality",
        formula=f"rules: {', '.join(RULES)}",
        parameters={"source": source},
        sources=(table,),
        period=month_span(known["month"]),
        observations=len(known),
        states=known["cve_ent"].nunique(),
        inference="each rule speaks by chance in 1 % of clean tables; other thresholds are fixed",
        unit="log(found / expected)",
        rows=_with_corrections(rows, panel, column, flag),
    )


def _incomplete_years(national_year: pd.DataFrame) -> pd.DataFrame:
    years = national_year[national_year["completeness_inegi"].lt(COMPLETE)]
    official = years["homicides_inegi"].astype("float64")
    cells = {
        "month": years["year"].astype("str"),
        "found": years["completeness_inegi"] * official,
        "expected": official,
    }
    return _as_rows(pd.DataFrame(cells), "incomplete", "certain")


def _totals_off(state_year: pd.DataFrame, national_year: pd.DataFrame) -> pd.DataFrame:
    totals = national_year.rename(columns={"homicides_inegi": "homicides"})
    columns = {"unit": "cve_ent", "time": "year", "value": "homicides"}
    found = find_broken_totals(state_year, totals, **columns)
    return _as_rows(found.assign(month=found["time"].astype("str")), "total", "certain")


def _implied_populations(press: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    people = panel.assign(year=panel["month"].dt.year)[["cve_ent", "year", "population"]]
    both = press.merge(people.drop_duplicates(), on=["cve_ent", "year"])
    columns = {"unit": "cve_ent", "time": "year", "value": "homicides"}
    found = find_implied_populations(both, "rate_per_100k", "population", **columns)
    found = found.assign(cve_ent=found["unit"], month=found["time"].astype("str"))
    return _as_rows(found, "population", "possible")


def _as_rows(cells: pd.DataFrame, term: str, sure: str) -> pd.DataFrame:
    ratio = cells["found"].astype("float64") / cells["expected"].astype("float64")
    rows = cells.assign(term=term, sure=sure, estimate=np.log(ratio)).reindex(columns=COLUMNS)
    return rows.astype({"found": "float64", "expected": "float64"})


def _with_corrections(
    rows: pd.DataFrame, panel: pd.DataFrame, column: str, flag: str
) -> pd.DataFrame:
    """Say which findings a correction or a flag of the same figure already records."""
    known = panel[["cve_ent", column, "flags"]].assign(month=panel["month"].map(month_text))
    rows = rows.merge(known, how="left", on=["cve_ent", "month"])
    own = rows["flags"].fillna("")
    changed = own.str.contains(f"{flag}_(?:corrected|missing)")
    step = rows["term"].eq("step") & own.str.contains(f"{flag}_break")
    by_month = known.groupby("month")["flags"].agg(";".join)
    by_year = known.groupby(known["month"].str[:4])["flags"].agg(";".join)
    stale = rows["month"].map(by_month).fillna("").str.contains(f"{flag}_stale")
    incomplete = rows["month"].map(by_year).fillna("").str.contains(f"{flag}_incomplete")
    repeat, year = rows["term"].eq("repeat") & stale, rows["term"].eq("incomplete") & incomplete
    corrected = rows[column].where(changed).astype("Float64")
    rows["units"] = rows["units"].astype("Float64").astype("Int64")
    return rows.drop(columns=[column, "flags"]).assign(
        corrected=corrected, recorded=changed | step | repeat | year
    )
