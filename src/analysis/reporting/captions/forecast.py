"""The words of forecasts and of how they would have done in the past."""

import pandas as pd

from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.future import MODEL_NAMES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption
from analysis.reporting.text import interval, month, months, number, percent
from analysis.reporting.text import translate as _


def caption_backtest(forecast: ModelResult) -> Caption:
    """Say which model forecast the past best, and how far it beat the seasonal rule.

    Examples
    --------
    >>> from analysis import fit_forecast, load_panel, load_table
    >>> forecast = fit_forecast(load_panel(), load_table("national_month"))
    >>> caption_backtest(forecast).title
    'Mexico: ARIMA with Fourier season forecast the past best, its score 33.6% below that ...
    """
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
    """Say how often the best model's intervals held what came.

    Examples
    --------
    >>> from analysis import fit_forecast, load_panel, load_table
    >>> forecast = fit_forecast(load_panel(), load_table("national_month"))
    >>> caption_backtest_table(forecast).title
    "Mexico: the best model's 95% intervals held 98% of what came, its 80% intervals 92%"
    """
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
    """Say what the best model expects for its last month, with the interval.

    Examples
    --------
    >>> from analysis import fit_forecast, load_panel, load_table
    >>> forecast = fit_forecast(load_panel(), load_table("national_month"))
    >>> caption_forecast(forecast).title
    'Mexico: 18.0 homicides per 100,000 forecast for June 2026 (95% interval 14.4 to 22.5), ...
    """
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
    """Head the table of forecasts with where the last 95 % interval ends.

    Examples
    --------
    >>> from analysis import fit_forecast, load_panel, load_table
    >>> forecast = fit_forecast(load_panel(), load_table("national_month"))
    >>> caption_forecast_table(forecast).title
    'Mexico, June 2026: between 14.4 and 22.5 per 100,000 with 95%'
    """
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
