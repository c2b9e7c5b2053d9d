"""dBase files: records of fixed width, read in batches as text."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from analysis.errors import RequestError

# Records in one batch: some 50 MB of the widest mortality file.
BATCH = 200_000
# A header's size is given in two bytes.
HEAD = 2**16
# What a record begins with: the star marks it as deleted.
MARKS = (b" ", b"*")


def dbase_fields(head: bytes, file: str) -> list[str]:
    """Give the names of the fields, as their bytes written one a character.

    Raises
    ------
    RequestError
        When the header of the file does not add up.
    """
    return [name for name, _, _ in _fields(head, file)]


def dbase_batches(path: Path, used: list[int]) -> Iterator[pa.Table]:
    """Give some fields of the records in batches: ``line`` (header is 1), ``cN``, ``deleted``.

    Bytes are written one a character, spaces around a value are left out and an empty value is
    missing. The layout is that of dBase III to V: a header with the number of records and the
    width of the header and of a record, 32 bytes a field, records that begin with a space or,
    where deleted, a star.

    Raises
    ------
    RequestError
        When the file holds fewer or more records than its header says, or bytes are missing or
        too many somewhere before a record.
    """
    head = _head(path)
    fields = _fields(head, path.name)
    count, start, width = _sizes(head)
    _check_length(path, count, start, width)
    kind = np.dtype(
        {
            "names": ["mark", *(f"c{i}" for i in range(len(fields)))],
            "formats": ["S1", *(f"S{size}" for _, _, size in fields)],
            "offsets": [0, *(place for _, place, _ in fields)],
            "itemsize": width,
        }
    )
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        records = np.fromfile(path, dtype=kind, count=size, offset=start + first * width)
        _check_marks(path, records["mark"], first)
        columns = {"line": pa.array(np.arange(first, first + size) + 2)}
        for i in used:
            text = np.strings.strip(np.strings.decode(records[f"c{i}"], "latin-1"), " \x00")
            columns[f"c{i}"] = pa.array(text, mask=text == "")
        columns["deleted"] = pa.array(records["mark"] == b"*")
        yield pa.table(columns)


def _check_length(path: Path, count: int, start: int, width: int) -> None:
    held = path.stat().st_size - start
    with path.open("rb") as file:
        file.seek(start + count * width)
        more = file.read(1) in MARKS and held >= (count + 1) * width
    if held < count * width or more:
        raise RequestError(
            f"{path.name}: its header promises {count:,} records, the file holds "
            f"{max(held, 0) // width:,}; it is {'damaged' if more else 'cut off'}. Get it from "
            "its producer again"
        )


def _check_marks(path: Path, marks: np.ndarray, first: int) -> None:
    wrong = np.flatnonzero(~np.isin(marks, MARKS))
    if len(wrong):
        raise RequestError(
            f"{path.name} row {first + wrong[0] + 2}: the record begins with neither a space nor a "
            "star, so bytes are missing or too many before it. Get it from its producer again"
        )


def dbase_lines(path: Path, wanted: Iterator[int]) -> Iterator[tuple[int, str]]:
    """Give some records as text, by their line, fields separated by commas."""
    head = _head(path)
    fields = _fields(head, path.name)
    _, start, width = _sizes(head)
    with path.open("rb") as file:
        for line in wanted:
            file.seek(start + (line - 2) * width)
            record = file.read(width).decode("latin-1")
            cells = (record[place : place + size].strip(" \x00") for _, place, size in fields)
            yield line, ",".join(cells)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _sizes(head: bytes) -> tuple[int, int, int]:
    little = [int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12))]
    return little[0], little[1], little[2]


def _fields(head: bytes, file: str) -> list[tuple[str, int, int]]:
    """Give name, place in the record and width of every field."""
    _, start, width = _sizes(head)
    fields, place = [], 1
    for at in range(32, start - 1, 32):
        if head[at] == 0x0D:
            break
        name = head[at : at + 11].partition(b"\x00")[0].decode("latin-1").strip()
        fields.append((name, place, head[at + 16]))
        place += head[at + 16]
    if not fields or place != width:
        raise RequestError(f"{file}: a dBase header that does not add up; get the file again")
    return fields
