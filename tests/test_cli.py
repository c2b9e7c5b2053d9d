"""The command line as users type it: output, exit codes, no traceback for a mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis import models
from analysis.cli import cli

ROOT = Path(__file__).parents[1]
LEDGER = ROOT / "claims/ieee-79-2024.yml"


def run(*arguments, folder=None):
    command = [sys.executable, "-m", "analysis", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("data", "fit", "run", "serve"))


@pytest.mark.parametrize("command", [("run", "state"), ("fit", "state-trend")])
def test_a_parameter_given_twice_is_refused(command):
    done = run(*command, "-p", "state=GTO", "-p", "state=COL")
    assert done.returncode == 2
    assert "state is given twice" in done.stderr


def test_data_build_says_what_was_corrected_and_flagged():
    done = run("data", "build", "--json")
    assert done.returncode == 0, done.stderr
    panel = json.loads(done.stdout)["tables"]["panel"]
    assert panel["flags"]["guards_corrected"] == 3
    assert panel["flags"]["sesnsp_missing"] == 9


def test_data_list_and_show():
    tables = json.loads(run("data", "list", "--json").stdout)
    assert {"panel", "sesnsp_victims_state_month"} <= {table["name"] for table in tables}
    assert all(table["licence"] for table in tables)
    shown = json.loads(run("data", "show", "guard_deployment_state_month", "--json").stdout)
    assert shown["last value"]["month"].startswith("2021-07")
    assert "12,224" in run("data", "show", "guard_deployment_state_month").stdout


def test_data_export_writes_table_and_dictionary(tmp_path):
    done = run("data", "export", "national_year", "--to", str(tmp_path / "year.csv"))
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["year-dictionary.csv", "year.csv"]


def test_fit_prints_one_json_document():
    done = run("fit", "guard-elasticity", "-p", "lag=-3", "--json")
    result = json.loads(done.stdout)
    assert {"model", "parameters", "data", "rows", "notes", "converged"} <= set(result)
    assert result["parameters"]["lag"] == -3
    assert result["data"]["observations"] == 800
    assert result["rows"][0]["inference"] == "crv1"


@pytest.mark.parametrize("number", ["nan", "inf"])
def test_what_is_no_json_is_not_printed(monkeypatch, number):
    class Faulty:
        def to_dict(self):
            return {"rows": [float(number)]}

    monkeypatch.setattr(models, "run_model", lambda model, parameters: Faulty())
    done = CliRunner().invoke(cli, ["fit", "breaks", "--json"])
    assert isinstance(done.exception, ValueError) and done.output == ""


def test_fit_list_names_the_models():
    models = {row["model"] for row in json.loads(run("fit", "--list", "--json").stdout)}
    assert models == {
        "administrations",
        "breaks",
        "counterfactual",
        "forecast",
        "guard-annual",
        "guard-dynamics",
        "guard-elasticity",
        "interruption",
        "measurement",
        "multiverse",
        "power",
        "quality",
        "smooth-trend",
        "state-trend",
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "state", "-p", "state=Guanjuato"), "nearest: Guanajuato"),
        (("run", "state", "-p", "sate=Durango"), "did you mean state"),
        (("run", "state", "-p", "state"), "not key=value"),
        (("run", "stat"), "did you mean state"),
        (("run",), "use --all"),
        (("run", "national", "--lang", "fr"), "unknown language"),
        (("run", "national", "--jobs", "0"), "x>=1"),
        (("fit", "state-trnd"), "did you mean state-trend"),
        (("fit", "guard-elasticity", "-p", "lag=soon"), "lag must be int"),
        (("fit", "guard-elasticity", "-p", "effects=all"), "state+month+trend"),
        (("data", "show", "panl"), "did you mean panel"),
        (("data", "export", "panel", "--to", "panel.docx"), ".csv, .parquet, .xlsx"),
    ],
)
def test_a_wrong_request_exits_with_two_and_one_clear_message(arguments, told):
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_debug_shows_the_traceback():
    done = run("--debug", "fit", "state-trnd")
    assert "Traceback" in done.stderr


def damaged(project):
    """Give a raw line, and one to put in its place without recording it."""
    line = (project.raw / "guard_origin.csv").read_text("utf-8").splitlines()[1]
    return line, line.replace("51915", "51916")


class TestClaims:
    def test_one_json_document_with_verdict_rule_and_evidence(self):
        done = run("claims", "--json")
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert document["ledger"].endswith("claims/ieee-79-2024.yml")
        rows = {row["id"]: row for row in document["rows"]}
        assert len(rows) == 70
        row = rows["c35"]
        assert (row["verdict"], row["claimed"], row["found"]) == (
            "superseded by a revision",
            31062,
            31062,
        )
        assert row["unit"] == "deaths" and row["rule"]
        [evidence] = row["evidence"]
        assert evidence["table"] == "inegi_homicides_national" and len(evidence["rows"]) == 1
        assert "El Universal" in evidence["source"]
        assert any(item["value"] == 32252 for item in row["alternatives"])

    def test_only_one_verdict(self):
        done = run("claims", "--only", "contradicted", "--json")
        rows = json.loads(done.stdout)["rows"]
        assert {row["verdict"] for row in rows} == {"contradicted"}
        assert {"c04", "c20", "c62"} == {row["id"] for row in rows}

    @pytest.mark.parametrize("word", ["", "con", "maybe"])
    def test_an_unknown_verdict_exits_with_two(self, word):
        done = run("claims", "--only", word)
        assert done.returncode == 2 and "Accepted: contradicted" in done.stderr

    def test_a_wrong_ledger_exits_with_two(self, tmp_path):
        (tmp_path / "l.yml").write_text("claims:\n  - {id: a, says: s, unit: deaths, value: x}\n")
        done = run("claims", str(tmp_path / "l.yml"))
        assert done.returncode == 2
        assert 'l.yml line 2: value: "x" is not a number' in done.stderr
        assert "Traceback" not in done.stderr and done.stdout == ""

    def test_a_claim_that_can_not_be_evaluated_exits_with_one_and_the_rest_is_judged(self, project):
        project.replace("guard_origin", *damaged(project), recorded=False)
        done = run("claims", str(LEDGER), folder=project.folder)
        assert done.returncode == 1
        assert "c13: data/raw/guard_origin.csv has changed" in done.stderr
        assert "c35  superseded by a revision" in done.stdout

    def test_a_new_ledger(self, tmp_path):
        made = run("claims", "--new", str(tmp_path / "mine.yml"))
        assert made.returncode == 0
        assert run("claims", str(tmp_path / "mine.yml")).returncode == 0
        assert run("claims", "--new", str(tmp_path / "mine.yml")).returncode == 2
        nowhere = run("claims", "--new", str(tmp_path / "no/where.yml"))
        assert nowhere.returncode == 2 and "there is no folder" in nowhere.stderr

    def test_the_measures_are_listed_with_unit_and_arguments(self):
        rows = json.loads(run("claims", "--list", "--json").stdout)
        known = {row["measure"]: row for row in rows}
        assert "from=" in known["homicides_total"]["arguments"]
        assert "deaths" in known["homicides_total"]["unit"]

    def test_diff_of_two_vintages_lists_the_verdict_that_flipped(self, project):
        path = project.raw / "inegi_homicides_national.csv"
        lines = path.read_text("utf-8").splitlines()
        line = next(text for text in lines if text.startswith("2023,year,32252"))
        project.replace("inegi_homicides_national", line, line.replace("32252", "31062"))
        done = run("diff", str(ROOT), str(project.raw), "--ledger", str(LEDGER), "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        flipped = {row["id"]: row for row in found["verdicts"] if row["flipped"]}
        assert flipped["c35"]["old_verdict"] == "superseded by a revision"
        assert flipped["c35"]["new_verdict"] == "confirmed"
        assert [row["table"] for row in found["tables"]] == ["inegi_homicides_national"]
        text = run("diff", str(ROOT), str(project.raw), "--ledger", str(LEDGER)).stdout
        assert "c35  superseded by a revision -> confirmed" in text

    @pytest.mark.parametrize("folder", ["nowhere", "data/nope", "README.md"])
    def test_diff_refuses_what_is_no_project(self, folder):
        done = run("diff", ".", folder, folder=ROOT)
        assert done.returncode == 2
        assert "no project in" in done.stderr

    def test_diff_tells_a_table_that_is_gone_and_goes_on(self, project):
        (project.raw / "troops_public_security.csv").unlink()
        done = run("diff", str(ROOT), str(project.folder), "--ledger", str(LEDGER))
        assert done.returncode == 1
        assert "c06  ambiguous -> not evaluated" in done.stdout
        assert "274,584 to no figure persons" in done.stdout
        assert "troops_public_security.csv is missing" in done.stderr
        assert "Traceback" not in done.stderr
