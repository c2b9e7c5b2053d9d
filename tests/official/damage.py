"""Ways in which official files are damaged, each with what must be told of it.

A way takes a file and a random generator and gives a `Case`, or none where the file has nothing
of the kind. What it asks for is the least: any case must be told by a new finding, or refused, or
change nothing of the table.
"""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

import openpyxl

from tests.official.given import Given

# The name of a way, and the way.
WAYS: dict[str, Callable[[Given, Random], "Case | None"]] = {}
# What the damage is told by, where the figures of a row or column are gone.
GONE = ("missing row", "total off", "missing column")


@dataclass(frozen=True)
class Case:
    """A damaged file.

    ``kinds``: one of them must be found anew, at ``row`` and ``column`` where they are given;
    ``changing``: only where the table is another one.
    ``harmless``: the table must be the same. ``refused``: the file may be, or must be (``must``).
    ``check``: told only by `check_file`, which looks at the figures. ``free``: nothing in the file
    may contradict it. ``start`` is the line of the header, from one, where rows can be counted by
    hand.
    """

    data: bytes
    kinds: tuple[str, ...] = ()
    row: int | None = None
    column: str | None = None
    changing: bool = False
    harmless: bool = False
    refused: bool = False
    must: bool = False
    check: bool = False
    free: bool = False
    start: int | None = None
    sign: str = ","
    name: str = "file.csv"
    columns: tuple[str, ...] = field(default=())


def way(function: Callable[[Given, Random], Case | None]) -> Callable[[Given, Random], Case | None]:
    WAYS[function.__name__.replace("_", " ")] = function
    return function


def case(given: Given, kinds: Iterable[str] | str = (), *, row: int | None = None, **rest) -> Case:
    """Write a file whose header is where it was; ``row`` is a place in its rows."""
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    line = None if row is None else row + 1
    rest = {"start": given.head + 1, "sign": given.sign} | rest
    return Case(given.data(), kinds, line, columns=given.figures, **rest)


def pick_row(given: Given, rnd: Random, places: Iterable[int] = ()) -> int:
    return rnd.choice(list(places) or list(given.body))


def pick_figure(given: Given, rnd: Random) -> tuple[int, int] | None:
    """Choose a figure that is not blank: row and place."""
    filled = [
        (row, place)
        for row in rnd.sample(list(given.body), min(40, len(given.body)))
        for name in given.figures
        if (place := given.place(name)) < len(given.rows[row]) and given.rows[row][place].strip()
    ]
    return rnd.choice(filled) if filled else None


def columns(given: Given) -> list[int]:
    """The places of columns with a name."""
    return [i for i, name in enumerate(given.header) if name]


def drop(given: Given, places: set[int]) -> Given:
    keep = [[cell for i, cell in enumerate(row) if i not in places] for row in given.rows]
    titles = [list(row) for row in given.rows[: given.head]]
    notes = [list(row) for row in given.rows[len(given.rows) - given.tail :]]
    middle = keep[given.head : len(given.rows) - given.tail]
    return given.with_rows([*titles, *middle, *notes])


def without(given: Given, gone: set[int]) -> Given:
    return given.with_rows(row for i, row in enumerate(given.rows) if i not in gone)


def with_line(given: Given, at: int, row: Iterable[str]) -> Given:
    rows = list(given.rows)
    rows.insert(at, tuple(row))
    return given.with_rows(rows)


# Columns.


@way
def column_dropped(given: Given, rnd: Random) -> Case | None:
    places = columns(given)
    if "wide" in given.traits:
        # How far the years of an indicator reach is not known from the file.
        places = [i for i in places if given.header[i] not in (given.figures[0], given.figures[-1])]
    place = rnd.choice(places)
    return case(drop(given, {place}), refused=True)


@way
def figure_column_dropped(given: Given, rnd: Random) -> Case | None:
    inner = given.figures[1:-1] if "wide" in given.traits else given.figures
    if not inner:
        return None
    return case(drop(given, {given.place(rnd.choice(inner))}), "missing column", refused=True)


@way
def column_renamed(given: Given, rnd: Random) -> Case | None:
    place = rnd.choice(columns(given))
    if "wide" in given.traits and given.header[place] in (given.figures[0], given.figures[-1]):
        return None
    new = rnd.choice(["Dato", given.header[place] + "s", given.header[place][:-1]])
    return case(given.change({(given.head, place): new}), refused=True)


