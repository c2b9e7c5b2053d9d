"""The words of the report on a document's claims; every number is that of its verdicts."""

import pandas as pd

from analysis.claims.ledger import Ledger
from analysis.claims.verdicts import VERDICTS
from analysis.files import hash_file
from analysis.reporting.parts import Caption, Title
from analysis.reporting.text import given, listing, number
from analysis.reporting.text import translate as _
from analysis.reporting.wording import (
    ORDER,
    verdict_word,
)

# Verdicts that say something was compared.
COMPARED = VERDICTS[:5]


def title_claims(ledger: Ledger, rows: pd.DataFrame) -> Title:
    """Give the head of the report: the document, and the tables its verdicts stand on.

    ``rows`` are those of `analysis.select_verdicts`.

    Examples
    --------
    >>> from analysis import check_claims, read_ledger, select_verdicts
    >>> document = read_ledger("claims/ieee-79-2024.yml")
    >>> verdicts = check_claims(document)
    >>> rows = select_verdicts(verdicts)
    >>> title_claims(document, rows).title
    'IEEE Analysis Document 79/2024: 70 claims checked'
    """
    about = ledger.document
    name = about.get("reference") or about.get("title") or ledger.path.stem
    years = sorted(year for period in rows["period"] for year in _years(period))
    words = {
        _("Document"): about.get("title", ""),
        _("Author"): about.get("author", ""),
        _("Published"): about.get("published", ""),
        _("Ledger"): f"{ledger.path.name} (sha256 {hash_file(ledger.path)[:12]})",
    }
    return Title(
        title=_("{document}: {n} claims checked").format(document=name, n=number(len(rows))),
        question=_(
            "Which of its claims do figures bear out, which do they contradict, and of which can "
            "they say nothing?"
        ),
        period=_("{first} to {last}").format(first=years[0], last=years[-1]) if years else "–",
        sources=tuple(rows.attrs["sources"]),
        words={key: text for key, text in words.items() if text},
    )


def _years(period: str) -> list[str]:
    return [end[:4] for end in period.split("/") if end]


def tally(rows: pd.DataFrame) -> dict[str, str]:
    """Write how many claims have each verdict, by its first word, and how many there are."""
    counts = rows["verdict"].value_counts()
    told = {verdict.split()[0]: counts.get(verdict, 0) for verdict in VERDICTS}
    told |= {"confirmed": counts.get("confirmed", 0)}
    told |= {"near": counts.get("confirmed approximately", 0), "all": len(rows)}
    told |= {"compared": sum(counts.get(verdict, 0) for verdict in COMPARED)}
    within = (rows["verdict"] == "confirmed") & (rows["checked"] == "own figures")
    told |= {"within": within.sum(), "data": (rows["checked"] == "data").sum()}
    told |= {"own": (rows["checked"] == "own figures").sum(), "failed": counts.get("", 0)}
    return {key: number(value) for key, value in told.items()}


def caption_verdicts(rows: pd.DataFrame) -> Caption:
    """Say how many claims are contradicted and confirmed, of those that can be compared.

    Examples
    --------
    >>> from analysis import check_claims, read_ledger, select_verdicts
    >>> rows = select_verdicts(check_claims(read_ledger("claims/ieee-79-2024.yml")))
    >>> caption_verdicts(rows).title
    'Of 41 comparable claims 3 contradicted, 11 confirmed (4 only within the document), 11 ...
    """
    facts = tally(rows)
    counts = rows["verdict"].value_counts()
    parts = [f"{verdict_word(v)} {number(counts[v])}" for v in ORDER if v in counts]
    return Caption(
        title=_(
            "Of {compared} comparable claims {contradicted} contradicted, {confirmed} confirmed "
            "({within} only within the document), {near} confirmed approximately"
        ).format(**facts),
        subtitle=_("Claims by verdict and by what they were held against, of {all}").format(
            **facts
        ),
        alt=_(
            "Bars by verdict: {listed}. Hatched: held against the document's own figures, {own}."
        ).format(listed=listing(parts), **facts),
        notes=(
            _(
                "Hatched: every reading that decides rests on numbers the document prints itself; "
                "rates made from printed counts take CONAPO's population too."
            ),
            _(
                "Ambiguous: it depends on source or definition, or the figure held stands in for "
                "the one claimed. Superseded: right when published, changed since."
            ),
        ),
    )


def caption_verdict_table(rows: pd.DataFrame) -> Caption:
    """Say on what most claims are, and on what most can not be compared.

    Examples
    --------
    >>> from analysis import check_claims, read_ledger, select_verdicts
    >>> rows = select_verdicts(check_claims(read_ledger("claims/ieee-79-2024.yml")))
    >>> caption_verdict_table(rows).title
    '27 of 70 claims are on homicide'
    """
    topics = rows["topic"].replace("", pd.NA).value_counts()
    facts = tally(rows) | {"topics": number(max(len(topics), 1))}
    lead = {"topic": given(topics.index[0]), "n": number(topics.iloc[0])} if len(topics) else {}
    title = (
        _("{n} of {all} claims are on {topic}") if lead else _("{all} claims of no stated topic")
    )
    return Caption(
        title=title.format(**facts, **lead),
        subtitle=_("Claims by topic and verdict"),
        alt=_("Table of counts: {topics} topics by verdict, {all} claims in all.").format(**facts),
        notes=(_("A topic is the ledger's own word for what a claim is on."),),
    )


def caption_claims(rows: pd.DataFrame) -> Caption:
    """Say how many readings and raw rows stand behind the verdicts.

    Examples
    --------
    >>> from analysis import check_claims, read_ledger, select_verdicts
    >>> rows = select_verdicts(check_claims(read_ledger("claims/ieee-79-2024.yml")))
    >>> caption_claims(rows).title
    '70 claims under 154 readings, from 17,514 raw rows'
    """
    facts = {
        "all": number(len(rows)),
        "readings": number(rows["readings"].sum() + rows["beside"].sum()),
        "rows": number(sum(rows.attrs["cited"].values())),
        "tables": number(len(rows.attrs["cited"])),
    }
    return Caption(
        title=_("{all} claims under {readings} readings, from {rows} raw rows").format(**facts),
        subtitle=_("Each claim with its verdict, the rule that gave it, readings and raw rows"),
        alt=_("A list of {all} claims by verdict, each with its evidence folded.").format(**facts),
        notes=(
            _(
                "Only readings that the wording allows decide; those beside it show what else could be meant."
            ),
            _(
                "Figures of rows stand as in the file of the raw table. Where there are many, they are "
                "summed by year, with the first and last line; analysis claims --json lists every line."
            ),
        ),
    )
