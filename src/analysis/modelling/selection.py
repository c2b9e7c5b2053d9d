"""What a report needs out of a table: rows chosen, summed and set side by side."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calendar import PER
from analysis.columns import RATE, credit
from analysis.errors import ModelError
from analysis.parameters import SOURCES, Source

YEAR = 12


def select_since(months: pd.DataFrame, first: str) -> pd.DataFrame:
    """Give the months from the first one on, ``YYYY-MM``.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month, or a state and month: ``month`` (a date) and any others.
    first : str
        The first month to keep, ``YYYY-MM``.

    Returns
    -------
    pandas.DataFrame
        The rows of those months, all columns.

    Examples
    --------
    >>> from analysis import load_table
    >>> len(select_since(load_table("national_month"), "2024-07"))
    12
    """
    rows = months[months["month"] >= pd.Timestamp(first)]
    rows.attrs = dict(months.attrs)
    return rows


def join_flags(flags: pd.Series) -> str:
    """Give each flag of some cells once.

    Examples
    --------
    >>> join_flags(pd.Series(["", "guards_stale;sesnsp_filled", "guards_stale"]))
    'guards_stale;sesnsp_filled'
    """
    return ";".join(sorted({flag for text in flags for flag in text.split(";")} - {""}))


def select_half_years(
    inegi_homicides_national: pd.DataFrame, national_month: pd.DataFrame
) -> pd.DataFrame:
    """Put INEGI's totals of January to June beside SESNSP's sums of the same months.

    Parameters
    ----------
    inegi_homicides_national, national_month : pandas.DataFrame
        Tables of these names.

    Returns
    -------
    pandas.DataFrame
        One row a year with such a total: ``year, homicides_inegi`` (deaths), ``status_inegi,
        homicides_sesnsp`` (victims), ``flags`` of its months, ``ratio`` of the second to the first.

    Examples
    --------
    >>> from analysis import load_table
    >>> names = ["inegi_homicides_national", "national_month"]
    >>> halves = select_half_years(*map(load_table, names))
    >>> halves.set_index("year")["ratio"].round(3).to_dict()
    {2024: 0.926, 2025: 0.88}
    """
    table = inegi_homicides_national
    halves = table[table["period"] == "Jan-Jun"][["year", "homicides", "status"]]
    halves = halves.rename(columns={"homicides": "homicides_inegi", "status": "status_inegi"})
    months = national_month[national_month["month"].dt.month <= 6]
    sums = months.groupby(months["month"].dt.year)["homicides_sesnsp_filled"].sum(min_count=6)
    flags = months.groupby(months["month"].dt.year)["flags"].agg(join_flags)
    out = halves.assign(
        homicides_sesnsp=halves["year"].map(sums), flags=halves["year"].map(flags)
    ).dropna()
    out["ratio"] = (out["homicides_sesnsp"] / out["homicides_inegi"]).astype("float64")
    return credit(out.reset_index(drop=True), ["inegi_homicides_national", SOURCES["sesnsp"]])


def select_known(panel: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give the rows in which a column is known.

    Parameters
    ----------
    panel : pandas.DataFrame
        From `analysis.load_panel`.
    column : str
        Which column must be known.

    Returns
    -------
    pandas.DataFrame
        Those rows: ``cve_ent, state, month``, the column (beside ``guards_per_100k`` also
        ``guards``), ``flags``.

    Examples
    --------
    >>> from analysis import load_panel
    >>> known = select_known(load_panel(), "guards_per_100k")
    >>> f"{known['month'].min():%Y-%m} to {known['month'].max():%Y-%m}"
    '2019-07 to 2021-07'
    """
    about = ["cve_ent", "state", "month", column.removesuffix("_per_100k"), column, "flags"]
    rows = panel.dropna(subset=[column])[list(dict.fromkeys(about))]
    return credit(rows, _tables_of(column))


def select_twelve_months(months: pd.DataFrame) -> pd.DataFrame:
    """Add the rates of the twelve months that end with each month, both sources.

    Parameters
    ----------
    months : pandas.DataFrame
        Rows of a panel or of ``national_month``, without gaps in time by state.

    Returns
    -------
    pandas.DataFrame
        In order of time, with ``year_rate_sesnsp, year_rate_inegi``: homicides over person-years
        of twelve months x 100,000; missing where a month is missing.

    Examples
    --------
    >>> from analysis import load_table
    >>> months = select_twelve_months(load_table("national_month")).set_index("month")
    >>> round(float(months.loc["2020-05-01", "year_rate_sesnsp"]), 1)
    27.5
    """
    by = "cve_ent" if "cve_ent" in months else None
    out = months.sort_values([by, "month"] if by else ["month"], ignore_index=True)
    for source in SOURCES:
        filled = f"homicides_{source}_filled"
        count = out[filled if filled in out else f"homicides_{source}"].astype("float64")
        pair = pd.DataFrame({"count": count, "exposure": out["person_years"]})
        groups = pair.groupby(out[by]) if by else pair
        sums = groups.rolling(YEAR).sum()
        sums = sums.droplevel(0) if by else sums
        out[f"year_rate_{source}"] = sums["count"] / sums["exposure"] * PER
    out.attrs = dict(months.attrs)
    return credit(out, months.attrs.get("sources", ()))


