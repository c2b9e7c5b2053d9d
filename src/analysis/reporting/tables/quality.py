"""Tables of marks, faults and revisions."""

import pandas as pd

from analysis.geography import find_state, states
from analysis.reporting.figures.quality import RULES, SURENESS
from analysis.reporting.marks import explain
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, code, month, number
from analysis.reporting.text import translate as _


def table_marks(marks: pd.DataFrame) -> Cells:
    """Write which cells are flagged or corrected, where and since when.

    Cells of all states stand together where all are concerned.

    Parameters
    ----------
    marks : pandas.DataFrame
        Rows of `analysis.select_marks`.

    Returns
    -------
    Cells
        One row a flag.

    Examples
    --------
    >>> from analysis import load_panel, select_marks
    >>> table_marks(select_marks(load_panel())).body[1][0]
    "Guard figure corrected: three states carried each other's figures"
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
    """Write what the quality rules found: where, what stands there, what was expected, whose it is.

    Parameters
    ----------
    findings : pandas.DataFrame
        Rows of `analysis.fit_quality`.

    Returns
    -------
    Cells
        One row a finding.

    Examples
    --------
    >>> from analysis import fit_quality, load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_state_year", "inegi_homicides_state_press"]
    >>> frames = [load_panel(corrections="off"), load_panel(), *map(load_table, names)]
    >>> table_findings(fit_quality(*frames).tidy()).body[0][:2]
    ['month repeated in many states', '28 states']
    """
    rows = [
        [
            _(RULES[row["term"]][0]),
            _place(row),
            code(row["month"]),
            number(row["found"]),
            number(row["expected"]),
            _whose(row),
            _(SURENESS[row["sure"]]),
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
        _("Figure of"),
        _("How sure"),
        _("Corrected to"),
        _("Recorded"),
    ]
    numbers = [False, False, False, True, True, False, False, True, False]
    return Cells(labels, rows, numbers, {})


def _place(row: pd.Series) -> str:
    if pd.notna(row["cve_ent"]):
        return find_state(row["cve_ent"]).name
    if pd.isna(row["units"]) or row["units"] == len(states()):
        return _("all 32 states")
    return _("{units} states").format(units=number(row["units"]))


def _whose(row: pd.Series) -> str:
    """Name the state or the month whose figure was found in the cell."""
    if pd.isna(row["partner"]):
        return "–"
    return find_state(row["partner"]).name if row["term"] == "permuted" else code(row["partner"])


def table_revisions(ratios: pd.DataFrame) -> Cells:
    """Write preliminary against final totals, then what is expected of totals still preliminary.

    Parameters
    ----------
    ratios : pandas.DataFrame
        Rows of `analysis.fit_measurement`.

    Returns
    -------
    Cells
        One row a total, in deaths.

    Examples
    --------
    >>> from analysis import fit_measurement, load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_national"]
    >>> cells = table_revisions(fit_measurement(load_panel(), *map(load_table, names)).tidy())
    >>> cells.body[0][:4]
    ['2013', '22,732', '23,063', '+1.5%']
    """
    rows, between = [], _("{low} to {high}")
    for __, row in ratios[ratios["kind"] == "revision"].sort_values("term").iterrows():
        counts = [number(row["denominator"]), number(row["numerator"])]
        rows.append([code(row["term"]), *counts, change((row["estimate"] - 1) * 100), "–", "–"])
    for __, row in ratios[ratios["kind"] == "mean revision"].iterrows():
        names = ("estimate", "low", "high", "conf_low", "conf_high")
        middle, low, high, conf_low, conf_high = (change((row[name] - 1) * 100) for name in names)
        rows.append(
            [
                _("mean of {n}").format(n=number(row["revisions"])),
                "–",
                "–",
                middle,
                between.format(low=low, high=high),
                between.format(low=conf_low, high=conf_high),
            ]
        )
    for __, row in ratios[ratios["kind"] == "expected final"].sort_values("term").iterrows():
        rows.append(
            [
                _("{period}, expected").format(period=code(row["term"])),
                number(row["denominator"]) + " p",
                number(row["estimate"]),
                change((row["estimate"] / row["denominator"] - 1) * 100),
                between.format(low=number(row["low"]), high=number(row["high"])),
                ends(row, 0),
            ]
        )
    labels = [
        _("Total of"),
        _("Preliminary"),
        _("Final"),
        _("Revision"),
        _("By the smallest and largest"),
        _("95% interval"),
    ]
    return cells(rows, labels, 1, "inegi_preliminary")
