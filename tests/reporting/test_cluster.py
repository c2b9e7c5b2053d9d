"""Reports on a cluster are those of this machine; workers may die, and must be of this checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import dask
import pandas as pd
import psutil
import pytest

from analysis.modelling import multiverse, parallel
from analysis.modelling.multiverse import fit_multiverse
from analysis.modelling.parallel import VARIABLE, map_each
from analysis.modelling.power import fit_power
from analysis.modelling.workers import ClusterError, connect, identify
from analysis.reporting.notebooks import check_request
from analysis.reporting.remote import pack, pack_inputs, unpack
from analysis.reporting.run import run_reports
from tests.reporting.small import SHOW, SMALL, write_notebook

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Says which worker it is at, and gives time to kill it.
MARK = (
    "import os, pathlib, time\nfrom analysis.modelling.parallel import map_each\n"
    "pathlib.Path(os.environ['MARKS'], os.environ['JPY_PARENT_PID']).touch()\ntime.sleep(4)"
)
# Both reports wait for what they give to the workers that they are at.
HEAVY = "assert map_each(pow, range(30), 2) == [number**2 for number in range(30)]"


class Cluster:
    """A scheduler and workers, each a process in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marks = folder / "marks"
        self.marks.mkdir(parents=True)
        self.env = {"MARKS": str(self.marks), "DASK_TEMPORARY_DIRECTORY": str(folder)}
        self.processes: list[subprocess.Popen] = []
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.start("dask_scheduler", *options, "--scheduler-file", str(file))
        self.wait(file.is_file)
        self.address = json.loads(file.read_text("utf-8"))["address"]

    def start(self, program: str, *options: str, **env: str) -> subprocess.Popen:
        place = self.folder / f"process-{len(self.processes)}"
        place.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", *options],
            cwd=place,
            env=os.environ | self.env | env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def worker(self, **env: str) -> subprocess.Popen:
        place = str(self.folder / f"local-{len(self.processes)}")
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        return self.start("dask_worker", self.address, *options, "--local-directory", place, **env)

    def wait_for(self, workers: int) -> None:
        with connect(self.address) as client:
            self.wait(lambda: len(client.nthreads()) == workers)

    def wait(self, done) -> None:
        end = time.monotonic() + 240
        while not done():
            assert time.monotonic() < end
            time.sleep(0.1)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path / "cluster")
    yield made
    made.stop()


@pytest.fixture
def other_checkout(tmp_path):
    """The same package beside another lock."""
    place = tmp_path / "other"
    shutil.copytree(ROOT / "src/analysis", place / "src/analysis")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    (place / "requirements.lock").write_text(lock + "# another\n", "utf-8")
    return place


def ask(*states, report="small"):
    return [check_request(report, {"state": state}, "en") for state in states]


