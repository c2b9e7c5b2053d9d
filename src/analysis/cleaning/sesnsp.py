"""SESNSP: victims in the files of the state prosecutors."""

import pandas as pd

from analysis.cleaning.corrections import read_table

COLUMNS = {
    "intentional_homicide": "homicides_sesnsp",
    "femicide": "femicides",
    "negligent_homicide": "negligent_homicides",
}


def read_victims(*, corrected: bool = True) -> pd.DataFrame:
    """Read victims by state and month, all means together.

    Returns
    -------
    pandas.DataFrame
        One row a state and month: ``cve_ent, month, homicides_sesnsp, femicides,
        negligent_homicides`` (victims), ``flags``. A sum with a missing part is missing.

    Examples
    --------
    >>> int(read_victims().query("month.dt.year == 2024")["homicides_sesnsp"].sum())
    30046
    """
    table = read_table("sesnsp_victims_state_month", corrected=corrected)
    table = table[table["crime"].isin(COLUMNS)]
    key = ["cve_ent", "month"]
    means = table["victims"].isna().groupby([table[c] for c in [*key, "crime"]]).any()
    total = table.groupby([*key, "crime"])["victims"].sum().astype("Int64").mask(means)
    victims = total.unstack("crime").rename(columns=COLUMNS)[list(COLUMNS.values())]
    flags = table.groupby(key)["flags"].agg(_distinct)
    return victims.join(flags).reset_index().rename_axis(columns=None)


def _distinct(flags: pd.Series) -> str:
    return ";".join(sorted(set(flags) - {""}))
