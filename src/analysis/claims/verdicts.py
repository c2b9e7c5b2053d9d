"""Verdicts: a claim under every reading, and the rule that judged it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from analysis.claims.evidence import Evidence
from analysis.claims.ledger import Claim, Ledger
from analysis.claims.metrics import Reading, take_readings, units_of
from analysis.claims.rules import Judged, decide, nearest, say_otherwise, weigh
from analysis.claims.shape import LedgerError
from analysis.claims.units import check_figure_unit
from analysis.errors import AnalysisError, RequestError, unknown
from analysis.modelling.result import Note

# In the order of a report: what is wrong first.
VERDICTS = (
    *("contradicted", "superseded by a revision", "ambiguous", "confirmed approximately"),
    *("confirmed", "no data", "not testable"),
)


@dataclass(frozen=True)
class Verdict:
    """What came out for a claim.

    Attributes
    ----------
    claim : Claim
    verdict : str
        One of `VERDICTS`; empty where the claim could not be evaluated.
    rule : Note
        Why: the rule with its numbers.
    aside : Note or None
        What the other readings say.
    readings : tuple of Judged
        Every reading, those the wording allows first.
    error : str
        Why the claim could not be evaluated.
    """

    claim: Claim
    verdict: str
    rule: Note
    aside: Note | None = None
    readings: tuple[Judged, ...] = ()
    error: str = ""

    @property
    def shown(self) -> Judged | None:
        """The reading beside the claim, the nearest to it of those that the wording allows."""
        return nearest(self.claim, [item for item in self.readings if item.stated])

    @property
    def found(self) -> float | None:
        """The number found, in the claim's unit."""
        return self.claim.in_unit(self.shown.found.value) if self.shown else None

    def to_dict(self) -> dict[str, Any]:
        """Give the verdict as plain values; ``rows`` are lines of the table's file."""
        claim = self.claim
        return {
            "id": claim.id,
            "verdict": self.verdict or None,
            "rule": str(self.rule),
            "claimed": _claimed(claim),
            "found": self.found,
            "unit": claim.unit,
            "says": claim.says,
            "section": claim.section,
            "topic": claim.topic,
            "period": claim.period,
            "qualifier": claim.qualifier,
            "measure": claim.measure or None,
            "aside": str(self.aside) if self.aside else None,
            "alternatives": [self._alternative(item) for item in self.readings],
            "evidence": _listed(self.shown.found.evidence) if self.shown else [],
            "internal": bool(self.shown and self.shown.found.internal),
            "notes": [*map(str, self.shown.found.notes)] if self.shown else [],
            "note": claim.note or None,
            "error": self.error or None,
        }

    def _alternative(self, item: Judged) -> dict[str, Any]:
        found = item.reading.found
        return {
            "measure": item.reading.text,
            "stated": item.stated,
            "agrees": item.agreement,
            "label": found.label if found else "",
            "value": self.claim.in_unit(found.value) if found else None,
            "arithmetic": str(found.arithmetic) if found else str(item.reading.reason),
            "evidence": _listed(found.evidence) if found else [],
            "notes": [*map(str, found.notes)] if found else [],
        }


def _claimed(claim: Claim) -> float | str | None:
    if not claim.value:
        return claim.qualifier or None
    is_range = "-" in claim.value[1:] or "–" in claim.value
    return claim.value if is_range else float(claim.value.replace(",", ""))


def _listed(evidence: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    keys = ("table", "rows", "source", "date", "status", "figure")
    return [
        {key: list(item.rows) if key == "rows" else getattr(item, key) for key in keys}
        for item in evidence
    ]


def match_verdict(text: str) -> str:
    """Give a verdict by its name, or by how it begins.

    Raises
    ------
    RequestError
        When no verdict, or more than one, is called so.

    Examples
    --------
    >>> match_verdict("superseded"), match_verdict("no-data")
    ('superseded by a revision', 'no data')
    """
    plain_text = text.casefold().replace("-", " ").replace("_", " ").strip()
    if plain_text in VERDICTS:
        return plain_text
    begun = [name for name in VERDICTS if plain_text and name.startswith(plain_text)]
    if len(begun) != 1:
        raise unknown("verdict", text, VERDICTS)
    return begun[0]


def check_claims(
    ledger: Ledger, *, tell: Callable[[Verdict], None] = lambda verdict: None
) -> list[Verdict]:
    """Judge every claim of a ledger under every reading.

    Parameters
    ----------
    ledger : Ledger
        From `analysis.claims.ledger.read_ledger`.
    tell : callable
        Called with each verdict as it is made.

    Returns
    -------
    list of Verdict
        In the order of the ledger. A claim whose tables can not be read has an ``error``.

    Raises
    ------
    LedgerError
        When a claim asks for what does not fit: a unit, a component, a period turned round.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from analysis import read_ledger
    >>> ledger = read_ledger()
    >>> some = replace(ledger, claims=ledger.claims[:4])  # all of them take a while
    >>> [verdict.verdict for verdict in check_claims(some)]
    ['no data', 'ambiguous', 'confirmed', 'contradicted']
    """
    made, faults = [], []
    for claim in ledger.claims:
        try:
            made.append(judge_claim(claim, ledger))
            tell(made[-1])
        except LedgerError as error:
            faults.append(str(error))
    if faults:
        raise LedgerError("\n".join(faults))
    return made


def judge_claim(claim: Claim, ledger: Ledger) -> Verdict:
    """Judge one claim; see `check_claims`."""
    if claim.not_testable:
        return Verdict(claim, "not testable", Note("{why}", why=claim.not_testable))
    if claim.asked is None:
        return Verdict(claim, "no data", Note("{why}", why=claim.no_data))
    try:
        readings = _read(claim, ledger)
    except RequestError as error:
        where = f"{ledger.path.name} line {claim.line}: measure"
        raise LedgerError(f"{where}: {error} (claim {claim.id})") from error
    except KeyError as error:
        text = f"a table of this vintage lacks {error}"
        return Verdict(claim, "", Note("could not be evaluated"), error=text)
    except AnalysisError as error:
        return Verdict(claim, "", Note("could not be evaluated"), error=str(error))
    judged = tuple(Judged(item, weigh(claim, item, ledger)) for item in readings)
    verdict, rule = decide(claim, judged)
    return Verdict(claim, verdict, rule, say_otherwise(claim, verdict, judged), judged)


def _read(claim: Claim, ledger: Ledger) -> list[Reading]:
    def name(text: str) -> Any:
        return ledger.by_id[text].printed()

    assert claim.asked is not None
    readings: list[Reading] = []
    for asked in (claim.asked, *claim.beside):
        taken = take_readings(asked, name if asked.takes_claims else str)
        if asked is not claim.asked:
            taken = [replace(item, stated=False) for item in taken if item.stated]
        for item in taken if not units_of(asked.call.measure) else ():
            if item.found:
                check_figure_unit(claim.unit, item.found.unit)
        readings += taken
    return readings
