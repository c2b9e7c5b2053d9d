"""What the texts of a file's rows mean: years, states and municipalities, each with its code."""

import re
from datetime import date

import pandas as pd

from analysis.errors import RequestError
from analysis.geography import LAST_MUNICIPALITY, find_state, states
from analysis.official.rows import Rows

# No official series begins before.
FIRST_YEAR = 1900
KEPT = "The rows were left out and kept among the rejects"
# What stands at the end of a municipality's code when the municipality is not one.
UNSPECIFIED = ("998", "999")


def reject_labels(
    rows: Rows, frame: pd.DataFrame, kind: str, column: str, expected: str, fix: str = KEPT
) -> None:
    """Reject the rows whose texts have a ``reason`` in a frame made from `Rows.distinct`."""
    wrong = frame[frame["reason"] != ""]
    if wrong.empty:
        return
    cases = [(row.line, column, f"{row.reason} ({row.rows} rows)") for row in wrong.itertuples()]
    rows.tell_each("error", kind, cases, expected, fix)
    join = rows.join("raw", wrong, ["reason"], "wrong")
    rows.reject(f"SELECT line, '{kind}: ' || reason FROM raw {join}")


def read_years(rows: Rows, name: str = "year", *, last: int | None = None) -> pd.DataFrame:
    """Read a column of years; rows with another text are rejected.

    Returns
    -------
    pandas.DataFrame
        As `Rows.distinct`, with ``year`` as a number.
    """
    last = last or date.today().year
    frame = rows.distinct([name])
    number = pd.to_numeric(frame[name].str.replace(r"\.0+$", "", regex=True), errors="coerce")
    good = number.between(FIRST_YEAR, last) & number.mod(1).eq(0)
    frame["reason"] = ('"' + frame[name] + '"').mask(good, "")
    reject_labels(rows, frame, "date", rows.producer[name], f"a year from {FIRST_YEAR} to {last}")
    return frame[good].assign(year=number[good].astype("int64"))


def read_states(rows: Rows) -> pd.DataFrame:
    """Read a state's code and name, which must be each other's; rows are rejected where not.

    Returns
    -------
    pandas.DataFrame
        As `Rows.distinct` of ``cve_ent`` and ``state``, where the file has them, with ``cve_ent``.
    """
    held = [name for name in ("cve_ent", "state") if name in rows.labels]
    frame = rows.distinct(held)
    known = {state.cve_ent for state in states()}
    codes = frame.get("cve_ent", pd.Series("", index=frame.index)).str.removesuffix(".0")
    names = frame.get("state", pd.Series("", index=frame.index))
    codes = [code.zfill(2) if code else "" for code in codes]
    by_name = [find_code(name) for name in names]
    unnamed = pd.Series([not other for other in by_name], index=frame.index, dtype="bool")
    frame["reason"] = [
        _reason(code, other, name, known)
        for code, other, name in zip(codes, by_name, names, strict=True)
    ]
    frame["cve_ent"] = [code or other for code, other in zip(codes, by_name, strict=True)]
    expected = "a code from 01 to 32 and the name of that state"
    reject_labels(rows, frame, "unknown state", rows.producer[held[0]], expected)
    strange = frame[frame["reason"].eq("") & unnamed]
    if "state" in held:
        column = rows.producer["state"]
        rows.tell_each(
            "warning",
            "name",
            [(row.line, column, f'"{row.state}"') for row in strange.itertuples()],
            "the name of the state whose code it has",
            "The code was used; an alias can be added in geography.py",
        )
    return frame[frame["reason"].eq("")].drop(columns=["reason", "state"], errors="ignore")


def _reason(number: str, by_name: str, name: str, known: set[str]) -> str:
    """Say what is wrong with a state's code and name; empty where nothing is."""
    if number and number not in known:
        return f'code "{number}" with the name "{name}"'
    if not number and not by_name:
        return f'"{name}"' if name else "no state"
    if number and by_name and number != by_name:
        return f'code "{number}" with the name "{name}", whose code is {by_name}'
    return ""


def find_code(name: str) -> str:
    """Give the code of the state of a name; empty where there is none."""
    # A number or an abbreviation of two letters is no name.
    if len(name) < 3 or name.isdecimal():
        return ""
    try:
        return find_state(name).cve_ent
    except RequestError:
        return ""


def read_municipalities(rows: Rows, places: pd.DataFrame) -> pd.DataFrame:
    """Add ``cve_mun`` to states read from a file whose code holds the state's, unpadded.

    Rows whose code belongs to another state, or can not exist, are rejected; one beyond the last
    municipality known is kept with a warning, since new ones are founded.
    """
    raw = [column for column in places if column.startswith("raw_")]
    names = ["cve_ent", "state", "cve_mun", "municipality"]
    frame = rows.distinct([name for name in names if name in rows.labels])
    frame = frame.drop(columns="cve_ent").merge(places[[*raw, "cve_ent"]], on=raw)
    frame["municipality"] = frame.get("municipality", "")
    codes = [text.removesuffix(".0").zfill(5) for text in frame["cve_mun"]]
    frame["reason"] = [
        ""
        if re.fullmatch(rf"{state}(?!000)\d{{3}}", code, re.ASCII)
        else f'code "{code}" in state {state}'
        for code, state in zip(codes, frame["cve_ent"], strict=True)
    ]
    column = rows.producer["cve_mun"]
    expected = "the state's code and a municipality from 001"
    reject_labels(rows, frame, "unknown municipality", column, expected)
    frame = frame.assign(cve_mun=codes)[frame["reason"].eq("")]
    tell_beyond(rows, frame, column)
    return _one_name(rows, frame)


def tell_beyond(rows: Rows, frame: pd.DataFrame, column: str) -> None:
    """Tell of codes of municipalities above the last one known in their state.

    The frame has ``line, cve_mun, municipality``.
    """
    cases = [
        (row.line, column, f'code "{row.cve_mun}", {row.municipality}')
        for row in frame.itertuples()
        if (state := row.cve_mun[:2]) in LAST_MUNICIPALITY
        and int(row.cve_mun[2:]) > LAST_MUNICIPALITY[state]
        and row.cve_mun[2:] not in UNSPECIFIED
    ]
    expected = "no code above the last municipality known"
    fix = "Kept; if it was founded lately, raise LAST_MUNICIPALITY in geography.py"
    rows.tell_each("warning", "unknown municipality", cases, expected, fix)


def _one_name(rows: Rows, frame: pd.DataFrame) -> pd.DataFrame:
    """Give each municipality the name that most of its rows have, and tell of others."""
    if "municipality" not in rows.labels or frame.empty:
        return frame
    held = frame.groupby(["cve_mun", "municipality"])["rows"].sum().sort_values(kind="stable")
    usual = held.reset_index().groupby("cve_mun")["municipality"].last()
    name = frame["cve_mun"].map(usual)
    cases = [
        (row.line, rows.producer["municipality"], f'"{row.municipality}" for {row.cve_mun}')
        for row in frame[frame["municipality"].ne(name)].itertuples()
    ]
    expected = "one name for a municipality"
    rows.tell_each("warning", "name", cases, expected, "The name of most of its rows was used")
    return frame.assign(municipality=name)
