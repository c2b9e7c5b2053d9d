"""What would have been expected after an event, had the series gone on as before."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.calendar import month_span, month_text, parse_month
from analysis.errors import ModelError, RequestError
from analysis.modelling.fan import month_rows, total_rows
from analysis.modelling.places import add_flags
from analysis.modelling.result import ModelResult
from analysis.modelling.series import log_rates, read_series, select_national_series
from analysis.modelling.statespace import maximise
from analysis.parameters import Source, check

# Names of the levels that compete, by statsmodels' short ones.
LEVELS = {"llevel": "local level", "lltrend": "local linear trend"}
# Seasons, and rows, that must lie before the event.
SEASONS, FEWEST = 3, 12


def estimate_counterfactual(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    event: str,
    exposure: str = "",
    period: int = 12,
    draws: int = 10_000,
    seed: int = 1,
) -> ModelResult:
    """Estimate how many more or fewer were counted after an event than expected before it.

    Unobserved components of the log rate (Harvey 1989, Forecasting, Structural Time Series Models
    and the Kalman Filter, 2.3): a local level or a local linear trend, whichever has the smaller
    AIC, and a stochastic season, fitted by exact diffuse likelihood to the rows before the event
    (Durbin & Koopman 2012, Time Series Analysis by State Space Methods, 7.2). The AIC of both
    counts the same rows, those after the longer of the two diffuse starts: else it would change
    with the unit of the series. Paths after the event are drawn, states and noise, parameters
    held, and turned into counts with the exposure of each row. The other level stands beside.

    Parameters
    ----------
    series : pandas.DataFrame
        One row a month (or as `period` says), in any order, without holes.
    outcome, time, exposure : str
        Columns: a count, its month, and what the rate is per (none when empty).
    event : str
        First month that is held against what was expected, ``YYYY-MM``.
    period : int
        Rows a year; 1 has no season, 0 is months without one.
    draws, seed : int
        Paths drawn, and where their randomness begins.

    Returns
    -------
    ModelResult
        Rows ``kind`` = ``month``, ``term`` = month: ``estimate`` = observed less expected (median
        of the paths) with its 95 % fan, ``observed, expected, expected_low, expected_high, low_80,
        high_80``, and from the event to that month ``cumulative, cumulative_low,
        cumulative_high``. ``kind`` = ``total``: ``cumulative 12``, ``cumulative 24`` and
        ``cumulative`` (to the end), with ``verdict``: ``fewer``, ``more`` (the fan excludes zero),
        ``uninformative`` (it holds zero and is wider than half of what was counted) or
        ``unclear``. ``kind`` = ``alternative``: the same sums by the other level, ``cumulative,
        other level`` and so on. ``level`` and its ``aic``, ``months``.

    Raises
    ------
    RequestError
        For a column, month or number that is not accepted.
    ModelError
        For an event outside the series, fewer than three seasons before it, a hole, no events or
        a fit that does not converge.

    Examples
    --------
    >>> months = pd.date_range("2015-01", periods=48, freq="MS")
    >>> frame = pd.DataFrame({"month": months, "deaths": [100, 104, 99, 101] * 9 + [50] * 12})
    >>> names = {"outcome": "deaths", "time": "month", "event": "2018-01"}
    >>> estimate_counterfactual(frame, **names, draws=1000).row("cumulative")["verdict"]
    'fewer'
    """
    if draws < 100:
        raise RequestError(f"a fan needs at least 100 draws, not {draws}")
    rows = read_series(series, outcome=outcome, time=time, exposure=exposure, period=period or 12)
    before = _rows_before(rows, event, period)
    logs, notes = log_rates(rows)
    fits = {name: _fit_level(logs[:before], name, period) for name in LEVELS}
    aic = {name: _common_aic(fitted, period) for name, fitted in fits.items()}
    order = sorted(fits, key=lambda name: aic[name])
    shift = 0.5 if notes else 0.0
    after = rows.iloc[before:].reset_index(drop=True)
    tables = []
    for name in order:
        paths = _draw_paths(fits[name], after, shift, draws, seed)
        table = [month_rows(after, paths)] if name == order[0] else []
        table.append(total_rows(after, paths, kind="alternative" if table == [] else "total"))
        facts = {"level": LEVELS[name], "aic": aic[name]}
        tables += [part.assign(**facts) for part in table]
    return ModelResult(
        model="counterfactual",
        formula=f"log({outcome}{f' / {exposure}' if exposure else ''}) ~ {LEVELS[order[0]]}"
        f"{' + stochastic season' if period > 1 else ''} + noise, before {event}",
        parameters={"event": event, "period": period, "draws": draws, "seed": seed},
        sources=tuple(series.attrs.get("sources", ())),
        period=month_span(rows["month"]),
        observations=before,
        states=0,
        inference=f"Monte Carlo of states and noise, parameters held, {draws} draws; 95 % fan",
        unit=outcome,
        rows=pd.concat(tables, ignore_index=True),
        notes=notes,
        fitted={"series": rows, **fits},
    )


def fit_counterfactual(
    national_month: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    event: str = "2019-07",
    seed: int = 1,
) -> ModelResult:
    """Estimate how the nation's homicides after an event differ from those expected before it.

    The model is that of `estimate_counterfactual`, on all months of the source.

    Parameters
    ----------
    national_month : pandas.DataFrame
        As for `select_national_series`.
    source : {"sesnsp", "inegi"}
        Which count.
    event : str
        First month that is held against what was expected, ``YYYY-MM``.
    seed : int
        Where the randomness of the paths begins.

    Returns
    -------
    ModelResult
        As `estimate_counterfactual`, counts in homicides.

    Raises
    ------
    RequestError
        For an unknown source or something that is not a month.
    ModelError
        For an event outside the source's months or fewer than 36 months before it.

    Examples
    --------
    >>> from analysis import load_table
    >>> result = fit_counterfactual(load_table("national_month"))
    >>> result.row("cumulative 12")["months"].item()
    12
    """
    asked = check(fit_counterfactual, {"source": source, "event": event, "seed": seed})
    series = select_national_series(national_month, source=source, start="")
    result = estimate_counterfactual(
        series,
        outcome="homicides",
        time="month",
        exposure="person_years",
        event=asked["event"],
        seed=asked["seed"],
    )
    result.fitted["series"] = add_flags(result.fitted["series"], national_month)
    return replace(
        result,
        formula=result.formula.replace("homicides", f"homicides_{source}", 1),
        parameters={"source": source, "event": asked["event"], "seed": asked["seed"]},
        states=32,
        notes=(*series.attrs["notes"], *result.notes),
    )


def _rows_before(rows: pd.DataFrame, event: str, period: int) -> int:
    moment = parse_month(event)
    first, last = rows["month"].iloc[0], rows["month"].iloc[-1]
    if not first < moment <= last:
        raise ModelError(
            f"the event {event} must lie within the series, after its first month "
            f"{month_text(first)} and not after its last {month_text(last)}"
        )
    before = int((rows["month"] < moment).sum())
    needed = max(SEASONS * (period or 12), FEWEST)
    if before < needed:
        raise ModelError(
            f"{before} rows before {event}; what is expected after it needs {needed}, choose a "
            "later event or a longer series"
        )
    return before


def _fit_level(logs: pd.Series, name: str, period: int) -> Any:
    model = UnobservedComponents(
        logs.to_numpy(), name, seasonal=period if period > 1 else None, use_exact_diffuse=True
    )
    return maximise(model, f"the {LEVELS[name]}")


def _common_aic(fitted: Any, period: int) -> float:
    """Give the AIC on the rows that no level needs to find its start: level, slope and season."""
    start = 2 + max(period - 1, 0)
    return float(2 * len(fitted.params) - 2 * fitted.llf_obs[start:].sum())


def _draw_paths(fitted: Any, after: pd.DataFrame, shift: float, draws: int, seed: int) -> Any:
    """Draw counts after the event: a row a month, a column a path."""
    paths = fitted.simulate(
        len(after), anchor="end", repetitions=draws, rng=np.random.default_rng(seed)
    )
    paths = np.asarray(paths).reshape(len(after), draws)
    counts = np.exp(paths) * after["exposure"].to_numpy()[:, None] - shift
    return np.clip(counts, 0, None)