@way
def two_headers_swapped(given: Given, rnd: Random) -> Case | None:
    one, two = rnd.sample(columns(given), 2)
    cells = {(given.head, one): given.header[two], (given.head, two): given.header[one]}
    return case(given.change(cells), refused=True)


@way
def two_figure_headers_swapped(given: Given, rnd: Random) -> Case | None:
    if len(given.figures) < 2:
        return None
    one, two = (given.place(name) for name in rnd.sample(given.figures, 2))
    cells = {(given.head, one): given.header[two], (given.head, two): given.header[one]}
    return case(given.change(cells), ("column order", "swapped columns"))


def swap_values(given: Given, one: int, two: int) -> Given:
    cells = {}
    for row in given.body:
        cells |= {(row, one): given.rows[row][two], (row, two): given.rows[row][one]}
    return given.change(cells)


@way
def values_of_two_label_columns_swapped(given: Given, rnd: Random) -> Case | None:
    if "crime" in given.traits:
        labels = [name for name in given.header if name not in given.figures]
    else:
        labels = [name for name in (given.year, given.code, given.state, given.town) if name]
    if len(labels) < 2:
        return None
    one, two = (given.place(name) for name in rnd.sample(labels, 2))
    return case(swap_values(given, one, two), refused=True)


@way
def columns_in_another_order(given: Given, rnd: Random) -> Case | None:
    order = list(range(len(given.header)))
    movable = [given.place(name) for name in given.figures] if given.tail else columns(given)
    moved = rnd.sample(movable, len(movable))
    for place, new in zip(movable, moved, strict=True):
        order[place] = new
    inside = range(given.head, len(given.rows) - given.tail)
    rows = [
        [row[i] for i in order if i < len(row)] if number in inside else row
        for number, row in enumerate(given.rows)
    ]
    return case(given.with_rows(rows), harmless=True)


@way
def extra_column(given: Given, rnd: Random) -> Case | None:
    at = rnd.choice(range(2, max(columns(given)) + 2))
    inside = range(given.head, len(given.rows) - given.tail)
    rows = [list(row) for row in given.rows]
    name = rnd.choice(["Observaciones", "nota", ""])
    for number in inside:
        rows[number].insert(at, name if number == given.head else "x")
    return case(given.with_rows(rows), harmless=True)


@way
def column_twice(given: Given, rnd: Random) -> Case | None:
    if not given.figures:
        return None
    at = given.place(rnd.choice(given.figures))
    rows = [list(row) for row in given.rows]
    for number in range(given.head, len(given.rows) - given.tail):
        rows[number].insert(at + 1, rows[number][at])
    return case(given.with_rows(rows), harmless=True, start=None)


# Codes and names.


@way
def state_code_altered(given: Given, rnd: Random) -> Case | None:
    if not given.code:
        return None
    place = given.place(given.code)
    row = pick_row(given, rnd)
    known = [
        text for text in dict.fromkeys(given.column(given.code)) if text != given.rows[row][place]
    ]
    new = rnd.choice(["77", "0", "XX1", rnd.choice(known) if given.state else "77"])
    if "wide" in given.traits:
        new = rnd.choice(["mex", "MX", ""])
    kinds = ("unknown state", "unknown municipality", "unknown value", "missing row", "total off")
    altered = given.change({(row, place): new})
    nation = (given.state and new in ("0", "00")) or given.rows[row][place] == "00"
    exact = not nation and "guard table" not in given.name
    kinds += ("duplicate key", "name")
    return case(altered, kinds, row=row if exact else None)


@way
def state_name_altered(given: Given, rnd: Random) -> Case | None:
    if given.tail:
        headings = [
            i for i in given.body if re.match(r"=CONCATENAR\(.*[0-2]\d\)", given.rows[i][0])
        ]
        row = pick_row(given, rnd, headings)
        return case(given.change({(row, 1): rnd.choice(["Aztlán", ""])}), "name", row=row)
    if not given.state:
        return None
    row, place = pick_row(given, rnd), given.place(given.state)
    if given.rows[row][place] == "Nacional":
        return None
    altered = given.change({(row, place): rnd.choice(["Aztlán", "Sonoraa?", "", "Distrito"])})
    return case(altered, ("name", "unknown state"), row=row, refused=True)


