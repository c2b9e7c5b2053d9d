"""One executed notebook to one self-contained page, through the house's nbconvert template."""

import analysis.reporting.light  # noqa: F401

# isort: split
import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import mistune
import nbformat
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from nbconvert import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import Highlight2HTML

from analysis.reporting.languages import language_name
from analysis.reporting.notebooks import MIME
from analysis.reporting.style import PALETTE

TEMPLATE = Path(__file__).with_name("template")
ONCE = ("title", "points", "sureness", "methods")  # moved to their own place on the page
EXHIBITS = ("figure", "table", "claims")
ANCHORS = {
    *("theme", "contents", "main", "main-points", "findings", "filter", *ONCE[2:], "seal", "cite")
}
NAMES = {light: name for name, (light, _) in PALETTE.items()}
# Of code: names, brackets and spaces, to which the style gives no colour.
PLAIN = re.compile(r'<span class="(?:n|p|w)">([^<]*)</span>')
COLOUR = re.compile("|".join(f"{light}(?![0-9a-f])" for light in NAMES), re.IGNORECASE)


def render_page(
    notebook: nbformat.NotebookNode,
    *,
    page: dict[str, Any],
    translate: Callable[[str], str],
    lang: str,
) -> str:
    """Return the page of an executed notebook as one HTML text that asks for nothing else.

    Parameters
    ----------
    notebook
        Executed; its exhibits are outputs of the type `MIME`.
    page
        ``date, seal, command, citation, index, download, version``: what the run knows.
    translate
        From an English message to the page's language.
    lang
        Cells tagged with another language (``lang-es``) are left out.

    Raises
    ------
    ValueError
        If a cell failed, a part is missing, or an id is used twice or pointed at in vain.
    """
    resources = {
        "report": read_report(notebook, lang=lang),
        "page": page,
        "lang": lang,
        "translate": lambda text: translate(text),  # the exporter copies methods deeply, not this
    }
    return exporter().from_notebook_node(notebook, resources)[0]


def render_failure(
    notebook: nbformat.NotebookNode,
    *,
    page: dict[str, Any],
    translate: Callable[[str], str],
    lang: str,
) -> str:
    """Return the page of a report that failed: where and why, and its output up to there.

    Parameters
    ----------
    notebook
        As far as it was executed.
    page
        ``name, error, command, good`` (file of the last good page, or empty), ``index, version``.
    translate, lang
        As for `render_page`.
    """
    done = (cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs)
    cells = [{"code": cell.source, "outputs": list(_partial(cell))} for cell in done]
    resources = {"page": page, "cells": cells, "lang": lang, "translate": translate}
    template = exporter().environment.get_template("failed.html.j2")
    return template.render(resources=resources)


def _partial(cell: nbformat.NotebookNode) -> Iterator[dict[str, Any]]:
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "error":
            yield {"text": "\n".join(map(_plain, output.traceback))}
        elif "svg" in data.get(MIME, {}):
            shown = data[MIME]
            yield {"title": shown["title"], "svg": _themed(shown["svg"], alt=shown["alt"])}
        elif MIME in data:
            points = [point["text"] for point in data[MIME].get("points", [])]
            yield {"said": "\n".join(points) or data[MIME].get("title") or data[MIME]["kind"]}
        else:
            yield {"text": output.get("text") or data.get("text/plain", "")}


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class PageExporter(HTMLExporter):
    """Nbconvert's exporter without its last look at the HTML, which is for its own templates."""

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """Fill in the template."""
        highlight = Highlight2HTML(pygments_lexer="python", parent=self)
        self.register_filter("highlight_code", lambda code: PLAIN.sub(r"\1", highlight(code)))
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


@cache
def exporter() -> HTMLExporter:
    """Return the one exporter of this process, with escaping on and the house's filters."""
    made = PageExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        # A page is made from the cells as they are.
        default_preprocessors=[],
    )
    script = _packed("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = made.environment
    environment.autoescape = True
    environment.undefined = StrictUndefined
    environment.filters |= {
        "language_name": language_name,
        "csv_link": lambda text: "data:text/csv;charset=utf-8," + quote(text, safe=",:;/()"),
        "safe_link": lambda link: Markup(mistune.HTMLRenderer().safe_url(link)),
    }
    environment.globals |= {
        "_": _translate,
        "palette": PALETTE,
        "style": Markup(_packed("style.css")),
        "script": Markup(script),
        "policy": Markup(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        ),
    }
    return made


def _packed(name: str) -> str:
    """Return a file of the template without indents and lines of comment, which no reader needs."""
    text = (TEMPLATE / name).read_text(encoding="utf-8")
    return re.sub(r"^\s*(?://.*|/\*.*\*/)\n|^\s+", "", text, flags=re.MULTILINE)


@pass_context  # so that Jinja asks on every page, and not once when it compiles the template
def _translate(context: Context, text: str) -> str:
    return context["resources"]["translate"](text)


def read_report(notebook: nbformat.NotebookNode, *, lang: str) -> dict[str, Any]:
    """Return the parts of a page: those that stand once, and the blocks between them in order.

    Code goes below the exhibit it led to; prose before the title and first-level headings give
    way to the title block, which carries the question.
    """
    report: dict[str, Any] = dict.fromkeys(ONCE) | {"blocks": [], "contents": []}
    waiting: list[str] = []
    for number, cell in enumerate(notebook.cells, 1):
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("lang-")]
        if tags and f"lang-{lang}" not in tags:
            continue
        if cell.cell_type == "markdown":
            if report["title"] is None:  # the question, which the title block carries
                continue
            html = _prose(cell.source, report["contents"])
            report["blocks"] += [{"kind": "prose", "html": html}] if html else []
        elif cell.cell_type == "code":
            shown = [_place(item, report) for item in _shown(cell, number)]
            waiting += [cell.source] if cell.source.strip() else []
            if folds := [item for item in shown if item["kind"] != "title"]:
                folds[-1]["code"], waiting = "\n\n".join(waiting), []
    report["blocks"] += [{"kind": "code", "code": "\n\n".join(waiting)}] if waiting else []
    report["opening"] = [block.get("html", "")[:3] for block in report["blocks"][:1]] != ["<h2"]
    return report | {"exhibits": _check(report)}


