"""Figures that must agree with each other: parts and totals, counts, rates and populations."""

import numpy as np
import pandas as pd

from analysis.calendar import PER
from analysis.modelling.chance import middle_of_three

# Populations implied by a count and a rate agree within this, besides the rate's rounding.
IMPLIED = 0.05
# Columns of a finding after its place and figures.
SUMS = ["sure", "partner", "units", "note"]


def find_broken_parts(
    frame: pd.DataFrame, parts: list[str], *, unit: str, time: str, value: str
) -> pd.DataFrame:
    """Find rows whose parts do not add to their total; ``found`` is the sum of the parts.

    A row with a missing part can not be held against its total and is passed over.
    """
    sums = frame[parts].astype("float64").sum(axis=1, min_count=len(parts))
    total = frame[value].astype("float64")
    off = sums.notna() & total.notna() & ~np.isclose(sums, total, rtol=1e-9)
    cells = {"unit": frame[unit], "time": frame[time], "found": sums, "expected": total}
    return pd.DataFrame(cells)[off].assign(term="parts", sure="certain", units=1)


def find_broken_totals(
    frame: pd.DataFrame, totals: pd.DataFrame, *, unit: str, time: str, value: str
) -> pd.DataFrame:
    """Find times at which the units do not add to the total; ``found`` is the units' sum.

    A time at which a unit's figure is missing is passed over, for its sum can not be complete; a
    unit without a row counts nothing.
    """
    figures = frame[[time, value]].astype({value: "float64"})
    known = figures[value].isna().groupby(figures[time]).any().loc[lambda missing: ~missing].index
    sums = figures.groupby(time)[value].sum().reindex(known).rename("found")
    given = totals[[time, value]].dropna().astype({value: "float64"}).set_index(time)[value]
    both = pd.concat([sums, given.rename("expected")], axis=1, join="inner").sort_index()
    both = both[~np.isclose(both["found"], both["expected"], rtol=1e-9)]
    both = both.rename_axis("time").reset_index()
    units = both["time"].map(frame.groupby(time)[unit].nunique())
    return both.assign(unit=None, term="total", sure="certain", units=units)


def find_implied_populations(
    frame: pd.DataFrame, rate: str, population: str, *, unit: str, time: str, value: str
) -> pd.DataFrame:
    """Find rows whose count and rate per 100,000 imply an impossible population.

    ``found`` is the implied population; ``expected`` the one given or, where none is given, the
    median of the unit's implied populations in this and the nearest times, or the time before
    where only two are known.
    """
    rows = frame.dropna(subset=[value, rate])
    rows = rows[rows[rate].astype("float64").gt(0) & rows[value].astype("float64").gt(0)]
    rows = rows.sort_values([unit, time])
    printed = rows[rate].astype("float64")
    implied = rows[value].astype("float64") / printed * PER
    if population:
        usual = rows[population].astype("float64")
    else:
        usual = _neighbours(rows.assign(implied=implied), unit, time)
    # Half a unit of the last digit that any rate is printed with.
    digits = max((len(f"{some:g}".partition(".")[2]) for some in printed), default=0)
    slack = IMPLIED + np.log1p(0.5 * 10.0**-digits / printed)
    off = usual.gt(0) & (np.log(implied / usual).abs() > slack)
    cells = {"unit": rows[unit], "time": rows[time], "found": implied.round(), "expected": usual}
    return pd.DataFrame(cells)[off].assign(term="population", sure="possible", units=1)


def _neighbours(rows: pd.DataFrame, unit: str, time: str) -> pd.Series:
    usual = []
    for _, some in rows.groupby(unit):
        middle = middle_of_three(some[["implied"]])[:, 0]
        usual.append(pd.Series(middle, some.index) if len(some) > 2 else some["implied"].shift(1))
    return pd.concat(usual).reindex(rows.index) if usual else rows["implied"]
