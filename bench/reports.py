"""Measure the same reports by the papermill and nbconvert commands and by ``analysis run``.

Each way runs in a fresh copy of the project in a temporary folder: the tables are built, nothing
is up to date, no result is kept, and no preloaded process is there yet. The plain loop begins
``papermill`` and ``jupyter nbconvert`` once a report; ``analysis run`` is one command, with one
job and with two. Each state is a copy of ``state.ipynb`` with that state as default, so that one
command can be given some states; both ways run the same copies.

What is printed:

- seconds by the clock, seconds of the processors (which tell more where other programs run too),
  and the highest memory: the proportional set sizes of the command, its descendants and
  the preloaded process with its kernels, added up every second (oftener would take time from
  what is measured). All ways take turns, three times: a third of the loop, then each run; for a
  machine that others use is not equally fast at all times. Runs are the mean of three, and the
  range of the ratio over the turns stands beside;
- the cells' own compute, measured in the same turns and apart from the software: one plain Python
  process imports everything and forks for each report, and the fork runs the cells in IPython one
  after the other; results of models are kept between them as in a run. The overhead of a report is
  the time of ``analysis run --jobs 1``, less that of a run with nothing to do, less the compute,
  by the number of reports;
- the same ways to ten notebooks that sleep for 0.3 s each, and the overhead of one, for the
  compute is known: everything beyond the sleep and the run with nothing to do counts. What each
  report adds (ten of them against one) leaves out what a run does once, which is to import and to
  preload;
- 10, 37 and 74 such notebooks with two jobs, which should grow straight, and a run with nothing
  to do after 37.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
from official import ROOT, measure

BIN = Path(sys.executable).parent
ANALYSIS = str(BIN / "analysis")
EVERY = ("national", "guard", "claims", "context", "priority-areas")
# Seconds between two looks at the memory.
PAUSE = 1.0
SLEEP = 0.3
GROWTH = (10, 37, 74)
# Turns in which the loop is made a part at a time, and each run once.
TURNS = 3
PARAMETERS = 'lang: str = "en"  # language of the page'
TINY = f"""
import time
import analysis as an
from analysis.reporting.parts import Caption, Cells, Point, Title

an.start_report("{{name}}", lang=lang, parameters={{{{}}}})
time.sleep({SLEEP})
table = an.load_table("states")
an.show_title(Title("Tiny", "How long does it take?", "2024", ("states",), {{{{}}}}))
an.show_points(Point("It sleeps.", "states"))
cells = Cells(["State"], table[["official_name"]].to_numpy().tolist(), [False], {{{{}}}})
an.show_table(cells, Caption("States", "names", "the states"), table, name="states")
an.show_sureness(["a"], ["b"], ["c"])
an.show_methods("It sleeps.", "methods.md")
"""


class Taken(NamedTuple):
    """What commands took: seconds on the clock and of the processors, and bytes at the most."""

    seconds: float
    processor: float
    peak: int


class Memory:
    """What all that this process has started since takes: bytes at the most, processor time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: psutil.Process | None = None
        self.peak = 0
        self.processor: dict[int, float] = {}

    def look(self) -> None:
        """Add up once, and keep the sum when it is the highest."""
        processes = psutil.Process().children(recursive=True)
        if server := self.find_server():
            processes += [server, *server.children(recursive=True)]
        different = {item.pid: item for item in processes}
        self.peak = max(self.peak, sum(map(proportional, different)))
        for pid, process in different.items():
            with suppress(psutil.Error):
                times = process.cpu_times()
                self.processor[pid] = times.user + times.system

    def find_server(self) -> psutil.Process | None:
        """Give the process that kernels are forked from, which is nobody's descendant."""
        if self.server and self.server.is_running():
            return self.server
        self.server = None
        if any(self.folder.glob("analysis-kernels-*")):
            for process in psutil.process_iter(["cmdline"]):
                words = process.info["cmdline"] or []
                ours = any(word.startswith(str(self.folder)) for word in words)
                if ours and "analysis.kernels.server" in words:
                    self.server = process
        return self.server


def proportional(pid: int) -> int:
    """Give the proportional set size of a process, nothing when it is gone."""
    with suppress(psutil.Error, OSError):
        told = psutil.Process(pid).memory_full_info()
        return getattr(told, "pss", told.uss)
    return 0


@contextmanager
def watched() -> Iterator[Memory]:
    """Look at the memory meanwhile; commands get a folder for temporary files of their own."""
    before = os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="b", ignore_cleanup_errors=True) as name:
        os.environ["TMPDIR"] = name
        memory, done = Memory(Path(name)), threading.Event()

        def go_on() -> None:
            while not done.wait(PAUSE):
                with suppress(psutil.Error):
                    memory.look()

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield memory
        finally:
            done.set()
            thread.join()
            if server := memory.find_server():
                server.kill()
            os.environ.pop("TMPDIR")
            os.environ.update({"TMPDIR": before} if before else {})


