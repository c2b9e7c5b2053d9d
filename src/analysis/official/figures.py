"""The figures of a file's rows: how they are written, and what is wrong with them."""

from analysis.official.rows import TOLD, Rows

# A count of anything in Mexico is smaller, and so are the whole numbers that tables hold.
LARGEST = 2**31 - 1
NOBODY = "Only the producer can say what was meant"
# What a figure is rejected for: the condition, what was expected, how to mend it.
WRONG = {
    "not a number": ("value IS NULL", "a whole number", NOBODY),
    "negative": ("value < 0", "a count, zero or more", NOBODY),
    # "1.000" is a thousand in one country and one in another.
    "fraction": (
        f"value BETWEEN 0 AND {LARGEST} AND (value % 1 <> 0 OR "
        r"regexp_full_match(trim(text), '[1-9][0-9]{0,2}(\.[0-9]{3})+'))",
        "a whole number",
        "A decimal comma or point may be a thousands separator",
    ),
    "outlier": (f"value > {LARGEST}", f"a count up to {LARGEST:,}", NOBODY),
}
# A comma is a thousands separator in one country and a decimal one in another.
WRONG_NUMBER = "value IS NULL OR contains(text, ',')"


def settle_figures(
    rows: Rows, *, whole: bool = True, thousands: bool = False, missing: str = ""
) -> None:
    """Read figures that are written unusually, reject what is no count, add up what came in.

    Parameters
    ----------
    rows : Rows
        The rows; figures of ``raw`` are numbers afterwards.
    whole : bool
        Whether figures are counts: whole numbers, zero or more.
    thousands : bool
        Whether the producer writes commas between thousands.
    missing : str
        A text that stands for no figure, beside the empty cell.
    """
    if not rows.figures:
        rows.sums["in"] = rows.sum_figures("raw")
        return
    names = ", ".join(f"'{name}'" for name in rows.figures)
    rows.con.execute(
        "CREATE TEMP TABLE cells AS SELECT line, name, text, figure(text) AS value FROM "
        f"(SELECT line, unnest([{names}]) AS name, unnest(odd) AS text FROM raw "
        r"WHERE odd IS NOT NULL) WHERE trim(text, E' \t') NOT IN ('', ?)",
        [missing],
    )
    for i, name in enumerate(rows.figures):
        rows.con.execute(f'UPDATE raw SET "{name}" = figure(odd[{i + 1}]) WHERE odd IS NOT NULL')
    if whole:
        _tell_style(rows, thousands)
        _add_negative(rows, names)
    rows.sums["in"] = rows.sum_figures("raw")
    wrong = WRONG if whole else {"not a number": (WRONG_NUMBER, "a number", NOBODY)}
    for kind, (condition, expected, fix) in wrong.items():
        _reject(rows, kind, condition, expected, fix)
    rows.con.execute("DROP TABLE cells")


def _add_negative(rows: Rows, names: str) -> None:
    """Add to ``cells`` the figures below zero that are written as usual."""
    below = " + ".join(f'coalesce("{name}" < 0, false)::INT' for name in rows.figures)
    listed = ", ".join(f'"{name}"' for name in rows.figures)
    rows.con.execute(
        "INSERT INTO cells SELECT line, name, CAST(CAST(value AS BIGINT) AS VARCHAR), value FROM "
        f"(SELECT line, unnest([{names}]) AS name, unnest([{listed}]) AS value FROM raw "
        f"WHERE odd IS NULL AND {below} > 0) WHERE value < 0"
    )


def _reject(rows: Rows, kind: str, condition: str, expected: str, fix: str) -> None:
    wrong = f"FROM cells SEMI JOIN raw USING (line) WHERE {condition}"
    count = rows.query(f"SELECT count(*) {wrong}")[0][0]
    if not count:
        return
    found = rows.query(f"SELECT line, name, text {wrong} ORDER BY line LIMIT {TOLD + 1}")
    cases = [(line, rows.producer[name], f'"{rows.text(text)[:40]}"') for line, name, text in found]
    fix = f"The row was left out and kept among the rejects. {fix}"
    rows.tell_each("error", kind, cases, expected, fix, count=count)
    rows.reject(f"SELECT line, min('{kind}: ' || text) {wrong} GROUP BY line")


def _tell_style(rows: Rows, thousands: bool) -> None:
    """Tell of figures written otherwise than the producer does, read without doubt."""
    usual = "'-?[0-9]{1,3}(,[0-9]{3})*'" if thousands else "'-?[0-9]+'"
    count, line, name, text = rows.query(
        "SELECT count(*), min(line), arg_min(name, line), arg_min(text, line) FROM cells "
        f"WHERE value IS NOT NULL AND NOT regexp_full_match(text, {usual})"
    )[0]
    if count:
        fix = "Read without doubt; a spreadsheet may have saved the file again"
        found = f'{count} cells such as "{text}"'
        column = rows.producer[name]
        rows.tell("note", "number format", found, "digits only", fix, row=line, column=column)
