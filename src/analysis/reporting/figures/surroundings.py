"""One figure for everything around homicide: panels of series, gaps left open, parts marked."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, MultipleLocator

from analysis.modelling.result import Note
from analysis.reporting.figures.frame import label_ends, new_axes, styled, write_tick
from analysis.reporting.style import LIGHT
from analysis.reporting.text import code, period
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

# Name of the panel, its unit, and how many of the table's unit are one of the panel's.
PANELS: dict[str, tuple[str, str, float]] = {
    "releases": (Note("Military expenditure by release"), Note("billion dollars of the year"), 1e9),
    "dollars": (
        Note("Military expenditure, current series"),
        Note("billion dollars of the year"),
        1e9,
    ),
    "gdp_share": (Note("Military expenditure, share"), Note("% of GDP"), 1),
    "constant_2019": (
        Note("Military expenditure, fixed prices"),
        Note("billion dollars of 2019"),
        1e9,
    ),
    "defence": (Note("Ministry of defence"), Note("billion pesos of the year"), 1e9),
    "navy": (Note("Ministry of the Navy"), Note("billion pesos of the year"), 1e9),
    "security": (Note("Ministry of security"), Note("billion pesos of the year"), 1e9),
    "army": (Note("Army in public security"), Note("thousand persons"), 1e3),
    "navy_troops": (Note("Navy in public security"), Note("thousand persons"), 1e3),
    "forces": (Note("Totals of several forces"), Note("thousand persons"), 1e3),
    "unsafe": (Note("State called unsafe"), Note("% of adults"), 1),
    "main_problem": (Note("Insecurity named a main problem"), Note("% of adults"), 1),
    "unreported": (Note("Not reported or not investigated"), Note("% of the year's crimes"), 1),
    "outcome": (Note("What became of crimes"), Note("% of the year's crimes"), 1),
    "firearm_share": (Note("Homicides by firearm"), Note("%"), 1),
    "traced": (Note("Firearms traced by the ATF"), Note("thousand"), 1e3),
    "fentanyl": (Note("Fentanyl seized"), Note("thousand pounds"), 1e3),
    "taps_nine_months": (Note("Illegal taps, January to September"), Note("thousand"), 1e3),
    "taps_year": (Note("Illegal taps, whole year"), Note("thousand"), 1e3),
    "taps_liquid": (Note("Illegal taps, liquid fuels only"), Note("thousand a year"), 1e3),
    "litres": (Note("Stolen fuel, volume"), Note("million litres a year"), 1),
    "barrels": (Note("Stolen fuel, daily"), Note("thousand barrels a day"), 1e3),
    "kidnapping_files": (Note("Kidnapping, prosecutors' files"), Note("victims"), 1),
    "kidnapping_survey": (Note("Kidnapping, survey of households"), Note("thousand"), 1e3),
    "still_missing": (Note("Persons still missing, by year of the event"), Note("thousand"), 1e3),
    "gdp": (Note("Gross domestic product"), Note("billion dollars of the year"), 1e9),
}
# Name, colour and marker; a series that stands alone in its panel is named by the panel.
SERIES: dict[str, tuple[str, str, str]] = {
    "current": (Note("current series"), "sesnsp", "o"),
    "sipri_2021": (Note("as released in 2021"), "inegi", "^"),
    "sipri_2023": (Note("as released in 2023"), "inegi", "s"),
    "sipri_2024": (Note("as released in 2024"), "guard", "D"),
    "sipri_2025": (Note("as released in 2025"), "muted", "v"),
    "approved": (Note("approved"), "muted", "s"),
    "exercised": (Note("spent"), "sesnsp", "o"),
    "deployed": (Note("deployed"), "sesnsp", "o"),
    "narrow": (Note("narrower count"), "inegi", "s"),
    "quoted": (Note("as quoted"), "sesnsp", "o"),
    "military": (Note("soldiers and marines"), "inegi", "s"),
    "headline": (Note("headline"), "inegi", "s"),
    "rates": (Note("table by state, nation"), "sesnsp", "o"),
    "reported": (Note("reported"), "sesnsp", "o"),
    "positive": (Note("good outcome"), "inegi", "s"),
    "sesnsp_all": (Note("SESNSP, all victims"), "sesnsp", "o"),
    "sesnsp_known": (Note("SESNSP, known means"), "guard", "^"),
    "inegi_preliminary": (Note("INEGI, preliminary"), "inegi", "s"),
    "inegi_final": (Note("INEGI, final"), "inegi", "D"),
    "nationwide": (Note("nationwide"), "sesnsp", "o"),
    "ports": (Note("ports of entry only"), "inegi", "s"),
    "year_average": (Note("average of the year"), "sesnsp", "o"),
    "one_month": (Note("one month"), "guard", "^"),
    "form_20f": (Note("report to investors (20-F)"), "inegi", "s"),
    "daily_report": (Note("daily report"), "muted", "D"),
    "2025-05-01": (Note("consulted {date}"), "inegi", "s"),
    "2026-07": (Note("consulted {date}"), "sesnsp", "o"),
}
ALONE = ("", "sesnsp", "o")
GLYPHS = {"o": "●○", "s": "■□", "^": "▲△", "v": "▼▽", "D": "◆◇"}
TAGGED = ("part", "average", "unverified", "term", "listed")
HELD = {
    "year": (Note("a whole year, or the year only is named"), "s", "sesnsp"),
    "part": (Note("part, or average"), "s", "paper"),
    "date": (Note("a date"), ".", "sesnsp"),
    "unverified": (Note("unverified"), "x", "sesnsp"),
}


def name_series(series: str) -> str:
    """Give a series' name in the language in use; empty where its panel names it.

    Examples
    --------
    >>> name_series("exercised")
    'spent'
    """
    return _(SERIES.get(series, ALONE)[0]).format(date=code(series))


def name_line(panel: str, series: str) -> str:
    """Give the name of a series with that of its panel.

    Examples
    --------
    >>> name_line("navy", "exercised")
    'Ministry of the Navy: spent'
    """
    return ": ".join(filter(None, [_(PANELS[panel][0]), name_series(series)]))


def write_years(years: str) -> str:
    """Write years joined by ``;`` with runs as spans.

    Examples
    --------
    >>> write_years("2011;2013;2014;2015")
    '2011, 2013–2015'
    """
    numbers = pd.Series([int(year) for year in years.split(";") if year], dtype="int64")
    runs = numbers.groupby(numbers - numbers.index).agg(["min", "max"])
    ends = runs.itertuples(index=False)
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in ends)


def _middle(rows: pd.DataFrame) -> pd.Series:
    """Give the middle of each period in years, of a term that of its last year: 2018.5."""
    middle = (_begin(rows) + _end(rows)) / 2
    return middle.mask(rows["mark"] == "term", rows["last"].dt.year + 0.5)


def _begin(rows: pd.DataFrame) -> pd.Series:
    return rows["first"].dt.year + (rows["first"].dt.month - 1) / 12


def _end(rows: pd.DataFrame) -> pd.Series:
    return rows["last"].dt.year + rows["last"].dt.month / 12


@styled
def plot_series(rows: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw series in panels on one time axis; only figures of one run are joined.

    Figures in different panels have different units or definitions and axes of their own.
    Preliminary figures, parts of a year, averages, parts that do not reach their total and
    figures quoted for a presidential term, which stand at its last year, are hollow; unverified
    ones are crosses. Axes begin at zero, except for percentages that are all high.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``panel, series, period, first, last, value, unit, mark, run`` as `analysis.select_troops`
        and its kin give them; rows marked ``nil`` are left out.

    Examples
    --------
    >>> from analysis import load_table, select_troops
    >>> ax = plot_series(select_troops(load_table("troops_public_security")))
    >>> len(ax.child_axes)  # a panel each for the Army, the Navy and all forces
    3
    """
    rows = rows[rows["mark"] != "nil"].assign(middle=_middle)
    # Four names beside a panel need more height than one, and a single panel looks lost.
    names = rows.groupby("panel", sort=False)["series"].nunique()
    heights = (names.gt(3) | (len(names) == 1)).map({True: 1.6, False: 1.0})
    ax = new_axes(ax, height=1.5 + 2.0 * heights.sum())
    ax.set_axis_off()
    low, high = _begin(rows).min(), _end(rows).max()
    step = 1 if high - low <= 13 else 2 if high - low <= 22 else 5
    years = np.arange(np.floor(low), np.ceil(high))
    years = years[years % step == 0]
    slots = heights / heights.sum()
    for panel, bottom in (1 - slots.cumsum()).items():
        room = 0.34 / heights.sum()
        inset = ax.inset_axes((0, bottom + room / 2, 1, slots[panel] - room))
        inset.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
        # A year's name stands under its middle.
        inset.xaxis.set_major_locator(FixedLocator(list(years + 0.5)))
        inset.set_xticklabels([f"{year:.0f}" for year in years])
        _draw_panel(inset, rows[rows["panel"] == panel], str(panel))
    return ax


