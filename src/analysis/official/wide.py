"""Rows with a year and twelve months side by side: one row a month comes out of them."""

import pandas as pd

from analysis.geography import LAST_MUNICIPALITY, states
from analysis.official.gaps import FIX, find_holes
from analysis.official.rows import Rows

MONTHS = {
    name: f"m{number:02d}"
    for number, name in enumerate(
        (
            *("Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio"),
            *("Julio", "Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"),
        ),
        1,
    )
}

# So many figures above zero are no more alike by chance.
ENOUGH = 10
# What `Rows.distinct` and the checks of labels add to the texts.
USED = ("line", "rows", "reason", "state")


def build_wide(rows: Rows, years: pd.DataFrame, labels: dict[str, pd.DataFrame]) -> None:
    """Make ``wide``: line, year, a number for each frame of ``labels``, figures as whole numbers.

    The frames come from `Rows.distinct`; each becomes the table of its name, with the number as
    ``id`` and the texts of its other columns as enumerations, in their order.
    """
    joins = [rows.join("raw", years, ["year"], "years")]
    for name, frame in labels.items():
        columns = [c for c in frame if c not in USED and not c.startswith("raw_")]
        ordered = frame.sort_values(columns, ignore_index=True)
        ids = ordered[columns].drop_duplicates().reset_index(drop=True)
        ordered = ordered.merge(ids.rename_axis("id").reset_index(), on=columns)
        joins.append(rows.join("raw", ordered, ["id"], f"{name}_of"))
        for column in columns:
            rows.con.execute(
                f"CREATE TYPE {column}_text AS ENUM (SELECT unnest(?) ORDER BY 1)",
                [sorted(set(ids[column])) or [""]],
            )
        rows.con.register("ids", ids.rename_axis("id").reset_index())
        texts = ", ".join(f"{column}::{column}_text AS {column}" for column in columns)
        rows.con.execute(f"CREATE TABLE {name} AS SELECT id, {texts} FROM ids ORDER BY id")
        rows.con.unregister("ids")
    figures = ", ".join(f'CAST("{name}" AS INTEGER) AS "{name}"' for name in rows.figures)
    chosen = ", ".join(f"{name}_of.id AS {name}" for name in labels)
    rows.con.execute(
        f"CREATE TABLE wide AS SELECT line, years.year, {chosen}, {figures} "
        f"FROM raw {' '.join(joins)}"
    )


def find_published(rows: Rows) -> list[tuple[int, int]]:
    """Make ``published``: the months in which the file has figures; tell of blanks among them.

    A month to come is blank, or zero everywhere at the end of the last year, and has no rows.

    Returns
    -------
    list of (year, month)
    """
    cells = ", ".join(f'count(*) - count("{name}"), sum("{name}")' for name in rows.figures)
    blanks: dict[int, dict[str, int]] = {}
    last, sums = 0, {}
    for year, count, *found in rows.query(
        f"SELECT year, count(*), {cells or 'NULL'} FROM wide GROUP BY year ORDER BY year"
    ):
        pairs = zip(rows.figures, found[::2], found[1::2], strict=False)
        held = {name: (blank, total) for name, blank, total in pairs if blank < count}
        blanks[year] = {name: blank for name, (blank, _) in held.items()}
        if held:
            last, sums = year, {name: total for name, (_, total) in held.items()}
    for name in _tell_zeros(rows, last, sums):
        del blanks[last][name]
    _tell_blanks(rows, blanks, last)
    published = [(year, int(name[1:])) for year, months in blanks.items() for name in months]
    rows.con.execute("CREATE TABLE published (year INTEGER, number INTEGER)")
    if published:
        rows.con.executemany("INSERT INTO published VALUES (?, ?)", published)
    return published


def _tell_zeros(rows: Rows, year: int, sums: dict[str, float]) -> list[str]:
    """Give the months to come that the last year has as zero, and tell of them."""
    months = sorted(sums)
    while months and not sums[months[-1]]:
        months.pop()
    to_come = [name for name in sorted(sums) if months and name > months[-1]]
    for name in to_come:
        rows.tell(
            "warning",
            "zero",
            f"zero in every row of {year}",
            "blank cells in a month to come",
            "Taken for a month to come, which has no figures, not for zero",
            column=rows.producer[name],
        )
    return to_come


def _tell_blanks(rows: Rows, blanks: dict[int, dict[str, int]], last: int) -> None:
    """Tell of empty cells in published months, and of months that are missing before others."""
    fix = "Missing, not zero"
    for year, months in blanks.items():
        for name in rows.figures:
            column = rows.producer[name]
            if months.get(name):
                line = rows.query(
                    f'SELECT min(line) FROM wide WHERE year = {year} AND "{name}" IS NULL'
                )[0][0]
                found = f"{months[name]} blank cells in {year}"
                expected = "a figure in every row of a published month"
                rows.tell("warning", "blank", found, expected, fix, row=line, column=column)
            elif name not in months and (year < last or name < max(months, default="")):
                expected = "figures, as in the months before and after"
                found = f"no figure in {year}"
                rows.tell("warning", "blank", found, expected, fix, column=column)


