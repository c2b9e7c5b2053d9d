"""Runs fail loudly and never half: what fails is named, what was good stays, the rest goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from analysis.cleaning.build import build_data
from analysis.errors import ReportError
from analysis.reporting.notebooks import Limits, Request, check_request
from analysis.reporting.report import _check_shown, run_report
from analysis.reporting.run import run_reports, write_index
from analysis.reporting.turns import Turns
from tests.conftest import Project
from tests.reporting.small import SHOW, SMALL, write_notebook

pytestmark = pytest.mark.slow


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
    index = (reports / "index.html").read_text("utf-8")
    assert "unknown table" in index and 'href="en/broken-durango.failed.html"' in index
    assert not list(reports.glob(".*"))


def test_the_page_of_a_failure_shows_where_why_and_the_output_so_far(small):
    cells = [SMALL.format(name="small"), "print('as far as <here>')", "an.load_table('nothing')"]
    request = check_request("small", {"state": "Durango"}, "en")
    assert run_report(request, small / "work")["status"] == "ok"
    write_notebook(small, "small", *cells)
    entry = run_report(request, small / "work")
    page = (small / "reports" / entry["failure"]).read_text("utf-8")
    assert "cell 5: RequestError: unknown table" in page
    assert "as far as &lt;here&gt;" in page and 'href="small-durango.html"' in page
    assert request.command in page
    write_notebook(small, "small", SMALL.format(name="small"), SHOW)
    assert run_report(request, small / "work")["failure"] is None
    assert not (small / "reports" / entry["failure"]).exists()


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
    assert "1 ok, 0 skipped, 1 failed" in done.stderr
    assert "failed (1 of 2): en/broken-durango" in done.stderr
    assert "of course" in done.stderr
    assert "Traceback" not in done.stderr


def test_reports_run_in_the_order_asked_though_the_next_kernel_is_up(small):
    quick = [check_request("small", {"state": state}, "en") for state in ("Durango", "Colima")]
    write_notebook(small, "failing", "raise ValueError('of course')")
    requests = [quick[0], check_request("failing", {"state": "Durango"}, "en"), quick[1]]
    for _ in range(3):
        events = []
        run_reports(requests, force=True, tell=events.append)
        started = [event["slug"] for event in events if event["event"] == "started"]
        assert started == ["small-durango", "failing-durango", "small-colima"]


def test_a_turn_is_waited_for_in_order_and_one_that_never_ran_keeps_nobody():
    turns, ran = Turns(1, ["first", "second", "third"]), []

    def run(who):
        turns.take(who)
        ran.append(who)
        turns.end(who)

    threads = [threading.Thread(target=run, args=(who,)) for who in ("third", "second")]
    for thread in threads:
        thread.start()
    assert ran == []
    turns.end("first")
    for thread in threads:
        thread.join(20)
    run("second")
    assert ran == ["second", "third", "second"]


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


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(report=4), r"the report took longer than 4 s and was stopped in cell 3 of 3"),
        (Limits(cell=2), r"cell 3 took longer than 2 s and was stopped"),
    ],
)
def test_limits_of_time_stop_a_report_and_say_where(small, limits, said):
    write_notebook(small, "slow", "import time\ntime.sleep(600)")
    request = check_request("slow", {"state": "Durango"}, "en")
    (entry,) = run_reports([request], limits=limits)
    assert entry["status"] == "failed" and entry["error"] == said
    assert entry["seconds"] < 60


def test_a_killed_kernel_is_told_of_and_tried_again(small):
    once = (
        "import os, pathlib\nhere = pathlib.Path('tried')\nfirst = not here.exists()\n"
        "here.touch()\n_ = first and os.kill(os.getpid(), 9)"
    )
    write_notebook(small, "small", once, SMALL.format(name="small"), SHOW)
    request = check_request("small", {"state": "Durango"}, "en")
    (entry,) = run_reports([request])
    assert entry["error"].startswith("the kernel was killed in cell 3 of 5 (SIGKILL")
    (small / "tried").unlink()
    events = []
    (entry,) = run_reports([request], retries=1, tell=events.append)
    assert entry["status"] == "ok"
    assert [event["event"] for event in events if event["event"] != "cell"] == [
        "started",
        "retry",
        "finished",
    ]


def test_the_kernels_of_a_run_are_preloaded_and_see_nothing_of_each_other(small):
    leak = "import builtins, sys\nassert not hasattr(builtins, 'leak')\nbuiltins.leak = sys.argv"
    write_notebook(small, "small", leak, SMALL.format(name="small"), SHOW)
    places = ("Durango", "Colima", "Sonora")
    requests = [check_request("small", {"state": state}, "en") for state in places]
    entries = run_reports(requests, jobs=2)
    assert [entry["error"] for entry in entries] == [None] * 3
    assert {entry["ordinary"] for entry in entries} == {""}
    assert len({entry["main_point"] for entry in entries}) == 3


def test_two_runs_of_the_same_give_the_same_bytes(small):
    request = check_request("small", {"state": "Durango"}, "en")

    def read():
        files = [path for path in (small / "reports/en").rglob("*") if path.is_file()]
        return {path.name: path.read_bytes() for path in files}

    run_reports([request])
    first = read()
    (entry,) = run_reports([request], force=True)
    assert entry["status"] == "ok" and read() == first
    assert {"small-durango.html", "report.ipynb", "ranking.svg", "seal.json"} <= set(first)


class TestUpToDate:
    """A report runs again when what it rests on has changed, and only then."""

    PLACES = ("Durango", "Colima")

    @pytest.fixture
    def run(self, small):
        """Run two states; give how many ran."""
        start = (
            "import analysis as an\nfrom analysis.reporting.parts import Point\n"
            "an.start_report('small', lang=lang, parameters={'state': state})\n"
            "missing = an.load_table('disappeared_state_year', state=state)"
        )
        show = (
            "an.show_title(an.title_state(state, 'sesnsp', '2019-07', ''))\n"
            "years = an.select_disappeared(missing, state)\n"
            "ax = an.plot_disappeared(years)\n"
            "an.show_figure(ax, an.caption_disappeared(years, state), years, name='missing')"
        )
        rest = (
            "an.show_points(Point('a point', 'missing'))\n"
            "an.show_sureness(['a'], ['b'], ['c'])\nan.show_methods('how', 'methods.md')"
        )
        write_notebook(small, "small", start, show, rest)
        requests = [check_request("small", {"state": state}, "en") for state in self.PLACES]

        def run(**options):
            entries = run_reports(requests, **options)
            assert [entry["error"] for entry in entries] == [None] * len(requests)
            return {e["parameters"]["state"] for e in entries if e["status"] == "ok"}

        assert run() == set(self.PLACES)
        return run

    def test_nothing_runs_where_nothing_changed(self, run):
        assert run() == set()
        assert run(force=True) == set(self.PLACES)

    def test_a_figure_of_one_state_runs_that_state(self, run, small):
        project = Project(small)
        path = small / "data/raw/disappeared_state_year.csv"
        line = next(text for text in path.read_text("utf-8").splitlines() if text.startswith("10,"))
        *key, figure = line.split(",")
        project.replace("disappeared_state_year", line, ",".join([*key, str(int(figure) + 1)]))
        assert run() == {"Durango"}
        assert run() == set()

    def test_a_notebook_the_lock_and_a_damaged_page_run_all_that_they_concern(self, run, small):
        page = small / "reports/en/small-colima.html"
        page.write_text(page.read_text("utf-8").replace("Colima", "Coahuila"), "utf-8")
        assert run() == {"Colima"}
        lock = small / "requirements.lock"
        lock.write_text(lock.read_text("utf-8") + "# another\n", "utf-8")
        assert run() == set(self.PLACES)
        path = small / "notebooks/small.ipynb"
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        assert run() == set(self.PLACES)
        (small / "reports/en/small-durango/seal.json").unlink()
        assert run() == {"Durango"}

    def test_a_table_that_is_not_read_runs_nothing(self, run, small):
        path = small / "data/raw/envipe_state_perception.csv"
        line = path.read_text("utf-8").splitlines()[-1]
        *key, figure = line.split(",")
        Project(small).replace("envipe_state_perception", line, ",".join([*key, f"{figure}1"]))
        assert run() == set()


def test_a_page_leads_to_its_other_language_as_soon_as_there_is_one(small):
    asked = [check_request("small", {"state": "Durango"}, lang) for lang in ("en", "es")]
    page, link = small / "reports/en/small-durango.html", 'class="language" href="../es/'
    run_reports(asked[:1])
    assert link not in page.read_text("utf-8")
    assert [entry["status"] for entry in run_reports(asked)] == ["ok", "ok"]
    assert link in page.read_text("utf-8")
    assert [entry["status"] for entry in run_reports(asked[:1])] == ["skipped"]


def test_no_page_leads_to_one_of_another_language_that_failed(small):
    write_notebook(small, "small", SMALL.format(name="small"), SHOW, "assert lang == 'en'")
    asked = [check_request("small", {"state": "Durango"}, lang) for lang in ("en", "es")]
    page, told = small / "reports/en/small-durango.html", []
    assert [run["status"] for run in run_reports(asked, tell=told.append)] == ["ok", "failed"]
    finished = [event["lang"] for event in told if event["event"] == "finished"]
    assert finished == ["en", "es", "en"]
    assert "../es/small-durango.html" not in page.read_text("utf-8")
    assert [run["status"] for run in run_reports(asked)] == ["skipped", "failed"]
    write_notebook(small, "small", SMALL.format(name="small"), SHOW)
    assert [run["status"] for run in run_reports(asked)] == ["ok", "ok"]
    assert "../es/small-durango.html" in page.read_text("utf-8")


def test_where_a_report_failed_in_every_language_each_is_made_once(small):
    write_notebook(small, "small", SMALL.format(name="small"), SHOW, "assert False")
    asked = [check_request("small", {"state": "Durango"}, lang) for lang in ("en", "es")]
    assert [run["status"] for run in run_reports(asked)] == ["failed", "failed"]
    write_notebook(small, "small", SMALL.format(name="small"), SHOW)
    told = []
    assert [run["status"] for run in run_reports(asked, tell=told.append)] == ["ok", "ok"]
    assert [event["event"] for event in told].count("started") == 2


def test_where_nothing_is_to_be_done_nothing_is_written_and_no_warning_is_repeated(
    small, monkeypatch
):
    (small / "matplotlibrc").write_text("", "utf-8")
    request = check_request("small", {"state": "Durango"}, "en")
    (entry,) = run_reports([request])
    assert "settings of its own for Matplotlib" in entry["ordinary"]
    before = {path: path.stat().st_mtime_ns for path in (small / "reports").rglob("*")}
    command = [sys.executable, "-m", "analysis", "run", "small", "-p", "state=Durango"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "0 ok, 1 skipped, 0 failed" in done.stderr
    assert "one by one" not in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (small / "reports").rglob("*")} == before


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_no_half_file_is_seen_and_the_next_run_completes(small, seed):
    """Ten kills each; together thirty."""
    rnd = random.Random(seed)
    command = [sys.executable, "-m", "analysis", "run", "small", "-p", "state=Durango", "--force"]
    request = check_request("small", {"state": "Durango"}, "en")
    run_reports([request])
    folder = small / "reports/en"
    whole = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
    for _ in range(10):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(rnd.uniform(0.5, 6))
        process.kill()
        process.wait()
        for name, text in whole.items():
            path = folder / name
            assert not path.exists() or path.read_bytes() == text
        assert (folder / "small-durango.html").is_file()
        json.loads((small / "reports/manifest.json").read_text("utf-8"))
    (entry,) = run_reports([request], force=True)
    assert entry["status"] == "ok"
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} == whole
    assert not list((small / "reports").glob("**/.*"))


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
