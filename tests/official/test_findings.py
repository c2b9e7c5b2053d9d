"""The kinds of findings are those that the code gives, no more and no fewer."""

import ast
from pathlib import Path

import pytest

from analysis.official import findings
from analysis.official.findings import KINDS, Finding

SOURCE = Path(findings.__file__).parent
# Where the kind stands among the arguments of what tells of a finding.
PLACES = {"tell": 1, "tell_each": 1, "tell_lines": 1, "Finding": 1, "reject_labels": 2}


def trees():
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name != "findings.py":
            yield path, ast.parse(path.read_text("utf-8"))


def test_every_kind_is_given_somewhere():
    texts = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(KINDS) - texts == set()


def test_every_kind_given_is_known():
    given = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                place = PLACES.get(name)
                if place is not None and len(node.args) > place:
                    kind = node.args[place]
                    if isinstance(kind, ast.Constant):
                        given.add(kind.value)
    assert len(given) > 20
    assert given - set(KINDS) == set()


def test_an_unknown_kind_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="unknown kind"):
        Finding("error", "odd", "a", "b", "c")


def test_a_finding_says_where_what_and_how_to_mend_it():
    finding = Finding("error", "negative", '"-1"', "a count", "Ask", 7, "Enero")
    assert str(finding) == ('error: negative (row 7, Enero): found "-1"; expected a count. Ask')
    assert list(finding.to_dict()) == [
        *("level", "kind", "row", "column", "found", "expected", "fix")
    ]
