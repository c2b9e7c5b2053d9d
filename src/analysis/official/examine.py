"""Whether what came from an address is the file that its descriptor describes."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError, DataError, RequestError
from analysis.files import hash_file
from analysis.official.container import LARGEST, RATIO, SMALL, open_parts


def examine(
    path: Path, file: dict[str, Any], old: Path, recognise: Callable[[Path], str | None] | None
) -> None:
    """Refuse what is not the file of the descriptor, or no file of data at all.

    Content comes first: of a web page, its size is not what is wrong with it.

    Parameters
    ----------
    path : pathlib.Path
        What came, under the name that it is to have; its folder has room to unpack it.
    file : dict
        The descriptor: ``bytes``, ``hash``, ``format``, each where known.
    old : pathlib.Path
        The file in place, if there is one.
    recognise : callable or None
        Names the official format of a file.

    Raises
    ------
    RequestError
        When it is empty, a web page, or an archive that is broken or made to do harm.
    DataError
        When its size, content or format is not the recorded one.
    """
    size = path.stat().st_size
    _unpack(path)
    least, most = file.get("bytes", (1, size))
    if not least <= size <= most:
        raise DataError(
            f"{path.name} has {size:,} bytes; expected {least:,} to {most:,}. When the file at the "
            "address is right, correct bytes in its descriptor"
        )
    if "hash" in file and (found := f"sha256:{hash_file(path)}") != file["hash"]:
        raise DataError(
            f"{path.name} is not the recorded file: got {found}, expected {file['hash']}. When the "
            "producer has revised it, look what has changed and record the new hash"
        )
    was = old.stat().st_size if old.is_file() else 0
    if not {"bytes", "hash"} & file.keys() and 2 * size < was:
        raise DataError(
            f"{path.name} has {size:,} bytes, less than half of the {was:,} of the file in place, "
            "which stays. When the new one is right, give its descriptor bytes"
        )
    if recognise and "format" in file and (known := recognise(path)) != file["format"]:
        raise DataError(f'{path.name} is "{known or "no known format"}"; expected {file["format"]}')


def _unpack(path: Path) -> None:
    """Open a file to the last byte, since an archive shows only then what it is.

    Raises
    ------
    RequestError
        When it is a web page, or an archive that is broken or made to do harm.
    """
    total = 0
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as name:
            for part in open_parts(path)[0]:
                copy = part.copy(Path(name))
                total += copy.stat().st_size
                # A workbook is an archive again.
                total += _weigh(copy) if part.kind == "workbook" else 0
                if total > LARGEST:
                    raise RequestError(f"{path.name} unpacks to more than {LARGEST:,} bytes")
    except (AnalysisError, OSError):
        raise
    except Exception as error:
        # An archive made to do harm makes zipfile stumble over more than it says it would.
        raise RequestError(f"{path.name} can not be opened ({error})") from error


def _weigh(path: Path) -> int:
    """Count the bytes in a workbook, as far as an honest one goes."""
    total, most = 0, max(SMALL, RATIO * path.stat().st_size)
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            with book.open(name) as member:
                while chunk := member.read(2**20):
                    total += len(chunk)
                    if total > most:
                        raise RequestError(f"{path.name} unpacks to more than {most:,} bytes")
    return total
