"""Where the figures of an exhibit come from, in words."""

import pandas as pd

from analysis.reporting.text import given
from analysis.reporting.text import translate as _
from analysis.sources import derived_tables, describe, raw_tables

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
        named = list(dict.fromkeys(data["source"].dropna())) if alone else []
        several = _("{table}, sources named row by row").format(table=given(table["title"]))
        more = _("{named} and {n} more, named row by row")
        producer = "; ".join(named[:NAMED]) or several
        if len(named) > NAMED:
            producer = more.format(named=producer, n=len(named) - NAMED)
    return f"{producer} ({name}.csv)"
