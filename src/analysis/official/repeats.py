"""Rows that stand twice in a file, or that give two figures for one cell."""

from collections.abc import Sequence

from analysis.official.rows import Rows

# What is told of a row: whether its figures differ from those of the first, and how to mend it.
SAME = ("the same row as row", "The first was kept, this one is among the rejects")
OTHER = (
    "two figures for one cell, first on row",
    "All are among the rejects; only the producer can say which is right",
)


def reject_repeats(
    rows: Rows, source: str, key: Sequence[str], figures: Sequence[str], *, expected: str
) -> None:
    """Reject a row that stands twice, and all rows that give two figures for one cell.

    Parameters
    ----------
    rows : Rows
        The rows.
    source : str
        A table, or a join of ``raw``, with ``line``; where it is the table ``wide``, rejected
        lines are taken out of it too.
    key, figures : sequence of str
        Expressions: what makes a cell, and what it holds.
    expected : str
        For the message: what there is one row of.
    """
    parts = ", ".join(f"{part} AS k{i}" for i, part in enumerate(key))
    same = ", ".join(f"k{i}" for i in range(len(key)))
    rows.con.execute(
        f"CREATE OR REPLACE TEMP TABLE twice AS SELECT {same}, min(line) AS first "
        f"FROM (SELECT line, {parts} FROM {source}) GROUP BY ALL HAVING count(*) > 1"
    )
    if not rows.query("SELECT count(*) FROM twice")[0][0]:
        return
    rows.con.execute(
        f"CREATE OR REPLACE TEMP TABLE cells AS SELECT line, first, {same}, held FROM "
        f"(SELECT line, {parts}, [{', '.join(figures)}] AS held FROM {source}) "
        f"JOIN twice USING ({same})"
    )
    rows.con.execute(
        "CREATE OR REPLACE TEMP TABLE repeats AS SELECT line, min(first) AS first, "
        "bool_or(differ) AS differ FROM cells JOIN (SELECT first, count(DISTINCT held) > 1 AS "
        f"differ, {same} FROM cells GROUP BY ALL) USING (first, {same}) GROUP BY line "
        "HAVING bool_or(differ) OR line > min(first)"
    )
    for differ, text, fix in ((True, *OTHER), (False, *SAME)):
        query = f"SELECT line, '{text} ' || first FROM repeats WHERE differ = {differ}"
        rows.tell_lines("error", "duplicate key", query, None, expected, fix)
    rows.reject(
        f"SELECT line, CASE WHEN differ THEN '{OTHER[0]} ' ELSE '{SAME[0]} ' END || first "
        "FROM repeats"
    )
    if source == "wide":
        rows.con.execute("DELETE FROM wide WHERE line NOT IN (SELECT line FROM raw)")
