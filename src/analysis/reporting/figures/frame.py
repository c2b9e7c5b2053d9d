"""What figures share: new axes, the marks of events and administrations, labels of lines."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.calendar import ADMINISTRATIONS, EVENTS
from analysis.modelling.result import Note
from analysis.reporting.style import LIGHT, house_style
from analysis.reporting.text import given, number
from analysis.reporting.text import translate as _

EVENT_NAMES = {
    "created": Note("Guard created"),
    "deployed": Note("Guard deployed"),
    "army": Note("Guard under the Army"),
}
WIDTH = 8.6


def styled(plot: Any) -> Any:
    """Draw in the house's style, which ends with the drawing."""

    @wraps(plot)
    def drawn(*args: Any, **options: Any) -> Axes:
        with house_style():
            return plot(*args, **options)

    return drawn


def new_axes(ax: Axes | None, height: float = 4.2) -> Axes:
    """Give the axes that were passed, or new ones of the page's width."""
    return Figure(figsize=(WIDTH, height)).subplots() if ax is None else ax


def mark_time(ax: Axes, first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Mark administrations as bands and the Guard's events as lines, the same way everywhere."""
    top = ax.get_xaxis_transform()
    for i, term in enumerate(ADMINISTRATIONS):
        start = max(first, term.first)
        end = min(last, term.last + pd.DateOffset(months=1))
        if start >= end:
            continue
        if i % 2:
            ax.axvspan(start, end, color=LIGHT["band"], zorder=0, linewidth=0)
        if (end - start).days > 0.06 * (last - first).days:
            ax.text(
                start + (end - start) / 2,
                1.02,
                term.president,
                transform=top,
                ha="center",
                va="bottom",
                fontsize=10,
                color=LIGHT["muted"],
            )
    for name, moment in EVENTS.items():
        if name != "created" and first <= moment <= last:
            ax.axvline(moment, color=LIGHT["guard"], linewidth=1, linestyle=(0, (4, 3)))
            ax.text(
                moment,
                0.98 if name == "deployed" else 0.91,
                " " + _(EVENT_NAMES[name]),
                transform=top,
                ha="left",
                va="top",
                fontsize=9.5,
                color=LIGHT["guard"],
            )
    ax.set_xlim(first - pd.DateOffset(days=10), last + pd.DateOffset(days=10))


def label_ends(ax: Axes, ends: list[tuple[Any, float, str, str]], *, apart: float = 0.075) -> None:
    """Write each line's name beside its last point, apart from each other; call it last.

    ``ends`` holds x, y, text and colour of each line; ``apart`` is a share of the axes' height.
    """
    low, high = ax.get_ylim()
    step, above = apart * (high - low), float("-inf")
    for x, y, text, color in sorted(ends, key=lambda end: end[1]):
        above = max(y, above + step)
        ax.annotate(
            f" {text}",
            (x, y),
            xytext=(ax.get_xlim()[1], above),
            textcoords="data",
            va="center",
            color=color,
            annotation_clip=False,
        )


def name_rows(ax: Axes, places: Iterable[float], names: Iterable[str], *, bold: str = "") -> None:
    """Write the names of many rows beside the axes: texts, which cost a tenth of ticks."""
    ax.set_yticks([])
    style: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "ha": "right", "fontsize": 9}
    style["va"] = "center_baseline"
    for place, name in zip(places, names, strict=True):
        ax.text(-0.01, place, name, fontweight="bold" if name == bold else "normal", **style)


def draw_intervals(ax: Axes, x: Any, low: Any, high: Any, **style: Any) -> None:
    """Draw upright intervals as one path, which keeps a page light where there are many."""
    gaps = np.full(len(x), np.nan)
    ax.plot(np.repeat(x, 3), np.column_stack([low, high, gaps]).ravel(), **style)


PLACES = {"nation": "unclear", "state": "sesnsp"}


def draw_places(ax: Axes, years: pd.DataFrame, percent: str) -> None:
    """Draw a percentage by year, nation and state: ``place, name, year`` and the column."""
    ends = []
    for place, color in PLACES.items():
        rows = years[years["place"] == place].sort_values("year")
        last = rows.iloc[-1]
        name = given(last["name"])
        ax.plot(rows["year"], rows[percent], color=LIGHT[color], marker="o", ms=4, label=name)
        ends.append((last["year"], last[percent], name, LIGHT[color]))
    ax.set_ylim(0, 100)
    ax.margins(x=0.02)
    ax.grid(visible=False, axis="x")
    label_ends(ax, ends)


def zero_based(ax: Axes, *, room: float = 1.12) -> None:
    """Let the vertical axis begin at zero and leave room above for marks."""
    ax.set_ylim(0, ax.dataLim.y1 * room)
    ax.yaxis.set_major_formatter(write_tick)
    ax.grid(visible=False, axis="x")


def write_tick(value: float, place: float = 0) -> str:
    """Write the number of a tick with the digits it has.

    Examples
    --------
    >>> write_tick(2.5), write_tick(15000.0)
    ('2.5', '15,000')
    """
    return number(value, len(f"{value:.9g}".partition(".")[2]))


def new_panels(ax: Axes, count: int, columns: int, *, gap: tuple[float, float]) -> list[Axes]:
    """Divide axes into small ones of equal size, row by row."""
    ax.axis("off")
    rows = -(-count // columns)
    wide, high = (1 - gap[0] * (columns - 1)) / columns, (1 - gap[1] * (rows - 1)) / rows
    return [
        ax.inset_axes(
            (
                (place % columns) * (wide + gap[0]),
                1 - high - (place // columns) * (high + gap[1]),
                wide,
                high,
            )
        )
        for place in range(count)
    ]
