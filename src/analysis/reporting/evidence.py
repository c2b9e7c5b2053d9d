"""The raw rows behind claims, as texts that a page leads its readers to.

Everything here is text for a page to escape. A source is a link only where its address begins
with ``http://`` or ``https://``.
"""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.claims.evidence import DATES, Evidence, held
from analysis.claims.ledger import Claim
from analysis.claims.rules import Judged
from analysis.claims.units import read_unit
from analysis.claims.verdicts import Verdict
from analysis.claims.words import speak
from analysis.errors import RequestError
from analysis.geography import find_state
from analysis.modelling.result import Note
from analysis.reporting.marks import VERDICT_MARKS
from analysis.reporting.text import given, number, sentence
from analysis.reporting.text import translate as _
from analysis.reporting.wording import (
    ORDER,
    verdict_word,
    with_unit,
    write_claimed,
    write_figure,
    write_period,
)
from analysis.sources import describe, read_rows

# Seen from a page in reports/<language>/.
RAW = "../../data/raw/"
# Up to so many rows are shown themselves; more are summed by year, unless a year has only one.
FEW = 12
# Columns of a raw table that say where a row is from, not what it counts.
ORIGIN = ("source", "source_url", "status", "note", "unit_or_note")
# What is wrong or revised shows its evidence without being asked.
OPENED = ("contradicted", "superseded by a revision")
AGREEMENTS = {
    "yes": ("✓", Note("agrees")),
    "near": ("≈", Note("agrees approximately")),
    "open": ("◐", Note("no clear direction")),
    "no": ("✗", Note("does not agree")),
    "own": ("∅", Note("the document's own figure: no evidence")),
}


def cited_rows(verdicts: list[Verdict]) -> dict[str, set[int]]:
    """Give the line numbers of every raw table that evidence names."""
    cited: dict[str, set[int]] = {}
    for verdict in verdicts:
        for item in verdict.readings:
            for piece in item.reading.found.evidence if item.reading.found else ():
                cited.setdefault(piece.table, set()).update(piece.rows)
    return cited


def list_claims(verdicts: list[Verdict]) -> list[dict[str, Any]]:
    """Give every claim as texts, what is wrong first.

    Each has ``id, says, claimed, section, topic, period, verdict, word, symbol, colour, rule,
    aside, note, stated, beside, without, opened, printed, tables``: readings allowed by the
    wording, readings beside it, and those without data, with their evidence.
    """
    by_id = {verdict.claim.id: verdict.claim for verdict in verdicts}
    ordered = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.verdict))
    return [_claim(verdict, by_id) for verdict in ordered]


def list_groups(verdicts: list[Verdict], name: str) -> list[dict[str, Any]]:
    """Give the verdicts that occur, in the order of a page, with title and count."""
    counts = pd.Series([verdict.verdict for verdict in verdicts]).value_counts()
    return [
        {
            "verdict": verdict,
            "id": f"{name}:{place}",
            "title": f"{VERDICT_MARKS[verdict][0]} {_capital(verdict)} ({number(counts[verdict])})",
        }
        for place, verdict in enumerate(ORDER)
        if verdict in counts
    ]


def _capital(verdict: str) -> str:
    word = verdict_word(verdict)
    return word[:1].upper() + word[1:]


def _claim(verdict: Verdict, by_id: dict[str, Claim]) -> dict[str, Any]:
    claim = verdict.claim
    symbol, colour = VERDICT_MARKS[verdict.verdict]
    with_figure = [item for item in verdict.readings if item.reading.found]
    return {
        "id": claim.id,
        "says": given(claim.says),
        "claimed": write_claimed(claim),
        "section": given(claim.section),
        "topic": given(claim.topic),
        "period": write_period(claim),
        "verdict": verdict.verdict,
        "word": verdict_word(verdict.verdict),
        "symbol": symbol,
        "colour": colour,
        "rule": verdict.error or sentence(verdict.rule),
        "aside": sentence(verdict.aside),
        "note": given(claim.note),
        "stated": list(_readings(verdict, [item for item in with_figure if item.stated])),
        "beside": list(_readings(verdict, [item for item in with_figure if not item.stated])),
        "without": _without(verdict),
        "opened": verdict.verdict in OPENED,
        "printed": _printed(claim, by_id),
        "tables": [_raw_file(table) for table in cited_rows([verdict])],
    }


def _raw_file(table: str) -> dict[str, str]:
    known = describe(table)
    file = f"{RAW}{known['path']}"
    return {"table": f"{table}.csv", "file": file, "vintage": given(known["vintage"])}


def _printed(claim: Claim, by_id: dict[str, Claim]) -> list[list[str]]:
    """Give the claims whose printed numbers a measure takes, so that a page can lead to them."""
    names = claim.asked.call.names if claim.asked and claim.asked.takes_claims else ()
    return [[name, write_claimed(by_id[name])] for name in names if name in by_id]


def _readings(verdict: Verdict, readings: list[Judged]) -> Iterator[dict[str, Any]]:
    """Give readings of one measure together: its text once, then what each gives."""
    texts = dict.fromkeys(item.reading.text for item in readings)
    for text in texts:
        same = [item for item in readings if item.reading.text == text]
        yield {"text": text, "found": [_found(verdict, item) for item in same]}


