"""Measures of a document against itself: its totals, daily figures, rates and lists."""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.calendar import PER, parse_month
from analysis.claims.evidence import Measurement, plain
from analysis.claims.measures.averages import exposure_of
from analysis.claims.units import DEATHS, in_units
from analysis.errors import RequestError
from analysis.modelling.result import Note, join_notes


@dataclass(frozen=True)
class Printed:
    """A number as a document prints it.

    Attributes
    ----------
    id : str
        Of the claim.
    value, low, high : float
        In whole units; ``low`` and ``high`` are what rounds to the printed number.
    unit, period, state : str
        As the claim states them.
    """

    id: str
    value: float
    low: float
    high: float
    unit: str
    period: str
    state: str = ""


def _check_unit(printed: Printed, accepted: tuple[str, ...], measure: str) -> None:
    if printed.unit not in accepted:
        raise RequestError(
            f"{measure} takes {' or '.join(accepted)}; claim {printed.id} is in {printed.unit}"
        )


def _months(printed: Printed) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and last month of a claim's period."""
    if not printed.period:
        raise RequestError(f"claim {printed.id} states no period")
    first, _, last = printed.period.partition("/")
    ends = [
        text + add if len(text) == 4 else text
        for text, add in ((first, "-01"), (last or first, "-12"))
    ]
    return parse_month(ends[0]), parse_month(ends[1])


@in_units()
def measure_sum_of(*claims: Printed) -> Measurement:
    """Sum of what other claims print, in their unit: components against a total.

    Parameters
    ----------
    *claims : Printed
        What other claims print, all in one unit.

    Returns
    -------
    Measurement
        In that unit; ``low`` and ``high`` are what rounding leaves open.

    Examples
    --------
    >>> parts = [Printed(f"c{n}", n, n, n, "guards", "2019") for n in (51915, 12837, 17955)]
    >>> measure_sum_of(*parts).value
    82707
    """
    if len(units := {claim.unit for claim in claims}) > 1:
        raise RequestError(f"sum_of adds claims of one unit, not {', '.join(sorted(units))}")
    value = sum(claim.value for claim in claims)
    low, high = sum(claim.low for claim in claims), sum(claim.high for claim in claims)
    return Measurement(
        value=value,
        unit=claims[0].unit,
        arithmetic=Note(
            "{parts} = {value}",
            parts=" + ".join(plain(claim.value) for claim in claims),
            value=plain(value),
        ),
        low=low,
        high=high,
        internal=True,
        label=", ".join(claim.id for claim in claims),
    )


@in_units("persons per day", "deaths per day", "victims per day")
def measure_per_day(total: Printed) -> Measurement:
    """A printed total divided by the days of its period.

    Parameters
    ----------
    total : Printed
        A claim of deaths, victims or persons with its period.

    Returns
    -------
    Measurement
        Persons per day.

    Examples
    --------
    >>> total = Printed("c02", 171085, 171084.5, 171085.5, "deaths", "2018-12/2023-11")
    >>> round(measure_per_day(total).value, 1)
    93.7
    """
    _check_unit(total, (*DEATHS, "persons"), "per_day")
    first, last = _months(total)
    days = (last + pd.DateOffset(months=1) - first).days
    return Measurement(
        value=total.value / days,
        unit="persons per day",
        arithmetic=Note("{total} / {days} days", total=plain(total.value), days=plain(days)),
        low=total.low / days,
        high=total.high / days,
        internal=True,
        label=total.id,
    )


@in_units("per 100k")
def measure_rate_of(count: Printed) -> Measurement:
    """A printed count of a place and period divided by CONAPO's person-years.

    Parameters
    ----------
    count : Printed
        A claim of deaths or victims with its period and place.

    Returns
    -------
    Measurement
        Per 100,000 person-years.

    Examples
    --------
    >>> count = Printed("c37", 883, 882.5, 883.5, "deaths", "2023", "Colima")
    >>> round(measure_rate_of(count).value, 1)
    116.7
    """
    _check_unit(count, DEATHS, "rate_of")
    exposure, cited = exposure_of(*_months(count), count.state)
    return Measurement(
        value=count.value / exposure * PER,
        unit="per 100k",
        arithmetic=Note(
            "{count} x 100,000 / {exposure} person-years (population x days / 365.25)",
            count=plain(count.value),
            exposure=plain(round(exposure)),
        ),
        evidence=cited,
        low=count.low / exposure * PER,
        high=count.high / exposure * PER,
        internal=True,
        label=count.id,
    )