@way
def state_and_code_contradict(given: Given, rnd: Random) -> Case | None:
    if not (given.state and given.code):
        return None
    row, place = pick_row(given, rnd), given.place(given.state)
    here = given.rows[row][place]
    if here == "Nacional":
        return None
    other = [
        name for name in dict.fromkeys(given.column(given.state)) if name not in (here, "Nacional")
    ]
    altered = given.change({(row, place): rnd.choice(other)})
    return case(altered, "unknown state", row=row, column=None)


@way
def unknown_municipality(given: Given, rnd: Random) -> Case | None:
    if given.tail:
        towns = [i for i in given.body if re.fullmatch(r" \d\d \d{3} ", given.rows[i][0])]
        row = pick_row(given, rnd, [i for i in towns if given.rows[i][0][1:3] < "33"])
        state = given.rows[row][0][1:3]
        new = rnd.choice([f" {state} 000 ", f" {state} 888 ", f" 77{state} ", " 45 001 "])
        return case(given.change({(row, 0): new}), "unknown municipality", row=row)
    if not given.town:
        return None
    row, place = pick_row(given, rnd), given.place(given.town)
    if given.name.startswith("deaths"):
        new = rnd.choice(["000", "", "abc", "1000"])
    else:
        state = int(given.rows[row][given.place(given.code)])
        new = rnd.choice(
            [str(state * 1000 + 888), str(state % 32 * 1000 + 1001), str(state * 1000), "x"]
        )
    return case(given.change({(row, place): new}), "unknown municipality", row=row)


@way
def value_misspelt(given: Given, rnd: Random) -> Case | None:
    columns_of = {
        "crime": ["Subtipo de delito", "Modalidad", "Bien jurídico afectado", "Sexo"],
        "people": ["genero", "SEXO"],
        "deaths": ["sexo", "causa_def", "presunto", "tipo_defun"],
    }
    names = [name for listed in columns_of.values() for name in listed if name in given.header]
    if not names:
        return None
    row, name = pick_row(given, rnd), rnd.choice(names)
    place = given.place(name)
    altered = given.change({(row, place): given.rows[row][place].strip() + rnd.choice("xX7-")})
    kinds = ("unknown value", "missing row", "missing column", "definition")
    return case(altered) if altered.rows == given.rows else case(altered, kinds, refused=False)


@way
def codes_written_otherwise(given: Given, rnd: Random) -> Case | None:
    if not given.code or "wide" in given.traits:
        return None
    place = given.place(given.code)
    write = rnd.choice([lambda n: f"{n:02d}", str, lambda n: f"{n}.0", lambda n: f" {n} "])
    cells = {(row, place): write(int(given.rows[row][place])) for row in given.body}
    return case(given.change(cells), harmless=True)


# Figures.


def one_figure(given: Given, rnd: Random, text: str, kind: str) -> Case | None:
    found = pick_figure(given, rnd)
    if not found:
        return None
    altered = given.change({found: text})
    return case(altered, kind, row=found[0], column=given.header[found[1]])


@way
def negative(given: Given, rnd: Random) -> Case | None:
    if "wide" in given.traits:
        return None
    return one_figure(given, rnd, f"-{rnd.randint(1, 99)}", "negative")


@way
def fraction(given: Given, rnd: Random) -> Case | None:
    if "wide" in given.traits:
        return None
    return one_figure(given, rnd, rnd.choice(["3.5", "0.1", "1.234", "7.000", "1e-1"]), "fraction")


@way
def text_in_a_figure(given: Given, rnd: Random) -> Case | None:
    text = rnd.choice(["n.d.", "12a", "l2", "1O", "#REF!", "1 2", "0x1F", "--", "1,2,3", "½"])
    return one_figure(given, rnd, text, "not a number")


@way
def absurd_figure(given: Given, rnd: Random) -> Case | None:
    if "wide" in given.traits:
        return None
    text = rnd.choice(["99999999999", "2147483648", "1e20", "9" * 25])
    return one_figure(given, rnd, text, "outlier")


@way
def thousands_separators(given: Given, rnd: Random) -> Case | None:
    if "wide" in given.traits:
        return None
    return case(_rewrite(given, lambda n: f"{int(n):,}"), harmless=True)


@way
def spaces_around_figures(given: Given, rnd: Random) -> Case | None:
    return case(
        _rewrite(given, lambda n: rnd.choice([" {}", "{} ", "\t{}", "{}"]).format(n)), harmless=True
    )


@way
def figures_as_floats(given: Given, rnd: Random) -> Case | None:
    if "wide" in given.traits:
        return None
    return case(_rewrite(given, lambda n: f"{n}.0"), harmless=True)


