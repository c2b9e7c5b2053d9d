"""Which row of an exhibit's figures each mark of its drawing is, for a page to tell its values."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

MARK = "mark:"
# Columns that an axis may run along, beside dates; a page names their values.
ALONG = ("month", "year", "lag", "rank", "elasticity", "term", "period")


class Drawn(NamedTuple):
    """What a mark draws, as text: along the axis and up, or to the right beside words."""

    x: list[str]
    y: list[str]
    beside: bool = False


class Column:
    """A column of the figures as text: what a page calls it, and each of its values."""

    def __init__(self, column: pd.Series, *, shown: bool = True, times: int = 1) -> None:
        self.name = f"{column.name}{'' if times == 1 else '%'}" if shown else ""
        self.column, self.times = column, times

    @cached_property
    def keys(self) -> list[str]:
        """The values as text, made when they are asked for."""
        return _keys(self.column if self.times == 1 else self.times * self.column)

    @cached_property
    def held(self) -> set[str]:
        """Each value once."""
        return {*self.keys}


# What marks draw that stand elsewhere than at their numbers.
_TOLD: WeakKeyDictionary[Artist, Drawn] = WeakKeyDictionary()


def tell(
    mark: Artist, drawn: Iterable, *, along: Iterable | None = None, beside: bool = False
) -> None:
    """Say what a mark draws, where it stands aside, on another scale or on a tile.

    Parameters
    ----------
    mark : matplotlib.artist.Artist
        A line or dots, a number for each of its points; or a patch, one number.
    drawn : values
        As they are in the figures.
    along : values, optional
        What tells the rows with these values apart: months, periods, codes of states.
    beside : bool
        Whether the words of the upright axis are said too.

    Examples
    --------
    >>> ax = Figure().subplots()
    >>> [dot] = ax.plot([0.84], [1.2], "o")
    >>> tell(dot, [1.2], along=[1])
    >>> name_marks(ax.figure, pd.DataFrame({"lag": [0, 1], "estimate": [1.1, 1.2]}))
    >>> dot.get_gid()
    'mark:lag estimate 1'
    """
    values = _keys(pd.Series([*drawn]))
    what = (values, []) if along is None else (_keys(pd.Series([*along])), values)
    _TOLD[mark] = Drawn(*what, beside)


def name_marks(figure: Figure, data: pd.DataFrame) -> None:
    """Write into lines, dots, bars and tiles which column and rows of the data they draw.

    The name of an artist becomes ``mark:LABEL VALUE ROWS NAME``: the column along the axis (after
    ``-`` where the upright axis has words, which may be all), the column drawn (with ``%`` where
    the drawing has a hundred times as much), its rows, as ``0-125`` or ``4,7,9``, and the label of
    the artist, if it has one. What is not drawn as it is in the data gets no name.
    """
    along, drawn = _columns(data)
    told: set[tuple[str, int]] = set()
    for artist, label, what in _marks(figure):
        at, of, rows = _find(what, along, drawn)
        # Dots on a line that tells them have nothing to add.
        if new := {(of, row) for row in rows} - told:
            told |= new
            artist.set_gid(f"{MARK}{at} {of} {_short(rows)} {label}".rstrip())
            if isinstance(artist, Line2D):
                # Every point must stay a point of the path.
                artist.get_path().should_simplify = False


def _columns(data: pd.DataFrame) -> tuple[list[Column], list[Column]]:
    """Give the columns that an axis may run along, and those that may be drawn."""
    is_number = {
        name: pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        for name, column in data.items()
    }
    numbers = [name for name in data if is_number[name] and name not in ALONG]
    shown = {*ALONG, *data.select_dtypes("datetime").columns}
    along = [Column(data[name], shown=name in shown) for name in data if name not in numbers]
    # A column that a page can name is of use only where no other tells the rows apart.
    along.sort(key=lambda column: column.name)
    return along, [Column(data[name], times=times) for times in (1, 100) for name in numbers]


def _keys(column: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = pd.Series(mdates.date2num(column))
    if pd.api.types.is_numeric_dtype(column):
        return [f"{number:.9g}" for number in column.to_numpy("float64", na_value=np.nan)]
    return [str(value) for value in column.tolist()]


def _marks(figure: Figure) -> Iterator[tuple[Artist, str, Drawn]]:
    """Give what is drawn, its label and what it draws."""
    axes: list[Any] = [one for ax in figure.axes for one in (ax, *ax.child_axes)]
    for ax in axes:
        for bars in ax.containers:
            if isinstance(bars, BarContainer) and bars.orientation == "vertical":
                for bar in bars.patches:
                    x, y = pd.Series([bar.get_center()[0]]), pd.Series([bar.get_height()])
                    yield bar, _label(bars), Drawn(_keys(x), _keys(y))
        for artist in (*ax.lines, *ax.collections, *ax.patches):
            yield artist, _label(artist), _TOLD.get(artist) or _points(artist, ax)


def _label(artist: Any) -> str:
    label = str(artist.get_label())
    return "" if label.startswith("_") else label


def _points(artist: Any, ax: Axes) -> Drawn:
    """Give the finite points of dots or of a line without steps, in the axes' own units."""
    if isinstance(artist, Line2D):
        if artist.get_transform() != ax.transData or artist.get_drawstyle() != "default":
            return Drawn([], [])
        points = np.column_stack([artist.get_xdata(orig=False), artist.get_ydata(orig=False)])
    elif isinstance(artist, PathCollection):
        points = np.ma.filled(np.ma.asarray(artist.get_offsets(), "float64"), np.nan)
    else:
        return Drawn([], [])
    points = points[np.isfinite(points.astype("float64")).all(axis=1)].astype("float64")
    x, y = (_keys(pd.Series(side)) for side in points.T)
    return Drawn(x, y)


def _find(mark: Drawn, along: list[Column], drawn: list[Column]) -> tuple[str, str, list[int]]:
    """Find the columns and rows that are drawn: along an axis and up, or beside words."""
    for at, of in _pairs(mark, along, drawn) if mark.y else ():
        places = {pair: row for row, pair in enumerate(zip(at.keys, of.keys, strict=True))}
        rows = [places[pair] for pair in zip(mark.x, mark.y, strict=True) if pair in places]
        if len(rows) == len(mark.x):
            beside = "-" if mark.beside or not at.name else ""
            return beside + at.name, of.name, rows
    for of in drawn if mark.x else ():
        # A number that two rows have does not tell which row it is.
        if of.held.issuperset(mark.x) and all(of.keys.count(key) == 1 for key in mark.x):
            return "-", of.name, [of.keys.index(key) for key in mark.x]
    return "", "", []


def _pairs(
    mark: Drawn, along: list[Column], drawn: list[Column]
) -> Iterator[tuple[Column, Column]]:
    """Give the columns that hold all that is drawn, those along the axis and those up."""
    for at in along:
        if at.held.issuperset(mark.x):
            yield from ((at, of) for of in drawn if of.held.issuperset(mark.y))


def _short(rows: list[int]) -> str:
    """Write rows briefly: those that follow each other as their first and last."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], row]
        else:
            parts.append([row])
    return ",".join("-".join(map(str, part)) for part in parts)
