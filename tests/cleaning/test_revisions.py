"""What differs between two states of a table."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.cleaning.revisions import compare_queries, compare_rows, count_added

KEY = ["place", "year"]
TABLES = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.integers(2020, 2023)),
    st.one_of(st.none(), st.integers(0, 9)),
    min_size=1,
)


def frame(cells):
    rows = [(*key, value) for key, value in cells.items()]
    return pd.DataFrame(rows, columns=[*KEY, "deaths"]).astype({"deaths": "Int64", "place": "str"})


def expected(old, new):
    """Say what differs, cell by cell, without pandas."""
    found = {}
    for key in {**old, **new}:
        if key not in new:
            found[key] = "gone"
        elif key not in old:
            found[key] = "added"
        elif old[key] != new[key]:
            change = "gone" if new[key] is None else "added" if old[key] is None else "revised"
            found[key] = change
    return found


@given(TABLES, TABLES)
def test_every_difference_is_listed_once_and_nothing_else(old, new):
    cells = compare_rows(frame(old), frame(new), KEY)
    found = {(row.place, row.year): row.change for row in cells.itertuples()}
    assert len(cells) == len(found)
    assert found == expected(old, new)
    for row in cells.itertuples():
        for state, value in ((old, row.old), (new, row.new)):
            known = state.get((row.place, row.year))
            assert (None if pd.isna(value) else value) == known


def test_counts_stay_counts_where_a_row_has_no_partner():
    old = frame({("a", 2020): 5}).astype({"deaths": "int64"})
    new = frame({("a", 2020): 6, ("b", 2020): 7}).astype({"deaths": "int64"})
    cells = compare_rows(old, new, KEY)
    assert cells["old"].tolist() == [5, pd.NA] or cells["old"].dropna().tolist() == [5]
    assert str(cells["new"].iloc[0]) == "6"


@given(TABLES, TABLES)
def test_queries_say_the_same_as_frames(tmp_path_factory, old, new):
    folder = tmp_path_factory.mktemp("queries")
    queries = []
    for name, cells in (("old", old), ("new", new)):
        path = folder / f"{name}.parquet"
        frame(cells).to_parquet(path)
        queries.append(f"SELECT * FROM read_parquet('{path}')")
    listed = compare_queries(*queries, KEY, ["deaths"])
    found = {(row.place, row.year): row.change for row in listed.itertuples()}
    wanted = {key: change for key, change in expected(old, new).items() if key in old}
    assert found == wanted
    assert count_added(*queries, KEY) == len(set(new) - set(old))


def test_several_measures_are_compared_each():
    one = "SELECT 'a' AS place, 2020 AS year, 1 AS men, 2 AS women"
    two = "SELECT 'a' AS place, 2020 AS year, 1 AS men, 3 AS women"
    cells = compare_queries(one, two, KEY, ["men", "women"])
    assert cells[["column", "old", "new"]].to_numpy().tolist() == [["women", 2.0, 3.0]]
