"""How the two sources compare: shares of complete counts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.cleaning.build import load_table
from analysis.modelling.measurement import fit_measurement


def kind(fitted, name):
    rows = fitted("measurement").rows
    return rows[rows["kind"] == name].set_index("term")


def test_a_ratio_is_its_two_counts(fitted):
    rows = fitted("measurement").rows
    rows = rows[rows["kind"].isin(RATIOS)]
    ratio = rows["numerator"] / rows["denominator"]
    assert rows["estimate"].tolist() == pytest.approx(ratio.tolist(), rel=1e-12)


def test_sesnsp_counts_fewer_than_inegi_and_fewer_still_before_2018(fitted):
    share = kind(fitted, "sources by year")["estimate"]
    assert share["2015":"2017"].between(0.88, 0.93).all()
    assert share["2018":].between(0.89, 1.0).all()


def test_every_state_is_compared_over_the_months_that_both_sources_cover(fitted, panel):
    states = kind(fitted, "sources by state")
    assert len(states) == 32
    assert (states["cve_ent"] == states.index).all()
    both = panel.dropna(subset=["homicides_sesnsp", "homicides_inegi"])
    both = both[both["month"].between("2018-01", "2021-12")]
    assert states["numerator"].sum() == both["homicides_sesnsp"].sum()
    assert fitted("measurement").observations == len(both)


RATIOS = ["sources by year", "sources by state", "completeness", "revision"]


def versions(*rows):
    """Give a table of published totals: year, period, homicides, status."""
    return pd.DataFrame(rows, columns=["year", "period", "homicides", "status"])


def revised(panel, national_year, table):
    rows = fit_measurement(panel, national_year, table).tidy()
    return rows[rows["kind"].isin(["revision", "mean revision", "expected final"])]


class TestRevisions:
    def test_final_totals_are_revised_by_up_to_four_percent(self, fitted):
        revisions = kind(fitted, "revision")["estimate"]
        assert revisions.index.tolist() == ["2013", *map(str, range(2019, 2025))]
        assert revisions.sub(1).round(3).between(0.002, 0.038).all()

    def test_the_mean_revision_has_the_t_interval_of_a_mean_of_logs(self, fitted):
        logs = np.log(kind(fitted, "revision")["estimate"])
        mean = kind(fitted, "mean revision").loc["mean"]
        expected = stats.ttest_1samp(logs, 0).confidence_interval(0.95)
        assert np.log(mean["estimate"]) == pytest.approx(logs.mean(), rel=1e-10)
        assert np.log(mean[["conf_low", "conf_high"]].astype("float64")).tolist() == pytest.approx(
            list(expected), rel=1e-10
        )
        assert mean[["low", "high", "revisions"]].tolist() == pytest.approx(
            [np.exp(logs.min()), np.exp(logs.max()), 7]
        )

    def test_half_years_are_expected_to_grow_as_years_did(self, fitted):
        expected = kind(fitted, "expected final")
        assert expected["denominator"].to_dict() == {"2024 Jan-Jun": 16_306, "2025 Jan-Jun": 14_488}
        row = expected.loc["2025 Jan-Jun"]
        assert row["estimate"] == pytest.approx(14_488 * 1.015293, rel=1e-6)
        assert row[["low", "high"]].tolist() == pytest.approx([14_518.5, 15_043.0], abs=0.5)
        # One further total is less sure than the range of seven: t(6), and its own spread.
        assert row["conf_low"] < row["low"] < row["estimate"] < row["high"] < row["conf_high"]

    def test_prediction_intervals_hold_the_next_revision_as_often_as_they_say(
        self, panel, national_year
    ):
        draw, held = np.random.default_rng(3), []
        for _ in range(60):
            ratios = np.exp(draw.normal(0.015, 0.01, 6))
            early = [(2000 + i, "year", 1_000_000, "preliminary") for i in range(6)]
            final = [(2000 + i, "year", round(1e6 * r), "final") for i, r in enumerate(ratios[:5])]
            row = revised(panel, national_year, versions(*early, *final)).iloc[-1]
            held.append(row["conf_low"] < 1e6 * ratios[5] < row["conf_high"])
        assert 0.85 <= np.mean(held) <= 1

    def test_every_version_of_a_total_is_held_against_the_final_one(self, panel, national_year):
        years = [(y, "year", n, "preliminary") for y, n in [(2020, 90), (2020, 95), (2021, 80)]]
        final = [(2020, "year", 100, "final"), (2021, "year", 84, "final")]
        rows = revised(panel, national_year, versions(*years, *final))
        pairs = rows[rows["kind"] == "revision"]
        assert pairs["term"].tolist() == ["2020", "2020", "2021"]
        assert pairs["estimate"].tolist() == pytest.approx([100 / 90, 100 / 95, 84 / 80])
        assert not (rows["kind"] == "expected final").any()

    def test_a_half_year_with_a_final_total_is_a_revision(self, panel, national_year):
        rows = [(2020, "Jan-Jun", 50, "preliminary"), (2020, "Jan-Jun", 51, "final")]
        found = revised(panel, national_year, versions(*rows))
        assert found["term"].tolist() == ["2020 Jan-Jun"]

    def test_two_revisions_say_nothing_about_the_next(self, panel, national_year):
        early = [(y, "year", 100, "preliminary") for y in (2019, 2020, 2021)]
        final = [(y, "year", 102, "final") for y in (2019, 2020)]
        result = fit_measurement(panel, national_year, versions(*early, *final))
        assert not result.rows["kind"].isin(["mean revision", "expected final"]).any()
        assert str(result.notes[0]).startswith("fewer than 3 revisions")

    def test_row_order_is_irrelevant(self, panel, national_year, fitted):
        table = load_table("inegi_homicides_national").sample(frac=1, random_state=2)
        assert fit_measurement(panel, national_year, table).rows.equals(fitted("measurement").rows)


def test_complete_counts_have_no_interval(fitted):
    tidy = fitted("measurement").tidy()
    ratios = tidy[tidy["kind"].isin(RATIOS)]
    assert ratios[["std_error", "p_value", "conf_low", "conf_high"]].isna().all(axis=None)
