"""How a measure says what it counts."""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def in_units(*units: str, subject: str = "") -> Callable[[Function], Function]:
    """Give a measure the units a claim of it can be in, its own first.

    ``subject`` names the argument that says what is measured: another value of it is another
    question, never another reading of the same claim.
    """

    def mark(function: Function) -> Function:
        function.units, function.subject = units, subject  # type: ignore[attr-defined]
        return function

    return mark
