"""What the panel of guards and homicides could have seen."""

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from analysis.calendar import month_span
from analysis.columns import credit
from analysis.errors import ModelError
from analysis.modelling.clusters import LEVEL, infer_crv1, infer_crv3
from analysis.modelling.effects import EffectsFit, partial_out, replace_regressor, solve
from analysis.modelling.guard import (
    TABLES,
    regress_on_guards,
    select_guard_cells,
    select_whole_months,
)
from analysis.modelling.inference import wilson
from analysis.modelling.parallel import map_each
from analysis.modelling.result import ModelResult
from analysis.modelling.swaps import draw_orders, to_grid
from analysis.parameters import SOURCES, Source, check

POWER = 0.8
# Placebo panels in one task of a cluster.
BATCH = 20


def fit_power(
    panel: pd.DataFrame, *, source: Source = "sesnsp", draws: int = 999, seed: int = 1
) -> ModelResult:
    """Give the smallest elasticity the data could have seen, and the size the tests really have.

    Parameters
    ----------
    panel : pandas.DataFrame
        As for `fit_guard_elasticity`.
    source : {"sesnsp", "inegi"}
        Count of intentional homicides.
    draws, seed : int
        Placebo panels, see `estimate_power`.

    Returns
    -------
    ModelResult
        Rows ``crv1`` and ``crv3``, columns as `estimate_power`.

    Examples
    --------
    >>> from analysis import load_panel
    >>> result = fit_power(load_panel(), draws=19)
    >>> result.rows["term"].tolist()
    ['crv1', 'crv3']
    """
    asked = check(fit_power, {"source": source, "draws": draws, "seed": seed})
    count = f"homicides_{asked['source']}"
    cells, notes = select_guard_cells(panel, count=count)
    cells, left_out = select_whole_months(cells)
    fit = regress_on_guards(cells, count=count, effects="state+month")
    rows, placebos = estimate_power(fit, draws=asked["draws"], seed=asked["seed"])
    return ModelResult(
        model="power",
        formula=f"{count} ~ log(guards per 100k) + state + month + offset, PPML",
        parameters=asked,
        sources=(SOURCES[asked["source"]], *TABLES),
        period=month_span(cells["month"]),
        observations=len(cells),
        states=cells["cve_ent"].nunique(),
        inference="80 % power, 5 % level; size from placebo panels with swapped trajectories",
        unit="elasticity",
        rows=rows,
        notes=(*notes, *left_out),
        fitted=placebos,
    )


