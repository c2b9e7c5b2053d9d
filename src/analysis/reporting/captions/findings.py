"""The words of what an audit found: its main points, and how sure they are."""

import pandas as pd

from analysis.claims.verdicts import Verdict
from analysis.reporting.captions.claims import COMPARED, tally
from analysis.reporting.parts import Point
from analysis.reporting.text import given, number, sentence
from analysis.reporting.text import translate as _
from analysis.reporting.wording import (
    write_claimed,
    write_figure,
    write_found,
    write_period,
)

# A point tells at most so many claims, those furthest off.
TOLD = 3


def point_claims(verdicts: list[Verdict], rows: pd.DataFrame) -> list[Point]:
    """Give the main points: the tally, what is contradicted or superseded, what has no figure.

    Three to five points, whatever the verdicts are; ``rows`` are those of `select_verdicts`.

    Examples
    --------
    >>> from analysis import check_claims, read_ledger, select_verdicts
    >>> verdicts = check_claims(read_ledger("claims/ieee-79-2024.yml"))
    >>> point_claims(verdicts, select_verdicts(verdicts))[0].text
    "41 of 70 claims can be compared, 24 with data and 17 with the document's own figures: ...
    """
    facts = tally(rows)
    own = set(rows.loc[rows["checked"] == "own figures", "id"])
    wrong = sorted((v for v in verdicts if v.verdict == "contradicted"), key=_gap, reverse=True)
    within = [verdict for verdict in wrong if verdict.claim.id in own]
    by_data = [verdict for verdict in wrong if verdict.claim.id not in own]
    revised = [verdict for verdict in verdicts if verdict.verdict == "superseded by a revision"]
    unsettled = [verdict for verdict in verdicts if verdict.verdict == "ambiguous"]
    data = {"own": facts["own"], "data": number((rows["checked"] == "data").sum())}
    points = [
        _point(_("Contradicted by the document's own figures, {n} of {own} claims held against them: {listed}."), within, _say_gap, data),
        _point(_("Contradicted by data, {n} of {data} claims held against them: {listed}."), by_data, _say_gap, data),
        _point(_("Superseded by a revision, {n} of {compared}: {listed}."), revised, _say_revised, facts),
    ]  # fmt: skip
    if not wrong:
        text = _("None of the {compared} claims that can be compared is contradicted.")
        points[0] = Point(text.format(**facts), "verdicts")
    unclear = _point(_("Ambiguous, {n} of {compared}: {listed}."), unsettled, _say_rule, facts)
    found = [point for point in [*points, unclear] if point]
    return [_point_tally(facts), *found[:3], _point_absent(verdicts, rows, facts)]


def _point_tally(facts: dict[str, str]) -> Point:
    text = _(
        "{compared} of {all} claims can be compared, {data} with data and {own} with the document's own "
        "figures: contradicted {contradicted}, superseded by a revision {superseded}, ambiguous {ambiguous}, confirmed approximately {near}, confirmed "
        "{confirmed}. The others: no data {no}, not testable {not}."
    )
    failed = _(" Could not be evaluated: {failed}.") if facts["failed"] != "0" else ""
    return Point((text + failed).format(**facts), "verdicts")


def _point_absent(verdicts: list[Verdict], rows: pd.DataFrame, facts: dict[str, str]) -> Point:
    absent = rows[rows["verdict"] == "no data"]
    if absent.empty:
        return Point(_("No data: none of {all} claims.").format(**facts), "verdict-table")
    own = sum(
        verdict.verdict == "no data" and any(item.agreement == "own" for item in verdict.readings)
        for verdict in verdicts
    )
    topics = absent["topic"].replace("", _("no topic")).value_counts()
    parts = [f"{given(topic)} {number(n)}" for topic, n in topics.head(3).items()]
    text = _(
        "For {no} of {all} claims no figure decides ({listed}); in {own} of these what is claimed is held "
        "from the document alone, which proves nothing."
    )
    facts = facts | {"own": number(own), "listed": ", ".join(parts)}
    return Point(text.format(**facts), "verdict-table")


def _point(text, chosen: list[Verdict], say, facts: dict[str, str]) -> Point | None:
    """Give a point that tells the first of some claims; None where there are none."""
    if not chosen:
        return None
    listed = "; ".join(say(verdict) for verdict in chosen[:TOLD])
    text = text.format(**facts | {"n": number(len(chosen)), "listed": listed})
    return Point(text, f"claim-{chosen[0].claim.id}")


def _gap(verdict: Verdict) -> float:
    """Give how far off a claimed number is, as a share of it; for others 0."""
    if not write_found(verdict) or not verdict.shown:
        return 0.0
    claimed = verdict.claim.printed().value
    return abs(verdict.shown.found.value - claimed) / abs(claimed) if claimed else 0.0


