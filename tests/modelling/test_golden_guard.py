"""The Guard's inference, dynamics and multiverse against the second implementation.

tests/golden/README.md says what each value is and why it may lie off as far as it does here.
"""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.modelling.clusters import (
    infer_crv1,
    infer_crv3,
    infer_score_wild,
    leave_one_out,
    null_scores,
)
from analysis.modelling.effects import estimate_effects
from analysis.modelling.guard import GUARDS, regress_on_guards, select_guard_cells
from analysis.modelling.swaps import infer_permutation, swap_scores

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "guard.json").read_text("utf-8"))
# Both sides iterate until coefficients stand still; least squares need no iteration.
POISSON, OLS, TEST = 1e-7, 1e-8, 1e-5
# T can be near zero, where a relative rule would ask for more digits than the fit holds.
STATISTIC = 1e-7
# Regressor and 24 months: what the package counts beside the effects of states.
OURS_K = 25
COUNTS = {"sesnsp": "homicides_sesnsp", "inegi": "homicides_inegi"}
# Where the curve calls a choice by another name.
SAID = {
    "sesnsp+femicides": "sesnsp_femicide",
    "log guards": "log_guards",
    "log guards per 100k": "log_per_100k",
    "guards per 100k": "per_100k",
    "without 09": "without_09",
}


def near(value, rel=0.0, *, off=0.0):
    return pytest.approx(value, rel=rel, abs=off)


def cases(block, *names):
    """Give the rows of a block as test cases called by their names."""
    return [
        pytest.param(row, id="-".join(str(row[name]).replace(" ", "_") for name in names))
        for row in GOLDEN[block]
    ]


def p_error(golden, draws):
    """Five standard deviations of the difference of two Monte Carlo p-values, and the +1."""
    p = golden["p_value"]
    return 5 * sqrt(p * (1 - p) * (1 / golden["draws"] + 1 / draws)) + 1 / draws


@pytest.fixture(scope="module")
def specification(fitted):
    """Ask `guard-elasticity` for a specification of the golden values."""

    def ask(golden):
        control = golden["outcome"] == "negligent"
        return fitted(
            "guard-elasticity",
            source="sesnsp" if control else golden["outcome"],
            outcome="negligent" if control else "intentional",
            lag=golden["lag"],
            effects=golden["effects"],
        )

    return ask


@pytest.fixture(scope="module")
def main(specification):
    return specification(GOLDEN["crv3"][0]).fitted


@pytest.fixture(scope="module")
def six(panel):
    """Fit the elasticity in the six states whose tests can be counted out."""
    few = panel[panel["cve_ent"].isin(GOLDEN["six_states"]["states"])]
    cells, __ = select_guard_cells(few, count="homicides_sesnsp")
    return regress_on_guards(cells, count="homicides_sesnsp", effects="state+month")


def inference(result, name):
    rows = result.rows[result.rows["inference"] == name]
    assert len(rows) == 1
    return rows.iloc[0]


def orders_of(trajectories, states):
    """Turn lists of the states whose trajectories are taken into positions."""
    place = {state: i for i, state in enumerate(states)}
    return np.array([[place[state] for state in row["from"]] for row in trajectories])


def swapped_statistics(fit, orders):
    __, residuals, weights = null_scores(fit, 0, 0.0)
    scores, __ = swap_scores(fit, 0, residuals, weights, orders)
    return scores.sum(axis=1) / np.sqrt((scores**2).sum(axis=1))


def test_the_known_sums_come_out(panel):
    window = panel["month"].between("2019-07", "2021-07")
    golden = GOLDEN["sanity"]
    for ours, theirs in {
        "homicides_sesnsp": "window_sesnsp",
        "homicides_inegi": "window_inegi",
        "negligent_homicides": "window_negligent",
    }.items():
        assert panel.loc[window, ours].sum() == golden[theirs]


