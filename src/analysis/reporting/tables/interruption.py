"""Tables of when the rate changed, and by how much."""

import pandas as pd

from analysis.modelling.result import ModelResult
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, code, month, number, percent
from analysis.reporting.text import translate as _


def name_change(term: str) -> str:
    """Say which change a row of an interruption is.

    Examples
    --------
    >>> name_change("level 2019-07"), name_change("trend")
    ('Level from July 2019', 'Slope before any event, a year')
    """
    kind, __, date = term.partition(" ")
    names = {
        "trend": _("Slope before any event, a year"),
        "level": _("Level from {month}"),
        "slope": _("Slope from {month}, a year"),
        "bend": _("Bend in {month}, a year"),
    }
    return names[kind].format(month=month(date) if date else "")


def _ratio(row: pd.Series) -> str:
    return f"{number(row['estimate'], 2)} [{ends(row, 2)}]"


def table_segments(interruption: ModelResult) -> Cells:
    """Write the changes at events as ratios, by both kinds of inference, beside the placebos.

    Parameters
    ----------
    interruption : ModelResult
        From `analysis.fit_interruption`.

    Returns
    -------
    Cells
        One row a change: ratios with 95 % interval, the share of placebo dates with p < 0.05.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> cells = table_segments(fit_interruption(load_table("national_month"), start="2017-01"))
    >>> [row[0] for row in cells.body][:3]
    ['Slope before any event, a year', 'Level from July 2019', 'Slope from July 2019, a year']
    """
    rows, shares, first = interruption.tidy(), {}, interruption.parameters["events"][:7]
    for name in ("level", "slope"):
        some = rows[rows["term"] == f"placebo {name}"]
        shares[name] = percent(some["estimate"].iloc[0]) if len(some) else "–"
    asked = rows[rows["kind"].isin(["trend", "event", "bend"])]
    body = []
    for term, pair in asked.groupby("term", sort=False):
        by = pair.set_index("inference")
        # The placebo dates stand for the first event, before which they lie.
        share = shares[str(term)[:5]] if str(term)[6:] == first else "–"
        body.append([name_change(str(term)), _ratio(by.loc["hac"]), _ratio(by.loc["ar1"]), share])
    labels = [
        _("Change"),
        _("Ratio, Newey-West"),
        _("Ratio, AR(1) errors"),
        _("Placebo dates with p < 0.05"),
    ]
    return cells(body, labels, 1)


def table_breaks(breaks: pd.DataFrame) -> Cells:
    """Write the month of one bend, the month forced, and the several breaks, by source.

    Parameters
    ----------
    breaks : pandas.DataFrame
        Rows of `analysis.select_breaks`.

    Returns
    -------
    Cells
        One row a break and source.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table, select_breaks
    >>> breaks = fit_breaks(load_table("national_month"), start="2017-01")
    >>> table_breaks(select_breaks(breaks)).body[0][:3]
    ['SESNSP victims', 'One bend', 'December 2018']
    """
    body = []
    for __, row in breaks[breaks["kind"] != "number"].iterrows():
        names = {"joinpoint": _("One bend"), "forced": _("One bend, forced")}
        low, high = code(row["month_low"]), code(row["month_high"])
        body.append(
            [
                _(SOURCE_NAMES[row["source"]]),
                names.get(row["kind"]) or _("Break {number}").format(number=row["term"][6:]),
                month(row["month"]),
                "–"
                if pd.isna(row["month_low"])
                else _("{low} to {high}").format(low=low, high=high),
                change(row["before"]),
                change(row["after"]),
                number(row["cost"], 1),
            ]
        )
    labels = [
        _("Homicide source"),
        _("What"),
        _("Month"),
        _("95% interval"),
        _("% a year before"),
        _("% a year after"),
        _("Cost (limit 3.84)"),
    ]
    return cells(body, labels, 4)


def table_starts(starts: pd.DataFrame) -> Cells:
    """Write the changes at the events by the first month of the window.

    Parameters
    ----------
    starts : pandas.DataFrame
        Rows of `analysis.select_starts`.

    Returns
    -------
    Cells
        One row a first month, ratios with 95 % intervals.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table, select_starts
    >>> starts = select_starts(fit_interruption(load_table("national_month"), start="2017-01"))
    >>> table_starts(starts).body[0][:2]
    ['January 2017', '0.96 [0.91 to 1.01]']
    """
    columns = starts[["month", "change"]].drop_duplicates().sort_values(["month", "change"])
    body = []
    for first, rows in starts.groupby("start"):
        by = rows.set_index(["month", "change"])
        texts = [_ratio(by.loc[pair]) for pair in columns.itertuples(index=False, name=None)]
        body.append([month(str(first)), *texts])
    names = [name_change(f"{kind} {date}") for date, kind in columns.to_numpy()]
    return cells(body, [_("Window from"), *names], 1)
