"""Figures as light SVG, the same bytes from the same figures."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

from analysis.errors import ReportError
from analysis.reporting.style import house_style
from analysis.reporting.values import MARK, name_marks

# Of SVG: its unit to an inch, and inches left free around a drawing.
POINTS, PAD = 72, 0.1


def draw_svg(ax: Axes, name: str, data: pd.DataFrame | None = None) -> str:
    """Draw the figure of some axes as light SVG: no date, only ids in use, begun with the name.

    Marks that draw a column of the data say so in ``data-mark``, see `name_marks`.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ReportError(f"the axes of exhibit {name} belong to no figure")
    with house_style():
        if data is not None:
            name_marks(figure, data)
        svg = _render(figure)
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
    short = {old: f"{name}-{place}" for place, old in enumerate(dict.fromkeys(used))}
    svg = re.sub(r' id="([^"]*)"', lambda found: _id(found[1], short), svg)
    svg = re.sub(r'(href="#|url\(#)([^")]+)', lambda found: found[1] + short[found[2]], svg)
    return _lighter(svg)


def _render(figure: Figure) -> str:
    """Give the SVG of a figure, cut to what is drawn; `Figure.savefig` draws twice for that."""
    buffer, dpi = io.StringIO(), figure.dpi
    figure.dpi = POINTS
    try:
        width, height = figure.get_size_inches() * POINTS
        renderer = RendererSVG(width, height, buffer, image_dpi=POINTS, metadata={"Date": None})
        with _laid_out_once(figure):
            figure.draw(renderer)
            # Only now every mark and label has its place.
            box = figure.get_tightbbox(renderer).padded(PAD)
        renderer.finalize()
    finally:
        figure.dpi = dpi
    left, top = box.x0 * POINTS, height - box.y1 * POINTS
    width, height = box.width * POINTS, box.height * POINTS
    view = f'width="{width}pt" height="{height}pt" viewBox="{left} {top} {width} {height}"'
    return re.sub(r'width="\S+" height="\S+" viewBox="[^"]+"', view, buffer.getvalue(), count=1)


@contextmanager
def _laid_out_once(figure: Figure) -> Iterator[None]:
    """Keep Matplotlib from laying out and measuring ticks again, a quarter of its time.

    It does so to place labels of axes that are empty, to measure spines, which lie within the
    axes' own box, and for the box of the figure.
    """
    # Of its internals only these two are used here; without them drawing is slower, no more.
    axes: list[Any] = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    unnamed = [axis for axis in axes if axis._autolabelpos and not axis.label.get_text()]
    spines = [spine for ax in figure.axes for spine in ax.spines.values() if spine.get_in_layout()]
    for axis in axes:
        axis._get_ticklabel_bboxes = _measured_once(axis._get_ticklabel_bboxes)
    for axis in unnamed:
        axis._autolabelpos = False
    for spine in spines:
        spine.set_in_layout(False)
    try:
        yield
    finally:
        for axis in axes:
            del axis._get_ticklabel_bboxes
        for axis in unnamed:
            axis._autolabelpos = True
        for spine in spines:
            spine.set_in_layout(True)


def _measured_once(measure: Callable) -> Callable:
    """Keep what the first call gives: within one drawing labels do not move."""
    known: list[Any] = []

    def boxes(*asked: Any) -> Any:
        if not known:
            known.append(measure(*asked))
        return known[0]

    return boxes


def _id(name: str, short: dict[str, str]) -> str:
    if name.startswith(MARK):
        return f' data-mark="{name.removeprefix(MARK)}"'
    return f' id="{short[name]}"' if name in short else ""


def _lighter(svg: str) -> str:
    """Leave out what a drawing does not need: digits, spaces, repeated letters and styles."""
    svg = _ungrouped(re.sub(r">\s+<", "><", svg))
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    # Inside tags only: a label's digits are read.
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\.\d)\d+", r"\1", tag[0]), svg)
    svg = re.sub(r' style="[^"]*"', lambda found: re.sub(r"([:;]) ", r"\1", found[0]), svg)
    pair = r"-?[\d.]+ -?[\d.]+ \n"
    lines = rf"[ML] {pair}(?:L {pair})+"
    svg = re.sub(lines, lambda found: found[0].replace("\nL ", "").replace(".0 ", " "), svg)
    marks = r'<use [^>]*?( style="[^"]*")/>(?:<use [^>]*?\1/>)+'
    return re.sub(marks, lambda found: f"<g{found[1]}>{found[0].replace(found[1], '')}</g>", svg)


def _ungrouped(svg: str) -> str:
    """Leave out groups that say nothing of what is in them."""
    kept: list[bool] = []

    def tag(found: re.Match[str]) -> str:
        text = found[0]
        if text.endswith("/>"):
            return ""
        if text != "</g>":
            kept.append(text != "<g>")
            return text if kept[-1] else ""
        return text if kept.pop() else ""

    return re.sub(r"<g(?: [^>]*)?/?>|</g>", tag, svg)
