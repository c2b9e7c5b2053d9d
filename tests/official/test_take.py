"""Official files taken in: all or nothing, each time a vintage, earlier ones readable."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from analysis import load_panel
from analysis.cleaning.build import load_table
from analysis.errors import DataError, RequestError
from analysis.geography import states
from analysis.models import run_model
from analysis.official import take
from analysis.official.take import check_file, import_files
from analysis.sources import describe, fingerprint, raw_tables, read_raw, read_rows
from analysis.vintages import as_of, find_vintage, list_vintages
from tests.official.generators import (
    write_inegi_tabulation,
    write_mortality_csv,
    write_state_victims,
)

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / os.environ.get("ANALYSIS_REAL_FILES", "../shared/real")
GUARDS = "guard_deployment_state_month"
HEADER = "cve_ent,month,guards,definition,source"


def official(name):
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"no {name} in {FOLDER}; set ANALYSIS_REAL_FILES to the folder that holds it")
    return path


def write_guards(path, months=("2021-08", "2021-09"), definition="deployed", states=range(1, 33)):
    lines = [
        f"{state:02d},{month},{1000 + 10 * state + number},{definition},Report of the Guard"
        for number, month in enumerate(months)
        for state in states
    ]
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return path


@pytest.fixture
def unbuilt(monkeypatch):
    """Leave the trial build out where it is not what is tested: it takes seconds."""
    monkeypatch.setattr(take, "_check_buildable", lambda folder: None)


def folders(project):
    home = project.folder / "data" / "imported"
    return sorted(path.name for path in home.glob("*")) if home.is_dir() else []


class TestReal:
    """The files as their producers publish them, where they are at hand."""

    def test_the_victims_file_gives_the_embedded_table_exactly(self, project):
        before = read_raw("sesnsp_victims_state_month")
        taken = import_files([official("IDVFC_jun25.csv")])
        assert taken["raw"]["sesnsp_victims_state_month"]["cells"] == {
            "revised": 0,
            "added": 0,
            "gone": 0,
        }
        after = read_raw("sesnsp_victims_state_month")
        pd.testing.assert_frame_equal(before, after)
        new, old = (
            (project.raw / path).read_bytes()
            for path in (
                describe("sesnsp_victims_state_month")["path"],
                "sesnsp_victims_state_month.csv",
            )
        )
        assert new == old
        account = taken["files"][0]["account"]
        assert account["rows"] == {"in": 80960, "out": 80960, "rejected": 0, "aside": {}}
        assert account["figures"]["in"] == account["figures"]["out"] == 3529009

    @pytest.mark.parametrize(
        ("pattern", "table"),
        [
            ("INEGI_homicidios_municipio_mes_*.csv", "inegi_homicides_state_year"),
            ("guardia_nacional_20*.xlsx", GUARDS),
            ("CONAPO_poblacion_entidad_1950_2070.csv", "conapo_population_state_year"),
        ],
    )
    def test_the_other_files_agree_with_the_embedded_tables(self, project, unbuilt, pattern, table):
        files = sorted(FOLDER.glob(pattern))
        if not files:
            pytest.skip(f"no {pattern} in {FOLDER}; set ANALYSIS_REAL_FILES to the folder with it")
        cells = import_files(files)["raw"][table]["cells"]
        assert (cells["revised"], cells["gone"]) == (0, 0)

    def test_figures_of_2026_do_not_enter_the_series(self, project, unbuilt):
        taken = import_files([official("IDEFC_2026_mar.csv")])
        assert list(taken["tables"]) == ["sesnsp_files_state_2026"]
        assert taken["raw"] == {}
        assert len(load_table("sesnsp_files_state_2026")) == 3648 * 3


class TestGuard:
    """An analyst who holds newer Guard figures extends the panel and the models by one command."""

    def test_the_panel_and_the_model_go_on(self, project):
        before = run_model("guard-elasticity", {})
        taken = import_files([write_guards(project.folder / "guards.csv")])
        assert taken["raw"][GUARDS]["cells"] == {"revised": 0, "added": 64, "gone": 0}
        panel = load_panel()
        added = panel[panel["month"].eq("2021-09-01")]
        assert added["guards"].tolist() == [1001 + 10 * state for state in range(1, 33)]
        after = run_model("guard-elasticity", {})
        assert (before.period[1], after.period[1]) == ("2021-07", "2021-09")
        assert after.observations == before.observations + 64
        assert describe(GUARDS)["vintage"].startswith("guards.csv (")
        assert "the rest: Reports of the National Guard" in describe(GUARDS)["vintage"]
        # What was corrected before still is.
        marks = panel["flags"].str.contains("guards_corrected")
        assert panel.loc[marks, "guards"].tolist() == [2173, 979, 12224]

    def test_other_definitions_are_kept_apart(self, project, unbuilt):
        path = write_guards(project.folder / "guards.csv", definition="assigned_inegi")
        taken = import_files([path])
        assert taken["raw"] == {}
        assert set(load_table("guard_deployment")["definition"]) == {"assigned_inegi"}
        assert len(read_raw(GUARDS)) == 800

    def test_a_partial_month_replaces_only_its_cells(self, project, unbuilt):
        import_files([write_guards(project.folder / "one.csv")])
        path = write_guards(project.folder / "two.csv", months=("2021-09", "2021-10"), states=[9])
        taken = import_files([path])
        assert taken["raw"][GUARDS]["cells"] == {"revised": 1, "added": 1, "gone": 0}
        frame = read_raw(GUARDS).set_index(["cve_ent", "month"])["guards"]
        assert frame["09", pd.Timestamp("2021-09-01")] == 1090
        assert frame["08", pd.Timestamp("2021-09-01")] == 1081
        assert len(load_table("guard_deployment")) == 65


class TestDeaths:
    """Microdata: a year of occurrence needs the next year's registrations."""

    def test_only_complete_years_enter_and_the_last_is_marked(self, project):
        files = []
        for year in (2021, 2022, 2023):
            files.append(project.folder / f"defunciones_{year}.csv")
            write_mortality_csv(files[-1], year=year, deaths=4000, seed=year)
        alone = import_files(files[:1])
        assert alone["raw"] == {}
        taken = import_files(files[1:])
        change = taken["raw"]["inegi_homicides_state_month"]
        assert change["coverage"]["last"] == "2023-12"
        panel = load_panel()
        marked = panel.loc[panel["flags"].str.contains("inegi_truncated"), "month"].dt.year
        assert set(marked) == {2023}
        # 2021 now has its late registrations, of the file taken in first and of the second.
        assert (change["cells"]["revised"], change["cells"]["added"]) != (0, 0)
        rows = load_table("inegi_deaths_municipality")
        held = rows[rows["homicide_presumed"] & rows["cve_ent"].le("32") & rows["month"].notna()]
        for year in (2021, 2022, 2023):
            ours = panel.loc[panel["month"].dt.year.eq(year), "homicides_inegi"].sum()
            assert ours == held.loc[held["month"].dt.year.eq(year), "deaths"].sum()
        assert rows["deaths"].sum() == 12000


