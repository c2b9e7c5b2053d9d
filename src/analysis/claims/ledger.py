"""A ledger of claims: what a document says, and the measure that tests each number of it.

Everything a ledger says is checked here, with file, line, key and what was expected; nothing is
computed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from analysis.claims.measures.consistency import Printed
from analysis.claims.metrics import Asked, check_call, units_of
from analysis.claims.shape import (
    CLAIM,
    DOCUMENT,
    LISTS,
    NEEDED,
    Faults,
    bounds,
    check_id,
    check_period,
    check_published,
    check_qualifier,
    check_value,
    compose,
    read_mapping,
    read_text,
    read_texts,
    read_tolerance,
)
from analysis.claims.units import check_unit, read_unit
from analysis.errors import RequestError, unknown
from analysis.files import written_beside
from analysis.geography import find_state
from analysis.sources import root

# Tries a check of what stands under a key; gives what it gives, or nothing where it refuses.
Attempt = Callable[[str, Callable[[], Any]], Any]


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
    found_is : str
        What the measure counts, where it is a bound of what is claimed and not that itself.
    tolerance : float or None
        Share of the claimed value that still counts as approximate, where the ledger states it.
    line : int
        Where its measure stands in the file, or where the claim begins.
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
    found_is: str = ""
    tolerance: float | None = None
    note: str = ""
    line: int = 0

    def in_unit(self, value: float) -> float:
        """Give a measured value in the claim's unit."""
        return value / read_unit(self.unit)[1]

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
        unit, scale = read_unit(self.unit)
        value = (low + high) / 2 * scale
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
    if not path.parent.is_dir():
        raise RequestError(f"there is no folder {path.parent}; make it, or name another")
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
        A YAML file, looked for in the working folder and then in the project's; None for the
        project's own.

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
    path = path if path.exists() or path.is_absolute() else root() / path
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
            faults.add(node, "id", f'"{claim.id}" is already a claim, see line {first}')
        elif claim:
            claims.append(claim)
    own = tuple(read_texts(about.get("own_figures"), faults, "own_figures"))
    if "" in own:
        faults.add(about["own_figures"], "own_figures", "expected how a source begins, not nothing")
    said = {key: read_text(node, faults, key) for key, node in about.items() if key not in LISTS}
    published = said.get("published", "")
    faults.attempt(about.get("published"), "published", lambda: check_published(published))
    ledger = Ledger(path, said, own, tuple(claims), {claim.id: claim for claim in claims})
    _check_references(ledger, faults)
    faults.raise_any()
    return ledger


def _read_claim(node: yaml.Node, faults: Faults) -> Claim | None:
    """Read one claim; what is wrong with it goes to the faults, and without its text it is none."""
    entries = read_mapping(node, faults, CLAIM, "claim", LISTS)
    if not entries:
        return None
    said = {key: read_text(item, faults, key) for key, item in entries.items() if key not in LISTS}
    if lacking := [key for key in NEEDED if not said.get(key)]:
        faults.add(node, lacking[0], f"the claim lacks {', '.join(lacking)}")
        return None

    def attempt(key: str, action: Callable[[], Any]) -> Any:
        return faults.attempt(entries.get(key, node), key, action)

    attempt("id", lambda: check_id(said["id"]))
    attempt("value", lambda: check_value(said))
    if "period" in said:
        attempt("period", lambda: check_period(said["period"]))
    attempt("qualifier", lambda: check_qualifier(said))
    state = attempt("state", lambda: find_state(said["state"]).name) if "state" in said else None
    tolerance = attempt("tolerance", lambda: read_tolerance(said.get("tolerance", "")))
    ways = [key for key in ("measure", "no_data", "not_testable") if said.get(key)]
    if len(ways) != 1:
        got = ", ".join(ways) or "none"
        faults.add(node, "measure", f"expected one of measure, no_data, not_testable; got {got}")
    measure = said.get("measure")
    asked = attempt("measure", lambda: check_call(measure)) if measure else None
    if asked:
        _check_agreement(said, state or "", asked, attempt)
    texts = read_texts(entries.get("beside"), faults, "beside")
    beside = [attempt("beside", partial(check_call, text)) for text in texts]
    for other in filter(None, beside):
        attempt("beside", partial(_check_unit, said["unit"], other))
    plain = {key: text for key, text in said.items() if key not in ("state", "tolerance")}
    return Claim(
        **plain,
        state=state or "",
        tolerance=tolerance,
        asked=asked,
        beside=tuple(filter(None, beside)),
        line=entries.get("measure", node).start_mark.line + 1,
    )


def _check_agreement(said: dict[str, str], state: str, asked: Asked, attempt: Attempt) -> None:
    """Take down where a claim's measure is of another unit, time or place than the claim."""
    attempt("unit", lambda: _check_unit(said["unit"], asked))
    attempt("period", lambda: _check_same_time(said.get("period", ""), asked))
    attempt("state", lambda: _check_same_place(state, asked))


def _check_unit(unit: str, asked: Asked) -> None:
    """Refuse a unit that the measure does not give; a table's or claims' own is found later."""
    if units := units_of(asked.call.measure):
        check_unit(unit, units, asked.call.measure)


def _check_same_time(period: str, asked: Asked) -> None:
    """Refuse a measure of years that the claim is not of; a last day is the next year's too."""
    keys = ("start", "end", "year", "date", "from_date", "to_date")
    texts = [text for key in keys for text in asked.stated.get(key, ())]
    years = [int(text[:4]) for text in texts if re.fullmatch(r"[0-9]{4}(-.*)?", text)]
    years += [int(text[:4]) + 1 for text in texts if text.endswith("-12-31")]
    claimed = [int(year) for year in re.findall(r"(?:^|/)([0-9]{4})", period)]
    if claimed and years and (max(claimed) < min(years) or min(claimed) > max(years)):
        spelled = f"{min(years)} to {max(years)}"
        raise RequestError(f"the claim is of {period}, the measure of {spelled}")


def _check_same_place(state: str, asked: Asked) -> None:
    """Refuse a measure of another state than the claim's."""
    for name in asked.stated.get("state", ()):
        if state and find_state(name).name != state:
            raise RequestError(f"the claim is of {state}, the measure of {find_state(name).name}")


def _check_references(ledger: Ledger, faults: Faults) -> None:
    """Refuse measures on claims that are not there, print no number or rest on themselves."""
    rests: dict[str, set[str]] = {}
    for claim in ledger.claims:
        for asked in filter(None, (claim.asked, *claim.beside)):
            for name in asked.call.names if asked.takes_claims else ():
                if name not in ledger.by_id:
                    faults.add(claim.line, "measure", unknown("claim", name, ledger.by_id))
                elif not ledger.by_id[name].value:
                    faults.add(claim.line, "measure", f"claim {name} prints no number")
                else:
                    rests.setdefault(claim.id, set()).add(name)
    for name in rests:
        reached, waiting = set[str](), [name]
        while waiting:
            found = rests.get(waiting.pop(), set()) - reached
            reached |= found
            waiting += found
        if name in reached:
            faults.add(ledger.by_id[name].line, "measure", f"claim {name} would rest on itself")
