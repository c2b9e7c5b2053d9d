"""Tables of the National Guard and of what it goes together with."""

import pandas as pd

from analysis.modelling.result import Note
from analysis.reporting.exhibits import Cells
from analysis.reporting.figures.guard import FAMILIES, SPECIFICATION_NAMES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.figures.robustness import INFERENCES, VARIANTS
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import code, number, p_value, percent
from analysis.reporting.text import translate as _

STATUS = {"final": Note("final"), "plan": Note("plan"), "press_report": Note("press report")}


def table_elasticities(elasticities: pd.DataFrame) -> Cells:
    """Write elasticities with interval, p-value and the smallest detectable one."""
    rows = [
        [
            _(SPECIFICATION_NAMES[row["specification"]]),
            number(row["estimate"], 3),
            ends(row, 3),
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
    return cells(rows, labels, 1)


def table_correlations(correlations: pd.DataFrame) -> Cells:
    """Write the four annual correlations of each series and source, side by side."""
    rows = []
    for (series, source), some in correlations.groupby(["series", "source"], sort=False):
        by_term = some.set_index("term")
        texts = [
            f"{number(by_term.loc[term, 'estimate'], 2)} [{ends(by_term.loc[term], 2)}]".replace(
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
    return cells(rows, labels, 2)


def table_strength(totals: pd.DataFrame) -> Cells:
    """Write dated Guard totals with definition and source; definitions are never mixed."""
    rows = [
        [
            code(row["date"]),
            _(FAMILIES[row["concept"]][0]),
            number(row["guards"]),
            str(row["source"]),
            _(STATUS[row["status"]]),
        ]
        for __, row in totals.sort_values(["month", "concept"], kind="stable").iterrows()
        if row["concept"] in FAMILIES
    ]
    labels = [_("Date"), _("Definition"), _("Guards"), _("Source"), _("Status")]
    return Cells(labels, rows, [False, False, True, False, False], {})


def table_inferences(rows: pd.DataFrame) -> Cells:
    """Write one elasticity under every inference: error, interval, p-value, detectable, draws."""
    body = [
        [
            _(INFERENCES[row["inference"]]),
            number(row["estimate"], 3),
            number(row["std_error"], 3),
            ends(row, 3),
            p_value(row["p_value"]),
            number(row["detectable"], 2),
            number(row["draws"]),
        ]
        for __, row in rows.iterrows()
    ]
    labels = [
        _("Inference"),
        _("Elasticity"),
        _("Standard error"),
        _("95% interval or range"),
        _("p"),
        _("Smallest detectable"),
        _("Draws"),
    ]
    return cells(body, labels, 1)


def table_dynamics(rows: pd.DataFrame) -> Cells:
    """Write elasticities at every third lag and lead, variants side by side, with p-values.

    ``rows`` are those of `fit_guard_dynamics`; the p-value is that of the permutation, of
    ``reverse`` that clustered by state.
    """
    single = rows.dropna(subset=["lag"])
    shown = single[single["lag"] % 3 == 0].assign(
        p=lambda some: some["p_permutation"].fillna(some["p_value"])
    )
    body = []
    for lag, some in shown.groupby("lag"):
        texts = {
            row["variant"]: f"{number(row['estimate'], 2)} [{p_value(row['p'])}]"
            for __, row in some.iterrows()
        }
        body.append([number(lag), *(texts.get(variant, "–") for variant in VARIANTS)])
    labels = [_("Months"), *(_(name) for name, *__ in VARIANTS.values())]
    return cells(body, labels, 0)


def table_power(rows: pd.DataFrame) -> Cells:
    """Write the smallest detectable elasticity by formula and in placebo panels, and the size.

    ``rows`` are those of `fit_power`.
    """
    body = [
        [
            _(INFERENCES[row["term"]]),
            number(row["std_error"], 3),
            number(row["estimate"], 2),
            number(row["simulated"], 2),
            percent(row["size"], 1),
            _("{low} to {high}").format(
                low=percent(row["size_low"], 1), high=percent(row["size_high"], 1)
            ),
            number(row["draws"]),
        ]
        for __, row in rows.iterrows()
    ]
    labels = [
        _("Test at 5%"),
        _("Standard error"),
        _("Smallest detectable, by formula"),
        _("in placebo panels"),
        _("Finds something in placebo panels"),
        _("95% interval"),
        _("Panels"),
    ]
    return cells(body, labels, 1)


def table_curve(rows: pd.DataFrame) -> Cells:
    """Write what all specifications say together, and what joint permutation gives.

    ``rows`` are the summary rows of `fit_multiverse`.
    """
    names = {
        "median": _("median elasticity, all"),
        "share significant": _("share significant by the score test, all"),
        "median within states": _("median elasticity, within states"),
        "share significant within states": _("share significant by the score test, within states"),
    }
    body = []
    for __, row in rows.iterrows():
        share = "share" in row["term"]
        low, value, high = (
            percent(row[name], 1) if share else number(row[name], 3)
            for name in ("null_low", "estimate", "null_high")
        )
        swapped = _("{low} to {high}").format(low=low, high=high)
        count = number(row["specifications"])
        body.append([names[row["term"]], value, swapped, p_value(row["p_value"]), count])
    labels = [
        _("Of the specifications"),
        _("Found"),
        _("95% of swapped panels"),
        _("p"),
        _("Specifications"),
    ]
    return cells(body, labels, 1)
