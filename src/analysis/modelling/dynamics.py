"""Homicides before and after guards: lags, placebo leads, controls and the reverse direction."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.calendar import month_span
from analysis.columns import credit
from analysis.modelling.clusters import infer_crv1, share_beyond
from analysis.modelling.effects import estimate_effects
from analysis.modelling.guard import (
    AN_ASSOCIATION,
    GUARDS,
    TABLES,
    regress_on_guards,
    select_guard_cells,
    select_whole_months,
)
from analysis.modelling.inference import q_values
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.swaps import draw_orders, join_orders, swap_distribution
from analysis.parameters import SOURCES, Source, check

# A year of placebo leads, and lags up to a year and a half.
LEADS, LAGS = range(-12, 0), range(19)
# Which count and effects stand beside the main ones at the same lags.
VARIANTS = {
    "main": ("homicides_{source}", "state+month"),
    "control": ("negligent_homicides", "state+month"),
    "trend": ("homicides_{source}", "state+month+trend"),
}
SURE = 0.05
DRAWS = 9_999


def fit_guard_dynamics(panel: pd.DataFrame, *, source: Source = "sesnsp") -> ModelResult:
    """Estimate the elasticity at lags 0 to 18 and at placebo leads, with what must stand beside it.

    An effect of guards would follow them: homicides of a month on guards of later months (leads)
    should show nothing, nor should negligent homicide, which guards do not prevent. The reverse
    direction asks whether guards follow past homicides. Clustered by state (`infer_crv1`).

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, person_years, guards_per_100k,
        negligent_homicides`` and the source's count.
    source : {"sesnsp", "inegi"}
        Count of intentional homicides; negligent homicide is always SESNSP's.

    Returns
    -------
    ModelResult
        One row a ``lag`` (months, negative = lead) and ``variant``: ``main``, ``control``
        (negligent homicide), ``trend`` (a linear trend a state) are elasticities of homicides to
        guards; ``reverse`` is the elasticity of guards to the homicide rate ``lag`` months before,
        by least squares, half a homicide added to each count. ``term`` is ``lag 3`` or ``lead 3``;
        ``q_value`` is Benjamini-Hochberg over a variant's lags, and over its leads;
        ``p_permutation`` is that of `infer_permutation`, over the months with a figure of every
        state. ``any lag`` and ``any lead`` test the largest of the statistics, states swapped
        jointly at all lags, which allows for looking at many (Westfall & Young 1993).

    Raises
    ------
    ModelError
        When guards and counts meet in too few states or months.

    Examples
    --------
    >>> from analysis import load_panel
    >>> result = fit_guard_dynamics(load_panel())
    >>> int(result.row("lead 3", variant="main")["lag"])
    -3
    """
    source = check(fit_guard_dynamics, {"source": source})["source"]
    keys = draw_orders(panel["cve_ent"].nunique(), DRAWS, 1)
    rows, gaps = [], 0
    for variant, (name, effects) in VARIANTS.items():
        count = name.format(source=source)
        found, gappy = _variant_rows(panel, variant, count, effects, keys)
        rows += found
        gaps += gappy
    rows += [_reverse_row(panel, f"homicides_{source}", lag) for lag in LAGS[1:]]
    table = pd.DataFrame(rows).astype({"lag": "Int64", "observations": "Int64"})
    single = table.dropna(subset=["lag"])
    later = [single["variant"], single["lag"] < 0]
    table["q_value"] = single.groupby(later)["p_value"].transform(q_values)
    main = single[single["variant"] == "main"]
    sure = main["p_value"] < SURE
    text = "of {leads} leads {sure_leads}, of {lags} lags {sure_lags} have p < 0.05"
    counts = {
        "leads": len(LEADS),
        "sure_leads": int((sure & (main["lag"] < 0)).sum()),
        "lags": len(LAGS),
        "sure_lags": int((sure & (main["lag"] >= 0)).sum()),
    }
    gap_text = "{gaps} rows lack a figure: states are swapped in the months with a figure of all."
    used = panel.loc[panel["guards_per_100k"].gt(0), "month"]
    return ModelResult(
        model="guard-dynamics",
        formula=f"homicides_{source} ~ log(guards per 100k, lag -12 to 18) + state + month, PPML",
        parameters={"source": source},
        sources=(*dict.fromkeys([SOURCES[source], SOURCES["sesnsp"]]), *TABLES),
        period=month_span(used),
        observations=int(main["observations"].max()),
        states=panel["cve_ent"].nunique(),
        inference="crv1 by state, t(G - 1); q-values by variant, over lags and over leads",
        unit="elasticity",
        rows=table.assign(draws=table["p_permutation"].notna().map({True: DRAWS}).astype("Int64")),
        notes=(AN_ASSOCIATION, Note(text, **counts), *[Note(gap_text, gaps=gaps)] * bool(gaps)),
    )


def _variant_rows(
    panel: pd.DataFrame, variant: str, count: str, effects: str, keys: np.ndarray
) -> tuple[list[dict[str, Any]], int]:
    """Estimate a variant at every lag and lead; say at how many of them some months lack a figure.

    ``keys`` are permutations of the panel's states, the same at every lag.
    """
    codes = np.sort(panel["cve_ent"].unique())
    rows, tests, gaps = [], {}, 0
    for lag in [*LEADS, *LAGS]:
        cells, __ = select_guard_cells(panel, count=count, lag=lag)
        fit = regress_on_guards(cells, count=count, effects=effects)
        whole, left_out = select_whole_months(cells)
        swapped = regress_on_guards(whole, count=count, effects=effects) if left_out else fit
        kept = np.isin(codes, swapped.problem.units)
        tests[lag] = swap_distribution(swapped, 0, 0.0, join_orders(keys, kept))
        row = _row(infer_crv1(fit), variant, lag, cells)
        rows.append(row | {"p_permutation": share_beyond(*tests[lag])})
        gaps += bool(left_out)
    rows.append(_any_row("any lag", variant, [tests[lag] for lag in LAGS]))
    rows.append(_any_row("any lead", variant, [tests[lag] for lag in LEADS]))
    return rows, gaps


def _any_row(term: str, variant: str, tests: list[tuple[float, np.ndarray]]) -> dict[str, Any]:
    """Test the largest statistic of several lags, states swapped jointly in all of them."""
    largest = float(np.max([abs(statistic) for statistic, __ in tests]))
    drawn = np.max([drawn for __, drawn in tests], axis=0)
    p_value = share_beyond(largest, drawn)
    return {"term": term, "variant": variant, "statistic": largest, "p_permutation": p_value}


def _row(inferred: pd.DataFrame, variant: str, lag: int, cells: pd.DataFrame) -> dict[str, Any]:
    term = f"lag {lag}" if lag >= 0 else f"lead {-lag}"
    size = {"observations": len(cells)}
    return inferred.iloc[0].to_dict() | {"term": term, "variant": variant, "lag": lag} | size


def _reverse_row(panel: pd.DataFrame, count: str, lag: int) -> dict[str, Any]:
    """Regress guards on the homicide rate of an earlier month."""
    cells, __ = select_guard_cells(panel, count=count, lag=-lag)
    rate = (cells[count].astype("float64") + 0.5) / cells["person_years"]
    fit = estimate_effects(
        cells.assign(log_rate=np.log(rate)),
        outcome=GUARDS,
        regressors=["log_rate"],
        unit="cve_ent",
        time="month",
        family="gaussian",
    )
    return _row(infer_crv1(fit), "reverse", lag, cells)


def select_dynamics(dynamics: ModelResult, beside: str) -> pd.DataFrame:
    """Give the main elasticities by lag and those of another variant beside them.

    Parameters
    ----------
    dynamics : ModelResult
        From `fit_guard_dynamics`.
    beside : str
        The other variant: ``control`` (negligent homicide), ``trend`` (a trend for each state).

    Returns
    -------
    pandas.DataFrame
        One row a variant and lag: ``variant, lag, estimate, conf_low, conf_high, p_value,
        q_value, p_permutation``.

    Examples
    --------
    >>> from analysis import fit_guard_dynamics, load_panel
    >>> rows = select_dynamics(fit_guard_dynamics(load_panel()), "control")
    >>> rows.query("lag == 0").set_index("variant")["estimate"].round(2).to_dict()
    {'main': -0.05, 'control': -0.1}
    """
    columns = ["variant", "lag", "estimate", "conf_low", "conf_high", "p_value", "q_value"]
    rows = dynamics.tidy().dropna(subset=["lag"])
    out = rows.loc[rows["variant"].isin(["main", beside]), [*columns, "p_permutation"]]
    return credit(out.reset_index(drop=True), dynamics.sources)
