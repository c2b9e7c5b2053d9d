"""An open, reproducible evidence base on insecurity in Mexico.

Names are looked up when they are first used, so that ``import analysis`` is light: what begins
with ``fit_`` is a model, ``plot_`` a figure, ``table_`` a table, and so on (see `WHERE`).
"""

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

__version__ = "0.1.0"

# One thread for linear algebra unless the user says otherwise: matrices here are small, reports
# run side by side, and sums made in one order give the same digits on every machine.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
for _name in THREADS:
    os.environ.setdefault(_name, "1")

# Where public names live, by how they begin.
WHERE = {
    "load": "cleaning.build cleaning.official",
    "build": "cleaning.build",
    "select": "modelling reporting.tables.claims",
    "fit": "modelling",
    "estimate": "modelling",
    "find": "geography",
    "catalogue": "inventory",
    "describe": "sources",
    "read": "claims.ledger",
    "check": "claims.verdicts",
    "measure": "claims",
    "list": "claims.metrics",
    "plot": "reporting.figures",
    "table": "reporting.tables",
    "caption": "reporting.captions",
    "point": "reporting.captions",
    "title": "reporting.captions",
    "say": "reporting.captions",
    "show": "reporting.exhibits",
    "start": "reporting.exhibits",
    "export": "reporting.documents",
    **dict.fromkeys(("Caption", "Cells", "Point", "Title"), "reporting.parts"),
}


def _modules(places: str) -> Iterator[ModuleType]:
    for place in places.split():
        name = f"{__name__}.{place}"
        yield import_module(name)
        yield from map(import_module, _inside(name))


@cache
def _inside(name: str) -> list[str]:
    """Give the names of the modules of a package."""
    paths = getattr(import_module(name), "__path__", [])
    return [item.name for item in walk_packages(paths, f"{name}.")]


def __getattr__(name: str) -> object:
    place = WHERE.get(name.partition("_")[0])
    for module in _modules(place or ""):
        if getattr(vars(module).get(name), "__module__", None) == module.__name__:
            found = vars(module)[name]
            # A run of reports keeps the results of models.
            keeps = name.startswith("fit_") and "ANALYSIS_RESULTS" in os.environ
            return import_module(f"{__name__}.results").kept(found) if keeps else found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    # What is imported for use in here is nobody's to use from here.
    where = {
        name: getattr(thing, "__module__", getattr(thing, "__name__", __name__))
        for name, thing in globals().items()
    }
    return sorted(
        {name for name in where if name.startswith("_") or where[name].startswith(__name__)}
        | {
            name
            for start, place in WHERE.items()
            for module in _modules(place)
            for name, thing in vars(module).items()
            if name.partition("_")[0] == start
            and getattr(thing, "__module__", "") == module.__name__
        }
    )
