"""A notebook run by papermill in a kernel of its own, within limits of time."""

import analysis.reporting.light  # noqa: F401

# isort: split
import ast
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from threading import Timer
from typing import Any

import nbformat
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill import execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from analysis import kernels
from analysis.errors import ReportError
from analysis.reads import Read
from analysis.reporting.notebooks import Limits, Request
from analysis.reporting.turns import Turns
from analysis.sources import root

SPECS = Path(kernels.__file__).with_name("specs")
KERNEL = ENGINE = "analysis"
# Seconds until a kernel must answer.
START = 60
# What the kernel is asked at the end; the answer is text.
READS = "__import__('json').dumps(__import__('analysis.reads').reads.list_reads())"
# What differs between two runs of the same cells.
PASSING = ("start_time", "end_time", "duration", "input_path", "output_path", "version")


@dataclass
class Watch:
    """A running notebook: where it is, and the process of its kernel.

    ``follow`` gets an event (``started``, ``cell``) and what is to be said of it. ``turns``,
    in which it is called ``who``, lets so many run at the same time; the kernel is up when a turn
    is waited for. ``begun`` is the time of the first turn, ``ordinary`` says why its kernel is not
    a preloaded one, where it is not.
    """

    limits: Limits = field(default_factory=Limits)
    follow: Callable[..., None] = lambda event, **told: None
    turns: Turns = field(default_factory=Turns)
    who: tuple[str, str] = ("", "")
    begun: float = 0
    cell: int = 0
    cells: int = 0
    expired: bool = False
    stopped: bool = False
    process: Any = None
    notebook: Any = None
    timer: Any = None
    ordinary: str = ""
    reads: list[Read] = field(default_factory=list)

    def take_turn(self) -> None:
        """Wait until the notebook may run; from now on its time is limited."""
        self.turns.take(self.who)
        if not self.begun:
            self.begun = time.time()
            self.follow("started")
        if self.limits.report:
            self.timer.start()

    def end_turn(self) -> None:
        """Let another run."""
        self.timer.cancel()
        self.turns.end(self.who)

    def expire(self) -> None:
        """Stop at the limit."""
        self.expired = True
        self.stop()

    def stop(self) -> None:
        """Kill the kernel; what waits for it goes on with an error."""
        self.stopped = True
        if self.process is not None:
            with suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)


_watch: ContextVar[Watch] = ContextVar("watch")


class _KernelClient(AsyncKernelClient):
    """Goes on as soon as the kernel answers on both channels.

    Jupyter's own waits a fifth of a second more for what a kernel may have said before; outputs
    are told apart by the request they belong to anyway.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or START)
        while time.monotonic() < end:
            self.kernel_info()
            with suppress(Empty):
                await self.shell_channel.get_msg(timeout=1)
                # Until it is connected there, outputs would be lost.
                await self.iopub_channel.get_msg(timeout=1)
                return
            if not await self._async_is_alive():
                raise DeadKernelError("the kernel died before it answered")
        raise DeadKernelError(f"the kernel did not answer in {timeout:g} s")

    wait_for_ready = _async_wait_for_ready


class _Client(PapermillNotebookClient):
    """Starts a kernel of the package, and asks it at the end what was read."""

    def create_kernel_manager(self) -> Any:
        specs = KernelSpecManager(kernel_dirs=[str(SPECS)])
        self.km = AsyncKernelManager(kernel_name=KERNEL, kernel_spec_manager=specs)
        self.km.client_factory = _KernelClient
        return self.km

    def papermill_execute_cells(self) -> None:
        super().papermill_execute_cells()
        assert self.kc is not None
        asked = self.kc.execute("", silent=True, user_expressions={"reads": READS})
        answer = self.wait_for_reply(asked)["content"].get("user_expressions", {}).get("reads", {})
        text = answer.get("data", {}).get("text/plain", "'[]'")
        _watch.get().reads = [Read(*read) for read in json.loads(ast.literal_eval(text))]


class _Engine(Engine):
    """Runs the cells by `_Client`; the cell that runs is known."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        watch = _watch.get()
        watch.notebook, watch.cells = nb_man.nb, len(nb_man.nb.cells)

        def started(notebook: Any) -> None:
            provisioner: Any = client.km and client.km.provisioner
            watch.process, watch.ordinary = provisioner.process, provisioner.reason
            watch.take_turn()

        def begun(cell: Any, cell_index: int) -> None:
            watch.cell = cell_index + 1
            watch.follow("cell", cell=watch.cell, cells=watch.cells)
            if watch.stopped:
                raise DeadKernelError("stopped")

        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            timeout=watch.limits.cell or None,
            startup_timeout=START,
            shutdown_kernel="immediate",
            record_timing=False,
            resources={"metadata": {"path": str(root())}},
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            on_notebook_start=started,
            on_cell_start=begun,
        )
        client.execute()