def _draw_panel(ax: Axes, rows: pd.DataFrame, panel: str) -> None:
    name, unit, scale = PANELS[panel]
    ax.set_title(f"{_(name)}, {_(unit)}", fontsize=11)
    ends = []
    rows = rows.assign(drawn=rows["value"] / scale)
    for series, some in rows.groupby("series", sort=False):
        __, color, marker = SERIES.get(str(series), ALONE)
        for ___, run in some[some["run"].duplicated(keep=False)].groupby("run"):
            ax.plot(run["middle"], run["drawn"], color=LIGHT[color], lw=1.4)
        _draw_points(ax, some, LIGHT[color], marker)
        hollow = int(some["mark"].isin(["part", "preliminary"]).all())
        text = f"{GLYPHS[marker][hollow]} {name_series(str(series))}"
        ends.append((0.0, some["drawn"].iloc[-1], text, LIGHT[color]))
    _scale_axis(ax, rows["drawn"], rows["unit"].iloc[0])
    _draw_tags(ax, rows)
    if len(ends) > 1:
        label_ends(ax, ends, apart=0.17 if len(ends) < 4 else 0.1)


def _draw_points(ax: Axes, rows: pd.DataFrame, color: str, marker: str) -> None:
    """Draw the figures of a series, hollow or crossed where they are not of a year or date."""
    faces = {"": color, "unverified": color}
    for mark, some in rows.groupby("mark"):
        shape: Any = "X" if mark == "unverified" else marker
        face = faces.get(str(mark), LIGHT["paper"])
        style: dict[str, Any] = {"facecolor": face, "edgecolor": color, "s": 34, "zorder": 3}
        style["label"] = name_line(*some[["panel", "series"]].iloc[0])
        dots = ax.scatter(some["middle"], some["drawn"], marker=shape, **style)
        tell(dots, some["value"], along=some["period"])


