"""What tables share: cells from rows of text, intervals in one cell."""

import pandas as pd

from analysis.reporting.marks import legend
from analysis.reporting.parts import Cells
from analysis.reporting.text import number
from analysis.reporting.text import translate as _


def cells(rows: list[list[str]], labels: list[str], text_columns: int, flags: str = "") -> Cells:
    """Give a table whose first columns are text and the others numbers, with its flags' legend."""
    numbers = [place >= text_columns for place in range(len(labels))]
    return Cells(labels, rows, numbers, legend(flags))


def ends(row: pd.Series, digits: int = 1) -> str:
    """Write a row's interval, a dash where there is none."""
    low, high = number(row["conf_low"], digits), number(row["conf_high"], digits)
    return "–" if low == "–" else _("{low} to {high}").format(low=low, high=high)
