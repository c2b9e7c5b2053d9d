"""Recorded faults are mended where and only where they were found, and fail loudly otherwise."""

import pandas as pd
import pytest

from analysis.cleaning.corrections import (
    add_flag,
    apply_corrections,
    join_flags,
    read_table,
    select_cells,
)
from analysis.errors import DataError
from analysis.sources import describe, raw_tables, read_raw

GUARD = "guard_deployment_state_month"
VICTIMS = "sesnsp_victims_state_month"
SWAPPED = {"09": (979, 12_224), "05": (12_224, 2_173), "06": (2_173, 979)}


def cells(name, flag):
    table = read_table(name)
    return table[table["flags"].str.contains(flag)]


def test_exactly_three_guard_cells_are_corrected():
    corrected = cells(GUARD, "guards_corrected")
    assert corrected["month"].dt.strftime("%Y-%m").eq("2021-03").all()
    expected = {code: right for code, (_, right) in SWAPPED.items()}
    assert dict(zip(corrected["cve_ent"], corrected["guards"], strict=True)) == expected


def test_as_found_the_faults_still_stand():
    found = read_table(GUARD, corrected=False)
    march = found[found["month"] == "2021-03"].set_index("cve_ent")["guards"]
    assert {code: march[code] for code in SWAPPED} == {c: was for c, (was, _) in SWAPPED.items()}
    assert found["flags"].eq("").all()


def test_only_recorded_cells_change():
    found, corrected = read_raw(GUARD), read_table(GUARD)
    changed = found["guards"] != corrected["guards"]
    assert found[changed][["cve_ent", "month"]].equals(
        cells(GUARD, "guards_corrected")[["cve_ent", "month"]]
    )
    assert changed.sum() == 3


def test_the_correction_leaves_the_national_total_as_published():
    totals = [
        table.loc[table["month"] == "2021-03", "guards"].sum()
        for table in (read_raw(GUARD), read_table(GUARD))
    ]
    strength = read_raw("guard_strength_national").set_index(["date", "concept"])["guards"]
    assert totals == [99_608, 99_608] == [strength["2021-03-31", "deployed"]] * 2


def test_the_press_figures_of_march_2021_agree_with_the_corrected_table():
    press = read_raw("guard_deployment_state_partial")
    press = press[press["date"] == "2021-03-31"].set_index("cve_ent")["guards"]
    table = read_table(GUARD)
    march = table[table["month"] == "2021-03"].set_index("cve_ent")["guards"]
    assert len(press) == 8
    assert press["09"] == march["09"] == 12_224
    assert (march[press.index] == press).all()


def test_nine_months_of_oaxaca_are_missing_in_every_crime():
    missing = cells(VICTIMS, "sesnsp_missing")
    assert missing["victims"].isna().all()
    assert missing["cve_ent"].eq("20").all()
    assert missing["month"].dt.strftime("%Y-%m").unique().tolist() == [
        *(f"2015-{month}" for month in ("01", "03", "04", "06", "07", "09", "10", "12")),
        "2016-10",
    ]
    assert len(missing) == 9 * 8


def test_nothing_else_is_missing():
    table = read_table(VICTIMS)
    assert table["victims"].isna().equals(table["flags"].str.contains("sesnsp_missing"))


@pytest.mark.parametrize("name", raw_tables())
def test_a_raw_table_keeps_its_rows_and_gains_only_flags(name):
    table = read_table(name)
    assert len(table) == describe(name)["rows"]
    fields = [field["name"] for field in describe(name)["schema"]["fields"]]
    assert list(table.columns) == [*fields, "flags"]


@pytest.mark.parametrize("name", raw_tables())
def test_a_correction_says_why_and_what_to_expect_upstream(name):
    for correction in describe(name)["corrections"]:
        assert correction["reason"] and correction["proof"] and correction["upstream"]
    for flag in describe(name)["flags"]:
        assert flag["reason"] and flag["proof"]


def test_a_repaired_guard_figure_makes_its_correction_fail(project):
    project.replace(GUARD, "09,2021-03,979", "09,2021-03,12224")
    with pytest.raises(DataError) as error:
        read_table(GUARD)
    message = str(error.value)
    assert f"{GUARD}: correction guard-2021-03-ciudad-de-mexico" in message
    assert "guards = 979" in message and "found [12224]" in message
    assert "delete the correction" in message


