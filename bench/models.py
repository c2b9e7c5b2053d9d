"""Measure the heavy models beside the plain loop of refits, on the same data in the same run.

A loop of thousands of refits would take hours: a part of it is run, and its time a refit is
multiplied. How many were run is printed beside each ratio. Both ways use one thread.
"""

import analysis  # noqa: F401  (sets linear algebra to one thread before NumPy is imported)

# isort: split
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis import load_panel
from analysis.modelling.clusters import infer_score_wild
from analysis.modelling.counts import fit_state_trend
from analysis.modelling.guard import GUARDS, regress_on_guards, select_guard_cells
from analysis.modelling.multiverse import fit_multiverse, list_specifications
from analysis.modelling.swaps import infer_permutation

REFITS = 20
COUNT = "homicides_sesnsp"


def timed(task: Callable[[], object]) -> float:
    """Give the seconds a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def refit(cells: pd.DataFrame, guards: np.ndarray, counts: np.ndarray) -> None:
    """Fit the elasticity as a textbook loop would: dummies, statsmodels, clustered errors."""
    dummies = [
        pd.get_dummies(cells["cve_ent"], dtype="float64"),
        pd.get_dummies(cells["month"], drop_first=True, dtype="float64"),
    ]
    design = np.column_stack([guards, *dummies])
    offset = np.log(cells["person_years"])
    model = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset)
    model.fit(
        cov_type="cluster", cov_kwds={"groups": cells["cve_ent"].astype("category").cat.codes}
    )


def negative_binomials(panel: pd.DataFrame) -> None:
    """Fit each state's trend as a textbook loop would: statsmodels with its HAC errors."""
    window = panel[panel["month"].ge("2019-07") & panel[COUNT].notna()]
    for __, rows in window.groupby("cve_ent"):
        years = np.arange(len(rows)) / 12
        season = 2 * np.pi * rows["month"].dt.month / 12
        design = np.column_stack([np.ones(len(rows)), years, np.sin(season), np.cos(season)])
        offset = np.log(rows["person_years"])
        model = sm.NegativeBinomial(rows[COUNT].astype("float64"), design, offset=offset)
        model.fit(disp=0, maxiter=500, cov_type="HAC", cov_kwds={"maxlags": 6})


def row(name: str, ours: float, loop: float, run: str) -> None:
    """Print the seconds of both ways and their ratio."""
    print(f"{name:<44}{ours:8.2f} s{loop:11.1f} s   x{loop / ours:<8.0f}{run}")


def main() -> None:
    """Print one line a model."""
    panel = load_panel()
    cells, __ = select_guard_cells(panel, count=COUNT)
    cells = cells.astype({COUNT: "float64"})
    fit = regress_on_guards(cells, count=COUNT, effects="state+month")
    wide = cells.pivot(index="cve_ent", columns="month", values=GUARDS).to_numpy()
    counts = cells[COUNT].to_numpy()
    draw = np.random.default_rng(1)

    def swaps() -> None:
        for __ in range(REFITS):
            refit(cells, wide[draw.permutation(len(wide))].ravel(), counts)

    def wild() -> None:
        states = cells["cve_ent"].astype("category").cat.codes.to_numpy()
        for __ in range(REFITS):
            signs = draw.choice([-1.0, 1.0], size=len(wide))[states]
            refit(cells, wide.ravel(), np.maximum(fit.mu + signs * fit.residuals, 0))

    print(f"{'':<44}{'ours':>10}{'plain loop':>13}   ratio")
    for name, infer, loop, draws in (
        ("permutation, 9,999 draws, with interval", infer_permutation, swaps, 9_999),
        ("wild scores, 99,999 draws, with interval", infer_score_wild, wild, 99_999),
    ):
        ours = min(timed(lambda infer=infer: infer(fit)) for __ in range(3))
        row(name, ours, timed(loop) / REFITS * draws, f"{REFITS} of {draws:,} refits run")
    refits = 1_000 * len(list_specifications())
    ours, loop = timed(lambda: fit_multiverse(panel)), timed(swaps) / REFITS * refits
    run = f"{REFITS} of {refits:,} refits run"
    row("specification curve, 999 joint permutations", ours, loop, run)
    ours = min(timed(lambda: fit_state_trend(panel)) for __ in range(3))
    loop = min(timed(lambda: negative_binomials(panel)) for __ in range(3))
    row("32 state trends", ours, loop, "all run")


if __name__ == "__main__":
    main()
