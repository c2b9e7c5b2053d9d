"""Kernels forked from a preloaded process: apart from each other, and like ordinary ones."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient

import analysis
from analysis.kernels import client
from analysis.kernels.client import NotWarmError, ask_for_kernel, connect
from analysis.kernels.server import Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

PACKAGE = Path(analysis.__file__).parent
COMMAND = [sys.executable, "-m", "ipykernel_launcher", "-f", "none.json"]
# Starts kernels side by side, and says of each: process, parent, what a cell answered, sockets.
SCRIPT = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from jupyter_client.manager import start_new_kernel

def start(number):
    km, kc = start_new_kernel(kernel_name="analysis")
    out = []
    kc.execute_interactive(f"import os; print(os.getpid(), os.getppid(), {number})",
                           output_hook=lambda m: out.append(m["content"].get("text", "")))
    return km, kc, [*map(int, "".join(out).split()), km.provisioner.folder]

def stop(started):
    started[1].stop_channels()
    started[0].shutdown_kernel(now=True)
"""


def make_place(patch, parent):
    """Make a folder for temporary files, short as paths of sockets must be, and have it used."""
    place = Path(tempfile.mkdtemp(prefix="k", dir=parent))
    patch.setenv("TMPDIR", str(place))
    patch.setattr(tempfile, "tempdir", str(place))
    patch.setattr(client, "LINGER", 60)
    return place


