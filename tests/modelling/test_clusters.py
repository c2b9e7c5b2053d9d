"""Inference with few clusters: against brute force, exact enumeration and known size."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.errors import ModelError, RequestError
from analysis.modelling.clusters import (
    WEBB,
    infer_crv1,
    infer_crv3,
    infer_leave_one_out,
    infer_score_wild,
    share_beyond,
)
from analysis.modelling.effects import estimate_effects, replace_regressor, solve
from analysis.modelling.swaps import draw_orders, infer_permutation, swap_distribution
from tests.modelling.panels import ARGUMENTS, dummies, simulate


def regress(frame, **options):
    return estimate_effects(frame, **(ARGUMENTS | {"exposure": "persons"} | options))


def refit(frame, effects="unit+time"):
    offset = np.log(frame["persons"])
    design = dummies(frame, effects)[:, [0, *range(2, dummies(frame, effects).shape[1])]]
    design = design[:, np.any(design != 0, axis=0)]
    glm = sm.GLM(frame["cases"], design, family=sm.families.Poisson(), offset=offset)
    return glm, glm.fit(tol=1e-14)


def test_crv1_agrees_with_statsmodels_and_its_factor():
    frame = simulate()
    glm, theirs = refit(frame)
    groups, n, k = 12, len(frame), 1 + 14
    robust = glm.fit(tol=1e-14, cov_type="cluster", cov_kwds={"groups": frame["clinic"]})
    plain = robust.bse.iloc[0] / np.sqrt(groups / (groups - 1) * (n - 1) / (n - glm.exog.shape[1]))
    ours = infer_crv1(regress(frame)).iloc[0]
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    assert ours["std_error"] == pytest.approx(plain * np.sqrt(factor), rel=1e-8)
    assert ours["p_value"] == pytest.approx(2 * stats.t(11).sf(abs(ours["statistic"])), rel=1e-12)
    assert ours["detectable"] == pytest.approx(
        (stats.t(11).ppf(0.975) + stats.t(11).ppf(0.8)) * ours["std_error"], rel=1e-12
    )
    assert theirs.params.iloc[0] == pytest.approx(ours["estimate"], rel=1e-9)


@pytest.mark.parametrize("effects", ["unit+time", "unit+time+trend"])
def test_crv3_is_the_sum_over_refits_without_a_unit(effects):
    frame = simulate()
    fit = regress(frame, effects=effects)
    without = [
        estimate_effects(
            frame[frame["clinic"] != clinic],
            **(ARGUMENTS | {"exposure": "persons"}),
            effects=effects,
        ).params["dose"]
        for clinic in range(12)
    ]
    variance = 11 / 12 * ((np.array(without) - fit.params["dose"]) ** 2).sum()
    assert infer_crv3(fit).iloc[0]["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-9)
    range_row = infer_leave_one_out(fit).iloc[0]
    assert range_row["conf_low"] == pytest.approx(min(without), rel=1e-9)
    assert range_row["lowest_without"] == int(np.argmin(without))
    assert range_row["highest_without"] == int(np.argmax(without))


class TestScoreWild:
    def test_few_units_are_enumerated(self):
        frame = simulate(units=4)
        fit = regress(frame)
        row = infer_score_wild(fit).iloc[0]
        # The same by hand: the fit without the dose, its scores, every one of 6^4 weights.
        offset = np.log(frame["persons"])
        design = dummies(frame, "unit+time")[:, 2:]
        null = sm.GLM(frame["cases"], design, family=sm.families.Poisson(), offset=offset)
        null = null.fit(tol=1e-14)
        beside = sm.WLS(frame["dose"], design, weights=null.mu).fit().resid
        scores = (beside * (frame["cases"] - null.mu)).groupby(frame["clinic"]).sum().to_numpy()
        statistic = scores.sum() / np.sqrt((scores**2).sum())
        drawn = [
            abs(v @ scores) / np.sqrt(v**2 @ scores**2)
            for v in map(np.array, product(WEBB, repeat=4))
        ]
        assert row["statistic"] == pytest.approx(statistic, rel=1e-7)
        assert row["draws"] == 6**4
        assert row["p_value"] == np.mean(np.array(drawn) >= abs(statistic) * (1 - 1e-7))

    def test_the_interval_holds_what_is_not_rejected(self):
        frame = simulate()
        fit = regress(frame)
        row = infer_score_wild(fit, draws=9_999).iloc[0]
        assert row["conf_low"] < row["estimate"] < row["conf_high"]
        for end in (row["conf_low"], row["conf_high"]):
            moved = frame.assign(persons=frame["persons"] * np.exp(end * frame["dose"]))
            assert infer_score_wild(regress(moved), draws=9_999).iloc[0]["p_value"] == (
                pytest.approx(0.05, abs=0.003)
            )

    def test_weights_have_the_moments_of_webb(self):
        assert [np.mean(WEBB**power) for power in (1, 2, 3, 4)] == pytest.approx([0, 1, 0, 7 / 6])


class TestPermutation:
    def test_few_units_are_enumerated_and_agree_with_brute_force(self):
        frame = simulate(units=5)
        fit = regress(frame)
        row = infer_permutation(fit).iloc[0]
        assert row["draws"] == 120
        wide = frame.pivot(index="clinic", columns="year", values="dose").to_numpy()
        offset = np.log(frame["persons"])
        design = dummies(frame, "unit+time")[:, 2:]
        null = sm.GLM(frame["cases"], design, family=sm.families.Poisson(), offset=offset)
        null = null.fit(tol=1e-14)

        def statistic(order):
            dose = wide[list(order)].ravel()
            beside = sm.WLS(dose, design, weights=null.mu).fit().resid
            scores = (beside * (frame["cases"] - null.mu)).groupby(frame["clinic"]).sum()
            return scores.sum() / np.sqrt((scores**2).sum())

        drawn = np.array([abs(statistic(order)) for order in permutations(range(5))])
        assert row["statistic"] == pytest.approx(statistic(range(5)), rel=1e-6)
        assert row["p_value"] == np.mean(drawn >= abs(row["statistic"]) * (1 - 1e-6))

    def test_scores_order_the_draws_as_refits_do(self):
        frame = simulate(seed=4)
        fit = regress(frame)
        wide = frame.pivot(index="clinic", columns="year", values="dose").to_numpy()
        refits = []
        for order in draw_orders(12, 60, 1):
            problem = replace_regressor(fit.problem, wide[order].ravel())
            swapped = regress(frame.assign(dose=wide[order].ravel()))
            assert solve(problem)[0][0] == pytest.approx(swapped.params["dose"], rel=1e-7)
            refits.append(abs(infer_crv1(swapped).iloc[0]["statistic"]))
        __, scored = swap_distribution(fit, 0, 0.0, draw_orders(12, 60, 1))
        assert stats.spearmanr(refits, scored).statistic > 0.98

    def test_its_size_is_what_it_says(self):
        p_values = []
        for seed in range(60):
            frame = simulate(units=10, times=8, effect=0, seed=seed)
            # Clinics alike: then swapping is exact.
            frame["dose"] -= frame["clinic"] / 10
            orders = draw_orders(10, 199, 1)
            p_values.append(share_beyond(*swap_distribution(regress(frame), 0, 0.0, orders)))
        low, high = stats.binomtest(int(np.sum(np.array(p_values) < 0.2)), 60).proportion_ci(0.999)
        assert low < 0.2 < high

    def test_an_effect_is_found(self):
        assert infer_permutation(regress(simulate(effect=0.5)), draws=999).iloc[0]["p_value"] < 0.01

    def test_a_gap_in_a_trajectory_is_refused(self):
        with pytest.raises(ModelError, match="1 of 12 x 15 units and times are missing"):
            infer_permutation(regress(simulate().drop(index=7)))


def test_the_same_seed_gives_the_same_digits_and_another_seed_others():
    fit = regress(simulate())
    for infer in (infer_score_wild, infer_permutation):
        once, again, other = (infer(fit, draws=499, seed=seed).iloc[0] for seed in (1, 1, 2))
        pd.testing.assert_series_equal(once, again)
        assert once["p_value"] != other["p_value"]


def test_without_one_of_the_units_there_may_be_no_estimate():
    frame = simulate()
    frame["dose"] = ((frame["clinic"] == 3) & (frame["year"] > 2007)).astype("float64")
    with pytest.raises(ModelError, match="without 3 there is no estimate"):
        infer_crv3(regress(frame))


def test_too_few_draws_and_a_negative_seed_are_refused():
    fit = regress(simulate())
    for infer in (infer_score_wild, infer_permutation):
        with pytest.raises(RequestError, match="draws must be at least 19, not 0"):
            infer(fit, draws=0)
        with pytest.raises(RequestError, match="seed must be at least 0, not -1"):
            infer(fit, seed=-1)


def test_a_missing_draw_is_no_p_value():
    assert np.isnan(share_beyond(2.0, np.array([1.0, np.nan])))