papermill_engines.register(ENGINE, _Engine)


def execute(request: Request, output: Path, watch: Watch) -> nbformat.NotebookNode:
    """Run a report's notebook and write it with its outputs; after a failure as far as it came.

    Parameters
    ----------
    request : Request
        Report, language and parameters.
    output : pathlib.Path
        Where the executed notebook is written.
    watch : Watch
        Limits; it says at any time which cell runs, and at the end what was read.

    Raises
    ------
    ReportError
        When a cell fails, a limit is passed or the kernel dies; the message says where and how.
    """
    token, killed = _watch.set(watch), count_out_of_memory()
    # Started with its turn: the kernel has a limit of its own to come up.
    watch.timer = Timer(watch.limits.report, watch.expire)
    try:
        notebook = execute_notebook(
            str(root() / "notebooks" / f"{request.report}.ipynb"),
            # Papermill would write it twice a cell.
            None,
            parameters={**request.parameters, "lang": request.lang},
            kernel_name=KERNEL,
            engine_name=ENGINE,
            progress_bar=False,
        )
    except PapermillExecutionError as error:
        raise ReportError(f"cell {error.cell_index + 1}: {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        raise ReportError(
            f"cell {watch.cell} took longer than {watch.limits.cell:g} s and was stopped"
        ) from error
    except DeadKernelError as error:
        raise _explain_death(watch, count_out_of_memory() > killed) from error
    finally:
        watch.end_turn()
        _watch.reset(token)
        if watch.notebook is not None:
            _forget_passing(watch.notebook)
            nbformat.write(watch.notebook, output)
    return notebook


def _forget_passing(notebook: nbformat.NotebookNode) -> None:
    """Leave out what differs between two runs of the same."""
    for part in (notebook, *notebook.cells):
        told = part.metadata.get("papermill", {})
        part.metadata["papermill"] = {k: v for k, v in told.items() if k not in PASSING}
    # The cell with the parameters gets a name by chance.
    for number, cell in enumerate(notebook.cells, 1):
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"parameters-{number}"


class KernelDiedError(ReportError):
    """A kernel that ended by itself: the same report may well pass when it is run again."""


def _explain_death(watch: Watch, out_of_memory: bool) -> ReportError:
    if watch.expired:
        return ReportError(
            f"the report took longer than {watch.limits.report:g} s and was stopped in cell "
            f"{watch.cell} of {watch.cells}"
        )
    if watch.stopped:
        return ReportError(f"interrupted in cell {watch.cell} of {watch.cells}")
    status = watch.process.returncode if watch.process is not None else None
    how = f"exit status {status}"
    if status is not None and status < 0:
        how = signal.Signals(-status).name
    if out_of_memory:
        how += ", when the system had run out of memory"
    elif status == -signal.SIGKILL:
        how += ", by hand or for want of memory"
    return KernelDiedError(f"the kernel was killed in cell {watch.cell} of {watch.cells} ({how})")


def count_out_of_memory() -> int:
    """Count the processes that the system has killed for want of memory, where it says so."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/vmstat").read_text("utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("oom_kill ")).split()[1])
    return 0
