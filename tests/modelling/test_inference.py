"""Standard errors, intervals and pooled effects against published values and second programs."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import ModelError
from analysis.modelling.inference import (
    cluster_covariance,
    fisher_interval,
    hac_covariance,
    normal_row,
    pool_effects,
    q_values,
    score_rows,
)

# Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57, 289-300, section 4.1: fifteen tests of a trial
# of thrombolysis. Beside them p x 15 / rank, made monotone by hand.
TRIAL = {
    0.0001: 0.0015,
    0.0004: 0.003,
    0.0019: 0.0095,
    0.0095: 0.035625,
    0.0201: 0.0603,
    0.0278: 0.0298 * 15 / 7,
    0.0298: 0.0298 * 15 / 7,
    0.0344: 0.0645,
    0.0459: 0.0765,
    0.3240: 0.486,
    0.4262: 0.4262 * 15 / 11,
    0.5719: 0.714875,
    0.6528: 0.6528 * 15 / 13,
    0.7590: 0.7590 * 15 / 14,
    1.0000: 1.0,
}
# Tuberculosis in 13 trials of BCG vaccine (Colditz et al. 1994, JAMA 271, 698-702): cases and
# others among the vaccinated, cases and others among the controls.
BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13_536, 248, 12_619],
        [33, 5_036, 47, 5_761],
        [180, 1_361, 372, 1_079],
        [8, 2_537, 10, 619],
        [505, 87_886, 499, 87_892],
        [29, 7_470, 45, 7_232],
        [17, 1_699, 65, 1_600],
        [186, 50_448, 141, 27_197],
        [5, 2_493, 3, 2_338],
        [27, 16_886, 29, 17_825],
    ]
)
shares = st.floats(0, 1, allow_subnormal=False)
effects = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=3, max_size=12).map(
    lambda pairs: tuple(map(pd.Series, zip(*pairs, strict=True)))
)


@pytest.fixture(scope="module")
def counts():
    """Autocorrelated counts on two covariates, with exposure."""
    draw = np.random.default_rng(7)
    design = sm.add_constant(np.column_stack([np.arange(80) / 12, draw.normal(size=80)]))
    mean = np.exp(design @ [1, -0.1, 0.3] + np.convolve(draw.normal(size=84), [0.2] * 5, "valid"))
    model = sm.GLM(draw.poisson(mean), design, family=sm.families.Poisson())
    return model.fit(tol=1e-12)


class TestQValues:
    def test_they_are_those_of_the_published_example(self):
        found = q_values(pd.Series(list(TRIAL)))
        assert found.tolist() == pytest.approx(list(TRIAL.values()), rel=1e-12)
        assert (found <= 0.05).sum() == 4

    @given(st.lists(shares, min_size=1, max_size=40))
    def test_they_lie_between_the_p_value_and_one_in_the_same_order(self, p):
        p = pd.Series(p)
        q = q_values(p)
        assert q.between(p * (1 - 1e-12), 1).all()
        assert q[p.sort_values().index].is_monotonic_increasing

    @given(st.lists(shares, min_size=1, max_size=20), st.randoms())
    def test_they_do_not_depend_on_the_order_of_tests(self, p, random):
        p = pd.Series(p)
        order = random.sample(range(len(p)), len(p))
        shuffled = q_values(p.iloc[order]).sort_index()
        assert shuffled.tolist() == pytest.approx(q_values(p).tolist(), rel=1e-12)

    def test_absent_ones_stay_absent_and_count_for_nothing(self):
        found = q_values(pd.Series([0.01, None, 0.04], index=list("abc")))
        assert found["a"] == pytest.approx(0.02)
        assert pd.isna(found["b"])
        assert found["c"] == pytest.approx(0.04)
        assert q_values(pd.Series([np.nan])).isna().all()


class TestPooling:
    def test_the_bcg_trials_pool_as_published(self):
        vaccinated, controls = BCG[:, :2].sum(axis=1), BCG[:, 2:].sum(axis=1)
        log_ratio = np.log(BCG[:, 0] / vaccinated) - np.log(BCG[:, 2] / controls)
        variance = 1 / BCG[:, 0] - 1 / vaccinated + 1 / BCG[:, 2] - 1 / controls
        pooled = pool_effects(pd.Series(log_ratio), pd.Series(np.sqrt(variance)))
        # metafor 3.8-1 in R 4.2.2: rma(method = "DL"), and predict() with t of k - 2.
        expected = {
            "estimate": -0.714117,
            "std_error": 0.178742,
            "tau2": 0.308760,
            "q": 152.233008,
            "i2": 0.921174,
        }
        assert {key: pooled[key] for key in expected} == pytest.approx(expected, abs=1e-6)
        reach = stats.t.ppf(0.975, 11) * np.sqrt(0.308760 + 0.178742**2)
        assert pooled["predict_low"] == pytest.approx(-0.714117 - reach, abs=1e-5)
        assert pooled["predict_high"] == pytest.approx(-0.714117 + reach, abs=1e-5)

    def test_effects_that_agree_leave_no_heterogeneity(self):
        pooled = pool_effects(pd.Series([1.0, 1.0, 1.0]), pd.Series([0.1, 0.2, 0.3]))
        assert (pooled["estimate"], pooled["tau2"], pooled["i2"]) == (pytest.approx(1), 0, 0)
        assert pooled["std_error"] == pytest.approx((100 + 25 + 100 / 9) ** -0.5)

    @given(effects, st.floats(-5, 5))
    def test_moving_every_effect_moves_the_mean_and_nothing_else(self, pairs, step):
        values, errors = pairs
        first, second = pool_effects(values, errors), pool_effects(values + step, errors)
        assert second["estimate"] == pytest.approx(first["estimate"] + step, abs=1e-7)
        assert second["std_error"] == pytest.approx(first["std_error"], rel=1e-6)

    @given(effects)
    def test_the_mean_lies_among_the_effects_and_its_prediction_around_it(self, pairs):
        values, errors = pairs
        pooled = pool_effects(values, errors)
        assert values.min() - 1e-9 <= pooled["estimate"] <= values.max() + 1e-9
        assert pooled["predict_low"] < pooled["estimate"] < pooled["predict_high"]
        assert 0 <= pooled["i2"] < 1

    def test_two_effects_are_too_few(self):
        with pytest.raises(ModelError, match="at least three states; there are 2"):
            pool_effects(pd.Series([1.0, 2.0]), pd.Series([1.0, 1.0]))


class TestCovariance:
    @pytest.mark.parametrize("lags", [0, 1, 6, 12])
    def test_newey_west_is_that_of_a_second_program(self, lags):
        draw = np.random.default_rng(1)
        design = sm.add_constant(draw.normal(size=(60, 2)))
        fitted = sm.OLS(draw.normal(size=60), design).fit()
        scores = design * fitted.resid[:, None]
        robust = fitted.get_robustcov_results("HAC", maxlags=lags, use_correction=False)
        covariance = hac_covariance(scores, np.linalg.inv(design.T @ design), lags)
        assert covariance == pytest.approx(robust.cov_params(), rel=1e-9)

    @pytest.mark.parametrize("lags", [0, 6])
    def test_newey_west_is_the_formula_written_out(self, counts, lags):
        scores, bread = score_rows(counts)
        meat = scores.T @ scores
        for lag in range(1, lags + 1):
            cross = scores[lag:].T @ scores[:-lag]
            meat += (1 - lag / (lags + 1)) * (cross + cross.T)
        assert hac_covariance(scores, bread, lags) == pytest.approx(bread @ meat @ bread, rel=1e-9)

    def test_clusters_of_one_are_white_and_one_cluster_is_nothing(self, counts):
        scores, bread = score_rows(counts)
        alone, together = np.arange(len(scores)), np.zeros(len(scores))
        white = hac_covariance(scores, bread, 0)
        assert cluster_covariance(scores, bread, alone) == pytest.approx(white, rel=1e-9)
        assert cluster_covariance(scores, bread, together) == pytest.approx(0, abs=1e-9)

    def test_clusters_are_those_of_a_second_program(self, counts):
        groups = np.repeat(np.arange(8), 10)
        options = {"groups": groups, "use_correction": False}
        robust = counts.model.fit(cov_type="cluster", cov_kwds=options, tol=1e-12)
        found = cluster_covariance(*score_rows(counts), groups)
        assert found == pytest.approx(robust.cov_params(), rel=1e-9)

    def test_scores_sum_to_zero_at_the_maximum(self, counts):
        scores, bread = score_rows(counts)
        assert scores.sum(axis=0) == pytest.approx(0, abs=1e-6)
        assert bread == pytest.approx(counts.normalized_cov_params, rel=1e-7)


class TestFisherInterval:
    def test_it_is_the_interval_worked_by_hand(self):
        # r = 0.5, n = 28: z = 0.5493, half-width 1.96 / 5 = 0.3920.
        assert fisher_interval(0.5, 25) == pytest.approx((0.156, 0.736), abs=5e-4)

    @pytest.mark.parametrize("n", [5, 12, 60])
    def test_it_is_that_of_a_second_program(self, n):
        draw = np.random.default_rng(n)
        result = stats.pearsonr(draw.normal(size=n), draw.normal(size=n))
        expected = result.confidence_interval(0.95)
        assert fisher_interval(result.statistic, n - 3) == pytest.approx(tuple(expected), rel=1e-9)

    @given(st.floats(-0.999, 0.999), st.integers(1, 100))
    def test_it_holds_the_correlation_and_turns_with_its_sign(self, r, freedom):
        low, high = fisher_interval(r, freedom)
        assert -1 <= low < r < high <= 1
        assert fisher_interval(-r, freedom) == pytest.approx((-high, -low))

    @pytest.mark.parametrize(("r", "freedom"), [(1, 5), (-1, 5), (np.nan, 5), (0.5, 0)])
    def test_where_there_is_none_it_is_missing(self, r, freedom):
        assert np.isnan(fisher_interval(r, freedom)).all()


def test_a_normal_row_is_an_estimate_with_its_test_and_interval():
    row = normal_row("x", 1.96, 1.0)
    assert row["p_value"] == pytest.approx(0.05, abs=1e-4)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((0, 3.92), abs=1e-4)
