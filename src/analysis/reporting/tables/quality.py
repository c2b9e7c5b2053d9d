"""Tables of marks and faults."""

import pandas as pd

from analysis.geography import find_state
from analysis.reporting.exhibits import Cells
from analysis.reporting.marks import explain
from analysis.reporting.tables.cells import cells
from analysis.reporting.text import code, month, number
from analysis.reporting.text import translate as _


def table_marks(marks: pd.DataFrame) -> Cells:
    """Write which cells are flagged or corrected, where and since when.

    ``marks`` are rows of `select_marks`; cells of all states together where all are concerned.
    """
    rows = []
    for flag, some in marks.groupby("flag"):
        names = sorted(some["state"].unique())
        where = _("all 32 states") if len(names) == 32 else ", ".join(names)
        first, last = month(some["first"].min()), month(some["last"].max())
        marked = number(some["cells"].sum())
        rows.append([explain(str(flag)), where, first, last, marked])
    labels = [_("What"), _("Where"), _("First month"), _("Last month"), _("Cells")]
    return cells(rows, labels, 4)


def table_findings(findings: pd.DataFrame) -> Cells:
    """Write what the quality rules found: where, what stands there, what was expected."""
    rules = {
        "outlier": _("outlier"),
        "zero": _("doubtful zero"),
        "repeat": _("month repeated in all states"),
        "incomplete": _("year incomplete"),
        "total": _("total off"),
        "population": _("implied population off"),
    }
    rows = [
        [
            rules[row["term"]],
            find_state(row["cve_ent"]).name if pd.notna(row["cve_ent"]) else _("all 32 states"),
            code(row["month"]),
            number(row["found"]),
            number(row["expected"]),
            number(row["corrected"]),
            _("yes") if row["recorded"] else _("no"),
        ]
        for __, row in findings.iterrows()
    ]
    labels = [
        _("Rule"),
        _("State"),
        _("Month"),
        _("Found"),
        _("Expected"),
        _("Corrected to"),
        _("Recorded"),
    ]
    return Cells(labels, rows, [False, False, False, True, True, True, False], {})