class TestWorldBank:
    def test_mexico_enters_military_expenditure_and_what_follows_is_computed(
        self, project, unbuilt
    ):
        path = project.folder / "bank.csv"
        lines = ["Country Name,Country Code,Indicator Name,Indicator Code,2023,2024"]
        lines += [
            "Mexico,MEX,Military expenditure (% of GDP),MS.MIL.XPND.GD.ZS,0.5,0.75",
            "Mexico,MEX,GDP,NY.GDP.MKTP.CD,1000000000000,2000000000000",
            "Chile,CHL,GDP,NY.GDP.MKTP.CD,5,6",
        ]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        taken = import_files([path], accept_faults=True)
        frame = read_raw("military_expenditure").set_index(["indicator", "unit", "year"])["value"]
        frame = frame.sort_index()
        share = frame["military expenditure", "% of GDP"]
        assert share.to_dict() == {2023: 0.5, 2024: 0.75}
        derived = frame["military expenditure (derived = share x GDP)", "current USD"]
        assert derived[2024] == pytest.approx(15e9)
        assert derived[2023] == pytest.approx(5e9)
        assert taken["raw"]["military_expenditure"]["cells"]["gone"] > 0

    def test_a_series_that_became_shorter_is_held_back(self, project, unbuilt):
        path = project.folder / "bank.csv"
        path.write_text(
            "Country Name,Country Code,Indicator Code,Year,Value\n"
            "Mexico,MEX,MS.MIL.XPND.GD.ZS,2024,0.75\n",
            "utf-8",
        )
        before = read_rows("military_expenditure")
        taken = import_files([path])
        assert "figures in use would be lost" in taken["held_back"]["military_expenditure"]
        assert read_rows("military_expenditure") == before
        assert len(load_table("world_bank")) == 1


