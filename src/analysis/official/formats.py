"""The formats of official files, and how a file is recognised by what it holds."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import import_module
from pkgutil import iter_modules

from analysis import geography
from analysis.errors import RequestError, unknown
from analysis.official import readers
from analysis.official.columns import (
    find_renamed,
    tell_missing,
    tell_order,
    tell_renaming,
    tell_unknown,
)
from analysis.official.encoding import Letters, guess_encoding, settle_letters
from analysis.official.findings import Finding
from analysis.official.load import SEPARATORS, Layout
from analysis.official.rows import Rows

# A header is a format's when it holds this share of its columns, and what marks it; so many
# columns will do where the format was said.
ENOUGH = 0.6
FEW = 2
# The same headers are looked at for every format.
normalise = lru_cache(4096)(geography.normalise)


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
    file may have any other columns. ``order`` has the producer's order where
    more columns than those read tell it. ``find_header`` finds the header where its names alone do
    not tell it.
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
    order: tuple[str, ...] = ()
    find_header: Callable[[list[list[str]]], int | None] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Every fixed column: the producer's header and the name here."""
        return self.labels | self.figures

    @cached_property
    def keys(self) -> dict[str, str]:
        """The name here of each normalised header, the producer's or an alias."""
        known = {normalise(header): name for header, name in self.columns.items()}
        named = [(alias, self.columns.get(name)) for alias, name in self.aliases.items()]
        return {normalise(alias): name for alias, name in named if name} | known


@dataclass(frozen=True)
class Match:
    """How a file's header fits a format: ``score`` is the share of its columns that are there.

    ``producer`` gives the header of every name, in the file or else in the producer's layout.
    """

    format: Format
    layout: Layout
    producer: dict[str, str]
    score: float
    findings: tuple[Finding, ...]

    @property
    def lacking(self) -> list[str]:
        """The headers that the file has no column for and without which no row can be read."""
        missing = [name for name in self.format.needed if name not in self.layout.labels]
        if not self.layout.figures and (self.format.figures or self.format.more_figures):
            missing += list(self.format.figures.values())[:1]
            return [self.producer[name] for name in missing] or ["with figures"]
        return [self.producer[name] for name in missing]


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
    matches = []
    for sign, lines in heads.items():
        if any(len(line) > 1 for line in lines):
            texts = _read_head(lines, file)
            matches += [_match(known, sign, texts, bool(wanted)) for known in candidates]
    return max(filter(None, matches), key=lambda match: match.score, default=None)


def _read_head(lines: list[list[str]], file: str) -> list[list[str]]:
    """Give the texts of the first lines; letters that are lost are told when rows are read."""
    every = [cell for line in lines for cell in line]
    try:
        letters = settle_letters(every, where=file)
    except RequestError:
        letters = Letters(guess_encoding([cell for cell in every if not cell.isascii()]))
    return [[letters.read(cell).strip() for cell in line] for line in lines]


def _match(known: Format, sign: str, texts: list[list[str]], said: bool) -> Match | None:
    numbers = [number for number, line in enumerate(texts) if len(line) > 1]
    if known.find_header:
        chosen = known.find_header(texts)
        numbers = [] if chosen is None else [chosen]
    matches = [_match_line(known, sign, number, texts, said) for number in numbers]
    return max(filter(None, matches), key=lambda match: match.score, default=None)


