"""The words of what would have been, and of what may come."""

from math import floor, log10

import pandas as pd

from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.exhibits import Caption
from analysis.reporting.figures.future import AXIS, MODEL_NAMES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.text import interval, month, months, number, percent
from analysis.reporting.text import translate as _


def rough(value: float) -> str:
    """Write a count to three digits: draws carry no more.

    Examples
    --------
    >>> rough(129955.4), rough(-796.2), rough(0.0)
    ('130,000', '−796', '0')
    """
    if not value:
        return number(0)
    digits = 2 - floor(log10(abs(value)))
    return number(round(value, min(digits, 0)))


def signed(value: float) -> str:
    """Write a difference of counts to three digits, with its sign.

    Examples
    --------
    >>> signed(4589.9), signed(-7054.6)
    ('+4,590', '−7,050')
    """
    return ("+" if value > 0 else "") + rough(value)


def verdict_words() -> dict[str, str]:
    """Give what each verdict on a difference from the expected says."""
    return {
        "fewer": _("fewer"),
        "more": _("more"),
        "unclear": _("unclear"),
        "uninformative": _("can not be told"),
    }


def _total_facts(counterfactual: ModelResult, term: str) -> dict[str, str]:
    row = counterfactual.row(term)
    rows = counterfactual.tidy()
    after = rows.loc[rows["kind"] == "month", "term"].iloc[: int(row["months"])]
    event = counterfactual.parameters["event"]
    return {
        "place": _("Mexico"),
        "event": month(event),
        "period": months(after.iloc[0], after.iloc[-1]),
        "whole": months(*counterfactual.period),
        "source": _(SOURCE_NAMES[counterfactual.parameters["source"]]),
        "months": number(row["months"]),
        "size": rough(abs(row["estimate"])),
        "change": signed(row["estimate"]),
        "low": signed(row["conf_low"]),
        "high": signed(row["conf_high"]),
        "observed": number(row["observed"]),
        "expected": rough(row["expected"]),
        "verdict": verdict_words()[row["verdict"]],
    }


def _counterfactual_title(counterfactual: ModelResult, term: str) -> str:
    titles = {
        "fewer": _("{period}: {size} fewer homicides than expected from before ({low} to {high})"),
        "more": _("{period}: {size} more homicides than expected from before ({low} to {high})"),
        "unclear": _(
            "{period}: more or fewer homicides than expected is unclear, {change} ({low} to {high})"
        ),
        "uninformative": _(
            "{period}: what would have been can not be told: a difference anywhere from {low} to {high} homicides"
        ),
    }
    facts = _total_facts(counterfactual, term)
    return titles[counterfactual.row(term)["verdict"]].format(**facts)


def _counterfactual_notes(counterfactual: ModelResult) -> tuple[str, ...]:
    rows = counterfactual.tidy()
    level = {
        "local level": _("a level that wanders"),
        "local linear trend": _("a level and a slope that wander"),
    }
    chosen = rows.loc[rows["kind"] == "total", "level"].iloc[0]
    other = rows[rows["term"] == "cumulative, other level"].iloc[0]
    return (
        _(
            "Expected: {level} and a season, fitted before {event} and simulated after; it knows nothing of what else changed."
        ).format(level=level[chosen], event=month(counterfactual.parameters["event"])),
        _("With {level} instead, to the last month: {change} ({low} to {high}).").format(
            level=level[other["level"]],
            change=signed(other["estimate"]),
            low=signed(other["conf_low"]),
            high=signed(other["conf_high"]),
        ),
        *model_notes(counterfactual),
    )


def caption_counterfactual(counterfactual: ModelResult) -> Caption:
    """Say whether more or fewer were counted to the last month than expected, if it can be told."""
    facts = _total_facts(counterfactual, "cumulative")
    return Caption(
        title=_counterfactual_title(counterfactual, "cumulative"),
        subtitle=_(
            "Homicides a month, {place}, {source}: observed, and expected from before {event} with 80% and 95% intervals"
        ).format(**facts),
        alt=_(
            "A line of observed counts and, from {event} on, a dashed line of expected ones in a fan that widens. Observed in all {observed}, expected {expected}; difference {low} to {high}."
        ).format(**facts),
        notes=(
            _("Hollow dots: months that are preliminary, filled or of an incomplete year."),
            *_beyond(counterfactual),
            *_counterfactual_notes(counterfactual),
        ),
    )


def _beyond(counterfactual: ModelResult) -> tuple[str, ...]:
    """Say how far the fan goes where the axis ends before it."""
    rows = counterfactual.tidy()
    high = rows.loc[rows["kind"] == "month", "expected_high"].max()
    if high <= AXIS * counterfactual.fitted["series"]["count"].max():
        return ()
    return (
        _("The fan goes on beyond the axis, to {high} in a month.").format(
            high=number(round(high, -2))
        ),
    )


def caption_cumulative(counterfactual: ModelResult) -> Caption:
    """Say what the first year after the event shows, and how the sum goes on."""
    terms = set(counterfactual.tidy()["term"])
    first = "cumulative 12" if "cumulative 12" in terms else "cumulative"
    facts = _total_facts(counterfactual, "cumulative")
    return Caption(
        title=_counterfactual_title(counterfactual, first),
        subtitle=_(
            "Observed less expected homicides, summed from {event} on, with 95% interval, {place}, {source}"
        ).format(**facts),
        alt=_(
            "A line of the summed difference in a widening band; after {months} months it is {change}, {low} to {high}."
        ).format(**facts),
        notes=(
            _(
                "Coloured by the evidence: only a band that excludes zero in the last month has a colour."
            ),
            *model_notes(counterfactual),
        ),
    )