@pytest.fixture(scope="module", autouse=True)
def place():
    """A folder for temporary files, so that the preloaded process is of this module."""
    with pytest.MonkeyPatch.context() as patch:
        place = make_place(patch, tempfile.gettempdir())
        shutil.copytree(PACKAGE / "kernels" / "specs", place / "jupyter" / "kernels")
        patch.setenv("JUPYTER_PATH", str(place / "jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(place / "runtime"))
        patch.setenv("IPYTHONDIR", str(place / "ipython"))
        patch.setenv("OURS", "not to be seen")
        yield place
    for process in psutil.process_iter(["cmdline"]):
        if any(word.startswith(f"{place}/") for word in process.info["cmdline"] or ()):
            process.kill()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def elsewhere(monkeypatch, place):
    """Another folder for temporary files: nothing is preloaded there."""
    return make_place(monkeypatch, place)


class Kernel:
    """A running kernel."""

    def __init__(self, **options):
        self.manager, self.client = start_new_kernel(kernel_name="analysis", **options)

    @property
    def process(self):
        return psutil.Process(self.manager.provisioner.pid)

    def run(self, code):
        """Run a cell and give what it printed."""
        texts = []
        hear = lambda message: texts.append(message["content"].get("text", ""))  # noqa: E731
        reply = self.client.execute_interactive(code, timeout=30, output_hook=hear)["content"]
        return "".join(texts) if reply["status"] == "ok" else reply["ename"]

    def value(self, expression, before=""):
        """Give the value of an expression."""
        return ast.literal_eval(self.run(f"{before}\nprint(repr(({expression})))"))

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def start():
    """Start kernels, which are stopped at the end."""
    kernels = []

    def start(**options):
        kernels.append(Kernel(**options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.stop()


def add_to_path(patch, folder):
    """Have processes that are started import from a folder first."""
    patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)


def wait_until(so, seconds=10):
    """Wait until something is so, and say whether it is."""
    end = time.monotonic() + seconds
    while not so() and time.monotonic() < end:
        time.sleep(0.02)
    return so()


def open_ends(process):
    """Sockets and pipes that a process has open."""
    links = []
    for item in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            links.append(str(item.readlink()))
    return {link for link in links if link.startswith(("socket:", "pipe:"))}


def test_kernels_are_children_of_one_process_with_everything_imported(start):
    one, two = start(), start()
    assert one.manager.provisioner.reason == two.manager.provisioner.reason == ""
    assert one.process.ppid() == two.process.ppid() != os.getpid()
    assert one.value("'seaborn' in sys.modules", "import sys")


def test_who_has_imported_the_package_asks_the_same_process_as_who_has_not(start, monkeypatch):
    one = start()
    for name in analysis.THREADS:
        monkeypatch.delenv(name, raising=False)
    assert start().process.ppid() == one.process.ppid()


def test_kernels_do_not_see_each_other(start, tmp_path):
    code = "import os, sys; secret = 1; os.environ['SECRET'] = '1'; sys.modules['secret'] = sys"
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (start(cwd=str(folder)) for folder in folders)
    one.run(f"{code}; os.chdir('/'); import pandas; pandas.options.display.max_rows = 1")
    seen = "'secret' in globals() or 'SECRET' in os.environ or 'secret' in sys.modules"
    assert one.value(seen)
    assert not two.value(seen, "import os, sys")
    assert two.value("os.getcwd()") == str(folders[1])
    assert two.value("pandas.options.display.max_rows", "import pandas") == 60


def test_random_numbers_differ_between_kernels(start):
    drawn = "[random.random(), numpy.random.rand(), os.urandom(2), tempfile.mktemp()]"
    one, two = (start().value(drawn, "import numpy, os, random, tempfile") for _ in range(2))
    assert not {*one} & {*two}


def test_a_kernel_has_the_environment_and_folder_it_was_given(start, tmp_path):
    env = {key: value for key, value in os.environ.items() if key != "OURS"}
    kernel = start(cwd=str(tmp_path), env=env | {"REPORT": "es", "TMPDIR": str(tmp_path)})
    names = ("OURS", "REPORT", "JPY_PARENT_PID")
    told = kernel.value(f"[*map(os.environ.get, {names})]", "import os, tempfile")
    assert told == [None, "es", str(os.getpid())]
    assert kernel.value("os.getcwd(), tempfile.gettempdir()") == (str(tmp_path), str(tmp_path))
    private = Path(f"/proc/{kernel.process.pid}/environ").read_text()
    assert "not to be seen" not in private


def test_a_kernel_has_the_file_mode_mask_of_its_client(start):
    old = os.umask(0o027)
    try:
        kernel = start()
    finally:
        os.umask(old)
    assert kernel.value("os.umask(0)", "import os") == 0o027


def test_messages_go_through_sockets_in_a_private_folder_that_is_removed(start):
    kernel = start()
    info, folder = kernel.manager.get_connection_info(), Path(kernel.manager.provisioner.folder)
    assert info["transport"] == "ipc"
    assert folder.stat().st_mode & 0o777 == 0o700
    # IPython itself listens for what processes print that a cell has forked.
    assert len(kernel.process.net_connections("inet")) <= 1
    kernel.stop()
    assert not folder.exists()


def test_where_paths_are_too_long_for_sockets_messages_are_encrypted(start, elsewhere, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere / ("long" * 20)))
    Path(tempfile.tempdir).mkdir()
    kernel = start()
    assert kernel.value("6 * 7") == 42
    assert kernel.manager.get_connection_info()["transport"] == "tcp"
    assert kernel.manager.curve_publickey
    assert "too long" in kernel.manager.provisioner.reason


def test_a_kernel_has_no_file_of_another_or_of_the_preloaded_process(start):
    one, two = start(), start()
    assert not open_ends(one.process) & open_ends(one.process.parent())
    assert open_ends(one.process) & open_ends(two.process) <= open_ends(psutil.Process())


def test_a_killed_kernel_is_seen_and_leaves_no_zombie(start):
    kernel = start()
    server = kernel.process.parent()
    kernel.process.kill()
    assert wait_until(lambda: not kernel.manager.is_alive())
    assert kernel.manager.provisioner.process.returncode == -signal.SIGKILL
    assert not [child for child in server.children() if child.status() == "zombie"]


def test_a_running_cell_is_interrupted_and_the_kernel_goes_on(start):
    kernel = start()
    with ThreadPoolExecutor(1) as pool:
        cell = pool.submit(kernel.run, "import time; time.sleep(20)")
        time.sleep(0.3)
        kernel.manager.interrupt_kernel()
        assert cell.result(10) == "KeyboardInterrupt"
    assert kernel.value("6 * 7") == 42


@pytest.mark.parametrize("now", [False, True])
def test_a_restarted_kernel_is_another_one(start, now):
    kernel = start()
    old = kernel.value("os.getpid()", "import os")
    kernel.manager.restart_kernel(now=now)
    kernel.client.wait_for_ready(timeout=30)
    assert kernel.value("os.getpid()", "import os") != old
    assert kernel.run("old") == "NameError"
    assert not psutil.pid_exists(old)


def test_the_end_of_the_preloaded_process_ends_its_kernels(start):
    kernel = start()
    process = kernel.process
    process.parent().kill()
    assert wait_until(lambda: not process.is_running())
    assert not kernel.manager.is_alive()
    assert kernel.manager.provisioner.process.returncode == -signal.SIGKILL
    assert start().value("6 * 7") == 42


def test_a_killed_client_takes_its_kernel_and_sockets_along():
    script = f"{SCRIPT}print(json.dumps(start(1)[2]), flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        pid, *_, folder = json.loads(process.stdout.readline())
        assert Path(folder).exists()
        process.kill()
    assert wait_until(lambda: not psutil.pid_exists(pid) and not Path(folder).exists())


def test_many_kernels_asked_for_at_once_come_from_one_process(elsewhere):
    script = f"""{SCRIPT}
with ThreadPoolExecutor(4) as pool:
    started = [*pool.map(start, range(4))]
    print(json.dumps([told for *_, told in started]))
    [*pool.map(stop, started)]
"""
    pipe = subprocess.PIPE
    run = [sys.executable, "-c", script]
    processes = [subprocess.Popen(run, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [errors for _, errors in answers] == ["", ""]
    pids, parents, numbers, _ = zip(
        *(json.loads(answers[0][0]) + json.loads(answers[1][0])), strict=True
    )
    assert len({*pids}) == 8
    assert len({*parents}) == 1
    assert sorted(numbers) == sorted([*range(4)] * 2)


def test_a_changed_package_is_imported_anew_while_old_kernels_live_on(elsewhere):
    copy = elsewhere / "analysis"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    script = f"""{SCRIPT}
from pathlib import Path
import analysis
one = start(1)
with Path(analysis.__file__).open("a") as file:
    file.write("NEW = 'new'")
two = start(2)
time.sleep(1)
print(one[2][1] != two[2][1], two[0].provisioner.reason)
for _, kc, _ in (one, two):
    kc.execute_interactive("import analysis; print(vars(analysis).get('NEW'))")
stop(one), stop(two)
"""
    env = os.environ | {"PYTHONPATH": str(elsewhere)}
    run = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("True \nNone\nnew\n", "")


def test_a_preloaded_process_with_threads_is_not_forked(elsewhere, start, monkeypatch, caplog):
    hook = "import os, threading, time\nos.register_at_fork(after_in_child=lambda: "
    hook += "threading.Thread(target=time.sleep, args=(60,), daemon=True).start())"
    (elsewhere / "sitecustomize.py").write_text(hook)
    add_to_path(monkeypatch, elsewhere)
    kernel = start()
    assert kernel.process.ppid() == os.getpid()
    assert kernel.value("6 * 7") == 42
    assert kernel.manager.provisioner.reason == "the preloaded process has 2 threads"
    assert "An ordinary kernel is started: the preloaded process has 2 threads" in caplog.text


def test_no_kernel_is_forked_on_another_system(start, monkeypatch):
    other = SimpleNamespace(platform="darwin", executable=sys.executable)
    monkeypatch.setattr(client, "sys", other)
    kernel = start()
    assert kernel.process.ppid() == os.getpid()
    assert kernel.value("6 * 7") == 42
    assert "not safe on darwin" in kernel.manager.provisioner.reason


def test_a_folder_that_others_can_read_is_not_used(elsewhere):
    (elsewhere / f"analysis-kernels-{os.getuid()}").mkdir(0o755)
    with pytest.raises(NotWarmError, match="can be read by others"):
        ask_for_kernel(COMMAND, dict(os.environ), "/")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["/usr/bin/other", *COMMAND[1:]], "by another command"),
        ([*COMMAND[:2], "xeus", *COMMAND[3:]], "by another command"),
        (["ruby", "kernel.rb"], "by another command"),
    ],
)
def test_other_kernels_are_not_forked(command, reason):
    with pytest.raises(NotWarmError, match=reason):
        ask_for_kernel(command, dict(os.environ), "/")


def test_an_environment_too_large_for_a_message_asks_for_an_ordinary_kernel():
    large = {f"LARGE_{number}": "x" * 100_000 for number in range(3)}
    with pytest.raises(NotWarmError, match="too long"):
        ask_for_kernel(COMMAND, os.environ | large, "/")


def test_who_asks_for_nothing_or_nonsense_hinders_nobody(start):
    kernel = start()
    with (
        connect([sys.executable], dict(os.environ)),
        connect([sys.executable], dict(os.environ)) as nonsense,
    ):
        nonsense.send(b"nonsense")
        assert nonsense.recv(10) == b""
        assert start().process.ppid() == kernel.process.ppid()
    assert kernel.value("6 * 7") == 42


def test_a_client_that_is_gone_before_the_answer_leaves_no_kernel(start):
    server = start().process.parent()
    before = {child.pid for child in server.children()}
    request = {"argv": COMMAND[3:], "env": dict(os.environ), "cwd": "/", "folder": ""}
    for _ in range(5):
        with connect([sys.executable], dict(os.environ)) as connection:
            socket.send_fds(connection, [json.dumps(request).encode()], [1, 2])
    start()
    assert wait_until(lambda: len({child.pid for child in server.children()} - before) == 1)


def test_settings_of_matplotlib_in_the_working_folder_ask_for_an_ordinary_kernel(tmp_path):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9")
    with pytest.raises(NotWarmError, match="settings of its own"):
        ask_for_kernel(COMMAND, dict(os.environ), str(tmp_path))


def test_streams_of_its_own_ask_for_an_ordinary_kernel(tmp_path):
    manager = KernelManager(kernel_name="analysis")
    with (tmp_path / "out").open("w") as out:
        manager.start_kernel(stdout=out)
    assert manager.provisioner.reason == "it is to have stdout"
    manager.shutdown_kernel(now=True)


def test_a_process_that_does_not_come_up_says_why(elsewhere, monkeypatch):
    (elsewhere / "comm.py").write_text("raise ImportError('broken')")
    add_to_path(monkeypatch, elsewhere)
    with pytest.raises(NotWarmError, match=r"did not come up: ImportError: broken"):
        connect([sys.executable], dict(os.environ))


def test_the_preloaded_process_ends_without_clients_and_removes_its_socket(tmp_path):
    server = Server(tmp_path / "socket", linger=0.2)
    server.listen()
    assert server.serve() == {}
    assert not server.path.exists()


def test_the_preloaded_process_leaves_the_socket_of_another_alone(tmp_path):
    server = Server(tmp_path / "socket", linger=0.2)
    server.listen()
    server.path.rename(tmp_path / "old")
    server.path.touch()
    server.serve()
    assert server.path.exists()


CELLS = (
    "import sys; print(__name__, sys.argv[0], len(sys.argv)); print('e', file=sys.stderr)",
    "import own; own.VALUE",
    "import os; os.getcwd(), sys.path, sys.exc_info(), os.environ.get('MPLBACKEND'), sys.flags[:9]",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])",
    "plt.get_backend(), plt.isinteractive(), plt.rcParams['figure.dpi']",
    "fig, ax = plt.subplots(figsize=(2, 1)); ax.bar([1, 2], [3, 4]); fig",
    "import seaborn as sns; sns.set_theme(); sns.lineplot(x=[1, 2], y=[2, 1]);",
    "import warnings; warnings.warn('careful'); warnings.warn('old', DeprecationWarning)",
    "import pandas as pd; frame = pd.DataFrame({'a': [1.5, 2], 'b': ['x', None]}); frame",
    "def divide(n):\n    return 1 / n\n\ntry:\n    divide(0)\nexcept ValueError:\n    pass",
    "raise KeyError('gone') from ValueError('why')",
    "frame['c']",
    "help(divide)\nlen?",
    "!echo child",
    "import subprocess; subprocess.run(['cat'], capture_output=True, check=True).stdout",
    "os.system('echo deep; echo wrong >&2');",
    "input('name')",
    "from analysis import reporting; reporting, sorted(vars()['In'])[-1]",
    "import logging; logging.warning('logged'); logging.getLogger().handlers",
    "import asyncio; await asyncio.sleep(0, 'awaited')",
    "from IPython.display import HTML, display; display(HTML('<b>b</b>')); [*range(3)]",
    "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 's'",
    "plt.plot([1, 2]); plt.title('a title')",
    "import multiprocessing as mp; mp.current_process().name, os.getpgid(0) == os.getpid()",
)