def _rewrite(given: Given, write: Callable[[str], str]) -> Given:
    places = [given.place(name) for name in given.figures]
    cells = {
        (row, place): write(given.rows[row][place].replace(",", ""))
        for row in given.body
        for place in places
        if given.rows[row][place]
    }
    return given.change(cells)


@way
def blank_in_a_published_month(given: Given, rnd: Random) -> Case | None:
    if "full" not in given.traits:
        return None
    return one_figure(given, rnd, rnd.choice(["", " "]), "blank")


@way
def blank_month_in_a_past_year(given: Given, rnd: Random) -> Case | None:
    years = sorted(set(given.column(given.year))) if "crime" in given.traits else []
    if len(years) < 2:
        return None
    place, at = given.place(rnd.choice(given.figures)), given.place(given.year)
    rows = [row for row in given.body if given.rows[row][at] == years[-2]]
    altered = given.change({(row, place): "" for row in rows})
    return case(altered, "blank", column=given.header[place])


@way
def months_to_come_as_zero(given: Given, rnd: Random) -> Case | None:
    if "crime" not in given.traits:
        return None
    cells = {
        (row, given.place(name)): "0"
        for row in given.body
        for name in given.figures
        if not given.rows[row][given.place(name)]
    }
    return case(given.change(cells), "zero", harmless=True)


@way
def total_off(given: Given, rnd: Random) -> Case | None:
    """One more in one figure of a file that holds totals."""
    if "totals" not in given.traits:
        return None
    row, place = pick_row(given, rnd), given.place(rnd.choice(given.figures))
    if given.tail and rnd.random() < 0.3:
        place = given.place("Total")
    number = int(given.rows[row][place].replace(",", "") or 0)
    return case(given.change({(row, place): str(number + 1)}), "total off")


@way
def two_figures_exchanged(given: Given, rnd: Random) -> Case | None:
    """Of two places, in one column of a file that holds totals."""
    if "totals" not in given.traits:
        return None
    place = given.place(rnd.choice(given.figures))
    one, two = rnd.sample(list(given.body), 2)
    cells = {(one, place): given.rows[two][place], (two, place): given.rows[one][place]}
    return case(given.change(cells), "total off", changing=True)


# Rows.


@way
def the_file_twice(given: Given, rnd: Random) -> Case | None:
    if given.head or given.tail:
        return None
    twice = given.with_rows([*given.rows, *given.rows])
    return case(twice, "repeated header", row=len(given.rows), harmless="key" in given.traits)


@way
def duplicate_row(given: Given, rnd: Random) -> Case | None:
    if "key" not in given.traits:
        return None
    row, at = pick_row(given, rnd), rnd.choice(list(given.body))
    later = at if at > row else row + 1
    return case(with_line(given, later, given.rows[row]), "duplicate key", row=later, harmless=True)


@way
def duplicate_key_with_other_figures(given: Given, rnd: Random) -> Case | None:
    found = pick_figure(given, rnd) if "key" in given.traits else None
    if not found:
        return None
    row, place = found
    other = list(given.rows[row])
    other[place] = str(int(float(other[place].replace(",", ""))) + 1)
    at = rnd.choice([i for i in given.body if i > row] or [row + 1])
    return case(with_line(given, at, other), "duplicate key", row=at)


@way
def row_deleted(given: Given, rnd: Random) -> Case | None:
    if not given.traits & {"grid", "totals", "holes"}:
        return None
    return case(without(given, {pick_row(given, rnd)}), GONE, changing=True)


@way
def state_deleted(given: Given, rnd: Random) -> Case | None:
    if given.tail:
        states = sorted({given.rows[i][0][1:3] for i in given.body if given.rows[i][0][:1] == " "})
        state = rnd.choice([code for code in states if code.strip()])
        gone = {i for i in given.body if state in given.rows[i][0]}
    elif "wide" in given.traits:
        gone = {i for i in given.body if "MEX" in given.rows[i]}
    elif given.name == "guard table":
        # A table of a few states is one too.
        return None
    else:
        column = given.code or given.state
        place, chosen = given.place(column), rnd.choice(given.column(column))
        gone = {i for i in given.body if given.rows[i][place] == chosen}
        if chosen in ("00", "33", "34", "35", "99"):
            return None
    return case(without(given, gone), GONE, changing=True)


