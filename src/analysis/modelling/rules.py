"""The rules for faults that need nothing but figures by unit and time."""

import numpy as np
import pandas as pd

from analysis.calendar import month_text
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

# With fewer times a figure has no neighbours to be judged by.
SHORTEST = 6
# A last month is incomplete only where more than this share of the units fell together.
MOST = 0.75


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


def _text(time: object) -> str:
    return month_text(time) if isinstance(time, pd.Timestamp) else str(time)
