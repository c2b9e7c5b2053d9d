"""The specification curve: every defensible way to ask one question, and what chance would give."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calendar import month_span
from analysis.modelling.clusters import LEVEL, TIE, infer_crv1, null_scores
from analysis.modelling.effects import EffectsFit, estimate_effects
from analysis.modelling.guard import (
    AN_ASSOCIATION,
    EFFECTS,
    GUARDS,
    TABLES,
    select_guard_cells,
    select_whole_months,
)
from analysis.modelling.parallel import map_each
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.swaps import draw_orders, join_orders, swap_scores
from analysis.parameters import SOURCES, check

OUTCOMES = ("sesnsp", "inegi", "sesnsp_femicide")
CODINGS = ("log_per_100k", "log_guards", "per_100k")
LAGS = (0, 1, 3, 6)
# All cells; without the state whose definition breaks, or the one that moves the estimate most;
# without months that repeat an earlier snapshot; without 2021, which holds the corrected cells.
SAMPLES = ("all", "without_09", "without_11", "fresh", "to_2020")
LEFT_OUT = {"without_09": ["09"], "without_11": ["11"]}
ESTIMATORS = {"ppml": "poisson", "ols": "gaussian"}
CHOICES = ["outcome", "coding", "lag", "effects", "sample", "estimator"]


def fit_multiverse(panel: pd.DataFrame, *, draws: int = 999, seed: int = 1) -> ModelResult:
    """Estimate the elasticity in 1,080 specifications and test the whole curve at once.

    3 outcomes x 3 codings of guards x 4 lags x 3 sets of effects x 5 samples x 2 estimators
    (Simonsohn, Simmons & Nelson 2020, Nat. Hum. Behav. 4, 1208-1214). Under the null, states swap
    their trajectories of guards, the same swap in every specification, so that the dependence
    among specifications is kept; coefficients and statistics come from scores at the null
    (`swap_scores`), without refitting. Months without a figure of every state are left out.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, person_years, homicides_sesnsp,
        homicides_inegi, femicides, guards, guards_per_100k, flags``.
    draws, seed : int
        Joint permutations, and their seed.

    Returns
    -------
    ModelResult
        One row a specification: ``term``, the choices (``outcome, coding, lag, effects, sample,
        estimator``), ``estimate`` = elasticity (of guards per 100,000, at their mean), with
        ``crv1`` interval, ``one_step`` (the estimate by one step from the null, as the
        permutations have it), ``significant`` (its score beyond t(G - 1) at 5 %); and the
        rows ``median``, ``share significant`` and both ``within states``: ``estimate``,
        ``p_value`` and the 95 % range ``null_low, null_high`` under permutation. OLS is on the
        log rate, half a homicide added to each count. ``fitted`` holds the permutations' sorted
        coefficients as an envelope: ``effects, rank, envelope_low, envelope_high``.

    Raises
    ------
    RequestError
        With fewer than 19 draws.

    Examples
    --------
    >>> from analysis import load_panel
    >>> panel = load_panel()
    >>> len(list(list_specifications()))
    1080
    """
    asked = check(fit_multiverse, {"draws": draws, "seed": seed})
    with_femicides = panel["homicides_sesnsp"] + panel["femicides"]
    panel = panel.assign(homicides_sesnsp_femicide=with_femicides)
    codes = np.sort(panel["cve_ent"].unique())
    keys = draw_orders(len(codes), asked["draws"], asked["seed"])
    samples = list(product(OUTCOMES, LAGS, SAMPLES))
    parts = map_each(_specifications_of, samples, panel, codes, keys, words="samples")
    table = pd.DataFrame([row for rows, *__ in parts for row in rows])
    drawn = np.concatenate([coefficients for __, coefficients, *__ in parts])
    tested = np.concatenate([beyond for __, __, beyond, __ in parts])
    gaps = sum(gaps for *__, gaps in parts)
    within = table["effects"].ne("month").to_numpy()
    summary = [
        *_summaries(table, drawn, tested, ""),
        *_summaries(table[within], drawn[within], tested[within], " within states"),
    ]
    used = panel.loc[panel["guards_per_100k"].gt(0), "month"]
    text = "{count} specifications; of {draws} joint permutations none was left out"
    notes = [AN_ASSOCIATION, Note(text, count=len(table), draws=asked["draws"])]
    text = "Months without a figure of every state are left out of {gaps} of {count} samples."
    notes += [Note(text, gaps=gaps, count=len(samples))] * bool(gaps)
    return ModelResult(
        model="multiverse",
        formula="homicides ~ guards + effects, " + ", ".join(CHOICES) + " varied",
        parameters=asked,
        sources=(*SOURCES.values(), *TABLES),
        period=month_span(used),
        observations=int(table["observations"].max()),
        states=len(codes),
        inference="crv1 by state a row; joint permutation of states' trajectories for the curve",
        unit="elasticity; of shares a share of one",
        rows=pd.concat([pd.DataFrame(summary), table], ignore_index=True).assign(
            draws=asked["draws"]
        ),
        notes=tuple(notes),
        fitted=pd.concat(
            _envelope(drawn[table["effects"] == effects]).assign(effects=effects)
            for effects in EFFECTS
        ),
    )


def list_specifications() -> list[tuple]:
    """Give every specification as its choices, in the order of `CHOICES`."""
    return list(product(OUTCOMES, CODINGS, LAGS, EFFECTS, SAMPLES, ESTIMATORS))


def _specifications_of(
    chosen: tuple[str, int, str], panel: pd.DataFrame, codes: np.ndarray, keys: np.ndarray
) -> tuple[list[dict[str, Any]], np.ndarray, np.ndarray, int]:
    """Give rows, permuted coefficients and tests of one sample, and whether months are left out."""
    outcome, lag, sample = chosen
    cells, left_out = _select_sample(panel, outcome, lag, sample)
    orders = join_orders(keys, np.isin(codes, cells["cve_ent"].unique()))
    rows, coefficients, beyond = [], [], []
    for coding, effects, estimator in product(CODINGS, EFFECTS, ESTIMATORS):
        fit, scale = _fit_specification(cells, outcome, coding, effects, estimator)
        choice = dict(zip(CHOICES, (outcome, coding, lag, effects, sample, estimator), strict=True))
        row, drawn, tested = _specification(fit, scale, orders)
        rows.append(row | {"term": "/".join(map(str, choice.values()))} | choice)
        coefficients.append(drawn)
        beyond.append(tested)
    return rows, np.array(coefficients), np.array(beyond), len(left_out)


def _select_sample(
    panel: pd.DataFrame, outcome: str, lag: int, sample: str
) -> tuple[pd.DataFrame, list[Note]]:
    if sample == "fresh":
        panel = _without_guards(panel, panel["flags"].str.contains("guards_stale"))
    if sample == "to_2020":
        panel = _without_guards(panel, panel["month"] > pd.Timestamp("2020-12"))
    drop = LEFT_OUT.get(sample)
    cells, __ = select_guard_cells(panel, count=f"homicides_{outcome}", lag=lag, drop=drop)
    cells, left_out = select_whole_months(cells)
    count = cells[f"homicides_{outcome}"].astype("float64")
    # Copying a panel's attributes with every small frame would take longer than the regressions.
    cells.attrs = {}
    coded = {
        "log_rate": np.log((count + 0.5) / cells["person_years"]),
        "log_per_100k": cells[GUARDS],
        "log_guards": np.log(cells["guards"].astype("float64")),
        "per_100k": cells["guards_per_100k"],
    }
    return cells.assign(**coded), left_out


def _without_guards(panel: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    return panel.assign(guards_per_100k=panel["guards_per_100k"].mask(chosen))


def _fit_specification(
    cells: pd.DataFrame, outcome: str, coding: str, effects: str, estimator: str
) -> tuple[EffectsFit, float]:
    """Give the fit, and by what its coefficient is multiplied to be an elasticity."""
    counted = estimator == "ppml"
    fit = estimate_effects(
        cells,
        outcome=f"homicides_{outcome}" if counted else "log_rate",
        regressors=[coding],
        unit="cve_ent",
        time="month",
        exposure="person_years" if counted else "",
        effects=EFFECTS[effects],
        family=ESTIMATORS[estimator],  # type: ignore[arg-type]
    )
    return fit, float(cells["per_100k"].mean()) if coding == "per_100k" else 1.0


def _specification(
    fit: EffectsFit, scale: float, orders: np.ndarray
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Give a specification's row, and coefficients and tests in every permutation."""
    row = infer_crv1(fit).iloc[0].to_dict()
    for name in ("estimate", "std_error", "conf_low", "conf_high", "detectable"):
        row[name] *= scale
    scores, residuals, weights = null_scores(fit, 0, 0.0)
    identity = np.arange(orders.shape[1])[None, :]
    swapped, information = swap_scores(fit, 0, residuals, weights, np.vstack([identity, orders]))
    sums = swapped.sum(axis=1)
    one_step = scale * sums / information
    critical = stats.t(len(scores) - 1).ppf(1 - LEVEL / 2)
    significant = np.abs(sums) > critical * np.sqrt((swapped**2).sum(axis=1))
    size = {"observations": len(fit.mu), "states": len(scores)}
    found = {"one_step": one_step[0], "significant": bool(significant[0])}
    return row | found | size, one_step[1:], significant[1:]


