"""Tables of what surrounds homicide: vintages, single figures, totals and parts, gaps."""

import pandas as pd

from analysis.reporting.figures.surroundings import name_line, write_years
from analysis.reporting.marks import STATUS
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells
from analysis.reporting.text import change, given, number, period
from analysis.reporting.text import translate as _


def table_vintages(vintages: pd.DataFrame) -> Cells:
    """Write each figure as released beside the current series.

    Parameters
    ----------
    vintages : pandas.DataFrame
        Rows of `analysis.select_vintages`.

    Returns
    -------
    Cells
        One row a figure as released, in billion dollars.

    Examples
    --------
    >>> from analysis import load_table, select_vintages
    >>> cells = table_vintages(select_vintages(load_table("military_expenditure")))
    >>> cells.body[0][:6]
    ['2018', '2023', 'current USD', '5.84', '5.84', '0.0%']
    """
    rows = [
        [
            str(row.year),
            str(row.vintage),
            given(row.unit),
            number(row.released / 1e9, 2),
            number(row.current / 1e9, 2),
            # Rounded first, so that no sign stands before a zero.
            "–" if pd.isna(row.difference) else change(round(row.difference, 1)),
            given(row.source),
        ]
        for row in vintages.itertuples()
    ]
    labels = [
        _("Year"),
        _("Release of"),
        _("Unit"),
        _("As released, billion"),
        _("Current series, billion"),
        _("Difference"),
        _("Source"),
    ]
    return Cells(labels, rows, [False, False, False, True, True, True, False], {})


def table_figures(figures: pd.DataFrame) -> Cells:
    """Write single figures with unit, reservation and source.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `analysis.select_arms` and its kin.

    Returns
    -------
    Cells
        One row a figure.

    Examples
    --------
    >>> from analysis import load_table, select_guard_money
    >>> cells = table_figures(select_guard_money(load_table("security_budget")))
    >>> cells.body[0][:4]
    ['2020', 'Guardia Nacional, assigned', '3,800,000,000', 'current MXN']
    """
    rows = [
        [
            period(row.period),
            _series(row.series),
            number(row.value),
            given(row.unit),
            given(row.note) or "–",
            _(STATUS[row.status]),
            given(row.source),
        ]
        for row in figures.sort_values("first", kind="stable").itertuples()
    ]
    labels = [
        _("Period"),
        _("What is counted"),
        _("Figure"),
        _("Unit"),
        _("Reservation"),
        _("Kind"),
        _("Source"),
    ]
    return Cells(labels, rows, [False, False, True, False, False, False, False], {})


def _series(name: str) -> str:
    """Name a series that a table names, or that is named by two columns of it."""
    whole = given(name)
    return whole if whole != name else ", ".join(given(part) for part in name.split(", "))


def table_parts(parts: pd.DataFrame) -> Cells:
    """Write each total of troops against the sum of its parts.

    Parameters
    ----------
    parts : pandas.DataFrame
        Rows of `analysis.select_parts`.

    Returns
    -------
    Cells
        One row a total, in persons.

    Examples
    --------
    >>> from analysis import load_table, select_parts
    >>> table_parts(select_parts(load_table("troops_public_security"))).body[-1][1:5]
    ['274,584', '64,186 + 8,843 + 108,455', '181,484', '93,100']
    """
    rows = [
        [
            period(row.period),
            number(row.total),
            " + ".join(number(float(part)) for part in row.parts.split(" + ")),
            number(row.sum),
            number(row.difference),
            _name_sources(row.source, row.parts_source),
        ]
        for row in parts.itertuples()
    ]
    labels = [_("Period"), _("Total"), _("Parts"), _("Sum"), _("Total less sum"), _("Source")]
    return Cells(labels, rows, [False, True, False, True, True, False], {})


def _name_sources(total: str, parts: str) -> str:
    """Name the source of a total, and that of its parts where it is another."""
    if total == parts:
        return given(total)
    return _("{total}; parts: {parts}").format(total=given(total), parts=given(parts))


def table_unheld(claims: pd.DataFrame) -> Cells:
    """Write claims for which no data are held.

    Parameters
    ----------
    claims : pandas.DataFrame
        Rows of `analysis.select_unheld`.

    Returns
    -------
    Cells
        One row a claim.

    Examples
    --------
    >>> from analysis import load_table, select_unheld
    >>> table_unheld(select_unheld(load_table("paper_claims"))).body[0][1:4]
    ['containers handled by Manzanillo per year', '2024', '2.5']
    """
    rows = [
        [
            row.id,
            given(row.subject),
            row.period,
            " ".join(filter(None, [_qualifier(row.qualifier), row.claimed])),
            given(row.unit),
            _("no data held"),
        ]
        for row in claims.itertuples()
    ]
    labels = [_("Claim"), _("About"), _("Year"), _("Printed"), _("Unit"), _("Data")]
    return cells(rows, labels, len(labels))


def _qualifier(word: object) -> str:
    return "" if pd.isna(word) else given(str(word))


def table_gaps(gaps: pd.DataFrame) -> Cells:
    """Write what each series holds and lacks.

    Parameters
    ----------
    gaps : pandas.DataFrame
        Rows of `analysis.select_gaps`.

    Returns
    -------
    Cells
        One row a series, in years.

    Examples
    --------
    >>> from analysis import load_table, select_coverage, select_gaps, select_gdp
    >>> coverage = select_coverage(select_gdp(load_table("military_expenditure")))
    >>> table_gaps(select_gaps(coverage)).body[0][:4]
    ['Gross domestic product', '1990', '2025', '36']
    """
    rows = [
        [
            name_line(row.panel, row.series),
            str(row.first),
            str(row.last),
            number(row.whole),
            number(row.other),
            write_years(row.years_lacking) or "–",
            _name_status(row.status),
        ]
        for row in gaps.itertuples()
    ]
    labels = [
        _("Series"),
        _("First"),
        _("Last"),
        _("Years held"),
        _("Part, date or unverified"),
        _("Years missing between"),
        _("Kind of source"),
    ]
    return Cells(labels, rows, [False, False, False, True, True, False, False], {})


def _name_status(status: str) -> str:
    """Name one kind of source, or several joined by ``;``."""
    kinds = [status] if status in STATUS else status.split(";")
    return ", ".join(_(STATUS[kind]) for kind in kinds)
