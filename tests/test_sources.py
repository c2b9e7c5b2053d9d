"""Raw tables are whole, described, and read with the types of their descriptors."""

import json

import pytest

from analysis.errors import DataError, RequestError
from analysis.files import hash_file, written_beside
from analysis.inventory import catalogue
from analysis.sources import (
    derived_tables,
    describe,
    fingerprint,
    raw_folder,
    raw_path,
    raw_tables,
    read_raw,
    read_rows,
    root,
)

GUARD = "guard_deployment_state_month"
EVERY = list(raw_tables())


@pytest.mark.parametrize("name", EVERY)
def test_a_raw_table_is_what_its_descriptor_counts(name):
    descriptor, path = describe(name), raw_path(name)
    assert len(read_raw(name)) == len(read_rows(name)) == descriptor["rows"]
    assert path.stat().st_size == descriptor["bytes"]
    assert f"sha256:{hash_file(path)}" == descriptor["hash"]


@pytest.mark.parametrize("name", EVERY)
def test_a_raw_table_says_where_it_is_from_and_what_it_holds(name):
    descriptor = describe(name)
    for key in ("title", "description", "row", "vintage", "citation", "coverage"):
        assert descriptor[key]
    assert descriptor["licenses"] and descriptor["sources"]
    assert all(field["description"] for field in descriptor["schema"]["fields"])


def test_every_file_among_the_raw_tables_is_described():
    assert {path.stem for path in raw_folder().glob("*.csv")} == set(EVERY)


def test_the_catalogue_lists_every_table_once():
    rows = catalogue().set_index("name")
    assert list(rows.index) == [*raw_tables(), *derived_tables()]
    assert rows[["title", "row", "licence"]].ne("").all(axis=None)
    assert rows.loc["panel", ["kind", "first", "last"]].tolist() == ["built", "2000-01", "2025-06"]
    assert rows.loc[GUARD, ["kind", "first", "last", "rows"]].tolist() == [
        "raw",
        "2019-07",
        "2021-07",
        800,
    ]


def test_a_built_table_carries_the_licences_of_all_it_is_built_from():
    licences = catalogue().set_index("name")["licence"]
    assert all(licences[name] in licences["panel"] for name in describe("panel")["built_from"])


def test_an_unknown_table_is_refused_with_the_nearest_name():
    with pytest.raises(RequestError, match="did you mean panel") as error:
        describe("panell")
    assert error.value.exit_code == 2


def test_codes_stay_text_and_months_are_dates():
    guard = read_raw(GUARD)
    assert guard["cve_ent"].str.len().eq(2).all()
    assert guard["month"].dt.day.eq(1).all()
    assert guard["guards"].dtype == "int64"


def test_the_project_is_the_nearest_folder_above(project, monkeypatch):
    below = project.folder / "notebooks" / "drafts"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert root() == project.folder


def test_outside_any_project_the_checkout_is_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (root() / "src" / "analysis").is_dir()


def test_a_changed_byte_is_named_with_both_hashes_and_the_remedy(project):
    expected = describe(GUARD)["hash"].removeprefix("sha256:")
    project.replace(GUARD, "11,2020-05,6744", "11,2020-05,6745", recorded=False)
    found = hash_file(project.raw / f"{GUARD}.csv")
    with pytest.raises(DataError) as error:
        raw_path(GUARD)
    message = str(error.value)
    assert f"data/raw/{GUARD}.csv has changed" in message
    assert found[:12] in message and expected[:12] in message
    assert "restore the file" in message and "record its hash" in message


def test_a_missing_file_is_named_with_the_remedy(project):
    (project.raw / f"{GUARD}.csv").unlink()
    with pytest.raises(DataError, match=f"data/raw/{GUARD}.csv is missing; restore it"):
        raw_path(GUARD)


def test_other_columns_are_named_beside_the_expected_ones(project):
    project.replace(GUARD, "cve_ent,month,guards", "cve_ent,month,elements")
    with pytest.raises(DataError, match=r"has columns .*'elements'.*; expected .*'guards'"):
        read_raw(GUARD)


