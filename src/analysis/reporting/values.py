"""Which row of an exhibit's figures each mark of its drawing is, for a page to tell its values."""

from itertools import product
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

# Of each column its name, its numbers as text, and "%" where they are a hundred times as much.
Columns = list[tuple[str, list[str], str]]
MARK = "mark:"
# Columns of text that hold years in some rows, and all that an axis may run along beside months.
YEARS = ("term", "period")
ALONG = ("year", "lag", "rank", "elasticity", *YEARS)


def name_marks(figure: Figure, data: pd.DataFrame) -> None:
    """Write into lines and dots which column and rows of the data they draw.

    The name of an artist becomes ``mark:LABEL VALUE ROWS``: the column along the axis (``-`` where
    the upright axis has words), the column drawn (with ``%`` where the drawing has a hundred times
    as much) and its rows, as ``0-125`` or ``4,7,9``. What is not drawn as it is in the data gets
    no name.
    """
    read = {str(name): _numbers(data[name]) for name in data}
    dates = {*data.select_dtypes("datetime").columns, *ALONG}
    along = _keyed({name: read[name] for name in read if name in dates})
    drawn = _keyed({name: read[name] for name in read if name not in dates})
    for ax in figure.axes:
        for artist in [*ax.lines, *ax.collections]:
            points = _points(artist, ax)
            found = _find(points, along, drawn) if len(points) else ""
            if found:
                artist.set_gid(MARK + found)
                if isinstance(artist, Line2D):
                    # Every point must stay a point of the path.
                    artist.get_path().should_simplify = False


def _numbers(column: pd.Series) -> np.ndarray | None:
    if pd.api.types.is_datetime64_any_dtype(column):
        return mdates.date2num(column)
    if column.name in YEARS:
        column = pd.to_numeric(column, errors="coerce")
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return None
    return column.to_numpy("float64", na_value=np.nan)


def _points(artist: Any, ax: Axes) -> np.ndarray:
    """Give the finite points of a line or of dots, in the axes' own units."""
    if isinstance(artist, Line2D) and artist.get_transform().contains_branch(ax.transData):
        points = np.column_stack([artist.get_xdata(orig=False), artist.get_ydata(orig=False)])
    elif isinstance(artist, PathCollection):
        points = np.ma.filled(np.ma.asarray(artist.get_offsets(), "float64"), np.nan)
    else:
        return np.empty((0, 2))
    return points[np.isfinite(points.astype("float64")).all(axis=1)].astype("float64")


def _find(points: np.ndarray, along: Columns, drawn: Columns) -> str:
    """Find the columns and rows that are drawn: along an axis and up, or beside words.

    Periods are words as well: what is of one is drawn at its middle.
    """
    x, y = (_key(side) for side in points.T)
    for (label, at, __), (value, of, percent) in product(_holding(x, along), _holding(y, drawn)):
        places = {pair: row for row, pair in enumerate(zip(at, of, strict=True))}
        found = [places.get(pair) for pair in zip(x, y, strict=True)]
        if None not in found:
            return f"{label} {value}{percent} {_short(found)}"
    label, side = ("period", y) if "period" in (name for name, *__ in along) else ("-", x)
    for value, of, percent in _holding(side, drawn):
        # A number that two rows have does not tell which row it is.
        if all(of.count(key) == 1 for key in side):
            return f"{label} {value}{percent} {_short([of.index(key) for key in side])}"
    return ""


def _keyed(columns: dict[str, np.ndarray | None]) -> Columns:
    """Write the numbers of columns, as they are and a hundred times as much."""
    return [
        (name, _key(numbers * times), sign)
        for times, sign in ((1, ""), (100, "%"))
        for name, numbers in columns.items()
        if numbers is not None
    ]


def _holding(wanted: list[str], columns: Columns) -> Columns:
    """Give the columns that hold all that is drawn."""
    return [one for one in columns if {*wanted} <= {*one[1]}]


def _key(numbers: np.ndarray) -> list[str]:
    return [f"{number:.9g}" for number in numbers]


def _short(rows: list[Any]) -> str:
    """Write rows briefly: those that follow each other as their first and last."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], row]
        else:
            parts.append([row])
    return ",".join("-".join(map(str, part)) for part in parts)
