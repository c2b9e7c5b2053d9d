"""What is found in an official file, by row, column and kind."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "note"]

# Kinds of findings. An error keeps rows or figures out, a warning doubts them, a note tells.
KINDS = {
    "not read": "a member of an archive, or a sheet, that is no official table",
    "encoding": "letters in another encoding than the producer's, or repaired",
    "separator": "columns separated by another sign than the format's",
    "quote": "a quotation mark that is not closed",
    "columns in row": "a row with too few or too many columns",
    "truncated": "a last line that breaks off",
    "missing column": "a column of the format is not there",
    "renamed column": "a column under another name, found by its place or likeness",
    "unknown column": "a column that the format does not have",
    "column order": "columns in another order than the producer's",
    "swapped columns": "values that belong in another column",
    "repeated header": "the header again among the rows",
    "empty row": "a row without any value",
    "unknown state": "a state code or name that does not exist",
    "unknown municipality": "a municipality code that can not exist or belongs to another state",
    "name": "a name that is not the one of its code",
    "unknown value": "a value outside of the format's classification",
    "date": "a year or month that can not be",
    "negative": "a figure below zero",
    "fraction": "a figure that is not whole",
    "not a number": "a text where a figure is expected",
    "blank": "an empty cell among published ones",
    "number format": "figures written in another way than usual, read without doubt",
    "duplicate key": "the same row twice, or two figures for one cell",
    "missing row": "a row that its neighbours lead one to expect",
    "mixed years": "years that can not stand in one file",
    "copied month": "a month that repeats another",
    "permuted": "figures that stand in each other's places",
    "outlier": "a figure far from its neighbours",
    "zero": "a zero where figures are expected",
    "step": "a level that changes from one month to the next",
    "incomplete": "a last month that is far below the others everywhere",
    "total off": "a total that is not the sum of its parts",
    "definition": "figures of another definition, kept apart",
    "differs": "figures that differ from those in use",
    "not a homicide": "deaths that the two rules for homicide judge differently",
    "truncated year": "a year whose late registrations are still to come",
}


@dataclass(frozen=True)
class Finding:
    """One finding: where it stands, what was found, what was expected and how to mend it.

    ``row`` counts the lines of the file from one, header included (the row number that a
    spreadsheet shows); it is missing for what concerns the whole file.
    """

    level: Level
    kind: str
    found: str
    expected: str
    fix: str
    row: int | None = None
    column: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of finding: {self.kind}")

    def to_dict(self) -> dict[str, Any]:
        """Give the finding with the keys of ``analysis data check --json``."""
        keys = ("level", "kind", "row", "column", "found", "expected", "fix")
        return {key: asdict(self)[key] for key in keys}

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row else []
        place += [self.column] if self.column else []
        where = f" ({', '.join(place)})" if place else ""
        return (
            f"{self.level}: {self.kind}{where}: found {self.found}; expected {self.expected}. "
            f"{self.fix}"
        )
