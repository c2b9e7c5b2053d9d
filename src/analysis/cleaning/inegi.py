"""INEGI: deaths by homicide in death certificates."""

import pandas as pd

from analysis.cleaning.corrections import add_flag, read_table
from analysis.parameters import COMPLETE


def read_deaths(*, corrected: bool = True) -> pd.DataFrame:
    """Read deaths by state and month of occurrence.

    Returns
    -------
    pandas.DataFrame
        One row a state and month: ``cve_ent, month, homicides_inegi`` (deaths), ``flags``:
        ``inegi_incomplete`` in years that hold less than 97.5 % of the official total,
        ``inegi_truncated`` in the last year.

    Examples
    --------
    >>> len(read_deaths())
    8832
    """
    table = read_table("inegi_homicides_state_month", corrected=corrected)
    table = table.rename(columns={"homicides": "homicides_inegi"})
    share = build_completeness(table, read_totals())
    incomplete = table["month"].dt.year.isin(share.index[share < COMPLETE])
    return add_flag(table, incomplete, "inegi_incomplete") if corrected else table


def read_totals() -> pd.DataFrame:
    """Read official national totals by year of registration.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``year, homicides_inegi, status_inegi`` (``final``, or ``preliminary``
        while there is no final total), ``preliminary_inegi``; deaths.
    """
    table = read_table("inegi_homicides_national")
    years = table[table["period"] == "year"].pivot_table(
        index="year", columns="status", values="homicides", aggfunc="last"
    )
    best = years["final"].fillna(years["preliminary"])
    status = pd.Series("final", index=years.index).where(years["final"].notna(), "preliminary")
    return pd.DataFrame(
        {
            "homicides_inegi": best.astype("Int64"),
            "status_inegi": status.astype("str"),
            "preliminary_inegi": years["preliminary"].astype("Int64"),
        }
    ).reset_index()


def build_completeness(deaths: pd.DataFrame, totals: pd.DataFrame) -> pd.Series:
    """Give the monthly table's sum over the official total, a share by year."""
    sums = deaths.groupby(deaths["month"].dt.year)["homicides_inegi"].sum(min_count=1)
    official = totals.set_index("year")["homicides_inegi"].reindex(sums.index)
    return (sums / official).astype("float64").rename("completeness_inegi")
