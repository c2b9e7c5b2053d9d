"""Rules that find faults in a table from the table itself."""

from typing import Literal

import numpy as np
import pandas as pd

from analysis.calendar import PER, find_repeats, month_text
from analysis.modelling.result import ModelResult
from analysis.parameters import COMPLETE, SOURCES, check

# An outlier stands 1.5 times above or below the running median of three.
OUTLIER = np.log(1.5)
# A count's outlier must also lie beyond chance: this many Poisson standard deviations.
CHANCE = 4.0
# A zero is doubted where a Poisson count with the median of its year would give one less often.
DOUBT = 1e-4
# Printed rates carry no more than two digits; populations implied by them agree within this.
IMPLIED = 0.05

COLUMNS = {
    "guard": ("guards", "guard_deployment_state_month"),
    "sesnsp": ("homicides_sesnsp", SOURCES["sesnsp"]),
    "inegi": ("homicides_inegi", SOURCES["inegi"]),
}


def fit_quality(
    panel_as_found: pd.DataFrame,
    panel: pd.DataFrame,
    national_year: pd.DataFrame,
    inegi_homicides_state_year: pd.DataFrame,
    inegi_homicides_state_press: pd.DataFrame,
    *,
    source: Literal["guard", "sesnsp", "inegi"] = "guard",
) -> ModelResult:
    """Look for faults in one source: outliers, zeros that are missing, repeats, sums, populations.

    Parameters
    ----------
    panel_as_found, panel : pandas.DataFrame
        One row a state and month, before and after corrections; the second tells which findings
        have a recorded correction.
    national_year, inegi_homicides_state_year, inegi_homicides_state_press : pandas.DataFrame
        Totals and press figures that the INEGI counts are held against.
    source : {"guard", "sesnsp", "inegi"}
        Which figures to search.

    Returns
    -------
    ModelResult
        A row a finding: ``term`` = rule (``outlier, zero, repeat, incomplete, total,
        population``), ``cve_ent``, ``month`` or year, ``found``, ``expected``, ``estimate`` =
        log(found / expected), ``sure`` (``certain, likely, possible``), ``corrected`` (recorded
        value, missing where none), ``recorded`` (whether a correction or flag is recorded).

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_state_year", "inegi_homicides_state_press"]
    >>> frames = [load_panel(corrections="off"), load_panel(), *map(load_table, names)]
    >>> found = fit_quality(*frames).tidy().query("term == 'outlier'")
    >>> found["cve_ent"].tolist(), found["month"].unique().tolist()
    (['05', '06', '09'], ['2021-03'])
    """
    check(fit_quality, {"source": source})
    column, table = COLUMNS[source]
    figures = panel_as_found.dropna(subset=[column])
    wide = figures.pivot(index="month", columns="cve_ent", values=column).astype("float64")
    findings = [find_outliers(wide, counts=source != "guard"), find_doubtful_zeros(wide)]
    findings.append(find_stale_months(wide))
    if source == "inegi":
        findings.append(_incomplete_years(national_year))
        findings.append(_totals_off(inegi_homicides_state_year, national_year))
        findings.append(_implied_populations(inegi_homicides_state_press, panel_as_found))
    rows = pd.concat([found for found in findings if len(found)] or [findings[0]])
    rows = _with_corrections(rows.reset_index(drop=True), panel, column)
    return ModelResult(
        model="quality",
        formula="rules: outlier, zero, repeat, incomplete, total, population",
        parameters={"source": source},
        sources=(table,),
        period=(month_text(wide.index.min()), month_text(wide.index.max())),
        observations=int(wide.count().sum()),
        states=wide.shape[1],
        inference="none: fixed rules, thresholds in analysis.modelling.quality",
        rows=rows,
    )


def _findings(term: str, cells: pd.DataFrame, sure: str) -> pd.DataFrame:
    columns = ["cve_ent", "month", "found", "expected"]
    frame = cells.reindex(columns=columns).assign(term=term, sure=sure)
    with np.errstate(divide="ignore"):
        ratio = frame["found"].astype("float64") / frame["expected"].astype("float64")
        return frame.assign(estimate=np.log(ratio.where(ratio > 0)))