class TestJackknife:
    @pytest.mark.parametrize("golden", cases("crv3", "id"))
    def test_a_specification(self, specification, golden):
        result = specification(golden)
        row = inference(result, "crv3")
        assert (result.observations, result.states) == (golden["n"], golden["states"])
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            assert row[name] == near(golden[name], POISSON)
        assert row["statistic"] == near(golden["t_value"], off=STATISTIC)
        assert row["p_value"] == near(golden["p_value"], TEST)
        crv1 = inference(result, "crv1")
        assert crv1["std_error"] == near(golden["crv1_std_error"], POISSON)

    @pytest.mark.parametrize("golden", cases("crv3", "id"))
    def test_the_range_without_one_state(self, specification, golden):
        row = inference(specification(golden), "leave_one_out")
        assert row["conf_low"] == near(golden["leave_one_out_low"], off=1e-8)
        assert row["conf_high"] == near(golden["leave_one_out_high"], off=1e-8)
        assert row["lowest_without"] == golden["state_of_low"]
        assert row["highest_without"] == golden["state_of_high"]

    @pytest.mark.parametrize("golden", cases("crv3", "id"))
    def test_each_estimate_without_one_state(self, specification, golden):
        without = leave_one_out(specification(golden).fitted).set_index("unit")[GUARDS]
        assert without.to_dict() == near(golden["leave_one_out"], off=1e-8)

    def test_rows_in_disorder_give_the_same(self, main, panel):
        cells, __ = select_guard_cells(panel, count="homicides_sesnsp")
        mixed = cells.sample(frac=1, random_state=1)
        fit = regress_on_guards(mixed, count="homicides_sesnsp", effects="state+month")
        golden = GOLDEN["crv3"][0]["std_error"]
        assert infer_crv3(fit)["std_error"].iloc[0] == near(golden, POISSON)


class TestWildScores:
    @pytest.mark.parametrize("golden", cases("score_wild", "id"))
    def test_the_scores_of_the_states(self, specification, golden):
        fit = specification(golden).fitted
        scores, __, __ = null_scores(fit, 0, 0.0)
        found = dict(zip(fit.problem.units, scores, strict=True))
        assert found == near(golden["scores"], POISSON, off=1e-6)

    @pytest.mark.parametrize("golden", cases("score_wild", "id"))
    def test_the_test(self, specification, golden):
        row = inference(specification(golden), "score_wild")
        assert row["statistic"] == near(golden["t_value"], off=STATISTIC)
        assert row["draws"] == 99_999
        assert row["p_value"] == near(golden["p_value"], off=p_error(golden, 99_999))

    @pytest.mark.parametrize("golden", cases("score_wild", "id"))
    def test_the_interval(self, specification, golden):
        row = inference(specification(golden), "score_wild")
        # Our ends rest on fewer draws, and are searched to a thousandth of a standard error.
        factor = 5 * sqrt(1 + golden["interval_draws"] / row["draws"])
        search = 1e-3 * (golden["conf_high"] - golden["conf_low"])
        for bound in ("conf_low", "conf_high"):
            error = factor * golden[f"{bound}_mc_error"] + search
            assert row[bound] == near(golden[bound], off=error)

    def test_all_vectors_of_six_states(self, six):
        golden = GOLDEN["six_states"]
        row = infer_score_wild(six).iloc[0]
        assert row["draws"] == golden["score_wild"]["vectors"]
        assert row["statistic"] == near(golden["t_value"], off=STATISTIC)
        counted = row["p_value"] * row["draws"]
        assert counted == near(golden["score_wild"]["count"], off=1e-6)

    def test_draws_in_six_states_come_near_the_count(self, six):
        golden = GOLDEN["six_states"]["score_wild"]
        row = infer_score_wild(six, draws=40_000).iloc[0]
        error = 5 * sqrt(golden["p_value"] * (1 - golden["p_value"]) / 40_000)
        assert row["draws"] == 40_000
        assert row["p_value"] == near(golden["p_value"], off=error + 1 / 40_000)


