"""Rows with a year and twelve months side by side: one row a month comes out of them."""

import pandas as pd

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


def reject_duplicates(rows: Rows, key: list[str]) -> None:
    """Reject a row that stands twice, and all rows that give two figures for one cell."""
    figures = ", ".join(f'"{name}"' for name in rows.figures)
    names, same = ", ".join(key), " AND ".join(f"w.{name} = d.{name}" for name in key)
    several = f"SELECT {names}, min(line) AS first FROM wide GROUP BY {names} HAVING count(*) > 1"
    rows.con.execute(
        f"CREATE TEMP TABLE twice AS SELECT d.*, (SELECT count(DISTINCT [{figures}]) FROM wide w "
        f"WHERE {same}) AS kinds FROM ({several}) d"
    )
    found = rows.query(
        f"SELECT w.line, d.first, d.kinds FROM wide w JOIN twice d ON {same} "
        "WHERE d.kinds > 1 OR w.line > d.first ORDER BY w.line"
    )
    texts = {
        True: (
            "two figures for one cell, first on row {}",
            "Both are among the rejects; only the producer can say which is right",
        ),
        False: ("the same row as row {}", "The first was kept, this one is among the rejects"),
    }
    for differ, (text, fix) in texts.items():
        cases = [(line, None, text.format(first)) for line, first, n in found if (n > 1) == differ]
        rows.tell_each("error", "duplicate key", cases, "one row a cell", fix)
    rows.reject(
        f"SELECT w.line, CASE WHEN d.kinds > 1 THEN 'two figures for one cell, first on row ' "
        f"ELSE 'the same row as row ' END || d.first FROM wide w JOIN twice d ON {same} "
        "WHERE d.kinds > 1 OR w.line > d.first"
    )
    if found:
        rows.con.execute("DELETE FROM wide WHERE line NOT IN (SELECT line FROM raw)")
    rows.con.execute("DROP TABLE twice")


def find_published(rows: Rows) -> list[tuple[int, int]]:
    """Make ``published``: the months in which the file has figures; tell of blanks among them.

    A month to come is blank, or zero everywhere at the end of the last year, and has no rows.

    Returns
    -------
    list of (year, month)
    """
    sums = ", ".join(f'count("{name}"), coalesce(sum("{name}"), 0)' for name in rows.figures)
    months, empty = [], []
    for year, count, *found in rows.query(
        f"SELECT year, count(*), {sums} FROM wide GROUP BY year ORDER BY year"
    ):
        pairs = list(zip(rows.figures, found[::2], found[1::2], strict=True))
        held = [name for name, cells, _ in pairs if cells]
        months += [(year, name, count - cells) for name, cells, _ in pairs if cells]
        empty = [n for n in held if all(not s for m, _, s in pairs if m >= n)]
    last = max((year for year, _, _ in months), default=0)
    to_come = [name for name in empty if any(y == last and m not in empty for y, m, _ in months)]
    for name in to_come:
        column = rows.producer[name]
        rows.tell(
            "warning",
            "zero",
            f"zero in every row of {last}",
            "blank cells in a month to come",
            "Taken for a month to come, which has no figures, not for zero",
            column=column,
        )
    chosen = [(y, m, blank) for y, m, blank in months if not (y == last and m in to_come)]
    _tell_blanks(rows, chosen)
    rows.con.execute("CREATE TABLE published (year INTEGER, number INTEGER)")
    published = [(year, int(name[1:])) for year, name, _ in chosen]
    if published:
        rows.con.executemany("INSERT INTO published VALUES (?, ?)", published)
    return published


def _tell_blanks(rows: Rows, months: list[tuple[int, str, int]]) -> None:
    for year, name, blank in months:
        if blank:
            line = rows.query(
                f'SELECT min(line) FROM wide WHERE year = {year} AND "{name}" IS NULL'
            )[0][0]
            rows.tell(
                "warning",
                "blank",
                f"{blank} blank cells in {year}",
                "a figure in every row of a published month",
                "Missing, not zero",
                row=line,
                column=rows.producer[name],
            )
    for year in sorted({year for year, _, _ in months}):
        held = [name for y, name, _ in months if y == year]
        for name in MONTHS.values():
            if min(held) < name < max(held) and name not in held:
                column = rows.producer[name]
                expected = "figures, as in the months before and after"
                rows.tell(
                    "warning", "blank", f"no figure in {year}", expected, "Missing", column=column
                )


def tell_gaps(rows: Rows, place: str, kind: str, code: str) -> None:
    """Tell of rows that the rest of the file leads one to expect, and of rare kinds.

    Every place has the same kinds of rows in a year, and the same places stand in every year.
    """
    expected = "as many rows as the other places and years have"
    short = rows.query(
        "WITH held AS (SELECT year, place, count(*) AS n FROM wide GROUP BY ALL), "
        "usual AS (SELECT year, mode(n) AS n FROM held GROUP BY year) "
        f"SELECT year, {code}, held.n, usual.n FROM held JOIN usual USING (year) "
        f"JOIN {place} ON {place}.id = held.place WHERE held.n < usual.n ORDER BY 1, 2"
    )
    cases = [(None, None, f"{n} of {most} rows for {c} in {y}") for y, c, n, most in short]
    whole = rows.query(
        "WITH held AS (SELECT DISTINCT year, place FROM wide), "
        "often AS (SELECT place FROM held GROUP BY place "
        "HAVING 2 * count(*) > (SELECT count(DISTINCT year) FROM held)) "
        f"SELECT year, {code} FROM (SELECT DISTINCT year FROM held) CROSS JOIN often "
        f"ANTI JOIN held USING (year, place) JOIN {place} ON {place}.id = often.place ORDER BY 1, 2"
    )
    cases += [(None, None, f"no row for {c} in {year}") for year, c in whole]
    years = [year for (year,) in rows.query("SELECT DISTINCT year FROM wide ORDER BY 1")]
    if years:
        absent = sorted(set(range(years[0], years[-1])) - set(years))
        cases += [(None, None, f"no row for {year}") for year in absent]
    fix = "Missing, not zero; if the file was cut off or filtered, get it again"
    rows.tell_each("warning", "missing row", cases, expected, fix)
    _tell_rare_kinds(rows, kind)


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