def _shown(cell: nbformat.NotebookNode, number: int) -> Iterator[dict[str, Any]]:
    for output in cell.outputs:
        if output.output_type == "error":
            failure = f"cell {number}: {output.ename}: {output.evalue}"
            raise ValueError(f"{failure}; only a notebook that ran without error becomes a page")
        data = output.get("data", {})
        if MIME in data:
            yield {**data[MIME], "code": "", "cell": number}
        elif text := output.get("text") or data.get("text/plain", ""):
            yield {"kind": "text", "text": text, "code": ""}


def _place(item: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Put one shown thing where the page has it; number it when it is an exhibit."""
    kind = item["kind"]
    if kind in ONCE:
        if report[kind] is not None:
            raise ValueError(f"cell {item['cell']}: a second {kind!r}; a page has one: merge them")
        report[kind] = item
    elif kind in EXHIBITS:
        item["number"] = 1 + sum(block["kind"] == kind for block in report["blocks"])
        # The same figures are carried once; a later exhibit leads to the first.
        earlier = (block for block in report["blocks"] if block.get("csv") == item["csv"])
        item["same"] = next(earlier, None)
        if kind == "figure":
            item["svg"] = _themed(item["svg"], alt=item["alt"])
        if kind == "claims":
            groups = item["groups"]
            report["contents"] += [group | {"kind": "heading", "level": 3} for group in groups]
        else:
            report["contents"].append({**item, "level": 3})
    elif kind != "text":
        raise ValueError(
            f"cell {item['cell']}: unknown kind {kind!r}; expected {', '.join(EXHIBITS)}"
        )
    if kind not in ONCE:
        report["blocks"].append(item)
    return item


def _themed(svg: str, *, alt: str) -> Markup:
    """Return the drawing with palette colours as variables, and its words for a screen reader."""
    # The page is the ground, so that the shade of a scrolled edge is seen through the drawing.
    svg = svg.replace(f'style="fill:{PALETTE["paper"][0]}"', 'style="fill:none"')
    svg = COLOUR.sub(lambda found: f"var(--{NAMES[found[0].lower()]}, {found[0]})", svg)
    return Markup(svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1))


class _Prose(mistune.HTMLRenderer):
    """Markdown as HTML: raw HTML is escaped, an image is its text, headings are listed."""

    def __init__(self, contents: list[dict[str, Any]]) -> None:
        super().__init__(escape=True)
        self.contents = contents

    def heading(self, text: str, level: int, **attrs: Any) -> str:  # Mistune's own signature
        if level == 1:
            return ""
        level = min(level, self.contents[-1]["level"] + 1 if self.contents else 3)
        made = {"kind": "heading", "id": f"section:{len(self.contents) + 1}", "level": level}
        self.contents.append(made | {"title": Markup(text).striptags()})
        return f'<h{level} id="{made["id"]}">{text}</h{level}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return text


def _prose(source: str, contents: list[dict[str, Any]]) -> Markup:
    read = mistune.create_markdown(renderer=_Prose(contents), plugins=["table"])
    return Markup(str(read(source)).strip())


def _check(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Refuse a page that lacks a part or has a link that leads nowhere; give exhibits by id."""
    if not report["title"] or not report["title"]["title"].strip():
        raise ValueError("the notebook shows no title; every page begins with one: show_title(...)")
    points = report["points"]["points"] if report["points"] else []
    if not points:
        raise ValueError("the notebook shows no main points; a page opens with three to five")
    seen: dict[str, dict[str, Any]] = {}
    for block in (item for item in report["blocks"] if item["kind"] in EXHIBITS):
        where = f"cell {block['cell']}, {block['kind']} {block['id']!r}"
        if block["id"] in {*seen, *ANCHORS}:
            raise ValueError(f"{where}: this id is already used on the page; give it another")
        if not re.fullmatch(r"[A-Za-z][\w.-]*", block["id"]):
            raise ValueError(f"{where}: an id is a letter, then letters, digits, - . _")
        needed = ["title", "source"] + ["alt"] * (block["kind"] == "figure")
        if empty := [name for name in needed if not block[name].strip()]:
            raise ValueError(f"{where}: empty {', '.join(empty)}; every exhibit carries these")
        seen[block["id"]] = block
        for claim in block.get("claims", []):
            if (name := f"claim-{claim['id']}") in seen:
                raise ValueError(f"{where}: {name!r} is already used on the page")
            seen[name] = {"kind": "claim", "id": claim["id"]}
    for point in points:
        if point["target"] is not None and point["target"] not in seen:
            wrong = f"main point {point['text']!r} leads to {point['target']!r}, not on the page"
            raise ValueError(f"{wrong}; expected one of {', '.join(seen)}")
    return seen
