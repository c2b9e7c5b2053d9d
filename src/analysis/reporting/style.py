"""One palette for figures and pages, in light and dark; safe for colour-blind readers.

Every colour has a name of the field's own and two values. Figures are drawn in the light
values; a page replaces each by a variable, so that one drawing serves both themes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Okabe & Ito (2008), "Color Universal Design", darkened to at least 3:1 against the paper.
PALETTE: dict[str, tuple[str, str]] = {
    "ink": ("#1b1d21", "#ececea"),
    "muted": ("#565b64", "#b0b4bc"),
    "grid": ("#dfe1e5", "#3b3f46"),
    "paper": ("#ffffff", "#16181b"),
    "sesnsp": ("#0a5c8f", "#6cb7ea"),
    "inegi": ("#a8500b", "#f0a35e"),
    "guard": ("#1f7057", "#5cc9a5"),
    "rising": ("#b3261e", "#ff8a80"),
    "falling": ("#1d5fa8", "#80b8ff"),
    "unclear": ("#6d727b", "#a3a8b1"),
    "band": ("#eceef1", "#24272c"),
}
LIGHT = {name: values[0] for name, values in PALETTE.items()}


@contextmanager
def house_style() -> Iterator[None]:
    """Set the house's Matplotlib style inside a ``with`` block and nowhere else.

    Text stays text, identifiers do not depend on the run and no date is written, so that
    the same data give the same bytes.
    """
    import matplotlib as mpl

    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "analysis",
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 11,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.labelsize": 11,
        "axes.edgecolor": LIGHT["muted"],
        "axes.labelcolor": LIGHT["ink"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": LIGHT["grid"],
        "grid.linewidth": 0.8,
        "text.color": LIGHT["ink"],
        "xtick.color": LIGHT["muted"],
        "ytick.color": LIGHT["muted"],
        "xtick.labelcolor": LIGHT["ink"],
        "ytick.labelcolor": LIGHT["ink"],
        "legend.frameon": False,
        "figure.facecolor": LIGHT["paper"],
        "axes.facecolor": LIGHT["paper"],
        "savefig.facecolor": LIGHT["paper"],
        "lines.linewidth": 1.8,
    }
    with mpl.rc_context(settings):
        yield
