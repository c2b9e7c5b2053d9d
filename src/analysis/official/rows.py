"""A file's rows as a table in DuckDB, each with its line number, none lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.official.encoding import NAMES, Letters, guess_encoding, settle_letters
from analysis.official.findings import Finding, Level
from analysis.official.load import BATCH, read_lines
from analysis.official.sheets import Sheet

# So many findings of one kind are told one by one; the rest is counted in one more.
TOLD = 20


@dataclass
class Rows:
    """The rows of one official file while it is read.

    The connection holds ``raw``: ``line`` (number in the file, from one), the format's text
    columns and its figures as numbers. A reader makes the view ``tidy`` (columns of its table)
    and moves what it can not use to ``rejects`` (``line, reason``). ``producer`` maps names here
    to the file's headers; a column that the file lacks is not in ``labels`` or ``figures``.
    ``head`` has the cells up to the header, one byte a character. ``only`` names the one crime
    that is wanted.
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
        cases: Sequence[tuple[int | None, str | None, str]],
        expected: str,
        fix: str,
        *,
        count: int = 0,
    ) -> None:
        """Add one finding a case ``(row, column, found)``; of many the rest is counted in one.

        ``count`` says how many cases there are where only the first `TOLD` and one are given.
        """
        for row, column, found in cases[:TOLD]:
            self.tell(level, kind, found, expected, fix, row=row, column=column)
        for row, column, found in cases[TOLD : TOLD + 1]:
            more = f"{max(count, len(cases)) - TOLD} more such, the next {found}"
            self.tell(level, kind, more, expected, fix, row=row, column=column)

    def tell_lines(
        self, level: Level, kind: str, query: str, column: str | None, expected: str, fix: str
    ) -> None:
        """Add findings for a query of ``line, found``, of which there may be as many as rows."""
        count = self.query(f"SELECT count(*) FROM ({query})")[0][0]
        first = self.query(f"{query} ORDER BY line LIMIT {TOLD + 1}") if count else []
        cases = [(line, column, found) for line, found in first]
        self.tell_each(level, kind, cases, expected, fix, count=count)

    def query(self, sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        return self.con.execute(sql, values or []).fetchall()

    def settle_letters(self) -> None:
        """Settle the encoding over the header and every text of the file; tell what was done."""
        special = [cell for line in self.head for cell in line]
        for name in self.labels:
            # By an aggregate, else the condition would be looked at in every row.
            value = f'any_value("{name}")'
            found = self.query(
                f'SELECT {value} FROM raw GROUP BY "{name}" HAVING NOT regexp_full_match({value}, '
                f"'[\\x00-\\x7F]*') OR contains({value}, '?') ORDER BY 1"
            )
            special += [self._bytes(value) for (value,) in found]
        self.letters = settle_letters(special, where=self.sheet.name)
        letters = self.letters
        if letters.repaired:
            example, repair = next(iter(letters.repaired.items()))
            ways = [f"{NAMES[meant]} read as {NAMES[read]}" for read, meant in letters.misreadings]
            self.tell(
                "note",
                "encoding",
                f'{len(letters.repaired)} values such as "{example[:60]}": {" and ".join(ways)}',
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
        if kept.empty:
            # Without a value a column has no type, and no text would match it.
            kept = kept.astype({name: "str" for name in kept if name != "year"})
        self.con.register("kept", pa.Table.from_pandas(kept, preserve_index=False))
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM kept")
        self.con.unregister("kept")
        same = " AND ".join(
            f'{source}."{column[4:]}" IS NOT DISTINCT FROM {name}."{column}"' for column in raw
        )
        return f"JOIN {name} ON {same}"

    def sum_figures(self, table: str) -> float:
        """Add up the figures of a table; rows count as one where the format has no figures."""
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
        self.note_aside(reason, count, total)
        return count

    def note_aside(self, reason: str, count: int, total: float = 0.0) -> None:
        """Enter rows that were taken out, and the sum of their figures, under a reason."""
        if count:
            known = self.aside.setdefault(reason, {"rows": 0, "figures": 0.0})
            known["rows"] += count
            known["figures"] += total

    @property
    def another_crime(self) -> str:
        """The reason why rows of other crimes are set aside."""
        return f"another crime than {self.only}"

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
        total = self.sum_figures("taken")
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
        if text.isascii() or self.letters.encoding != "ascii":
            return self.letters.read(text)
        # Only columns that are not read have other letters.
        return Letters(guess_encoding([text])).read(text)

    def _keep(self, batch: list[tuple[int, str]]) -> None:
        if batch:
            lines, texts = zip(*batch, strict=True)
            self.con.register("batch", pa.table({"line": lines, "text": texts}))
            self.con.execute("INSERT INTO reject_texts FROM batch")
            self.con.unregister("batch")


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
