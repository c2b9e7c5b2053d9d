"""Which years of a series are held, and which are missing."""

import pandas as pd

from analysis.columns import credit
from analysis.modelling.periods import YEAR, count_months

KEYS = ["panel", "series"]
# From the weakest to the strongest: where a year has several figures, the strongest counts.
HELD = ("unverified", "date", "part", "year")


def select_coverage(*series: pd.DataFrame) -> pd.DataFrame:
    """Give the years that series hold, one row a series and year.

    Parameters
    ----------
    *series : pandas.DataFrame
        Frames of ``panel, series, first, last, status, mark`` as `select_troops` and its kin give
        them; each frame's ``attrs["sources"]`` name its tables.

    Returns
    -------
    pandas.DataFrame
        ``panel, series, year, held`` (``year`` whole, ``part``, ``date``, or ``unverified``),
        ``status`` (of all figures of the series, joined by ``;``). A fiscal year counts as the
        year in which it ends; a figure over more than a year holds none.

    Examples
    --------
    >>> from analysis import load_table, select_gdp, select_troops
    >>> troops = select_troops(load_table("troops_public_security"))
    >>> coverage = select_coverage(select_gdp(load_table("military_expenditure")), troops)
    >>> coverage.query("panel == 'army' and year > 2019")[["year", "held"]].to_numpy().tolist()
    [[2020, 'part'], [2021, 'date'], [2024, 'date'], [2025, 'date']]
    """
    rows = pd.concat([frame[frame["mark"] != "nil"] for frame in series], ignore_index=True)
    kinds = rows.groupby(KEYS, sort=False)["status"].agg(lambda found: ";".join(sorted({*found})))
    length = count_months(rows)
    rows = rows.assign(year=rows["last"].dt.year, rank=length.map(_rank))
    rows["rank"] = rows["rank"].mask(rows["mark"] == "unverified", 0)
    rows["rank"] = rows["rank"].mask((rows["mark"] == "average") & (length == YEAR), 2)
    best = rows[length <= YEAR].groupby([*KEYS, "year"], sort=False)["rank"].max()
    out = best.reset_index()
    out["held"] = out.pop("rank").map(dict(enumerate(HELD)))
    out = out.join(kinds, on=KEYS)
    return credit(out, dict.fromkeys(n for s in series for n in s.attrs["sources"]))


def _rank(months: int) -> int:
    return 3 if months >= YEAR else 2 if months > 1 else 1


def select_gaps(coverage: pd.DataFrame) -> pd.DataFrame:
    """Count the years that each series holds and name those it lacks.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From `select_coverage`.

    Returns
    -------
    pandas.DataFrame
        One row a series: ``panel, series, first, last`` (years), ``whole`` (years held whole),
        ``other`` (held in part, on a date or unverified), ``lacking`` (years between first and
        last without any figure), ``years_lacking`` (joined by ``;``), ``status``.

    Examples
    --------
    >>> from analysis import load_table, select_fentanyl
    >>> gaps = select_gaps(select_coverage(select_fentanyl(load_table("us_firearms_and_fentanyl"))))
    >>> gaps[["series", "first", "last", "years_lacking"]].to_numpy().tolist()
    [['nationwide', 2020, 2025, '2021'], ['ports', 2022, 2022, '']]
    """
    rows = []
    for (panel, series), years in coverage.groupby(KEYS, sort=False):
        held, whole = set(years["year"]), int((years["held"] == "year").sum())
        lacking = sorted(set(range(min(held), max(held) + 1)) - held)
        rows.append(
            {
                "panel": panel,
                "series": series,
                "first": min(held),
                "last": max(held),
                "whole": whole,
                "other": len(held) - whole,
                "lacking": len(lacking),
                "years_lacking": ";".join(map(str, lacking)),
                "status": years["status"].iloc[0],
            }
        )
    out = pd.DataFrame(rows)
    years = dict.fromkeys(["whole", "other", "lacking"], "years")
    return credit(out, coverage.attrs["sources"], **years)
