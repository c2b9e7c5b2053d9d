"""Which files of the package a notebook leads to, found by reading imports, not by running."""

import json
import re
from functools import cache
from pathlib import Path

import analysis
from analysis.files import hash_file
from analysis.sources import root

PACKAGE = Path(analysis.__file__).parent
# What makes every page, whatever its notebook imports.
ALWAYS = ("analysis", "analysis.reporting.report", "analysis.reporting.exhibits")
FROM = re.compile(r"^\s*from (analysis[\w.]*) import (\([^)]*\)|[^\n#]*)", re.MULTILINE)
PLAIN = re.compile(r"^\s*import (analysis\.[\w.]+)", re.MULTILINE)


def list_files(notebook: Path) -> list[Path]:
    """Give the files that a notebook's page depends on: modules, and all data of the package.

    Of a package imported by its name alone every module counts, since they are found by name.

    Examples
    --------
    >>> names = {path.stem for path in list_files(root() / "notebooks" / "state.ipynb")}
    >>> "counts" in names, "provisioner" in names
    (True, False)
    """
    waiting = [*ALWAYS, *_asked(notebook)]
    found: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        if name not in found and (path := _modules().get(name)) and path.parent.name != "kernels":
            found[name] = path
            waiting += [name.rpartition(".")[0], *_read(path, path.stat().st_mtime_ns)[1]]
    own = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".py")
    data = (path for path in own if path.suffix != ".pyc" and "kernels" not in path.parts)
    return sorted({*found.values(), *data, notebook})


def hash_files(notebook: Path) -> dict[str, str]:
    """Give the SHA-256 of each of `list_files`, by its path in the package or the project."""
    places = (
        (path, PACKAGE if path.is_relative_to(PACKAGE) else root()) for path in list_files(notebook)
    )
    return {path.relative_to(place).as_posix(): hash_file(path) for path, place in places}


@cache
def _modules() -> dict[str, Path]:
    """Give every module and package by dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ["analysis", *path.relative_to(PACKAGE).with_suffix("").parts]
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def _asked(notebook: Path) -> list[str]:
    """Give the modules that hold what a notebook asks the package for, as ``an.NAME``."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = set(re.findall(r"\ban\.([a-z]\w*)", code)) | set(
        re.findall(r"analysis\.([a-z]\w*)", code)
    )
    names |= {name for _, listed in FROM.findall(code) for name in re.findall(r"\w+", listed)}
    homes = [
        module
        for module, path in _modules().items()
        if any(_is_home(module, name) for name in names & _read(path, path.stat().st_mtime_ns)[0])
    ]
    return homes + _leads(code)


def _is_home(module: str, name: str) -> bool:
    """Tell whether what a module defines under a name is public."""
    places = analysis.WHERE.get(name.partition("_")[0], "").split()
    return module.startswith(tuple(f"analysis.{place}" for place in places))


@cache
def _read(path: Path, changed: int) -> tuple[set[str], list[str]]:
    """Give the functions that a module defines, and the modules that it imports."""
    text = path.read_text("utf-8")
    return set(re.findall(r"^def (\w+)\(", text, re.MULTILINE)), _leads(text)


def _leads(text: str) -> list[str]:
    """Give the modules that a text imports, also inside functions."""
    found = PLAIN.findall(text)
    for base, listed in FROM.findall(text):
        names = [part.split(" as ")[0].strip() for part in listed.strip("() \n").split(",")]
        inner = [f"{base}.{name}" for name in names if f"{base}.{name}" in _modules()]
        found += [base, *inner]
        for package in (name for name in inner if _modules()[name].name == "__init__.py"):
            found += [name for name in _modules() if name.startswith(f"{package}.")]
    return found