def read(folder):
    files = [path for path in (folder / "reports/en").rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def command(*options):
    return [sys.executable, "-m", "analysis", "run", "small", "-p", "state=Durango", *options]


def test_an_embedded_cluster_gives_the_bytes_of_a_local_run(small):
    write_notebook(small, "broken", "print('so far')", "raise ValueError('of course')")
    requests = [*ask("Durango", "Colima"), *ask("Durango", report="broken")]
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    local = run_reports(requests)
    first = read(small)
    shutil.rmtree(small / "reports")
    events = []
    away = run_reports(requests, executor="dask", tell=events.append)
    assert read(small) == first
    assert {"reports/en/small-colima.html", "reports/en/broken-durango.failed.html"} <= set(first)

    def what(entries):
        passing = ("started", "seconds")
        told = [{k: v for k, v in entry.items() if k not in passing} for entry in entries]
        return sorted(told, key=lambda entry: entry["slug"])

    assert what(away) == what(local)
    assert [event["event"] for event in events].count("started") == 3
    assert not list((small / "reports").glob(".*"))
    after = [one for one in psutil.Process().children(recursive=True) if one.pid not in before]
    assert not [one for one in after if "spawn_main" in " ".join(one.cmdline())]
    assert {entry["status"] for entry in run_reports(ask("Durango"), executor="dask")} == {
        "skipped"
    }


def test_a_worker_killed_in_the_middle_loses_nothing(small, cluster):
    write_notebook(small, "small", MARK, HEAVY, SMALL.format(name="small"), SHOW)
    doomed, _ = cluster.worker(), cluster.worker()
    cluster.wait_for(2)
    requests, events = ask("Durango", "Colima", "Sonora"), []

    def kill():
        cluster.wait((cluster.marks / str(doomed.pid)).exists)
        doomed.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    entries = run_reports(requests, executor="dask", scheduler=cluster.address, tell=events.append)
    killer.join()
    assert doomed.wait() == -signal.SIGKILL
    assert [entry["error"] for entry in entries] == [None] * 3
    again = [event for event in events if event["event"] == "retry"]
    assert [event["error"] for event in again] == ["the worker that ran it died"]
    manifest = json.loads((small / "reports/manifest.json").read_text("utf-8"))
    assert {run["slug"]: run["status"] for run in manifest["runs"]} == {
        request.slug: "ok" for request in requests
    }


def test_a_report_that_kills_its_workers_fails_and_the_others_do_not(small):
    deadly = "import os\nos.kill(int(os.environ['JPY_PARENT_PID']), 9)\nimport time; time.sleep(60)"
    write_notebook(small, "deadly", deadly)
    requests = [*ask("Durango", report="deadly"), *ask("Durango")]
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        entries = {entry["report"]: entry for entry in run_reports(requests, executor="dask")}
    assert entries["small"]["status"] == "ok"
    assert "the worker that ran it died, 2 times" in entries["deadly"]["error"]
    assert (small / "reports" / entries["deadly"]["failure"]).is_file()


def test_a_scheduler_that_is_lost_is_told_and_finished_reports_stay(small, cluster):
    write_notebook(small, "slow", MARK, "time.sleep(600)")
    worker = cluster.worker()
    cluster.wait_for(1)
    requests = [*ask("Durango"), *ask("Durango", report="slow")]

    def kill():
        cluster.wait((cluster.marks / str(worker.pid)).exists)
        cluster.processes[0].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ClusterError, match="the scheduler at .* is gone"):
        run_reports(requests, executor="dask", scheduler=cluster.address)
    killer.join()
    manifest = json.loads((small / "reports/manifest.json").read_text("utf-8"))
    assert [run["slug"] for run in manifest["runs"]] == ["small-durango"]
    assert not list((small / "reports").glob(".*"))


