"""The elasticity under every specification that must stand beside the main one."""

from typing import Any

import pandas as pd

from analysis.calendar import month_span
from analysis.columns import credit
from analysis.modelling.clusters import infer_crv1
from analysis.modelling.effects import EffectsFit
from analysis.modelling.guard import TABLES, regress_as_asked
from analysis.parameters import SOURCES, Source

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
DEFAULTS = {
    "lag": 0,
    "effects": "state+month",
    "corrections": "on",
    "outcome": "intentional",
    "drop": "",
}


def select_specifications(
    panel: pd.DataFrame, panel_as_found: pd.DataFrame, *, source: Source = "sesnsp"
) -> pd.DataFrame:
    """Estimate the elasticity under every specification that must stand beside the main one.

    Parameters
    ----------
    panel, panel_as_found : pandas.DataFrame
        From `analysis.load_panel`, with corrections and without.
    source : {"sesnsp", "inegi"}
        Count of the main estimate.

    Returns
    -------
    pandas.DataFrame
        One row a specification (`SPECIFICATIONS`): ``specification``, the ``crv1`` row of
        `fit_guard_elasticity`, its parameters (``source, lag, effects, corrections, outcome,
        drop``), ``observations, states, first, last``.

    Examples
    --------
    >>> from analysis import load_panel
    >>> rows = select_specifications(load_panel(), load_panel(corrections="off"))
    >>> rows.set_index("specification")["estimate"].round(2).head(3).to_dict()
    {'main': -0.05, 'other_source': -0.05, 'lag': -0.08}
    """
    rows = []
    for name, changes in SPECIFICATIONS.items():
        other = next(key for key in SOURCES if key != source) if name == "other_source" else source
        asked = DEFAULTS | {"source": other} | changes
        __, cells, ___, fit = regress_as_asked(panel, panel_as_found, asked)
        size = {"observations": len(cells), "states": cells["cve_ent"].nunique()}
        window = dict(zip(("first", "last"), month_span(cells["month"]), strict=True))
        rows.append({"specification": name, **_crv1(fit), **asked, **size, **window})
    frame = pd.DataFrame(rows)
    return credit(frame, [*SOURCES.values(), *TABLES], estimate="elasticity")


def select_leave_one_out(panel: pd.DataFrame, *, source: Source = "sesnsp") -> pd.DataFrame:
    """Estimate the elasticity without each state in turn.

    Parameters
    ----------
    panel : pandas.DataFrame
        From `analysis.load_panel`.
    source : {"sesnsp", "inegi"}
        Which count.

    Returns
    -------
    pandas.DataFrame
        One row a state left out: ``cve_ent`` and the ``crv1`` row of `fit_guard_elasticity`.

    Examples
    --------
    >>> from analysis import load_panel
    >>> some = load_panel().query("cve_ent < '09'")  # eight states, which is quick
    >>> rows = select_leave_one_out(some).set_index("cve_ent")
    >>> round(float(rows.loc["06", "estimate"]), 2)
    0.1
    """
    rows = []
    for code in sorted(panel["cve_ent"].unique()):
        *__, fit = regress_as_asked(panel, None, DEFAULTS | {"source": source, "drop": code})
        rows.append({"cve_ent": code, **_crv1(fit)})
    frame = pd.DataFrame(rows)
    return credit(frame, [SOURCES[source], *TABLES], estimate="elasticity")


def _crv1(fit: EffectsFit) -> dict[str, Any]:
    return infer_crv1(fit).iloc[0].to_dict() | {"k": fit.counted}