def _envelope(drawn: np.ndarray) -> pd.DataFrame:
    """Give between which values 95 % of the permutations' coefficients of a rank lie."""
    low, high = np.quantile(np.sort(drawn, axis=0), [LEVEL / 2, 1 - LEVEL / 2], axis=1)
    rank = np.arange(1, len(drawn) + 1)
    return pd.DataFrame({"rank": rank, "envelope_low": low, "envelope_high": high})


def _summaries(
    table: pd.DataFrame, drawn: np.ndarray, tested: np.ndarray, which: str
) -> list[dict[str, Any]]:
    """Compare the median and the share significant with what permutations give."""
    medians, shares = np.median(drawn, axis=0), tested.mean(axis=0)
    one_step, share = table["one_step"].median(), table["significant"].mean()
    rows = []
    for term, estimate, null, extreme in (
        ("median", table["estimate"].median(), medians, np.abs(medians) >= TIE * abs(one_step)),
        ("share significant", share, shares, shares >= TIE * share),
    ):
        low, high = np.quantile(null, [LEVEL / 2, 1 - LEVEL / 2])
        p_value = (1 + extreme.sum()) / (1 + len(null))
        rows.append(
            {
                "term": term + which,
                "estimate": estimate,
                "p_value": p_value,
                "null_low": low,
                "null_high": high,
                "specifications": len(table),
                "share_negative": float((table["estimate"] < 0).mean()),
            }
        )
    return rows
