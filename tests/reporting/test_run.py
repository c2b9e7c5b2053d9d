"""Runs fail loudly and never half: what fails is named, what was good stays, the rest goes on."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

from analysis.cleaning.build import build_data
from analysis.errors import ReportError
from analysis.reporting.notebooks import Request, check_request
from analysis.reporting.run import _check_shown, run_report, run_reports, write_index

pytestmark = pytest.mark.slow

SMALL = """
import analysis as an
an.start_report("{name}", lang=lang, parameters={{"state": state}})
table = an.select_state(an.load_panel(), state)
head = an.title_state(state, "sesnsp", "2019-07", "")
"""
SHOW = """
rates = an.select_recent_rates(an.load_panel())
an.show_title(head)
an.show_points(an.point_state_rank(rates, state))
an.show_figure(an.plot_ranking(rates), an.caption_ranking(rates, state), rates, name="ranking")
an.show_sureness(["a"], ["b"], ["c"]); an.show_methods("how", "methods.md")
"""


def write_notebook(checkout, name, *cells):
    parameters = 'state: str = "Durango"  # a state\nlang: str = "en"  # language'
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = kernel
    nbformat.write(notebook, checkout / "notebooks" / f"{name}.ipynb")


@pytest.fixture
def small(checkout):
    """A project with one quick report called ``small``."""
    for path in (checkout / "notebooks").glob("*.ipynb"):
        path.unlink()
    write_notebook(checkout, "small", SMALL.format(name="small"), SHOW)
    build_data()
    return checkout


def test_a_failing_report_is_named_and_does_not_stop_the_rest(small):
    write_notebook(small, "broken", "import analysis as an\nan.load_table('nothing')")
    requests = [check_request(name, {"state": "Durango"}, "en") for name in ("broken", "small")]
    entries = {entry["report"]: entry for entry in run_reports(requests, jobs=2)}
    assert entries["small"]["status"] == "ok"
    assert entries["broken"]["status"] == "failed"
    assert 'cell 3: RequestError: unknown table "nothing"' in entries["broken"]["error"]
    reports = small / "reports"
    assert (reports / "en/small-durango.html").is_file()
    assert (reports / "en/small-durango/tables/ranking.csv").is_file()
    assert (reports / "en/small-durango/figures/ranking.svg").is_file()
    assert not (reports / "en/broken-durango.html").exists()
    manifest = json.loads((reports / "manifest.json").read_text("utf-8"))
    assert {run["slug"]: run["status"] for run in manifest["runs"]} == {
        "broken-durango": "failed",
        "small-durango": "ok",
    }
    assert "unknown table" in (reports / "index.html").read_text("utf-8")
    assert not list(reports.glob(".*"))


def test_a_later_failure_leaves_the_last_good_page(small):
    request = check_request("small", {"state": "Durango"}, "en")
    assert run_report(request, small / "work")["status"] == "ok"
    page = small / "reports/en/small-durango.html"
    before = page.read_bytes()
    write_notebook(small, "small", SMALL.format(name="small"), "raise ValueError('no')")
    entry = run_report(request, small / "work")
    assert entry["status"] == "failed"
    assert entry["html"] == "en/small-durango.html"
    assert page.read_bytes() == before


def test_a_report_about_another_state_than_asked_for_fails(small):
    wrong = SMALL.format(name="small").replace('"state": state', '"state": "Colima"')
    write_notebook(small, "small", wrong, SHOW)
    entry = run_report(check_request("small", {"state": "Durango"}, "en"), small / "work")
    assert entry["status"] == "failed"
    assert "Colima" in entry["error"]


def test_a_figure_whose_data_lack_the_state_fails(small):
    other = SHOW.replace("rates, name=", "rates[rates['state'] == 'Colima'], name=")
    write_notebook(small, "small", SMALL.format(name="small"), other)
    entry = run_report(check_request("small", {"state": "Durango"}, "en"), small / "work")
    assert "hold no row of Durango" in entry["error"]


def test_what_is_shown_must_carry_the_parameters_that_were_asked():
    shown = [{"kind": "title", "report": "state", "asked": {"state": "Colima"}}]
    with pytest.raises(ReportError, match="asked was state with"):
        _check_shown(Request("state", "en", {"state": "Durango"}), shown)


def test_a_page_without_main_points_fails(small):
    write_notebook(small, "small", SMALL.format(name="small"), "an.show_title(head)")
    entry = run_report(check_request("small", {"state": "Durango"}, "en"), small / "work")
    assert "does not show" in entry["error"] and "points" in entry["error"]


def test_the_command_line_exits_with_one_and_lists_what_failed(small):
    write_notebook(small, "broken", "raise ValueError('of course')")
    command = [sys.executable, "-m", "analysis", "run", "broken", "small", "-p", "state=Durango"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "failed (1 of 2): en/broken-durango" in done.stderr
    assert "of course" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_keeps_what_is_finished(small):
    write_notebook(small, "slow", "import time\ntime.sleep(600)")
    command = [sys.executable, "-m", "analysis", "run", "small", "slow", "-p", "state=Durango"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    page = small / "reports/en/small-durango.html"
    for _ in range(600):
        if page.is_file() or process.poll() is not None:
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "interrupted" in told and "Traceback" not in told
    manifest = json.loads((small / "reports/manifest.json").read_text("utf-8"))
    assert [run["slug"] for run in manifest["runs"] if run["status"] == "ok"] == ["small-durango"]
    assert not list((small / "reports").glob(".*"))


def test_a_killed_run_leaves_no_process_and_the_next_one_cleans_up(small):
    write_notebook(small, "slow", "import time\ntime.sleep(600)")
    command = [sys.executable, "-m", "analysis", "run", "slow", "-p", "state=Durango"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not list((small / "reports").glob(".work-*/*/")):
        time.sleep(0.2)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    assert list((small / "reports").glob(".work-*"))
    run_reports([check_request("small", {"state": "Durango"}, "en")])
    assert not list((small / "reports").glob(".work-*"))


def test_a_damaged_notebook_gives_one_clear_line(checkout):
    (checkout / "notebooks/guard.ipynb").write_text("{", "utf-8")
    with pytest.raises(ReportError, match="notebooks/guard.ipynb can not be read"):
        check_request("guard", {}, "en")


def test_the_manifest_keeps_the_reports_of_earlier_runs(checkout):
    build_data()
    entry = {"lang": "en", "report": "x", "parameters": {}, "status": "ok", "seal": None}
    for slug in ("b", "a"):
        write_index([entry | {"slug": slug}])
    runs = json.loads((checkout / "reports/manifest.json").read_text("utf-8"))["runs"]
    assert [run["slug"] for run in runs] == ["a", "b"]


def test_a_damaged_manifest_is_put_aside(checkout):
    build_data()
    (checkout / "reports").mkdir()
    (checkout / "reports/manifest.json").write_text("{", "utf-8")
    write_index([])
    assert json.loads((checkout / "reports/manifest.json").read_text("utf-8")) == {"runs": []}
    assert (checkout / "reports/manifest.damaged.json").read_text("utf-8") == "{"


def test_a_folder_that_can_not_be_written_gives_one_clear_line(small):
    (small / "reports").write_text("a file where the folder should be", "utf-8")
    command = [sys.executable, "-m", "analysis", "run", "small", "-p", "state=Durango"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and "reports" in done.stderr
    assert "Traceback" not in done.stderr