def _draw_tags(ax: Axes, rows: pd.DataFrame) -> None:
    """Write beside each figure that is not of a year or date what it is of."""
    some = rows[rows["mark"].isin(TAGGED)].sort_values("drawn")
    some = some.drop_duplicates("period", keep="last")
    left, right = ax.get_xlim()
    for row in some.itertuples():
        # Of two neighbours the lower one is named below it, the higher one above.
        near = (some["middle"] - row.middle).abs() < 0.2 * (right - left)
        below = row.mark == "average" or some["drawn"][near].gt(row.drawn).any()
        style: dict[str, Any] = {
            "xytext": (0, -7 if below else 7),
            "textcoords": "offset points",
            "ha": "right" if row.middle > right - 0.15 * (right - left) else "center",
            "va": "top" if below else "bottom",
            "fontsize": 9.5,
            "color": LIGHT["muted"],
        }
        ax.annotate(_tag(str(row.period), str(row.mark)), (row.middle, row.drawn), **style)


def _tag(when: str, mark: str) -> str:
    if mark == "unverified":
        return _("unverified")
    if mark == "listed":
        # Short, for its neighbours stand close; the caption's note names the date and the total.
        return _("listed part")
    if mark == "term":
        return _("quoted for {term}").format(term=code(when.partition(" (")[0]))
    __, until, date = when.partition(" to ")
    return _("to {date}").format(date=code(date)) if until else period(when)


def _scale_axis(ax: Axes, values: pd.Series, unit: str) -> None:
    """Begin at zero; percentages that are all in the upper half stand between whole tens."""
    low, high = values.min(), values.max()
    if unit.startswith("%") and low > 40:
        ax.set_ylim(np.floor(low / 10 - 0.2) * 10, np.ceil(high / 10 + 0.2) * 10)
    else:
        ax.set_ylim(0, high * 1.25)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(write_tick)
    ax.grid(visible=False, axis="x")


@styled
def plot_coverage(coverage: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw which years each series holds; a year without a mark is missing.

    Parameters
    ----------
    coverage : pandas.DataFrame
        Rows of `analysis.select_coverage`: ``panel, series, year, held``.

    Examples
    --------
    >>> from analysis import load_table, select_coverage, select_gdp
    >>> ax = plot_coverage(select_coverage(select_gdp(load_table("military_expenditure"))))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Gross domestic product']
    """
    keys = coverage[["panel", "series"]].apply(tuple, axis=1)
    lines = list(dict.fromkeys(keys))
    given, ax = ax, new_axes(ax, height=0.33 * len(lines) + 1.2)
    if given is None:
        # The names take nearly half the width, so that they stay readable on a phone.
        ax.get_figure(root=True).subplots_adjust(left=0.44)  # type: ignore[union-attr]
    for held, (name, marker, face) in HELD.items():
        some = coverage[coverage["held"] == held]
        style: dict[str, Any] = {"s": 26, "zorder": 3, "linewidth": 1.2, "label": _(name)}
        style |= {"color": LIGHT[face]} if marker == "x" else {"facecolor": LIGHT[face]}
        if marker != "x":
            style["edgecolor"] = LIGHT["sesnsp"]
        places = [lines.index(key) for key in keys[some.index]]
        ax.scatter(some["year"], places, marker=marker, **style)
    ax.set_yticks(range(len(lines)), [name_line(*line) for line in lines], fontsize=9)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MultipleLocator(5))
    ax.legend(loc="lower left", ncols=4, bbox_to_anchor=(-0.85, 1), handletextpad=0.1)
    return ax
