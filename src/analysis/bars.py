"""A bar that shows how far long work is, where somebody looks on."""

import os
import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

from analysis.results import VARIABLE as RESULTS

# Seconds after which a bar is shown: what ends sooner needs none.
PATIENCE = 1.0


T = TypeVar("T")


def follow(items: Iterable[T], words: str, *, total: int | None = None) -> Iterable[T]:
    """Go through items, and show how many are done, of a total that items without length need.

    The bar is on standard error, in a terminal and in a notebook that is open in JupyterLab. In
    reports, scripts and on workers nothing is written.

    Examples
    --------
    >>> [one + 1 for one in follow([1, 2], "samples")]
    [2, 3]
    """
    hidden = not _is_watched()
    return tqdm(items, words, total, leave=False, delay=PATIENCE, disable=hidden, unit="")


def _is_watched() -> bool:
    # Jupyter's server names the notebook to the kernels that it starts; papermill does not.
    open_notebook = "JPY_SESSION_NAME" in os.environ and RESULTS not in os.environ
    return open_notebook or sys.stderr.isatty()