class TestVintages:
    def test_earlier_states_stay_readable(self, project, unbuilt):
        first = import_files([write_guards(project.folder / "one.csv", months=["2021-08"])])
        second = import_files([write_guards(project.folder / "two.csv", months=["2021-09"])])
        assert [vintage["id"] for vintage in list_vintages(project.folder)] == [
            first["id"],
            second["id"],
        ]
        assert len(read_raw(GUARDS)) == 864
        with as_of(first["id"]):
            assert len(read_raw(GUARDS)) == 832
        with as_of("embedded"):
            assert len(read_raw(GUARDS)) == 800
            embedded = fingerprint()
        assert fingerprint() != embedded

    def test_each_says_what_it_is(self, project, unbuilt):
        path = write_guards(project.folder / "guards.csv")
        os.utime(path, (1_600_000_000, 1_600_000_000))
        taken = import_files([path])
        file = taken["files"][0]
        assert (file["date"], file["format"], file["encoding"]) == (
            "2020-09-13",
            "guard-table",
            "ASCII",
        )
        assert len(file["sha256"]) == 64 and taken["taken"].startswith("20")
        stored = json.loads(
            (project.folder / "data/imported" / taken["id"] / "import.json").read_text("utf-8")
        )
        assert stored["files"][0]["account"]["rows"]["in"] == 64

    def test_the_same_file_again_changes_nothing(self, project, unbuilt):
        path = write_guards(project.folder / "guards.csv")
        first = import_files([path])
        again = import_files([path])
        assert (first["unchanged"], again["unchanged"]) == (False, True)
        assert again["id"] == first["id"]
        assert folders(project) == [".lock", first["id"]]

    def test_an_older_file_again_after_a_newer_one_is_a_new_vintage(self, project, unbuilt):
        one = write_guards(project.folder / "one.csv")
        import_files([one])
        import_files([write_guards(project.folder / "two.csv", months=["2021-08"], states=[1])])
        assert not import_files([one])["unchanged"]

    def test_names_that_are_no_vintage_are_refused(self, project, unbuilt):
        taken = import_files([write_guards(project.folder / "guards.csv")])
        assert find_vintage(project.folder, taken["id"][:12]) == taken["id"]
        for name in ("", "1999", "embed"):
            with pytest.raises(RequestError, match="known are embedded, 20"):
                find_vintage(project.folder, name)


