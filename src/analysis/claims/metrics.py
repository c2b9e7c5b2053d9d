"""The catalogue of measures: found by name, asked in the ledger's words, each with its unit.

A measure is a function ``measure_*`` of a module in `analysis.claims.measures`. Its keyword
arguments are what a claim states. An argument with a fixed list of values and no default is an
axis: what a claim does not state of it stays open, and every value is a reading of the claim.
"""

import inspect
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pandas as pd

from analysis.claims import measures
from analysis.claims.evidence import Measurement, NoDataError
from analysis.claims.expression import SAID, SPELLED, Call, parse_call, write_call
from analysis.claims.measures.consistency import Printed
from analysis.errors import RequestError, unknown
from analysis.modelling.result import Note
from analysis.parameters import accepted_values, check, find_functions


@dataclass(frozen=True)
class Reading:
    """A measure under one choice of everything that can be chosen, with what came out.

    Attributes
    ----------
    text : str
        The measure as a ledger would write it.
    stated : bool
        Whether the claim's wording allows this choice.
    choice : tuple of (str, str)
        The value of each axis.
    found : Measurement or None
        None where no figure is held; ``reason`` says why.
    """

    text: str
    stated: bool
    choice: tuple[tuple[str, str], ...]
    found: Measurement | None
    reason: Note | None = None


@cache
def find_measures() -> dict[str, Callable]:
    """Give every measure by the name a ledger uses."""
    return find_functions(measures, "measure_")


def list_measures() -> pd.DataFrame:
    """Give one row a measure: ``measure``, what it gives, its ``unit`` and its ``arguments``.

    Examples
    --------
    >>> list_measures().set_index("measure").loc["homicide_rate", "unit"]
    'per 100k'
    """
    rows = []
    for name, function in find_measures().items():
        summary = (function.__doc__ or "").partition("\n")[0]
        rows.append(
            {
                "measure": name,
                "gives": summary,
                "unit": " or ".join(units_of(name)) or "that of the claims or the table",
                "arguments": ", ".join(_describe_arguments(function)),
            }
        )
    return pd.DataFrame(rows)


def _describe_arguments(function: Callable) -> Iterator[str]:
    hints = get_type_hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        word = SAID.get(name, name)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            yield "COLUMN=value ..."
        elif parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            many = parameter.kind is inspect.Parameter.VAR_POSITIONAL
            yield f"{word.upper()} ..." if many else word.upper()
        elif get_origin(hints[name]) is Literal:
            yield f"{word}={'|'.join(map(str, get_args(hints[name])))}"
        elif parameter.default is inspect.Parameter.empty:
            yield f"{word}="
        else:
            yield f"[{word}=]"


def units_of(name: str) -> tuple[str, ...]:
    """Give the units a measure can be claimed in; none where the table or the claims decide."""
    return getattr(find_measures()[name], "units", ())


def axes_of(function: Callable) -> dict[str, tuple[str, ...]]:
    """Give the arguments that may stay open, with all their values."""
    hints, subject = get_type_hints(function), getattr(function, "subject", "")
    return {
        name: tuple(map(str, get_args(hints[name])))
        for name, parameter in inspect.signature(function).parameters.items()
        if get_origin(hints.get(name)) is Literal
        and parameter.default is parameter.empty
        and name != subject
    }


@dataclass(frozen=True)
class Asked:
    """A call checked against the catalogue: function, claims or words, axes, other arguments."""

    call: Call
    function: Callable
    stated: dict[str, tuple[str, ...]]
    axes: dict[str, tuple[str, ...]]

    @property
    def takes_claims(self) -> bool:
        """Whether the values without a name are claims of the ledger."""
        hints = get_type_hints(self.function)
        first = next(iter(inspect.signature(self.function).parameters), "")
        return hints.get(first) is Printed


def check_call(text: str) -> Asked:
    """Read a measure and check its name, its arguments and their values; nothing is computed.

    Raises
    ------
    RequestError
        For what is unknown or lacking, with what is accepted.
    """
    call = parse_call(text)
    if call.measure not in find_measures():
        raise unknown("measure", call.measure, find_measures())
    function = find_measures()[call.measure]
    parameters = inspect.signature(function).parameters
    kinds = {name: parameter.kind for name, parameter in parameters.items()}
    open_columns = inspect.Parameter.VAR_KEYWORD in kinds.values()
    keys = accepted_values(function)
    stated = _spell(call, keys)
    axes = axes_of(function)
    for choice in _choices(stated):
        known = {key: value for key, value in choice.items() if key in keys or not open_columns}
        check(function, _whole_years(known))
    needed = {k for k, p in keys.items() if p.default is p.empty and k not in axes}
    if lacking := sorted(needed - set(stated)):
        words = [SAID.get(key, key) for key in lacking]
        raise RequestError(f"{call.measure} needs {', '.join(words)}")
    _check_names(call, kinds)
    return Asked(call, function, stated, axes)


