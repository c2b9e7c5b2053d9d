"""What the strategies and the Guard set out, as compiled: roles, dated events, elements."""

import pandas as pd

from analysis.columns import credit


def select_guard_roles(guard_roles: pd.DataFrame) -> pd.DataFrame:
    """Give the Guard's roles from the highest level of priority down.

    Parameters
    ----------
    guard_roles : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a role: ``role, level`` (10 is the highest), ``to_strengthen, source``.

    Examples
    --------
    >>> from analysis import load_table
    >>> roles = select_guard_roles(load_table("guard_roles"))
    >>> roles.loc[roles["to_strengthen"] == "yes", "role"].tolist()
    ['investigation', 'information', 'citizen complaints', 'intelligence', 'cybersecurity']
    """
    rows = guard_roles.sort_values("level", ascending=False, kind="stable")
    out = rows[["role", "level", "to_strengthen", "source"]].reset_index(drop=True)
    return credit(out, ["guard_roles"])


def select_strategy_dates(strategy_timeline: pd.DataFrame) -> pd.DataFrame:
    """Give dated events of the strategies in order, with ``day`` as a date.

    Parameters
    ----------
    strategy_timeline : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row an event: ``date`` (text), ``day`` (datetime), ``key, label, term, kind, event,
        source, source_url, status``.

    Examples
    --------
    >>> from analysis import load_table
    >>> dates = select_strategy_dates(load_table("strategy_timeline"))
    >>> dates[["date", "label"]].iloc[0].tolist()
    ['2006-12-01', 'Calderón in office']
    """
    rows = strategy_timeline.assign(day=pd.to_datetime(strategy_timeline["date"]))
    rows = rows.sort_values("day", kind="stable")
    first = ["date", "day", "key", "label", "term", "kind", "event"]
    out = rows[[*first, "source", "source_url", "status"]].reset_index(drop=True)
    return credit(out, ["strategy_timeline"])


def select_strategies(strategy_elements: pd.DataFrame) -> pd.DataFrame:
    """Put the elements of the two strategies side by side, by kind and number.

    Parameters
    ----------
    strategy_elements : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a kind and place: ``kind, place, element_2018, description_2018, source_2018,
        source_url_2018, element_2024, description_2024, source_2024, source_url_2024``; missing
        where a strategy has no such element.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_strategies(load_table("strategy_elements")).set_index(["kind", "place"])
    >>> rows.loc[("pillar", 1), ["element_2018", "element_2024"]].tolist()
    ['End corruption', 'Causes']
    """
    about = ["element", "description", "source", "source_url"]
    order = {"pillar": 0, "programme": 1, "joint force": 2, "institution": 3}
    rows = strategy_elements.assign(order=strategy_elements["kind"].map(order))
    wide = rows.pivot(index=["order", "kind", "place"], columns="strategy", values=about)
    years = sorted(rows["strategy"].unique())
    wide = wide[[(name, year) for year in years for name in about]]
    wide.columns = [f"{name}_{year}" for name, year in wide.columns]
    out = wide.reset_index().drop(columns="order")
    return credit(out, ["strategy_elements"])