class TestNothingLost:
    def test_rejected_rows_are_kept_with_reason_and_text(self, project, unbuilt):
        path = write_guards(project.folder / "guards.csv")
        lines = path.read_text("utf-8").splitlines()
        lines[3] = "57,2021-08,12,deployed,Report of the Guard"
        lines[4] = "04,2021-08,-5,deployed,Report of the Guard"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        taken = import_files([path])
        account = taken["files"][0]["account"]
        assert account["rows"] == {"in": 64, "out": 62, "rejected": 2, "aside": {}}
        assert account["figures"]["rejected"] == 12 - 5
        rejects = pd.read_csv(
            project.folder / "data/imported" / taken["id"] / "rejects-0.csv", dtype="str"
        )
        assert rejects["line"].tolist() == ["4", "5"]
        assert rejects["text"].tolist() == [lines[3], lines[4]]
        assert rejects["reason"].str.contains("unknown state|negative").all()
        # What feeds the panel must be whole, or wanted as it is.
        assert "2 errors in what feeds it" in taken["held_back"][GUARDS]
        assert (len(load_table("guard_deployment")), len(read_raw(GUARDS))) == (62, 800)
        again = import_files([path], accept_faults=True)
        assert (again["held_back"], again["unchanged"]) == ({}, False)
        assert len(read_raw(GUARDS)) == 862

    def test_a_damaged_row_never_understates_a_sum(self, project, unbuilt):
        path = project.folder / "victims.csv"
        write_state_victims(path, years=range(2016, 2017), last_month=12)
        lines = path.read_bytes().decode("latin-1").split("\r\n")
        at = next(
            number
            for number, line in enumerate(lines)
            if ",Guanajuato," in line and "Homicidio doloso,Con arma de fuego,Hombre" in line
        )
        lines[at] = lines[at].rsplit(",", 1)[0] + ",3O4"
        path.write_bytes("\r\n".join(lines).encode("latin-1"))
        before = read_rows("sesnsp_victims_state_month")
        taken = import_files([path])
        reason = taken["held_back"]["sesnsp_victims_state_month"]
        assert "12 figures in use would be lost, the first 11, 2016-01" in reason
        assert read_rows("sesnsp_victims_state_month") == before
        import_files([path], accept_faults=True)
        after = read_raw("sesnsp_victims_state_month")
        cells = after[after["cve_ent"].eq("11") & after["means"].eq("firearm")]
        assert 2016 not in set(cells["month"].dt.year)

    def test_a_month_of_which_some_states_are_blank_is_missing_there(self, project, unbuilt):
        path = project.folder / "victims.csv"
        write_state_victims(path, years=range(2025, 2026), last_month=7)
        lines = path.read_bytes().decode("latin-1").split("\r\n")
        for number, line in enumerate(lines):
            if ",Zacatecas," in line:
                cells = line.split(",")
                cells[-6] = ""
                lines[number] = ",".join(cells)
        path.write_bytes("\r\n".join(lines).encode("latin-1"))
        assert import_files([path])["held_back"] == {}
        frame = read_raw("sesnsp_victims_state_month")
        july = frame[frame["month"].eq("2025-07-01")]
        assert sorted(set(july["cve_ent"])) == [f"{state:02d}" for state in range(1, 32)]

    def test_a_file_that_lacks_figures_in_use_is_held_back(self, project, unbuilt):
        path = project.folder / "victims.csv"
        write_state_victims(path, years=range(2016, 2017), last_month=12)
        before = read_rows("sesnsp_victims_state_month")
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(line for line in lines if b",Zacatecas," not in line))
        found = check_file(path)["findings"]
        assert any(
            item["level"] == "error" and item["found"].startswith("96 figures of sesnsp_victims")
            for item in found
        )
        taken = import_files([path])
        reason = taken["held_back"]["sesnsp_victims_state_month"]
        assert reason.startswith("96 figures in use would be lost, the first 32, 2016-01")
        assert read_rows("sesnsp_victims_state_month") == before
        taken = import_files([path], accept_faults=True)
        assert taken["raw"]["sesnsp_victims_state_month"]["cells"]["gone"] == 96

    def test_a_total_of_both_sexes_is_not_added_to_one_of_them(self, project, unbuilt):
        path, lines = project.folder / "conapo.csv", []
        for row in read_rows("conapo_population_state_year"):
            half = int(row["population"]) // 2
            both = {"Hombres": half, "Mujeres": int(row["population"]) - half}
            for sex, people in (both | {"Total": int(row["population"])}).items():
                lines.append(f"{row['year']},x,{row['cve_ent']},{sex},,{people}")
        gone = next(line for line in lines if line.startswith("2020,x,09,Mujeres"))
        lines.remove(gone)
        names = {state.cve_ent: state.name for state in states()}
        text = [line.replace(",x,", f",{names[line.split(',')[2]]},") for line in lines]
        header = "n_year,nombre_estado,cve_ent,genero,pob_start_year,pob_mid_year"
        path.write_text("\n".join([header, *text]) + "\n", "utf-8")
        taken = import_files([path])
        cells = taken["raw"].get("conapo_population_state_year", {}).get("cells")
        assert cells == {"revised": 0, "added": 0, "gone": 0} or taken["held_back"]

    def test_a_file_of_which_no_row_can_be_used_is_refused(self, project):
        path = project.folder / "guards.csv"
        path.write_text(f"{HEADER}\n57,2021-08,12,deployed,Report\n", "utf-8")
        with pytest.raises(DataError, match="no row can be used, nothing was taken in"):
            import_files([path])
        assert folders(project) == [".lock"]

    def test_a_fault_that_was_repaired_is_no_longer_corrected(self, project):
        # Oaxaca's missing months hold figures here, as if the producer had found them.
        path = project.folder / "victims.csv"
        write_state_victims(path, years=range(2015, 2016), last_month=12)
        taken = import_files([path])
        withdrawn = taken["raw"]["sesnsp_victims_state_month"]["withdrawn"]
        assert "oaxaca-2015-01" in withdrawn and "oaxaca-2016-10" not in withdrawn
        panel = load_panel()
        oaxaca = panel[panel["cve_ent"].eq("20")].set_index("month")
        assert oaxaca.loc["2015-01-01", "homicides_sesnsp"] > 0
        assert pd.isna(oaxaca.loc["2016-10-01", "homicides_sesnsp"])
        with as_of("embedded"):
            assert len(describe("sesnsp_victims_state_month")["corrections"]) == 9

    def test_what_can_not_be_built_is_refused(self, project):
        # March 2021 is recorded as exchanged: 979 is to be 12,224; anything else is unknown.
        path = write_guards(project.folder / "guards.csv", months=["2021-03"], states=[9])
        with pytest.raises(DataError, match="can not be built: .*guard-2021-03-ciudad"):
            import_files([path])
        assert folders(project) == [".lock"]
        found = check_file(path)["findings"]
        assert any(item["level"] == "error" and "guard-2021-03" in item["found"] for item in found)

    def test_several_files_are_one_vintage_and_must_not_overlap(self, project, unbuilt):
        one, two = project.folder / "a.csv", project.folder / "b.csv"
        write_inegi_tabulation(one, year=2005)
        write_inegi_tabulation(two, year=2006, seed=2)
        taken = import_files([one, two])
        assert [file["file"] for file in taken["files"]] == ["a.csv", "b.csv"]
        years = load_table("inegi_homicides_municipality_registered")["month"].dt.year
        assert set(years) == {2005, 2006}
        write_inegi_tabulation(two, year=2005, seed=3)
        with pytest.raises(RequestError, match=r"a\.csv and b\.csv both hold 2005"):
            import_files([one, two])
        assert len(list_vintages(project.folder)) == 1

    def test_an_archive_of_several_years_is_taken_in_whole(self, project, unbuilt):
        bundle = project.folder / "bundle.zip"
        years = (1990, 1991)
        with ZipFile(bundle, "w") as archive:
            for year in years:
                path = project.folder / f"{year}.csv"
                write_inegi_tabulation(path, year=year, seed=year)
                archive.write(path, path.name)
        checked = check_file(bundle)
        assert [table["file"] for table in checked["tables"]] == [
            "bundle.zip:1990.csv",
            "bundle.zip:1991.csv",
        ]
        assert checked["rows"] == sum(table["rows"] for table in checked["tables"])
        assert {finding["file"] for finding in checked["findings"]} <= {
            table["file"] for table in checked["tables"]
        }
        taken = import_files([bundle])
        assert [file["file"] for file in taken["files"]] == [
            table["file"] for table in checked["tables"]
        ]
        table = load_table("inegi_homicides_municipality_registered")
        assert set(table["month"].dt.year) == set(years)
        kept = sum(file["account"]["figures"]["out"] for file in taken["files"])
        assert table["deaths"].sum() == kept
        assert import_files([bundle])["unchanged"]
        with ZipFile(bundle, "a") as archive:
            archive.write(project.folder / "1991.csv", "again.csv")
        with pytest.raises(RequestError, match=r"1991\.csv and bundle\.zip:again\.csv both hold"):
            import_files([bundle])


