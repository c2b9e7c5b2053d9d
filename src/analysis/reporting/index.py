"""The index page: every report of a run, what it found, and what failed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis import __version__
from analysis.cleaning.build import load_table, read_manifest
from analysis.files import written_beside
from analysis.reporting.export import exporter
from analysis.reporting.languages import in_language, index_page, languages, other_pages
from analysis.reporting.text import month, translate


def write_pages(runs: list[dict[str, Any]], folder: Path) -> None:
    """Write the index of all reports in every language, with the age of the data."""
    panel = load_table("panel")
    last = panel.dropna(subset=["homicides_sesnsp"])["month"].max()
    now = datetime.now(UTC)
    built = read_manifest() or {"built": ""}
    age = (now.year - last.year) * 12 + now.month - last.month
    for lang in languages():
        with in_language(lang), written_beside(folder / index_page(lang)) as part:
            data = {"last": month(last), "age": age, "built": built["built"]}
            page = {"runs": runs, "data": data, "version": __version__}
            part.write_text(render_index(page, translate=translate, lang=lang), "utf-8")


def render_index(manifest: dict[str, Any], *, translate: Callable[[str], str], lang: str) -> str:
    """Return the index of all reports as one self-contained HTML text.

    Parameters
    ----------
    manifest
        ``runs`` (one entry a report: ``report, slug, lang, parameters, status, html, started,
        error, title, main_point, period``), ``data`` (``last`` month, ``age`` in months,
        ``built``) and ``version``.
    translate
        From an English message to the page's language.
    lang
        The page's language; its reports are shown first.

    Examples
    --------
    >>> run = {"report": "national", "slug": "national", "lang": "en", "parameters": {},
    ...        "status": "ok", "html": "en/national.html", "started": "2026-11-23T10:00:00",
    ...        "error": None, "title": "Mexico", "main_point": "Homicide fell.", "period": "2015"}
    >>> data = {"last": "June 2025", "age": 17, "built": "2026-11-23"}
    >>> page = render_index({"runs": [run], "data": data, "version": "0.1.0"},
    ...                     translate=str, lang="en")
    >>> '<a href="en/national.html">Mexico</a>' in page
    True
    """
    runs = sorted(map(_readable, manifest["runs"]), key=lambda run: run["lang"] != lang)
    good = [run for run in runs if run["status"] != "failed"]
    langs = sorted({run["lang"] for run in runs})
    site = {
        "data": manifest["data"],
        "failed": [run for run in runs if run["status"] == "failed"],
        "national": [run for run in good if run["report"] != "state"],
        "states": [run for run in good if run["report"] == "state"],
        "languages": langs,
        "done": len(good),
        "total": len(runs),
    }
    resources = {
        "site": site,
        "page": {"version": manifest["version"], "languages": other_pages(lang)},
        "lang": lang,
        "translate": translate,
    }
    return exporter().environment.get_template("site.html.j2").render(resources=resources)


def _readable(run: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a failed run never came to say, and gather the words to search in."""
    told = {
        "title": run.get("title") or run["slug"],
        "main_point": run.get("main_point") or "",
        "period": run.get("period") or "",
        "error": run.get("error") or "",
        "html": run.get("html") or "",
        "failure": run.get("failure") or "",
        "started": run.get("started") or "",
    }
    asked = (run.get("parameters") or {}).items()
    told["given"] = ", ".join(f"{key} = {value}" for key, value in asked if key != "state")
    words = [told["title"], told["main_point"], *map(str, (run.get("parameters") or {}).values())]
    return run | told | {"words": " ".join(words)}
