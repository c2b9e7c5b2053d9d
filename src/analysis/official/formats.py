"""The formats of official files, and how a file is recognised by what it holds."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from analysis.errors import RequestError, unknown
from analysis.geography import normalise
from analysis.official import readers
from analysis.official.encoding import settle_letters
from analysis.official.findings import Finding
from analysis.official.load import SEPARATORS, Layout
from analysis.official.rows import Rows

# A header is a format's when it holds this share of its columns, and what marks it.
ENOUGH = 0.6
LIKE = 0.75


@dataclass(frozen=True)
class Format:
    """A kind of official file.

    ``labels`` and ``figures`` map the producer's headers, in their order, to their names here;
    ``more_figures`` and ``more_labels`` take every header that they match for a column of its own
    name, and ``unnamed`` names first columns whose headers are empty. ``needed`` are the names
    without which no row can be read. ``read`` makes the view ``tidy`` out of ``raw``,
    moves what it can not use to ``rejects``, and gives the name of the table that ``tidy`` is.

    ``aliases`` maps other headers in use to the producer's; ``optional`` names may be absent
    without a word; ``marks`` are headers without which, and ``others`` headers with which, a file
    is not of this format. Lines that match ``notes`` are no rows. Where ``strict`` is false, a
    file may have any other columns.
    """

    name: str
    title: str
    labels: dict[str, str]
    figures: dict[str, str]
    needed: tuple[str, ...]
    read: Callable[[Rows], str]
    aliases: dict[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    notes: str = ""
    strict: bool = True
    more_labels: str = ""
    more_figures: str = ""
    unnamed: tuple[str, ...] = ()
    find_header: Callable[[list[list[str]]], int | None] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Every fixed column: the producer's header and the name here."""
        return self.labels | self.figures


@dataclass(frozen=True)
class Match:
    """How a file's header fits a format: ``score`` is the share of its columns that are there.

    ``producer`` gives the producer's header of every name.
    """

    format: Format
    layout: Layout
    producer: dict[str, str]
    score: float
    findings: tuple[Finding, ...]

    @property
    def lacking(self) -> list[str]:
        """The needed names that the file has no column for."""
        return [name for name in self.format.needed if name not in self.layout.labels]


@cache
def formats() -> dict[str, Format]:
    """Give every format by name.

    Examples
    --------
    >>> sorted(formats())[:2]
    ['conapo', 'conapo-municipal']
    """
    found = {}
    for item in iter_modules(readers.__path__, f"{readers.__name__}."):
        for known in getattr(import_module(item.name), "FORMATS", ()):
            found[known.name] = known
    return dict(sorted(found.items()))


def find_format(name: str) -> Format:
    """Give a format by name.

    Raises
    ------
    RequestError
        When there is none; the message lists them.
    """
    if name not in formats():
        raise unknown("format", name, formats())
    return formats()[name]


def recognise(
    heads: dict[str, list[list[str]]], file: str, wanted: str | None = None
) -> Match | None:
    """Find the format whose header stands among a file's first lines.

    Parameters
    ----------
    heads : dict
        The first lines split by each possible separator.
    file : str
        Its name, for messages.
    wanted : str, optional
        The only format to look for.

    Returns
    -------
    Match or None
        The best one; None when no header holds enough of a format's columns.
    """
    candidates = [find_format(wanted)] if wanted else list(formats().values())
    matches = [
        match
        for sign, lines in heads.items()
        for known in candidates
        if (match := _match(known, sign, lines, file)) is not None
    ]
    return max(matches, key=lambda match: match.score, default=None)


def _match(known: Format, sign: str, lines: list[list[str]], file: str) -> Match | None:
    if known.find_header:
        chosen = known.find_header(lines)
        numbers = [] if chosen is None else [chosen]
    else:
        numbers = [number for number, line in enumerate(lines) if len(line) > 1]
    matches = [_match_line(known, sign, number, lines, file) for number in numbers]
    return max(filter(None, matches), key=lambda match: match.score, default=None)


