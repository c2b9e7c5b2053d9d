"""How a file is recognised by what it holds, and where the columns of its format stand in it."""

import re
from collections import Counter
from dataclasses import dataclass

from analysis.errors import RequestError
from analysis.official.columns import (
    find_renamed,
    tell_missing,
    tell_order,
    tell_renaming,
    tell_unknown,
)
from analysis.official.encoding import Letters, guess_encoding, settle_letters
from analysis.official.findings import Finding
from analysis.official.formats import Format, find_format, formats, normalise
from analysis.official.load import Layout
from analysis.official.sheets import SEPARATORS

# A header is a format's when it holds this share of its columns, and what marks it; so many
# columns will do where the format was said.
ENOUGH = 0.6
FEW = 2


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


def nothing_recognised(
    file: str, heads: dict[str, list[list[str]]], wanted: str | None = None
) -> RequestError:
    """Give the error for a file that is none of the formats, with what its first line says."""
    lines = next(iter(heads.values()), [])
    first = next((line for line in lines if any(cell.strip() for cell in line)), [])
    shown = ", ".join(cell.encode("latin-1", "replace").decode("latin-1") for cell in first[:8])
    if wanted:
        names = ", ".join(list(find_format(wanted).columns)[:8])
        return RequestError(
            f"{file} is not {wanted}: none of its first lines has {FEW} of the columns {names}. It "
            f'begins with "{shown[:200]}". Leave --as away to have the format recognised'
        )
    known = "; ".join(f"{name}: {item.title}" for name, item in formats().items())
    return RequestError(
        f'{file} is none of the official files known here. Its first line reads "{shown[:200]}". '
        f"Known are {known}. Name one with --as FORMAT to see what is missing"
    )