def _say_gap(verdict: Verdict) -> str:
    found, claim = write_found(verdict), verdict.claim
    if not found or not verdict.shown:
        return _say_rule(verdict)
    if claim.found_is:
        found = f"{found} ({given(claim.found_is)})"
    printed = verdict.claim.in_unit(claim.printed().value)
    off = (verdict.found or 0.0) - printed
    text = (
        _("{says}, claimed {claimed}, found {found}, {off} more{period}")
        if off > 0
        else _("{says}, claimed {claimed}, found {found}, {off} less{period}")
    )
    digits = len(claim.value.partition(".")[2]) + 1
    told = text.format(
        says=given(claim.says),
        claimed=write_claimed(claim),
        found=found,
        off=write_figure(abs(off), digits),
        period=_period(verdict),
    )
    agree = [
        verdict.claim.in_unit(item.found.value)
        for item in verdict.readings
        if not item.stated and item.agreement in ("yes", "near")
    ]
    apart = _("{told}, though a reading beside the wording gives {value}")
    return apart.format(told=told, value=write_figure(agree[0], digits)) if agree else told


def _say_revised(verdict: Verdict) -> str:
    """Say what the final figure is, from the reading that has it."""
    shown = verdict.shown
    wanted = {**dict(shown.reading.choice), "vintage": "final"} if shown else {}
    final = [
        item.found.value
        for item in verdict.readings
        if item.reading.found and not item.stated and dict(item.reading.choice) == wanted
    ]
    if not final or not verdict.claim.value:
        return _say_rule(verdict)
    digits = len(verdict.claim.value.partition(".")[2]) + 1
    return _("{says}, {claimed} when published, {final} in the final figures{period}").format(
        says=given(verdict.claim.says),
        claimed=write_claimed(verdict.claim),
        final=write_figure(verdict.claim.in_unit(final[0]), digits),
        period=_period(verdict),
    )


def _say_rule(verdict: Verdict) -> str:
    claimed = write_claimed(verdict.claim)
    told = {"says": given(verdict.claim.says), "claimed": claimed, "rule": sentence(verdict.rule)}
    text = _("{says}, {claimed}: {rule}") if claimed else _("{says}: {rule}")
    return text.format(**told)


def _period(verdict: Verdict) -> str:
    return f" ({write_period(verdict.claim)})" if verdict.claim.period else ""


def say_claims_sureness(
    verdicts: list[Verdict], rows: pd.DataFrame
) -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the verdicts.

    Examples
    --------
    >>> from analysis import check_claims, read_ledger, select_verdicts
    >>> verdicts = check_claims(read_ledger("claims/ieee-79-2024.yml"))
    >>> len(say_claims_sureness(verdicts, select_verdicts(verdicts)))
    3
    """
    facts = tally(rows) | _sure_facts(verdicts, rows)
    strengths = [
        _("Each claim is judged under every reading its wording leaves open: {readings} for {judged} claims, and {beside} more beside the wording."),
        _("What counts as agreement follows from the digits printed and is fixed before anything is computed; every verdict names its rule."),
        _("{rows} rows of {tables} raw tables are named, so that each verdict can be followed to the published figure."),
    ]  # fmt: skip
    limitations = [
        _("No data is no refutation: {no} of {all} claims can be right or wrong."),
        _("{own} verdicts rest on the document's own figures: they test its arithmetic, not the world."),
        _("{press} verdicts rest on figures as the press quotes them, and {proxy} on a measure that stands in for what is claimed."),
        _("What a sentence claims is read by hand into the ledger; another reader may state a claim otherwise."),
    ]  # fmt: skip
    changes = [
        _("An independent figure for any of the {no} claims without data."),
        _("Wording, or an author's word on it, that settles which of the readings is meant in the {ambiguous} ambiguous claims."),
        _("Later vintages: {superseded} verdicts already turned on a revision."),
    ]  # fmt: skip
    strengths, limitations, changes = (
        [text.format(**facts) for text in texts] for texts in (strengths, limitations, changes)
    )
    return strengths, limitations, changes


def _sure_facts(verdicts: list[Verdict], rows: pd.DataFrame) -> dict[str, str]:
    quoted = [
        [piece.status for piece in verdict.shown.found.evidence]
        for verdict in verdicts
        if verdict.shown and verdict.verdict in COMPARED
    ]
    return {
        "readings": number(rows["readings"].sum()),
        "judged": number((rows["readings"] > 0).sum()),
        "beside": number(rows["beside"].sum()),
        "rows": number(sum(rows.attrs["cited"].values())),
        "tables": number(len(rows.attrs["cited"])),
        "press": number(
            sum(bool(all_) and all(s.startswith("press") for s in all_) for all_ in quoted)
        ),
        "proxy": number(sum(bool(v.claim.proxy) and v.verdict in COMPARED for v in verdicts)),
    }