def _match_line(
    known: Format, sign: str, number: int, texts: list[list[str]], said: bool
) -> Match | None:
    shown = list(texts[number])
    for place, header in enumerate(known.unnamed):
        shown[place] = shown[place] or header
    places = _place(known, shown, said)
    if places is None:
        return None
    below = texts[number + 1 :]
    free = [i for i in range(len(shown)) if i not in places.values()]
    more_labels = _more(known.more_labels, shown, free)
    more_figures = _more(known.more_figures, shown, free)
    found = _tell_columns(known, places, shown, free, below, number + 1)
    found += _tell_order(known, places | more_figures, more_figures, shown, number + 1)
    producer = {name: header for header, name in known.columns.items()}
    counted = [name for name in known.columns.values() if name not in known.optional]
    held = sum(name in places for name in counted)
    figures = {name: places[name] for name in known.figures.values() if name in places}
    labels = {name: places[name] for name in known.labels.values() if name in places}
    # Messages name a column as the file does.
    producer |= {name: shown[i] for name, i in (labels | figures).items() if shown[i]}
    width = _width(shown, below)
    return Match(
        known,
        Layout(sign, number + 1, width, labels | more_labels, figures | more_figures),
        producer | {name: name for name in more_labels | more_figures},
        (held - 0.01 * len(found)) / max(len(counted), 1),
        (*found, *_tell_sign(sign)),
    )


def _place(known: Format, shown: list[str], said: bool) -> dict[str, int] | None:
    """Give the place of each name that a line has a header for; none where it is no header."""
    cells = [normalise(cell) for cell in shown]
    held = [i for i, cell in enumerate(cells) if cell in known.keys]
    # Of two columns of one name the first counts.
    places = {known.keys[cells[i]]: i for i in reversed(held)}
    counted = [name for name in known.columns.values() if name not in known.optional]
    if said:
        return places if sum(name in places for name in counted) >= FEW else None
    enough = sum(name in places for name in counted) >= ENOUGH * len(counted)
    marked = all(known.columns[mark] in places for mark in known.marks)
    foreign = any(normalise(other) in cells for other in known.others)
    # A format that may lack any of its figures is none without one of them.
    names = set(known.figures.values())
    bare = bool(names) and names <= set(known.optional) and not names & set(places)
    return places if enough and marked and not foreign and not bare else None


def _more(pattern: str, shown: list[str], free: list[int]) -> dict[str, int]:
    """Take the headers that match out of those that are free."""
    matching = [i for i in free if pattern and re.fullmatch(pattern, shown[i], re.IGNORECASE)]
    # Of two columns of one name the first counts.
    taken = {shown[i]: i for i in reversed(matching)}
    free[:] = [i for i in free if i not in taken.values()]
    return dict(sorted(taken.items(), key=lambda item: item[1]))


def _width(header: list[str], rows: list[list[str]]) -> int:
    """Give the number of columns: header or rows may end in empty cells that the other has not."""
    filled = max(i for i, cell in enumerate(header) if cell) + 1
    common = Counter(len(row) for row in rows if len(row) > 1).most_common(1)
    width = common[0][0] if common else len(header)
    if filled <= width <= len(header):
        return width
    ends = [row[-1] for row in rows if len(row) == width]
    return width if width == len(header) + 1 and not any(ends) else len(header)


def _tell_columns(
    known: Format,
    places: dict[str, int],
    shown: list[str],
    free: list[int],
    below: list[list[str]],
    row: int,
) -> list[Finding]:
    """Place renamed columns, and tell what is missing or unknown."""
    findings = []
    named = [i for i in free if shown[i]]
    for position, (header, name) in enumerate(known.columns.items()):
        if name in places or name in known.optional:
            continue
        place = find_renamed(header, position, shown, named) if known.strict else None
        if place is None:
            findings.append(tell_missing(header, row))
        else:
            places[name] = place
            named.remove(place)
            free.remove(place)
            findings.append(tell_renaming(shown[place], header, row))
    if known.strict:
        for place in free:
            findings += tell_unknown(place, shown, below, row)
    return findings


def _tell_order(
    known: Format, places: dict[str, int], more: dict[str, int], shown: list[str], row: int
) -> list[Finding]:
    """Tell of columns, read or not, in another order than the producer's; years ascend."""
    cells = [normalise(cell) for cell in shown]
    order = {known.columns.get(header, header): header for header in known.order or known.columns}
    others = [name for name in order if name in known.order and normalise(name) in cells]
    unread = {name: cells.index(normalise(name)) for name in others}
    years = {name: name for name in sorted(more)}
    return tell_order(order | years, unread | places, shown, row)


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
