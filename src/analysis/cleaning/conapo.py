"""CONAPO: population at mid-year."""

import pandas as pd

from analysis.cleaning.corrections import read_table


def read_population() -> pd.DataFrame:
    """Read mid-year populations: one row a state and year, ``cve_ent, year, population``.

    Examples
    --------
    >>> int(read_population().query("year == 2020")["population"].sum())
    128209170
    """
    return read_table("conapo_population_state_year").drop(columns="flags")
