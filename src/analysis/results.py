"""Results of models kept on disk, so that reports of one run do not estimate the same twice.

A run of reports sets `VARIABLE` for its kernels; elsewhere every model is estimated. A result is
used again only for the same function, frames and options, code and packages.
"""

import functools
import hashlib
import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.files import hash_code, hash_file, written_beside
from analysis.reads import note_read, noting
from analysis.sources import root

# Names the folder; without it nothing is kept.
VARIABLE = "ANALYSIS_RESULTS"
FOLDER = "data/processed/results"
# The code that estimates depend on, below ``analysis``.
ESTIMATORS = ("*.py", "modelling/*.py")
# Days after which a result that nobody asked for is removed.
DAYS = 30


def kept(function: Callable) -> Callable:
    """Give a function that first looks for its result, and keeps what it had to estimate."""

    @functools.wraps(function)
    def look(*args: Any, **options: Any) -> Any:
        folder = os.environ.get(VARIABLE)
        key = _key(function, args, options) if folder else ""
        if not folder or not key:
            return function(*args, **options)
        path = Path(folder) / f"{key}.pickle"
        with suppress(OSError, pickle.UnpicklingError, EOFError):
            result, reads = pickle.loads(path.read_bytes())
            os.utime(path)
            for read in reads:
                note_read(*read)
            return result
        with noting() as reads:
            result = function(*args, **options)
        # A full disk keeps nobody from the result.
        with suppress(OSError), written_beside(path) as part:
            part.write_bytes(pickle.dumps((result, sorted(reads))))
        return result

    return look


def remove_old(folder: Path) -> None:
    """Remove results that nobody has asked for in a while."""
    for path in folder.glob("*.pickle"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - DAYS * 86_400:
                path.unlink()


def _key(function: Callable, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    """Name what a result depends on; nothing where an argument is no frame and no plain value."""
    words = [function.__module__, function.__qualname__]
    for name, value in [*enumerate(args), *sorted(options.items())]:
        if isinstance(value, pd.DataFrame):
            rows = pd.util.hash_pandas_object(value).to_numpy().tobytes()
            head = repr([(name, kind) for name, kind in value.dtypes.items()])
            words += [str(name), hashlib.sha256(rows).hexdigest(), head, repr(value.attrs)]
        elif isinstance(value, str | int | float | bool | None):
            words += [str(name), repr(value)]
        else:
            return ""
    words += [hash_code(ESTIMATORS), hash_file(root() / "requirements.lock")]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
