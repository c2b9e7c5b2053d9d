"""Tables of what would have been, and of what may come."""

import pandas as pd

from analysis.reporting.captions.future import rough, signed, verdict_words
from analysis.reporting.exhibits import Cells
from analysis.reporting.figures.future import MODEL_NAMES
from analysis.reporting.marks import marked
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import month, number, percent
from analysis.reporting.text import translate as _


def table_counterfactual(totals: pd.DataFrame) -> Cells:
    """Write observed less expected over windows after the event, by both levels.

    ``totals`` are the rows of `select_totals`.
    """
    levels = {"local level": _("level"), "local linear trend": _("level and slope")}
    rows = [
        [
            levels[row["level"]],
            verdict_words()[row["verdict"]],
            number(row["months"]),
            marked(number(row["observed"]), row["flags"], row["source"] or "none"),
            rough(row["expected"]),
            signed(row["estimate"]),
            _("{low} to {high}").format(low=signed(row["conf_low"]), high=signed(row["conf_high"])),
        ]
        for __, row in totals.iterrows()
    ]
    labels = [
        _("What goes on"),
        _("Against the expected"),
        _("Months"),
        _("Observed"),
        _("Expected"),
        _("Difference"),
        _("95% interval"),
    ]
    return cells(rows, labels, 2, ";".join(totals["flags"]))


def table_backtest(scores: pd.DataFrame) -> Cells:
    """Write how well each model forecast the past, best first."""
    rows = [
        [
            _(MODEL_NAMES[row["term"]]),
            number(row["wis"], 2),
            percent(row["relative"]),
            number(row["mae"], 2),
            number(row["mase"], 2),
            percent(row["coverage_80"]),
            percent(row["coverage_95"]),
        ]
        for __, row in scores.iterrows()
    ]
    labels = [
        _("Model"),
        _("Weighted interval score"),
        _("Of the seasonal rule's"),
        _("Mean absolute error"),
        _("Scaled error (MASE)"),
        _("In 80% intervals"),
        _("In 95% intervals"),
    ]
    return cells(rows, labels, 1)


def table_forecast(forecast: pd.DataFrame) -> Cells:
    """Write the forecast rates with their intervals; months observed are left out."""
    rows = [
        [
            month(row["month"]),
            number(row["estimate"], 1),
            _("{low} to {high}").format(
                low=number(row["low_80"], 1), high=number(row["high_80"], 1)
            ),
            ends(row),
        ]
        for __, row in forecast.dropna(subset=["estimate"]).iterrows()
    ]
    labels = [_("Month"), _("Forecast rate"), _("80% interval"), _("95% interval")]
    return cells(rows, labels, 1)


def table_smooth(smooth: pd.DataFrame) -> Cells:
    """Write the smooth trend every June and December and in the last month, with its band.

    ``smooth`` are rows of `analysis.select_smooth`.
    """
    shown = smooth["month"].dt.month.isin([6, 12]) | smooth["month"].eq(smooth["month"].max())
    rows = [
        [month(row["month"]), number(row["observed"], 1), number(row["rate"], 1), ends(row)]
        for __, row in smooth[shown].iterrows()
    ]
    labels = [_("Month"), _("Rate of the month"), _("Smooth trend"), _("95% band")]
    return cells(rows, labels, 1)