def _spell(call: Call, keys: Container[str]) -> dict[str, tuple[str, ...]]:
    """Give what is asked by the function's own names."""
    spelled: dict[str, tuple[str, ...]] = {}
    for word, values in call.asked:
        key = SPELLED[word] if SPELLED.get(word) in keys else word
        if key in spelled:
            raise RequestError(f"{call.measure} is given {SAID.get(key, key)} twice")
        spelled[key] = values
    return spelled


def _check_names(call: Call, kinds: dict[str, Any]) -> None:
    many = inspect.Parameter.VAR_POSITIONAL in kinds.values()
    least = sum(kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for kind in kinds.values())
    if len(call.names) < max(least, int(many)) or (not many and len(call.names) > least):
        wanted = "at least one" if many else str(least or "no")
        raise RequestError(
            f"{call.measure} takes {wanted} value(s) without a name, not {len(call.names)}"
        )


def _whole_years(asked: dict[str, str]) -> dict[str, str]:
    """Let a year stand for its first month where a period begins and its last where it ends."""
    months = {"start": "-01", "end": "-12"}
    return {
        key: value + months[key] if key in months and re.fullmatch(r"\d{4}", value) else value
        for key, value in asked.items()
    }


def _choices(values: dict[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))


def take_readings(asked: Asked, printed: Callable[[str], Any]) -> list[Reading]:
    """Compute a measure under every choice, what the claim states first.

    Parameters
    ----------
    asked : Asked
        From `check_call`.
    printed : callable
        Gives what stands for a value without a name, for example a claim of the ledger.
    """
    keys = accepted_values(asked.function)
    every = {**asked.stated, **asked.axes}
    inside = {**asked.axes, **asked.stated}
    readings: list[Reading] = []
    for choice in _choices(every):
        stated = all(choice[key] in values for key, values in inside.items())
        known = _whole_years({k: v for k, v in choice.items() if k in keys})
        values = check(asked.function, known) | {k: v for k, v in choice.items() if k not in keys}
        text = write_call(asked.call.measure, asked.call.names, choice)
        axis = tuple((key, choice[key]) for key in every if key in asked.axes)
        try:
            given = asked.function(*map(printed, asked.call.names), **values)
        except NoDataError as absent:
            readings.append(Reading(text, stated, axis, None, absent.reason))
            continue
        for found in given if isinstance(given, list) else [given]:
            lacking = found.reason if isinstance(found, NoDataError) else None
            readings.append(Reading(text, stated, axis, None if lacking else found, lacking))
    return _distinct(sorted(readings, key=lambda reading: not reading.stated))


def _distinct(readings: list[Reading]) -> list[Reading]:
    """Leave out a reading that repeats an earlier one: the same rows, or the same want of them."""
    seen, kept = set(), []
    for reading in readings:
        found = reading.found
        why = (reading.stated, reading.reason)
        key = (found.value, found.evidence, found.arithmetic) if found else why
        if key not in seen:
            kept.append(reading)
        seen.add(key)
    return kept


def measure(text: str) -> pd.DataFrame:
    """Measure what a ledger's line asks, in a notebook, under every reading.

    Returns
    -------
    pandas.DataFrame
        One row a reading: ``measure`` as a ledger would write it, ``stated`` (the line allows
        it), ``label, value, unit, arithmetic`` (or why there is no figure), ``evidence`` (raw
        tables with the number of their lines) and ``sources``.

    Raises
    ------
    RequestError
        When the line asks for something unknown.

    Examples
    --------
    >>> found = measure("homicides_total(source=inegi, vintage=final, from=2023, to=2023)")
    >>> float(found.loc[0, "value"]), found.loc[0, "evidence"]
    (32252.0, 'inegi_homicides_national: 1')
    """
    asked = check_call(text)
    if asked.takes_claims:
        raise RequestError(f"{asked.call.measure} works on claims of a ledger, not by itself")
    rows = []
    for reading in take_readings(asked, str):
        found = reading.found
        cited = found.evidence if found else ()
        rows.append(
            {
                "measure": reading.text,
                "stated": reading.stated,
                "label": found.label if found else "",
                "value": found.value if found else None,
                "unit": found.unit if found else "",
                "arithmetic": str(found.arithmetic if found else reading.reason),
                "evidence": "; ".join(f"{item.table}: {len(item.rows)}" for item in cited),
                "sources": "; ".join(dict.fromkeys(item.source for item in cited)),
            }
        )
    return pd.DataFrame(rows)
