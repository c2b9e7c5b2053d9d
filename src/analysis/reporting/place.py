"""What a run made, moved into its place: a page and its folder whole, or a page of its failure."""

import analysis.reporting.light  # noqa: F401

# isort: split
import os
import shutil
import traceback
from pathlib import Path
from threading import Lock
from typing import Any

import nbformat

from analysis import __version__
from analysis.errors import AnalysisError, ReportError
from analysis.files import hash_file, written_beside
from analysis.reporting.export import render_failure
from analysis.reporting.languages import in_language, index_page
from analysis.reporting.manifest import reports_folder
from analysis.reporting.notebooks import Request
from analysis.reporting.text import translate

# The one exporter of this process serves one report at a time.
EXPORTING = Lock()


def place_report(request: Request, work: Path, made: dict[str, Any]) -> dict[str, Any]:
    """Move what `make_report` left in the work folder into place; give the manifest's entry."""
    told = {key: value for key, value in made.items() if key != "interrupted"}
    home, folder = reports_folder() / request.lang, work_folder(request, work)
    try:
        if not told.get("error"):
            with written_beside(home / f"{request.slug}.html") as part:
                folder.with_suffix(".html").replace(part)
                told["sha256"] = hash_file(part)
                _replace_folder(folder, home / request.slug)
            _failure_page(request).unlink(missing_ok=True)
    except OSError as error:
        told = {key: told[key] for key in ("started", "seconds", "ordinary")}
        told["error"] = explain_failure(error)
    if told.get("error") and not made.get("interrupted"):
        _show_failure(request, folder, told)
    return _entry(request, **told)


def work_folder(request: Request, work: Path) -> Path:
    """Give where in the work folder a report's files are made; its page is beside it."""
    return work / f"{request.lang}-{request.slug}"


def _entry(request: Request, **told: Any) -> dict[str, Any]:
    page = f"{request.lang}/{request.slug}.html"
    exists = (reports_folder() / page).is_file()
    return {
        "report": request.report,
        "slug": request.slug,
        "lang": request.lang,
        "others": [*request.others],
        "parameters": request.parameters,
        "status": "failed" if told.get("error") else "ok",
        "html": page if exists else None,
        "notebook": f"{request.lang}/{request.slug}/report.ipynb" if exists else None,
        "started": told.get("started"),
        "seconds": told.get("seconds"),
        **dict.fromkeys(("error", "failure", "title", "period", "main_point", "seal")),
        **dict.fromkeys(("made", "sha256", "ordinary")),
        **told,
    }


def _replace_folder(new: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.{os.getpid()}.old")
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _failure_page(request: Request) -> Path:
    return reports_folder() / request.lang / f"{request.slug}.failed.html"


def _show_failure(request: Request, folder: Path, told: dict[str, Any]) -> None:
    """Write a page that says where and why a report failed, with its output up to there."""
    try:
        notebook = nbformat.read(folder / "report.ipynb", 4)
    except (OSError, ValueError):
        notebook = nbformat.v4.new_notebook()
    good = reports_folder() / request.lang / f"{request.slug}.html"
    page = {
        "name": request.slug,
        "error": told["error"],
        "command": request.command,
        "good": good.name if good.is_file() else "",
        "index": f"../{index_page(request.lang)}",
        "version": __version__,
    }
    try:
        with EXPORTING, in_language(request.lang):
            text = render_failure(notebook, page=page, translate=translate, lang=request.lang)
        with written_beside(_failure_page(request)) as part:
            part.write_text(text, "utf-8")
        told["failure"] = f"{request.lang}/{_failure_page(request).name}"
    except OSError as error:
        told["error"] += f"; and its page can not be written: {error}"


def explain_failure(error: Exception) -> str:
    """Say what failed."""
    if isinstance(error, ReportError):
        return str(error)
    if isinstance(error, AnalysisError | ValueError | OSError):
        return f"{type(error).__name__}: {error}"
    return "".join(traceback.format_exception_only(error)).strip()
