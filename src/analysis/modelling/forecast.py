"""What may come: models that compete on the past, and the forecast of the one that did best."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.bars import follow
from analysis.calendar import PER, month_span, month_text
from analysis.errors import ModelError, RequestError
from analysis.geography import find_state
from analysis.modelling.candidates import (
    CANDIDATES,
    RULES,
    Forecast,
    forecast_model,
    forecast_rule,
)
from analysis.modelling.places import add_flags, name_place, select_place_series
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.scores import LEVELS, coverage, seasonal_error, weighted_interval_score
from analysis.modelling.series import log_rates, rate_unit, read_series
from analysis.parameters import Source, check

# The first forecast is made when so many months are known, each is held against so many.
FIRST, STEPS = 60, 12
LONGEST = 24


def estimate_forecast(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    exposure: str = "",
    horizon: int = 12,
    per: float = PER,
) -> ModelResult:
    """Let seven models forecast every year of a monthly rate's past, and the best the next one.

    Rolling origin (Tashman 2000, Int. J. Forecasting 16, 437-450): the first after 60 months,
    then every month with twelve known months after it; parameters estimated again at every
    twelfth origin, states at each. Models of the log rate with normal intervals: naive,
    seasonal naive, drift, ETS (additive, damped), SARIMA (0,1,1)(0,1,1)12, ARIMA (1,1,1) with two
    Fourier pairs, unobserved components (local linear trend and season). Scores are of the rate:
    the weighted interval score of the median and the 50, 80 and 95 % intervals (Bracher et al.
    2021), mean absolute error, the same over the seasonal-naive error within each origin's past
    (MASE; missing where a past repeats a year exactly), and coverage.

    Parameters
    ----------
    series : pandas.DataFrame
        One row a month, in any order, without holes.
    outcome, time, exposure : str
        Columns: a count, its month, and what the rate is per (none when empty).
    horizon : int
        Months to forecast, 1 to 24.
    per : float
        The rate is per this much exposure; without exposure it is the count.

    Returns
    -------
    ModelResult
        Rows ``kind`` = ``score``, ``term`` = model, best first: ``estimate`` and ``wis``, ``mae,
        mase, coverage_80, coverage_95, relative`` (score over the seasonal naive's),
        ``forecasts`` (months scored), ``winner``. ``kind`` = ``forecast``, ``term`` = month:
        ``estimate`` the median rate with its 95 % interval, ``low_80, high_80``, ``steps`` ahead.

    Raises
    ------
    RequestError
        For a column that is not there or a horizon out of bounds.
    ModelError
        For fewer than 72 months, a hole, no events, a series without change, or a fit that does
        not converge.

    Examples
    --------
    >>> months = pd.date_range("2015-01", periods=72, freq="MS")
    >>> deaths = 100 + 10 * np.sin(np.arange(72)) + np.random.default_rng(1).normal(size=72)
    >>> frame = pd.DataFrame({"month": months, "deaths": deaths})
    >>> result = estimate_forecast(frame, outcome="deaths", time="month", horizon=3)
    >>> result.rows["kind"].value_counts().tolist()
    [7, 3]
    """
    if not 1 <= horizon <= LONGEST:
        raise RequestError(f"horizon must lie between 1 and {LONGEST} months, not {horizon}")
    rows = read_series(series, outcome=outcome, time=time, exposure=exposure)
    if len(rows) < FIRST + STEPS:
        raise ModelError(f"{len(rows)} months; a backtest needs {FIRST + STEPS}")
    logs, notes = log_rates(rows)
    if not (np.diff(logs).std() > 0 and (logs.diff(STEPS).dropna() != 0).any()):
        raise ModelError(f"{outcome} does not change from month to month: nothing to forecast")
    scale = per if exposure else 1.0
    rates = rows["count"].to_numpy() / rows["exposure"].to_numpy() * scale
    # What was added to the counts before the logarithm is taken off again.
    shift = np.exp(logs.to_numpy()) * scale - rates
    # Logarithms of rates over the first one, so that units do not move a search's last digits.
    values, unit = logs.to_numpy() - logs.iloc[0], float(np.exp(logs.iloc[0]) * scale)
    scores = _backtest(values, rates, shift, unit, rows["month"])
    winner = str(scores["term"].iloc[0])
    if scores["mase"].isna().any():
        text = "the errors have no scale (MASE): months known first repeat the year before exactly"
        notes = (*notes, Note(text))
    ahead = _forecast(winner, values, shift[-1], unit, rows["month"], horizon)
    if horizon > STEPS:
        text = "{horizon} months are forecast, but only {steps} were tested"
        notes = (*notes, Note(text, horizon=horizon, steps=STEPS))
    return ModelResult(
        model="forecast",
        formula=f"log({outcome}{f' / {exposure}' if exposure else ''}), {len(CANDIDATES)} models",
        parameters={"horizon": horizon},
        sources=tuple(series.attrs.get("sources", ())),
        period=month_span(rows["month"]),
        observations=len(rows),
        states=0,
        inference="normal intervals of the log rate, parameters held; scores of rolling origins",
        unit=rate_unit(outcome, exposure, per),
        rows=pd.concat([scores, ahead], ignore_index=True),
        notes=notes,
        fitted=pd.DataFrame({"month": rows["month"], "observed": rates}),
    )


def fit_forecast(
    panel: pd.DataFrame,
    national_month: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    state: str | None = None,
    horizon: int = 12,
) -> ModelResult:
    """Forecast the homicide rate by the model that forecast its past best.

    The models and scores are those of `estimate_forecast`, on all months of the source; a state
    with missing months is taken from after the last of them.

    Parameters
    ----------
    panel, national_month : pandas.DataFrame
        As for `select_place_series`.
    source : {"sesnsp", "inegi"}
        Which count.
    state : str, optional
        Name, code or abbreviation; none is the nation.
    horizon : int
        Months to forecast, 1 to 24.

    Returns
    -------
    ModelResult
        As `estimate_forecast`, rates per 100,000 person-years; with ``cve_ent`` for a state.

    Raises
    ------
    RequestError
        For an unknown state or a horizon out of bounds.
    ModelError
        For fewer than 72 months without a gap, no homicides, or a fit that does not converge.

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> fit_forecast(load_panel(), load_table("national_month"), horizon=25)
    Traceback (most recent call last):
    analysis.errors.RequestError: horizon must lie between 1 and 24 months, not 25
    """
    asked = check(fit_forecast, {"source": source, "horizon": horizon})
    name = find_state(state).name if state else None
    series = select_place_series(panel, national_month, source=source, state=state)
    notes = tuple(series.attrs["notes"])
    gaps = series.index[series["homicides"].isna()]
    if len(gaps):
        series = series.loc[gaps[-1] + 1 :]
        text = "{missing} months are missing: the series begins after the last of them"
        notes = (*notes, Note(text, missing=len(gaps)))
    try:
        result = estimate_forecast(
            series,
            outcome="homicides",
            time="month",
            exposure="person_years",
            horizon=asked["horizon"],
        )
    except ModelError as error:
        raise ModelError(f"{name or 'nation'}, {source}: {error}") from error
    fitted = add_flags(result.fitted, series)
    parameters = {"source": source, "state": name, "horizon": asked["horizon"]}
    return name_place(replace(result, fitted=fitted), parameters=parameters, notes=notes)


def _candidate(
    name: str, logs: np.ndarray, months: np.ndarray, origins: list[int], steps: int
) -> list[Forecast]:
    if name in RULES:
        return [forecast_rule(name, logs[:origin], steps) for origin in origins]
    return list(forecast_model(name, logs, months, origins, steps))


def _rate_quantiles(
    mean: np.ndarray, deviation: np.ndarray, shift: Any, unit: float
) -> tuple[np.ndarray, dict[int, tuple[np.ndarray, np.ndarray]]]:
    """Give median and central intervals of the rate from those of its logarithm."""

    def rate(z: float) -> np.ndarray:
        return np.clip(np.exp(mean + z * deviation) * unit - shift, 0, None)

    ends = {level: float(stats.norm.ppf(0.5 + level / 200)) for level in LEVELS}
    return rate(0.0), {level: (rate(-z), rate(z)) for level, z in ends.items()}


def _backtest(
    logs: np.ndarray, rates: np.ndarray, shift: np.ndarray, unit: float, month: pd.Series
) -> pd.DataFrame:
    """Score every candidate on the months after each origin, the least score first."""
    origins = list(range(FIRST, len(logs) - STEPS + 1))
    targets = np.array(origins)[:, None] + np.arange(STEPS)
    observed, added = rates[targets], shift[targets]
    scales = np.array([seasonal_error(rates[:origin]) for origin in origins])[:, None]
    table = []
    for name in follow(CANDIDATES, "models"):
        found = _candidate(name, logs, month.dt.month.to_numpy(), origins, STEPS)
        mean, deviation = (np.array(part) for part in zip(*found, strict=True))
        median, intervals = _rate_quantiles(mean, deviation, added, unit)
        score = weighted_interval_score(median, intervals, observed)
        error = np.abs(observed - median)
        table.append(
            {
                "kind": "score",
                "term": name,
                "wis": float(score.mean()),
                "mae": float(error.mean()),
                "mase": float((error / scales).mean()),  # missing with any of the scales
                "coverage_80": coverage(*intervals[80], observed),
                "coverage_95": coverage(*intervals[95], observed),
                "forecasts": score.size,
            }
        )
    scores = pd.DataFrame(table)
    plain = scores.loc[scores["term"] == "seasonal naive", "wis"].iloc[0]
    scores["estimate"], scores["relative"] = scores["wis"], scores["wis"] / plain
    scores = scores.sort_values("wis", kind="stable", ignore_index=True)
    scores["winner"] = scores.index == 0
    return scores


def _forecast(
    name: str, logs: np.ndarray, shift: float, unit: float, month: pd.Series, horizon: int
) -> pd.DataFrame:
    coming = pd.date_range(month.iloc[-1], periods=horizon + 1, freq="MS")[1:]
    calendar = np.concatenate([month.dt.month.to_numpy(), coming.month.to_numpy()])
    mean, deviation = _candidate(name, logs, calendar, [len(logs)], horizon)[0]
    median, intervals = _rate_quantiles(mean, deviation, shift, unit)
    return pd.DataFrame(
        {
            "kind": "forecast",
            "term": [month_text(moment) for moment in coming],
            "estimate": median,
            "conf_low": intervals[95][0],
            "conf_high": intervals[95][1],
            "low_80": intervals[80][0],
            "high_80": intervals[80][1],
            "steps": np.arange(1, horizon + 1),
        }
    )
