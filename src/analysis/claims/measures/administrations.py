"""The order of administrations by homicides."""

from typing import Literal

from analysis.calendar import ADMINISTRATIONS, PRESIDENTS
from analysis.claims.evidence import Measurement, NoDataError, plain
from analysis.claims.measures.homicides import sum_inegi_years
from analysis.claims.units import in_units
from analysis.claims.words import speak
from analysis.errors import unknown
from analysis.modelling.result import Note

# The one earlier term whose calendar years INEGI's totals hold.
BEFORE = {"Zedillo": 1995}


@in_units("ordinal")
def measure_administration_rank(
    *, term: str, span: Literal["first_five_years", "five_against_whole_terms", "whole_term"]
) -> Measurement:
    """Rank of an administration by homicides of its calendar years (INEGI), since Zedillo.

    Parameters
    ----------
    term : str
        ``fox``, ``calderon``, ``pena_nieto``, ``lopez_obrador`` or ``sheinbaum``.
    span : str
        The five calendar years after the one of taking office, these against all six of the
        others, or all six.

    Returns
    -------
    Measurement
        The rank; 1 is the administration with most homicides.

    Raises
    ------
    NoDataError
        When the term's years are not all published.

    Examples
    --------
    >>> measure_administration_rank(term="lopez_obrador", span="whole_term").value
    1.0
    """
    if term not in PRESIDENTS:
        raise unknown("term", term, PRESIDENTS)
    begins = {item.president: item.first.year + 1 for item in ADMINISTRATIONS}
    own, totals = PRESIDENTS[term], {}
    for president, begin in (BEFORE | begins).items():
        short = span == "first_five_years" or (president == own and span != "whole_term")
        try:
            totals[president] = sum_inegi_years(list(range(begin, begin + 6 - short)), "final")
        except NoDataError:
            continue
    if own not in totals:
        raise NoDataError(Note("the years of {term} are not complete", term=own))
    order = sorted(totals, key=lambda name: -totals[name].value)
    listed = ", ".join(f"{name} {plain(totals[name].value)}" for name in order)
    return Measurement(
        value=float(order.index(own) + 1),
        unit="ordinal",
        arithmetic=Note("calendar years, {span}: {listed}", span=speak(span), listed=listed),
        evidence=tuple(piece for name in order for piece in totals[name].evidence),
    )
