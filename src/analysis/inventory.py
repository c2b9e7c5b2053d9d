"""Every table there is, in one list."""

from typing import Any

import pandas as pd

from analysis.sources import derived_tables, official_tables, raw_tables


def catalogue() -> pd.DataFrame:
    """Give one row a table: ``name, kind, title, row, first, last, rows, vintage, licence``.

    ``kind`` is raw, built or official; of the last only those that a file was taken in for, with
    the vintage's own rows.

    Examples
    --------
    >>> catalogue().set_index("name").loc["sesnsp_victims_state_month", "last"]
    '2025-06'
    """
    rows = []
    held = {name: table for name, table in official_tables().items() if "vintage" in table}
    kinds = {"raw": raw_tables(), "built": derived_tables(), "official": held}
    for kind, tables in kinds.items():
        for name, table in tables.items():
            coverage = table.get("coverage", {})
            rows.append(
                {
                    "name": name,
                    "kind": kind,
                    "title": table["title"],
                    "row": table["row"],
                    "first": coverage.get("first"),
                    "last": coverage.get("last"),
                    "rows": table.get("rows"),
                    "vintage": table.get("vintage"),
                    "licence": "; ".join(_licences(table, kinds["raw"])),
                }
            )
    return pd.DataFrame(rows).astype({"rows": "Int64"})


def _licences(table: dict[str, Any], raw: dict[str, dict[str, Any]]) -> list[str]:
    every = [raw[name] for name in table["built_from"]] if "built_from" in table else [table]
    titles = (item["title"] for one in every for item in one["licenses"])
    return list(dict.fromkeys(titles))
