"""Counts with exposure: trends by state."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.calendar import PER
from analysis.columns import RATE, credit
from analysis.errors import ModelError
from analysis.geography import State, find_state
from analysis.modelling.inference import (
    Z,
    call_direction,
    hac_covariance,
    normal_row,
    pool_effects,
    q_values,
    score_rows,
)
from analysis.modelling.result import ALL_STATES, ModelResult, Note
from analysis.parameters import SHORTEST, SOURCES, Source, check, check_period

# Below this the negative binomial is the Poisson to machine precision.
NO_DISPERSION = 1e-6


def fit_state_trend(
    panel: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    start: str = "2019-07",
    end: str | None = None,
    state: str | None = None,
) -> ModelResult:
    """Estimate each state's trend of homicides in percent a year, and the states' pooled trend.

    Negative binomial (NB2) by maximum likelihood, exposure as offset, linear time in years and
    one annual Fourier pair; Newey-West sandwich with L = 6 for the mean's coefficients given
    the dispersion. A state whose dispersion goes to zero falls back to quasi-Poisson, which has
    the same sandwich, and the notes say so. q-values are Benjamini-Hochberg over the states; the
    pooled row is DerSimonian-Laird with a prediction interval.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, person_years`` and ``homicides_sesnsp``
        (victims) or ``homicides_inegi`` (deaths). Missing months are left out.
    source : {"sesnsp", "inegi"}
        Which count.
    start, end : str
        First and last month, ``YYYY-MM``; an empty one is the first or last of the source.
    state : str, optional
        One state by name, code or abbreviation; then there is no pooled row, and the q-value
        is the p-value, for it allows for the states that were fitted.

    Returns
    -------
    ModelResult
        A row a state: ``term`` and ``cve_ent`` the code, ``estimate, conf_low, conf_high`` % a
        year, ``std_error`` on the log scale, ``alpha`` (dispersion), ``q_value``,
        ``direction`` (``rising, falling`` where q < 0.05, else ``unclear``), ``months, deaths``;
        ``pooled`` with ``predict_low, predict_high, tau2, i2``.

    Raises
    ------
    RequestError
        For an unknown state or an impossible period.
    ModelError
        When a state has no homicides, the fit does not converge, or the one state asked for has
        fewer than 24 months; among many, such a state is left out with a note.

    Examples
    --------
    >>> from analysis import load_panel
    >>> trend = fit_state_trend(load_panel(), state="Guanajuato").row("11")
    >>> bool(trend["conf_low"] < trend["estimate"] < trend["conf_high"])
    True
    """
    check(fit_state_trend, {"source": source})
    start, end = check_period(start, end, source)
    wanted = find_state(state) if state else None
    window = _select_window(panel, f"homicides_{source}", start, end, wanted)
    if window.empty:
        place = f" of {wanted.name}" if wanted else ""
        raise ModelError(f"no month{place} from {start} to {end} has homicides_{source}")
    counted = window.groupby("cve_ent")["month"].transform("count")
    short = [] if wanted else sorted(window.loc[counted < SHORTEST, "cve_ent"].unique())
    window = window[~window["cve_ent"].isin(short)]
    fits = [_fit_trend(code, rows) for code, rows in window.groupby("cve_ent")]
    text = "{state}: too few months, left out"
    notes = [Note(text, state=find_state(code).name) for code in short]
    text = "{state}: no overdispersion, quasi-Poisson instead"
    poisson = [row["cve_ent"] for row, _ in fits if row["alpha"] == 0]
    notes += [Note(text, state=find_state(code).name) for code in poisson]
    return ModelResult(
        model="state-trend",
        formula=f"homicides_{source} ~ years + sin + cos + offset(log(person_years)), NB2",
        parameters={"source": source, "start": start, "end": end}
        | {"state": wanted.name if wanted else None},
        sources=(SOURCES[source], "conapo_population_state_year"),
        period=(start, end),
        observations=len(window),
        states=window["cve_ent"].nunique(),
        inference="Newey-West sandwich, L = 6, normal interval; pooled: DerSimonian-Laird",
        unit="% a year",
        rows=_trend_rows([row for row, _ in fits]),
        notes=tuple(notes),
        fitted={row["cve_ent"]: fitted for row, fitted in fits},
    )


def _select_window(
    panel: pd.DataFrame, count: str, start: str, end: str, state: State | None
) -> pd.DataFrame:
    inside = panel["month"].between(pd.Timestamp(start), pd.Timestamp(end))
    chosen = inside & panel[count].notna()
    if state:
        chosen &= panel["cve_ent"].eq(state.cve_ent)
    window = panel.loc[chosen, ["cve_ent", "month", "person_years"]].copy()
    window["homicides"] = panel.loc[chosen, count].astype("float64")
    elapsed = window["month"].dt.year - int(start[:4]) + window["month"].dt.month / 12
    season = 2 * np.pi * window["month"].dt.month / 12
    window["years"] = elapsed - int(start[5:]) / 12
    window["sin"], window["cos"] = np.sin(season), np.cos(season)
    return window.sort_values(["cve_ent", "month"])


def _fit_trend(code: str, rows: pd.DataFrame) -> tuple[dict[str, Any], Any]:
    name = find_state(code).name
    if len(rows) < SHORTEST:
        raise ModelError(f"{name}: {len(rows)} months with a figure; a trend needs {SHORTEST}")
    if not rows["homicides"].sum() > 0:
        raise ModelError(f"{name}: no homicides in the window, so no trend")
    try:
        fitted, alpha = estimate_negative_binomial(
            rows,
            outcome="homicides",
            regressors=["years", "sin", "cos"],
            exposure="person_years",
        )
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from error
    covariance = hac_covariance(*score_rows(fitted), lags=6)
    row = normal_row(code, float(fitted.params["years"]), float(np.sqrt(covariance[1, 1])))
    deaths = int(rows["homicides"].sum())
    return row | {"cve_ent": code, "alpha": alpha, "months": len(rows), "deaths": deaths}, fitted


def estimate_negative_binomial(
    frame: pd.DataFrame, *, outcome: str, regressors: list[str], exposure: str = ""
) -> tuple[Any, float]:
    """Regress counts on anything by negative binomial (NB2) maximum likelihood, log link.

    The variance is mu + alpha mu^2 (Lawless 1987, Can. J. Stat. 15, 209-225). Where the
    likelihood does not rise from alpha = 0 (Dean & Lawless 1989, J. Am. Stat. Assoc. 84, 467-472)
    the fit is the Poisson one.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row an observation.
    outcome, exposure : str
        Columns; ``exposure``, if any, enters as the logarithm with coefficient one.
    regressors : list of str
        Columns; a constant is added.

    Returns
    -------
    tuple
        The fitted statsmodels GLM, coefficients by name with ``const``, and ``alpha``.

    Raises
    ------
    ModelError
        For negative or no counts, collinear regressors, or when the fit does not converge.

    Examples
    --------
    >>> frame = pd.DataFrame({"cases": [2, 9, 3, 30, 8, 41], "dose": [0, 0, 1, 1, 2, 2]})
    >>> fitted, alpha = estimate_negative_binomial(frame, outcome="cases", regressors=["dose"])
    >>> round(float(fitted.params["dose"]), 2), round(alpha, 2)
    (0.73, 0.62)
    """
    counts = frame[outcome].astype("float64")
    if not (counts >= 0).all() or not counts.sum() > 0:
        raise ModelError(f"{outcome} has no event, or a figure that is negative or missing")
    design = sm.add_constant(frame[regressors].astype("float64"))
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ModelError(f"{', '.join(regressors)} are collinear: no unique coefficients")
    offset = np.log(frame[exposure].astype("float64")) if exposure else None
    alpha = _dispersion(counts, design, offset)
    family = sm.families.NegativeBinomial(alpha=alpha) if alpha else sm.families.Poisson()
    fitted = sm.GLM(counts, design, family=family, offset=offset).fit(tol=1e-12)
    if not fitted.converged:
        raise ModelError("the regression did not converge")
    return fitted, alpha


def _dispersion(counts: pd.Series, design: pd.DataFrame, offset: pd.Series | None) -> float:
    """Give the maximum-likelihood NB2 dispersion, 0 at the Poisson boundary."""
    poisson = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit()
    # Twice the derivative of the log-likelihood by alpha at zero (Dean & Lawless 1989).
    excess = ((counts - poisson.mu) ** 2 - counts).sum()
    if excess <= 0:
        return 0.0
    model = sm.NegativeBinomial(counts, design, offset=offset)
    begin = np.append(poisson.params, max(excess / (poisson.mu**2).sum(), 1e-3))
    fitted = model.fit(begin, method="bfgs", maxiter=500, disp=0, warn_convergence=False)
    fitted = model.fit(fitted.params, method="newton", maxiter=100, tol=1e-12, disp=0)
    alpha = float(fitted.params.iloc[-1])
    if not np.isfinite(alpha) or not fitted.mle_retvals["converged"]:
        raise ModelError("the dispersion did not converge")
    return alpha if alpha > NO_DISPERSION else 0.0


def _trend_rows(states: list[dict[str, Any]]) -> pd.DataFrame:
    """Add q-values, directions and the pooled trend to the states' rows, and give % a year."""
    rows = pd.DataFrame(states)
    rows["q_value"] = q_values(rows["p_value"])
    rows["direction"] = call_direction(rows["estimate"], rows["q_value"])
    if len(rows) > 2:
        rows = pd.concat([rows, pd.DataFrame([_pooled_row(rows)])], ignore_index=True)
    for column in ("estimate", "conf_low", "conf_high", "predict_low", "predict_high"):
        if column in rows:
            rows[column] = np.expm1(rows[column].astype("float64")) * 100
    return rows


