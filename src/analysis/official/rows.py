"""A file's rows as a table in DuckDB, each with its line number, none lost on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.official.encoding import NAMES, Letters, settle_letters
from analysis.official.findings import Finding, Level
from analysis.official.load import BATCH, Sheet, read_lines

# So many findings of one kind are told one by one; the rest is counted in one more.
TOLD = 20
WRONG_FIGURES = {
    "not a number": ("a whole number", "Only the producer can say what was meant"),
    "negative": ("a count, zero or more", "Only the producer can say what was meant"),
    "fraction": ("a whole number", "A decimal comma or point may be a thousands separator"),
}


@dataclass
class Rows:
    """The rows of one official file while it is read.

    The connection holds ``raw``: ``line`` (number in the file, from one), the format's text
    columns and its figures as numbers. A reader makes the view ``tidy`` (columns of its table)
    and moves what it can not use to ``rejects`` (``line, reason``). ``producer`` maps names here
    to the producer's headers; a column that the file lacks is not in ``labels`` or ``figures``.
    ``only`` names the one crime that is wanted.
    """

    sheet: Sheet
    con: duckdb.DuckDBPyConnection
    labels: list[str]
    figures: list[str]
    producer: dict[str, str]
    head: list[list[str]]
    decoded: bool
    only: str = ""
    findings: list[Finding] = field(default_factory=list)
    aside: dict[str, dict[str, float]] = field(default_factory=dict)
    sums: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "rejected": 0.0})
    letters: Letters = field(default_factory=lambda: Letters("ascii"))

    def tell(
        self,
        level: Level,
        kind: str,
        found: str,
        expected: str,
        fix: str,
        *,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        """Add one finding."""
        self.findings.append(Finding(level, kind, found, expected, fix, row, column))

    def tell_each(
        self,
        level: Level,
        kind: str,
        cases: Iterable[tuple[int | None, str | None, str]],
        expected: str,
        fix: str,
    ) -> None:
        """Add one finding a case ``(row, column, found)``; of many the rest is counted in one."""
        every = list(cases)
        for row, column, found in every[:TOLD]:
            self.tell(level, kind, found, expected, fix, row=row, column=column)
        if rest := every[TOLD:]:
            row, column, found = rest[0]
            more = f"{len(rest)} more such, the next {found}"
            self.tell(level, kind, more, expected, fix, row=row, column=column)

    def query(self, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        return self.con.execute(sql, values or []).fetchall()

    def settle_letters(self) -> None:
        """Settle the encoding over the header and every text of the file; tell what was done."""
        special = [cell for line in self.head for cell in line]
        for name in self.labels:
            found = self.query(
                f'SELECT value FROM (SELECT DISTINCT "{name}" AS value FROM raw) '
                "WHERE NOT regexp_full_match(value, '[\\x00-\\x7F]*') ORDER BY 1"
            )
            special += [self._bytes(value) for (value,) in found]
        self.letters = settle_letters(special, where=self.sheet.name)
        letters = self.letters
        if letters.repaired:
            meant, read = (NAMES[name] for name in reversed(letters.misreading or ()))
            example, repair = next(iter(letters.repaired.items()))
            self.tell(
                "note",
                "encoding",
                f'{len(letters.repaired)} values such as "{example[:60]}": {meant} read as {read}',
                f'"{repair[:60]}"',
                "Repaired, since nothing else explains them; the producer's own file has no need",
            )
        if letters.strange:
            self.tell(
                "warning",
                "encoding",
                f'{len(letters.strange)} values such as "{letters.strange[0][:60]}"',
                "the letters of Spanish",
                "Kept as they are; look whether the producer's own file has them",
            )

    def _bytes(self, value: str) -> str:
        """Write the bytes of a value of ``raw`` one a character."""
        return value.encode().decode("latin-1") if self.decoded else value

    def text(self, value: Any) -> str:
        """Give the text of a value of ``raw``, without spaces around it."""
        return "" if pd.isna(value) else self.letters.read(self._bytes(value)).strip()

    def distinct(self, names: Sequence[str]) -> pd.DataFrame:
        """Give the distinct combinations of text columns.

        One row a combination: ``line`` (the first), ``rows`` (how many), the value in ``raw`` as
        ``raw_NAME`` and its text as ``NAME``; a column that the file lacks is empty.
        """
        held = [name for name in names if name in self.labels]
        chosen = ", ".join(f'"{name}" AS "raw_{name}"' for name in held)
        frame = self.con.execute(
            f"SELECT min(line) AS line, count(*) AS rows, {chosen} FROM raw "
            f"GROUP BY {_listed(held)} ORDER BY line"
        ).df()
        for name in names:
            texts = frame[f"raw_{name}"].map(self.text) if name in held else ""
            frame[name] = texts if len(frame) else pd.Series(dtype="str")
        return frame

    def join(self, source: str, frame: pd.DataFrame, columns: list[str], name: str) -> str:
        """Keep columns of a frame made from `distinct` as a table; give the join to a source."""
        raw = [column for column in frame if column.startswith("raw_")]
        kept = frame[[*raw, *columns]]
        self.con.register("kept", pa.Table.from_pandas(kept, preserve_index=False))
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM kept")
        self.con.unregister("kept")
        same = " AND ".join(
            f'{source}."{column[4:]}" IS NOT DISTINCT FROM {name}."{column}"' for column in raw
        )
        return f"JOIN {name} ON {same}"

    def settle_figures(
        self, *, whole: bool = True, thousands: bool = False, missing: str = ""
    ) -> None:
        """Read figures that are written unusually, reject what is no count, add up what came in.

        Parameters
        ----------
        whole : bool
            Whether figures are counts: whole numbers, zero or more.
        thousands : bool
            Whether the producer writes commas between thousands.
        missing : str
            A text that stands for no figure, beside the empty cell.
        """
        if not self.figures:
            self.sums["in"] = self.query("SELECT count(*) FROM raw")[0][0]
            return
        names = ", ".join(f"'{name}'" for name in self.figures)
        self.con.execute(
            "CREATE TEMP TABLE cells AS SELECT line, name, text, figure(text) AS value FROM "
            f"(SELECT line, unnest([{names}]) AS name, unnest(odd) AS text FROM raw "
            "WHERE odd IS NOT NULL) WHERE trim(text) NOT IN ('', ?)",
            [missing],
        )
        for i, name in enumerate(self.figures):
            self.con.execute(
                f'UPDATE raw SET "{name}" = figure(odd[{i + 1}]) WHERE odd IS NOT NULL'
            )
        self.sums["in"] = self._sum("raw")
        wrong = {"not a number": "value IS NULL"}
        if whole:
            self._tell_style(thousands)
            plain = " + ".join(f'coalesce("{name}" < 0, false)::INT' for name in self.figures)
            self.con.execute(
                f"INSERT INTO cells SELECT line, name, NULL, value FROM (SELECT line, "
                f"unnest([{names}]) AS name, unnest([{_listed(self.figures)}]) "
                f"AS value FROM raw WHERE odd IS NULL AND {plain} > 0) WHERE value < 0"
            )
            wrong |= {"negative": "value < 0", "fraction": "value >= 0 AND value % 1 <> 0"}
        for kind, condition in wrong.items():
            self._reject_figures(kind, condition)
        self.con.execute("DROP TABLE cells")

    def _reject_figures(self, kind: str, condition: str) -> None:
        found = "coalesce(text, CAST(CAST(value AS BIGINT) AS VARCHAR))"
        cases = self.query(
            f"SELECT line, name, {found} FROM cells SEMI JOIN raw USING (line) "
            f"WHERE {condition} ORDER BY line LIMIT {TOLD + 1}"
        )
        count = self.query(
            f"SELECT count(*) FROM cells SEMI JOIN raw USING (line) WHERE {condition}"
        )
        expected, fix = WRONG_FIGURES[kind]
        fix = f"The row was left out and kept among the rejects. {fix}"
        for line, name, text in cases[:TOLD]:
            shown = f'"{self.text(text)[:40]}"'
            self.tell("error", kind, shown, expected, fix, row=line, column=self.producer[name])
        if count[0][0] > TOLD:
            line, name, text = cases[TOLD]
            more = f'{count[0][0] - TOLD} more such, the next "{self.text(text)[:40]}"'
            self.tell("error", kind, more, expected, fix, row=line, column=self.producer[name])
        self.reject(
            f"SELECT line, min('{kind}: ' || {found}) FROM cells WHERE {condition} GROUP BY line"
        )

    def _tell_style(self, thousands: bool) -> None:
        """Tell of figures written otherwise than the producer does, read without doubt."""
        usual = "'-?[0-9]{1,3}(,[0-9]{3})*'" if thousands else "'-?[0-9]+'"
        unusual = self.query(
            "SELECT min(line), count(*), arg_min(name, line), arg_min(text, line) FROM cells "
            f"WHERE value IS NOT NULL AND NOT regexp_full_match(text, {usual})"
        )
        if unusual[0][1]:
            line, count, name, text = unusual[0]
            fix = "Read without doubt; a spreadsheet may have saved the file again"
            found = f'{count} cells such as "{text}"'
            column = self.producer[name]
            self.tell("note", "number format", found, "digits only", fix, row=line, column=column)

    def _sum(self, table: str) -> float:
        if not self.figures:
            return float(self.query(f"SELECT count(*) FROM {table}")[0][0])
        parts = " + ".join(f'coalesce(sum("{name}"), 0)' for name in self.figures)
        return float(self.query(f"SELECT {parts} FROM {table}")[0][0])

    def reject(self, lines: str) -> int:
        """Move rows of ``raw`` to the rejects and give their number.

        ``lines`` is a query that gives ``line`` and ``reason``, of a line one reason at least.
        """
        count, total = self._take(lines)
        self.sums["rejected"] += total
        self.con.execute("INSERT INTO rejects FROM gone")
        return count

    def set_aside(self, lines: str, reason: str) -> int:
        """Take rows out of ``raw`` that are no figures of their own: totals, notes, titles."""
        count, total = self._take(f"SELECT line, '' FROM ({lines})")
        if count:
            known = self.aside.setdefault(reason, {"rows": 0, "figures": 0.0})
            known["rows"] += count
            known["figures"] += total
        return count

    def _take(self, lines: str) -> tuple[int, float]:
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE gone AS SELECT line, min(reason) AS reason "
            f"FROM ({lines}) AS wanted(line, reason) SEMI JOIN raw USING (line) GROUP BY line"
        )
        count = self.query("SELECT count(*) FROM gone")[0][0]
        if not count:
            return 0, 0.0
        self.con.execute(
            "CREATE OR REPLACE TEMP VIEW taken AS FROM raw SEMI JOIN gone USING (line)"
        )
        total = self._sum("taken")
        self.con.execute("DELETE FROM raw WHERE line IN (SELECT line FROM gone)")
        return count, total

    def write_rejects(self) -> None:
        """Add the text of every rejected line, as it stands in the file, to ``rejects``."""
        self.con.execute("CREATE TABLE reject_texts (line BIGINT, text VARCHAR)")
        wanted = (line for (line,) in self.query("SELECT DISTINCT line FROM rejects ORDER BY 1"))
        batch: list[tuple[int, str]] = []
        for line, text in read_lines(self.sheet, wanted):
            batch.append((line, self._line(text)))
            if len(batch) == BATCH:
                self._keep(batch)
                batch = []
        self._keep(batch)
        self.con.execute(
            "CREATE OR REPLACE TABLE rejects AS SELECT line, reason, text FROM rejects "
            "LEFT JOIN reject_texts USING (line) ORDER BY line"
        )

    def _line(self, text: str) -> str:
        return text if text.isascii() else self.letters.read(text)

    def _keep(self, batch: list[tuple[int, str]]) -> None:
        if batch:
            lines, texts = zip(*batch, strict=True)
            self.con.register("batch", pa.table({"line": lines, "text": texts}))
            self.con.execute("INSERT INTO reject_texts FROM batch")
            self.con.unregister("batch")


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
