"""Files as they arrive: plain, zipped or gzipped; text, workbook or dBase."""

import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from analysis.errors import RequestError

# What may come out of an archive: this many bytes, and this many times its own size.
LARGEST = 8 * 2**30
RATIO = 250
SMALL = 64 * 2**20
MEMBERS = 1_000
HEAD = 256 * 2**10
TOLD = "get the file from its producer again"
# What a damaged archive makes the libraries raise, each in its own way.
BROKEN = (
    *(zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError),
)


@dataclass(frozen=True)
class Part:
    """One file to read: itself, or a member of an archive.

    ``head`` holds its first bytes, ``kind`` says ``text``, ``workbook`` or ``dbase``.
    """

    file: str
    member: str
    packed: str
    kind: str
    head: bytes
    copy: Callable[[Path], Path]

    @property
    def name(self) -> str:
        """The name for messages."""
        return f"{self.file}:{self.member}" if self.member else self.file


def open_parts(path: Path) -> tuple[list[Part], list[str]]:
    """List what can be read in a file: itself, or the members of an archive; and what can not.

    Raises
    ------
    RequestError
        When there is no such file, it is empty, a web page, a picture or another thing that is no
        table, or an archive that is broken, locked, or would fill the disk.
    """
    if not path.is_file():
        raise RequestError(f"there is no file {path}")
    with path.open("rb") as file:
        magic = file.read(HEAD)
    if magic.startswith(b"\x1f\x8b"):
        return [_gzipped(path)], []
    if magic.startswith(b"PK") and not _is_workbook(path, path.name):
        return _zipped(path)
    if magic.startswith((b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")):
        raise RequestError(f"{path.name} is an archive of another kind; unpack it, or pack as zip")
    part = Part(path.name, "", "plain", _kind(magic, path.name), magic, lambda folder: path)
    return [part], []


def _kind(head: bytes, name: str) -> str:
    """Tell text from workbook and dBase by content, and refuse what is none of them."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.strip():
        raise RequestError(f"{name} is empty; {TOLD}")
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<body", b"<script")):
        raise RequestError(
            f"{name} is a web page or XML, not a table: a site often answers so when a file has "
            "moved. Open the address in a browser and download the file itself"
        )
    if head.startswith(b"PK"):
        return "workbook"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise RequestError(f"{name} is a workbook of the old kind (.xls); save it as .xlsx or CSV")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RequestError(f"{name} is UTF-16 text; save it as CSV in UTF-8")
    if _is_dbase(head):
        return "dbase"
    if b"\x00" in head:
        raise RequestError(f"{name} is neither text, a workbook nor a dBase file; {TOLD}")
    return "text"


def _is_dbase(head: bytes) -> bool:
    """Tell a dBase file by the arithmetic of its header."""
    if len(head) < 65 or head[0] & 0x07 != 3 or not 1 <= head[2] <= 12 or not 1 <= head[3] <= 31:
        return False
    size = int.from_bytes(head[8:10], "little")
    return size > 32 and (size <= len(head) and head[(size - 1) // 32 * 32] == 0x0D)


def _is_workbook(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except BROKEN as error:
        raise RequestError(f"{name} is a broken or cut-off zip file; {TOLD}") from error


def check_workbook(path: Path, name: str) -> None:
    """Refuse what only begins as a workbook does.

    Raises
    ------
    RequestError
        When it is an archive in an archive, or unpacks to more than a workbook does.
    """
    if not _is_workbook(path, name):
        raise RequestError(f"{name} is an archive inside an archive; unpack the outer one first")
    with zipfile.ZipFile(path) as archive:
        # A member gives no more bytes than it says: zipfile stops there.
        size = sum(info.file_size for info in archive.infolist())
    if size > max(SMALL, RATIO * path.stat().st_size):
        raise RequestError(
            f"{name} unpacks to {size:,} bytes, {RATIO} times its size or more: no official file "
            "does. Nothing was kept"
        )


def _gzipped(path: Path) -> Part:
    def copy(folder: Path) -> Path:
        with gzip.open(path) as source:
            return _unpack(
                source,  # type: ignore[arg-type]
                folder / "member",
                path.name,
                path.stat().st_size,
            )

    try:
        with gzip.open(path) as source:
            head = source.read(HEAD)
    except BROKEN as error:
        raise RequestError(f"{path.name} is a broken or cut-off gzip file; {TOLD}") from error
    return Part(path.name, "", "gzip", _kind(head, path.name), head, copy)


def _zipped(path: Path) -> tuple[list[Part], list[str]]:
    parts, refused = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MEMBERS:
                raise RequestError(
                    f"{path.name} holds more than {MEMBERS:,} files: no official archive does. "
                    "Unpack it and give the file with the table"
                )
            for info in archive.infolist():
                inside = PurePosixPath(info.filename.replace("\\", "/"))
                if inside.is_absolute() or ".." in inside.parts or ":" in "".join(inside.parts[:1]):
                    raise RequestError(
                        f'{path.name} holds the path "{info.filename}", which leads out of the '
                        "folder: nobody packs so in good faith. Nothing was unpacked"
                    )
                if info.is_dir() or not info.file_size or "__MACOSX" in inside.parts:
                    continue
                if info.flag_bits & 1:
                    raise RequestError(f"{path.name} is locked with a password; unpack it first")
                with archive.open(info) as member:
                    head = member.read(HEAD)
                try:
                    parts.append(_member(path, info, _kind(head, info.filename), head))
                except RequestError as error:
                    refused.append(str(error))
    except BROKEN as error:
        raise RequestError(f"{path.name} is a broken or cut-off zip file; {TOLD}") from error
    if not parts:
        reasons = "; ".join(refused) or "it is empty"
        raise RequestError(f"{path.name} holds no table: {reasons}")
    return parts, refused


def _member(path: Path, info: zipfile.ZipInfo, kind: str, head: bytes) -> Part:
    def copy(folder: Path) -> Path:
        with zipfile.ZipFile(path) as archive, archive.open(info) as source:
            return _unpack(source, folder / "member", path.name, info.compress_size)

    return Part(path.name, info.filename, "zip", kind, head, copy)


def _unpack(source: IO[bytes], target: Path, name: str, packed: int) -> Path:
    """Copy an archive's member, whatever it claims to hold, and stop at the ceiling."""
    most = min(LARGEST, max(SMALL, RATIO * packed))
    try:
        with target.open("wb") as out:
            while chunk := source.read(2**20):
                if out.tell() + len(chunk) > most:
                    raise RequestError(
                        f"{name} unpacks to more than {most:,} bytes, {RATIO} times its size or "
                        "more: no official file does. Nothing was kept"
                    )
                out.write(chunk)
    except BROKEN as error:
        raise RequestError(f"{name} is a broken or cut-off archive; {TOLD}") from error
    except RequestError:
        target.unlink(missing_ok=True)
        raise
    return target