def _found(verdict: Verdict, item: Judged) -> dict[str, Any]:
    symbol, word = AGREEMENTS[item.agreement]
    claim, found, value = verdict.claim, item.found, ""
    if claim.unit == "year":
        value = f"{found.value:.0f}"
    elif claim.value:
        # The unit of what was found, where the claim's is a broader one: deaths, victims.
        base = read_unit(claim.unit)[0]
        broader = not base.startswith(found.unit)
        unit = claim.unit.replace(base, found.unit, 1) if broader else claim.unit
        value = with_unit(write_figure(verdict.claim.in_unit(found.value)), unit)
    return {
        "value": value,
        "label": given(speak(found.label)),
        "agreement": f"{symbol} {_(word)}",
        "arithmetic": sentence(found.arithmetic),
        "notes": [sentence(note) for note in found.notes],
        "evidence": list(_tables(found.evidence)),
    }


def _without(verdict: Verdict) -> list[dict[str, Any]]:
    """Give the readings without a figure, those for one reason together."""
    reasons: dict[str, list[str]] = {}
    for item in verdict.readings:
        if item.reading.found is None:
            reasons.setdefault(sentence(item.reading.reason), []).append(item.reading.text)
    return [{"reason": reason, "texts": texts} for reason, texts in reasons.items()]


def _tables(evidence: tuple[Evidence, ...]) -> Iterator[dict[str, Any]]:
    """Give the evidence of one reading, table by table: its rows, or their sums by year."""
    for table in dict.fromkeys(piece.table for piece in evidence):
        pieces = [piece for piece in evidence if piece.table == table]
        raw, lines = read_rows(table), [line for piece in pieces for line in piece.rows]
        years = [_date(raw[line - 2])[:4] for line in lines]
        shown = {
            "table": f"{table}.csv",
            "file": _raw_file(table)["file"],
            "count": len(lines),
            "where": "",
        }
        if len(lines) <= FEW or ("" not in years and len({*years}) == len(years)):
            yield shown | {"rows": [row for piece in pieces for row in _rows(piece, raw)]}
        else:
            where = _where(held(table).loc[[line - 2 for line in lines]])
            yield shown | {"where": where, "parts": [_part(piece, raw) for piece in pieces]}


def _rows(piece: Evidence, raw: list[dict[str, str]]) -> Iterator[list[str]]:
    """Give cited rows as the file has them: line, date, what, figure, source, link, status."""
    column, used = _used(piece)
    for line in piece.rows:
        cells = raw[line - 2]
        figure = _as_found(cells.get(column, ""), used[line - 2]) if column else ""
        link = _link(piece, cells)
        yield [
            *(number(line), _date(cells), _what(cells, column), figure),
            *(piece.source, link, piece.status),
        ]


def _part(piece: Evidence, raw: list[dict[str, str]]) -> dict[str, Any]:
    """Give the many rows of one source summed by year: year, rows, first and last line, sum."""
    used = _used(piece)[1]
    years = pd.Series([_date(raw[line - 2])[:4] for line in piece.rows], used.index)
    return {
        "source": piece.source,
        "url": _link(piece, raw[piece.rows[0] - 2]),
        "status": piece.status,
        "years": [
            [
                str(year),
                number(len(some)),
                number(some.index.min() + 2),
                number(some.index.max() + 2),
                "" if some.isna().all() else write_figure(some.sum()),
            ]
            for year, some in used.groupby(years)
        ],
    }


def _date(cells: dict[str, str]) -> str:
    """Give the first cell that dates a row: one that names a year."""
    return next((cells[name] for name in DATES if re.search(r"\d{4}", cells.get(name, ""))), "")


def _link(piece: Evidence, cells: dict[str, str]) -> str:
    """Give the address of a row's source, or of its table's; empty where it is none of the web."""
    own = describe(piece.table)["sources"][0]["path"]
    link = cells.get("source_url", "") if "source" in cells else own
    return link if link.startswith(("http://", "https://")) else ""


def _used(piece: Evidence) -> tuple[str, pd.Series]:
    """Give the column that cited rows count by and its figures, by place in the table."""
    chosen = held(piece.table).loc[[line - 2 for line in piece.rows]]
    if not piece.column:
        return "", pd.Series(float("nan"), chosen.index)
    return piece.column, chosen[piece.column].astype("float64")


def _as_found(text: str, used: float) -> str:
    """Give a figure as the file has it; where a correction applies, with the one used."""
    if not text:
        return _("empty")
    if pd.isna(used):
        return _("{found}, corrected to missing").format(found=text)
    if float(text) == used:
        return text
    return _("{found}, corrected to {used}").format(found=text, used=write_figure(used))


def _what(cells: dict[str, str], column: str) -> str:
    """Say what a raw row counts: its words, without date, figure and origin."""
    leave = {*ORIGIN, column} | ({"cve_ent"} if "state" in cells else set())
    leave |= {name for name in DATES if re.search(r"\d{4}", cells.get(name, ""))}
    return " · ".join(
        _word(name, text) for name, text in cells.items() if name not in leave and text
    )


def _word(name: str, text: str) -> str:
    try:
        return find_state(text).name if name == "cve_ent" else text
    except RequestError:
        return text


def _where(chosen: pd.DataFrame) -> str:
    """Say by what rows of a table were chosen: the values of a column, or how many they are."""
    said = []
    for name in chosen.select_dtypes(["object", "string"]).columns:
        values = chosen[name].dropna().unique()
        if name in (*DATES, *ORIGIN, "flags") or not len(values):
            continue
        few = ", ".join(values) if len(values) <= 5 else _("{n} values").format(n=len(values))
        said.append(f"{name} = {few}")
    return "; ".join(said)
