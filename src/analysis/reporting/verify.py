"""A page held against what its report gives now: every number of every table and figure."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

from analysis.errors import AnalysisError, RequestError
from analysis.reporting.difference import PAGE
from analysis.reporting.languages import index_page, languages
from analysis.reporting.notebooks import Limits, Request, check_request
from analysis.reporting.seal import FILE, find_basis, list_changes, list_reads

# So many differences of one page are told; the others are counted.
TOLD = 20
# Drawings come from the same numbers, to the last tenth of a point.
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
PARTS = {"data": "data", "code": "code", "lock": "packages", "parameters": "parameters"}


class Page(HTMLParser):
    """What a page says: its seal, the CSV of each exhibit, the drawings, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seal: dict[str, Any] = {}
        self.tables: dict[str, str] = {}
        self.texts: list[str] = []
        self._inside = ""
        self.feed(text)
        self.drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in the seal and the downloads."""
        given = dict(attrs)
        if tag == "meta" and given.get("name") == "analysis-seal":
            self.seal = json.loads(given["content"] or "{}")
        if tag == "a" and (given.get("href") or "").startswith("data:text/csv"):
            data = (given["href"] or "").partition(",")[2]
            self.tables[given.get("download") or ""] = unquote(data)
        self._inside = tag

    def handle_data(self, data: str) -> None:
        """Take in what is read."""
        if self._inside not in ("style", "script", "code") and data.strip():
            self.texts.append(" ".join(data.split()))


def verify_page(path: Path, *, limits: Limits | None = None) -> dict[str, Any]:
    """Run a page's report again from its seal and compare every number.

    Parameters
    ----------
    path : pathlib.Path
        The page of a report, wherever it is.
    limits : Limits, optional
        Seconds for the report and for a cell.

    Returns
    -------
    dict
        ``page, report, lang, parameters, same`` and ``differences``: of the seal by what has
        changed, then of tables by row and column, of figures and of text.

    Raises
    ------
    RequestError
        When it is no page of a report, or its report is not here.
    """
    old = read_page(path)
    seal = old.seal
    asked = check_request(seal["report"], seal["asked"], seal["lang"])
    # Of its head: the other languages it leads to.
    request = replace(asked, others=tuple(seal.get("others", ())))
    told: dict[str, Any] = {"page": str(path), "report": request.report, "lang": request.lang}
    told["parameters"] = request.parameters
    try:
        with TemporaryDirectory(prefix="analysis-") as name:
            text, new_seal = _make_again(request, Path(name), seal, limits)
    except AnalysisError as error:
        return told | {"same": False, "differences": [f"the report can not be run: {error}"]}
    found = [
        f"{PARTS[part]} changed{_which(path, request, part)}"
        for part in PARTS
        if seal[part] != new_seal[part]
    ]
    found += compare_pages(old, Page(text))
    return told | {"same": not found, "differences": found}


def read_page(path: Path) -> Page:
    """Read a page with its seal.

    Raises
    ------
    RequestError
        When it is not there, or no page of a report.
    """
    try:
        page = Page(path.read_text("utf-8"))
    except (OSError, UnicodeError, ValueError) as error:
        raise RequestError(f"{path} can not be read as a page: {error}") from error
    if not {"report", "lang", "date", "asked", *PARTS} <= set(page.seal):
        raise RequestError(
            f"{path} carries no seal; expected the page of a report, as analysis run writes it"
        )
    return page


def find_pages(path: Path) -> list[Path]:
    """Give the pages to verify: one, that of a report's folder, or all below a folder.

    Raises
    ------
    RequestError
        When there is none.
    """
    if path.is_dir() and (page := path.with_name(f"{path.name}.html")).is_file():
        return [page]
    if path.is_dir():
        pages = [page for page in sorted(path.glob("**/*.html")) if not _aside(page)]
        if pages:
            return pages
        raise RequestError(f"no page of a report below {path}")
    return [path]


def _aside(page: Path) -> bool:
    others = {index_page(lang, name) for lang in languages() for name in ("index", PAGE)}
    return page.name in others or page.name.endswith(".failed.html")


def compare_pages(old: Page, new: Page) -> list[str]:
    """Name what is different on two pages, tables first, cell by cell."""
    found: list[str] = []
    for name in dict.fromkeys([*old.tables, *new.tables]):
        if name not in old.tables or name not in new.tables:
            found.append(
                f"table {name} is only in the {'new' if name in new.tables else 'old'} page"
            )
        else:
            found += _compare_rows(name, old.tables[name], new.tables[name])
    for number, (one, other) in enumerate(zip_longest(old.drawings, new.drawings, fillvalue=""), 1):
        if one != other:
            pairs = zip_longest(NUMBER.findall(one), NUMBER.findall(other))
            first = next((pair for pair in pairs if pair[0] != pair[1]), ("words", "words"))
            found.append(f"figure {number} is drawn otherwise, first {first[0]} now {first[1]}")
    texts = zip_longest(old.texts, new.texts, fillvalue="nothing")
    found += [_say_texts(one, other) for one, other in texts if one != other]
    more = [f"{len(found) - TOLD} more differences"] * (len(found) > TOLD)
    return found[:TOLD] + more


def _compare_rows(name: str, old: str, new: str) -> Iterator[str]:
    one, other = (list(csv.reader(io.StringIO(text))) for text in (old, new))
    head = one[0] if one else []
    nothing: list[str] = []
    for row, (before, after) in enumerate(zip_longest(one, other, fillvalue=nothing), 1):
        for place, (was, now) in enumerate(zip_longest(before, after, fillvalue="nothing")):
            if was != now:
                column = head[place] if place < len(head) else place + 1
                yield f"table {name} row {row}, {column}: {was} now {now}"


def _say_texts(one: str, other: str) -> str:
    """Show two texts from a little before they part."""
    parted = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    start = max(0, next(parted, 0) - 40)
    shown = (f"{'…' * (start > 0)}{text[start : start + 80]}" for text in (one, other))
    return 'text "{}" now "{}"'.format(*shown)


def _which(path: Path, request: Request, part: str) -> str:
    """Name what of the basis has changed, where the page's folder stands beside it."""
    try:
        basis = json.loads((path.with_suffix("") / FILE).read_text("utf-8"))
        changed = list_changes({part: basis[part]}, find_basis(request, list_reads(basis)))
    except (OSError, ValueError, KeyError, AnalysisError):
        return ""
    return f": {', '.join(change.partition(': ')[2] for change in changed[:TOLD])}"


def _make_again(
    request: Request, folder: Path, seal: dict[str, Any], limits: Limits | None
) -> tuple[str, dict[str, str]]:
    from analysis.cleaning.build import ensure_built
    from analysis.reporting.execute import Watch
    from analysis.reporting.report import make_page

    ensure_built()
    watch = Watch(limits or Limits())
    text, told = make_page(request, folder / "again", watch, date=seal["date"])
    return text, told["seal"]