def run_cells(kernel_name, folder):
    """Run the cells and give their outputs, without what differs from run to run."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    book = nbformat.v4.new_notebook(cells=cells)
    options = {"allow_errors": True, "resources": {"metadata": {"path": str(folder)}}}
    if kernel_name != "python3":
        # What the client asks of kernels that are named so.
        options["extra_arguments"] = ["--HistoryManager.hist_file=:memory:"]
    NotebookClient(book, kernel_name=kernel_name, timeout=60, **options).execute()
    text = json.dumps([cell.outputs for cell in book.cells])
    for passing in (r"ipykernel_\d+", r"0x[0-9a-f]+", r"<dc:date>.*?<"):
        text = re.sub(passing, "", text)
    return json.loads(text)


def test_outputs_are_those_of_an_ordinary_kernel(tmp_path):
    (tmp_path / "own.py").write_text("VALUE = 1")
    ordinary, forked = (run_cells(name, tmp_path) for name in ("python3", "analysis"))
    for source, one, two in zip(CELLS, ordinary, forked, strict=True):
        assert one == two, source
    kinds = [{key for out in outputs for key in out.get("data", {})} for outputs in forked]
    assert "image/png" in kinds[3] & kinds[5] & kinds[6]


def test_papermill_runs_it_by_name_without_a_warning(tmp_path):
    cells = [nbformat.v4.new_code_cell("where = 1", metadata={"tags": ["parameters"]})]
    cells.append(nbformat.v4.new_code_cell("import os; print(where, os.getppid())"))
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    book = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(book, tmp_path / "in.ipynb")
    words = ["papermill", "in.ipynb", "out.ipynb", "-k", "analysis", "-p", "where", "2"]
    run = subprocess.run(
        [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert "encryption" not in run.stderr
    assert "ordinary" not in run.stderr
    output = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs[0]["text"]
    assert output.split()[0] == "2"
