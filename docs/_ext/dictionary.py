"""The data dictionary, made from the descriptors.

``{tables} raw`` lists the raw tables, ``{columns}`` the columns that results share.
"""

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from analysis.columns import result_columns
from analysis.sources import derived_tables, official_tables, raw_tables

KINDS = {"raw": raw_tables, "built": derived_tables, "official": official_tables}


def plain(text: object) -> str:
    """Write a text so that Markdown changes nothing about it."""
    return re.sub(r"([\\`*_{}\[\]<>|#~$])", r"\\\1", " ".join(str(text).split()))


def linked(item: dict[str, Any]) -> str:
    """Write a source or licence, with its address where it has one."""
    link = f"[{plain(item['title'])}](<{item['path']}>)" if item.get("path") else ""
    accessed = item.get("accessed", "not recorded")
    day = f", accessed {accessed}" if accessed != "not recorded" else ""
    return (link or plain(item["title"])) + day


def covered(coverage: dict[str, Any]) -> str:
    """Write first and last period of a table, and what is to be known about those between."""
    first, last = coverage["first"], coverage["last"]
    note = coverage.get("note", "")
    return plain(f"{first if first == last else f'{first} to {last}'}. {note}")


def facts(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what is said of a table beside its description, each with its name."""
    yield "A row is", plain(table["row"])
    if rows := table.get("rows"):
        yield "Rows", f"{rows:,}"
    if coverage := table.get("coverage"):
        yield "Coverage", covered(coverage)
    if (vintage := table.get("vintage", "not recorded")) != "not recorded":
        yield "Vintage", plain(vintage)
    if parts := table.get("built_from"):
        yield "Made from", ", ".join(f"`{name}`" for name in parts)
    for key, name in (("sources", "Source"), ("licenses", "Licence")):
        if items := table.get(key):
            yield name, "; ".join(map(linked, items))
    if key := table["schema"].get("primaryKey"):
        yield "Key", ", ".join(f"`{column}`" for column in key)
    for fault in table.get("known_faults", []):
        yield "Known fault", plain(fault)


def entry(table: dict[str, Any]) -> str:
    """Write a table's entry as Markdown."""
    told = "\n".join(f"- **{name}:** {text}" for name, text in facts(table))
    return (
        f"### `{table['name']}`\n\n**{plain(table['title'])}.** {plain(table['description'])}\n\n"
        f"{told}\n\n{listed(table['schema']['fields'])}\n\n"
    )


def listed(fields: list[dict[str, Any]]) -> str:
    """Write columns as a table."""
    rows = "\n".join(
        f"| `{field['name']}` | {field['type']} | {plain(field.get('unit') or '')} "
        f"| {plain(field['description'])} |"
        for field in fields
    )
    return f"| column | type | unit | meaning |\n|---|---|---|---|\n{rows}"


class Tables(SphinxDirective):
    """Every table of a kind."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the entries in the order of the descriptors."""
        tables = KINDS[self.arguments[0]]().values()
        # The descriptors are no part of what Sphinx watches, so the page is made every time.
        self.env.note_reread()
        text = "".join(map(entry, tables))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class Columns(SphinxDirective):
    """The columns that results share."""

    def run(self) -> list[nodes.Node]:
        """Write them in the order of the descriptor."""
        self.env.note_reread()
        return self.parse_text_to_nodes(listed(result_columns()))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("tables", Tables)
    app.add_directive("columns", Columns)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
