"""What the figures of an official file themselves make doubtful, by the rules for faults."""

from typing import Any

import pandas as pd

from analysis.errors import ModelError
from analysis.geography import states
from analysis.modelling.faults import select_faults
from analysis.official.findings import Finding
from analysis.official.read import Reading

# Rule of `select_faults`: kind of finding, and what was expected.
KINDS = {
    "permuted": ("permuted", "the figure of another place in the same month"),
    "outlier": ("outlier", "a figure near its neighbours in time"),
    "zero": ("zero", "a figure, since the months around have some"),
    "step": ("step", "a level that lasts"),
    "repeat": ("copied month", "figures of its own"),
    "block": ("copied month", "figures of its own in most states"),
    "copied year": ("copied month", "figures of its own in most months"),
    "truncated": ("incomplete", "a last month as high as those before"),
}
# One series by state and time is looked at for each value of ``by``.
SERIES: dict[str, dict[str, Any]] = {
    "sesnsp_victims_state": {"value": "victims", "by": "subtype", "kind": "count"},
    "sesnsp_victims_state_2026": {"value": "victims", "by": "subtype", "kind": "count"},
    "sesnsp_files_state": {"value": "files", "by": "subtype", "kind": "count"},
    "sesnsp_files_state_2026": {"value": "files", "by": "subtype", "kind": "count"},
    "sesnsp_files_municipality": {"value": "files", "by": "subtype", "kind": "count"},
    "sesnsp_files_municipality_2026": {"value": "files", "by": "subtype", "kind": "count"},
    "inegi_homicides_municipality_registered": {"value": "deaths", "by": "''", "kind": "count"},
    "conapo_population_state": {"value": "population", "by": "sex", "kind": "stock"},
    "guard_deployment": {"value": "guards", "by": "definition", "kind": "stock"},
}
# So many findings of one rule and series are told; the rest is counted.
TOLD = 5
SURE = {"certain": 0, "likely": 1, "possible": 2}


def find_faults(reading: Reading) -> list[Finding]:
    """Look for copied months, exchanged places, outliers and the like, state by state.

    The rules are those of `analysis.modelling.faults.select_faults`; findings are warnings, for
    the figures are kept as they are.
    """
    if reading.table not in SERIES:
        return []
    series = SERIES[reading.table]
    time = "year" if "conapo" in reading.table else "month"
    value = series["value"]
    frame = reading.con.execute(
        f"SELECT CAST({series['by']} AS VARCHAR) AS series, CAST(cve_ent AS VARCHAR) AS cve_ent, "
        f"{time}, CASE WHEN count({value}) = count(*) THEN CAST(sum({value}) AS DOUBLE) END "
        "AS value FROM tidy WHERE cve_ent <= '32' GROUP BY ALL ORDER BY ALL"
    ).df()
    starts = reading.con.execute("SELECT series, cve_ent, time, line FROM starts").fetchall()
    lines = {(str(name), str(state), time): line for name, state, time, line in starts}
    findings = []
    for name, part in frame.groupby("series", sort=True):
        findings += _look(str(name), part, time, series["kind"], lines, reading.columns)
    return findings


def _look(
    name: str,
    part: pd.DataFrame,
    time: str,
    kind: Any,
    lines: dict[tuple[str, str, str], int],
    columns: dict[int, str],
) -> list[Finding]:
    period = 12 if time == "month" else 1
    try:
        found = select_faults(
            part, unit="cve_ent", time=time, value="value", kind=kind, period=period
        )
    except ModelError:
        # Too few months to judge any of them.
        return []
    found = found[found["term"].isin(KINDS)]
    # The surest and largest first, since not all of many are told.
    found = found.assign(sure_of=found["sure"].map(SURE), size=-found["estimate"].abs())
    found = found.sort_values(["term", "sure_of", "size"], kind="stable")
    findings = []
    for term, rows in found.groupby("term", sort=False):
        findings += [_finding(row, name, time, lines, columns) for row in rows[:TOLD].itertuples()]
        if len(rows) > TOLD:
            kind_of, expected = KINDS[str(term)]
            more = f"{len(rows) - TOLD} more such{' in ' + name if name else ''}"
            findings.append(Finding("warning", kind_of, more, expected, "Kept as they are"))
    return findings


def _finding(
    row: Any,
    name: str,
    time: str,
    lines: dict[tuple[str, str, str], int],
    columns: dict[int, str],
) -> Finding:
    """Tell one fault; its row is the first of those that make up the figure."""
    kind, expected = KINDS[row.term]
    names = {state.cve_ent: state.name for state in states()}
    when = getattr(row, time)
    texts = (f"{when:%Y-%m}", f"{when:%Y}") if time == "month" else (str(when),)
    where = [names.get(row.cve_ent, ""), name, texts[0]]
    figure = f" {row.found:,.0f}" if pd.notna(row.found) else ""
    likely = f", about {row.expected:,.0f}" if pd.notna(row.expected) else ""
    note = f". {row.note}" if isinstance(row.note, str) and row.note else ""
    held = (lines.get((name, str(row.cve_ent), text)) for text in texts)
    return Finding(
        "warning",
        kind,
        f"{', '.join(filter(None, where))}{figure} ({row.sure})",
        f"{expected}{likely}",
        f"Kept as it is{note}",
        next(filter(None, held), None),
        columns.get(when.month if time == "month" else 0),
    )