class TestPermutation:
    @pytest.mark.parametrize("golden", cases("permutation", "id"))
    def test_the_test(self, specification, golden):
        row = inference(specification(golden), "permutation")
        assert row["statistic"] == near(golden["t_value"], off=STATISTIC)
        assert row["draws"] == 9_999
        assert row["p_value"] == near(golden["p_value"], off=p_error(golden, 9_999))

    def test_single_permutations(self, main):
        golden = GOLDEN["permutation_refit"]["shown"]
        found = swapped_statistics(main, orders_of(golden, main.problem.units))
        assert found == near([row["one_step"] for row in golden], off=STATISTIC)

    def test_single_permutations_fitted_in_full(self, panel):
        cells, __ = select_guard_cells(panel, count="homicides_sesnsp")
        wide = cells.pivot(index="cve_ent", columns="month", values=GUARDS)
        for golden in GOLDEN["permutation_refit"]["shown"][:5]:
            swapped = wide.loc[golden["from"]].set_axis(wide.index)
            frame = cells.drop(columns=GUARDS).merge(
                swapped.stack().rename(GUARDS).reset_index(), on=["cve_ent", "month"]
            )
            row = infer_crv1(
                estimate_effects(
                    frame,
                    outcome="homicides_sesnsp",
                    regressors=[GUARDS],
                    unit="cve_ent",
                    time="month",
                    exposure="person_years",
                )
            ).iloc[0]
            assert row["estimate"] == near(golden["estimate"], off=1e-8)
            assert row["std_error"] == near(golden["std_error"], POISSON)
            assert row["statistic"] == near(golden["t_value"], off=STATISTIC)

    def test_one_step_ranks_as_full_fits_do(self):
        golden = GOLDEN["permutation_refit"]
        assert golden["rank_correlation"] > 0.99
        assert abs(golden["p_one_step"] - golden["p_refit"]) < 0.02

    def test_all_permutations_of_six_states(self, six):
        golden = GOLDEN["six_states"]["permutation"]
        row = infer_permutation(six).iloc[0]
        assert row["draws"] == golden["permutations"]
        assert row["p_value"] * row["draws"] == near(golden["count"], off=1e-6)

    def test_single_permutations_of_six_states(self, six):
        golden = GOLDEN["six_states"]["permutation"]["statistics"]
        found = swapped_statistics(six, orders_of(golden, six.problem.units))
        assert found == near([row["t_value"] for row in golden], off=STATISTIC)


def test_the_fit_in_six_states(six):
    golden = GOLDEN["six_states"]
    row = infer_crv1(six).iloc[0]
    assert (len(six.mu), six.counted) == (golden["crv1"]["n"], golden["crv1"]["k"])
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert row[name] == near(golden["crv1"][name], POISSON)
    scores, __, __ = null_scores(six, 0, 0.0)
    found = dict(zip(six.problem.units, scores, strict=True))
    assert found == near(golden["scores"], POISSON)


def reversed_fit(panel, source, behind):
    """Regress guards on the homicide rate of an earlier month."""
    count = COUNTS[source]
    cells, __ = select_guard_cells(panel, count=count, lag=-behind)
    rate = (cells[count].astype("float64") + 0.5) / cells["person_years"]
    return estimate_effects(
        cells.assign(log_rate=np.log(rate)),
        outcome=GUARDS,
        regressors=["log_rate"],
        unit="cve_ent",
        time="month",
        family="gaussian",
    )


def assert_reverse(row, golden):
    """Compare a row whose k leaves the intercept to the states, as every other model's does.

    The golden k counts it, so its standard error is larger by the root of (n - 25)/(n - 26).
    """
    assert (golden["k"], OURS_K) == (OURS_K + 1, GOLDEN["six_states"]["crv1"]["k"])
    std_error = golden["std_error"] * sqrt((golden["n"] - golden["k"]) / (golden["n"] - OURS_K))
    statistic = golden["estimate"] / std_error
    assert row["estimate"] == near(golden["estimate"], off=OLS * golden["std_error"])
    assert row["std_error"] == near(std_error, OLS)
    p_value = 2 * stats.t(golden["states"] - 1).sf(abs(statistic))
    assert row["p_value"] == near(p_value, TEST)


