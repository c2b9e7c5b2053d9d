"""Text files line by line, when what is in them is not yet known to be a table."""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path


def survey(path: Path) -> tuple[int, bool, bool, bool]:
    """Count the lines; say whether they end in one usual way, are UTF-8, and the last one ends."""
    both = new = back = 0
    last = b"\n"
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(2**22):
            both += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            new += chunk.count(b"\n")
            back += chunk.count(b"\r")
            last = chunk[-1:]
            decoder = _still_utf8(decoder, chunk)
    even, ended = back == both and both in (0, new), last in b"\r\n"
    return new + back - both + (not ended), even, decoder is not None, ended


def _still_utf8(
    decoder: codecs.IncrementalDecoder | None, chunk: bytes
) -> codecs.IncrementalDecoder | None:
    try:
        if decoder:
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return None
    return decoder


def iterate_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Give number and text of every line, one byte a character, however it ends."""
    with path.open(encoding="latin-1", newline=None) as file:
        for number, line in enumerate(file, start=1):
            yield number, line.rstrip("\n")


def split_line(line: str, sign: str, width: int) -> tuple[str, str]:
    """Give a line in plain CSV, or the reason why it can not be split."""
    if not line.strip():
        return "", "empty row"
    if '"' not in line:
        count, cells = line.count(sign) + 1, line
    else:
        try:
            parts = next(csv.reader([line], delimiter=sign, strict=True))
        except csv.Error:
            return "", "broken quotation"
        written = io.StringIO()
        csv.writer(written, delimiter=sign, lineterminator="").writerow(parts)
        count, cells = len(parts), written.getvalue()
    if count != width:
        return "", "too few columns" if count < width else "too many columns"
    return cells, ""
