"""The message catalogue: every text that pages say, and what a language lacks of it.

``python -m analysis.reporting.catalogue`` brings every ``locale/LANGUAGE.po`` up to date (``make
catalogue``); with the code of a new language it begins one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import analysis
from analysis.claims.ledger import read_ledger
from analysis.claims.metrics import find_measures, units_of
from analysis.claims.shape import QUALIFIERS
from analysis.claims.verdicts import VERDICTS
from analysis.files import written_beside
from analysis.modelling.periods import split_units
from analysis.reporting.languages import CATALOGUES
from analysis.reporting.text import has_words
from analysis.sources import derived_tables, raw_tables, read_text, root

PACKAGE = Path(analysis.__file__).parent
# Functions whose first argument is a message.
SAYING = ("_", "translate", "Note")
# What of a ledger is in its language.
LEDGER = (
    *("says", "section", "topic", "note", "unit"),
    *("no_data", "not_testable", "proxy", "untested", "found_is"),
)


def collect_messages() -> Catalog:
    """Collect what the code, its templates, the descriptors, tables and ledgers say in English.

    Returns
    -------
    babel.messages.Catalog
        Each message with the places it comes from, seen from the project's folder.
    """
    catalog = Catalog(charset="utf-8")
    for place, text in [*_code(), *_templates(), *_data()]:
        if has_words(text):
            catalog.add(text, locations=[(place, 0)])
    return catalog


def lacking(lang: str) -> list[str]:
    """Give the messages that the catalogue of a language has no translation of."""
    known = {message.id: message.string for message in _read(lang)}
    return [str(message.id) for message in collect_messages() if not known.get(message.id)]


def update_catalogue(lang: str) -> Path:
    """Bring the catalogue of a language up to date, or begin it; give its path.

    New messages come without a translation, which `lacking` tells; those that nothing says any
    more are left out.
    """
    known = _read(lang)
    known.project, known.version = "mexico-security-analysis", ""
    known.update(collect_messages(), no_fuzzy_matching=True, update_creation_date=False)
    path = CATALOGUES / f"{lang}.po"
    with written_beside(path) as part, part.open("wb") as file:
        write_po(
            file, known, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False
        )
    return path


def _read(lang: str) -> Catalog:
    path = CATALOGUES / f"{lang}.po"
    if not path.is_file():
        return Catalog(locale=lang, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=lang)


def _code() -> Iterator[tuple[str, str]]:
    """Give the literal texts that the code hands to what says them, each with its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for scope in ast.walk(tree):
            if isinstance(scope, ast.Module | ast.FunctionDef):
                for node in _messages(list(_inside(scope))):
                    yield _place(path), node.value


def _inside(scope: ast.AST) -> Iterator[ast.AST]:
    """Give what stands in a module or function, but not in the functions inside it."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, ast.FunctionDef):
            yield node
            yield from _inside(node)


def _messages(nodes: list[ast.AST]) -> Iterator[Any]:
    values: dict[str, list[ast.AST]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                for name, value in pairs:
                    values.setdefault(getattr(name, "id", ""), []).append(value)
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYING and node.args:
            yield from _literals(node.args[0], values)


def _literals(node: ast.AST, values: dict[str, list[ast.AST]]) -> Iterator[ast.Constant]:
    """Give the texts that an expression can be: itself, a branch, or what a name was set to."""
    match node:
        case ast.Constant(value=str()):
            yield node
        case ast.IfExp(body=one, orelse=other):
            yield from _literals(one, values)
            yield from _literals(other, values)
        case ast.Name(id=name):
            rest = {key: found for key, found in values.items() if key != name}
            for value in values.get(name, []):
                yield from _literals(value, rest)


def _templates() -> Iterator[tuple[str, str]]:
    for path in sorted((PACKAGE / "reporting" / "template").glob("*.j2")):
        with path.open("rb") as file:
            options = {"silent": "false"}
            for found in babel_extract(file, ["_"], [], options):
                yield _place(path), str(found[2])


def _place(path: Path) -> str:
    return path.relative_to(PACKAGE.parents[1]).as_posix()


def _data() -> Iterator[tuple[str, str]]:
    """Give titles and vintages of tables, their columns of words, and the texts of ledgers."""
    for name, table in (raw_tables() | derived_tables()).items():
        texts = {table["title"], table.get("vintage", "")}
        texts |= {source["title"] for source in table.get("sources", [])}
        for field in table["schema"]["fields"]:
            if field.get("language") == "en":
                column = read_text(name)[field["name"]]
                # Pages write a unit and its reservation apart.
                apart = field["name"] == "unit"
                texts |= {*(split_units(column).to_numpy().ravel() if apart else column)}
        yield from ((f"data/raw/{name}", text) for text in sorted(texts))
    for path in sorted((root() / "claims").glob("*.yml")):
        for claim in read_ledger(path).claims:
            said = {getattr(claim, key) for key in LEDGER}
            if claim.asked and not claim.asked.takes_claims:
                said |= {*claim.asked.call.names}
            yield from ((f"claims/{path.name}", text) for text in sorted(said))
    units = {unit for name in find_measures() for unit in units_of(name)}
    for text in (*VERDICTS, *QUALIFIERS, *sorted(units)):
        yield "src/analysis/claims", text


if __name__ == "__main__":
    for code in sorted({*sys.argv[1:], *(path.stem for path in CATALOGUES.glob("*.po"))}):
        print(f"{update_catalogue(code)}: {len(lacking(code))} messages lack a translation")