def _tables_of(column: str) -> list[str]:
    """Name the raw tables that a rate of the panel rests on."""
    found = [table for source, table in SOURCES.items() if source in column]
    found += ["guard_deployment_state_month"] if "guards" in column else []
    return [*found, "conapo_population_state_year"]


def select_quarters(months: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give a column at the end of each quarter where it is known: ``cve_ent, state, month``.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a state and month: ``cve_ent, state, month`` and the column.
    column : str
        Which column to keep.

    Returns
    -------
    pandas.DataFrame
        One row a state and last month of a quarter: ``cve_ent, state, month`` and the column.

    Examples
    --------
    >>> from analysis import load_panel
    >>> quarters = select_quarters(load_panel(), "rate_inegi")
    >>> quarters["month"].dt.month.unique().tolist()
    [3, 6, 9, 12]
    """
    last = months["month"].dt.month % 3 == 0
    rows = months.loc[last & months[column].notna(), ["cve_ent", "state", "month", column]]
    return credit(rows.reset_index(drop=True), _tables_of(column))


def select_recent_rates(panel: pd.DataFrame, *, source: Source = "sesnsp") -> pd.DataFrame:
    """Give each state's rate over the last twelve months of a source, ranked.

    Parameters
    ----------
    panel : pandas.DataFrame
        From `analysis.load_panel`, of all states.
    source : {"sesnsp", "inegi"}
        Which count.

    Returns
    -------
    pandas.DataFrame
        One row a state: ``cve_ent, state, homicides, person_years, rate`` per 100,000
        person-years, ``conf_low, conf_high`` (Garwood 1936, exact Poisson: chance alone),
        ``rank`` (1 is the highest), ``first, last`` month.

    Raises
    ------
    ModelError
        When the panel holds fewer than twelve months of the source.

    Examples
    --------
    >>> from analysis import load_panel
    >>> rates = select_recent_rates(load_panel()).set_index("rank")
    >>> rates.loc[1, "state"], round(float(rates.loc[1, "rate"]))
    ('Colima', 94)
    """
    count = f"homicides_{source}"
    known = panel.dropna(subset=[count])
    months = known["month"].drop_duplicates().sort_values().iloc[-YEAR:]
    if len(months) < YEAR:
        raise ModelError(f"{count} has {len(months)} months; twelve are needed")
    recent = known[known["month"].isin(months)]
    sums = recent.groupby(["cve_ent", "state"])[[count, "person_years"]].sum().reset_index()
    sums = sums.rename(columns={count: "homicides"}).astype({"homicides": "int64"})
    low = stats.chi2.ppf(0.025, 2 * sums["homicides"]) / 2
    high = stats.chi2.ppf(0.975, 2 * (sums["homicides"] + 1)) / 2
    rates = sums.assign(
        rate=sums["homicides"] / sums["person_years"] * PER,
        conf_low=np.nan_to_num(low) / sums["person_years"] * PER,
        conf_high=high / sums["person_years"] * PER,
        first=months.iloc[0],
        last=months.iloc[-1],
    )
    rates["rank"] = rates["rate"].rank(ascending=False, method="min").astype("int64")
    return credit(rates, [SOURCES[source], "conapo_population_state_year"], estimate=RATE)


def select_strength(guard_strength_national: pd.DataFrame) -> pd.DataFrame:
    """Give dated national totals of the Guard with the month they stand for as ``month``.

    Totals that name only a year are left out of the time line; ``assigned_inegi`` takes the
    figure including heads of units where INEGI's plain one is lacking.

    Parameters
    ----------
    guard_strength_national : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a dated total: ``date`` (text), ``month`` (a date), ``concept, guards`` (persons),
        ``source, status``.

    Examples
    --------
    >>> from analysis import load_table
    >>> totals = select_strength(load_table("guard_strength_national"))
    >>> totals[totals["date"] == "2024-12-31"].set_index("concept")["guards"].to_dict()
    {'force_strength': 137716, 'deployed': 108089, 'assigned_inegi': 132036}
    """
    table = guard_strength_national
    dated = table[table["date"].str.len() >= 7].copy()
    dated["month"] = pd.to_datetime(dated["date"].str[:7])
    plain = set(dated.loc[dated["concept"] == "assigned_inegi", "month"])
    heads = dated["concept"] == "assigned_inegi_including_heads"
    dated = dated[~heads | ~dated["month"].isin(plain)]
    dated["concept"] = dated["concept"].replace(
        {"assigned_inegi_including_heads": "assigned_inegi"}
    )
    columns = ["date", "month", "concept", "guards", "source", "status"]
    return credit(dated[columns].reset_index(drop=True), ["guard_strength_national"])


def select_marks(panel: pd.DataFrame) -> pd.DataFrame:
    """Give every flag in a panel with its states, months and number of cells.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, state, month, flags``.

    Returns
    -------
    pandas.DataFrame
        One row a flag and state: ``cve_ent, state, flag, cells, first, last``.

    Examples
    --------
    >>> from analysis import load_panel
    >>> marks = select_marks(load_panel()).query("flag == 'guards_stale'")
    >>> marks["cells"].min().item(), f"{marks['last'].max():%Y-%m}"
    (11, '2021-07')
    """
    flagged = panel[panel["flags"] != ""].assign(flag=lambda rows: rows["flags"].str.split(";"))
    cells = flagged.explode("flag").groupby(["cve_ent", "state", "flag"])["month"]
    out = cells.agg(cells="count", first="min", last="max").reset_index()
    return credit(out, panel.attrs["sources"])
