"""Rules that find faults in any table of figures by unit and time, from the table itself."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd

from analysis.errors import ModelError, RequestError, unknown
from analysis.modelling.chance import Kind
from analysis.modelling.rules import SHORTEST, find_cell_faults
from analysis.modelling.sums import (
    SUMS,
    find_broken_parts,
    find_broken_totals,
    find_implied_populations,
)


def select_faults(
    frame: pd.DataFrame,
    *,
    unit: str,
    time: str,
    value: str,
    kind: Kind = "count",
    period: int = 12,
    parts: Sequence[str] = (),
    totals: pd.DataFrame | None = None,
    rate: str = "",
    population: str = "",
) -> pd.DataFrame:
    """Find faults in a tidy table of figures by unit and time, whatever it holds.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a unit and time; missing figures are missing, not searched.
    unit, time, value : str
        Columns that name the unit, the time (anything that sorts) and the figure.
    kind : {"count", "stock"}
        Counts of events (whole numbers that vary by chance) or stocks (which stand still or move
        by some per cent).
    period : int
        Times in a year, for years that repeat the year before.
    parts : sequence of str
        Columns that must add to ``value`` in every row.
    totals : pandas.DataFrame, optional
        Columns ``time`` and ``value``: what the units must add to at each time.
    rate, population : str
        Columns with a published rate per 100,000 and with the population; where the second is
        left out, implied populations are held against their neighbours in time.

    Returns
    -------
    pandas.DataFrame
        One row a finding: ``term`` (``permuted, outlier, zero, step, repeat, block, copied year,
        truncated, parts, total, population``), the unit and time columns (unit missing where many
        are concerned), ``found``, ``expected``, ``estimate`` = log(found / expected), ``sure``
        (``certain, likely, possible``), ``partner`` (unit or time whose figure this is), ``units``
        (how many are concerned), ``note``. Exact rules are in docs/methods.md.

    Raises
    ------
    RequestError
        For a column that the table does not have or an unknown kind.
    ModelError
        For a unit twice at one time, negative or infinite figures, counts that are not whole, or
        fewer than six times.

    Examples
    --------
    >>> months = pd.DataFrame({"place": "a", "week": range(8), "cases": [50, 52, 49, 0] + [51] * 4})
    >>> months = pd.concat([months, months.assign(place="b", cases=[4, 1, 0, 3, 2, 0, 5, 2])])
    >>> select_faults(months, unit="place", time="week", value="cases")[["term", "place", "week"]]
       term place  week
    0  zero     a     3
    """
    wide = _widen(frame, unit=unit, time=time, value=value, kind=kind)
    asked = [*parts, *filter(None, [rate, population])]
    _check_columns(frame, asked)
    found = find_cell_faults(wide, kind=kind, period=period)
    if parts:
        found.append(find_broken_parts(frame, list(parts), unit=unit, time=time, value=value))
    if totals is not None:
        _check_columns(totals, [time, value])
        found.append(find_broken_totals(frame, totals, unit=unit, time=time, value=value))
    if rate:
        columns = {"unit": unit, "time": time, "value": value}
        found.append(find_implied_populations(frame, rate, population, **columns))
    return _arranged(found, unit, time)


def _widen(frame: pd.DataFrame, *, unit: str, time: str, value: str, kind: Kind) -> pd.DataFrame:
    if kind not in get_args(Kind):
        raise unknown("kind", str(kind), get_args(Kind))
    _check_columns(frame, [unit, time, value])
    if not pd.api.types.is_numeric_dtype(frame[value]):
        raise ModelError(f"{value} is {frame[value].dtype}; expected numbers: convert the column")
    known = frame.dropna(subset=[value])
    twice = known.duplicated([unit, time])
    if twice.any():
        row = known[twice].iloc[0]
        raise ModelError(
            f"{row[unit]} stands {twice.sum() + 1} times or more at {row[time]}; expected one row "
            f"a {unit} and {time}: sum or drop the others"
        )
    wide = known.pivot(index=time, columns=unit, values=value).astype("float64")
    wide = wide.sort_index().sort_index(axis=1)
    figures = wide.stack().dropna()
    wrong = ~np.isfinite(figures) | figures.lt(0)
    if kind == "count":
        wrong |= figures.ne(figures.round())
    if wrong.any():
        (when, where), figure = next(iter(figures[wrong].items()))
        expected = "whole numbers from 0" if kind == "count" else "figures from 0"
        raise ModelError(
            f"{value} of {where} at {when} is {figure:g}; expected {expected}"
            f" ({wrong.sum()} such cells)"
        )
    if len(wide) < SHORTEST:
        raise ModelError(
            f"{value} has {len(wide)} times; at least {SHORTEST} are needed to tell a fault"
        )
    return wide


def _check_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in frame:
            raise unknown("column", column, map(str, frame.columns))
    if len(set(columns)) < len(columns):
        raise RequestError(f"the same column twice: {', '.join(columns)}; name each once")


def _arranged(found: list[pd.DataFrame], unit: str, time: str) -> pd.DataFrame:
    """Put findings together, in the caller's names, ordered by unit and time within a rule."""
    some = [rows for rows in found if len(rows)]
    columns = ["term", "unit", "time", "found", "expected", *SUMS]
    if not some:
        return pd.DataFrame(columns=[*columns[:5], "estimate", *SUMS]).rename(
            columns={"unit": unit, "time": time}
        )
    rows = pd.concat([part.reindex(columns=columns) for part in some], ignore_index=True)
    order = rows.assign(place=rows["unit"].fillna("").astype("str"))
    rows = rows.loc[order.sort_values(["term", "place", "time"], kind="stable").index]
    pair = rows[["found", "expected"]].astype("float64")
    ratio = (pair["found"] / pair["expected"]).where(pair.gt(0).all(axis=1))
    rows.insert(5, "estimate", np.log(ratio))
    return rows.reset_index(drop=True).rename(columns={"unit": unit, "time": time})
