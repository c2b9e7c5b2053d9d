"""Building accounts for every row, and a build that fails leaves what was there."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis.cleaning.build import (
    build_data,
    describe_table,
    load_panel,
    load_table,
    read_manifest,
)
from analysis.errors import DataError, RequestError
from analysis.files import hash_file
from analysis.sources import derived_tables, describe, processed_folder, raw_tables

ROOT = Path(__file__).parents[2]
GUARD = "guard_deployment_state_month"


def stored(project):
    return {path.name: hash_file(path) for path in project.processed.iterdir() if path.is_file()}


@pytest.fixture
def built(panel, project):
    """A project of its own in which every table is built."""
    source = ROOT / "data" / "processed"
    shutil.copytree(source, project.processed, ignore=shutil.ignore_patterns(".*"))
    return project


@pytest.fixture
def manifest(panel):
    """The manifest of the build that gave the panel."""
    return read_manifest()


def test_the_manifest_accounts_for_every_table(manifest):
    assert set(manifest["tables"]) == {*raw_tables(), *derived_tables()}
    for name, account in manifest["tables"].items():
        table = pd.read_parquet(processed_folder() / f"{name}.parquet")
        assert account["rows_out"] == len(table)
        assert account["kind"] == ("raw" if name in raw_tables() else "built")


def test_the_manifest_holds_the_hashes_of_the_raw_tables(manifest):
    for name, descriptor in raw_tables().items():
        assert f"sha256:{manifest['tables'][name]['sha256']}" == descriptor["hash"]
        assert manifest["tables"][name]["rows_in"] == descriptor["rows"]
    assert len(manifest["data"]) == len(manifest["code"]) == 64


def test_the_manifest_says_what_went_into_a_built_table(manifest):
    origins = describe("panel")["built_from"]
    rows = sum(raw_tables()[name]["rows"] for name in origins)
    assert manifest["tables"]["panel"]["rows_in"] == rows
    assert manifest["tables"]["panel"]["rows_out"] == 32 * 306


def test_the_manifest_lists_corrections_with_their_rows(manifest):
    guard = manifest["tables"][GUARD]["corrected"]
    assert [(item["found"], item["right"], item["rows"]) for item in guard] == [
        (979, 12_224, 1),
        (12_224, 2_173, 1),
        (2_173, 979, 1),
    ]
    oaxaca = manifest["tables"]["sesnsp_victims_state_month"]["corrected"]
    assert [item["rows"] for item in oaxaca] == [8] * 9
    assert all(item["right"] is None and item["reason"] for item in oaxaca)


def test_the_manifest_counts_flagged_rows(manifest):
    tables = manifest["tables"]
    assert tables[GUARD]["flags"] == {"guards_break": 13, "guards_corrected": 3}
    assert tables["panel"]["flags"] == {
        "guards_break": 13,
        "guards_corrected": 3,
        "guards_stale": 352,
        "inegi_incomplete": 1920,
        "inegi_truncated": 384,
        "sesnsp_missing": 9,
        "sesnsp_preliminary": 192,
    }
    assert tables["panel_as_found"]["flags"] == {}


def test_a_table_knows_its_sources_and_units(panel):
    assert panel.attrs["sources"] == describe("panel")["built_from"]
    assert panel.attrs["units"]["homicides_sesnsp"] == "victims"
    assert load_table(GUARD).attrs["sources"] == [GUARD]


def test_an_unknown_table_is_refused():
    with pytest.raises(RequestError, match="did you mean panel"):
        load_table("pannel")


def test_a_table_is_described_with_its_last_figures():
    shown = describe_table("national_year")
    assert shown["last value"]["homicides_sesnsp"] == "23243"
    assert [column["name"] for column in shown["columns"]][:2] == ["year", "homicides_sesnsp"]


def test_a_changed_byte_stops_loading(project):
    project.replace(GUARD, "11,2020-05,6744", "11,2020-05,6745", recorded=False)
    with pytest.raises(DataError, match=f"data/raw/{GUARD}.csv has changed"):
        load_table("panel")
    assert not project.processed.exists()


def test_a_failed_build_leaves_the_old_tables_and_a_mended_one_replaces_them(built):
    project, before = built, stored(built)

    project.replace(GUARD, "11,2020-05,6744", "11,2020-05,-6744")
    with pytest.raises(DataError, match='guards is "-6744"'):
        build_data()
    with pytest.raises(DataError):
        load_table("panel")
    assert stored(project) == before

    project.replace(GUARD, "11,2020-05,-6744", "11,2020-05,6745")
    panel = load_table("panel").set_index(["state", "month"])
    assert panel.loc[("Guanajuato", pd.Timestamp("2020-05")), "guards"] == 6745
    changed = {name for name, sha in stored(project).items() if sha != before[name]}
    assert changed == {f"{GUARD}.parquet", *(f"panel{x}.parquet" for x in ("", "_as_found"))} | {
        "manifest.json"
    }
    manifest = json.loads((project.processed / "manifest.json").read_text("utf-8"))
    assert manifest["tables"][GUARD]["sha256"] == hash_file(project.raw / f"{GUARD}.csv")


def test_a_built_table_that_is_gone_is_built_again(built):
    (built.processed / "panel.parquet").unlink()
    assert len(load_table("panel")) == 32 * 306


def test_a_state_that_is_lost_stops_the_build(project):
    path = project.raw / f"{GUARD}.csv"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("32,")]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    project.describe(GUARD, hash=f"sha256:{hash_file(path)}", rows=len(lines) - 1)
    with pytest.raises(DataError, match="holds 31 states"):
        build_data()


def test_a_built_table_that_was_changed_is_built_again(project):
    build_data()
    path = project.processed / "panel.parquet"
    changed = pd.read_parquet(path)
    changed["homicides_sesnsp"] *= 2
    changed.to_parquet(path)
    panel = load_panel()
    assert panel.loc[panel["month"].dt.year == 2024, "homicides_sesnsp"].sum() == 30_046
