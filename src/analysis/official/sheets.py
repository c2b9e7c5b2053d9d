"""Tables as plain files: a text as it is, a workbook unpacked, each with its first lines."""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from analysis.official.container import Part
from analysis.official.dbase import dbase_fields
from analysis.official.workbook import write_sheets

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# Lines in which a title, a header and the first rows are looked for.
HEAD = 40
HEAD_BYTES = 2**18


@dataclass(frozen=True)
class Sheet:
    """A table as a plain file: where it is, its first lines by separator, how it was packed."""

    name: str
    path: Path
    kind: str
    heads: dict[str, list[list[str]]]
    packed: str


def peek(part: Part) -> dict[str, list[list[str]]] | None:
    """Give the first lines of a text or dBase file without unpacking it; None for workbooks."""
    if part.kind == "dbase":
        return {"": [dbase_fields(part.head, part.name)]}
    return _heads(part.head) if part.kind == "text" else None


def prepare(part: Part, folder: Path) -> list[Sheet]:
    """Unpack a part into the folder: one table, or one a sheet of a workbook."""
    path = part.copy(folder)
    if heads := peek(part):
        return [Sheet(part.name, path, part.kind, heads, part.packed)]
    sheets = write_sheets(path, part.name, folder)
    packed = "workbook" if part.packed == "plain" else f"workbook, {part.packed}"
    found = []
    for title, file in sheets:
        with file.open("rb") as source:
            heads = {",": _heads(source.read(HEAD_BYTES))[","]}
        name = f"{part.name}:{title}" if len(sheets) > 1 else part.name
        found.append(Sheet(name, file, "workbook", heads, packed))
    return found


def _heads(head: bytes) -> dict[str, list[list[str]]]:
    text = head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    lines = io.StringIO(text, newline=None).read().split("\n")[:HEAD]
    return {sign: [_cut(line, sign) for line in lines] for sign in SEPARATORS}


def _cut(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        # A cell longer than any: this is no table, or not by this sign.
        return []
