"""A frame that is not what its descriptor says is refused: where, what stands there, how many."""

import pandas as pd
import pytest

from analysis.cleaning.build import load_table
from analysis.cleaning.corrections import read_table
from analysis.errors import DataError
from analysis.schemas import validate
from analysis.sources import derived_tables, raw_tables, read_raw

GUARD = "guard_deployment_state_month"
VICTIMS = "sesnsp_victims_state_month"


@pytest.fixture
def guard():
    return read_raw(GUARD)


@pytest.mark.parametrize("name", raw_tables())
def test_every_raw_table_is_what_its_descriptor_says(name):
    frame = read_raw(name)
    assert validate(frame, name) is frame


@pytest.mark.parametrize("name", derived_tables())
def test_every_built_table_is_what_its_descriptor_says(name):
    validate(load_table(name), name)


def test_a_negative_count_is_named_with_row_column_and_number(guard):
    guard.loc[[9, 3], "guards"] = -1
    with pytest.raises(DataError, match=rf'{GUARD} row 5: guards is "-1".*\(2 such cells in all\)'):
        validate(guard, GUARD)


@pytest.mark.parametrize("code", ["33", "00", "1", "Colima"])
def test_an_unknown_code_is_named_with_row_column_and_number(guard, code):
    guard.loc[9, "cve_ent"] = code
    with pytest.raises(DataError, match=rf'row 11: cve_ent is "{code}".*\(1 such cells in all\)'):
        validate(guard, GUARD)


def test_a_key_that_stands_twice_is_named_with_row_columns_and_number(guard):
    twice = pd.concat([guard, guard.iloc[[5]]], ignore_index=True)
    expected = r'row 7: cve_ent is "01"; expected multiple_fields_uniqueness \(4 such cells in all'
    with pytest.raises(DataError, match=expected):
        validate(twice, GUARD)


def test_a_month_outside_the_coverage_is_named(guard):
    guard.loc[3, "month"] = pd.Timestamp("2022-01")
    with pytest.raises(DataError, match='row 5: month is "2022-01-01'):
        validate(guard, GUARD)


def test_a_missing_required_value_is_named(guard):
    guard.loc[3, "cve_ent"] = None
    with pytest.raises(DataError, match="row 5: cve_ent is .* not_nullable"):
        validate(guard, GUARD)


def test_a_crime_outside_the_list_is_named_beside_the_list():
    victims = read_raw(VICTIMS)
    victims.loc[4, "crime"] = "theft"
    with pytest.raises(DataError, match='row 6: crime is "theft"; expected .*kidnapping'):
        validate(victims, VICTIMS)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.assign(extra=1),
        lambda frame: frame.drop(columns="guards"),
        lambda frame: frame.astype({"guards": "float64"}),
    ],
    ids=["a column too many", "a column too few", "another type"],
)
def test_another_shape_is_refused(guard, spoil):
    with pytest.raises(DataError, match=GUARD):
        validate(spoil(guard), GUARD)


def test_of_several_faults_the_first_row_is_shown(guard):
    guard.loc[1, "guards"] = -1
    guard.loc[2, "cve_ent"] = "99"
    with pytest.raises(DataError, match=r"row 3: guards.*\(2 such cells in all\)"):
        validate(guard, GUARD)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("11,2020-05,6744", ["11,2020-05,-6744"], 'guards is "-6744"'),
        ("11,2020-05,6744", ["34,2020-05,6744"], 'cve_ent is "34"'),
        ("11,2020-05,6744", ["11,2020-05,6744"] * 2, "multiple_fields_uniqueness"),
    ],
)
def test_a_faulty_raw_table_never_passes_the_door(project, old, new, message):
    row = project.replace(GUARD, old, *new)
    with pytest.raises(DataError, match=f"{GUARD} row {row}.*{message}"):
        read_table(GUARD)