def assert_elasticity(row, golden):
    assert row["estimate"] == near(golden["estimate"], off=1e-8)
    assert row["std_error"] == near(golden["std_error"], POISSON)
    for bound in ("conf_low", "conf_high"):
        assert row[bound] == near(golden[bound], off=STATISTIC)
    assert row["p_value"] == near(golden["p_value"], TEST)


class TestDynamics:
    @pytest.mark.parametrize(
        "golden", [case for case in cases("dynamics", "variant", "lag") if "inegi" not in case.id]
    )
    def test_a_lag(self, fitted, golden):
        lag = golden["lag"]
        term = f"lag {lag}" if lag >= 0 else f"lead {-lag}"
        row = fitted("guard-dynamics", source="sesnsp").row(term, variant=golden["variant"])
        assert (row["lag"], row["observations"]) == (lag, golden["n"])
        assert_elasticity(row, golden)

    @pytest.mark.parametrize(
        "golden", [case for case in cases("reverse", "source", "behind") if "sesnsp" in case.id]
    )
    def test_the_reverse_direction(self, fitted, golden):
        result = fitted("guard-dynamics", source="sesnsp")
        row = result.row(f"lag {golden['behind']}", variant="reverse")
        assert row["observations"] == golden["n"]
        assert_reverse(row, golden)

    def test_there_are_no_other_lags(self, fitted):
        # Rows on all lags or all leads at once have none of their own.
        rows = fitted("guard-dynamics", source="sesnsp").rows.dropna(subset=["lag"])
        main = {row["lag"] for row in GOLDEN["dynamics"] if row["variant"] == "main"}
        reverse = {row["behind"] for row in GOLDEN["reverse"]}
        found = rows.groupby("variant")["lag"].agg(set).to_dict()
        assert found == {**dict.fromkeys(("main", "control", "trend"), main), "reverse": reverse}

    @pytest.mark.parametrize(
        "golden", [case for case in cases("dynamics", "variant", "lag") if "inegi" in case.id]
    )
    def test_a_lag_of_the_other_source(self, panel, golden):
        cells, __ = select_guard_cells(panel, count="homicides_inegi", lag=golden["lag"])
        fit = regress_on_guards(cells, count="homicides_inegi", effects=golden["effects"])
        assert (len(fit.mu), fit.counted) == (golden["n"], golden["k"])
        assert_elasticity(infer_crv1(fit).iloc[0], golden)

    @pytest.mark.parametrize(
        "golden", [case for case in cases("reverse", "source", "behind") if "inegi" in case.id]
    )
    def test_the_reverse_of_the_other_source(self, panel, golden):
        fit = reversed_fit(panel, golden["source"], golden["behind"])
        assert (len(fit.mu), fit.counted) == (golden["n"], OURS_K)
        assert_reverse(infer_crv1(fit).iloc[0], golden)


@pytest.fixture(scope="module")
def curve(fitted):
    # The permutations are no part of these values: as few as other tests ask for.
    rows = fitted("multiverse").rows.dropna(subset=["outcome"])
    names = ["outcome", "coding", "lag", "effects", "sample", "estimator"]
    rows = rows.astype({"lag": int}).set_index(names).sort_index()
    assert rows.index.is_unique
    return rows


@pytest.mark.parametrize(
    "golden", cases("multiverse", "outcome", "coding", "lag", "effects", "sample", "model")
)
def test_a_specification_of_the_curve(curve, golden):
    choice = [golden[name] for name in ("outcome", "coding", "lag", "effects", "sample")]
    row = curve.loc[(*(SAID.get(name, name) for name in choice), golden["model"])]
    assert (row["observations"], row["states"]) == (golden["n"], golden["states"])
    rel = POISSON if golden["model"] == "ppml" else OLS
    assert row["estimate"] == near(golden["estimate"], off=rel * golden["std_error"])
    assert row["std_error"] == near(golden["std_error"], rel)
    assert row["p_value"] == near(golden["p_value"], TEST)


def test_no_golden_block_is_left_out():
    tested = {
        "meta",
        "sanity",
        "crv3",
        "score_wild",
        "permutation",
        "permutation_refit",
        "six_states",
        "dynamics",
        "reverse",
        "multiverse",
    }
    assert set(GOLDEN) == tested
