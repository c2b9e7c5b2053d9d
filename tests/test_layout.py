"""The house: who may import whom, sizes, one version, nothing of the machine in the project."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

import analysis

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/analysis"
MODULES = sorted(SOURCE.rglob("*.py"))

# Each layer may import itself and the layers listed.
BASE = {
    *("columns", "descriptors"),
    *("errors", "geography", "calendar", "sources", "vintages", "bars"),
    *("schemas", "parameters", "inventory", "reads", "results", "files"),
}
COMMANDS = {"__main__", "cli", "cli_data", "cli_diff"}
MAY = {
    "base": {"base"},
    "cleaning": {"base", "cleaning"},
    "modelling": {"base", "modelling"},
    "models": {"base", "cleaning", "modelling", "models"},
    "claims": {"base", "cleaning", "modelling", "claims"},
    "kernels": {"kernels"},
    "reporting": {"base", "cleaning", "modelling", "models", "claims", "kernels", "reporting"},
    "official": {"base", "cleaning", "modelling", "official"},
    "cli": {"base", "cleaning", "modelling", "models", "claims", "reporting", "official", "cli"},
}


def layer(module: str) -> str:
    """Name the layer of a dotted module below ``analysis``."""
    first = module.split(".")[0]
    return "base" if first in BASE else "cli" if first in COMMANDS else first


def imported(path: Path) -> set[str]:
    """List the modules of the package that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("analysis."):
            found.add(node.module.removeprefix("analysis."))
        elif isinstance(node, ast.ImportFrom) and node.module == "analysis":
            found |= {alias.name for alias in node.names if not alias.name.startswith("__")}
        elif isinstance(node, ast.Import):
            names = (alias.name for alias in node.names)
            found |= {name.removeprefix("analysis.") for name in names if "analysis." in name}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_one_way(path):
    own = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    if own == "__init__":
        return
    wrong = {name for name in imported(path) if layer(name) not in MAY[layer(own)]}
    assert not wrong, f"{own} ({layer(own)}) must not import {sorted(wrong)}"


def test_modules_and_functions_stay_short():
    for path in MODULES:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                documented = ast.get_docstring(node) is not None and len(node.body) > 1
                lines = node.end_lineno - node.body[int(documented)].lineno + 1
                assert lines <= 40, f"{path}: {node.name}"


def test_a_name_looked_up_in_the_package_stands_once():
    """``analysis.plot_x`` is the first found: a second one of the name would hide."""
    names = [
        node.name
        for start, place in analysis.WHERE.items()
        for path in MODULES
        if ".".join(path.relative_to(SOURCE).with_suffix("").parts).startswith(place)
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(f"{start}_")
    ]
    assert {name for name in names if names.count(name) > 1} == set()


def test_public_functions_say_what_they_do():
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path}: {node.name}"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing is tracked")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_nothing_of_a_machine_or_a_registry_is_tracked():
    address = re.compile(r"index[-_]url|https?://[^ \"]*/(?:simple|packages)/")
    for path in tracked():
        if path.suffix in {".png", ".gz"} or path == Path(__file__):
            continue
        text = path.read_text("utf-8")
        assert not address.search(text), path
        assert f"{ROOT.parent}/" not in text, path


def test_no_official_file_is_tracked():
    official = re.compile(r"IDVFC|IDEFC|IDM_|guardia_nacional_20|\.(dbf|xlsx)$")
    assert not [path for path in tracked() if official.search(path.name)]