def estimate_power(
    fit: EffectsFit, *, draws: int = 999, seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give a regression's smallest detectable coefficient and the true size of its tests.

    The formula is (t_0.975 + t_0.8) x standard error (Bloom 1995, Eval. Rev. 19, 547-556). The
    size is simulated on placebo panels: whole trajectories of the first regressor are swapped
    among the units, so that there is no association but every dependence in time stays; the
    regression is fitted anew and tested at 5 %. ``simulated`` is the coefficient that the tests
    find in 80 % of the same panels when it is added to their estimates.

    Parameters
    ----------
    fit : EffectsFit
        From `estimate_effects`; every unit has every time.
    draws, seed : int
        Number of placebo panels, and their seed.

    Returns
    -------
    tuple of pandas.DataFrame
        One row a test (``term`` = ``crv1, crv3``): ``estimate`` = smallest detectable
        coefficient, ``std_error`` of the fit, ``size`` with Wilson's interval ``size_low,
        size_high`` (shares of one), ``simulated``, ``draws``, ``failed`` (panels without a fit);
        and one row a placebo panel: ``estimate, crv1, crv3`` (standard errors). The placebo
        panels' crv3 is the linear one (MacKinnon, Nielsen & Webb 2023), which needs no refits.

    Raises
    ------
    RequestError
        With fewer than 19 draws.
    """
    groups = len(fit.problem.present)
    orders = draw_orders(groups, draws, seed)
    x = to_grid(fit, fit.problem.regressors[:, 0])
    batches = np.array_split(orders, range(BATCH, len(orders), BATCH))
    panels = map_each(_fit_placebos, batches, x, fit, words="batches of panels")
    table = pd.DataFrame(chain.from_iterable(panels), columns=["estimate", "crv1", "crv3"])
    if table.empty:
        raise ModelError("no placebo panel could be fitted")
    rows = []
    for inferred in (infer_crv1(fit), infer_crv3(fit)):
        rows.append(_row(inferred.iloc[0], table, stats.t(groups - 1).ppf(1 - LEVEL / 2)))
    return pd.DataFrame(rows).assign(draws=draws, failed=draws - len(table)), table


def _fit_placebos(
    orders: np.ndarray, x: np.ndarray, fit: EffectsFit
) -> list[tuple[float, float, float]]:
    """Fit a placebo panel for each order; one that can not be fitted is left out."""
    panels = []
    for order in orders:
        problem = replace_regressor(fit.problem, x[order].ravel())
        try:
            params, linear, mu = solve(problem, linear=fit.linear)
        except ModelError:
            continue
        placebo = EffectsFit(problem, pd.Series(params, problem.names), linear, mu, fit.dropped)
        crv1 = infer_crv1(placebo).iloc[0]
        panels.append((crv1["estimate"], crv1["std_error"], _linear_crv3(placebo)))
    return panels


def select_power_curve(power: ModelResult) -> pd.DataFrame:
    """Give how often each test finds an elasticity, by its size.

    Parameters
    ----------
    power : ModelResult
        From `fit_power`.

    Returns
    -------
    pandas.DataFrame
        One row an ``elasticity`` from 0 to 0.6: ``crv1, crv3`` shares of the placebo panels, the
        mean of both signs.

    Examples
    --------
    >>> from analysis import fit_power, load_panel
    >>> curve = select_power_curve(fit_power(load_panel(), draws=49)).set_index("elasticity")
    >>> bool(curve.loc[0.6, "crv1"] > curve.loc[0.0, "crv1"])
    True
    """
    placebos, critical = power.fitted, stats.t(power.states - 1).ppf(1 - LEVEL / 2)
    sizes = np.linspace(0, 0.6, 61)
    shares = {
        name: [share_found(placebos, name, critical, size) for size in sizes]
        for name in ("crv1", "crv3")
    }
    out = pd.DataFrame({"elasticity": sizes, **shares})
    units = {"elasticity": power.unit, "crv1": "share of one", "crv3": "share of one"}
    return credit(out, power.sources, **units)


def share_found(placebos: pd.DataFrame, test: str, critical: float, effect: float) -> float:
    """Give the share of placebo panels in which an effect added to the estimate is found."""
    reach = critical * placebos[test]
    found = [(placebos["estimate"] + side * effect).abs() > reach for side in (-1, 1)]
    return float(np.mean(found))


def _row(inferred: pd.Series, placebos: pd.DataFrame, critical: float) -> dict[str, Any]:
    name = inferred["inference"]
    rejected = placebos["estimate"].abs() > critical * placebos[name]
    low, high = wilson(pd.Series([rejected.sum()]), pd.Series([len(placebos)]))

    def missing(effect: float) -> float:
        return share_found(placebos, name, critical, effect) - POWER

    widest = 50 * float(inferred["std_error"])
    return {
        "term": name,
        "estimate": inferred["detectable"],
        "std_error": inferred["std_error"],
        "size": rejected.mean(),
        "size_low": low.iloc[0],
        "size_high": high.iloc[0],
        "simulated": brentq(missing, 0, widest, xtol=1e-4) if missing(widest) > 0 else np.nan,
    }


def _linear_crv3(fit: EffectsFit) -> float:
    """Give the jackknife error from one Newton step without each unit.

    Effects of units are partialled out within the units, which leaving out another unit does not
    change; what is left can be solved without refitting.
    """
    problem, units = fit.problem, fit.problem.present
    own = np.eye(len(problem.units))[problem.unit]
    columns = np.hstack([problem.regressors[:, :1], problem.nuisance])
    if problem.nested:
        columns = partial_out(columns, own, fit.weights)
    columns = columns[:, np.linalg.norm(columns, axis=0) > 1e-9 * np.sqrt(fit.weights.max())]
    by_unit = [columns[problem.unit == unit] for unit in units]
    weights = [fit.weights[problem.unit == unit][:, None] for unit in units]
    blocks = np.array([rows.T @ (w * rows) for rows, w in zip(by_unit, weights, strict=True)])
    scores = np.array(
        [
            rows.T @ fit.residuals[problem.unit == unit]
            for rows, unit in zip(by_unit, units, strict=True)
        ]
    )
    rest = blocks.sum(axis=0) - blocks
    steps = np.array(
        [np.linalg.lstsq(a, -b, rcond=1e-10)[0][0] for a, b in zip(rest, scores, strict=True)]
    )
    return float(np.sqrt((len(units) - 1) / len(units) * (steps**2).sum()))
