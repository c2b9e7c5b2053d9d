"""Homicides and the National Guard: elasticity by state and month.

The Guard went where violence was: an association here is not an effect.
"""

from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.calendar import month_span
from analysis.errors import ModelError, RequestError
from analysis.modelling.clusters import (
    infer_crv1,
    infer_crv3,
    infer_leave_one_out,
    infer_score_wild,
    leave_one_out,
)
from analysis.modelling.effects import EffectsFit, estimate_effects
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.swaps import infer_permutation
from analysis.parameters import SOURCES, Source, check

GUARDS = "log_guards_per_100k"
DEPLOYMENT = "guard_deployment_state_month"
TABLES = (DEPLOYMENT, "conapo_population_state_year")
LONGEST_LAG = 600

# Sets of effects as a request names them, and as `estimate_effects` does.
EFFECTS: dict[str, Any] = {
    "state+month": "unit+time",
    "month": "time",
    "state+month+trend": "unit+time+trend",
}
EffectSet = Literal["state+month", "month", "state+month+trend"]
AN_ASSOCIATION = Note("an association, not an effect: guards were not sent at random")


def fit_guard_elasticity(
    panel: pd.DataFrame,
    panel_as_found: pd.DataFrame | None = None,
    *,
    source: Source = "sesnsp",
    lag: int = 0,
    effects: EffectSet = "state+month",
    corrections: Literal["on", "off"] = "on",
    outcome: Literal["intentional", "negligent"] = "intentional",
    drop: str = "",
    seed: int = 1,
) -> ModelResult:
    """Estimate by how many percent homicides differ where guards per 100,000 differ by one.

    Poisson pseudo-maximum likelihood of monthly homicides on the log of guards per 100,000
    inhabitants, exposure as offset (`estimate_effects`), with every inference beside each other.

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
    seed : int
        Of the draws of ``score_wild`` and ``permutation``.

    Returns
    -------
    ModelResult
        One row an ``inference``: ``crv1, crv3, score_wild, permutation, leave_one_out``, each
        with the same ``estimate`` = elasticity (`analysis.modelling.clusters` and
        `analysis.modelling.swaps` say what each is); that of ``permutation`` is of the months with
        a figure of every state, where a note says that others were left out.
        ``conf_low, conf_high`` of ``leave_one_out`` are the lowest and highest estimate without
        one state, named in ``lowest_without, highest_without``; ``detectable`` is the smallest
        elasticity seen with 80 % power at 5 %; ``k`` parameters counted; ``draws``.

    Raises
    ------
    RequestError
        For a value that is not accepted, or INEGI with the negative control.
    ModelError
        When guards do not vary within the effects, or too little is left.

    Examples
    --------
    >>> from analysis import load_panel
    >>> result = fit_guard_elasticity(load_panel())
    >>> result.rows["inference"].tolist()
    ['crv1', 'crv3', 'score_wild', 'permutation', 'leave_one_out']
    """
    given: dict[str, Any] = {"source": source, "lag": lag, "effects": effects}
    given |= {"corrections": corrections, "outcome": outcome, "drop": drop, "seed": seed}
    asked = check(fit_guard_elasticity, given)
    count, cells, left_out, fit = regress_as_asked(panel, panel_as_found, asked)
    table, notes = _infer_each_way(fit, cells, count=count, effects=effects, seed=asked["seed"])
    return ModelResult(
        model="guard-elasticity",
        formula=f"{count} ~ log(guards per 100k, lag {lag}) + {effects} + offset, PPML",
        parameters=asked,
        sources=(SOURCES[source], *TABLES),
        period=month_span(cells["month"]),
        observations=len(cells),
        states=cells["cve_ent"].nunique(),
        inference="by state: crv1 and crv3 t(G - 1), score bootstrap, permutation, leave one out",
        unit="elasticity",
        rows=table.assign(k=fit.counted).astype({"draws": "Int64"}),
        notes=(AN_ASSOCIATION, *left_out, *notes),
        fitted=fit,
    )


def _infer_each_way(
    fit: EffectsFit, cells: pd.DataFrame, *, count: str, effects: str, seed: int
) -> tuple[pd.DataFrame, list[Note]]:
    """Put every inference of one regression under each other; note what could not be given."""
    without = leave_one_out(fit)
    notes: list[Note] = []
    rows = [infer_crv1(fit), infer_crv3(fit, without=without)]
    try:
        rows.append(infer_score_wild(fit, seed=seed))
        whole, notes = select_whole_months(cells)
        swapped = regress_on_guards(whole, count=count, effects=effects) if notes else fit
        rows.append(infer_permutation(swapped, seed=seed))
    except ModelError as error:
        notes = [Note("{reason}", reason=error.args[0])]
    rows.append(infer_leave_one_out(fit, without=without))
    return pd.concat(rows, ignore_index=True), notes