@in_units("persons")
def measure_implied_population(count: Printed, rate: Printed) -> Measurement:
    """The population that a printed count and the rate printed beside it imply.

    ``low`` and ``high`` are what the rounding of both leaves open.

    Parameters
    ----------
    count, rate : Printed
        A claim of deaths or victims, and one of their rate per 100,000 inhabitants.

    Returns
    -------
    Measurement
        Persons.

    Examples
    --------
    >>> count = Printed("c37", 883, 882.5, 883.5, "deaths", "2023", "Colima")
    >>> rate = Printed("c38", 117, 116.5, 117.5, "per 100k", "2023", "Colima")
    >>> found = measure_implied_population(count, rate)
    >>> round(found.low), round(found.value), round(found.high)
    (751064, 754701, 758369)
    """
    _check_unit(count, DEATHS, "implied_population")
    _check_unit(rate, ("per 100k",), "implied_population")
    if min(rate.low, count.low) <= 0:
        raise RequestError(f"{count.id} and {rate.id} imply a population only when above zero")
    return Measurement(
        value=count.value / rate.value * PER,
        unit="persons",
        arithmetic=Note(
            "{count} / {rate} x 100,000", count=plain(count.value), rate=plain(rate.value)
        ),
        low=count.low / rate.high * PER,
        high=count.high / rate.low * PER,
        internal=True,
        label=f"{count.id}, {rate.id}",
    )


@in_units("consistency")
def measure_populations_off(*claims: Printed) -> list[Measurement]:
    """How far each printed pair of count and rate implies another population than CONAPO's.

    Claims come in pairs, a count and its rate. A pair gives 0 where the population it implies,
    rounding allowed for, holds CONAPO's; else the distance to it in percent.

    Parameters
    ----------
    *claims : Printed
        A count, its rate, the next count, its rate, and so on.

    Returns
    -------
    list of Measurement
        One a pair.

    Examples
    --------
    >>> pair = [Printed("c37", 883, 882.5, 883.5, "deaths", "2023", "Colima"),
    ...         Printed("c38", 117, 116.5, 117.5, "per 100k", "2023", "Colima")]
    >>> [found.value for found in measure_populations_off(*pair)]
    [0.0]
    """
    if len(claims) % 2:
        raise RequestError("populations_off takes pairs of claims: a count and its rate")
    found = []
    for count, rate in zip(claims[::2], claims[1::2], strict=True):
        implied = measure_implied_population(count, rate)
        exposure, cited = exposure_of(*_months(count), count.state)
        low, high = implied.low or 0.0, implied.high or 0.0
        nearest = min(max(exposure, low), high)
        found.append(
            replace(
                implied,
                value=abs(nearest / exposure - 1) * 100,
                unit="consistency",
                arithmetic=Note(
                    "{place}: {count} / {rate} implies {low} to {high}; CONAPO's person-years "
                    "{exposure}",
                    place=count.state or "Mexico",
                    count=plain(count.value),
                    rate=plain(rate.value),
                    low=plain(round(low)),
                    high=plain(round(high)),
                    exposure=plain(round(exposure)),
                ),
                evidence=cited,
                low=None,
                high=None,
                label=count.state or "Mexico",
            )
        )
    return found


@in_units("count")
def measure_count_of(*names: str) -> Measurement:
    """How many different things a document names itself.

    Parameters
    ----------
    *names : str
        What is named; what is named twice counts once.

    Returns
    -------
    Measurement
        A count.

    Examples
    --------
    >>> measure_count_of("Tijuana", "León", "Celaya").value
    3.0
    """
    listed = list(dict.fromkeys(names))
    return Measurement(
        value=float(len(listed)),
        unit="count",
        arithmetic=Note("{n} named: {names}", n=len(listed), names=join_notes(listed, ", ")),
        internal=True,
    )
