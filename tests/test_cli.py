"""The command line as users type it: output, exit codes, no traceback for a mistake."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from analysis import models
from analysis.cli import cli


def run(*arguments, folder=None):
    command = [sys.executable, "-m", "analysis", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("data", "fit", "run", "serve"))


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