def tell_copies(rows: Rows) -> None:
    """Tell of months that repeat another of their year in every row."""
    # Hashed twice: in the sum by bits of a single hash the rows cancel out, and months with the
    # same counts of each value would look alike.
    sums = ", ".join(
        f'bit_xor(hash(hash(line, "{name}"))), count(*) FILTER ("{name}" > 0)'
        for name in rows.figures
    )
    cases = []
    for year, *found in rows.query(f"SELECT year, {sums} FROM wide GROUP BY year ORDER BY year"):
        first: dict[int, str] = {}
        for name, same, filled in zip(rows.figures, found[::2], found[1::2], strict=True):
            if filled >= ENOUGH and same in first:
                text = f"the figures of {rows.producer[first[same]]} in every row of {year}"
                cases.append((None, rows.producer[name], text))
            first.setdefault(same, name)
    fix = "Kept as they are; get the file again"
    rows.tell_each("warning", "copied month", cases, "figures of its own", fix)


def tell_gaps(rows: Rows, place: str, kind: str, code: str) -> None:
    """Tell of rows that the rest of the file leads one to expect, and of rare kinds.

    Every place has the same kinds of rows in a year, the same places and kinds stand in every
    year, and the places are those of the whole country.
    """
    years = [year for (year,) in rows.query("SELECT DISTINCT year FROM wide ORDER BY 1")]
    if not years:
        return
    absent = sorted(set(range(years[0], years[-1])) - set(years))
    cases = [(None, None, f"no row for {year}") for year in absent]
    cases += [(None, None, f"no row for {text}") for text in _find_absent(rows, place)]
    columns = [c for (c,) in rows.query(f"SELECT column_name FROM (DESCRIBE {kind})") if c != "id"]
    for table, shown in ((kind, f"concat_ws(' / ', {', '.join(columns)})"), (place, code)):
        names = dict(rows.query(f"SELECT id, {shown} FROM {table}"))
        holes = find_holes(rows, "wide", table, "year")
        cases += [(None, None, f"no row for {names[one]} in {year}") for one, year, _ in holes]
    short = rows.query(
        "WITH held AS (SELECT year, place, count(*) AS n FROM wide GROUP BY ALL), "
        "usual AS (SELECT year, mode(n) AS n FROM held GROUP BY year) "
        f"SELECT year, {code}, held.n, usual.n FROM held JOIN usual USING (year) "
        f"JOIN {place} ON {place}.id = held.place WHERE held.n < usual.n ORDER BY 1, 2"
    )
    cases += [(None, None, f"{n} of {most} rows for {c} in {y}") for y, c, n, most in short]
    expected = "as many rows as the other places and years have"
    rows.tell_each("warning", "missing row", cases, expected, FIX)
    if code == "cve_mun":
        _tell_towns(rows, place)
    _tell_rare_kinds(rows, kind)


def _find_absent(rows: Rows, place: str) -> list[str]:
    """Give the codes of states that have no row in any year."""
    held = rows.query(
        f"SELECT DISTINCT CAST(cve_ent AS VARCHAR) FROM {place} "
        "WHERE id IN (SELECT DISTINCT place FROM wide)"
    )
    return [state.cve_ent for state in states() if (state.cve_ent,) not in held]


def _tell_towns(rows: Rows, place: str) -> None:
    """Tell of codes of municipalities without any row: most of them were never given."""
    held = {
        code
        for (code,) in rows.query(
            f"SELECT DISTINCT CAST(cve_mun AS VARCHAR) FROM {place} "
            "WHERE id IN (SELECT DISTINCT place FROM wide)"
        )
    }
    here = {code[:2] for code in held}
    every = [
        f"{state}{number:03d}"
        for state, last in LAST_MUNICIPALITY.items()
        for number in range(1, last + 1)
        if state in here
    ]
    gone = [code for code in every if code not in held]
    if gone:
        found = f"no row for {len(gone)} codes of municipalities, the first {gone[0]}"
        fix = "Some codes were never given; if a municipality is missing, get the file again"
        rows.tell("note", "missing row", found, "every municipality of the states it has", fix)


def _tell_rare_kinds(rows: Rows, kind: str) -> None:
    """Tell of a classification that few places have: a misspelt one, or a new one."""
    columns = [c for (c,) in rows.query(f"SELECT column_name FROM (DESCRIBE {kind})") if c != "id"]
    shown = " || ' / ' || ".join(columns)
    rare = rows.query(
        "WITH held AS (SELECT year, count(DISTINCT place) AS n FROM wide GROUP BY year) "
        f"SELECT min(line), any_value({shown}), count(*) FROM "
        f"(SELECT {kind}, year, min(line) AS line, count(DISTINCT place) AS n FROM wide "
        f"GROUP BY ALL) k JOIN held USING (year) JOIN {kind} ON {kind}.id = k.{kind} "
        f"WHERE 2 * k.n < held.n AND held.n > 2 GROUP BY k.{kind} ORDER BY 1"
    )
    rows.tell_each(
        "warning",
        "unknown value",
        [(line, None, f'"{text}" in few places of {years} years') for line, text, years in rare],
        "the same classification in every place",
        "Kept as it is; it may be misspelt, and then its figures are not where they belong",
    )