def take(commands: list[list[str]], cwd: Path) -> Taken:
    """Measure commands, one after the other; all must succeed."""
    with watched() as memory:
        seconds = sum(measure(command, cwd)[0] for command in commands)
    return Taken(seconds, sum(memory.processor.values()), memory.peak)


def together(parts: list[Taken]) -> Taken:
    """Add up what was taken by one after the other."""
    seconds, processor, peaks = zip(*parts, strict=True)
    return Taken(sum(seconds), sum(processor), max(peaks))


def average(runs: list[Taken]) -> Taken:
    """Give the mean of several runs of the same, and the most memory of any."""
    all_ = together(runs)
    return Taken(all_.seconds / len(runs), all_.processor / len(runs), all_.peak)


def copy_project(place: Path) -> None:
    """Copy what a run reads, and build the tables."""
    for name in ("data/raw", "notebooks", "claims"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "requirements.lock", place)
    measure([ANALYSIS, "data", "build"], place)


@contextmanager
def fresh(project: Path) -> Iterator[Path]:
    """Give a copy of a project in which nothing has run yet."""
    with tempfile.TemporaryDirectory() as name:
        yield shutil.copytree(project, Path(name) / "project")


def write_states(project: Path, count: int) -> list[str]:
    """Write a copy of the notebook of a state for each of so many states; give their names."""
    from analysis.geography import states

    path = project / "notebooks" / "state.ipynb"
    text, names = path.read_text("utf-8"), []
    for place in list(states())[:count]:
        name = f"state-{place.slug}"
        changes = {
            'start_report(\\"state\\"': f'start_report(\\"{name}\\"',
            'state: str = \\"Guanajuato\\"': f'state: str = \\"{place.name}\\"',
        }
        copy = text
        for old, new in changes.items():
            assert copy.count(old) == 1, f"{old} is not in {path.name} once"
            copy = copy.replace(old, new)
        path.with_name(f"{name}.ipynb").write_text(copy, "utf-8")
        names.append(name)
    return names


def write_tiny(project: Path, count: int) -> list[str]:
    """Write so many notebooks that sleep, each a report; give their names."""
    import nbformat

    names = [f"tiny-{number:02d}" for number in range(1, count + 1)]
    for name in names:
        notebook = nbformat.v4.new_notebook()
        given = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
        notebook.cells = [given, nbformat.v4.new_code_cell(TINY.format(name=name).strip())]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook.metadata["kernelspec"] = kernel
        nbformat.write(notebook, project / "notebooks" / f"{name}.ipynb")
    return names


def plain(names: list[str]) -> list[list[str]]:
    """Give the plain commands: papermill, then nbconvert, for each report."""
    commands = []
    for name in names:
        done = f"{name}.ipynb"
        commands.append([str(BIN / "papermill"), f"notebooks/{name}.ipynb", done])
        commands.append([str(BIN / "jupyter"), "nbconvert", "--to", "html", done])
    return commands


def run(names: list[str], jobs: int) -> list[str]:
    """Give the command of a run."""
    return [ANALYSIS, "run", *names, "--jobs", str(jobs)]


def run_cells(names: list[str]) -> None:
    """Print the seconds that the cells of each report take, in a fork of this process each."""
    os.environ["ANALYSIS_RESULTS"] = "data/processed/results"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    from analysis.kernels.server import preload

    preload()
    for name in names:
        sys.stdout.flush()
        if not (child := os.fork()):
            seconds = time_cells(Path("notebooks") / f"{name}.ipynb")
            print(json.dumps(seconds), flush=True)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"the cells of {name} failed")


def time_cells(path: Path) -> float:
    """Run the cells of a notebook in this process and give their seconds."""
    from contextlib import redirect_stdout

    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    cells = json.loads(path.read_text("utf-8"))["cells"]
    seconds = 0.0
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        for cell in cells:
            if cell["cell_type"] == "code":
                start = time.perf_counter()
                done = shell.run_cell("".join(cell["source"]), store_history=True)
                seconds += time.perf_counter() - start
                done.raise_error()
    return seconds


def measure_cells(names: list[str], project: Path) -> float:
    """Give the seconds that the cells of all reports take."""
    code = f"import sys; sys.path[:0] = {[str(ROOT / 'bench')]}; import reports as b; "
    argv = [sys.executable, "-c", f"{code}b.run_cells({names})"]
    done = subprocess.run(argv, cwd=project, check=True, stdout=subprocess.PIPE, text=True)
    return sum(map(json.loads, done.stdout.split()))


