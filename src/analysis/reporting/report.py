"""One report: executed, checked, exported, and moved into place whole."""

import analysis.reporting.light  # noqa: F401

# isort: split
import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis import __version__
from analysis.errors import ReportError
from analysis.reporting.execute import KernelDiedError, Watch, execute
from analysis.reporting.export import render_page
from analysis.reporting.imports import hash_files
from analysis.reporting.languages import in_language, index_page
from analysis.reporting.notebooks import MIME, Limits, Request
from analysis.reporting.place import EXPORTING, explain_failure, place_report, work_folder
from analysis.reporting.seal import FILE, find_basis, make_seal
from analysis.reporting.text import day, translate
from analysis.reporting.turns import Turns
from analysis.sources import fingerprint, root


def run_report(request: Request, work: Path, **options: Any) -> dict[str, Any]:
    """Run one report and move its page and its folder into place; on failure leave the old ones.

    Parameters as `make_report`.

    Returns
    -------
    dict
        The report's entry of the manifest; ``error`` says what failed and in which cell.
    """
    return place_report(request, work, make_report(request, work, **options))


def make_report(
    request: Request,
    work: Path,
    *,
    limits: Limits | None = None,
    retries: int = 0,
    known: dict[str, Any] | None = None,
    today: str = "",
    turns: Turns | None = None,
    begin: Callable[[Watch], None] = lambda watch: None,
    follow: Callable[..., None] = lambda event, **told: None,
) -> dict[str, Any]:
    """Make a report's page and folder in the work folder, for `place_report` to move into place.

    Parameters
    ----------
    request : Request
        What is run.
    work : pathlib.Path
        A folder on the same disk to write in until all is done.
    limits : Limits, optional
        Seconds for the report and for each cell.
    retries : int
        How often to try again what can pass: a kernel that was killed, a disk that was full.
    known : dict, optional
        The entry of the last run; a page that rests on the same keeps its date.
    today : str
        The day of a new page, where another machine says it.
    turns : Turns, optional
        Lets so many notebooks run at the same time; pages are made beside them.
    begin : callable
        Gets each `Watch`, which can stop the report from outside.
    follow : callable
        Gets an event (``started``, ``cell``, ``retry``) and what is to be said of it.

    Returns
    -------
    dict
        What the entry of the manifest is told; ``interrupted`` says whether it was stopped from
        outside.
    """
    folder, asked, begun = work_folder(request, work), time.time(), 0.0
    told: dict[str, Any] = {}
    for attempt in range(retries + 1):
        watch = Watch(limits or Limits(), follow, turns or Turns(), request.key, begun)
        begin(watch)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            page, told = make_page(request, folder, watch, known=known, today=today)
            folder.with_suffix(".html").write_text(page, "utf-8")
        except Exception as error:
            told, begun = {"error": explain_failure(error)}, watch.begun
            if attempt < retries and isinstance(error, KernelDiedError | OSError):
                follow("retry", error=told["error"])
                continue
        break
    begun = watch.begun or asked
    told["started"] = datetime.fromtimestamp(begun, UTC).isoformat(timespec="seconds")
    told["seconds"] = round(time.time() - begun, 2)
    interrupted = watch.stopped and not watch.expired
    return told | {"ordinary": watch.ordinary, "interrupted": interrupted}


def make_page(
    request: Request,
    folder: Path,
    watch: Watch,
    *,
    known: dict[str, Any] | None = None,
    date: str = "",
    today: str = "",
) -> tuple[str, dict[str, Any]]:
    """Run a report and make its page and its files, nothing being moved into place.

    Parameters
    ----------
    request : Request
        What is run.
    folder : pathlib.Path
        Where its files are written; it is made.
    watch : Watch
        Limits; it can stop the run.
    known : dict, optional
        The entry of the last run; a page that rests on the same keeps its date.
    date : str
        The day to write on the page.
    today : str
        The present day, where it is not this machine's to say.

    Returns
    -------
    tuple
        The page, and ``title, period, main_point, seal, made``.

    Raises
    ------
    ReportError
        When a cell fails, what was shown is not what was asked for, or its basis changed on the
        way.
    """
    folder.mkdir(parents=True)
    path = root() / "notebooks" / f"{request.report}.ipynb"
    before = {"data": fingerprint(), path: hash_files(path)}
    notebook = execute(request, folder / "report.ipynb", watch)
    shown = [
        item["data"][MIME]
        for cell in notebook.cells
        for item in cell.get("outputs", [])
        if MIME in item.get("data", {})
    ]
    told: dict[str, Any] = _check_shown(request, shown)
    basis = find_basis(request, watch.reads, seen=before)
    told["seal"] = make_seal(basis)
    told["made"] = date or _date(told["seal"], known or {}, today)
    with EXPORTING, in_language(request.lang):
        page = render_page(
            notebook, page=_page(request, told), translate=translate, lang=request.lang
        )
    _write_exhibits(shown, folder)
    (folder / FILE).write_text(
        json.dumps(basis, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8"
    )
    if {"data": fingerprint(), path: hash_files(path)} != before:
        raise ReportError(
            "data or code changed while the report ran, so that it rests on no one state; run it "
            "again"
        )
    return page, told


def _date(seal: dict[str, str], known: dict[str, Any], today: str) -> str:
    """Give the day a page is of: the first on which it was made from just this."""
    if known.get("seal") == seal and known.get("made"):
        return known["made"]
    return today or present_day()


def present_day() -> str:
    """Give today in UTC; ``SOURCE_DATE_EPOCH`` sets it, as in other programs with stable output."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return now.date().isoformat()


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
    return {
        "date": day(told["made"]),
        "seal": told["seal"],
        "request": {
            "report": request.report,
            "lang": request.lang,
            "date": told["made"],
            "asked": request.parameters,
            "others": [*request.others],
        },
        "command": request.command,
        "citation": translate(
            "The Mexico Security Analysis developers ({year}). {title}. mexico-security-analysis "
            "{version}, data {data}, code {code}."
        ).format(
            year=told["made"][:4],
            title=told["title"],
            version=__version__,
            data=told["seal"]["data"][:12],
            code=told["seal"]["code"][:12],
        ),
        "index": f"../{index_page(request.lang)}",
        "languages": {lang: f"../{lang}/{request.slug}.html" for lang in request.others},
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
