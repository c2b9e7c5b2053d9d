"""What a worker of a cluster does: take the project in, make reports from it, send them back."""

import asyncio
import hashlib
import io
import os
import shutil
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from analysis.cleaning.build import ensure_built
from analysis.errors import DataError, RequestError
from analysis.modelling.parallel import VARIABLE as SCHEDULER
from analysis.reporting.notebooks import Limits, Request, read_defaults
from analysis.reporting.seal import LOCK
from analysis.results import VARIABLE as RESULTS
from analysis.sources import in_project, root
from analysis.vintages import FOLDER as IMPORTED
from analysis.vintages import list_vintages

if TYPE_CHECKING:
    from analysis.reporting.execute import Watch

# Seconds between two looks at whether a report is still wanted.
LOOK = 0.5
_settling = threading.Lock()


def pack(base: Path, paths: Iterable[Path]) -> bytes:
    """Give files and folders as one archive, the same bytes for the same files.

    Examples
    --------
    >>> pack(root(), [root() / LOCK]) == pack(root(), [root() / LOCK])
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(paths):
            # With the first day that the format knows, whenever the file was written.
            name = path.relative_to(base).as_posix() + "/" * path.is_dir()
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o40755 if path.is_dir() else 0o100644) << 16
            archive.writestr(info, b"" if path.is_dir() else path.read_bytes())
    return buffer.getvalue()


def unpack(archive: bytes, place: Path) -> None:
    """Write an archive's files and folders below a place."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(place)


def pack_inputs(requests: list[Request]) -> bytes:
    """Give everything that reports read as one archive; the package itself is no part of it.

    Raises
    ------
    RequestError
        When a report is about a ledger of claims outside of the project.
    """
    place = root()
    files = [place / LOCK]
    vintages = [vintage["id"] for vintage in list_vintages(place)]
    for folder in ("data/raw", "notebooks", "claims", *(f"{IMPORTED}/{one}" for one in vintages)):
        files += [path for path in (place / folder).rglob("*") if path.is_file()]
    for request in requests:
        _, default = read_defaults(request.report).get("ledger", (str, ""))
        if ledger := request.parameters.get("ledger", default):
            if not (place / ledger).resolve().is_relative_to(place.resolve()):
                raise RequestError(
                    f"{ledger} is outside of the project, and would not be there on a worker; "
                    "put it into claims/"
                )
            files.append(place / ledger)
    # What an editor or a system leaves beside is no input.
    hidden = [path for path in files if "/." in f"/{path.relative_to(place).as_posix()}"]
    return pack(place, {*files} - {*hidden})


def holds(digest: str, dask_worker: Any) -> bool:
    """Tell whether a worker has taken these inputs in before."""
    return (_place(dask_worker, digest) / "ready").is_file()


async def receive(archive: bytes, digest: str, dask_worker: Any) -> None:
    """Take a project in: unpack it in the worker's own folder, which goes with it, and build.

    Raises
    ------
    DataError
        When the archive is not the one that was sent, or its tables can not be built.
    """
    await asyncio.to_thread(_settle, archive, digest, _place(dask_worker, digest))
    # Kernels have the environment of their time of birth: they keep results with the worker, and
    # send heavy work to the scheduler that the worker knows.
    os.environ[RESULTS] = str(Path(dask_worker.local_directory) / "results")
    os.environ[SCHEDULER] = dask_worker.scheduler.address


def _place(worker: Any, digest: str) -> Path:
    return Path(worker.local_directory) / f"project-{digest}"


def _settle(archive: bytes, digest: str, place: Path) -> None:
    """Unpack and build; where two ask for it at once, the second finds it done."""
    if hashlib.sha256(archive).hexdigest() != digest:
        raise DataError(f"inputs arrived with another SHA-256 than {digest[:12]}; run again")
    with _settling:
        if (place / "ready").is_file():
            return
        shutil.rmtree(place, ignore_errors=True)
        unpack(archive, place)
        with in_project(place):
            ensure_built()
        # What a report needs is imported before the first is timed.
        from analysis.reporting import report  # noqa: F401

        (place / "ready").touch()


def make_there(
    digest: str,
    request: Request,
    limits: Limits | None,
    retries: int,
    known: dict[str, Any],
    today: str,
) -> tuple[dict[str, Any], bytes]:
    """Make a report on the worker that this runs on.

    Returns
    -------
    tuple
        What `analysis.reporting.report.make_report` gives, with ``again`` (why it was tried
        again), and the archive of its work folder.
    """
    from distributed import get_worker, secede

    from analysis.reporting.report import make_report

    worker = get_worker()
    key, place, again = worker.get_current_task(), _place(worker, digest), []

    def follow(event: str, **told: Any) -> None:
        if event == "retry":
            again.append(told["error"])

    # The thread is free for the heavy work that the report's kernel sends.
    secede()
    with (
        in_project(place),
        TemporaryDirectory(prefix="work-", dir=place) as name,
        _while_wanted(worker, key) as watches,
    ):
        work = Path(name)
        made = make_report(
            request,
            work,
            limits=limits,
            retries=retries,
            known=known,
            today=today,
            begin=watches.append,
            follow=follow,
        )
        return made | {"again": again}, pack(work, work.rglob("*"))


@contextmanager
def _while_wanted(worker: Any, key: Any) -> Iterator[list["Watch"]]:
    """Stop the reports of a task that was cancelled, or whose client is gone."""
    watches: list[Watch] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK):
            task = worker.state.tasks.get(key)
            if task is None or task.state in ("cancelled", "resumed", "released"):
                for watch in watches:
                    watch.stop()

    thread = threading.Thread(target=look, daemon=True, name="wanted")
    thread.start()
    try:
        yield watches
    finally:
        done.set()
        thread.join()
