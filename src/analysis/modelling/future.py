"""What a counterfactual and a forecast give, as frames."""

import pandas as pd

from analysis.columns import credit
from analysis.modelling.result import ModelResult

TOTALS = ["verdict", "months", "observed", "estimate", "conf_low", "conf_high"]
TOTALS += ["expected", "expected_low", "expected_high", "low_80", "high_80"]


def select_counterfactual(counterfactual: ModelResult, *, months: int = 60) -> pd.DataFrame:
    """Give what was observed and, from the event on, what was expected beside it.

    Parameters
    ----------
    counterfactual : ModelResult
        From `fit_counterfactual` or `estimate_counterfactual`.
    months : int
        Rows before the event.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``month`` (a date), ``observed``; ``expected, expected_low,
        expected_high, low_80, high_80``, missing before the event; ``source`` and ``flags`` of a
        `fit_counterfactual`.

    Examples
    --------
    >>> from analysis import estimate_counterfactual
    >>> months = pd.date_range("2015-01", periods=48, freq="MS")
    >>> frame = pd.DataFrame({"month": months, "deaths": [100, 104, 99, 101] * 9 + [50] * 12})
    >>> names = {"outcome": "deaths", "time": "month", "event": "2018-01"}
    >>> rows = select_counterfactual(estimate_counterfactual(frame, **names, draws=200))
    >>> rows[["observed", "expected"]].iloc[-1].round().tolist()
    [50.0, 101.0]
    """
    rows = counterfactual.tidy()
    after = rows[rows["kind"] == "month"]
    after = after.assign(month=pd.to_datetime(after["term"])).set_index("month")
    columns = ["expected", "expected_low", "expected_high", "low_80", "high_80"]
    series = counterfactual.fitted["series"].rename(columns={"count": "observed"})
    kept = [column for column in ("observed", "flags") if column in series]
    out = series.set_index("month")[kept].join(after[columns]).reset_index()
    out = out.iloc[max(counterfactual.observations - months, 0) :].reset_index(drop=True)
    out["source"] = counterfactual.parameters.get("source", "")
    out.attrs = rows.attrs
    units = dict.fromkeys(["observed", *columns], counterfactual.unit)
    return credit(out, counterfactual.sources, **units)


def select_cumulative(counterfactual: ModelResult) -> pd.DataFrame:
    """Give observed less expected summed from the event to each month, with the 95 % fan.

    One row a month: ``month`` (a date), ``cumulative, cumulative_low, cumulative_high``.

    Examples
    --------
    >>> from analysis import fit_counterfactual, load_table
    >>> result = fit_counterfactual(load_table("national_month"))
    >>> select_cumulative(result)["cumulative"].round(-3).iloc[-1].item()
    -80000.0
    """
    rows = counterfactual.tidy()
    after = rows[rows["kind"] == "month"]
    out = after[["cumulative", "cumulative_low", "cumulative_high"]].reset_index(drop=True)
    out.insert(0, "month", pd.to_datetime(after["term"]).to_numpy())
    out.attrs = rows.attrs
    return credit(out, counterfactual.sources)


def select_totals(counterfactual: ModelResult) -> pd.DataFrame:
    """Give the sums over windows after the event, by the level that was chosen and by the other.

    Returns
    -------
    pandas.DataFrame
        The rows ``total`` and ``alternative``, with ``source`` and the ``flags`` of that source's
        months in the window, empty where none are known.

    Examples
    --------
    >>> from analysis import fit_counterfactual, load_table
    >>> totals = select_totals(fit_counterfactual(load_table("national_month")))
    >>> totals.set_index("term").loc["cumulative 12", "verdict"]
    'unclear'
    """
    rows = counterfactual.tidy()
    out = rows[rows["kind"].isin(["total", "alternative"])].reset_index(drop=True)
    out = out[["kind", "level", "aic", "term", *TOTALS]]
    source = counterfactual.parameters.get("source", "")
    series = counterfactual.fitted["series"].iloc[counterfactual.observations :]
    texts = series["flags"] if "flags" in series else pd.Series(dtype="str")
    windows = [";".join(texts.iloc[: int(months)]).split(";") for months in out["months"]]
    own = [sorted({flag for flag in flags if flag.startswith(source)}) for flags in windows]
    out = out.assign(source=source, flags=[";".join(flags) for flags in own])
    out.attrs = rows.attrs
    units = dict.fromkeys(
        ["observed", "expected", "expected_low", "expected_high"], counterfactual.unit
    )
    return credit(out, counterfactual.sources, **units)


def select_forecast(forecast: ModelResult, *, months: int = 36) -> pd.DataFrame:
    """Give the last months observed and those forecast, under each other.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``month`` (a date), ``observed``; ``estimate, conf_low, conf_high,
        low_80, high_80`` of the months forecast; ``source`` and ``flags`` of a `fit_forecast`,
        ``cve_ent`` for a state.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import estimate_forecast
    >>> months = pd.date_range("2015-01", periods=72, freq="MS")
    >>> deaths = 100 + 10 * np.sin(np.arange(72)) + np.random.default_rng(1).normal(size=72)
    >>> frame = pd.DataFrame({"month": months, "deaths": deaths})
    >>> result = estimate_forecast(frame, outcome="deaths", time="month", horizon=3)
    >>> select_forecast(result, months=2)["estimate"].round().tolist()
    [nan, nan, 97.0, 91.0, 92.0]
    """
    rows = forecast.tidy()
    ahead = rows[rows["kind"] == "forecast"]
    ahead = ahead.assign(month=pd.to_datetime(ahead["term"]))
    columns = ["month", "estimate", "conf_low", "conf_high", "low_80", "high_80"]
    out = pd.concat([forecast.fitted.tail(months), ahead[columns]], ignore_index=True)
    out["source"] = forecast.parameters.get("source", "")
    if "cve_ent" in rows:
        out["cve_ent"] = rows["cve_ent"].iloc[0]
    out.attrs = rows.attrs | {"rests_on": {"months": forecast.period}}
    return credit(out, forecast.sources, observed=forecast.unit)


def select_backtest(forecast: ModelResult) -> pd.DataFrame:
    """Give the scores of the models that competed, best first.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import estimate_forecast
    >>> months = pd.date_range("2015-01", periods=72, freq="MS")
    >>> deaths = 100 + 10 * np.sin(np.arange(72)) + np.random.default_rng(1).normal(size=72)
    >>> frame = pd.DataFrame({"month": months, "deaths": deaths})
    >>> result = estimate_forecast(frame, outcome="deaths", time="month", horizon=3)
    >>> select_backtest(result)["term"].iloc[0]
    'seasonal naive'
    """
    rows = forecast.tidy()
    columns = ["term", "wis", "relative", "mae", "mase", "coverage_80", "coverage_95"]
    columns += ["forecasts", "winner", *(["cve_ent"] if "cve_ent" in rows else [])]
    out = rows.loc[rows["kind"] == "score", columns].reset_index(drop=True)
    out.attrs = rows.attrs
    return credit(out, forecast.sources)