@way
def year_deleted(given: Given, rnd: Random) -> Case | None:
    """Rows of a year between others; how far a file is to reach is not known from it."""
    years = sorted(set(given.column(given.year))) if "grid" in given.traits and given.year else []
    if len(years) < 3:
        return None
    place, chosen = given.place(given.year), rnd.choice(years[1:-1])
    gone = {i for i in given.body if given.rows[i][place] == chosen}
    return case(without(given, gone), GONE, changing=True)


@way
def kind_deleted_in_a_year(given: Given, rnd: Random) -> Case | None:
    years = sorted(set(given.column(given.year))) if "crime" in given.traits else []
    if len(years) < 3:
        return None
    at, year, crime = given.place("Subtipo de delito"), given.place(given.year), "Feminicidio"
    gone = {i for i in given.body if (given.rows[i][at], given.rows[i][year]) == (crime, years[1])}
    return case(without(given, gone), GONE, changing=True)


@way
def rows_in_another_order(given: Given, rnd: Random) -> Case | None:
    rows = list(given.rows)
    body = [rows[i] for i in given.body]
    rnd.shuffle(body)
    rows[given.body.start : given.body.stop] = body
    return case(given.with_rows(rows), harmless=True)


@way
def year_of_the_other_method(given: Given, rnd: Random) -> Case | None:
    if "crime" not in given.traits:
        return None
    new = "2025" if "2026" in given.name else "2026"
    place, rows = given.place(given.year), rnd.sample(list(given.body), 5)
    altered = given.change({(row, place): new for row in rows})
    return case(altered, "mixed years", row=min(rows) if new == "2026" else None)


@way
def year_that_can_not_be(given: Given, rnd: Random) -> Case | None:
    if not given.year:
        return None
    new = rnd.choice(["2199", "1066", "20l5", "", "2015.5", "-1"])
    row, place = pick_row(given, rnd), given.place(given.year)
    return case(given.change({(row, place): new}), "date", row=row, column=None)


@way
def year_of_another_row(given: Given, rnd: Random) -> Case | None:
    years = sorted(set(given.column(given.year))) if "grid" in given.traits and given.year else []
    row = pick_row(given, rnd)
    others = [year for year in years if year != given.rows[row][given.place(given.year)]]
    if not others:
        return None
    altered = given.change({(row, given.place(given.year)): rnd.choice(others)})
    return case(altered, ("duplicate key", "missing row"))


# Lines.


@way
def cut_at_any_byte(given: Given, rnd: Random) -> Case | None:
    data = given.data()
    cut = data[: rnd.randrange(1, len(data))]
    if cut.endswith((b"\n", b"\r")) and not given.traits & {"grid", "totals"}:
        return None
    return Case(cut, refused=True, start=given.head + 1, columns=given.figures, sign=given.sign)


@way
def cut_in_the_last_row(given: Given, rnd: Random) -> Case | None:
    data = given.with_rows(given.rows[: given.body.stop]).data()
    cut = data[: -rnd.randrange(len(given.end) + 1, 30)]
    return Case(
        cut,
        ("truncated",),
        len(given.rows) - given.tail,
        start=given.head + 1,
        columns=given.figures,
    )


@way
def cut_at_a_line_end(given: Given, rnd: Random) -> Case | None:
    if not given.traits & {"grid", "totals"}:
        return None
    last = rnd.choice(list(given.body)[:-1])
    return case(given.with_rows(given.rows[: last + 1]), GONE, changing=True)


@way
def no_end_of_the_last_line(given: Given, rnd: Random) -> Case | None:
    data = given.data().removesuffix(given.end.encode())
    row = len(given.rows)
    return Case(
        data, ("truncated",), row, harmless=True, start=given.head + 1, columns=given.figures
    )


@way
def line_ends_mixed(given: Given, rnd: Random) -> Case | None:
    text = "".join(line + rnd.choice(["\n", "\r\n", "\r"]) for line in given.lines())
    return Case(
        text.encode(given.encoding), harmless=True, start=given.head + 1, columns=given.figures
    )


@way
def blank_lines(given: Given, rnd: Random) -> Case | None:
    lines = given.lines()
    for at in sorted(rnd.sample(list(given.body), min(3, len(given.body))), reverse=True):
        lines.insert(at, rnd.choice(["", "  ", "," * (given.width - 1)]))
    data = "".join(line + given.end for line in lines).encode(given.encoding)
    return Case(data, harmless=True, start=given.head + 1, columns=given.figures)