def caption_counterfactual_table(counterfactual: ModelResult) -> Caption:
    """Say in how many of the windows the difference can be told."""
    rows = counterfactual.tidy()
    totals = rows[rows["kind"].isin(["total", "alternative"])]
    told = int(totals["verdict"].isin(["fewer", "more"]).sum())
    facts = _total_facts(counterfactual, "cumulative")
    facts |= {"told": number(told), "all": number(len(totals))}
    some = _("In {told} of {all} sums since {event} the difference can be told from chance")
    none = _("In none of {all} sums since {event} can the difference be told from chance")
    return Caption(
        title=(some if told else none).format(**facts),
        subtitle=_("Homicides observed and expected, {place}, {source}").format(**facts),
        alt=_("Table of observed and expected homicides by window and model of the level."),
        notes=(
            _(
                "Can not be told: the interval holds zero and is wider than half of what was observed."
            ),
            _("Expected counts and differences are rounded to three digits."),
        ),
    )


def caption_backtest(forecast: ModelResult) -> Caption:
    """Say which model forecast the past best, and how far it beat the seasonal rule."""
    facts = _score_facts(forecast)
    rule = forecast.row("seasonal naive")["winner"]
    title = _("No model forecast {place}'s past better than the rate of a year before ({score})")
    if not rule:
        title = _(
            "{place}: {model} forecast the past best, its score {gain} below that of the rate a year before"
        )
    return Caption(
        title=title.format(**facts),
        subtitle=_(
            "Error of forecasts 1 to 12 months ahead by model, {place}, {source}, {period}"
        ).format(**facts),
        alt=_("Dots, one a model, from {score} for {model} to {worst} for {last}.").format(**facts),
        notes=_score_notes(facts),
    )


def caption_backtest_table(forecast: ModelResult) -> Caption:
    """Say how often the best model's intervals held what came."""
    facts = _score_facts(forecast)
    return Caption(
        title=_(
            "{place}: the best model's 95% intervals held {held_95} of what came, its 80% intervals {held_80}"
        ).format(**facts),
        subtitle=_("Forecasts of the past by model, {place}, {source}, {period}").format(**facts),
        alt=_("Table of scores, errors and coverage by model, the best first."),
        notes=_score_notes(facts),
    )


def _score_facts(forecast: ModelResult) -> dict[str, str]:
    rows = forecast.tidy()
    scores = rows[rows["kind"] == "score"]
    best, worst = scores.iloc[0], scores.iloc[-1]
    return {
        "place": forecast.parameters["state"] or _("Mexico"),
        "source": _(SOURCE_NAMES[forecast.parameters["source"]]),
        "period": months(*forecast.period),
        "model": _(MODEL_NAMES[best["term"]]),
        "score": number(best["wis"], 2),
        "last": _(MODEL_NAMES[worst["term"]]),
        "worst": number(worst["wis"], 2),
        "gain": percent(1 - best["relative"], 1),
        "forecasts": number(best["forecasts"]),
        "held_80": percent(best["coverage_80"]),
        "held_95": percent(best["coverage_95"]),
    }


def _score_notes(facts: dict[str, str]) -> tuple[str, ...]:
    return (
        _(
            "{forecasts} forecasts from every month with five years before it and a year after; neighbouring ones share months."
        ).format(**facts),
        _(
            "The best is chosen by these scores, so its own flatters it a little; close scores may differ by chance."
        ),
    )


def caption_forecast(forecast: ModelResult) -> Caption:
    """Say what the best model expects for its last month, with the interval."""
    facts = _forecast_facts(forecast)
    return Caption(
        title=_(
            "{place}: {rate} homicides per 100,000 forecast for {last} ({interval}), after {now} in {known}"
        ).format(**facts),
        subtitle=_(
            "Monthly rate and forecast by {model} with 80% and 95% intervals, {place}, {source}"
        ).format(**facts),
        alt=_(
            "Dots and a line of monthly rates, then a dashed line in a fan that ends at {rate} in {last}, {interval}."
        ).format(**facts),
        notes=_forecast_notes(forecast, facts),
    )


def caption_forecast_table(forecast: ModelResult) -> Caption:
    """Head the table of forecasts with where the last 95 % interval ends."""
    facts = _forecast_facts(forecast)
    return Caption(
        title=_("{place}, {last}: between {low} and {high} per 100,000 with 95%").format(**facts),
        subtitle=_("Forecast of the homicide rate by {model}, {place}, {source}").format(**facts),
        alt=_("Table of forecast rates with 80% and 95% intervals by month."),
        notes=_forecast_notes(forecast, facts),
    )


def _forecast_facts(forecast: ModelResult) -> dict[str, str]:
    rows = forecast.tidy()
    last = rows[rows["kind"] == "forecast"].iloc[-1]
    known = forecast.fitted.iloc[-1]
    return _score_facts(forecast) | {
        "rate": number(last["estimate"], 1),
        "interval": interval(last["conf_low"], last["conf_high"]),
        "low": number(last["conf_low"], 1),
        "high": number(last["conf_high"], 1),
        "last": month(last["term"]),
        "now": number(known["observed"], 1),
        "known": month(pd.Timestamp(known["month"])),
    }


def _forecast_notes(forecast: ModelResult, facts: dict[str, str]) -> tuple[str, ...]:
    return (
        _(
            "If things go on as they did: in the backtest {held_95} of what came lay in the 95% and {held_80} in the 80% intervals."
        ).format(**facts),
        *model_notes(forecast),
    )