def regress_as_asked(
    panel: pd.DataFrame, panel_as_found: pd.DataFrame | None, asked: dict[str, Any]
) -> tuple[str, pd.DataFrame, list[Note], EffectsFit]:
    """Choose the panel and the count that were asked for, and estimate."""
    if asked["outcome"] == "negligent" and asked["source"] == "inegi":
        raise RequestError("the negative control is counted by SESNSP only; use source=sesnsp")
    if asked["corrections"] == "off":
        if panel_as_found is None:
            raise RequestError('corrections="off" needs the panel as found as the second frame')
        panel = panel_as_found
    count = f"homicides_{asked['source']}"
    count = "negligent_homicides" if asked["outcome"] == "negligent" else count
    drop = asked["drop"].split(",")
    cells, notes = select_guard_cells(panel, count=count, lag=asked["lag"], drop=drop)
    return count, cells, notes, regress_on_guards(cells, count=count, effects=asked["effects"])


def select_guard_cells(
    panel: pd.DataFrame, *, count: str, lag: int = 0, drop: list[str] | None = None
) -> tuple[pd.DataFrame, list[Note]]:
    """Give the state-months in which guards and a count meet, and notes on those left out.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, person_years, guards_per_100k`` and the count.
    count : str
        Column of the count.
    lag : int
        Months by which guards come before the count; negative is a lead.
    drop : list of str, optional
        Codes of states to leave out.

    Returns
    -------
    tuple
        One row a state and month of the count: ``cve_ent, month, person_years, guards,
        guards_per_100k`` (``lag`` months before), the count, ``log_guards_per_100k``; and notes.

    Raises
    ------
    RequestError
        For a lag beyond `LONGEST_LAG` months.
    ModelError
        When fewer than three states or months are left.

    Examples
    --------
    >>> from analysis import load_panel
    >>> cells, notes = select_guard_cells(load_panel(), count="homicides_sesnsp", lag=3)
    >>> cells["cve_ent"].nunique(), f"{cells['month'].min():%Y-%m}"
    (32, '2019-10')
    """
    if abs(lag) > LONGEST_LAG:
        raise RequestError(f"lag is in months, from -{LONGEST_LAG} to {LONGEST_LAG}, not {lag}")
    drop = drop or []
    columns = [name for name in ("guards", "guards_per_100k") if name in panel]
    guards = panel.loc[panel["guards_per_100k"].gt(0), ["cve_ent", "month", *columns]]
    guards = guards.assign(month=guards["month"] + pd.DateOffset(months=lag))
    counts = panel.loc[panel[count].notna(), ["cve_ent", "month", "person_years", count]]
    cells = counts.merge(guards, on=["cve_ent", "month"]).sort_values(["cve_ent", "month"])
    cells = cells[~cells["cve_ent"].isin(drop)]
    cells = cells[[*("cve_ent", "month", "person_years"), *columns, count]]
    cells[GUARDS] = np.log(cells["guards_per_100k"].astype("float64"))
    silent = cells.groupby("cve_ent")[count].transform("sum").eq(0)
    text = "{cells} state-months of states without any case left out"
    notes = [Note(text, cells=silent.sum())] * int(silent.any())
    lost = (~guards["cve_ent"].isin(drop)).sum() - len(cells)
    text = "{cells} state-months with guards but without a count left out"
    notes += [Note(text, cells=lost)] * int(lost > 0)
    cells = cells[~silent]
    if cells["cve_ent"].nunique() < 3 or cells["month"].nunique() < 3:
        raise ModelError(
            f"guards and {count} meet in {cells['cve_ent'].nunique()} states and "
            f"{cells['month'].nunique()} months at lag {lag}; at least three of each are needed"
        )
    return cells.reset_index(drop=True), notes


def select_whole_months(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Give the months in which every state has a figure: only there trajectories can be swapped.

    Returns
    -------
    tuple
        The cells of those months, and a note where others were left out.

    Raises
    ------
    ModelError
        When fewer than three months are left.

    Examples
    --------
    >>> cells = pd.DataFrame({"cve_ent": [*"abcabcabca"], "month": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]})
    >>> whole, notes = select_whole_months(cells)
    >>> whole["month"].unique().tolist()
    [1, 2, 3]
    """
    whole = cells.groupby("month")["cve_ent"].transform("size").eq(cells["cve_ent"].nunique())
    months, left = cells["month"].nunique(), cells.loc[whole, "month"].nunique()
    if left < 3:
        text = (
            "every state has a figure in {left} of {months} months: trajectories can be swapped "
            "only in such months, and at least three are needed"
        )
        raise ModelError(Note(text, left=left, months=months))
    text = "Trajectories are swapped in the {left} of {months} months with a figure of every state."
    notes = [Note(text, left=left, months=months)] * int(left < months)
    return cells[whole].reset_index(drop=True), notes


def regress_on_guards(cells: pd.DataFrame, *, count: str, effects: str) -> EffectsFit:
    """Regress a count on log guards per 100,000 beside a set of effects.

    Raises
    ------
    ModelError
        When guards do not vary beside the effects: then only the population moves their rate.
    """
    options = {"unit": "cve_ent", "time": "month", "effects": EFFECTS[effects]}
    if "guards" in cells and "state" in effects:
        spread = np.log(cells["guards"].astype("float64")).groupby(cells["cve_ent"]).std()
        if (spread.fillna(0) < 1e-12).all():
            raise ModelError(
                "guards do not vary in any state: only the population moves their rate"
            )
    return estimate_effects(
        cells, outcome=count, regressors=[GUARDS], exposure="person_years", **options
    )