def _cells(chosen: pd.DataFrame, found: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    where = chosen.stack()
    where = where[where].index
    frame = where.to_frame(index=False).set_axis(["month", "cve_ent"], axis=1)
    values = {"found": found.stack().reindex(where), "expected": expected.stack().reindex(where)}
    frame = frame.assign(**{name: cells.to_numpy() for name, cells in values.items()})
    frame["month"] = frame["month"].map(month_text)
    return frame.sort_values(["cve_ent", "month"])


def find_outliers(wide: pd.DataFrame, *, counts: bool) -> pd.DataFrame:
    """Find cells more than 1.5 times above or below the median of themselves and neighbours.

    Parameters
    ----------
    wide : pandas.DataFrame
        One row a month in order, one column a state.
    counts : bool
        Whether the figures are counts of events, which also vary by chance.

    Returns
    -------
    pandas.DataFrame
        One row a finding, see `fit_quality`; ``expected`` is the median.
    """
    median = wide.rolling(3, center=True, min_periods=3).median()
    positive = wide.gt(0) & median.gt(0)
    distance = np.log(wide.where(positive) / median.where(positive)).abs()
    chosen = distance > OUTLIER
    if counts:
        chosen &= (wide - median).abs() > CHANCE * np.sqrt(median)
    sure = "possible" if counts else "likely"
    return _findings("outlier", _cells(chosen, wide, median), sure)


def find_doubtful_zeros(wide: pd.DataFrame) -> pd.DataFrame:
    """Find zeros where the state's other months make one hardly possible.

    ``expected`` is the median of the positive cells within a year either side.
    """
    usual = wide.where(wide > 0).rolling(25, center=True, min_periods=3).median()
    return _findings("zero", _cells(wide.eq(0) & (np.exp(-usual) < DOUBT), wide, usual), "likely")


def find_stale_months(wide: pd.DataFrame) -> pd.DataFrame:
    """Find months that repeat an earlier one in every state; ``expected`` is left empty."""
    repeats = find_repeats(wide)
    cells = pd.DataFrame(
        {
            "month": [month_text(month) for month in repeats.index],
            "found": wide.loc[repeats.index].sum(axis=1).to_numpy(),
        }
    )
    notes = [f"repeats {month_text(month)}" for month in repeats]
    return _findings("repeat", cells, "certain").assign(note=notes)


def _incomplete_years(national_year: pd.DataFrame) -> pd.DataFrame:
    years = national_year[national_year["completeness_inegi"].lt(COMPLETE)]
    cells = pd.DataFrame(
        {
            "month": years["year"].astype("str"),
            "found": years["completeness_inegi"] * years["homicides_inegi"].astype("float64"),
            "expected": years["homicides_inegi"].astype("float64"),
        }
    )
    return _findings("incomplete", cells, "certain")


def _totals_off(state_year: pd.DataFrame, national_year: pd.DataFrame) -> pd.DataFrame:
    sums = state_year.groupby("year")["homicides"].sum().rename("found").reset_index()
    pair = sums.merge(national_year[["year", "homicides_inegi"]], on="year")
    pair = pair[pair["found"].ne(pair["homicides_inegi"])]
    cells = pair.rename(columns={"homicides_inegi": "expected"}).assign(
        month=pair["year"].astype("str")
    )
    return _findings("total", cells, "certain")


def _implied_populations(press: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    both = press.dropna(subset=["homicides", "rate_per_100k"])
    people = panel.assign(year=panel["month"].dt.year)[["cve_ent", "year", "population"]]
    pair = both.merge(people.drop_duplicates(), on=["cve_ent", "year"])
    implied = pair["homicides"].astype("float64") / pair["rate_per_100k"] * PER
    off = np.log(implied / pair["population"]).abs() > IMPLIED
    cells = pd.DataFrame(
        {
            "cve_ent": pair["cve_ent"],
            "month": pair["year"].astype("str"),
            "found": implied.round(),
            "expected": pair["population"].astype("float64"),
        }
    )
    return _findings("population", cells[off], "possible")


def _with_corrections(rows: pd.DataFrame, panel: pd.DataFrame, column: str) -> pd.DataFrame:
    """Say which findings a correction or a flag of the same figure already records."""
    known = panel[["cve_ent", column, "flags"]].assign(month=panel["month"].map(month_text))
    rows = rows.astype({"cve_ent": "str"}).merge(known, how="left", on=["cve_ent", "month"])
    source = "guards" if column == "guards" else column.removeprefix("homicides_")
    own = rows["flags"].fillna("")
    changed = own.str.contains(f"{source}_(?:corrected|missing)")
    by_month = known.groupby("month")["flags"].agg(";".join)
    by_year = known.groupby(known["month"].str[:4])["flags"].agg(";".join)
    stale = rows["month"].map(by_month).fillna("").str.contains(f"{source}_stale")
    incomplete = rows["month"].map(by_year).fillna("").str.contains(f"{source}_incomplete")
    repeat, year = rows["term"].eq("repeat") & stale, rows["term"].eq("incomplete") & incomplete
    corrected = rows[column].where(changed).astype("Float64")
    return rows.drop(columns=[column, "flags"]).assign(
        corrected=corrected, recorded=changed | repeat | year
    )
