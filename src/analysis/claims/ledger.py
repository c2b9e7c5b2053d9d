"""A ledger of claims: what a document says, and the measure that tests each number of it.

Everything a ledger says is checked here, with file, line, key and what was expected; nothing is
computed.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from analysis.claims.measures.consistency import Printed
from analysis.claims.metrics import Asked, check_call, check_unit, read_unit, units_of
from analysis.claims.shape import (
    CLAIM,
    DOCUMENT,
    LISTS,
    NEEDED,
    Faults,
    bounds,
    check_id,
    check_period,
    check_qualifier,
    check_value,
    compose,
    read_mapping,
    read_text,
    read_texts,
    read_tolerance,
)
from analysis.errors import RequestError, unknown
from analysis.geography import find_state
from analysis.sources import root, written_beside


@dataclass(frozen=True)
class Claim:
    """One claim as the ledger states it.

    Attributes
    ----------
    says, section, topic, unit, period, qualifier, state, note : str
        As written; ``value`` is the printed number with its digits.
    asked : Asked or None
        The measure, checked; None where there is none and ``no_data`` or ``not_testable`` says why.
    beside : tuple of Asked
        Measures that are no reading of the wording, shown beside the verdict.
    untested, proxy : str
        What part is not tested, or what the measure stands in for.
    tolerance : float
        Share of the claimed value that still counts as approximate.
    line : int
        Where the claim begins in the file.
    """

    id: str
    says: str
    unit: str
    period: str = ""
    section: str = ""
    topic: str = ""
    value: str = ""
    qualifier: str = ""
    state: str = ""
    measure: str = ""
    asked: Asked | None = None
    beside: tuple[Asked, ...] = ()
    no_data: str = ""
    not_testable: str = ""
    untested: str = ""
    proxy: str = ""
    tolerance: float = 0.0
    note: str = ""
    line: int = 0

    def printed(self) -> Printed:
        """Give the printed number in whole units, with what rounds to it.

        Raises
        ------
        RequestError
            When the claim prints no number.
        """
        if not self.value:
            raise RequestError(f"claim {self.id} prints no number")
        low, high = bounds(self.value)
        scale = read_unit(self.unit)[1]
        value = (low + high) / 2 * scale
        unit = read_unit(self.unit)[0]
        return Printed(self.id, value, low * scale, high * scale, unit, self.period, self.state)


@dataclass(frozen=True)
class Ledger:
    """A document's claims; ``document`` holds what is said of it, ``path`` where it was read."""

    path: Path
    document: dict[str, str]
    own_figures: tuple[str, ...]
    claims: tuple[Claim, ...]
    by_id: dict[str, Claim] = field(repr=False, default_factory=dict)


def default_ledger() -> Path:
    """Give the path of the project's own ledger."""
    return root() / "claims" / "ieee-79-2024.yml"


def begin_ledger(path: Path | None = None) -> Path:
    """Write a commented ledger to start from, and give its path.

    Raises
    ------
    RequestError
        When the file is already there.
    """
    path = path or Path("my-document.yml")
    if path.exists():
        raise RequestError(
            f"{path} is already there; name another file, or judge it: analysis claims {path}"
        )
    with written_beside(path) as part:
        part.write_text(Path(__file__).with_name("new.yml").read_text("utf-8"), "utf-8")
    return path


def read_ledger(path: Path | str | None = None) -> Ledger:
    """Read a ledger and check all of it.

    Parameters
    ----------
    path : pathlib.Path or str or None
        A YAML file; None for the project's own.

    Raises
    ------
    LedgerError
        Lists every fault with its line and key and what was expected.

    Examples
    --------
    >>> len(read_ledger().claims)
    70
    """
    path = Path(path) if path else default_ledger()
    faults = Faults(path.name)
    top = read_mapping(compose(path), faults, ("document", "claims"), "the ledger")
    about = read_mapping(top.get("document"), faults, DOCUMENT, "document", LISTS)
    entries = top.get("claims")
    claims: list[Claim] = []
    if not isinstance(entries, yaml.SequenceNode) or not entries.value:
        faults.add(entries, "claims", "expected a list of claims, each beginning with - id:")
        entries = yaml.SequenceNode("", [])
    for node in entries.value:
        claim = _read_claim(node, faults)
        if claim and claim.id in {known.id for known in claims}:
            first = next(known.line for known in claims if known.id == claim.id)
            faults.add(node, "id", f'"{claim.id}" is already the claim of line {first}')
        elif claim:
            claims.append(claim)
    own = tuple(read_texts(about.get("own_figures"), faults, "own_figures"))
    said = {key: read_text(node, faults, key) for key, node in about.items() if key not in LISTS}
    ledger = Ledger(path, said, own, tuple(claims), {claim.id: claim for claim in claims})
    _check_references(ledger, faults)
    faults.raise_any()
    return ledger


def _read_claim(node: yaml.Node, faults: Faults) -> Claim | None:
    entries = read_mapping(node, faults, CLAIM, "claim", LISTS)
    if not entries:
        return None
    said = {key: read_text(item, faults, key) for key, item in entries.items() if key not in LISTS}
    if lacking := [key for key in NEEDED if not said.get(key)]:
        faults.add(node, lacking[0], f"the claim lacks {', '.join(lacking)}")
        return None

    def attempt(key: str, action):
        try:
            return action()
        except RequestError as error:
            faults.add(entries.get(key, node), key, error)
            return None

    attempt("id", lambda: check_id(said["id"]))
    attempt("value", lambda: check_value(said))
    if "period" in said:
        attempt("period", lambda: check_period(said["period"]))
    attempt("qualifier", lambda: check_qualifier(said))
    state = attempt("state", lambda: find_state(said["state"]).name) if "state" in said else ""
    tolerance = attempt("tolerance", lambda: read_tolerance(said.get("tolerance", "0 %")))
    ways = [key for key in ("measure", "no_data", "not_testable") if said.get(key)]
    if len(ways) != 1:
        found = ", ".join(ways) or "none"
        faults.add(node, "measure", f"expected one of measure, no_data, not_testable; got {found}")
    asked = None
    if said.get("measure"):
        asked = attempt("measure", lambda: check_call(said["measure"]))
        if asked:
            measure = asked.call.measure
            attempt("unit", lambda: check_unit(said["unit"], units_of(measure), measure))
    texts = read_texts(entries.get("beside"), faults, "beside")
    beside = [attempt("beside", lambda text=text: check_call(text)) for text in texts]
    plain = {key: text for key, text in said.items() if key not in ("state", "tolerance")}
    return Claim(
        **plain,
        state=state or "",
        tolerance=tolerance or 0.0,
        asked=asked,
        beside=tuple(filter(None, beside)),
        line=node.start_mark.line + 1,
    )


def _check_references(ledger: Ledger, faults: Faults) -> None:
    """Refuse measures on claims that the ledger does not hold or that print no number."""
    for claim in ledger.claims:
        for asked in filter(None, (claim.asked, *claim.beside)):
            for name in asked.call.names if asked.takes_claims else ():
                if name not in ledger.by_id:
                    faults.add(claim.line, "measure", unknown("claim", name, ledger.by_id))
                elif not ledger.by_id[name].value:
                    faults.add(claim.line, "measure", f"claim {name} prints no number")
