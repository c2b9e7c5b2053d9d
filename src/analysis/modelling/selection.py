"""What a report needs out of a table: rows chosen, summed and set side by side."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calendar import PER
from analysis.errors import ModelError
from analysis.geography import find_state, neighbours, states
from analysis.modelling.inference import Z
from analysis.parameters import SOURCES, Source

YEAR = 12


def select_state(panel: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a panel's rows of one state, in order of time."""
    rows = panel[panel["cve_ent"] == find_state(state).cve_ent].sort_values("month")
    rows.attrs = dict(panel.attrs)
    return rows


def select_since(months: pd.DataFrame, first: str) -> pd.DataFrame:
    """Give the months from the first one on, ``YYYY-MM``."""
    rows = months[months["month"] >= pd.Timestamp(first)]
    rows.attrs = dict(months.attrs)
    return rows


def select_half_years(
    inegi_homicides_national: pd.DataFrame, national_month: pd.DataFrame
) -> pd.DataFrame:
    """Put INEGI's totals of January to June beside SESNSP's sums of the same months.

    Returns
    -------
    pandas.DataFrame
        One row a year with such a total: ``year, homicides_inegi`` (deaths), ``status_inegi,
        homicides_sesnsp`` (victims), ``ratio`` of the second to the first.
    """
    table = inegi_homicides_national
    halves = table[table["period"] == "Jan-Jun"][["year", "homicides", "status"]]
    halves = halves.rename(columns={"homicides": "homicides_inegi", "status": "status_inegi"})
    months = national_month[national_month["month"].dt.month <= 6]
    sums = months.groupby(months["month"].dt.year)["homicides_sesnsp_filled"].sum(min_count=6)
    out = halves.assign(homicides_sesnsp=halves["year"].map(sums)).dropna()
    out["ratio"] = (out["homicides_sesnsp"] / out["homicides_inegi"]).astype("float64")
    out.attrs["sources"] = ["inegi_homicides_national", SOURCES["sesnsp"]]
    return out.reset_index(drop=True)


