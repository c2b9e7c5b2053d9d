"""An exported table says the same as the built one, with its dictionary."""

import pandas as pd
import pytest

from analysis.cleaning.build import load_table
from analysis.cleaning.export import build_dictionary, export_table
from analysis.errors import RequestError

NAME = "national_year"
TEXT = {"flags": "str", "status_inegi": "str", "cve_ent": "str"}
READERS = {
    ".csv": lambda file: pd.read_csv(file, dtype=TEXT),
    ".parquet": pd.read_parquet,
    ".xlsx": lambda file: pd.read_excel(file, sheet_name="data", dtype=TEXT),
}


def read_back(file, like):
    """Read an exported file with the types of the built table; files know no empty text."""
    table = READERS[file.suffix](file)
    table["flags"] = table["flags"].fillna("")
    return table.astype(like.dtypes.to_dict())


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("name", [NAME, "guard_deployment_state_month"])
def test_a_table_comes_back_as_it_went_out(tmp_path, name, ending):
    file = tmp_path / f"table{ending}"
    written = export_table(name, file)
    built = load_table(name)
    pd.testing.assert_frame_equal(read_back(file, built), built, rtol=1e-15)
    assert all(path.is_file() for path in written)
    assert set(tmp_path.iterdir()) == set(written)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_the_dictionary_lies_beside(tmp_path, ending):
    written = export_table(NAME, tmp_path / f"table{ending}")
    assert [path.name for path in written] == [f"table{ending}", "table-dictionary.csv"]
    pd.testing.assert_frame_equal(pd.read_csv(written[1]), build_dictionary(NAME))


def test_the_dictionary_of_a_workbook_is_its_second_sheet(tmp_path):
    (file,) = export_table(NAME, tmp_path / "table.XLSX")
    sheets = pd.read_excel(file, sheet_name=None)
    assert list(sheets) == ["data", "dictionary"]
    pd.testing.assert_frame_equal(sheets["dictionary"], build_dictionary(NAME))


@pytest.mark.parametrize("name", ["panel", "national_month", "national_year"])
def test_every_column_of_a_built_table_is_in_its_dictionary(name):
    dictionary = build_dictionary(name)
    assert dictionary["column"].tolist() == list(load_table(name).columns)
    assert dictionary[["type", "unit", "description"]].notna().all(axis=None)


def test_every_column_of_a_raw_table_is_in_its_dictionary():
    name = "guard_deployment_state_month"
    assert build_dictionary(name)["column"].tolist() == list(load_table(name).columns)


@pytest.mark.parametrize("file", ["panel.json", "panel", "panel.csv.gz"])
def test_another_ending_is_refused_with_the_known_ones(tmp_path, file):
    with pytest.raises(RequestError, match=r"use \.csv, \.parquet, \.xlsx") as error:
        export_table("panel", tmp_path / file)
    assert error.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"nowhere does not exist; make it first"):
        export_table("panel", tmp_path / "nowhere" / "panel.csv")


def test_an_unknown_table_leaves_no_file(tmp_path):
    with pytest.raises(RequestError, match="did you mean panel"):
        export_table("pannel", tmp_path / "panel.csv")
    assert list(tmp_path.iterdir()) == []
