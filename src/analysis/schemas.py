"""What every frame must look like, checked with pandera against its descriptor."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from analysis.columns import column_dtype
from analysis.errors import DataError
from analysis.sources import describe


def _checks(field: dict[str, Any]) -> list[pa.Check]:
    limits = field.get("constraints", {})
    checks = []
    if "minimum" in limits:
        checks.append(pa.Check.ge(_limit(field, limits["minimum"])))
    if "maximum" in limits:
        checks.append(pa.Check.le(_limit(field, limits["maximum"])))
    if "enum" in limits:
        checks.append(pa.Check.isin(limits["enum"]))
    if "pattern" in limits:
        checks.append(pa.Check.str_matches(f"(?:{limits['pattern']})$"))
    return checks


def _limit(field: dict[str, Any], value: Any) -> Any:
    return pd.Timestamp(value) if field["type"] == "yearmonth" else value


def build_schema(descriptor: dict[str, Any]) -> pa.DataFrameSchema:
    """Turn a Frictionless descriptor into a pandera schema: types, limits, key, no other column."""
    schema = descriptor["schema"]
    return pa.DataFrameSchema(
        {
            field["name"]: pa.Column(
                column_dtype(field),
                checks=_checks(field),
                nullable=not field.get("constraints", {}).get("required", False),
            )
            for field in schema["fields"]
        },
        strict=True,
        unique=schema.get("primaryKey"),
    )


def validate(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give the frame back when it is what the descriptor of table ``name`` says.

    Raises
    ------
    DataError
        Names the first row and column at fault, what stands there and what was expected, and
        counts the rest.
    """
    try:
        build_schema(describe(name)).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        first = cases.sort_values("index", kind="stable").iloc[0]
        row = "" if pd.isna(first["index"]) else f" row {int(first['index']) + 2}"
        raise DataError(
            f'{name}{row}: {first["column"] or "table"} is "{first["failure_case"]}"; expected '
            f"{first['check']} ({len(cases)} such cells in all). Mend the table or its descriptor"
        ) from errors
    return frame
