"""The specification curve and its joint permutation."""

import numpy as np
import pytest

from analysis.errors import RequestError
from analysis.modelling.curve import select_choices, select_curve
from analysis.modelling.multiverse import (
    CODINGS,
    _fit_specification,
    _select_sample,
    _specification,
    fit_multiverse,
    list_specifications,
)
from analysis.modelling.swaps import join_orders

pytestmark = pytest.mark.slow


@pytest.fixture
def multiverse(fitted):
    return fitted("multiverse")


def test_every_choice_meets_every_other(multiverse):
    rows = multiverse.tidy().dropna(subset=["outcome"])
    assert len(rows) == len(set(list_specifications())) == 1080
    assert rows["term"].is_unique
    counts = {name: rows[name].nunique() for name in ("outcome", "coding", "lag", "effects")}
    assert counts == {"outcome": 3, "coding": 3, "lag": 4, "effects": 3}
    assert rows["sample"].nunique() == 5
    assert rows["estimator"].nunique() == 2
    assert rows["estimate"].notna().all()


@pytest.mark.parametrize(
    ("term", "asked"),
    [
        ("sesnsp/log_per_100k/0/state+month/all/ppml", {}),
        (
            "inegi/log_per_100k/3/month/all/ppml",
            {"source": "inegi", "lag": 3, "effects": "month"},
        ),
        (
            "sesnsp/log_per_100k/6/state+month+trend/without_11/ppml",
            {"lag": 6, "effects": "state+month+trend", "drop": "11"},
        ),
    ],
)
def test_a_specification_is_the_elasticity_so_asked(multiverse, fitted, term, asked):
    row = multiverse.row(term)
    alone = fitted("guard-elasticity", **asked).row("log_guards_per_100k", inference="crv1")
    assert row["estimate"] == pytest.approx(alone["estimate"], rel=1e-10)
    assert row["std_error"] == pytest.approx(alone["std_error"], rel=1e-8)
    assert row["observations"] == 25 * (31 if "without" in term else 32)


def test_the_summary_is_of_the_rows(multiverse):
    rows = multiverse.tidy().dropna(subset=["outcome"])
    within = rows[rows["effects"] != "month"]
    assert multiverse.row("median")["estimate"] == rows["estimate"].median()
    assert multiverse.row("median within states")["estimate"] == within["estimate"].median()
    assert multiverse.row("share significant")["estimate"] == rows["significant"].mean()
    assert multiverse.row("median within states")["specifications"] == 720
    for term in ("median", "share significant"):
        assert 1 / 40 <= multiverse.row(term)["p_value"] <= 1


def test_least_squares_in_one_step_are_the_whole_way(multiverse):
    rows = multiverse.tidy().query("estimator == 'ols'")
    assert rows["one_step"].to_numpy() == pytest.approx(rows["estimate"].to_numpy(), rel=1e-6)


def test_a_swapped_panel_fitted_anew_is_what_the_scores_say(panel):
    """One joint permutation done by hand: guards exchanged, every OLS coefficient refitted."""
    order = np.random.default_rng(8).permutation(32)
    for coding in CODINGS:
        cells, _ = _select_sample(panel, "sesnsp", 1, "all")
        fit, scale = _fit_specification(cells, "sesnsp", coding, "state+month", "ols")
        __, drawn, __ = _specification(fit, scale, order[None, :])
        wide = cells.pivot(index="cve_ent", columns="month", values=coding).to_numpy()
        swapped = cells.assign(**{coding: wide[order].ravel()})
        refit, __ = _fit_specification(swapped, "sesnsp", coding, "state+month", "ols")
        assert drawn[0] == pytest.approx(scale * refit.params.iloc[0], rel=1e-8)


def test_swaps_are_joint():
    keys = np.array([[3, 0, 2, 1], [0, 1, 2, 3]])
    kept = np.array([True, False, True, True])
    assert join_orders(keys, kept).tolist() == [[2, 0, 1], [0, 1, 2]]
    assert join_orders(keys, np.full(4, True)).tolist() == keys.tolist()


def test_the_envelope_holds_the_middle_of_the_permutations(multiverse):
    curve = select_curve(multiverse)
    assert len(curve) == 1080
    for effects, some in curve.groupby("effects"):
        assert some["estimate"].is_monotonic_increasing, effects
        assert some["envelope_low"].is_monotonic_increasing
        assert (some["envelope_low"] <= some["envelope_high"]).all()
        assert some["rank"].tolist() == list(range(1, 361))


def test_a_choice_is_summed_up_over_the_specifications_that_make_it(multiverse):
    choices = select_choices(multiverse).set_index(["choice", "value"])
    rows = multiverse.tidy().dropna(subset=["outcome"])
    assert len(choices) == 20
    within = rows[rows["effects"] != "month"]
    assert choices.loc[("lag", "6"), "median"] == within.query("lag == 6")["estimate"].median()
    between = rows.query("effects == 'month'")["estimate"]
    assert choices.loc[("effects", "month"), "median"] == between.median()
    assert choices.loc[("estimator", "ols"), "specifications"] == 360


def test_too_few_draws_are_refused(panel):
    with pytest.raises(RequestError, match="at least 19"):
        fit_multiverse(panel, draws=5)
