"""The words of the states' trends."""

import pandas as pd

from analysis.geography import find_state
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import trend_notes
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, interval, listing, months, number
from analysis.reporting.text import translate as _


def caption_trends(trend: ModelResult) -> Caption:
    """Say in how many states the rate rises, falls, or can not be told.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> trend = fit_state_trend(load_panel())
    >>> caption_trends(trend).title
    'The homicide rate falls in 15 states, rises in 3, and is unclear in 14'
    """
    facts = _trend_facts(trend)
    return Caption(
        title=_(
            "The homicide rate falls in {falling} states, rises in {rising}, and is unclear in {unclear}"
        ).format(**facts),
        subtitle=_("Trend of the homicide rate, % a year, {period}").format(**facts),
        alt=_(
            "Chart of 32 states. Rising: {risers}. The pooled trend is {pooled} a year ({interval})."
        ).format(**facts),
        notes=(
            _("Coloured and shaped by the evidence: rising or falling where q < 0.05."),
            _(
                "A straight line does not fit every state; read a trend with the state's own report."
            ),
        ),
    )


def caption_trend_intervals(trend: ModelResult, early: ModelResult) -> Caption:
    """Say what the pooled trend is, where a further state could lie, and what a window does.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> panel = load_panel()
    >>> trend, early = fit_state_trend(panel), fit_state_trend(panel, start="")
    >>> caption_trend_intervals(trend, early).title
    "The mean of the states' trends is −5.3% a year (95% interval −7.6 to −3.0)"
    """
    facts = _trend_facts(trend) | {f"early_{k}": v for k, v in _trend_facts(early).items()}
    return Caption(
        title=_("The mean of the states' trends is {pooled} a year ({interval})").format(**facts),
        subtitle=_("Trend of the homicide rate by state, % a year, {period}").format(**facts),
        alt=_(
            "Dots with intervals for 32 states in order, and a diamond for the pooled trend."
        ).format(**facts),
        notes=(
            _("Grey bar: where a further state could lie, {predict_low} to {predict_high}.").format(
                **facts
            ),
            _("Over {early_period} the mean trend is {early_pooled} ({early_interval}).").format(
                **facts
            ),
            *trend_notes(trend),
        ),
    )


def caption_trend_table(trend: ModelResult) -> Caption:
    """Head the table of trends with the steepest fall and rise.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> trend = fit_state_trend(load_panel())
    >>> caption_trend_table(trend).title
    'From −20.7% a year in Durango to +9.2% in Sinaloa'
    """
    rows = trend.tidy().dropna(subset=["cve_ent"]).sort_values("estimate")
    facts = {
        "first": find_state(rows["cve_ent"].iloc[0]).name,
        "low": change(rows["estimate"].iloc[0]),
        "last": find_state(rows["cve_ent"].iloc[-1]).name,
        "high": change(rows["estimate"].iloc[-1]),
        "period": months(*trend.period),
    }
    return Caption(
        title=_("From {low} a year in {first} to {high} in {last}").format(**facts),
        subtitle=_("Trend of the homicide rate by state, % a year, {period}").format(**facts),
        alt=_("Table of trends with interval, q-value, homicides and dispersion by state."),
        notes=(_("q-values: Benjamini-Hochberg over the 32 states."),),
    )


def _trend_facts(trend: ModelResult) -> dict[str, str]:
    rows, pooled = trend.tidy(), trend.row("pooled")
    counts = rows["direction"].value_counts()
    risers = rows.loc[rows["direction"] == "rising", "cve_ent"]
    return {
        "falling": number(counts.get("falling", 0)),
        "rising": number(counts.get("rising", 0)),
        "unclear": number(counts.get("unclear", 0)),
        "risers": listing([find_state(code).name for code in risers]) or _("none"),
        "pooled": change(pooled["estimate"]),
        "interval": interval(pooled["conf_low"], pooled["conf_high"]),
        "predict_low": change(pooled["predict_low"], 0),
        "predict_high": change(pooled["predict_high"], 0),
        "period": months(*trend.period),
    }


def caption_tile_rates(panel: pd.DataFrame) -> Caption:
    """Say in which state the rate of twelve months was highest.

    Examples
    --------
    >>> from analysis import load_panel, select_quarters, select_twelve_months
    >>> lines = select_quarters(select_twelve_months(load_panel()), "year_rate_sesnsp")
    >>> caption_tile_rates(lines).title
    'The states differ in level and in shape; the highest rate was in Colima'
    """
    top = panel.loc[panel["year_rate_sesnsp"].idxmax(), "state"]
    return Caption(
        title=_("The states differ in level and in shape; the highest rate was in {top}").format(
            top=top
        ),
        subtitle=_("Rate of twelve months by state, quarter by quarter, {period}").format(
            period=months(panel["month"].min(), panel["month"].max())
        ),
        alt=_("Tile-grid map of small line charts, one a state. {top} is highest.").format(top=top),
        notes=(
            _("One scale for all states, from 0 to {top} per 100,000 person-years. SESNSP.").format(
                top=number(panel["year_rate_sesnsp"].max())
            ),
            _("Oaxaca begins later: nine of its months were not reported."),
        ),
    )


def point_trends(trend: ModelResult, early: ModelResult) -> Point:
    """Give the pooled trend with interval and count of states, and what an earlier start does.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> panel = load_panel()
    >>> trend, early = fit_state_trend(panel), fit_state_trend(panel, start="")
    >>> point_trends(trend, early).text
    "July 2019 to June 2025: the mean of the states' trends is −5.3% a year (95% interval ...
    """
    facts = _trend_facts(trend) | {f"early_{k}": v for k, v in _trend_facts(early).items()}
    text = _(
        "{period}: the mean of the states' trends is {pooled} a year ({interval}), falling in {falling} "
        "states, rising in {rising} ({risers}), unclear in {unclear}; over {early_period} it is "
        "{early_pooled} ({early_interval})."
    ).format(**facts)
    return Point(text, "trends")
