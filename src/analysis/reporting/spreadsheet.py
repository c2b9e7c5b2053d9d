"""Figures as text for spreadsheets."""

import re

import pandas as pd

# What a formula begins with.
RUN = ("=", "+", "-", "@")


def as_csv(data: pd.DataFrame) -> str:
    r"""Write a frame as CSV: months as ``YYYY-MM``, ten digits, no text that a spreadsheet runs.

    Examples
    --------
    >>> as_csv(pd.DataFrame({"says": ["=1+1", "-5", "a"], "n": [1.5, 2.0, 3.0]}))
    "says,n\n'=1+1,1.5\n-5,2\na,3\n"
    """
    out = data.copy()
    for column in out.columns[[pd.api.types.is_datetime64_any_dtype(t) for t in out.dtypes]]:
        out[column] = out[column].dt.strftime("%Y-%m")
    for column in out.columns[[pd.api.types.is_string_dtype(kind) for kind in out.dtypes]]:
        out[column] = out[column].map(_harmless, na_action="ignore")
    return out.to_csv(index=False, float_format="%.10g", lineterminator="\n")


def _harmless(cell: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    if not isinstance(cell, str) or not cell.startswith(RUN):
        return cell
    return cell if re.fullmatch(r"[-+]?[\d.,]+", cell) else f"'{cell}"
