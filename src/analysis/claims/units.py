"""What measures count in, and how a claim may write it."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from analysis.errors import RequestError

Function = TypeVar("Function", bound=Callable[..., Any])

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
# A unit that is a multiple of another: 8 in 10 are 80 percent.
MULTIPLES = {"in 10": ("percent", 10.0), "in 100": ("percent", 1.0)}
DEATHS = ("deaths", "victims", "homicides")
GUARDS = ("guards", "persons", "members")
# What comes in whole ones: a fraction of it is a mistake in writing.
WHOLE = {*DEATHS, *GUARDS, "troops", "count", "rows", "year"}


def in_units(*units: str, subject: str = "") -> Callable[[Function], Function]:
    """Give a measure the units a claim of it can be in, its own first.

    ``subject`` names the argument that says what is measured: another value of it is another
    question, never another reading of the same claim.
    """

    def mark(function: Function) -> Function:
        function.units, function.subject = units, subject  # type: ignore[attr-defined]
        return function

    return mark


def read_unit(text: str) -> tuple[str, float]:
    """Give a claim's unit without its scale, and how many of it the claim's unit is.

    Examples
    --------
    >>> read_unit("billion USD"), read_unit("percent of adults"), read_unit("in 10")
    (('USD', 1000000000.0), ('percent of adults', 1.0), ('percent', 10.0))
    """
    if text in MULTIPLES:
        return MULTIPLES[text]
    scale, _, rest = text.partition(" ")
    return (rest, SCALES[scale]) if scale in SCALES and rest else (text, 1.0)


def check_unit(unit: str, accepted: tuple[str, ...], what: str) -> None:
    """Refuse a claim's unit that is not one of the measure's.

    Raises
    ------
    RequestError
        With the units that are.

    Examples
    --------
    >>> check_unit("million deaths", ("deaths", "victims"), "homicides_total")
    """
    if read_unit(unit)[0] not in accepted:
        raise RequestError(f'unit is "{unit}"; {what} gives {" or ".join(accepted)}')


def check_figure_unit(unit: str, found: str) -> None:
    """Refuse a claim's unit that is not how the unit of a table's figure begins.

    Raises
    ------
    RequestError
        With the unit of the figure.

    Examples
    --------
    >>> check_figure_unit("percent", "percent of adults aged 18 and over")
    """
    if not re.match(rf"{re.escape(read_unit(unit)[0])}(?![\w-])", found):
        raise RequestError(f'unit is "{unit}"; the figure is in {found}')
