"""The monthly homicides of the nation or of one state, which may have missing months."""

from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.columns import credit
from analysis.errors import unknown
from analysis.geography import find_state
from analysis.modelling.administrations import NATIONAL
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.series import read_months, read_series, select_national_series
from analysis.parameters import SOURCES, Source


def select_place_series(
    panel: pd.DataFrame,
    national_month: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    state: str | None = None,
    start: str = "",
) -> pd.DataFrame:
    """Give the monthly homicides of the nation, or of a state, from a first month on.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, person_years`` and ``homicides_sesnsp``
        (victims) or ``homicides_inegi`` (deaths).
    national_month : pandas.DataFrame
        The same of the nation, as for `select_national_series`.
    source : {"sesnsp", "inegi"}
        Which count.
    state : str, optional
        Name, code or abbreviation; none is the nation.
    start : str
        First month, ``YYYY-MM``; an empty one is the first of the source.

    Returns
    -------
    pandas.DataFrame
        One row a month in order: ``month, homicides, person_years, flags``; a state's missing
        months are rows without a count. ``attrs`` hold ``sources`` and ``notes``.

    Raises
    ------
    RequestError
        For an unknown state or an impossible start.

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> tables = load_panel(), load_table("national_month")
    >>> select_place_series(*tables, state="Oaxaca")["homicides"].isna().sum().item()
    9
    """
    if not state:
        series = select_national_series(national_month, source=source, start=start)
        return add_flags(series, national_month)
    rows = panel[panel["cve_ent"] == find_state(state).cve_ent]
    # A state is read the way the nation is; its count only has another name, and no filling.
    rows = rows.drop(columns="filled_cells", errors="ignore")
    rows = rows.rename(columns={f"homicides_{source}": NATIONAL[source]})
    series = select_national_series(rows, source=source, start=start)
    credit(series, [SOURCES[source], "conapo_population_state_year"])
    return add_flags(series, rows)


def add_flags(series: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Add to the months of a series the ``flags`` they have in a table, none where it has none.

    Examples
    --------
    >>> months = pd.DataFrame({"month": ["2020-01", "2020-02"], "flags": ["", "sesnsp_missing"]})
    >>> add_flags(months[["month"]], months)["flags"].tolist()
    ['', 'sesnsp_missing']
    """
    table = months if "flags" in months else months.assign(flags="")
    flags = series["month"].map(table.set_index("month")["flags"]).fillna("")
    out = series.assign(flags=flags)
    out.attrs = series.attrs
    return out


def name_place(
    result: ModelResult, *, parameters: dict[str, Any], notes: list[Note] | tuple[Note, ...]
) -> ModelResult:
    """Say of which place and source an estimate of ``homicides`` is.

    Parameters
    ----------
    result : ModelResult
        Of a general estimator.
    parameters : dict
        What was asked, with ``source`` and the name of the ``state``, none for the nation.
    notes : sequence of Note
        Of the series; they come before those of the result.

    Returns
    -------
    ModelResult
        With ``cve_ent`` in the rows of a state.
    """
    source, state = parameters["source"], parameters["state"]
    return replace(
        result,
        formula=result.formula.replace("homicides", f"homicides_{source}", 1),
        parameters=parameters,
        states=1 if state else 32,
        rows=result.rows.assign(cve_ent=find_state(state).cve_ent) if state else result.rows,
        notes=(*notes, *result.notes),
    )


def read_gappy_series(
    frame: pd.DataFrame, *, outcome: str, time: str, exposure: str = ""
) -> pd.DataFrame:
    """Read a monthly series in which counts may be missing: they stay rows, without a count.

    Parameters
    ----------
    frame, outcome, time, exposure
        As for `read_series`.

    Returns
    -------
    pandas.DataFrame
        As from `read_series`, from the first month with a count to the last.

    Raises
    ------
    RequestError
        For a column the frame does not have.
    ModelError
        As `read_series`, but for a missing count.

    Examples
    --------
    >>> months = ["2020-01", "2020-02", "2020-03", "2020-04"]
    >>> frame = pd.DataFrame({"month": months, "deaths": [None, 5, None, 3]})
    >>> read_gappy_series(frame, outcome="deaths", time="month")["count"].tolist()
    [5.0, nan, 3.0]
    """
    if outcome not in frame:
        raise unknown("column", outcome, map(str, frame))
    gap = frame[outcome].isna()
    filled = frame.assign(**{outcome: frame[outcome].mask(gap, 0)})
    rows = read_series(filled, outcome=outcome, time=time, exposure=exposure)
    # Read as the rows were, which stand at the first of their month.
    missing = read_months(frame[time])[gap].dt.to_timestamp()
    rows["count"] = rows["count"].mask(rows["month"].isin(missing))
    inside = rows["count"].notna().to_numpy().nonzero()[0]
    return rows.iloc[inside[0] : inside[-1] + 1].reset_index(drop=True)
