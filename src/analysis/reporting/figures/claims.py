"""The figure of verdicts on claims."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from analysis.modelling.result import Note
from analysis.reporting.figures.frame import new_axes, styled
from analysis.reporting.marks import VERDICT_MARKS
from analysis.reporting.style import LIGHT
from analysis.reporting.text import number
from analysis.reporting.text import translate as _
from analysis.reporting.wording import ORDER, marked_verdict

# What a claim was held against: words, and how its bar is filled.
AGAINST = {
    "data": (Note("against data"), ""),
    "own figures": (Note("against the document's own figures"), "////"),
    "nothing": (Note("nothing to check against"), None),
}


@styled
def plot_verdicts(rows: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many claims have each verdict, by what they were checked against.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row a claim, of `select_verdicts`: ``verdict, checked``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> rows = pd.DataFrame({"verdict": ["confirmed", "contradicted", "confirmed"],
    ...                      "checked": ["data", "data", "own figures"]})
    >>> [label.get_text() for label in plot_verdicts(rows).get_yticklabels()]
    ['✗ contradicted', '✓ confirmed']
    """
    counts = pd.crosstab(rows["verdict"], rows["checked"])
    verdicts = [verdict for verdict in ORDER if verdict in counts.index]
    ax = new_axes(ax, height=0.46 * len(verdicts) + 1.3)
    begin, legend = pd.Series(0, verdicts), []
    for checked, (words, hatch) in AGAINST.items():
        widths = counts[checked].reindex(verdicts) if checked in counts else begin * 0
        for place, verdict in enumerate(verdicts):
            if not widths[verdict]:
                continue
            color = LIGHT[VERDICT_MARKS[verdict][1]]
            solid = hatch == ""
            bar: dict[str, Any] = {
                "facecolor": color if solid else LIGHT["paper"],
                "edgecolor": color,
            }
            ax.barh(place, widths[verdict], left=begin[verdict], height=0.62, hatch=hatch, **bar)
        begin = begin + widths
        if widths.any():
            face = LIGHT["muted"] if hatch == "" else LIGHT["paper"]
            style: dict[str, Any] = {"facecolor": face, "edgecolor": LIGHT["muted"], "hatch": hatch}
            legend.append(Patch(label=_(words), **style))
    for place, verdict in enumerate(verdicts):
        end = (begin[verdict], place)
        ax.annotate(number(end[0]), end, xytext=(5, 0), textcoords="offset points", va="center")
    ax.set_yticks(range(len(verdicts)), [marked_verdict(verdict) for verdict in verdicts])
    ax.set_ylim(len(verdicts) - 0.5, -0.5)
    ax.set_xlim(0, 1.08 * begin.max())
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("claims"))
    ax.legend(handles=legend, loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=3, fontsize=9.5)
    return ax
