"""Files of the project: their hashes, and writing that nobody sees half of."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


def hash_file(path: Path) -> str:
    """Give the SHA-256 of a file as hexadecimal text; one that did not change is not read again."""
    state = path.stat()
    return _hash_file(path, state.st_mtime_ns, state.st_size, state.st_ino)


@cache
def _hash_file(path: Path, changed: int, size: int, number: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_code(patterns: tuple[str, ...] = ("**/*",)) -> str:
    """Give one SHA-256 over the files of this package that match, by name and content."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in package.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(package).as_posix()} {hash_file(path)}".encode())
    return digest.hexdigest()


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a path beside the wanted one to write to; moved into place when the block succeeds.

    Nobody ever sees half a file; after an error the old file stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        # A full disk does not say of which file.
        error.filename = error.filename or str(path)
        raise
    finally:
        part.unlink(missing_ok=True)
