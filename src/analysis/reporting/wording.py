"""Claims and verdicts in the words and numbers of a page."""

from analysis.claims.ledger import Claim
from analysis.claims.rules import COUNTS, Judged
from analysis.claims.shape import QUALIFIERS
from analysis.claims.verdicts import VERDICTS, Verdict
from analysis.modelling.result import Note
from analysis.reporting.marks import VERDICT_MARKS
from analysis.reporting.text import code, given, number
from analysis.reporting.text import translate as _

# Units whose number needs no word beside it.
BARE = ("year", "count")
# In the order of a page; a claim that could not be evaluated comes first.
ORDER = ("", *VERDICTS)
NOT_EVALUATED = Note("could not be evaluated")


def verdict_word(verdict: str) -> str:
    """Name a verdict in the language of the page; an empty one as not evaluated."""
    return _(verdict or NOT_EVALUATED)


def marked_verdict(verdict: str) -> str:
    """Name a verdict with its symbol.

    Examples
    --------
    >>> marked_verdict("contradicted")
    '✗ contradicted'
    """
    return f"{VERDICT_MARKS[verdict][0]} {verdict_word(verdict)}"


def write_figure(value: float, digits: int | None = None) -> str:
    """Write a number without zeros at its end; two decimals, or four below one, unless told.

    Examples
    --------
    >>> write_figure(31062.0), write_figure(93.6939), write_figure(93.6939, 1)
    ('31,062', '93.69', '93.7')
    """
    if digits is None:
        digits = 4 if abs(value) < 1 else 2
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(text: str, unit: str) -> str:
    """Write a number with its unit, where it needs one."""
    if unit.startswith("level"):
        return _("level {value}").format(value=text)
    return text if unit in BARE else _("{value} {unit}").format(value=text, unit=given(unit))


def write_printed(claim: Claim) -> str:
    """Write the number a claim prints, digits as printed; empty where it prints none."""
    ends = claim.value.replace("–", "-").split("-") if claim.value[1:] else [claim.value]
    if not claim.value or claim.unit == "year" or not all(ends):
        return claim.value
    texts = [
        number(float(end.replace(",", "")), len(end.partition(".")[2]))
        for end in map(str.strip, ends)
    ]
    return _("{low} to {high}").format(low=texts[0], high=texts[1]) if texts[1:] else texts[0]


def write_claimed(claim: Claim) -> str:
    """Write what a claim states beside its words: qualifier, number, unit."""
    kind = QUALIFIERS.get(claim.qualifier, "")
    before = [given(claim.qualifier)] if claim.qualifier and kind != "arithmetic" else []
    value = [with_unit(write_printed(claim), claim.unit)] if claim.value else []
    return " ".join([*before, *value])


def write_found(verdict: Verdict) -> str:
    """Write what was found for a claim's number, one digit more than it prints; else empty."""
    if verdict.found is None or not verdict.claim.value:
        return ""
    if verdict.claim.unit == "year":
        return f"{verdict.found:.0f}"
    digits = len(verdict.claim.value.partition(".")[2]) + 1
    return write_figure(verdict.found, digits)


def write_period(claim: Claim) -> str:
    """Write a claim's period."""
    first, __, last = claim.period.partition("/")
    return _("{low} to {high}").format(low=code(first), high=code(last)) if last else code(first)


def deciding(verdict: Verdict) -> list[Judged]:
    """Give the readings that decide: allowed by the wording, with a figure that counts."""
    return [item for item in verdict.readings if item.stated and item.agreement in COUNTS]
