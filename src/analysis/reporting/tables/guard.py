"""Tables of the National Guard and of what it goes together with."""

import pandas as pd

from analysis.reporting.figures.guard import FAMILIES, SPECIFICATION_NAMES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.marks import STATUS
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import code, given, number, p_value
from analysis.reporting.text import translate as _


def table_elasticities(elasticities: pd.DataFrame) -> Cells:
    """Write elasticities with interval, p-value and the smallest detectable one.

    Parameters
    ----------
    elasticities : pandas.DataFrame
        Rows of `analysis.select_specifications`.

    Returns
    -------
    Cells
        One row a specification.

    Examples
    --------
    >>> from analysis import load_panel, select_specifications
    >>> rows = select_specifications(load_panel(), load_panel(corrections="off"))
    >>> table_elasticities(rows).body[0][:3]
    ['Within states, same month', '−0.048', '−0.218 to 0.122']
    """
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
    """Write the four annual correlations of each series and source, side by side.

    Parameters
    ----------
    correlations : pandas.DataFrame
        Rows of `analysis.select_annual`.

    Returns
    -------
    Cells
        One row a series of Guard totals and source of homicides.

    Examples
    --------
    >>> from analysis import load_table, select_annual
    >>> rows = select_annual(load_table("national_year"), load_table("guard_strength_national"))
    >>> len(table_correlations(rows).body)
    6
    """
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
    """Write dated Guard totals with definition and source; definitions are never mixed.

    Parameters
    ----------
    totals : pandas.DataFrame
        Rows of `analysis.select_strength`.

    Returns
    -------
    Cells
        One row a total, in persons.

    Examples
    --------
    >>> from analysis import load_table, select_strength
    >>> totals = select_strength(load_table("guard_strength_national"))
    >>> table_strength(totals).body[-1][1:3]
    ['total force (Guard)', '121,247']
    """
    rows = [
        [
            code(row["date"]),
            _(FAMILIES[row["concept"]][0]),
            number(row["guards"]),
            given(row["source"]),
            _(STATUS[row["status"]]),
        ]
        for __, row in totals.sort_values(["month", "concept"], kind="stable").iterrows()
        if row["concept"] in FAMILIES
    ]
    labels = [_("Date"), _("Definition"), _("Guards"), _("Source"), _("Status")]
    return Cells(labels, rows, [False, False, True, False, False], {})
