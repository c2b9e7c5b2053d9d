"""The columns of a table as its descriptor states them: kinds and units."""

from typing import Any


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
