"""Rules that find faults in any table of figures by unit and time, from the table itself."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd

from analysis.calendar import month_text
from analysis.errors import ModelError, RequestError, unknown
from analysis.modelling.chance import (
    LEVEL,
    SIDE,
    Around,
    Kind,
    look_around,
    middle_of_three,
    tail,
)
from analysis.modelling.copies import find_copied_times, find_copied_years
from analysis.modelling.exchanges import OUTLIER, exchange, find_exchanges, off_rule
from analysis.modelling.sums import (
    SUMS,
    find_broken_parts,
    find_broken_totals,
    find_implied_populations,
)

# With fewer times a figure has no neighbours to be judged by.
SHORTEST = 6
# A last month is incomplete only where more than this share of the units fell together.
MOST = 0.75


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


def find_cell_faults(wide: pd.DataFrame, *, kind: Kind, period: int = 12) -> list[pd.DataFrame]:
    """Apply the rules that need nothing but the figures.

    Parameters
    ----------
    wide : pandas.DataFrame
        One row a time in order, one column a unit.
    kind, period
        As for `select_faults`.

    Returns
    -------
    list of pandas.DataFrame
        Findings by rule, columns ``term, unit, time, found, expected, sure, partner, units,
        note``.
    """
    doubted, usual = _doubtful_zeros(wide, kind)
    around = look_around(wide, doubted, kind)
    exchanges = find_exchanges(wide, around)
    repaired = exchange(wide, exchanges)
    # A zero that belongs to another unit is a permuted cell, not a missing one.
    doubted = doubted & repaired.eq(0)
    known = repaired.mask(doubted)
    if exchanges:
        around = look_around(known, doubted, kind)
    outliers = off_rule(known, around)
    found = [
        _permuted(wide, exchanges),
        _outliers(known, outliers, kind),
        _cells("zero", doubted.to_numpy(), wide, usual, "likely"),
        _copies(wide, around, period),
        _truncated(known, kind),
    ]
    if kind == "stock":
        found.append(_steps(known.mask(outliers), around))
    return found


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


def _findings(term: str, sure: str | list[str], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns).assign(term=term, sure=sure)


def _cells(
    term: str, chosen: np.ndarray, found: pd.DataFrame, expected: np.ndarray, sure: str
) -> pd.DataFrame:
    rows, columns = np.nonzero(chosen)
    return _findings(
        term,
        sure,
        unit=found.columns[columns],
        time=found.index[rows],
        found=found.to_numpy()[rows, columns],
        expected=expected[rows, columns],
        units=1,
    )


def _doubtful_zeros(wide: pd.DataFrame, kind: Kind) -> tuple[pd.DataFrame, np.ndarray]:
    """Say which zeros the nearest positive figures on either side make hardly possible.

    The chance of a zero is that of a negative binomial, `LEVEL` for all zeros of the table
    together. A stock that is not there yet, or no more, may well be zero. What is usual, the
    smaller centre of both sides, comes second.
    """
    zero = wide.eq(0)
    around = look_around(wide, zero, "count")
    rare = tail(np.zeros(wide.shape), around) < LEVEL / max(int(wide.count().sum()), 1)
    if kind == "stock":
        rare &= ~np.isnan(around.centre).any(axis=0)
    return zero & rare, np.fmin(*around.centre)


def _permuted(wide: pd.DataFrame, exchanges: list[tuple[int, dict[int, int]]]) -> pd.DataFrame:
    figures = wide.to_numpy()
    rows = [
        {
            "unit": wide.columns[to],
            "time": wide.index[row],
            "found": figures[row, to],
            "expected": figures[row, place],
            "partner": str(wide.columns[place]),
            "units": len(moved),
        }
        for row, moved in exchanges
        for to, place in moved.items()
    ]
    return pd.DataFrame(rows).assign(term="permuted", sure="likely") if rows else pd.DataFrame()


def _outliers(known: pd.DataFrame, chosen: np.ndarray, kind: Kind) -> pd.DataFrame:
    """List cells off the rule: likely faults in stocks, possible ones in counts and at the ends."""
    found = _cells("outlier", chosen, known, middle_of_three(known), "possible")
    if kind == "stock" and len(found):
        ends = found["time"].isin([known.index[0], known.index[-1]])
        found["sure"] = np.where(ends, "possible", "likely")
    return found


def _steps(known: pd.DataFrame, around: Around) -> pd.DataFrame:
    """Find lasting jumps of a stock, 1.5 times and more, beyond what all units do that month."""
    logs = np.log(known.where(known > 0))
    jump = logs - logs.ffill().shift(1)
    level = logs.rolling(SIDE, min_periods=SIDE).median()
    lasting = level.shift(1 - SIDE) - level.shift(1)
    common = jump.median(axis=1) * (known.shape[1] >= SHORTEST)
    moves = np.stack([jump, jump.sub(common, axis=0), lasting])
    together = np.abs(np.sign(moves).sum(axis=0)) == len(moves)
    chosen = together & (np.abs(moves).min(axis=0) > OUTLIER)
    chosen &= np.abs(moves[2]) > SIDE * np.fmin(*around.spread)
    usual = known.rolling(SIDE, min_periods=SIDE).median().shift(1)
    return _cells("step", chosen, known, usual.to_numpy(), "possible")


def _copies(wide: pd.DataFrame, around: Around, period: int) -> pd.DataFrame:
    index = wide.index
    times = find_copied_times(wide, around)
    years = find_copied_years(wide, around, set(times["row"]), period)
    earlier = [_text(index[row]) for row in times["earlier"]]
    months = pd.DataFrame(
        {
            "term": np.where(times["all"], "repeat", "block"),
            "unit": None,
            "time": index[times["row"].astype("int64")],
            "found": times["found"],
            "sure": np.where(times["all"], "certain", "likely"),
            "partner": earlier,
            "units": times["units"],
            "note": [f"repeats {text}" for text in earlier],
        }
    )
    begin = [_text(index[row - period]) for row in years["row"]]
    notes = [
        f"repeats {text} up to {_text(index[row])}"
        for text, row in zip(begin, years["last"], strict=True)
    ]
    runs = _findings(
        "copied year",
        "likely",
        unit=wide.columns[years["column"].astype("int64")],
        time=index[years["row"].astype("int64")],
        found=years["found"],
        partner=begin,
        units=1,
        note=notes,
    )
    return pd.concat([some for some in (months, runs) if len(some)] or [months])


def _truncated(known: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Say whether most units and their sum fell in the last month, 1.5 times and beyond chance."""
    last = known.tail(SIDE + 1).dropna(axis=1)
    usual = last.iloc[:-1].median()
    sums = known[last.columns].sum(axis=1, min_count=max(last.shape[1], 1)).to_frame()
    rare = tail(sums.to_numpy(), look_around(sums, sums.isna(), kind))[-1, 0] < LEVEL
    fallen = last.iloc[-1].sum() * np.exp(OUTLIER) < usual.sum()
    if last.shape[1] < SHORTEST or not (rare and fallen and (last.iloc[-1] < usual).mean() > MOST):
        return pd.DataFrame()
    pair = {"found": [last.iloc[-1].sum()], "expected": [usual.sum()]}
    place = {"unit": [None], "time": [known.index[-1]], "units": [last.shape[1]]}
    return _findings("truncated", "possible", **place, **pair)


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


def _text(time: object) -> str:
    return month_text(time) if isinstance(time, pd.Timestamp) else str(time)
