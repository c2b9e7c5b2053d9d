"""Where the figures of an exhibit come from, in words."""

from typing import Any

import pandas as pd

from analysis.calendar import month_span
from analysis.reporting.text import given
from analysis.reporting.text import translate as _
from analysis.sources import NATION, derived_tables, describe, has_states, raw_tables, read_text

# A source line names so many sources of a table of quoted figures.
NAMED = 3


def raw_names(tables: list[str]) -> list[str]:
    """Give the raw tables that tables are built from, each once, in the order of the catalogue."""
    names = set()
    for table in tables:
        derived = derived_tables().get(table)
        names |= set(raw_names(derived["built_from"])) if derived else {table}
    return [name for name in raw_tables() if name in names]


def source_entry(name: str) -> dict[str, str]:
    """Give a table as the head of a page names it: title, vintage, file and address."""
    table = describe(name)
    return {
        "title": given(table["title"]),
        "vintage": given(table["vintage"]),
        "table": f"{name}.csv",
        "path": table["sources"][0]["path"],
    }


def source_text(name: str, data: pd.DataFrame) -> str:
    """Say who published the figures: of the rows shown, where these name it themselves."""
    table = describe(name)
    producer = given(table["sources"][0]["title"])
    if "source_columns" in table:
        # Of several tables, which rows are whose is not known here.
        alone = "source" in data and raw_names(data.attrs["sources"]) == [name]
        named = [given(text) for text in data["source"].dropna().unique()] if alone else []
        several = _("{table}, sources named row by row").format(table=given(table["title"]))
        more = _("{named} and {n} more, named row by row")
        producer = "; ".join(named[:NAMED]) or several
        if len(named) > NAMED:
            producer = more.format(named=producer, n=len(named) - NAMED)
    return f"{producer} ({name}.csv)"


def raw_rows(name: str, data: pd.DataFrame, *, alone: bool) -> dict[str, Any]:
    """Say which rows of a raw table the numbers stand on: state and period of the data.

    ``alone`` is whether the report is about the one state that the frame names. A frame whose
    numbers rest on more than it shows says so in ``attrs["rests_on"]``: ``states``, if on all of
    them, and the first and last of the ``months``.
    """
    if name in data.attrs.get("cited", {}):
        count = data.attrs["cited"][name]
        return {"table": f"{name}.csv", "where": _("named claim by claim"), "rows": count}
    rests_on = data.attrs.get("rests_on", {})
    alone = alone and "states" not in rests_on and "cve_ent" in data
    codes = set(data["cve_ent"]) if alone else set()
    places = codes - {NATION}
    code = next(iter(places)) if len(places) == 1 and has_states(name) else ""
    rows, where = read_text(name, state=code), []
    if code:
        where = [f"cve_ent = {', '.join(sorted(rows['cve_ent'].unique()))}"]
    if "month" in data and "month" in rows and data["month"].dtype.kind == "M":
        first, last = rests_on.get("months") or month_span(data["month"])
        rows = rows[rows["month"].between(first, last)]
        where.append(_("month {first} to {last}").format(first=first, last=last))
    return {"table": f"{name}.csv", "where": ", ".join(where) or _("all rows"), "rows": len(rows)}
