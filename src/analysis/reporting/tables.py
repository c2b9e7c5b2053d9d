"""Tables ready to read: a frame in, labels and formatted text out; marks beside flagged cells."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.geography import find_state
from analysis.reporting.exhibits import Cells
from analysis.reporting.figures.guard import FAMILIES, SPECIFICATION_NAMES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.marks import explain, legend, marked
from analysis.reporting.text import change, code, month, number, p_value, percent
from analysis.reporting.text import translate as _


def _cells(rows: list[list[str]], labels: list[str], text_columns: int, flags: str = "") -> Cells:
    numbers = [place >= text_columns for place in range(len(labels))]
    return Cells(labels, rows, numbers, legend(flags))


def _ends(row: pd.Series, digits: int = 1) -> str:
    low, high = number(row["conf_low"], digits), number(row["conf_high"], digits)
    return "–" if low == "–" else _("{low} to {high}").format(low=low, high=high)


def _window(row: pd.Series, which: str) -> str:
    ends = {"first": code(row[f"{which}first"]), "last": code(row[f"{which}last"])}
    return _("{first} to {last}").format(**ends)


def table_years(years: pd.DataFrame) -> Cells:
    """Write national totals by year: both sources, preliminary and final, rates, ratio.

    ``years`` are rows of ``national_year``.
    """
    rows = []
    for __, row in years.sort_values("year", ascending=False).iterrows():
        flags = str(row["flags"])
        rows.append(
            [
                str(row["year"]),
                marked(number(row["homicides_sesnsp_filled"]), flags, "sesnsp"),
                number(row["rate_sesnsp"], 1),
                marked(number(row["homicides_inegi"]), flags, "inegi"),
                number(row["preliminary_inegi"]),
                number(row["rate_inegi"], 1),
                percent(row["homicides_sesnsp_filled"] / row["homicides_inegi"]),
                percent(row["completeness_inegi"]),
            ]
        )
    labels = [
        _("Year"),
        _("SESNSP victims"),
        _("SESNSP rate"),
        _("INEGI deaths"),
        _("INEGI preliminary"),
        _("INEGI rate"),
        _("SESNSP / INEGI"),
        _("INEGI monthly table, completeness"),
    ]
    return _cells(rows, labels, 1, ";".join(years["flags"]))


def table_half_years(halves: pd.DataFrame) -> Cells:
    """Write both sources' January to June, year by year.

    ``halves`` are rows of `select_half_years`.
    """
    rows = [
        [
            str(row["year"]),
            number(row["homicides_inegi"]) + (" p" if row["status_inegi"] == "preliminary" else ""),
            number(row["homicides_sesnsp"]),
            percent(row["ratio"], 1),
        ]
        for __, row in halves.iterrows()
    ]
    labels = [_("January to June"), _("INEGI deaths"), _("SESNSP victims"), _("SESNSP / INEGI")]
    return _cells(rows, labels, 1, "inegi_preliminary")


def table_administrations(rates: pd.DataFrame) -> Cells:
    """Write rates by administration and their ratios over equal windows, with intervals.

    ``rates`` are rows of `fit_administrations` with a column ``source``.
    """
    rows = []
    for __, row in rates.iterrows():
        later, __, earlier = str(row["term"]).partition("/")
        name = PRESIDENTS[later]
        if earlier:
            name = _("{later} against {earlier}").format(later=name, earlier=PRESIDENTS[earlier])
        window = _window(row, "")
        if earlier:
            window += ", " + _window(row, "against_")
        digits = 2 if earlier else 1
        rows.append(
            [
                name,
                _(SOURCE_NAMES[row["source"]]),
                window,
                number(row["months"]),
                marked(number(row["deaths"]), str(row["flags"]), row["source"]),
                number(row["estimate"], digits) + (" ×" if earlier else ""),
                _ends(row, digits),
            ]
        )
    labels = [
        _("Administration"),
        _("Count"),
        _("Months"),
        _("Length"),
        _("Homicides"),
        _("Rate or ratio"),
        _("95% interval"),
    ]
    return _cells(rows, labels, 3, ";".join(rates["flags"]))


def table_trends(trends: pd.DataFrame) -> Cells:
    """Write the states' trends with interval, q-value and direction, the pooled one last."""
    ordered = trends.assign(last=trends["term"] == "pooled").sort_values(["last", "estimate"])
    rows = []
    for __, row in ordered.iterrows():
        pooled = row["term"] == "pooled"
        direction = row["direction"]
        rows.append(
            [
                _("Pooled over the states") if pooled else find_state(row["cve_ent"]).name,
                "–" if pooled else f"{ARROWS[direction]} {_(DIRECTIONS[direction])}",
                change(row["estimate"]),
                _ends(row),
                "–" if pooled else p_value(row["q_value"]),
                number(row["deaths"]),
                number(row["alpha"], 3),
            ]
        )
    labels = [
        _("State"),
        _("Direction"),
        _("% a year"),
        _("95% interval"),
        _("q-value"),
        _("Homicides"),
        _("Dispersion α"),
    ]
    return _cells(rows, labels, 2)


