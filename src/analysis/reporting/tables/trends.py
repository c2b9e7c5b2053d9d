"""Tables of the states' trends."""

import pandas as pd

from analysis.geography import find_state
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, number, p_value
from analysis.reporting.text import translate as _


def table_trends(trends: pd.DataFrame) -> Cells:
    """Write the states' trends with interval, q-value and direction, the pooled one last.

    Parameters
    ----------
    trends : pandas.DataFrame
        Rows of `analysis.fit_state_trend`.

    Returns
    -------
    Cells
        One row a state, in % a year.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> cells = table_trends(fit_state_trend(load_panel(), state="Jalisco").tidy())
    >>> cells.body[0][:3]
    ['Jalisco', '▼ falling', '−10.6%']
    """
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
                ends(row),
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
    return cells(rows, labels, 2)
