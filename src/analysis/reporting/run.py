"""Run notebooks into reports: executed, checked, exported, and moved into place whole."""

import json
import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from threading import Thread
from typing import Any

import nbformat
from traitlets.config import Config

from analysis import __version__
from analysis.cleaning.build import load_table, read_manifest
from analysis.errors import AnalysisError, ReportError
from analysis.reporting.exhibits import MIME
from analysis.reporting.export import render_page
from analysis.reporting.index import render_index
from analysis.reporting.notebooks import Request
from analysis.reporting.seal import make_seal
from analysis.reporting.text import day, in_language, month, translate
from analysis.sources import root, written_beside

KERNEL = "python3"


def reports_folder() -> Path:
    """Give the folder the reports are written to."""
    return root() / "reports"


def run_reports(
    requests: list[Request],
    *,
    jobs: int = 1,
    tell: Callable[[dict[str, Any]], None] = lambda entry: None,
) -> list[dict[str, Any]]:
    """Run reports in separate processes and write the index and the manifest.

    One failing report does not stop the others. When interrupted, what is finished stays.

    Parameters
    ----------
    requests : list of Request
        From `analysis.reporting.notebooks.list_requests`.
    jobs : int
        How many run at the same time.
    tell : callable
        Called with each entry as it is finished.

    Returns
    -------
    list of dict
        One entry a report: ``report, slug, lang, parameters, status`` (``ok`` or ``failed``),
        ``html, notebook, started, seconds, error, seal``.
    """
    load_table("panel")  # builds once, before processes race to build
    entries: list[dict[str, Any]] = []
    reports_folder().mkdir(exist_ok=True)
    _sweep()
    work = Path(mkdtemp(prefix=f".work-{os.getpid()}-", dir=reports_folder()))
    log = work / "log"
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _write_errors_to, (log,))
    waiting = {pool.submit(_run_in_pool, request, work): request for request in requests}
    told: set[Future] = set()
    try:
        for done in as_completed(waiting):
            told.add(done)
            try:
                entries.append(done.result())
            except Exception as error:  # the process died: out of memory, killed
                last = log.read_text("utf-8", "replace")[-500:] if log.is_file() else ""
                died = f"the process of the report died: {error} {last}".strip()
                entries.append(_entry(waiting[done], error=died))
            tell(entries[-1])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        late = [done for done in waiting if done not in told and not done.cancelled()]
        entries += [done.result() for done in late if done.exception() is None]
        shutil.rmtree(work, ignore_errors=True)
        write_index(entries)
    return entries


def _run_in_pool(request: Request, work: Path) -> dict[str, Any]:
    """Run a report that an interrupt can stop until it is being moved into place."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    return run_report(request, work, before_moving=ignore)


def _write_errors_to(log: Path) -> None:
    """Send what a process and its kernels write as errors to a file; end it with its parent."""
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()


def _sweep() -> None:
    """Remove what runs that were killed left behind."""
    for folder in reports_folder().glob(".work-*-*"):
        try:
            os.kill(int(folder.name.split("-")[1]), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            continue


def run_report(
    request: Request, work: Path, *, before_moving: Callable[[], Any] = lambda: None
) -> dict[str, Any]:
    """Run one report and move its page and its folder into place; on failure leave the old ones.

    Parameters
    ----------
    request : Request
        What is run.
    work : pathlib.Path
        A folder on the same disk to write in until all is done.
    before_moving : callable
        Called when everything is made and only has to be moved.

    Returns
    -------
    dict
        The report's entry of the manifest; ``error`` says what failed and in which cell.
    """
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    home = reports_folder() / request.lang
    folder = work / f"{request.lang}-{request.slug}"
    folder.mkdir(parents=True)
    told: dict[str, Any] = {}
    try:
        told["seal"] = make_seal(request)
        notebook = _execute(request, folder / "report.ipynb")
        shown = [
            item["data"][MIME]
            for cell in notebook.cells
            for item in cell.get("outputs", [])
            if MIME in item.get("data", {})
        ]
        told |= _check_shown(request, shown)
        with in_language(request.lang):
            page = render_page(
                notebook, page=_page(request, told), translate=translate, lang=request.lang
            )
        _write_exhibits(shown, folder)
        if make_seal(request) != told["seal"]:
            raise ReportError(
                "data, code or parameters changed while the report ran, so that it rests on no one "
                "state; run it again"
            )
        before_moving()
        with written_beside(home / f"{request.slug}.html") as path:
            path.write_text(page, "utf-8")
            _replace_folder(folder, home / request.slug)
    except Exception as error:
        told["error"] = _explain(error)
    seconds = round(time.perf_counter() - clock, 2)
    return _entry(request, started=started, seconds=seconds, **told)


def _execute(request: Request, output: Path) -> nbformat.NotebookNode:
    from papermill import execute_notebook

    with TemporaryDirectory(prefix="an") as sockets:
        os.environ["JUPYTER_RUNTIME_DIR"] = sockets
        # sockets in the file system where there are any: no port, nothing to listen to
        local = {"transport": "ipc", "ip": f"{sockets}/kernel"} if os.name == "posix" else {}
        return execute_notebook(
            str(root() / "notebooks" / f"{request.report}.ipynb"),
            str(output),
            parameters={**request.parameters, "lang": request.lang},
            kernel_name=KERNEL,
            cwd=str(root()),
            progress_bar=False,
            config=Config(KernelManager=local),
        )


def _check_shown(request: Request, shown: list[dict[str, Any]]) -> dict[str, Any]:
    """Prove that what was shown is the report that was asked for; give its title and point."""
    for item in shown:
        wrong = {
            name: (value, item["asked"].get(name))
            for name, value in request.parameters.items()
            if item["asked"].get(name) != value
        }
        if item["report"] != request.report or wrong:
            raise ReportError(
                f"{item['kind']} {item.get('id', '')} is of report {item['report']} with "
                f"{item['asked']}; asked was {request.report} with {request.parameters}"
            )
    kinds = {item["kind"]: item for item in shown}
    if missing := {"title", "points", "sureness", "methods"} - set(kinds):
        raise ReportError(f"the notebook does not show {', '.join(sorted(missing))}")
    title, points = kinds["title"], kinds["points"]["points"]
    return {
        "title": title["title"],
        "period": title["period"],
        "main_point": points[0]["text"] if points else "",
    }


def _page(request: Request, told: dict[str, Any]) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    return {
        "date": day(today.isoformat()),
        "seal": told["seal"],
        "command": request.command,
        "citation": translate(
            "The Mexico Security Analysis developers ({year}). {title}. mexico-security-analysis "
            "{version}, data {data}, code {code}."
        ).format(
            year=today.year,
            title=told["title"],
            version=__version__,
            data=told["seal"]["data"][:12],
            code=told["seal"]["code"][:12],
        ),
        "index": "../index.html",
        "download": f"{request.slug}/",
        "version": __version__,
    }


def _write_exhibits(shown: list[dict[str, Any]], folder: Path) -> None:
    """Write each exhibit's numbers and picture as files."""
    for name in ("tables", "figures"):
        (folder / name).mkdir()
    for item in shown:
        if "csv" in item:
            (folder / "tables" / f"{item['id']}.csv").write_text(item["csv"], "utf-8")
        if "svg" in item:
            (folder / "figures" / f"{item['id']}.svg").write_text(item["svg"], "utf-8")


