"""What can go wrong, each with the exit code of the command line.

A message says what happened, where, what was expected and how to mend it.
"""

import os
import traceback
from collections.abc import Iterable
from difflib import get_close_matches


class AnalysisError(Exception):
    """Something in the data, a model or a report failed (exit code 1)."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """Tell IPython what to show: the line of the cell and the message, not our insides.

        With ``ANALYSIS_DEBUG`` set it is everything.
        """
        if os.environ.get("ANALYSIS_DEBUG"):
            return traceback.format_exception(self)
        frames = traceback.extract_tb(self.__traceback__)
        cells = [
            frame
            for frame in frames
            if "ipython" in frame.filename.lower() or "ipykernel" in frame.filename
        ]
        where = [f"line {frame.lineno}: {frame.line}" for frame in cells[-1:]]
        return [*where, f"{type(self).__name__}: {self}"]


class DataError(AnalysisError):
    """A table is not what its descriptor says."""


class ModelError(AnalysisError):
    """A model can not be estimated from the frame it was given."""


class ReportError(AnalysisError):
    """A report did not run, or is not the report that was asked for."""


class RequestError(AnalysisError):
    """The request itself was wrong: an unknown name or a bad value (exit code 2)."""

    exit_code = 2


def unknown(what: str, value: str, accepted: Iterable[str]) -> RequestError:
    """Give the error for a name that is not known, with the nearest names first.

    Examples
    --------
    >>> print(unknown("source", "sesnps", ["inegi", "sesnsp"]))
    unknown source "sesnps"; did you mean sesnsp? Accepted: inegi, sesnsp
    """
    names = list(accepted)
    near = get_close_matches(value.casefold(), names, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    value = value if len(value) <= 80 else value[:80] + "…"
    return RequestError(f'unknown {what} "{value}"; {hint}Accepted: {", ".join(names) or "none"}')