class TestAtomic:
    @pytest.mark.parametrize(
        "step", ["keep_reading", "describe_tables", "bring_up_to_date", "_check_buildable"]
    )
    def test_interrupted_at_any_step_it_leaves_the_previous_state(self, project, monkeypatch, step):
        before = fingerprint()

        def interrupt(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(take, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            import_files([write_guards(project.folder / "guards.csv")])
        assert folders(project) == [".lock"]
        assert fingerprint() == before

    @pytest.mark.slow
    def test_killed_at_any_moment_it_leaves_the_old_state_or_the_new(self, project):
        path = write_guards(project.folder / "guards.csv")
        command = [sys.executable, "-m", "analysis", "data", "import", str(path)]
        before, chance = raw_tables()[GUARDS]["hash"], random.Random(5)
        start = time.perf_counter()
        subprocess.run([*command, "--help"], check=True, capture_output=True)
        longest = 20 * (time.perf_counter() - start)
        for _ in range(8):
            process = subprocess.Popen(
                command, cwd=project.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(chance.uniform(0.1, longest))
            process.send_signal(signal.SIGKILL)
            process.wait()
            held = raw_tables()[GUARDS]
            if "imported" not in held:
                assert held["hash"] == before
            else:
                assert len(read_raw(GUARDS)) == 864
        done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert len(read_raw(GUARDS)) == 864
        assert not [name for name in folders(project) if name.startswith(".part")]

    def test_two_at_a_time_are_refused(self, project, unbuilt):
        home = project.folder / "data" / "imported"
        with take._alone(home), pytest.raises(RequestError, match="another import is running"):
            import_files([write_guards(project.folder / "guards.csv")])


class TestCheck:
    def test_it_changes_nothing(self, project):
        before = sorted(path for path in project.folder.rglob("*"))
        path = write_guards(project.folder / "guards.csv", months=["2021-07"])
        found = check_file(path)
        assert sorted(item for item in project.folder.rglob("*") if item != path) == before
        assert list(found)[:5] == ["file", "format", "encoding", "rows", "findings"]
        kinds = {item["kind"] for item in found["findings"]}
        assert kinds == {"differs"}
        assert "32 figures" in found["findings"][0]["found"]
