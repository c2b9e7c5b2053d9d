"""Verdicts as a tidy frame, and their tally by topic."""

import pandas as pd

from analysis.claims.evidence import Evidence
from analysis.claims.verdicts import Verdict
from analysis.modelling.result import Note
from analysis.reporting.evidence import cited_rows
from analysis.reporting.parts import Cells
from analysis.reporting.text import given, number, sentence
from analysis.reporting.text import translate as _
from analysis.reporting.wording import (
    NOT_EVALUATED,
    ORDER,
    deciding,
    write_found,
)

# More lines of a table than this are told as first, last and number.
LISTED = 12
# Verdicts in the narrow columns of a table.
SHORT = {
    "superseded by a revision": Note("superseded"),
    "confirmed approximately": Note("confirmed approxi­mately"),
}


def select_verdicts(verdicts: list[Verdict]) -> pd.DataFrame:
    """Give one row a claim with its verdict, as `analysis.check_claims` gave them.

    Columns: ``id, section, topic, says, value`` (as printed), ``unit, qualifier, period, state``
    from the ledger; ``verdict``; ``found`` (number in ``unit``, of the reading nearest to the
    claim); ``checked``: ``data``, ``own figures`` where every reading that decides rests on
    numbers the document prints itself, or ``nothing`` (a part at most);
    ``rule, aside, note, measure``; ``readings`` that the wording allows and that have a figure,
    ``agree`` of these, ``beside``: readings outside the wording; ``arithmetic`` and
    ``evidence`` (table and lines) of the number found; ``error``. ``attrs["sources"]`` names the
    raw tables used, ``attrs["cited"]`` how many rows of each, ``attrs["documents"]`` says so in
    words.

    Parameters
    ----------
    verdicts : list of Verdict
        From `analysis.check_claims`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from analysis import check_claims, read_ledger
    >>> ledger = read_ledger()
    >>> some = replace(ledger, claims=ledger.claims[:4])  # all of them take a while
    >>> select_verdicts(check_claims(some))[["id", "verdict"]].to_numpy().tolist()
    [['c01', 'no data'], ['c02', 'ambiguous'], ['c03', 'confirmed'], ['c04', 'contradicted']]
    """
    frame = pd.DataFrame([_row(verdict) for verdict in verdicts]).convert_dtypes()
    cited = cited_rows(verdicts)
    frame.attrs["sources"] = list(cited)
    frame.attrs["cited"] = {table: len(lines) for table, lines in cited.items()}
    tables = _("{n} raw tables, named claim by claim").format(n=number(len(cited)))
    frame.attrs["documents"] = [_("the document, as its ledger quotes it"), tables]
    return frame


def _row(verdict: Verdict) -> dict[str, object]:
    claim, decides, shown = verdict.claim, deciding(verdict), verdict.shown
    names = ("id", "section", "topic", "says", "value", "unit", "qualifier", "period", "state")
    nothing = verdict.verdict in ("", "no data", "not testable")
    own = all(item.found.internal for item in decides)
    return {
        **{name: getattr(claim, name) for name in names},
        "verdict": verdict.verdict,
        "found": verdict.found if write_found(verdict) else None,
        "checked": "nothing" if nothing else "own figures" if own else "data",
        "rule": verdict.error or sentence(verdict.rule),
        "aside": sentence(verdict.aside),
        "note": claim.note,
        "measure": claim.measure,
        "readings": len(decides),
        "agree": sum(item.agreement in ("yes", "near") for item in decides),
        "beside": sum(not item.stated for item in verdict.readings if item.reading.found),
        "arithmetic": sentence(shown.found.arithmetic) if shown else "",
        "evidence": _lines(shown.found.evidence) if shown else "",
        "error": verdict.error,
    }


def _lines(pieces: tuple[Evidence, ...]) -> str:
    """Write tables and lines of evidence: up to twelve lines themselves, else how many between."""
    texts = []
    for table in dict.fromkeys(piece.table for piece in pieces):
        lines = sorted({line for piece in pieces if piece.table == table for line in piece.rows})
        few = ", ".join(map(str, lines)) if len(lines) <= LISTED else ""
        texts.append(
            f"{table}.csv lines {few or f'{lines[0]} to {lines[-1]}, {len(lines)} of them'}"
        )
    return "; ".join(texts)


def table_verdicts(rows: pd.DataFrame) -> Cells:
    """Write how many claims of each topic have which verdict.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row a claim, from `select_verdicts`: ``topic, verdict``.

    Returns
    -------
    Cells
        One row a topic, the one with most claims first, and one of all.

    Examples
    --------
    >>> rows = pd.DataFrame({"topic": ["homicide", "homicide", "Guard"],
    ...                      "verdict": ["confirmed", "contradicted", "confirmed"]})
    >>> table_verdicts(rows).body[-1]
    ['all topics', '1', '2', '3']
    """
    counts = pd.crosstab(rows["topic"].fillna(""), rows["verdict"])
    columns = [verdict for verdict in ORDER if verdict in counts]
    order = counts.sum(axis="columns").sort_values(ascending=False, kind="stable").index
    body = [
        [
            given(topic) or _("no topic"),
            *_counts(counts.loc[topic, columns]),
            number(counts.loc[topic].sum()),
        ]
        for topic in order
    ]
    body.append([_("all topics"), *_counts(counts[columns].sum()), number(len(rows))])
    labels = [
        _("Topic"),
        *(_(SHORT.get(verdict, verdict) or NOT_EVALUATED) for verdict in columns),
        _("Claims"),
    ]
    return Cells(labels, body, [False, *[True] * (len(columns) + 1)], {})


def _counts(counts: pd.Series) -> list[str]:
    return [number(count) if count else "–" for count in counts]
