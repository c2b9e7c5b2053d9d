"""What parameters mean: the same names and checks for models, notebooks and commands."""

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from analysis.calendar import month_text, parse_month
from analysis.errors import RequestError, unknown
from analysis.geography import find_state
from analysis.sources import describe

Source = Literal["sesnsp", "inegi"]
Series = Literal["force_strength", "assigned_inegi", "deployed"]

# The months each source of homicides covers, read from its table's descriptor.
SOURCES: dict[Source, str] = {
    "sesnsp": "sesnsp_victims_state_month",
    "inegi": "inegi_homicides_state_month",
}
SHORTEST = 24
# A year of INEGI's monthly table that holds less than this share of the official total is marked.
COMPLETE = 0.975


def _choice(name: str, kind: Any) -> Callable[[Any], str]:
    def choose(value: Any) -> str:
        if value not in get_args(kind):
            raise unknown(f"value of {name}", str(value), map(str, get_args(kind)))
        return value

    return choose


def _states(value: str) -> str:
    return ",".join(find_state(name).cve_ent for name in value.split(",") if name.strip())


def _month(value: str) -> str:
    return month_text(parse_month(value))


def _months(value: str) -> str:
    """Give months separated by commas in order; a month named twice is refused."""
    months = sorted(_month(part.strip()) for part in value.split(","))
    if len(set(months)) < len(months):
        raise RequestError(f'"{value}" names a month twice; name each once')
    return ",".join(months)


def _at_least(name: str, least: int) -> Callable[[int], int]:
    def refuse(value: int) -> int:
        if value < least:
            raise RequestError(f"{name} must be at least {least}, not {value}")
        return value

    return refuse


# Fewer draws can not show a p-value of 5 %.
FEWEST_DRAWS = 19

# What a parameter of this name must be, whoever asks for it.
MEANINGS: dict[str, Callable[[Any], Any]] = {
    "state": lambda value: find_state(value).name,
    "source": _choice("source", Source),
    "series": _choice("series", Series),
    "start": _month,
    "end": _month,
    "event": _month,
    "forced": _month,
    "events": _months,
    "breaks": _months,
    "drop": _states,
    "seed": _at_least("seed", 0),
    "draws": _at_least("draws", FEWEST_DRAWS),
}


def convert(name: str, value: Any, kind: type) -> Any:
    """Turn a value, possibly text, into the kind a parameter has.

    Raises
    ------
    RequestError
        When the value is not of that kind.

    Examples
    --------
    >>> convert("lag", "-3", int)
    -3
    """
    if isinstance(value, bool) and kind is not bool:
        raise RequestError(f"{name} must be {kind.__name__}, not {value!r}")
    try:
        if kind is int and isinstance(value, float) and value != int(value):
            raise ValueError
        if "_" in str(value) and kind in (int, float):
            raise ValueError
        if kind is bool and str(value).lower() not in ("true", "false"):
            raise ValueError
        return str(value).lower() == "true" if kind is bool else kind(value)
    except (TypeError, ValueError) as error:
        raise RequestError(f'{name} must be {kind.__name__}, not "{value}"') from error


def mean(name: str, value: Any) -> Any:
    """Give a parameter's value in its one spelling, for example ``GTO`` as ``Guanajuato``.

    Raises
    ------
    RequestError
        When the value is not accepted; the message says what is.

    Examples
    --------
    >>> mean("state", "GTO"), mean("anything else", 3)
    ('Guanajuato', 3)
    """
    absent = value is None or value == ""
    return MEANINGS[name](value) if name in MEANINGS and not absent else value


def find_functions(package: ModuleType, prefix: str) -> dict[str, Callable]:
    """Give the functions of a package's modules whose names begin so, by what follows, in order."""
    found = {}
    for item in iter_modules(package.__path__, f"{package.__name__}."):
        module = import_module(item.name)
        for name, function in vars(module).items():
            if name.startswith(prefix) and function.__module__ == module.__name__:
                found[name.removeprefix(prefix)] = function
    return dict(sorted(found.items()))


def accepted_values(function: Callable) -> dict[str, inspect.Parameter]:
    """Give the keyword-only parameters of a function: what a request may set."""
    parameters = inspect.signature(function).parameters
    return {k: p for k, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}


def check(function: Callable, given: dict[str, Any]) -> dict[str, Any]:
    """Check what is asked of a function against its keyword-only parameters.

    Text is turned into the annotated kind; a ``Literal`` annotation lists what is accepted.

    Raises
    ------
    RequestError
        For a name the function does not have, or a value it does not accept.
    """
    accepted = accepted_values(function)
    hints = get_type_hints(function)
    checked = {}
    for name, value in given.items():
        if name not in accepted:
            raise unknown("parameter", name, accepted)
        hint = hints[name]
        if get_origin(hint) is Literal:
            checked[name] = _choice(name, hint)(value)
        else:
            kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
            checked[name] = mean(name, convert(name, value, kinds[0]))
    return checked


def check_period(start: str, end: str | None, source: str) -> tuple[str, str]:
    """Give the first and last month of a window that the source covers.

    An empty ``start`` is the source's first month, an empty ``end`` its last.

    Raises
    ------
    RequestError
        When the window is turned round, shorter than two years, or outside the data.

    Examples
    --------
    >>> check_period("2019-07", None, "sesnsp")
    ('2019-07', '2025-06')
    """
    coverage = describe(SOURCES[mean("source", source)])["coverage"]
    first, last = coverage["first"], coverage["last"]
    start, end = month_text(parse_month(start or first)), month_text(parse_month(end or last))
    if start < first or end > last:
        raise RequestError(f"{source} covers {first} to {last}; asked for {start} to {end}")
    months = (parse_month(end).to_period("M") - parse_month(start).to_period("M")).n + 1
    if months < SHORTEST:
        raise RequestError(
            f"{start} to {end} is {max(months, 0)} months; a trend needs at least {SHORTEST}, with "
            "start before end"
        )
    return start, end


def check_draws(draws: int, seed: int) -> None:
    """Refuse too few draws, or a seed that is none.

    Raises
    ------
    RequestError
        With what is accepted.

    Examples
    --------
    >>> check_draws(999, 1)
    """
    mean("draws", draws)
    mean("seed", seed)