def _pooled_row(rows: pd.DataFrame) -> dict[str, Any]:
    pooled = pool_effects(rows["estimate"], rows["std_error"])
    row = normal_row("pooled", pooled["estimate"], pooled["std_error"])
    extra = {key: pooled[key] for key in ("predict_low", "predict_high", "tau2", "i2")}
    return row | extra | {"months": rows["months"].max(), "deaths": rows["deaths"].sum()}


def select_trend_line(trend: ModelResult, state: str) -> pd.DataFrame:
    """Give one state's fitted trend without its season, beside the observed rates.

    Parameters
    ----------
    trend : ModelResult
        From `fit_state_trend`.
    state : str
        Name, code or abbreviation.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``cve_ent, month, observed, fitted, conf_low, conf_high`` per 100,000
        person-years; the interval is that of the fitted mean.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> line = select_trend_line(fit_state_trend(load_panel(), state="Colima"), "Colima")
    >>> line.iloc[[0, -1]]["fitted"].round(1).tolist()
    [88.8, 108.4]
    """
    code = find_state(state).cve_ent
    if code not in trend.fitted:
        raise ModelError(f"{find_state(state).name} has no trend in {' to '.join(trend.period)}")
    fitted = trend.fitted[code]
    covariance = hac_covariance(*score_rows(fitted), lags=6)[:2, :2]
    time = fitted.model.exog[:, :2]
    log_rate = time @ fitted.params.iloc[:2].to_numpy()
    half = Z * np.sqrt(np.einsum("ij,jk,ik->i", time, covariance, time))
    exposure = np.exp(fitted.model.offset)
    first = pd.Timestamp(trend.parameters["start"])
    elapsed = np.rint(time[:, 1] * 12).astype("int64")
    frame = pd.DataFrame(
        {
            "cve_ent": code,
            "month": [first + pd.DateOffset(months=int(months)) for months in elapsed],
            "observed": fitted.model.endog / exposure * PER,
            "fitted": np.exp(log_rate) * PER,
            "conf_low": np.exp(log_rate - half) * PER,
            "conf_high": np.exp(log_rate + half) * PER,
        }
    )
    # Its q-value allows for all states.
    frame.attrs = {"rests_on": ALL_STATES}
    return credit(frame, trend.sources, estimate=RATE, observed=RATE, fitted=RATE)
