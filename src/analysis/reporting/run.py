"""Many reports: those that are not up to date, side by side, one failing without the others."""

import contextlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Literal, get_args

from analysis.cleaning.build import ensure_built
from analysis.errors import AnalysisError, RequestError, unknown
from analysis.files import hash_file
from analysis.kernels.client import NotWarmError, connect
from analysis.reporting.interrupts import undisturbed
from analysis.reporting.languages import languages
from analysis.reporting.manifest import keep_runs, read_runs, reports_folder, sweep
from analysis.reporting.notebooks import Limits, Request
from analysis.reporting.seal import FILE, find_basis, list_reads, make_seal
from analysis.reporting.turns import Turns
from analysis.results import FOLDER, VARIABLE, remove_old
from analysis.sources import in_project, root

if TYPE_CHECKING:
    from analysis.reporting.execute import Watch

Tell = Callable[[dict[str, Any]], None]
Finish = Callable[[Request, dict[str, Any]], None]
Known = dict[tuple[str, str], dict[str, Any]]
Waiting = dict[Future[dict[str, Any]], Request]
Executor = Literal["local", "dask"]


def run_reports(
    requests: list[Request],
    *,
    jobs: int = 1,
    force: bool = False,
    limits: Limits | None = None,
    retries: int = 0,
    executor: Executor = "local",
    scheduler: str = "",
    tell: Tell = lambda event: None,
) -> list[dict[str, Any]]:
    """Run the reports that are not up to date, and write the index and the manifest.

    A report is up to date when data, code, lock and parameters have the hashes of its seal and
    its page is as it was written. One failing report does not stop the others. When interrupted,
    what is finished stays.

    Parameters
    ----------
    requests : list of Request
        From `analysis.reporting.notebooks.list_requests`.
    jobs : int
        How many run at the same time.
    force : bool
        Whether reports that are up to date run too.
    limits : Limits, optional
        Seconds for a report and for a cell.
    retries : int
        How often a report is tried again after what can pass.
    executor : {"local", "dask"}
        Whether reports run in this machine's kernels or on a Dask cluster.
    scheduler : str
        Address of the cluster's scheduler; without it there is a cluster on this machine, of two
        workers or as many as ``jobs``.
    tell : callable
        Called with each event: ``event`` (``started, cell, retry, finished``), ``slug, lang``
        and, when finished, the ``entry``, twice where a page is made again for its links;
        ``refused`` has ``worker`` and ``error``, ``waiting`` (for a worker) ``error``.

    Returns
    -------
    list of dict
        One entry a report: ``report, slug, lang, parameters, status`` (``ok``, ``failed`` or
        ``skipped``: up to date), ``html, notebook, started, seconds, error, seal``, and ``failure``
        (page of a failure), ``made`` (day), ``sha256`` of the page.

    Raises
    ------
    RequestError
        For an unknown executor, or a scheduler without ``dask``.
    analysis.modelling.workers.ClusterError
        When the scheduler does not answer, or none of its workers may be used.
    """
    if executor not in get_args(Executor):
        raise unknown("executor", executor, get_args(Executor))
    if scheduler and executor != "dask":
        raise RequestError(f"a scheduler ({scheduler}) is of use only with --executor dask")
    reports_folder().mkdir(exist_ok=True)
    sweep()
    ensure_built()
    known = read_runs()
    entries: Known = {}
    waiting = []
    seen: dict[Any, Any] = {}
    for request in _beside_others(requests, _expected(requests, known)):
        entry = known.get(request.key)
        if not force and entry and _stands(request, entry, seen):
            entries[request.key] = {**entry, "status": "skipped"}
            tell(request.event("finished", entry=entries[request.key]))
        else:
            waiting.append(request)

    def finish(request: Request, entry: dict[str, Any]) -> None:
        entries[request.key] = entry
        tell(request.event("finished", entry=entry))
        # Of a full disk the end tells, when all are kept.
        with contextlib.suppress(OSError):
            keep_runs([entry])

    options: dict[str, Any] = {"limits": limits, "retries": retries, "known": known, "tell": tell}
    options |= {"scheduler": scheduler} if executor == "dask" else {}
    run = _run_away if executor == "dask" else _run_here
    try:
        if waiting:
            run(waiting, finish, jobs, **options)
        if again := _misled(requests, entries, known):
            run(again, finish, jobs, **options)
    finally:
        write_index([*entries.values()], rewrite=bool(waiting))
    return [*entries.values()]


def _expected(requests: list[Request], known: Known) -> set[tuple[str, str]]:
    """Give the pages that there will be: those there are, and those asked for.

    What failed last, while the report was made in another language, is led to when it is there.
    """
    pages = _pages(known)
    made = {slug for slug, _ in pages}
    return pages | {one.key for one in requests if one.key not in known or one.slug not in made}