def _replace_folder(new: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.{os.getpid()}.old")
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _explain(error: Exception) -> str:
    """Say what failed, and in which cell when a cell failed."""
    cell = getattr(error, "cell_index", None)
    if cell is not None:
        name, said = getattr(error, "ename", ""), getattr(error, "evalue", "")
        return f"cell {cell + 1}: {name}: {said}"
    if isinstance(error, AnalysisError | ValueError | OSError):
        return f"{type(error).__name__}: {error}"
    return "".join(traceback.format_exception_only(error)).strip()


def _entry(request: Request, **told: Any) -> dict[str, Any]:
    page = f"{request.lang}/{request.slug}.html"
    exists = (reports_folder() / page).is_file()
    return {
        "report": request.report,
        "slug": request.slug,
        "lang": request.lang,
        "parameters": request.parameters,
        "status": "failed" if told.get("error") else "ok",
        "html": page if exists else None,
        "notebook": f"{request.lang}/{request.slug}/report.ipynb" if exists else None,
        "started": told.get("started"),
        "seconds": told.get("seconds"),
        "error": told.get("error"),
        "title": told.get("title"),
        "period": told.get("period"),
        "main_point": told.get("main_point"),
        "seal": told.get("seal"),
    }


def _read_runs(path: Path) -> list[dict[str, Any]]:
    """Give the entries of earlier runs; a damaged manifest is put aside under another name."""
    try:
        runs = json.loads(path.read_text("utf-8"))["runs"]
        return [run for run in runs if run["slug"] and run["lang"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError):
        path.replace(path.with_suffix(".damaged.json"))
        return []


def write_index(entries: list[dict[str, Any]]) -> None:
    """Put new entries into ``manifest.json`` beside those of other reports, and write the index."""
    path = reports_folder() / "manifest.json"
    known = _read_runs(path)
    runs = {(run["slug"], run["lang"]): run for run in [*known, *entries]}
    ordered = [runs[key] for key in sorted(runs)]
    with written_beside(path) as part:
        part.write_text(json.dumps({"runs": ordered}, indent=2, ensure_ascii=False) + "\n", "utf-8")
    panel = load_table("panel")
    last = panel.dropna(subset=["homicides_sesnsp"])["month"].max()
    now = datetime.now(UTC)
    age = (now.year - last.year) * 12 + now.month - last.month
    built = read_manifest() or {"built": ""}
    page = {
        "runs": ordered,
        "data": {"last": month(last), "age": age, "built": built["built"]},
        "version": __version__,
    }
    with written_beside(reports_folder() / "index.html") as part:
        part.write_text(render_index(page, translate=translate, lang="en"), "utf-8")
