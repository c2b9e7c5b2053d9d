"""Every value of the second implementation, within the tolerances of tests/golden/README.md."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.modelling.guard import GUARDS, fit_guard_elasticity
from analysis.modelling.inference import pool_effects

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "models.json").read_text("utf-8"))
# How far each kind of number may lie off: the README says why.
RATIO, POISSON, NB2, TEST = 1e-10, 1e-7, 1e-6, 1e-5


def cases(block, *names, **wanted):
    """Give the rows of a block as test cases called by their names."""
    rows = [row for row in GOLDEN[block] if all(row[key] == wanted[key] for key in wanted)]
    return [pytest.param(row, id="-".join(str(row[name]) for name in names)) for row in rows]


def near(value, rel, **options):
    return pytest.approx(value, rel=rel, abs=options.get("abs", 0.0))


def assert_test(row, golden, name="p_value"):
    """Compare p- or q-values; where they vanish the statistic speaks for them."""
    if golden[name] > 1e-10:
        assert row[name] == near(golden[name], TEST)
    else:
        z = golden["log_estimate"] / golden["std_error"]
        assert row["statistic"] == near(z, 2 * NB2)


def test_the_known_sums_come_out(panel, national_month):
    sums = GOLDEN["sanity"]
    year = panel["month"].dt.year
    five = panel["month"].between("2018-12", "2023-11")
    assert {
        "sesnsp_2015_unfilled": panel.loc[year == 2015, "homicides_sesnsp"].sum(),
        "sesnsp_2024": panel.loc[year == 2024, "homicides_sesnsp"].sum(),
        "sesnsp_2018_12_to_2023_11": panel.loc[five, "homicides_sesnsp"].sum(),
        "guards_2021_07": panel.loc[panel["month"] == "2021-07", "guards"].sum(),
        "oaxaca_fill": national_month["filled_deaths"].sum(),
    } == sums


class TestAdministrations:
    @pytest.mark.parametrize("golden", cases("administrations", "source", "term", kind="rate"))
    def test_a_rate(self, fitted, golden):
        row = fitted("administrations", source=golden["source"]).row(golden["term"])
        for count in ("deaths", "months", "first", "last"):
            assert row[count] == golden[count]
        assert row["estimate"] == near(golden["estimate"], RATIO)
        for name in ("std_error", "conf_low", "conf_high"):
            assert row[name] == near(golden[name], POISSON)

    @pytest.mark.parametrize("golden", cases("administrations", "source", "term", kind="ratio"))
    def test_a_ratio_of_equal_windows(self, fitted, golden):
        result = fitted("administrations", source=golden["source"])
        row = result.row(f"{golden['term']}/{golden['reference']}")
        assert row["months"] == golden["w"]
        assert int(row["first"][:4]) - int(row["against_first"][:4]) == golden["k"]
        for ours, theirs in {
            "first": "first",
            "last": "last",
            "deaths": "deaths",
            "against_first": "reference_first",
            "against_last": "reference_last",
            "against_deaths": "reference_deaths",
        }.items():
            assert row[ours] == golden[theirs]
        assert row["estimate"] == near(golden["estimate"], RATIO)
        for name in ("std_error", "conf_low", "conf_high"):
            assert row[name] == near(golden[name], POISSON)
        assert_test(row, golden)

    @pytest.mark.parametrize("source", ["sesnsp", "inegi"])
    def test_there_are_no_other_rows(self, fitted, source):
        rows = [row for row in GOLDEN["administrations"] if row["source"] == source]
        terms = {f"{r['term']}/{r['reference']}" if "k" in r else r["term"] for r in rows}
        assert set(fitted("administrations", source=source).rows["term"]) == terms


class TestStateTrend:
    @pytest.mark.parametrize("golden", cases("state_trend", "source", "term", kind="state"))
    def test_a_state(self, fitted, golden):
        result = fitted("state-trend", source=golden["source"])
        row = result.row(golden["cve_ent"])
        assert (row["months"], row["deaths"]) == (golden["n"], golden["victims"])
        assert result.period == (golden["first"], golden["last"])
        assert np.log1p(row["estimate"] / 100) == near(golden["log_estimate"], 0, abs=1e-7)
        for bound in ("conf_low", "conf_high"):
            assert row[bound] == near(golden[bound], 0, abs=5e-5)
        assert row["std_error"] == near(golden["std_error"], NB2)
        assert row["alpha"] == near(golden["alpha"], NB2)
        assert (row["alpha"] == 0) == (golden["model"] == "quasi_poisson")
        for name in ("p_value", "q_value"):
            assert_test(row, golden, name)

    @pytest.mark.parametrize("golden", cases("state_trend", "source", "term", kind="state"))
    def test_the_fit_behind_a_state(self, fitted, golden):
        fit = fitted("state-trend", source=golden["source"]).fitted[golden["cve_ent"]]
        for ours, theirs in {"const": "intercept", "sin": "sine", "cos": "cosine"}.items():
            assert fit.params[ours] == near(golden[theirs], 0, abs=1e-7)
        if golden["log_likelihood"] is not None:
            assert fit.llf == near(golden["log_likelihood"], 1e-9)

    @pytest.mark.parametrize("golden", cases("state_trend", "source", kind="pooled"))
    def test_the_pooled_row(self, fitted, golden):
        result = fitted("state-trend", source=golden["source"])
        row = result.row("pooled")
        assert result.states == golden["states"]
        assert np.log1p(row["estimate"] / 100) == near(golden["log_estimate"], NB2)
        expected = {
            "std_error": "std_error",
            "conf_low": "conf_low",
            "conf_high": "conf_high",
            "predict_low": "prediction_low",
            "predict_high": "prediction_high",
            "tau2": "tau2",
            "i2": "i2",
        }
        for ours, theirs in expected.items():
            assert row[ours] == near(golden[theirs], NB2)
        assert_test(row, golden)

    @pytest.mark.parametrize("golden", cases("state_trend", "source", kind="pooled"))
    def test_pooling_the_golden_states(self, golden):
        rows = [r for r in GOLDEN["state_trend"] if r["source"] == golden["source"]]
        states = pd.DataFrame([row for row in rows if row["kind"] == "state"])
        pooled = pool_effects(states["log_estimate"], states["std_error"])
        expected = {
            "estimate": "log_estimate",
            "std_error": "std_error",
            "tau2": "tau2",
            "i2": "i2",
            "q": "q",
            "predict_low": "log_prediction_low",
            "predict_high": "log_prediction_high",
        }
        for ours, theirs in expected.items():
            assert pooled[ours] == near(golden[theirs], 1e-9)

    @pytest.mark.parametrize("source", ["sesnsp", "inegi"])
    def test_the_notes_name_the_states_without_overdispersion(self, fitted, source):
        golden = [r for r in GOLDEN["state_trend"] if r.get("model") == "quasi_poisson"]
        codes = {row["cve_ent"] for row in golden if row["source"] == source}
        result = fitted("state-trend", source=source)
        assert set(result.rows.loc[result.rows["alpha"] == 0, "cve_ent"]) == codes
        assert len(result.notes) == len(codes)


class TestGuardElasticity:
    @pytest.mark.parametrize(
        "golden",
        cases("guard_elasticity", "source", "outcome", "lag", "effects", "corrections", "drop"),
    )
    def test_a_specification(self, fitted, golden):
        names = ("source", "outcome", "lag", "effects", "corrections")
        asked = {name: golden[name] for name in names} | {"drop": golden["drop"] or ""}
        result = fitted("guard-elasticity", **asked)
        row = result.row(GUARDS, inference="crv1")
        assert (result.observations, result.states) == (golden["n"], golden["states"])
        assert result.period == (golden["first"], golden["last"])
        assert row["k"] == golden["k"]
        assert int(result.fitted.problem.outcome.sum()) == golden["victims"]
        assert result.fitted.deviance == near(golden["deviance"], 1e-9)
        assert row["estimate"] == near(golden["estimate"], POISSON)
        assert row["std_error"] == near(golden["std_error"], POISSON)
        assert row["statistic"] == near(golden["t_value"], POISSON, abs=1e-7)
        for bound in ("conf_low", "conf_high"):
            assert row[bound] == near(golden[bound], POISSON)
        assert_test(row, golden)

    @pytest.mark.parametrize("golden", cases("guard_elasticity_leave_one_out", "cve_ent"))
    def test_without_one_state(self, panel, golden):
        result = fit_guard_elasticity(panel, drop=golden["cve_ent"])
        row = result.row(GUARDS, inference="crv1")
        assert (result.observations, result.states) == (golden["n"], golden["states"])
        assert row["k"] == golden["k"]
        assert row["estimate"] == near(golden["estimate"], POISSON)
        assert row["std_error"] == near(golden["std_error"], POISSON)
        assert_test(row, golden)


class TestGuardAnnual:
    @pytest.mark.parametrize("golden", cases("guard_annual", "series", "source", "term"))
    def test_a_correlation(self, fitted, golden):
        result = fitted("guard-annual", series=golden["series"], source=golden["source"])
        row = result.row(golden["term"].replace("_", " "))
        assert row["n"] == golden["n"]
        if golden["degenerate"]:
            assert pd.isna(row["estimate"]) or abs(row["estimate"]) == pytest.approx(1)
        else:
            assert row["estimate"] == near(golden["estimate"], RATIO)
        for bound in ("conf_low", "conf_high"):
            if golden[bound] is None:
                assert pd.isna(row[bound])
            else:
                assert row[bound] == near(golden[bound], RATIO, abs=1e-10)

    @pytest.mark.parametrize("golden", cases("guard_annual_data", "series", "source", "year"))
    def test_a_pair_of_figures(self, fitted, golden):
        result = fitted("guard-annual", series=golden["series"], source=golden["source"])
        pair = result.fitted.set_index("year").loc[golden["year"]]
        assert pair["guards"] == golden["guards"]
        assert pair[f"rate_{golden['source']}"] == near(golden["rate"], RATIO)


class TestMeasurement:
    KINDS = (
        ("sesnsp_to_inegi_year", "sources by year"),
        ("inegi_panel_completeness", "completeness"),
        ("sesnsp_to_inegi_state", "sources by state"),
        ("inegi_revision", "revision"),
    )

    @pytest.fixture
    def rows(self, fitted):
        return fitted("measurement").rows.set_index(["kind", "term"])

    @pytest.mark.parametrize(("theirs", "ours"), KINDS)
    def test_ratios(self, rows, theirs, ours):
        golden = [row for row in GOLDEN["measurement"] if row["kind"] == theirs]
        found = rows.loc[ours]
        assert set(found.index) == {row["term"] for row in golden}
        for row in golden:
            one = found.loc[row["term"]]
            assert one["numerator"] == row["numerator"]
            assert one["denominator"] == row["denominator"]
            # The golden revision is the change, ours final over preliminary.
            estimate = row["estimate"] + (1 if theirs == "inegi_revision" else 0)
            assert one["estimate"] == near(estimate, RATIO)


def test_no_golden_block_is_left_out():
    tested = {
        "meta",
        "sanity",
        "administrations",
        "state_trend",
        "guard_elasticity",
        "guard_elasticity_leave_one_out",
        "guard_annual",
        "guard_annual_data",
        "measurement",
    }
    assert set(GOLDEN) == tested
