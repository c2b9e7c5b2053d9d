"""Recorded faults applied to the figures: corrected, or marked and left as they are."""

from typing import Any

import pandas as pd

from analysis.errors import DataError
from analysis.sources import describe, read_raw


def select_cells(frame: pd.DataFrame, where: dict[str, Any]) -> pd.Series:
    """Say which rows a recorded ``where`` names: a value, a list, or a ``from``-``to`` range.

    Examples
    --------
    >>> frame = pd.DataFrame({"cve_ent": ["09", "10"], "year": [2021, 2022]})
    >>> select_cells(frame, {"cve_ent": "09", "year": {"from": "2020", "to": "2021"}}).tolist()
    [True, False]
    """
    chosen = pd.Series(True, index=frame.index)
    if unknown_columns := set(where) - set(frame.columns):
        raise DataError(f"a recorded correction or flag names no column: {unknown_columns}")
    for column, wanted in where.items():
        values = frame[column]
        is_month = pd.api.types.is_datetime64_any_dtype(values)
        text = values.dt.strftime("%Y-%m") if is_month else values.astype("str")
        if isinstance(wanted, dict):
            chosen &= text.between(str(wanted["from"]), str(wanted["to"]))
        else:
            chosen &= text.isin(map(str, wanted if isinstance(wanted, list) else [wanted]))
    return chosen


def _same(values: pd.Series, expected: Any) -> bool:
    return bool(values.isna().all() if expected is None else (values == expected).all())


def apply_corrections(frame: pd.DataFrame, descriptor: dict[str, Any]) -> pd.DataFrame:
    """Apply a table's recorded corrections and flags; adds the text column ``flags``.

    Several flags of a row are joined by ``;``. The frame's own values change only where a
    correction is recorded.

    Raises
    ------
    DataError
        When a correction no longer finds the rows or the faulty value it was recorded for: the
        producer may have repaired it, and the correction must go.
    """
    out = frame.copy()
    out["flags"] = ""
    for correction in descriptor.get("corrections", []):
        chosen = select_cells(out, correction["where"])
        column, cells = correction["column"], out.loc[chosen, correction["column"]]
        if len(cells) != correction["rows"] or not _same(cells, correction["found"]):
            raise DataError(
                f"{descriptor['name']}: correction {correction['id']} expected "
                f"{correction['rows']} row(s) with {column} = {correction['found']} where "
                f"{correction['where']}, found {cells.tolist()}. If the producer repaired the "
                "figure, delete the correction from data/raw/datapackage.json"
            )
        if correction["right"] is None and pd.api.types.is_integer_dtype(out[column]):
            out[column] = out[column].astype("Int64")
        out.loc[chosen, column] = pd.NA if correction["right"] is None else correction["right"]
        out = add_flag(out, chosen, correction["flag"])
    for flag in descriptor.get("flags", []):
        out = add_flag(out, select_cells(out, flag["where"]), flag["flag"])
    return out


def add_flag(frame: pd.DataFrame, chosen: pd.Series, flag: str) -> pd.DataFrame:
    """Add a flag to the chosen rows of a frame that has a ``flags`` column."""
    flags = frame["flags"].where(~chosen, frame["flags"] + ";" + flag).str.lstrip(";")
    return frame.assign(flags=flags)


def join_flags(first: pd.Series, second: pd.Series) -> pd.Series:
    """Join two columns of flags, each flag once, in alphabetical order.

    Examples
    --------
    >>> join_flags(pd.Series(["b"]), pd.Series(["a;b"])).tolist()
    ['a;b']
    """
    both = zip(first.fillna(""), second.fillna(""), strict=True)
    joined = [";".join(sorted({*a.split(";"), *b.split(";")} - {""})) for a, b in both]
    return pd.Series(joined, index=first.index, dtype="str")


def read_table(name: str, *, corrected: bool = True) -> pd.DataFrame:
    """Read a raw table, validate it and apply its corrections; adds the column ``flags``.

    With ``corrected=False`` the figures stay as found and ``flags`` is empty.

    Raises
    ------
    DataError
        See `analysis.schemas.validate` and `apply_corrections`.

    Examples
    --------
    >>> guard = read_table("guard_deployment_state_month")
    >>> guard.loc[guard["flags"].str.contains("guards_corrected"), "guards"].tolist()
    [2173, 979, 12224]
    """
    # Pandera takes half a second to import, for which a run with nothing to do need not wait.
    from analysis.schemas import validate

    frame = validate(read_raw(name), name)
    table = apply_corrections(frame, describe(name)) if corrected else frame.assign(flags="")
    table.attrs["sources"] = [name]
    return table