def select_known(panel: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give the rows in which a column is known."""
    about = ["cve_ent", "state", "month", column.removesuffix("_per_100k"), column, "flags"]
    rows = panel.dropna(subset=[column])[list(dict.fromkeys(about))]
    rows.attrs["sources"] = _tables_of(column)
    return rows


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
    return out


def _tables_of(column: str) -> list[str]:
    """Name the raw tables that a rate of the panel rests on."""
    found = [table for source, table in SOURCES.items() if source in column]
    found += ["guard_deployment_state_month"] if "guards" in column else []
    return [*found, "conapo_population_state_year"]


def select_quarters(months: pd.DataFrame, column: str) -> pd.DataFrame:
    """Give a column at the end of each quarter where it is known: ``cve_ent, state, month``."""
    last = months["month"].dt.month % 3 == 0
    rows = months.loc[last & months[column].notna(), ["cve_ent", "state", "month", column]]
    rows.attrs["sources"] = _tables_of(column)
    return rows.reset_index(drop=True)


def select_recent_rates(panel: pd.DataFrame, *, source: Source = "sesnsp") -> pd.DataFrame:
    """Give each state's rate over the last twelve months of a source, ranked.

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
    rates.attrs["sources"] = [SOURCES[source], "conapo_population_state_year"]
    return rates


def select_years(panel: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a state's yearly counts, rates and rank from both sources, complete years only.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``cve_ent, year, homicides_sesnsp, rate_sesnsp, rank_sesnsp,
        homicides_inegi, rate_inegi, rank_inegi, flags``; a year with a missing month is missing.
    """
    frame = panel.assign(year=panel["month"].dt.year)
    out = frame.groupby(["cve_ent", "year"])["person_years"].sum().to_frame()
    for source in SOURCES:
        counts = frame.groupby(["cve_ent", "year"])[f"homicides_{source}"]
        out[f"homicides_{source}"] = counts.sum(min_count=YEAR).where(counts.count() == YEAR)
        rate = (out[f"homicides_{source}"] / out["person_years"] * PER).astype("float64")
        out[f"rate_{source}"] = rate
        ranks = rate.groupby("year").rank(ascending=False, method="min")
        out[f"rank_{source}"] = ranks.astype("Int64")
    code = find_state(state).cve_ent
    flags = frame[frame["cve_ent"] == code].groupby(["cve_ent", "year"])["flags"].agg(_distinct)
    out = out.join(flags, how="inner").reset_index().drop(columns="person_years")
    out = out.dropna(subset=["homicides_sesnsp", "homicides_inegi"], how="all")
    out.attrs["sources"] = [*SOURCES.values(), "conapo_population_state_year"]
    return out.reset_index(drop=True)


def _distinct(flags: pd.Series) -> str:
    return ";".join(sorted({flag for text in flags for flag in text.split(";")} - {""}))


def _state_and_nation(table: pd.DataFrame, state: str) -> pd.DataFrame:
    """Label the rows of a state and the nation, whose rows carry the code ``00``."""
    chosen = find_state(state)
    rows = table[table["cve_ent"].isin([chosen.cve_ent, "00"])].copy()
    national = rows["cve_ent"] == "00"
    rows["place"] = national.map({True: "nation", False: "state"})
    rows["name"] = national.map({True: "Mexico", False: chosen.name})
    return rows.reset_index(drop=True)


def select_weapons(victims: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give the share of homicide victims killed with a firearm among those with known means.

    Parameters
    ----------
    victims : pandas.DataFrame
        Table ``sesnsp_victims_state_month``, of all states: the nation is their sum.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        One row a place and year: ``cve_ent`` (``00`` the nation), ``place, name, year, firearm,
        known, unspecified`` (victims), ``share`` with Wilson's 95 % interval ``conf_low,
        conf_high`` (Wilson 1927), shares of one.

    Raises
    ------
    ModelError
        When a state is missing from the victims.
    """
    if missing := {place.cve_ent for place in states()} - {*victims["cve_ent"]}:
        raise ModelError(
            f"the victims hold no row of {len(missing)} states (first: {min(missing)}); expected "
            "all 32, whose sum is the nation: load the table without state="
        )
    homicides = victims[victims["crime"] == "intentional_homicide"].dropna(subset="victims")
    homicides = homicides.assign(year=homicides["month"].dt.year)
    nationwide = homicides.assign(cve_ent="00")
    both = pd.concat([homicides, nationwide])
    wide = both.pivot_table(
        index=["cve_ent", "year"], columns="means", values="victims", aggfunc="sum", fill_value=0
    ).astype("int64")
    known = wide.drop(columns="unspecified").sum(axis=1)
    low, high = wilson(wide["firearm"], known)
    out = pd.DataFrame(
        {
            "firearm": wide["firearm"],
            "known": known,
            "unspecified": wide["unspecified"],
            "share": wide["firearm"] / known,
            "conf_low": low,
            "conf_high": high,
        }
    ).reset_index()
    out = _state_and_nation(out[out["known"] > 0], state)
    out.attrs["sources"] = [SOURCES["sesnsp"]]
    return out


def wilson(successes: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Give Wilson's 95 % interval of shares (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212)."""
    share = successes / trials
    centre = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    half /= 1 + Z**2 / trials
    return centre - half, centre + half


def select_perception(table: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give the share of adults who feel unsafe in their state: ``place, name, year, unsafe`` (%).

    ``table`` is ``envipe_state_perception``; the code ``00`` is the nation.
    """
    rows = table.assign(unsafe=table["unsafe_per_100k_adults"] / 1000)
    out = _state_and_nation(rows, state)
    out.attrs["sources"] = ["envipe_state_perception"]
    return out[["cve_ent", "place", "name", "year", "unsafe"]]


def select_disappeared(table: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a state's disappeared persons by year of the facts and category.

    ``table`` is ``disappeared_state_year``; persons without a date stay in, year ``undated``.
    """
    out = table[table["cve_ent"] == find_state(state).cve_ent]
    out = out[["cve_ent", "year", "category", "persons"]].reset_index(drop=True)
    out.attrs["sources"] = ["disappeared_state_year"]
    return out


def select_deployment(panel: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give guards deployed per 100,000 inhabitants by month, a state and the nation.

    Returns
    -------
    pandas.DataFrame
        One row a place and month: ``cve_ent, place, name, month, guards, population,
        guards_per_100k, flags``.
    """
    known = panel.dropna(subset=["guards"])
    totals = known.groupby("month")[["guards", "population"]].sum().reset_index()
    stale = known.groupby("month")["flags"].agg(
        lambda flags: "guards_stale" if flags.str.contains("guards_stale").all() else ""
    )
    totals = totals.assign(cve_ent="00", flags=totals["month"].map(stale))
    columns = ["cve_ent", "month", "guards", "population", "flags"]
    out = pd.concat([known[columns], totals[columns]], ignore_index=True)
    out["guards_per_100k"] = (out["guards"] / out["population"] * PER).astype("float64")
    out = _state_and_nation(out, state)
    out.attrs["sources"] = ["guard_deployment_state_month", "conapo_population_state_year"]
    return out


def select_neighbours(rates: pd.DataFrame, trends: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a state and the states around it on the tile grid, with rate and trend.

    Parameters
    ----------
    rates : pandas.DataFrame
        From `select_recent_rates`.
    trends : pandas.DataFrame
        Rows of `analysis.fit_state_trend`.
    """
    centre = find_state(state)
    codes = [centre.cve_ent, *(near.cve_ent for near in neighbours(centre))]
    columns = ["cve_ent", "estimate", "conf_low", "conf_high", "direction"]
    trend = trends[columns].rename(columns={"conf_low": "trend_low", "conf_high": "trend_high"})
    out = rates.merge(trend.rename(columns={"estimate": "trend"}), on="cve_ent")
    out = out[out["cve_ent"].isin(codes)].sort_values("rank", ignore_index=True)
    out.attrs["sources"] = list(rates.attrs["sources"])
    return out


def select_strength(guard_strength_national: pd.DataFrame) -> pd.DataFrame:
    """Give dated national totals of the Guard with the month they stand for as ``month``.

    Totals that name only a year are left out of the time line; ``assigned_inegi`` takes the
    figure including heads of units where INEGI's plain one is lacking.
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
    dated.attrs["sources"] = ["guard_strength_national"]
    return dated[["date", "month", "concept", "guards", "source", "status"]].reset_index(drop=True)


def select_marks(panel: pd.DataFrame) -> pd.DataFrame:
    """Give every flag in a panel with its states, months and number of cells.

    Returns
    -------
    pandas.DataFrame
        One row a flag and state: ``cve_ent, state, flag, cells, first, last``.
    """
    flagged = panel[panel["flags"] != ""].assign(flag=lambda rows: rows["flags"].str.split(";"))
    cells = flagged.explode("flag").groupby(["cve_ent", "state", "flag"])["month"]
    out = cells.agg(cells="count", first="min", last="max").reset_index()
    out.attrs["sources"] = list(panel.attrs["sources"])
    return out
