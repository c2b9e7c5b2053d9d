"""The words of where the rate bends."""

import pandas as pd

from analysis.calendar import EVENTS
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, interval, listing, month, number
from analysis.reporting.text import translate as _


def _distance(breaks: ModelResult) -> int:
    """Give the months from the best month of one bend to the deployment of the Guard."""
    best = pd.Timestamp(breaks.row("joinpoint")["month"]).to_period("M")
    return (EVENTS["deployed"].to_period("M") - best).n


def _where(breaks: ModelResult) -> str:
    """Say whether the interval of the bend lies before the deployment, after it, or holds it."""
    row = breaks.row("joinpoint")
    if pd.Timestamp(row["month_high"]) < EVENTS["deployed"]:
        return "before"
    return "after" if pd.Timestamp(row["month_low"]) > EVENTS["deployed"] else "inside"


def _break_facts(breaks: ModelResult) -> dict[str, str]:
    row, forced = breaks.row("joinpoint"), breaks.parameters["forced"]
    several = breaks.tidy().query("kind == 'break'")["month"].tolist()
    return {
        "source": _(SOURCE_NAMES[breaks.parameters["source"]]),
        "month": month(row["month"]),
        "low": month(row["month_low"]),
        "high": month(row["month_high"]),
        "gap": number(abs(_distance(breaks))),
        "forced": month(forced),
        "cost": number(breaks.row(f"forced {forced}")["cost"], 1),
        "before": change(row["before"]),
        "after": change(row["after"]),
        "before_interval": interval(row["before_low"], row["before_high"]),
        "after_interval": interval(row["after_low"], row["after_high"]),
        "ar1": number(row["ar1"], 2),
        "several": listing([month(name) for name in several]) or _("none"),
        "number": number(len(several)),
    }


def _break_title(breaks: ModelResult) -> str:
    titles = {
        "before": _(
            "The national rate ({source}) bends in {month} (95% interval {low} to {high}), {gap} months before the Guard was deployed"
        ),
        "after": _(
            "The national rate ({source}) bends in {month} (95% interval {low} to {high}), {gap} months after the Guard was deployed"
        ),
        "inside": _(
            "The national rate ({source}) bends in {month}; the 95% interval, {low} to {high}, holds the Guard's deployment"
        ),
    }
    return titles[_where(breaks)].format(**_break_facts(breaks))


def _break_notes(breaks: ModelResult, other: ModelResult) -> tuple[str, ...]:
    facts, beside = _break_facts(breaks), _break_facts(other)
    return (
        _(
            "Made to bend in {forced} the trend costs {cost} of scaled deviance; a month above 3.84 lies outside the interval."
        ).format(**facts),
        _("{source}: bend in {month} ({low} to {high}); {forced} costs {cost}.").format(**beside),
        _(
            "Neighbouring months resemble each other (autocorrelation {ar1}), for which the interval does not allow: it is too narrow."
        ).format(**facts),
    )


def caption_breaks(breaks: ModelResult, other: ModelResult) -> Caption:
    """Say when the rate bends, and how that lies to the Guard's deployment.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table
    >>> months = load_table("national_month")
    >>> breaks = fit_breaks(months, start="2015-01")
    >>> other = fit_breaks(months, source="inegi", start="2015-01")
    >>> caption_breaks(breaks, other).title
    'The national rate (SESNSP victims) bends in September 2018 (95% interval July 2018 to ...
    """
    facts = _break_facts(breaks)
    return Caption(
        title=_break_title(breaks),
        subtitle=_(
            "How much worse one bend fits in each month than in the best, {source} and {other}, from {first}"
        ).format(**facts, other=_break_facts(other)["source"], first=month(breaks.period[0])),
        alt=_(
            "A curve over months that is zero in {month} and rises on both sides, with the interval {low} to {high} as a band; in {forced} it stands at {cost}."
        ).format(**facts),
        notes=(*_break_notes(breaks, other), *model_notes(breaks)),
    )


def caption_break_table(breaks: ModelResult, other: ModelResult) -> Caption:
    """Say what the trend is on both sides of the bend, and how many breaks there are.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table
    >>> months = load_table("national_month")
    >>> breaks = fit_breaks(months, start="2015-01")
    >>> other = fit_breaks(months, source="inegi", start="2015-01")
    >>> caption_break_table(breaks, other).title
    'SESNSP victims: +22.6% a year before September 2018, −4.7% a year after'
    """
    facts = _break_facts(breaks)
    return Caption(
        title=_("{source}: {before} a year before {month}, {after} a year after").format(**facts),
        subtitle=_(
            "Months of one bend and of several breaks by source, trends in % a year, from {first}"
        ).format(first=month(breaks.period[0])),
        alt=_("Table of bend and breaks by source with intervals, trends before and after."),
        notes=(
            _("With several breaks allowed, {source}: {number} ({several}).").format(**facts),
            *_break_notes(breaks, other),
            _("A searched month has no p-value: the best of many months always looks sure."),
        ),
    )


def point_break(breaks: ModelResult, other: ModelResult) -> Point:
    """Give the month of the bend, its place against the Guard's deployment, and the cost.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table
    >>> months = load_table("national_month")
    >>> breaks = fit_breaks(months, start="2015-01")
    >>> other = fit_breaks(months, source="inegi", start="2015-01")
    >>> point_break(breaks, other).text
    'The national rate (SESNSP victims) bends in September 2018 (95% interval July 2018 to ...
    """
    facts, beside = _break_facts(breaks), _break_facts(other)
    texts = {
        "before": _(
            "The national rate ({source}) bends in {month} (95% interval {low} to {high}), {gap} months before the Guard was deployed; making it bend in {forced} costs {cost} of scaled deviance, where 3.84 is the limit."
        ),
        "after": _(
            "The national rate ({source}) bends in {month} (95% interval {low} to {high}), {gap} months after the Guard was deployed; making it bend in {forced} costs {cost} of scaled deviance, where 3.84 is the limit."
        ),
        "inside": _(
            "The national rate ({source}) bends in {month}; the 95% interval, {low} to {high}, holds the Guard's deployment ({forced} costs {cost}, where 3.84 is the limit)."
        ),
    }
    also = _("{source}: {month} ({low} to {high}).").format(**beside)
    return Point(f"{texts[_where(breaks)].format(**facts)} {also}", "breaks")