def test_a_worker_with_another_lock_is_named_and_gets_nothing(small, cluster, other_checkout):
    cluster.worker(PYTHONPATH=str(other_checkout / "src"))
    options = ("--executor", "dask", "--scheduler", cluster.address)
    done = subprocess.run(command(*options), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    own = identify()["lock"][:12]
    assert f"here {own}" in done.stderr and "refused tcp://127.0.0.1:" in done.stderr
    assert "none of the 1 workers may be used" in done.stderr and "make reports" in done.stderr
    assert "Traceback" not in done.stderr
    cluster.worker()
    cluster.wait_for(2)
    events = []
    (entry,) = run_reports(
        ask("Durango"), executor="dask", scheduler=cluster.address, tell=events.append
    )
    assert entry["status"] == "ok"
    refused = [event for event in events if event["event"] == "refused"]
    assert len(refused) == 1 and "requirements.lock is" in refused[0]["error"]


def test_a_cluster_without_a_worker_is_said_to_be_waited_for(small, cluster, monkeypatch):
    monkeypatch.setattr(parallel, "GRACE", 1)
    events = []

    def tell(event):
        events.append(event)
        if event["event"] == "waiting":
            cluster.worker()

    (entry,) = run_reports(ask("Durango"), executor="dask", scheduler=cluster.address, tell=tell)
    assert entry["status"] == "ok"
    (waiting,) = (event for event in events if event["event"] == "waiting")
    assert f"dask worker {cluster.address}" in waiting["error"]


def test_a_scheduler_that_is_not_there_is_told_within_seconds(small):
    begun = time.monotonic()
    options = ("--executor", "dask", "--scheduler", "tcp://127.0.0.1:9")
    done = subprocess.run(command(*options), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - begun < 120
    done = subprocess.run(command(*options[2:]), capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--executor dask" in done.stderr


def test_an_interrupt_keeps_what_is_finished_and_leaves_no_process(small):
    write_notebook(small, "slow", "import time\ntime.sleep(600)")
    process = subprocess.Popen(
        command("slow", "--executor", "dask"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
    )
    page = small / "reports/en/small-durango.html"
    end = time.monotonic() + 240
    while not page.is_file() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, told = process.communicate(timeout=150)
    except subprocess.TimeoutExpired:
        # Where it stands, thread by thread, for whoever reads the failure.
        process.send_signal(signal.SIGABRT)
        _, told = process.communicate()
    assert process.returncode == 130, told
    assert "interrupted" in told and "Traceback" not in told
    manifest = json.loads((small / "reports/manifest.json").read_text("utf-8"))
    assert [run["slug"] for run in manifest["runs"] if run["status"] == "ok"] == ["small-durango"]
    assert not list((small / "reports").glob(".*"))
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


def test_the_multiverse_on_a_cluster_is_the_one_here(panel, cluster, monkeypatch):
    # A few of its samples, for each is a task.
    monkeypatch.setattr(multiverse, "LAGS", multiverse.LAGS[:1])
    monkeypatch.setattr(multiverse, "OUTCOMES", multiverse.OUTCOMES[:2])
    here = fit_multiverse(panel, draws=19)
    cluster.worker()
    cluster.worker()
    monkeypatch.setenv(VARIABLE, cluster.address)
    there = fit_multiverse(panel, draws=19)
    pd.testing.assert_frame_equal(there.rows, here.rows, check_exact=True)
    pd.testing.assert_frame_equal(there.fitted, here.fitted, check_exact=True)
    assert there.notes == here.notes
    with pytest.raises(TypeError, match="unsupported operand"):
        map_each(pow, ["two"], 2)


def test_placebo_panels_on_a_cluster_are_those_here(panel, cluster, monkeypatch):
    here = fit_power(panel, draws=25)
    cluster.worker()
    monkeypatch.setenv(VARIABLE, cluster.address)
    there = fit_power(panel, draws=25)
    pd.testing.assert_frame_equal(there.rows, here.rows, check_exact=True)
    pd.testing.assert_frame_equal(there.fitted, here.fitted, check_exact=True)


def test_a_scheduler_named_in_vain_is_an_error_not_a_silent_local_run(monkeypatch):
    monkeypatch.setenv(VARIABLE, "tcp://127.0.0.1:9")
    with pytest.raises(ClusterError, match="no scheduler answers"):
        map_each(pow, [1], 2)
    monkeypatch.setenv(VARIABLE, "tls://127.0.0.1:9")
    with pytest.raises(ClusterError, match="no certificates are named here.*docs/cluster.md"):
        map_each(pow, [1], 2)


def test_inputs_travel_as_one_archive_without_the_package(small):
    first = pack_inputs(ask("Durango"))
    (small / "notebooks/small.ipynb").touch()
    (small / "data/raw/.swap").write_text("an editor's")
    assert pack_inputs(ask("Durango")) == first
    unpack(first, small / "there")
    names = {path.relative_to(small / "there").as_posix() for path in (small / "there").rglob("*")}
    assert {"requirements.lock", "notebooks/small.ipynb", "data/raw/datapackage.json"} <= names
    assert not [name for name in names if "processed" in name or name.endswith(".py")]
    shutil.rmtree(small / "there")
    (small / "empty").mkdir()
    unpack(pack(small, [small / "empty"]), small / "there")
    assert (small / "there/empty").is_dir()
