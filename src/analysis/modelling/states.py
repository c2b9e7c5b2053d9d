"""What the report on one state needs out of the tables, with the nation beside it."""

import pandas as pd

from analysis.calendar import PER
from analysis.columns import RATE, credit
from analysis.errors import ModelError
from analysis.geography import find_state, neighbours, states
from analysis.modelling.inference import wilson
from analysis.modelling.result import ALL_STATES
from analysis.modelling.selection import YEAR, join_flags
from analysis.parameters import SOURCES


def select_state(panel: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a panel's rows of one state, in order of time.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month`` and any others.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        The panel's rows of the state, all columns.

    Examples
    --------
    >>> from analysis import load_panel
    >>> rows = select_state(load_panel(), "Colima")
    >>> int(rows.loc[rows["month"].dt.year == 2022, "homicides_sesnsp"].sum())
    868
    """
    rows = panel[panel["cve_ent"] == find_state(state).cve_ent].sort_values("month")
    rows.attrs = dict(panel.attrs)
    return rows


def select_years(panel: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a state's yearly counts, rates and rank from both sources, complete years only.

    Parameters
    ----------
    panel : pandas.DataFrame
        From `analysis.load_panel`, of all states: the rank is among them.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``cve_ent, year, homicides_sesnsp, rate_sesnsp, rank_sesnsp,
        homicides_inegi, rate_inegi, rank_inegi, flags``, and ``ranked_sesnsp, ranked_inegi``, how
        many states the rank is among; a year with a missing month is missing.

    Examples
    --------
    >>> from analysis import load_panel
    >>> years = select_years(load_panel(), "Guanajuato").set_index("year")
    >>> years.loc[2020, ["homicides_sesnsp", "homicides_inegi", "rank_sesnsp"]].tolist()
    [4490, 5155, 3]
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
        out[f"ranked_{source}"] = rate.groupby("year").transform("count")
    code = find_state(state).cve_ent
    flags = frame[frame["cve_ent"] == code].groupby(["cve_ent", "year"])["flags"].agg(join_flags)
    out = out.join(flags, how="inner").reset_index().drop(columns="person_years")
    out = out.dropna(subset=["homicides_sesnsp", "homicides_inegi"], how="all")
    sources = [*SOURCES.values(), "conapo_population_state_year"]
    out = out.reset_index(drop=True)
    out.attrs = {"rests_on": ALL_STATES}
    return credit(out, sources)


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
        known, unspecified`` (victims), ``months`` with figures of all ``months_due`` (of the
        nation, those of all states), ``share`` with Wilson's 95 % interval ``conf_low,
        conf_high`` (Wilson 1927), shares of one.

    Raises
    ------
    ModelError
        When a state is missing from the victims.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_weapons(load_table("sesnsp_victims_state_month"), "GTO")
    >>> rows.query("year == 2023").set_index("place")["share"].round(2).to_dict()
    {'nation': 0.74, 'state': 0.85}
    """
    if missing := {place.cve_ent for place in states()} - {*victims["cve_ent"]}:
        raise ModelError(
            f"the victims hold no row of {len(missing)} states (first: {min(missing)}); expected "
            "all 32, whose sum is the nation: load the table without state="
        )
    homicides = victims[victims["crime"] == "intentional_homicide"].dropna(subset="victims")
    homicides = homicides.assign(year=homicides["month"].dt.year, state=homicides["cve_ent"])
    nationwide = homicides.assign(cve_ent="00")
    both = pd.concat([homicides, nationwide])
    wide = both.pivot_table(
        index=["cve_ent", "year"], columns="means", values="victims", aggfunc="sum", fill_value=0
    ).astype("int64")
    known = wide.drop(columns="unspecified").sum(axis=1)
    cells = both.drop_duplicates(["cve_ent", "state", "month"]).groupby(["cve_ent", "year"])
    due = homicides.groupby("year")["month"].nunique().reindex(wide.index, level="year")
    is_nation = wide.index.get_level_values("cve_ent") == "00"
    low, high = wilson(wide["firearm"], known)
    out = pd.DataFrame(
        {
            "firearm": wide["firearm"],
            "known": known,
            "unspecified": wide["unspecified"],
            "months": cells.size(),
            "months_due": due.where(~is_nation, len(states()) * due),
            "share": wide["firearm"] / known,
            "conf_low": low,
            "conf_high": high,
        }
    ).reset_index()
    out = _state_and_nation(out[out["known"] > 0], state)
    out.attrs = {"rests_on": ALL_STATES}
    # Those of the nation are of every state.
    months = dict.fromkeys(["months", "months_due"], "months of a state")
    return credit(out, [SOURCES["sesnsp"]], estimate="share of one", **months)


def select_perception(table: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give the share of adults who feel unsafe in their state, beside the nation's.

    Parameters
    ----------
    table : pandas.DataFrame
        Table ``envipe_state_perception``; the code ``00`` is the nation.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        One row a place and year: ``cve_ent, place`` (``state`` or ``nation``), ``name, year``,
        ``unsafe`` in % of adults.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_perception(load_table("envipe_state_perception"), "Zacatecas")
    >>> rows.query("year == 2024").set_index("name")["unsafe"].round(1).to_dict()
    {'Mexico': 77.3, 'Zacatecas': 90.5}
    """
    rows = table.assign(unsafe=table["unsafe_per_100k_adults"] / 1000)
    out = _state_and_nation(rows, state)
    return credit(out[["cve_ent", "place", "name", "year", "unsafe"]], ["envipe_state_perception"])


def select_disappeared(table: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a state's disappeared persons by year of the facts and category.

    Parameters
    ----------
    table : pandas.DataFrame
        Table ``disappeared_state_year``.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        One row a year and category: ``cve_ent, year`` (text; ``undated`` for persons without a
        date), ``category`` (``missing, found_dead, found_alive``), ``persons``.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_disappeared(load_table("disappeared_state_year"), "Tamaulipas")
    >>> rows.query("year == '2011'").set_index("category")["persons"].to_dict()
    {'missing': 1295, 'found_alive': 482, 'found_dead': 50}
    """
    out = table[table["cve_ent"] == find_state(state).cve_ent]
    out = out[["cve_ent", "year", "category", "persons"]].reset_index(drop=True)
    return credit(out, ["disappeared_state_year"])


def select_deployment(panel: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give guards deployed per 100,000 inhabitants by month, a state and the nation.

    Parameters
    ----------
    panel : pandas.DataFrame
        From `analysis.load_panel`, of all states: the nation is their sum.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        One row a place and month: ``cve_ent, place, name, month, guards, population,
        guards_per_100k, flags``.

    Examples
    --------
    >>> from analysis import load_panel
    >>> rows = select_deployment(load_panel(), "Zacatecas")
    >>> last = rows[rows["month"] == rows["month"].max()].set_index("place")
    >>> last["guards_per_100k"].round(1).to_dict()
    {'state': 116.5, 'nation': 77.5}
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
    sources = ["guard_deployment_state_month", "conapo_population_state_year"]
    out.attrs = {"rests_on": ALL_STATES}
    return credit(out, sources)


def select_neighbours(rates: pd.DataFrame, trends: pd.DataFrame, state: str) -> pd.DataFrame:
    """Give a state and the states around it on the tile grid, with rate and trend.

    Parameters
    ----------
    rates : pandas.DataFrame
        From `select_recent_rates`.
    trends : pandas.DataFrame
        Rows of `analysis.fit_state_trend`.
    state : str
        Name, code or abbreviation of the state in the middle.

    Returns
    -------
    pandas.DataFrame
        One row a state, the highest rate first: the columns of ``rates``, ``trend`` (% a year) with
        ``trend_low, trend_high``, and ``direction``.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel, select_recent_rates
    >>> panel = load_panel()
    >>> near = [fit_state_trend(panel, state=name).tidy() for name in ("COL", "JAL", "MICH")]
    >>> rows = select_neighbours(select_recent_rates(panel), pd.concat(near), "Colima")
    >>> rows[["state", "rank", "direction"]].to_numpy().tolist()
    [['Colima', 1, 'unclear'], ['Michoacán', 10, 'falling'], ['Jalisco', 15, 'falling']]
    """
    centre = find_state(state)
    codes = [centre.cve_ent, *(near.cve_ent for near in neighbours(centre))]
    columns = ["cve_ent", "estimate", "conf_low", "conf_high", "direction"]
    trend = trends[columns].rename(columns={"conf_low": "trend_low", "conf_high": "trend_high"})
    out = rates.merge(trend.rename(columns={"estimate": "trend"}), on="cve_ent")
    out = out[out["cve_ent"].isin(codes)].sort_values("rank", ignore_index=True)
    return credit(out, rates.attrs["sources"], estimate=RATE)
