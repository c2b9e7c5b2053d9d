"""The columns of frames: kinds and units as descriptors state them, tables they come from.

``columns.json`` beside this module describes those of results, which mean the same wherever they
stand.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

RATE = "per 100,000 person-years"
# What ``columns.json`` says of columns whose unit is that of what a model estimates.
OF_ESTIMATE = ("of the model", "of the estimate")


class Units(dict[str, str | None]):
    """Units by column. Copies of a frame share them; pandas copies all else in ``attrs`` deeply."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Units":
        return self


def list_units(descriptor: dict[str, Any]) -> Units:
    """Give the unit of each column of a table, None where it has none."""
    return Units({field["name"]: field.get("unit") for field in descriptor["schema"]["fields"]})


def column_dtype(field: dict[str, Any]) -> str:
    """Give the pandas type of a descriptor's column; codes stay text, absence stays absence."""
    if field["type"] == "yearmonth":
        return "datetime64[us]"
    if field["type"] in ("integer", "year"):
        return "int64" if field.get("constraints", {}).get("required") else "Int64"
    return {"number": "float64", "string": "str", "boolean": "bool"}[field["type"]]


def result_columns() -> list[dict[str, Any]]:
    """Give ``name, type, unit, description`` of the columns that results share."""
    return json.loads(Path(__file__).with_name("columns.json").read_text("utf-8"))["fields"]


@cache
def _shared_units() -> dict[str, str | None]:
    """Give units by column, of results and of the built tables, where a name has one meaning."""
    built = json.loads(Path(__file__).with_name("derived.json").read_text("utf-8"))["resources"]
    fields = [field for table in built for field in table.get("schema", {}).get("fields", [])]
    return {field["name"]: field["unit"] for field in [*fields, *result_columns()]}


def credit(frame: pd.DataFrame, tables: Iterable[str], **units: str) -> pd.DataFrame:
    """Write into a frame's ``attrs`` the tables its numbers come from and its columns' units.

    Parameters
    ----------
    frame : pandas.DataFrame
        A new frame; other ``attrs`` stay.
    tables : iterable of str
        Names of raw or built tables.
    **units : str
        By column, where it is not that of the tables or of ``columns.json``. The unit of
        ``estimate`` is also that of its interval.

    Returns
    -------
    pandas.DataFrame
        The same frame.

    Examples
    --------
    >>> rows = pd.DataFrame({"estimate": [2.0], "conf_low": [1.0], "months": [36]})
    >>> credit(rows, ["panel"], estimate="% a year").attrs["units"]
    {'estimate': '% a year', 'conf_low': '% a year', 'months': 'months'}
    """
    shared = _shared_units()
    own = {name: unit for name, unit in frame.attrs.get("units", {}).items() if unit}
    if "estimate" in units:
        own = {name: unit for name, unit in own.items() if shared.get(name) not in OF_ESTIMATE}
    known = shared | own | units
    estimate = known["estimate"]
    found = {name: known.get(name) for name in frame}
    found = {name: estimate if unit in OF_ESTIMATE else unit for name, unit in found.items()}
    frame.attrs = {**frame.attrs, "sources": [*tables], "units": Units(found)}
    return frame