def _match_line(
    known: Format, sign: str, number: int, lines: list[list[str]], file: str
) -> Match | None:
    letters = settle_letters(lines[number], where=file)
    shown = [letters.read(cell).strip() for cell in lines[number]]
    for place, header in enumerate(known.unnamed):
        shown[place] = shown[place] or header
    aliases = {normalise(other): normalise(name) for other, name in known.aliases.items()}
    cells = [aliases.get(normalise(cell), normalise(cell)) for cell in shown]
    keys = {normalise(header): name for header, name in known.columns.items()}
    if any(normalise(mark) not in cells for mark in known.marks) or any(
        normalise(other) in cells for other in known.others
    ):
        return None
    places = {keys[cell]: i for i, cell in reversed(list(enumerate(cells))) if cell in keys}
    counted = [name for name in known.columns.values() if name not in known.optional]
    if sum(name in places for name in counted) < ENOUGH * len(counted):
        return None
    free = [i for i, cell in enumerate(cells) if cell and i not in places.values()]
    more_labels = _more(known.more_labels, shown, free)
    more_figures = _more(known.more_figures, shown, free)
    found = _tell_columns(known, places, shown, free, number + 1)
    figures = {name: places[name] for name in known.figures.values() if name in places}
    labels = {name: places[name] for name in known.labels.values() if name in places}
    producer = {name: header for header, name in known.columns.items()}
    return Match(
        known,
        Layout(
            sign,
            number + 1,
            _width(shown, lines[number + 1 :]),
            labels | more_labels,
            figures | more_figures,
        ),
        producer | {name: name for name in more_labels | more_figures},
        (sum(name in places for name in counted) - 0.01 * len(found)) / max(len(counted), 1),
        (*found, *_tell_sign(sign)),
    )


def _more(pattern: str, shown: list[str], free: list[int]) -> dict[str, int]:
    """Take the headers that match out of those that are free."""
    taken = [i for i in free if pattern and re.fullmatch(pattern, shown[i], re.IGNORECASE)]
    free[:] = [i for i in free if i not in taken]
    return {shown[i]: i for i in taken}


def _width(header: list[str], rows: list[list[str]]) -> int:
    """Give the number of columns: a header may end in empty cells that the rows do not have."""
    filled = max(i for i, cell in enumerate(header) if cell) + 1
    common = Counter(len(row) for row in rows if len(row) > 1).most_common(1)
    width = common[0][0] if common else len(header)
    return width if filled <= width <= len(header) else len(header)


def _tell_columns(
    known: Format, places: dict[str, int], shown: list[str], free: list[int], row: int
) -> list[Finding]:
    """Place renamed columns, and tell what is missing, unknown or in another order."""
    findings = []
    headers = {name: header for header, name in known.columns.items()}
    for position, name in enumerate(headers):
        if name in places or name in known.optional:
            continue
        place = _renamed(headers[name], position, shown, free) if known.strict else None
        if place is None:
            findings.append(_missing(headers[name], row))
        else:
            places[name] = place
            free.remove(place)
            findings.append(_renaming(shown[place], headers[name], row))
    if known.strict:
        findings += [_extra(shown[place], row) for place in free]
        findings += _tell_order(headers, places, shown, row)
    return findings


def _renamed(header: str, position: int, shown: list[str], free: list[int]) -> int | None:
    """Find a column under another name: alike, or the only stranger at its place."""
    cells = {normalise(shown[i]): i for i in free}
    near = get_close_matches(normalise(header), cells, n=1, cutoff=LIKE)
    if near:
        return cells[near[0]]
    return position if position in free else None


def _renaming(found: str, expected: str, row: int) -> Finding:
    fix = "It was read as the expected one; look whether its values are that"
    return Finding("warning", "renamed column", found, expected, fix, row, expected)


def _missing(name: str, row: int) -> Finding:
    fix = "Get the whole file from its producer"
    return Finding("error", "missing column", "no such column", name, fix, row, name)


def _extra(name: str, row: int) -> Finding:
    fix = "It was not read; if the producer has added it, the format must learn it"
    return Finding("warning", "unknown column", name, "no such column", fix, row, name)


def _tell_order(
    headers: dict[str, str], places: dict[str, int], shown: list[str], row: int
) -> list[Finding]:
    usual = [name for name in headers if name in places]
    order = sorted(usual, key=lambda name: places[name])
    wrong = [i for i, name in enumerate(usual) if order[i] != name]
    if not wrong:
        return []
    names = ", ".join(shown[places[order[i]]] for i in wrong)
    right = ", ".join(headers[usual[i]] for i in wrong)
    fix = "Columns were read by their names; look whether values or only names changed places"
    return [Finding("warning", "column order", names, right, fix, row, headers[usual[wrong[0]]])]


def _tell_sign(sign: str) -> list[Finding]:
    if sign in (",", ""):
        return []
    fix = "Read as it is; a spreadsheet may have saved the file again"
    return [Finding("warning", "separator", SEPARATORS[sign], "commas", fix, 1)]


def nothing_recognised(file: str, heads: dict[str, list[list[str]]]) -> RequestError:
    """Give the error for a file that is none of the formats, with what its first line says."""
    lines = next(iter(heads.values()), [])
    first = next((line for line in lines if any(cell.strip() for cell in line)), [])
    shown = ", ".join(cell.encode("latin-1", "replace").decode("latin-1") for cell in first[:8])
    known = "; ".join(f"{name}: {item.title}" for name, item in formats().items())
    return RequestError(
        f'{file} is none of the official files known here. Its first line reads "{shown[:200]}". '
        f"Known are {known}. Name one with --as FORMAT to see what is missing"
    )