@way
def header_again(given: Given, rnd: Random) -> Case | None:
    at = rnd.choice(list(given.body)[1:])
    again = with_line(given, at, given.header[: given.width])
    return case(again, "repeated header", row=at, harmless=True)


@way
def header_missing(given: Given, rnd: Random) -> Case | None:
    return Case(without(given, {given.head}).data(), must=True)


@way
def header_only(given: Given, rnd: Random) -> Case | None:
    return Case(given.with_rows(given.rows[: given.head + 1]).data(), must=True)


@way
def titles_missing(given: Given, rnd: Random) -> Case | None:
    if not given.head:
        return None
    cut = without(given, set(range(given.head))).data()
    return Case(cut, harmless=not given.tail, must=bool(given.tail))


@way
def more_titles(given: Given, rnd: Random) -> Case | None:
    more = [("Descargado por nadie",), ("",), ("a", "b")][: rnd.randint(1, 3)]
    titled = given.with_rows([*more, *given.rows])
    return Case(
        titled.data(), harmless=True, start=given.head + 1 + len(more), columns=given.figures
    )


@way
def two_rows_on_a_line(given: Given, rnd: Random) -> Case | None:
    lines, at = given.lines(), rnd.choice(list(given.body)[:-1])
    lines[at : at + 2] = [lines[at] + lines[at + 1]]
    data = "".join(line + given.end for line in lines).encode(given.encoding)
    return Case(
        data, ("columns in row", "quote"), at + 1, start=given.head + 1, columns=given.figures
    )


@way
def cell_lost_or_added(given: Given, rnd: Random) -> Case | None:
    row = pick_row(given, rnd)
    rows = [list(line) for line in given.rows]
    place = rnd.randrange(len(rows[row]) - 1)
    if rnd.random() < 0.5:
        del rows[row][place]
    else:
        rows[row].insert(place, "7")
    return case(given.with_rows(rows), "columns in row", row=row)


@way
def separator_at_the_end_of_every_line(given: Given, rnd: Random) -> Case | None:
    inside = range(given.head + rnd.randint(0, 1), len(given.rows) - given.tail)
    rows = [(*row, "") if i in inside else row for i, row in enumerate(given.rows)]
    return case(given.with_rows(rows), harmless=True)


@way
def separator_at_the_end_of_a_line(given: Given, rnd: Random) -> Case | None:
    row = pick_row(given, rnd)
    rows = [(*line, "") if i == row else line for i, line in enumerate(given.rows)]
    return case(given.with_rows(rows), "columns in row", row=row)


@way
def line_break_in_a_cell(given: Given, rnd: Random) -> Case | None:
    row, lines = pick_row(given, rnd), given.lines()
    cells = list(given.rows[row])
    cells[0] += "\nx"
    out = given.with_rows([cells]).lines()[0]
    lines[row] = out
    data = "".join(line + given.end for line in lines).encode(given.encoding)
    return Case(
        data, ("quote", "columns in row"), row + 1, start=given.head + 1, columns=given.figures
    )


@way
def quotation_mark_left_open(given: Given, rnd: Random) -> Case | None:
    row, lines = pick_row(given, rnd), given.lines()
    if given.quoted:
        lines[row] = lines[row].replace('",', ",", 1)
    else:
        cells = lines[row].split(given.sign)
        bare = [i for i, cell in enumerate(cells[:-1]) if '"' not in cell]
        place = rnd.choice(bare)
        cells[place] = '"' + cells[place]
        lines[row] = given.sign.join(cells)
    data = "".join(line + given.end for line in lines).encode(given.encoding)
    kinds = ("quote", "columns in row")
    return Case(data, kinds, row + 1, start=given.head + 1, columns=given.figures)


@way
def zero_byte(given: Given, rnd: Random) -> Case | None:
    data = bytearray(given.data())
    data[rnd.randrange(len(data))] = 0
    return Case(bytes(data), refused=True)


@way
def random_byte(given: Given, rnd: Random) -> Case | None:
    """One byte below the header becomes another: a digit that becomes another is a figure."""
    data = given.data()
    start = len(given.with_rows(given.rows[: given.head + 1]).data())
    at = rnd.randrange(start, len(data))
    new = bytes([rnd.choice([b for b in range(256) if b != data[at]])])
    damaged = data[:at] + new + data[at + 1 :]
    return Case(damaged, refused=True, free=True)


# Separators, encodings, containers.