def test_a_published_month_of_oaxaca_makes_its_correction_fail(project):
    firearm = "20,2015-01,intentional_homicide,firearm,"
    project.replace(VICTIMS, f"{firearm}0", f"{firearm}41")
    with pytest.raises(DataError, match=r"correction oaxaca-2015-01 expected 8 row.*41"):
        read_table(VICTIMS)


def test_a_row_that_is_gone_makes_its_correction_fail(project):
    project.replace(VICTIMS, "20,2016-10,femicide,all,0")
    with pytest.raises(DataError, match=r"correction oaxaca-2016-10 expected 8 row\(s\)"):
        read_table(VICTIMS)


def test_a_correction_that_expects_an_empty_cell_fails_once_it_is_filled():
    correction = {
        "id": "gap",
        "where": {"year": "2020"},
        "column": "deaths",
        "found": None,
        "right": 7,
        "flag": "filled",
        "rows": 1,
    }
    descriptor = {"name": "table", "corrections": [correction]}
    years = pd.DataFrame({"year": [2020, 2021], "deaths": pd.array([None, 3], dtype="Int64")})
    assert apply_corrections(years, descriptor)["deaths"].tolist() == [7, 3]
    assert years["deaths"].isna().tolist() == [True, False]
    with pytest.raises(DataError, match="correction gap"):
        apply_corrections(years.fillna(5), descriptor)


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ({}, [True, True, True, True]),
        ({"cve_ent": "09"}, [True, True, False, False]),
        ({"cve_ent": ["09", "11"]}, [True, True, False, True]),
        ({"month": {"from": "2020-06", "to": "2020-07"}}, [False, True, True, False]),
        ({"cve_ent": "09", "month": "2020-06"}, [False, True, False, False]),
        ({"year": 2021}, [False, False, False, True]),
    ],
)
def test_where_is_a_value_a_list_or_a_range_with_both_ends(where, chosen):
    frame = pd.DataFrame(
        {
            "cve_ent": ["09", "09", "10", "11"],
            "month": pd.to_datetime(["2020-05", "2020-06", "2020-07", "2021-01"]),
            "year": [2020, 2020, 2020, 2021],
        }
    )
    assert select_cells(frame, where).tolist() == chosen


def test_a_list_of_numbers_chooses_like_a_number():
    frame = pd.DataFrame({"year": [2020, 2021, 2022]})
    assert select_cells(frame, {"year": [2020, 2022]}).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("name", "flag", "rows", "codes", "first", "last"),
    [
        (GUARD, "guards_break", 13, {"09"}, "2020-07", "2021-07"),
        ("inegi_homicides_state_month", "inegi_truncated", 32 * 12, None, "2022-01", "2022-12"),
        (VICTIMS, "sesnsp_preliminary", 32 * 6 * 8, None, "2025-01", "2025-06"),
    ],
)
def test_a_flag_marks_its_rows_and_no_others(name, flag, rows, codes, first, last):
    marked = cells(name, flag)
    assert len(marked) == rows
    assert set(marked["cve_ent"]) == (codes or {f"{code:02d}" for code in range(1, 33)})
    assert marked["month"].agg(["min", "max"]).dt.strftime("%Y-%m").tolist() == [first, last]


def test_a_flag_changes_no_figure():
    found, table = read_raw(VICTIMS), read_table(VICTIMS)
    kept = ~table["flags"].str.contains("sesnsp_missing")
    assert (table["victims"][kept] == found["victims"][kept]).all()


def test_flags_of_a_row_are_joined_once_and_in_order():
    frame = pd.DataFrame({"flags": ["", "b"]})
    twice = add_flag(add_flag(frame, frame.index == 1, "a"), frame.index >= 0, "c")
    assert twice["flags"].tolist() == ["c", "b;a;c"]
    assert frame["flags"].tolist() == ["", "b"]
    joined = join_flags(pd.Series(["b;a", None, ""]), pd.Series(["a;c", "x", None]))
    assert joined.tolist() == ["a;b;c", "x", ""]