def _misled(requests: list[Request], entries: Known, known: Known) -> list[Request]:
    """Give anew the requests whose pages do not lead to just the other languages there are now."""
    made = [request for request in requests if entries[request.key]["status"] != "failed"]
    beside = _beside_others(made, _pages(known | entries))
    return [request for request in beside if [*request.others] != entries[request.key]["others"]]


def _pages(known: Known) -> set[tuple[str, str]]:
    """Give slug and language of the reports that have a page."""
    return {key for key, entry in known.items() if entry["html"]}


def _beside_others(requests: list[Request], made: set[tuple[str, str]]) -> Iterator[Request]:
    """Give each request with the other languages in which its report is made."""
    langs = languages()
    for request in requests:
        there = (lang for lang in langs if lang != request.lang and (request.slug, lang) in made)
        yield replace(request, others=tuple(there))


def _stands(request: Request, entry: dict[str, Any], seen: dict[Any, Any]) -> bool:
    """Tell whether a report's page is there as it was written and rests on what is there now."""
    page = reports_folder() / request.lang / f"{request.slug}.html"
    try:
        basis = json.loads((page.with_suffix("") / FILE).read_text("utf-8"))
        seal = make_seal(find_basis(request, list_reads(basis), seen=seen))
        whole = hash_file(page) == entry.get("sha256")
    except (AnalysisError, OSError, ValueError, KeyError):
        return False
    same = seal == entry["seal"] and [*request.others] == entry.get("others")
    return whole and entry["status"] != "failed" and same


def _run_here(
    requests: list[Request], finish: Finish, jobs: int, *, known: Known, tell: Tell, **options: Any
) -> None:
    """Run reports in threads, each with a kernel of its own, and finish each that has ended."""
    running: list[Watch] = []
    results = root() / FOLDER
    remove_old(results)
    # Kernels have the environment of their time of birth.
    os.environ[VARIABLE] = str(results)
    with _kernels(), _work() as work:
        from analysis.reporting.report import run_report

        project, turns = root(), Turns(jobs, [request.key for request in requests])

        def run_one(request: Request) -> dict[str, Any]:
            try:
                with in_project(project):
                    return run_report(
                        request,
                        work,
                        known=known.get(request.key),
                        turns=turns,
                        begin=running.append,
                        follow=lambda event, **told: tell(request.event(event, **told)),
                        **options,
                    )
            finally:
                turns.end(request.key)

        # One more than run: its kernel comes up, or its page is made, beside the others.
        pool = ThreadPoolExecutor(jobs + 1, "report")
        waiting = {pool.submit(run_one, request): request for request in requests}
        _finish_each(pool, waiting, running, finish)


def _finish_each(
    pool: ThreadPoolExecutor, waiting: Waiting, running: list["Watch"], finish: Finish
) -> None:
    """Finish each report as it ends; when that is interrupted, stop those that still run."""
    told = set()
    try:
        for done in as_completed(waiting):
            # A page that is in its place has its entry.
            with undisturbed(later=True):
                told.add(done)
                finish(waiting[done], done.result())
    finally:
        with undisturbed():
            pool.shutdown(wait=False, cancel_futures=True)
            for watch in running:
                watch.stop()
            pool.shutdown(wait=True)
            for done in (one for one in waiting if one not in told and not one.cancelled()):
                # One that had just ended when the others were stopped.
                if not done.result()["error"]:
                    finish(waiting[done], done.result())


def _run_away(
    requests: list[Request], finish: Finish, jobs: int, *, scheduler: str, **options: Any
) -> None:
    """Run reports on a cluster, and finish each that has come back."""
    from analysis.reporting.cluster import WORKERS, run_on_cluster
    from analysis.reporting.place import place_report

    with _work() as work:
        workers = max(jobs, WORKERS)
        made = run_on_cluster(requests, work, scheduler=scheduler, workers=workers, **options)
        with closing(made):
            for request, told in made:
                with undisturbed(later=True):
                    finish(request, place_report(request, work, told))


@contextmanager
def _work() -> Iterator[Path]:
    """Give a folder on the disk of the reports to write in until all is done."""
    folder = Path(mkdtemp(prefix=f".work-{os.getpid()}-", dir=reports_folder()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _kernels() -> Iterator[None]:
    """Keep the process that kernels are forked from, while what else is needed is imported."""
    held: list[Any] = []

    def hold() -> None:
        # Who asks for a kernel is told again why there is none of these.
        with contextlib.suppress(NotWarmError, OSError):
            held.append(connect([sys.executable], dict(os.environ)))

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Who is interrupted at the very beginning does not wait until everything is imported.
        thread.join(1)
        for connection in held:
            connection.close()


def write_index(entries: list[dict[str, Any]], *, rewrite: bool = True) -> None:
    """Put entries into the manifest and write the index; nothing where nothing ran."""
    if rewrite or not (reports_folder() / "index.html").is_file():
        from analysis.reporting.index import write_pages

        write_pages(keep_runs(entries), reports_folder())
