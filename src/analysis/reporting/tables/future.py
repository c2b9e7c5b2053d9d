"""Tables of what would have been, and of what may come."""

import pandas as pd

from analysis.reporting.captions.future import rough, signed, verdict_words
from analysis.reporting.figures.future import MODEL_NAMES
from analysis.reporting.marks import marked
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import month, number, percent
from analysis.reporting.text import translate as _


def table_counterfactual(totals: pd.DataFrame) -> Cells:
    """Write observed less expected over windows after the event, by both levels.

    Parameters
    ----------
    totals : pandas.DataFrame
        Rows of `analysis.select_totals`.

    Returns
    -------
    Cells
        One row a level and window, in homicides.

    Examples
    --------
    >>> from analysis import estimate_counterfactual, select_totals
    >>> months = pd.date_range("2015-01", periods=48, freq="MS")
    >>> frame = pd.DataFrame({"month": months, "deaths": [100, 104, 99, 101] * 9 + [50] * 12})
    >>> names = {"outcome": "deaths", "time": "month", "event": "2018-01"}
    >>> result = estimate_counterfactual(frame, **names, draws=200)
    >>> table_counterfactual(select_totals(result)).body[0][:3]
    ['level', 'fewer', '12']
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
    """Write how well each model forecast the past, best first.

    Parameters
    ----------
    scores : pandas.DataFrame
        Rows of `analysis.select_backtest`.

    Returns
    -------
    Cells
        One row a model: scores per 100,000 person-years, coverage in %.

    Examples
    --------
    >>> scores = pd.DataFrame({"term": ["SARIMA"], "wis": [1.2], "relative": [0.63], "mae": [1.7],
    ...                        "mase": [0.8], "coverage_80": [0.81], "coverage_95": [0.94],
    ...                        "forecasts": [240], "winner": [True]})
    >>> table_backtest(scores).body[0][:3]
    ['seasonal ARIMA', '1.20', '63%']
    """
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
    """Write the forecast rates with their intervals; months observed are left out.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Rows of `analysis.select_forecast`.

    Returns
    -------
    Cells
        One row a month to come: rate per 100,000 person-years, its 80 and 95 % intervals.

    Examples
    --------
    >>> rows = pd.DataFrame({"month": pd.to_datetime(["2025-07"]), "estimate": [19.0],
    ...                      "low_80": [17.5], "high_80": [20.6], "conf_low": [16.8],
    ...                      "conf_high": [21.5]})
    >>> table_forecast(rows).body
    [['July 2025', '19.0', '17.5 to 20.6', '16.8 to 21.5']]
    """
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

    Parameters
    ----------
    smooth : pandas.DataFrame
        Rows of `analysis.select_smooth`.

    Returns
    -------
    Cells
        One row a month shown, per 100,000 person-years.

    Examples
    --------
    >>> from analysis import fit_smooth_trend, load_panel, load_table, select_smooth
    >>> smooth = fit_smooth_trend(load_panel(), load_table("national_month"), state="Colima")
    >>> table_smooth(select_smooth(smooth)).body[-1][0]
    'June 2025'
    """
    shown = smooth["month"].dt.month.isin([6, 12]) | smooth["month"].eq(smooth["month"].max())
    rows = [
        [month(row["month"]), number(row["observed"], 1), number(row["rate"], 1), ends(row)]
        for __, row in smooth[shown].iterrows()
    ]
    labels = [_("Month"), _("Rate of the month"), _("Smooth trend"), _("95% band")]
    return cells(rows, labels, 1)
