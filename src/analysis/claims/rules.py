"""The rules: how far a reading agrees with a claim, and what its readings make of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.claims.evidence import Measurement, plain
from analysis.claims.ledger import Claim, Ledger
from analysis.claims.metrics import Reading
from analysis.claims.shape import QUALIFIERS
from analysis.claims.words import speak
from analysis.modelling.result import Note, join_notes

# Agreements that count towards a verdict, the best first.
COUNTS = ("yes", "near", "open", "no")
# What "approximately" leaves open, where the claim states no tolerance of its own.
APPROXIMATE = 0.02


@dataclass(frozen=True)
class Judged:
    """A reading with how far it agrees.

    ``agreement`` is ``yes`` (within the print's precision), ``near`` (within the tolerance),
    ``open`` (a trend without a clear direction), ``no``, ``own`` (the only figure held is the
    document's) or ``none`` (no figure is held).
    """

    reading: Reading
    agreement: str

    @property
    def stated(self) -> bool:
        """Whether the claim's wording allows this reading."""
        return self.reading.stated

    @property
    def found(self) -> Measurement:
        """The measurement, where there is one."""
        assert self.reading.found is not None
        return self.reading.found


def weigh(claim: Claim, reading: Reading, ledger: Ledger) -> str:
    """Say how far a reading agrees with a claim; see `Judged`."""
    found = reading.found
    if found is None:
        return "none"
    own = [item for item in found.evidence if item.source.startswith(ledger.own_figures or ("\0",))]
    if own:
        return "own"
    if claim.unit == "trend":
        low, high = (-1, 1) if found.low is None else (found.low, found.high or 0.0)
        if low < 0 < high or not found.value:
            return "open"
        return "yes" if (low > 0) == (claim.qualifier == "increasing") else "no"
    if claim.unit == "ordinal":
        return "yes" if found.value == 1 else "no"
    if claim.unit == "consistency":
        return "yes" if found.value == 0 else "no"
    return _compare(claim, found)


def _compare(claim: Claim, found: Measurement) -> str:
    printed = claim.printed()
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    match claim.qualifier:
        case "more than" | "over" | "above":
            return "yes" if low > printed.value else "no"
        case "less than" | "under" | "below":
            return "yes" if high < printed.value else "no"
        case "at least":
            return "yes" if high >= printed.low else "no"
        case "at most":
            return "yes" if low <= printed.high else "no"
    # A float's last digits must not decide at a boundary.
    room = 1e-9 * max(abs(printed.value), 1.0)
    if low <= printed.high + room and high >= printed.low - room:
        return "yes"
    approximate = QUALIFIERS.get(claim.qualifier) == "near" and claim.unit != "year"
    share = APPROXIMATE * approximate if claim.tolerance is None else claim.tolerance
    gap = max(low - printed.value, printed.value - high)
    return "near" if gap <= share * abs(printed.value) else "no"


def nearest(claim: Claim, judged: Sequence[Judged]) -> Judged | None:
    """Give the reading that agrees best, of those with a figure that counts."""
    usable = [item for item in judged if item.agreement in COUNTS]
    wanted = claim.printed().value if claim.value else 0.0

    def distance(item: Judged) -> tuple[int, float]:
        return COUNTS.index(item.agreement), abs(item.found.value - wanted) if claim.value else 0.0

    return min(usable, key=distance) if usable else None


def decide(claim: Claim, judged: tuple[Judged, ...]) -> tuple[str, Note]:
    """Apply the rules in their order; see docs/claims.md."""
    stated = [item for item in judged if item.stated]
    usable = [item for item in stated if item.agreement in COUNTS]
    if not usable:
        own = any(item.agreement == "own" for item in stated)
        reason = next((item.reading.reason for item in stated if item.reading.reason), None)
        text = "what is claimed is held from the document alone, which is no evidence for it"
        return "no data", Note(text) if own else Note("no figure is held: {why}", why=reason)
    off = [item for item in usable if item.agreement == "no"]
    # Of a consistency claim everything must fit; of others one reading is enough to leave it open.
    if len(off) == len(usable) or (off and claim.unit == "consistency"):
        miss = _miss(claim, usable, off)
        if not claim.proxy:
            return "contradicted", miss
        text = "{miss}; this decides nothing, for it stands in for what is claimed: {proxy}"
        return "ambiguous", Note(text, miss=miss, proxy=claim.proxy)
    if off or any(item.agreement == "open" for item in usable):
        return "ambiguous", _split(claim, usable)
    return _agreed(claim, usable, judged)


def _agreed(claim: Claim, usable: list[Judged], judged: tuple[Judged, ...]) -> tuple[str, Note]:
    shown = nearest(claim, usable)
    assert shown is not None
    fit = _fit(claim, shown, len(usable))
    if claim.untested:
        return "no data", Note("{fit}; untested: {what}", fit=fit, what=claim.untested)
    exact = all(item.agreement == "yes" for item in usable)
    if exact and (revised := [item for item in judged if _revises(item, usable)]):
        later = revised[0].found
        text = "right when published; the final figure is {value} ({arithmetic})"
        value = _in_unit(claim, later.value)
        return "superseded by a revision", Note(text, value=value, arithmetic=later.arithmetic)
    if claim.proxy:
        text = "{fit}; it stands in for what is claimed: {proxy}"
        return "confirmed approximately", Note(text, fit=fit, proxy=claim.proxy)
    return "confirmed" if exact else "confirmed approximately", fit


def _fit(claim: Claim, shown: Judged, n: int) -> Note:
    """Say how what was found fits the claim."""
    if not claim.value:
        return Note("{arithmetic}", arithmetic=shown.found.arithmetic)
    value = _in_unit(claim, shown.found.value)
    kind = QUALIFIERS.get(claim.qualifier, "")
    words = {"value": value, "claimed": _printed(claim), "words": Note(claim.qualifier), "n": n}
    if shown.agreement == "near":
        return Note("{value} is near {claimed}, not within its printed precision", **words)
    if kind in ("above", "below", "bound"):
        return Note("{value} is {words} {claimed}, in each of {n} readings", **words)
    if shown.found.internal:
        return Note("the document's own figures give {value}", **words)
    return (
        Note("the figures give {value}, in each of {n} readings", **words)
        if n > 1
        else Note("the figures give {value}", **words)
    )


def _revises(item: Judged, usable: list[Judged]) -> bool:
    """Say whether a reading is the final figure of a preliminary one that agreed, and does not."""
    choice = dict(item.reading.choice)
    if item.stated or item.agreement != "no" or choice.get("vintage") != "final":
        return False
    same = {**choice, "vintage": "preliminary"}
    return any(dict(other.reading.choice) == same for other in usable)


def _in_unit(claim: Claim, value: float) -> str:
    if claim.unit == "year":
        return f"{value:.0f}"
    return plain(claim.in_unit(value))


def _miss(claim: Claim, usable: list[Judged], off: list[Judged]) -> Note:
    if claim.unit == "consistency":
        listed = join_notes([item.found.arithmetic for item in off])
        return Note("{n} of {all} do not fit: {listed}", n=len(off), all=len(usable), listed=listed)
    if claim.unit == "trend":
        listed = _listed(off)
        return Note(
            "no series is {direction}: {listed}", direction=Note(claim.qualifier), listed=listed
        )
    if claim.unit == "ordinal":
        return Note("the rank is {rank}", rank=plain(off[0].found.value))
    near = nearest(claim, off)
    assert near is not None
    gap = near.found.value - claim.printed().value
    whose = Note("the document's own figures") if near.found.internal else Note("the figures")
    above = "{claimed} is not what {whose} give; nearest is {value}, {gap} above"
    below = "{claimed} is not what {whose} give; nearest is {value}, {gap} below"
    return Note(
        above if gap > 0 else below,
        claimed=_printed(claim),
        whose=whose,
        value=_in_unit(claim, near.found.value),
        gap=_in_unit(claim, abs(gap)),
    )


def _split(claim: Claim, usable: list[Judged]) -> Note:
    """Say how many readings agree, and between what they lie."""
    if claim.unit == "trend":
        listed = _listed(usable)
        text = "{yes} of {all} series are {direction}: {listed}"
        yes = sum(item.agreement == "yes" for item in usable)
        words = Note(claim.qualifier)
        return Note(text, yes=yes, all=len(usable), direction=words, listed=listed)
    values = [item.found.value for item in usable]
    near = sum(item.agreement == "near" for item in usable)
    agree = "{yes} of {all} open readings agree ({example}); they run from {low} to {high}"
    close = (
        "{yes} of {all} open readings agree, {near} are near ({example}); they run from {low} to "
        "{high}"
    )
    return Note(
        close if near else agree,
        yes=sum(item.agreement == "yes" for item in usable),
        near=near,
        all=len(usable),
        example=_named(min(usable, key=lambda item: COUNTS.index(item.agreement))),
        low=_in_unit(claim, min(values)),
        high=_in_unit(claim, max(values)),
    )


def _listed(judged: list[Judged]) -> Note:
    """Name series with what they do."""
    return join_notes(
        [join_notes([speak(item.found.label), item.found.arithmetic], " ") for item in judged]
    )


def _printed(claim: Claim) -> str:
    """Write the printed number with separators, digits as printed."""
    if claim.unit == "year" or "," in claim.value:
        return claim.value
    return re.sub(r"(?<![.\d])\d+", lambda digits: f"{int(digits[0]):,}", claim.value)


def _named(item: Judged) -> Note:
    """Name a reading by what sets it apart."""
    choice = (
        join_notes([speak(value) for _, value in item.reading.choice], ", ") or item.reading.text
    )
    return join_notes([choice, item.found.label])


def say_otherwise(claim: Claim, verdict: str, judged: tuple[Judged, ...]) -> Note | None:
    """Say what readings outside the wording give, where it matters."""
    beside = [item for item in judged if not item.stated and item.agreement in COUNTS]
    agree = [item for item in beside if item.agreement in ("yes", "near")]
    if verdict in ("contradicted", "no data", "ambiguous") and agree:
        best = min(agree, key=lambda item: COUNTS.index(item.agreement))
        value = _in_unit(claim, best.found.value)
        fits = "read otherwise it would agree: {reading} = {value}"
        near = "read otherwise it would be near: {reading} = {value}"
        text = fits if best.agreement == "yes" else near
        return Note(text, reading=best.reading.text, value=value)
    off = [item for item in beside if item.agreement == "no"]
    if not off:
        return None
    values = [item.found.value for item in off]
    return Note(
        "read otherwise {n} of {all} do not agree, from {low} to {high}",
        n=len(off),
        all=len(beside),
        low=_in_unit(claim, min(values)),
        high=_in_unit(claim, max(values)),
    )