def table_elasticities(elasticities: pd.DataFrame) -> Cells:
    """Write elasticities with interval, p-value and the smallest detectable one."""
    rows = [
        [
            _(SPECIFICATION_NAMES[row["specification"]]),
            number(row["estimate"], 3),
            _ends(row, 3),
            p_value(row["p_value"]),
            number(row["detectable"], 2),
            number(row["observations"]),
            number(row["states"]),
        ]
        for __, row in elasticities.iterrows()
    ]
    labels = [
        _("Specification"),
        _("Elasticity"),
        _("95% interval"),
        _("p (crv1)"),
        _("Smallest detectable"),
        _("State-months"),
        _("States"),
    ]
    return _cells(rows, labels, 1)


def table_correlations(correlations: pd.DataFrame) -> Cells:
    """Write the four annual correlations of each series and source, side by side."""
    rows = []
    for (series, source), some in correlations.groupby(["series", "source"], sort=False):
        by_term = some.set_index("term")
        texts = [
            f"{number(by_term.loc[term, 'estimate'], 2)} [{_ends(by_term.loc[term], 2)}]".replace(
                " [–]", ""
            )
            for term in ("levels", "differences", "detrended", "time index")
        ]
        n = number(by_term.loc["levels", "n"])
        rows.append([_(FAMILIES[series][0]), _(SOURCE_NAMES[source]), *texts, n])
    labels = [
        _("Guard series"),
        _("Homicide source"),
        _("Levels"),
        _("Differences"),
        _("Detrended"),
        _("Bare year"),
        _("Years"),
    ]
    return _cells(rows, labels, 2)


def table_strength(totals: pd.DataFrame) -> Cells:
    """Write dated Guard totals with definition and source; definitions are never mixed."""
    rows = [
        [
            code(row["date"]),
            _(FAMILIES[row["concept"]][0]),
            number(row["guards"]),
            str(row["source"]),
            str(row["status"]),
        ]
        for __, row in totals.sort_values(["month", "concept"], kind="stable").iterrows()
        if row["concept"] in FAMILIES
    ]
    labels = [_("Date"), _("Definition"), _("Guards"), _("Source"), _("Status")]
    return Cells(labels, rows, [False, False, True, False, False], {})


def table_marks(marks: pd.DataFrame) -> Cells:
    """Write which cells are flagged or corrected, where and since when.

    ``marks`` are rows of `select_marks`; cells of all states together where all are concerned.
    """
    rows = []
    for flag, some in marks.groupby("flag"):
        names = sorted(some["state"].unique())
        where = _("all 32 states") if len(names) == 32 else ", ".join(names)
        first, last = month(some["first"].min()), month(some["last"].max())
        cells = number(some["cells"].sum())
        rows.append([explain(str(flag)), where, first, last, cells])
    labels = [_("What"), _("Where"), _("First month"), _("Last month"), _("Cells")]
    return _cells(rows, labels, 4)


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


def table_state_years(years: pd.DataFrame) -> Cells:
    """Write a state's yearly homicides, rate and rank from both sources, latest first."""
    rows = []
    for __, row in years.sort_values("year", ascending=False).iterrows():
        flags = str(row["flags"])
        rows.append(
            [
                str(row["year"]),
                marked(number(row["homicides_sesnsp"]), flags, "sesnsp"),
                number(row["rate_sesnsp"], 1),
                number(row["rank_sesnsp"]),
                marked(number(row["homicides_inegi"]), flags, "inegi"),
                number(row["rate_inegi"], 1),
                number(row["rank_inegi"]),
            ]
        )
    labels = [
        _("Year"),
        _("SESNSP victims"),
        _("SESNSP rate"),
        _("SESNSP rank"),
        _("INEGI deaths"),
        _("INEGI rate"),
        _("INEGI rank"),
    ]
    every = ";".join(years["flags"]).split(";")
    shown = [flag for flag in every if flag.startswith(("sesnsp", "inegi"))]
    return _cells(rows, labels, 1, ";".join(shown))


def table_neighbours(rates: pd.DataFrame) -> Cells:
    """Write a state and its neighbours: rate, rank and trend with intervals."""
    rows = []
    for __, row in rates.iterrows():
        trend_low, trend_high = number(row["trend_low"], 1), number(row["trend_high"], 1)
        rows.append(
            [
                row["state"],
                number(row["homicides"]),
                number(row["rate"], 1),
                _ends(row),
                number(row["rank"]),
                change(row["trend"]),
                _("{low} to {high}").format(low=trend_low, high=trend_high),
                f"{ARROWS[row['direction']]} {_(DIRECTIONS[row['direction']])}",
            ]
        )
    labels = [
        _("State"),
        _("Homicides, 12 months"),
        _("Rate"),
        _("95% interval"),
        _("Rank"),
        _("Trend, % a year"),
        _("95% interval of the trend"),
        _("Direction"),
    ]
    return Cells(labels, rows, [False, True, True, True, True, True, True, False], {})