def row(name: str, taken: Taken, reports: int, ratios: str = "") -> None:
    """Print what was taken, and ratios to it."""
    times = [taken.seconds, taken.seconds / reports, taken.processor]
    text = "".join(f"{seconds:10.1f}" for seconds in times) + f"{taken.peak / 2**30:10.2f}"
    print(f"{name:<34}{text}{ratios}", flush=True)


def say(name: str, seconds: float, reports: int) -> None:
    """Print seconds, of all and of a report."""
    print(f"{name:<34}{seconds:10.1f}{seconds / reports:10.2f}", flush=True)


def compare(loop: list[Taken], runs: list[Taken], share: list[float]) -> str:
    """Write how many times the loop took as long, over all turns and in each of them."""
    each = [
        part.seconds / of / one.seconds for part, one, of in zip(loop, runs, share, strict=True)
    ]
    usual, mean = together(loop), average(runs)
    ratios = f"   x{usual.seconds / mean.seconds:.1f}, x{usual.processor / mean.processor:.1f}"
    return f"{ratios}   x{min(each):.1f} to x{max(each):.1f}"


def compare_ways(
    project: Path, names: list[str], *, skip_plain: bool, cells: bool = False
) -> tuple[float, float]:
    """Print the ways to the same reports side by side.

    Gives the seconds of a run with one job beyond that with nothing to do, and those of the cells.
    """
    loop: list[Taken] = []
    runs: dict[int, list[Taken]] = {1: [], 2: []}
    nothing, alone = 0.0, 0.0
    for turn in range(TURNS):
        if not skip_plain:
            with fresh(project) as folder:
                loop.append(take(plain(names[turn::TURNS]), folder))
        for jobs, several in runs.items():
            with fresh(project) as folder:
                several.append(take([run(names, jobs)], folder))
                if jobs == 2:
                    nothing += take([run(names, jobs)], folder).seconds / TURNS
        if cells:
            with fresh(project) as folder:
                alone += measure_cells(names, folder) / TURNS
    share = [len(names[turn::TURNS]) / len(names) for turn in range(TURNS)]
    if loop:
        row("papermill and nbconvert, a loop", together(loop), len(names))
    for jobs, several in runs.items():
        ratios = compare(loop, several, share) if loop else ""
        row(f"analysis run --jobs {jobs}", average(several), len(names), ratios)
    say("nothing to do", nothing, len(names))
    return average(runs[1]).seconds - nothing, alone


def measure_reports(project: Path, names: list[str], skip_plain: bool) -> None:
    """Print the ways to real reports, and what they take beyond the cells."""
    seconds, alone = compare_ways(project, names, skip_plain=skip_plain, cells=True)
    say("the cells alone", alone, len(names))
    say("overhead, one job", seconds - alone, len(names))


def measure_tiny(project: Path, skip_plain: bool) -> None:
    """Print what a notebook that sleeps takes beyond that, and how many of them grow."""
    names = write_tiny(project, max(GROWTH))
    print(f"notebooks that sleep {SLEEP} s")
    with fresh(project) as folder:
        one = take([run(names[:1], 1)], folder).seconds
        nothing = take([run(names[:1], 1)], folder).seconds
    ten, __ = compare_ways(project, names[:10], skip_plain=skip_plain)
    say("overhead, one job", ten - 10 * SLEEP, 10)
    say("what 9 more reports add", ten - (one - nothing) - 9 * SLEEP, 9)
    for count in GROWTH:
        with fresh(project) as folder:
            row(f"{count}, two jobs", take([run(names[:count], 2)], folder), count)
            if count == GROWTH[1]:
                row(f"nothing to do, {count}", take([run(names[:count], 2)], folder), count)


def main() -> None:
    """Print the measures of reports, and of notebooks that sleep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=32, help="of so many states (default: 32)")
    parser.add_argument("--reports", nargs="*", default=["context"], help="and these reports")
    parser.add_argument("--all", action="store_true", help="all 37; the plain loop is long")
    parser.add_argument("--no-plain", action="store_true", help="leave the plain loop out")
    parser.add_argument("--only", choices=("reports", "sleeping"), help="one of the two")
    asked = parser.parse_args()
    # Modules are compiled once, as everywhere.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"{os.cpu_count()} cores; load of all programs before: {os.getloadavg()[0]:.1f}")
    print(
        f"{'':<34}{'seconds':>10}{'a report':>10}{'processor':>10}{'GiB':>10}   ratios", flush=True
    )
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        copy_project(project)
        if asked.only != "sleeping":
            named = list(EVERY) if asked.all else asked.reports
            names = [*named, *write_states(project, 32 if asked.all else asked.states)]
            measure_reports(project, names, asked.no_plain)
        if asked.only != "reports":
            measure_tiny(project, asked.no_plain)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        last = (error.output or b"").decode("utf-8", "replace").strip().splitlines()[-5:]
        sys.exit("\n".join([f"failed: {' '.join(error.cmd)[:200]}", *last]))
