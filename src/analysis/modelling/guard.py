"""Homicides and the National Guard: elasticity by state and month.

The Guard went where violence was: an association here is not an effect.
"""

from typing import Any, Literal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from analysis.calendar import month_text
from analysis.errors import ModelError, RequestError
from analysis.modelling.inference import cluster_covariance, score_rows
from analysis.modelling.result import ModelResult, Note
from analysis.parameters import SOURCES, Source, check

GUARDS = "log_guards_per_100k"
DEPLOYMENT = "guard_deployment_state_month"
LONGEST_LAG = 600


def fit_guard_elasticity(
    panel: pd.DataFrame,
    panel_as_found: pd.DataFrame | None = None,
    *,
    source: Source = "sesnsp",
    lag: int = 0,
    effects: Literal["state+month", "month", "state+month+trend"] = "state+month",
    corrections: Literal["on", "off"] = "on",
    outcome: Literal["intentional", "negligent"] = "intentional",
    drop: str = "",
) -> ModelResult:
    """Estimate by how many percent homicides differ where guards per 100,000 differ by one.

    Poisson pseudo-maximum likelihood of monthly homicides on the log of guards per 100,000
    inhabitants, exposure as offset (Santos Silva & Tenreyro 2006, Rev. Econ. Stat. 88, 641-658).
    Standard errors are clustered by state (``crv1``) with the factor G/(G-1) (n-1)/(n-k), k
    without the nested state effects, and t with G - 1 degrees of freedom.

    Parameters
    ----------
    panel, panel_as_found : pandas.DataFrame
        One row a state and month: ``cve_ent, month, person_years, guards_per_100k`` and the
        outcome's count. The second, uncorrected one is used for ``corrections="off"``.
    source : {"sesnsp", "inegi"}
        Count of intentional homicides.
    lag : int
        Homicides of a month on guards this many months before; negative is a lead.
    effects : str
        Which effects enter beside the guards; ``trend`` is one linear trend a state.
    corrections : {"on", "off"}
        ``off`` uses the Guard figures as found.
    outcome : {"intentional", "negligent"}
        ``negligent`` is the negative control: guards should not move it. SESNSP only.
    drop : str
        States to leave out, by name, code or abbreviation, separated by commas.

    Returns
    -------
    ModelResult
        One row, ``inference`` = ``crv1``: ``estimate`` = elasticity, ``detectable`` the smallest
        elasticity seen with 80 % power at 5 % (Bloom 1995), ``k`` parameters counted.

    Raises
    ------
    RequestError
        For a value that is not accepted, or INEGI with the negative control.
    ModelError
        When guards do not vary within the effects, or nothing is left.

    Examples
    --------
    >>> from analysis import load_panel
    >>> row = fit_guard_elasticity(load_panel()).row("log_guards_per_100k")
    >>> row["inference"], bool(row["conf_low"] < row["estimate"] < row["conf_high"])
    ('crv1', True)
    """
    asked: dict[str, Any] = {
        "source": source,
        "lag": lag,
        "effects": effects,
        "corrections": corrections,
        "outcome": outcome,
        "drop": drop,
    }
    asked = check(fit_guard_elasticity, asked)
    if abs(asked["lag"]) > LONGEST_LAG:
        raise RequestError(f"lag is in months, from -{LONGEST_LAG} to {LONGEST_LAG}, not {lag}")
    if outcome == "negligent" and source == "inegi":
        raise RequestError("the negative control is counted by SESNSP only; use source=sesnsp")
    if corrections == "off":
        if panel_as_found is None:
            raise RequestError('corrections="off" needs the panel as found as the second frame')
        panel = panel_as_found
    count = "negligent_homicides" if outcome == "negligent" else f"homicides_{source}"
    rows, notes = _select_rows(panel, count, asked["lag"], asked["drop"].split(","))
    fitted, design = _fit_effects(rows, effects)
    return ModelResult(
        model="guard-elasticity",
        formula=f"{count} ~ log(guards per 100k, lag {lag}) + {effects} + offset, PPML",
        parameters=asked,
        sources=(SOURCES[source], DEPLOYMENT, "conapo_population_state_year"),
        period=(month_text(rows["month"].min()), month_text(rows["month"].max())),
        observations=len(rows),
        states=rows["cve_ent"].nunique(),
        inference="crv1 by state, t(G - 1)",
        rows=pd.DataFrame([_clustered_row(fitted, design, rows["cve_ent"], effects)]),
        notes=(Note("an association, not an effect: guards were not sent at random"), *notes),
        fitted=fitted,
    )