@pytest.mark.parametrize(
    ("damaged", "column", "found", "kind"),
    [
        ("11,2020-05,many", "guards", "many", "integer"),
        ('11,2020-05,"6,744"', "guards", "6,744", "integer"),
        ("11,2020-05,nan", "guards", "nan", "integer"),
        ("11,2020-13,6744", "month", "2020-13", "yearmonth"),
        ("11,May 2020,6744", "month", "May 2020", "yearmonth"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_row(project, damaged, column, found, kind):
    row = project.replace(GUARD, "11,2020-05,6744", damaged)
    expected = rf'csv row {row}: {column} is "{found}"; expected {kind} \(1 such rows\)'
    with pytest.raises(DataError, match=expected):
        read_raw(GUARD)


def test_wrong_values_are_counted_and_the_first_is_shown(project):
    row = project.replace(GUARD, "11,2020-05,6744", "11,2020-05,many")
    project.replace(GUARD, "11,2020-06,6737", "11,2020-06,more")
    with pytest.raises(DataError, match=rf'row {row}: guards is "many".*\(2 such rows\)'):
        read_raw(GUARD)


def test_half_a_guard_is_not_an_integer(project):
    row = project.replace(GUARD, "11,2020-05,6744", "11,2020-05,6744.5")
    with pytest.raises(DataError, match=f"row {row}: guards is"):
        read_raw(GUARD)


def test_an_empty_required_cell_is_refused(project):
    project.replace(GUARD, "11,2020-05,6744", "11,2020-05,")
    with pytest.raises(DataError, match=f"{GUARD}.csv.*guards"):
        read_raw(GUARD)


def test_an_empty_required_cell_is_named_with_its_row(project):
    row = project.replace(GUARD, "11,2020-05,6744", "11,2020-05,")
    with pytest.raises(DataError, match=f"row {row}: guards"):
        read_raw(GUARD)


def test_a_broken_descriptor_is_named_with_its_line(project):
    path = project.raw / "datapackage.json"
    path.write_text('{\n"resources": [}\n', "utf-8")
    with pytest.raises(DataError, match=r"datapackage.json line 2: not valid JSON"):
        raw_tables()


def test_the_fingerprint_moves_with_a_table_and_with_a_descriptor(project):
    before = fingerprint()
    assert fingerprint() == before
    project.describe(GUARD, title="another")
    renamed = fingerprint()
    project.replace(GUARD, "11,2020-05,6744", "11,2020-05,6745")
    assert len({before, renamed, fingerprint()}) == 3


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "table.txt"
    with written_beside(path) as part:
        part.write_text("old")
    with pytest.raises(ZeroDivisionError), written_beside(path) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_descriptors_are_plain_frictionless_json():
    package = json.loads((raw_folder() / "datapackage.json").read_text("utf-8"))
    assert package["profile"] == "tabular-data-package"
    for resource in package["resources"]:
        assert resource["path"] == f"{resource['name']}.csv"
        columns = {field["name"] for field in resource["schema"]["fields"]}
        assert set(resource["schema"]["primaryKey"]) <= columns


@pytest.mark.parametrize(
    ("key", "told"),
    [("hash", "states lacks hash"), ("schema", "states lacks schema")],
)
def test_a_descriptor_without_what_is_relied_on_is_named(project, key, told):
    path = raw_folder() / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    del package["resources"][0][key]
    path.write_text(json.dumps(package), "utf-8")
    with pytest.raises(DataError, match=told):
        raw_tables()


def test_a_correction_without_a_proof_is_named(project):
    path = raw_folder() / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    table = next(item for item in package["resources"] if item.get("corrections"))
    del table["corrections"][0]["proof"]
    path.write_text(json.dumps(package), "utf-8")
    with pytest.raises(DataError, match=f"{table['name']} a correction lacks proof"):
        raw_tables()


def test_a_table_with_another_number_of_rows_is_refused(project):
    project.replace(GUARD, "01,2019-07,393")
    rows = describe(GUARD)["rows"]
    project.describe(GUARD, rows=rows + 1)
    with pytest.raises(DataError, match=f"has {rows} rows; expected {rows + 1}"):
        read_raw(GUARD)


@pytest.mark.parametrize("content", ["", 'a,b\n"1,2\n', "\xff\xfe"])
def test_a_file_that_is_no_csv_is_refused_with_its_name(project, content):
    path = project.raw / f"{GUARD}.csv"
    path.write_bytes(content.encode("latin-1"))
    project.describe(GUARD, hash=f"sha256:{hash_file(path)}")
    with pytest.raises(DataError, match=GUARD):
        read_raw(GUARD)


@pytest.mark.parametrize("content", ["[]", '{"resources": 3}'])
def test_a_package_of_another_shape_is_refused(project, content):
    (project.raw / "datapackage.json").write_text(content, "utf-8")
    with pytest.raises(DataError, match="expected an object with a list of resources"):
        raw_tables()
