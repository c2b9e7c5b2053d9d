"""What a notebook shows: each call displays one exhibit that the page is built from.

An exhibit is a display of the type `MIME`: its words, its picture and its figures as CSV. In
JupyterLab the same display is seen as HTML. Nothing is written to disk here.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes

from analysis.claims.verdicts import Verdict
from analysis.errors import ReportError
from analysis.geography import find_state
from analysis.parameters import mean
from analysis.reporting.drawing import draw_svg
from analysis.reporting.evidence import list_claims, list_groups
from analysis.reporting.languages import use_language
from analysis.reporting.notebooks import MIME
from analysis.reporting.parts import Caption, Cells, Point, Title
from analysis.reporting.provenance import raw_names, raw_rows, source_entry, source_text
from analysis.reporting.spreadsheet import as_csv


@dataclass(frozen=True)
class Report:
    """The report being written: its name and the parameters everything in it must carry."""

    name: str
    parameters: dict[str, Any]


_report: ContextVar[Report | None] = ContextVar("report", default=None)


def start_report(name: str, *, lang: str, parameters: dict[str, Any]) -> None:
    """Begin a report: check its parameters, set its language.

    Raises
    ------
    RequestError
        When the language or a parameter's value is not accepted.

    Examples
    --------
    >>> from contextvars import copy_context
    >>> from analysis.errors import RequestError
    >>> try:
    ...     copy_context().run(start_report, "state", lang="en", parameters={"state": "Mordor"})
    ... except RequestError as error:
    ...     print(str(error)[:22])
    unknown state "Mordor"
    """
    use_language(lang)
    _report.set(Report(name, {key: mean(key, value) for key, value in parameters.items()}))


def current_report() -> Report:
    """Give the report being written.

    Raises
    ------
    ReportError
        When the notebook did not call `start_report` first.
    """
    report = _report.get()
    if report is None:
        raise ReportError("call analysis.start_report(...) before anything is shown")
    return report


def show_title(head: Title) -> None:
    """Show the head of the report.

    Raises
    ------
    ReportError
        When the title does not name the state that the report was asked for.

    Examples
    --------
    >>> from contextvars import copy_context
    >>> from IPython.utils.capture import capture_output
    >>> from analysis import title_national
    >>> def show():
    ...     start_report("national", lang="en", parameters={})
    ...     show_title(title_national("sesnsp", "2019-07", ""))
    >>> with capture_output() as shown:
    ...     copy_context().run(show)
    >>> bool(shown.outputs or shown.stdout)
    True
    """
    asked = current_report().parameters.get("state")
    if asked is not None and asked not in head.title:
        raise ReportError(f'the title "{head.title}" does not name {asked}')
    payload = {
        "kind": "title",
        "title": head.title,
        "question": head.question,
        "parameters": [[key, value] for key, value in head.words.items()],
        "period": head.period,
        "sources": [source_entry(name) for name in raw_names(list(head.sources))],
    }
    _display(payload, f"<h1>{escape(head.title)}</h1><p>{escape(head.question)}</p>")


def show_points(*points: Point) -> None:
    """Show the main points; the page moves them to its top.

    Examples
    --------
    >>> from contextvars import copy_context
    >>> from IPython.utils.capture import capture_output
    >>> from analysis import Point
    >>> def show():
    ...     start_report("national", lang="en", parameters={})
    ...     show_points(Point("It falls.", target="rates"))
    >>> with capture_output() as shown:
    ...     copy_context().run(show)
    >>> bool(shown.outputs or shown.stdout)
    True
    """
    listed = [{"text": point.text, "target": point.target} for point in points]
    items = "".join(f"<li>{escape(point.text)}</li>" for point in points)
    _display({"kind": "points", "points": listed}, f"<ul>{items}</ul>")


def show_figure(ax: Axes, caption: Caption, data: pd.DataFrame, *, name: str) -> None:
    """Show a figure with its words, its numbers and where they come from.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Any axes of the figure.
    caption : Caption
        The words.
    data : pandas.DataFrame
        The numbers in the figure; ``attrs["sources"]`` names the tables they come from.
    name : str
        Identifier of the exhibit in the page and on disk.

    Raises
    ------
    ReportError
        When a word is missing, or words or data are not of the report's state.
    """
    svg = draw_svg(ax, name, data)
    payload = {"kind": "figure", "svg": svg, "alt": caption.alt}
    _display(payload | _exhibit(caption, data, name), f"<b>{escape(caption.title)}</b><br>{svg}")


def show_table(cells: Cells, caption: Caption, data: pd.DataFrame, *, name: str) -> None:
    """Show a table with its words, its numbers to ten digits and where they come from.

    Parameters
    ----------
    cells : Cells
        What is read on the page, from a ``table_*`` function.
    caption, data, name
        As for `show_figure`.

    Raises
    ------
    ReportError
        When a word is missing, or words or data are not of the report's state.
    """
    align = ["number" if is_number else "text" for is_number in cells.numbers]
    payload = {
        "kind": "table",
        "columns": [
            {"label": _head(label), "align": side}
            for label, side in zip(cells.labels, align, strict=True)
        ],
        "body": cells.body,
        "caption_marks": cells.marks,
    }
    html = pd.DataFrame(cells.body, columns=cells.labels).to_html(index=False)
    _display(payload | _exhibit(caption, data, name), f"<b>{escape(caption.title)}</b>{html}")


def _head(label: str) -> str:
    """Begin a head with a capital, but for the letter of a statistic.

    Examples
    --------
    >>> _head("víctimas del SESNSP"), _head("q-value"), _head("p")
    ('Víctimas del SESNSP', 'q-value', 'p')
    """
    return label[:1].upper() + label[1:] if label[1:2].isalpha() else label


def show_claims(
    verdicts: list[Verdict], caption: Caption, data: pd.DataFrame, *, name: str
) -> None:
    """Show every claim with its verdict, its readings and the raw rows they stand on.

    Parameters
    ----------
    verdicts : list of Verdict
        From `analysis.check_claims`.
    caption, data, name
        As for `show_figure`; ``data`` are the rows of `analysis.select_verdicts`.

    Raises
    ------
    ReportError
        When a word is missing, or there is no claim.
    """
    listed = {"claims": list_claims(verdicts), "groups": list_groups(verdicts, name)}
    html = data[["id", "verdict", "says", "rule"]].to_html(index=False)
    payload = {"kind": "claims"} | listed | _exhibit(caption, data, name)
    _display(payload, f"<b>{escape(caption.title)}</b>{html}")


def show_sureness(strengths: list[str], limitations: list[str], changes: list[str]) -> None:
    """Show how sure we are: strengths, limitations, and what would change the result.

    Examples
    --------
    >>> from contextvars import copy_context
    >>> from IPython.utils.capture import capture_output
    >>> from analysis import say_national_sureness
    >>> def show():
    ...     start_report("national", lang="en", parameters={})
    ...     show_sureness(*say_national_sureness())
    >>> with capture_output() as shown:
    ...     copy_context().run(show)
    >>> bool(shown.outputs or shown.stdout)
    True
    """
    parts = {"strengths": strengths, "limitations": limitations, "changes": changes}
    html = "".join(f"<li>{escape(text)}</li>" for texts in parts.values() for text in texts)
    _display({"kind": "sureness"} | parts, f"<ul>{html}</ul>")


def show_methods(paragraph: str, link: str) -> None:
    """Show the methods in a paragraph, with where the full text is.

    Examples
    --------
    >>> from contextvars import copy_context
    >>> from IPython.utils.capture import capture_output
    >>> from analysis import say_methods
    >>> def show():
    ...     start_report("national", lang="en", parameters={})
    ...     show_methods(*say_methods("national"))
    >>> with capture_output() as shown:
    ...     copy_context().run(show)
    >>> bool(shown.outputs or shown.stdout)
    True
    """
    _display(
        {"kind": "methods", "paragraph": paragraph, "link": link}, f"<p>{escape(paragraph)}</p>"
    )


def _display(payload: dict[str, Any], html: str) -> None:
    report = current_report()
    payload |= {"report": report.name, "asked": report.parameters}
    display({MIME: payload, "text/html": html, "text/plain": payload["kind"]}, raw=True)


def _exhibit(caption: Caption, data: pd.DataFrame, name: str) -> dict[str, Any]:
    _check_subject(caption, data, name)
    asked = current_report().parameters.get("state")
    sources = raw_names(data.attrs["sources"])
    return {
        "id": name,
        "title": caption.title,
        "subtitle": caption.subtitle,
        "notes": list(caption.notes),
        "source": "; ".join(
            data.attrs.get("documents") or [source_text(name, data) for name in sources]
        ),
        "csv": as_csv(data),
        "rows": len(data),
        "raw": [raw_rows(table, data, alone=bool(asked)) for table in sources],
    }


def _check_subject(caption: Caption, data: pd.DataFrame, name: str) -> None:
    """Refuse an exhibit whose words or numbers are not about what was asked for."""
    for part in ("title", "subtitle", "alt"):
        if not getattr(caption, part).strip():
            raise ReportError(f"exhibit {name} has no {part}")
    if data.empty or not (data.attrs.get("sources") or data.attrs.get("documents")):
        raise ReportError(f"exhibit {name} has no data, or its frame names no sources in attrs")
    asked = current_report().parameters.get("state")
    if asked is None:
        return
    if asked not in caption.title + caption.subtitle:
        raise ReportError(f"exhibit {name} does not say that it is about {asked}")
    if find_state(asked).cve_ent not in set(data.get("cve_ent", pd.Series(dtype="str"))):
        raise ReportError(f"the data of exhibit {name} hold no row of {asked}")