def _select_rows(
    panel: pd.DataFrame, count: str, lag: int, drop: list[str]
) -> tuple[pd.DataFrame, list[Note]]:
    """Give the state-months that enter, and a note on those that can not."""
    guards = panel.loc[panel["guards_per_100k"].gt(0), ["cve_ent", "month", "guards_per_100k"]]
    shifted = guards["month"] + pd.DateOffset(months=lag)
    guards = guards.assign(month=shifted, log_guards=np.log(guards["guards_per_100k"]))
    counts = panel.loc[panel[count].notna(), ["cve_ent", "month", "person_years", count]]
    rows = counts.merge(guards, on=["cve_ent", "month"]).sort_values(["cve_ent", "month"])
    rows = rows[~rows["cve_ent"].isin(drop)].rename(columns={count: "homicides"})
    rows["homicides"] = rows["homicides"].astype("float64")
    silent = rows.groupby("cve_ent")["homicides"].transform("sum").eq(0)
    text = "{cells} state-months of states without {count} left out"
    notes = [Note(text, cells=silent.sum(), count=count)] * int(silent.any())
    lost = (~guards["cve_ent"].isin(drop)).sum() - len(rows)
    text = "{cells} state-months with guards but no {count} figure left out"
    notes += [Note(text, cells=lost, count=count)] * int(lost > 0)
    rows = rows[~silent]
    if rows["cve_ent"].nunique() < 3 or rows["month"].nunique() < 3:
        raise ModelError(
            f"guards and {count} meet in {rows['cve_ent'].nunique()} states and "
            f"{rows['month'].nunique()} months at lag {lag}; at least three of each are needed"
        )
    return rows.reset_index(drop=True), notes


def _fit_effects(rows: pd.DataFrame, effects: str) -> tuple[Any, pd.DataFrame]:
    parts = [rows["log_guards"].rename(GUARDS)]
    if "state" in effects:
        parts.append(pd.get_dummies(rows["cve_ent"], dtype="float64"))
    months = pd.get_dummies(rows["month"], drop_first="state" in effects, dtype="float64")
    parts.append(months.rename(columns=month_text))
    if "trend" in effects:
        elapsed = rows["month"].rank(method="dense").sub(1) / 12
        trends = pd.get_dummies(rows["cve_ent"], drop_first=True, dtype="float64")
        parts.append(trends.mul(elapsed, axis=0).add_suffix(" trend"))
    design = pd.concat(parts, axis=1)
    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        raise ModelError(f"guards per 100,000 do not vary beside the effects {effects}")
    model = sm.GLM(
        rows["homicides"],
        design,
        family=sm.families.Poisson(),
        offset=np.log(rows["person_years"]),
    )
    fitted = model.fit(tol=1e-12, maxiter=100)
    if not fitted.converged:
        raise ModelError("the elasticity did not converge")
    return fitted, design


def _clustered_row(
    fitted: Any, design: pd.DataFrame, states: pd.Series, effects: str
) -> dict[str, Any]:
    groups, n = states.nunique(), len(design)
    k = design.shape[1] - (groups if "state" in effects else 0)
    covariance = cluster_covariance(*score_rows(fitted), states.to_numpy())
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    std_error = float(np.sqrt(factor * covariance[0, 0]))
    estimate = float(fitted.params[GUARDS])
    t = stats.t(groups - 1)
    return {
        "term": GUARDS,
        "estimate": estimate,
        "std_error": std_error,
        "statistic": estimate / std_error,
        "p_value": float(2 * t.sf(abs(estimate / std_error))),
        "conf_low": estimate - t.ppf(0.975) * std_error,
        "conf_high": estimate + t.ppf(0.975) * std_error,
        "inference": "crv1",
        "detectable": (t.ppf(0.975) + t.ppf(0.8)) * std_error,
        "k": k,
    }


# What each specification changes against the main one: `fit_guard_elasticity`'s own parameters.
SPECIFICATIONS: dict[str, dict[str, Any]] = {
    "main": {},
    "other_source": {},
    "lag": {"lag": 3},
    "lead": {"lag": -3},
    "control": {"source": "sesnsp", "outcome": "negligent"},
    "trend": {"effects": "state+month+trend"},
    "between": {"effects": "month"},
    "as_found": {"corrections": "off"},
}


def select_specifications(
    panel: pd.DataFrame, panel_as_found: pd.DataFrame, *, source: Source = "sesnsp"
) -> pd.DataFrame:
    """Estimate the elasticity under every specification that must stand beside the main one.

    Returns
    -------
    pandas.DataFrame
        One row a specification (`SPECIFICATIONS`): ``specification``, the row of
        `fit_guard_elasticity`, its parameters, ``observations, states, first, last``.
    """
    rows = []
    for name, changes in SPECIFICATIONS.items():
        other = next(key for key in SOURCES if key != source) if name == "other_source" else source
        result = fit_guard_elasticity(panel, panel_as_found, **({"source": other} | changes))
        first, last = result.period
        size = {"observations": result.observations, "states": result.states}
        row = {"specification": name, **result.row(GUARDS).to_dict(), **result.parameters, **size}
        rows.append(row | {"first": first, "last": last})
    frame = pd.DataFrame(rows)
    frame.attrs["sources"] = [*SOURCES.values(), DEPLOYMENT, "conapo_population_state_year"]
    return frame


def select_leave_one_out(panel: pd.DataFrame, *, source: Source = "sesnsp") -> pd.DataFrame:
    """Estimate the elasticity without each state in turn.

    Returns
    -------
    pandas.DataFrame
        One row a state left out: ``cve_ent`` and the row of `fit_guard_elasticity`.
    """
    rows = []
    for code in sorted(panel["cve_ent"].unique()):
        result = fit_guard_elasticity(panel, source=source, drop=code)
        rows.append({"cve_ent": code, **result.row(GUARDS).to_dict()})
    frame = pd.DataFrame(rows)
    frame.attrs["sources"] = [SOURCES[source], DEPLOYMENT, "conapo_population_state_year"]
    return frame