@way
def separator_changed(given: Given, rnd: Random) -> Case | None:
    sign = rnd.choice([";", "\t", "|"])
    changed = given.__class__(**{**given.__dict__, "sign": sign})
    return case(changed, "separator", harmless=True, sign=sign)


@way
def saved_by_a_spreadsheet(given: Given, rnd: Random) -> Case | None:
    """Semicolons, no quotation marks, a mark at the start, points between thousands."""
    rows = [[re.sub(r"^(\d{1,3}),(\d{3})$", r"\1.\2", cell) for cell in row] for row in given.rows]
    if "wide" in given.traits:
        rows = [[re.sub(r"^(\d+)\.(\d+)$", r"\1,\2", cell) for cell in row] for row in given.rows]
    saved = given.__class__(
        **{**given.__dict__, "sign": ";", "quoted": False, "encoding": "utf-8-sig"}
    ).with_rows(rows)
    return Case(
        "".join(line + "\r\n" for line in saved.lines()).encode("utf-8-sig"), ("separator",)
    )


@way
def another_encoding(given: Given, rnd: Random) -> Case | None:
    text = given.data().decode(given.encoding)
    encoding = rnd.choice(["utf-8", "utf-8-sig", "latin-1", "cp1252"])
    return Case(text.encode(encoding), harmless=True, start=given.head + 1, columns=given.figures)


@way
def decoded_wrongly_and_saved(given: Given, rnd: Random) -> Case | None:
    pairs = [
        *(("cp1252", "utf-8"), ("latin-1", "utf-8"), ("mac_roman", "utf-8"), ("cp850", "utf-8")),
        *(("mac_roman", "cp1252"), ("cp1252", "mac_roman"), ("cp850", "cp1252")),
        *(("cp437", "cp1252"), ("cp1252", "cp850")),
    ]
    read, meant = rnd.choice(pairs)
    text = given.data().decode(given.encoding)
    if text.isascii():
        return None
    wrong = _misread(text.encode(meant), read)
    if rnd.random() < 0.2 and meant == "utf-8":
        wrong = _misread(wrong.encode("utf-8"), read)
    return Case(wrong.encode("utf-8"), ("encoding",), harmless=True, refused=True)


