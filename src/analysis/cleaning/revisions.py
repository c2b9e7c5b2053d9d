"""What differs between two states of a table, cell by cell."""

import duckdb
import pandas as pd

# What can become of a cell: another figure, a figure where there was none, none where there was.
CHANGES = ("revised", "added", "gone")


def compare_rows(before: pd.DataFrame, after: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Say cell by cell what differs between two states of a table.

    Parameters
    ----------
    before, after : pandas.DataFrame
        The same columns, of the same types.
    key : list of str
        Columns that name a row.

    Returns
    -------
    pandas.DataFrame
        One row a cell: the key, ``column``, ``old`` and ``new`` (missing where there is no row or
        no figure) and ``change``: revised, added or gone.

    Examples
    --------
    >>> old = pd.DataFrame({"year": [2023, 2024], "deaths": [5, 6]})
    >>> new = pd.DataFrame({"year": [2024, 2025], "deaths": [7, 8]})
    >>> compare_rows(old, new, ["year"])[["year", "old", "new", "change"]]
       year  old  new   change
    0  2023     5  <NA>     gone
    1  2024     6     7  revised
    2  2025  <NA>     8    added
    """
    # A row without a partner must not turn counts into decimals.
    whole = {column: "Int64" for column in before if before[column].dtype == "int64"}
    before, after = before.astype(whole), after.astype(whole)
    both = before.merge(after, how="outer", on=key, suffixes=("_old", "_new"), indicator=True)
    parts = [
        both[[*key, "_merge"]].assign(
            column=column, old=both[f"{column}_old"], new=both[f"{column}_new"]
        )
        for column in before
        if column not in key
    ]
    cells = pd.concat(parts, ignore_index=True)
    revised, added, gone = CHANGES
    left = cells["_merge"].eq("left_only") | (cells["new"].isna() & cells["old"].notna())
    came = cells["_merge"].eq("right_only") | (cells["old"].isna() & cells["new"].notna())
    cells["change"] = pd.Series(revised, index=cells.index).mask(left, gone).mask(came, added)
    same = cells["old"].eq(cells["new"]).fillna(False).astype("bool")
    same |= cells["_merge"].eq("both") & cells["old"].isna() & cells["new"].isna()
    cells = cells[~same].drop(columns="_merge")
    return cells.sort_values([*key, "column"], ignore_index=True)


def compare_queries(before: str, after: str, key: list[str], measures: list[str]) -> pd.DataFrame:
    """Do the same for two queries of an official table, of any size; new rows are left out.

    Columns as `compare_rows`; of rows that are only in ``after`` see `count_added`.
    """
    cells = ", ".join(
        f"{{'column': '{m}', 'old': CAST(o.{m} AS DOUBLE), 'new': CAST(n.{m} AS DOUBLE)}}"
        for m in measures
    )
    same = " AND ".join(f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in key)
    named = ", ".join(f"o.{name}" for name in key)
    with duckdb.connect() as con:
        return con.execute(
            "SELECT * EXCLUDE (cell, held), cell.*, "
            "CASE WHEN NOT held OR cell.new IS NULL THEN 'gone' WHEN cell.old IS NULL THEN 'added' "
            "ELSE 'revised' END AS change "
            f"FROM (SELECT {named}, unnest([{cells}]) AS cell, n.{key[0]} IS NOT NULL AS held "
            f"FROM ({before}) o LEFT JOIN ({after}) n ON {same}) "
            "WHERE NOT held OR cell.old IS DISTINCT FROM cell.new ORDER BY ALL"
        ).df()


def count_added(before: str, after: str, key: list[str]) -> int:
    """Count the rows of a query that another one has no row for."""
    same = " AND ".join(f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in key)
    with duckdb.connect() as con:
        return con.execute(
            f"SELECT count(*) FROM ({after}) n ANTI JOIN ({before}) o ON {same}"
        ).fetchall()[0][0]


def count_rows(query: str) -> int:
    """Count the rows of a query."""
    with duckdb.connect() as con:
        return con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
