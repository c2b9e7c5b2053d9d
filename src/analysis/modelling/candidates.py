"""The models that compete to forecast a monthly log rate."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.modelling.statespace import maximise

PERIOD = 12
# Parameters are estimated again every so many origins; states take up every month.
REFIT = 12
# Plain rules that need no fit; a model that does not beat them is not worth its name.
RULES = ("naive", "seasonal naive", "drift")
MODELS = ("ETS", "SARIMA", "ARIMA with season", "unobserved components")
CANDIDATES = (*RULES, *MODELS)

Forecast = tuple[np.ndarray, np.ndarray]


def forecast_rule(name: str, logs: np.ndarray, steps: int) -> Forecast:
    """Forecast by a plain rule: means and standard deviations of the next log rates.

    The last value; the value of the same month a year before; the last value and the mean step.
    Variances as in Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd
    ed., 5.5.

    Examples
    --------
    >>> mean, deviation = forecast_rule("naive", np.array([1.0, 2.0, 1.0]), 2)
    >>> mean.tolist(), (deviation**2).round(9).tolist()
    ([1.0, 1.0], [1.0, 2.0])
    """
    ahead = np.arange(1, steps + 1)
    if name == "seasonal naive":
        changes = logs[PERIOD:] - logs[:-PERIOD]
        mean = logs[len(logs) - PERIOD + (ahead - 1) % PERIOD]
        return mean, np.sqrt(np.mean(changes**2) * ((ahead - 1) // PERIOD + 1))
    changes = np.diff(logs)
    if name == "naive":
        return np.full(steps, logs[-1]), np.sqrt(np.mean(changes**2) * ahead)
    step, count = changes.mean(), len(changes)
    variance = ((changes - step) ** 2).sum() / (count - 1)
    return logs[-1] + step * ahead, np.sqrt(variance * ahead * (1 + ahead / count))


def season_pairs(months: np.ndarray) -> np.ndarray:
    """Give two Fourier pairs of calendar months 1 to 12."""
    angles = 2 * np.pi * np.asarray(months) / PERIOD
    return np.column_stack([f(j * angles) for j in (1, 2) for f in (np.sin, np.cos)])


def forecast_model(
    name: str, logs: np.ndarray, months: np.ndarray, origins: list[int], steps: int
) -> Iterator[Forecast]:
    """Forecast by a state-space model from each origin, the number of rows known there.

    Parameters
    ----------
    name : str
        One of `MODELS`.
    logs : numpy.ndarray
        Log rates in order.
    months : numpy.ndarray
        Calendar month of each, and of the rows to come.
    origins : list of int
        Consecutive numbers of known rows.
    steps : int
        How far ahead.

    Yields
    ------
    tuple
        Means and standard deviations of the next log rates.

    Raises
    ------
    ModelError
        When a fit does not converge.
    """
    with_season = name == "ARIMA with season"
    fitted: Any = None
    for place, origin in enumerate(origins):
        if place % REFIT == 0:
            season = season_pairs(months[:origin]) if with_season else None
            fitted = maximise(_build(name, logs[:origin], season), name)
        else:
            season = season_pairs(months[origin - 1 : origin]) if with_season else None
            known = logs[origin - 1 : origin]
            with warnings.catch_warnings():
                # Of a past that the starting states meet exactly, which is no fault.
                warnings.simplefilter("ignore")
                fitted = fitted.append(known, exog=season) if with_season else fitted.append(known)
        season = season_pairs(months[origin : origin + steps]) if with_season else None
        ahead = fitted.get_forecast(steps, exog=season)
        yield np.asarray(ahead.predicted_mean), np.asarray(ahead.se_mean)


def _build(name: str, logs: np.ndarray, season: np.ndarray | None) -> Any:
    if name == "ETS":
        # Starting states concentrated out: the same maximum, found with four parameters.
        return ExponentialSmoothing(
            logs,
            trend=True,
            damped_trend=True,
            seasonal=PERIOD,
            initialization_method="concentrated",
        )
    if name == "SARIMA":
        return SARIMAX(logs, order=(0, 1, 1), seasonal_order=(0, 1, 1, PERIOD))
    if name == "ARIMA with season":
        return SARIMAX(logs, order=(1, 1, 1), exog=season)
    return UnobservedComponents(logs, "lltrend", seasonal=PERIOD, use_exact_diffuse=True)