def _misread(data: bytes, encoding: str) -> str:
    """Decode as programs do: bytes without a meaning become control characters."""
    if encoding != "cp1252":
        return data.decode(encoding)
    return "".join(
        bytes([b]).decode("latin-1" if b in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for b in data
    )


@way
def two_encodings_in_one_file(given: Given, rnd: Random) -> Case | None:
    lines = [line + given.end for line in given.lines()]
    half = rnd.randrange(1, len(lines))
    first, second = "".join(lines[:half]), "".join(lines[half:])
    if first.isascii() or second.isascii():
        return None
    return Case(first.encode("utf-8") + second.encode("latin-1"), harmless=True, refused=True)


@way
def letters_lost(given: Given, rnd: Random) -> Case | None:
    header = ",".join(given.header) + ",".join(given.column(given.state) if given.state else ())
    if header.isascii():
        return None
    sign = rnd.choice(["\ufffd", "?", "ï¿½"])
    text = "".join(c if c.isascii() else sign for c in given.data().decode(given.encoding))
    return Case(text.encode("utf-8"), must=True)


@way
def wrapped(given: Given, rnd: Random) -> Case | None:
    data, kind = given.data(), rnd.choice(["zip", "gzip", "gzip in zip", "mark"])
    if kind == "gzip":
        return Case(gzip.compress(data), harmless=True, name="file.csv")
    if kind == "mark":
        text = data.decode(given.encoding)
        return Case(text.encode("utf-8-sig"), harmless=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("leeme.txt", "Nada")
        archive.writestr("datos/tabla.csv", gzip.compress(data) if kind == "gzip in zip" else data)
    return Case(out.getvalue(), harmless=kind == "zip", must=kind != "zip", name="file.bin")


@way
def as_a_workbook(given: Given, rnd: Random) -> Case | None:
    if len(given.rows) * given.width > 30_000:
        return None
    book = openpyxl.Workbook()
    sheet = book.active
    for row in given.rows:
        sheet.append([_number(cell) if rnd.random() < 0.9 else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return Case(out.getvalue(), harmless=True, name=rnd.choice(["file.xlsx", "file.csv"]))


def _number(cell: str) -> object:
    if not cell:
        return None
    # A formula is not what a program that reads the text makes of it.
    plain = re.fullmatch(r"0|[1-9]\d*(\.\d+)?", cell)
    return cell.lstrip("=") if not plain else float(cell) if "." in cell else int(cell)


@way
def no_table_at_all(given: Given, rnd: Random) -> Case | None:
    data = given.data()
    choices = {
        "page": b"<!DOCTYPE html>\r\n<html><body>404</body></html>",
        "empty": b"",
        "spaces": b" \r\n \r\n",
        "first bytes": data[: rnd.randrange(1, 12)],
        "random": bytes(rnd.randrange(256) for _ in range(3000)),
        "text": b"Lorem, ipsum\ndolor, sit\n" * 30,
        "document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n",
        "json": b'{"rows": [' + b'{"a": 1},' * 40_000 + b"{}]}",
        "one long line": b"x" * 400_000,
        "gzip cut": gzip.compress(data)[: rnd.randrange(20, 200)],
        "zip cut": b"PK\x03\x04" + data[:500],
        "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data[:600],
        "utf-16": data.decode(given.encoding).encode("utf-16"),
    }
    return Case(
        choices[rnd.choice(sorted(choices))], must=True, name=rnd.choice(["a.csv", "a.xlsx"])
    )


# What only the figures make doubtful, or those in use.


@way
def month_copied(given: Given, rnd: Random) -> Case | None:
    """A month of a year in the place of the one before it, in every row."""
    if "crime" not in given.traits or "2026" in given.name:
        return None
    year, at = sorted(set(given.column(given.year)))[1], given.place(given.year)
    place = given.place(rnd.choice(given.figures[1:]))
    rows = [row for row in given.body if given.rows[row][at] == year]
    altered = given.change({(row, place): given.rows[row][place - 1] for row in rows})
    return case(altered, ("copied month", "differs"), check=True)


@way
def figures_of_two_states_exchanged(given: Given, rnd: Random) -> Case | None:
    """All figures of a month, between the state with most and the one with fewest."""
    if "crime" not in given.traits or "2026" in given.name or given.town:
        return None
    code, at = given.place(given.code), given.place(given.year)
    year, place = sorted(set(given.column(given.year)))[1], given.place(rnd.choice(given.figures))
    rows: dict[str, list[int]] = {}
    for row in given.body:
        if given.rows[row][at] == year:
            rows.setdefault(given.rows[row][code], []).append(row)
    size = {key: sum(int(given.rows[i][place]) for i in held) for key, held in rows.items()}
    most, fewest = max(size, key=size.get), min(size, key=size.get)
    pairs = zip(rows[most], rows[fewest], strict=True)
    cells = {}
    for one, two in pairs:
        cells |= {(one, place): given.rows[two][place], (two, place): given.rows[one][place]}
    kinds = ("permuted", "outlier", "differs", "zero")
    return case(given.change(cells), kinds, check=True)


@way
def figure_ten_times_as_large(given: Given, rnd: Random) -> Case | None:
    """The largest figure of a state, a municipality or a row, times 10 or 100."""
    if "wide" in given.traits or not given.figures or given.name == "files 2026":
        return None
    if "2026" in given.name or given.name.startswith("towns 2018") or given.name == "guard table":
        return None
    cells = [
        (int(given.rows[row][place].replace(",", "") or 0), row, place)
        for row in given.body
        for place in map(given.place, given.figures)
    ]
    number, row, place = max(cells)
    altered = given.change({(row, place): str(number * rnd.choice([10, 100]))})
    kinds = ("outlier", "differs", "total off", "permuted", "step")
    return case(altered, kinds, check=True)


@way
def two_month_columns_exchanged(given: Given, rnd: Random) -> Case | None:
    """Values, not headers: only the figures in use tell it."""
    if given.name != "real victims":
        return None
    one, two = (given.place(name) for name in rnd.sample(given.figures[:6], 2))
    return case(swap_values(given, one, two), "differs", check=True)


@way
def one_small_figure_altered(given: Given, rnd: Random) -> Case | None:
    """Only the figures in use tell it."""
    if given.name != "real victims":
        return None
    crime = given.place("Subtipo de delito")
    row = pick_row(
        given, rnd, [i for i in given.body if given.rows[i][crime] == "Homicidio doloso"]
    )
    place = given.place(rnd.choice(given.figures[:6]))
    altered = given.change({(row, place): str(int(given.rows[row][place]) + 1)})
    return case(altered, "differs", check=True)
