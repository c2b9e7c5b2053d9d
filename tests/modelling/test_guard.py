"""Homicides and the Guard: what is compared with what, and when nothing can be said."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.annual import fit_guard_annual, select_annual, select_year_end
from analysis.modelling.guard import GUARDS, fit_guard_elasticity
from analysis.modelling.specifications import (
    SPECIFICATIONS,
    select_leave_one_out,
    select_specifications,
)


def constant(panel):
    """The panel with the same guards per head everywhere and always."""
    known = panel["guards_per_100k"].notna()
    return panel.assign(guards_per_100k=panel["guards_per_100k"].mask(known, 80.0))


class TestElasticity:
    @pytest.mark.parametrize("elasticity", [-0.5, 0.0, 0.8])
    def test_a_known_elasticity_is_found(self, panel, elasticity):
        rows = panel.dropna(subset=["guards_per_100k"])
        rate = 2e-5 * (rows["guards_per_100k"] / 80) ** elasticity
        draw = np.random.default_rng(5)
        homicides = draw.poisson((rate * rows["person_years"]).astype("float64") * 20)
        row = fit_guard_elasticity(rows.assign(homicides_sesnsp=homicides)).row(
            GUARDS, inference="crv1"
        )
        assert row["estimate"] == pytest.approx(elasticity, abs=0.1)
        assert row["conf_low"] < elasticity < row["conf_high"]

    def test_a_lag_pairs_homicides_with_earlier_guards_and_a_lead_with_later_ones(self, fitted):
        assert fitted("guard-elasticity").period == ("2019-07", "2021-07")
        assert fitted("guard-elasticity", lag=3).period == ("2019-10", "2021-10")
        assert fitted("guard-elasticity", lag=-3).period == ("2019-04", "2021-04")

    def test_the_smallest_effect_that_could_be_seen_is_said(self, fitted):
        row = fitted("guard-elasticity").row(GUARDS, inference="crv1")
        # t(31): 2.0395 for the test at 5 %, 0.8534 for the power of 80 % (Bloom 1995).
        assert row["detectable"] == pytest.approx((2.0395 + 0.8534) * row["std_error"], rel=1e-4)
        assert any("not an effect" in note for note in fitted("guard-elasticity").notes)

    def test_the_correction_of_three_cells_is_seen(self, fitted):
        corrected = fitted("guard-elasticity").row(GUARDS, inference="crv1")["estimate"]
        as_found = fitted("guard-elasticity", corrections="off").row(GUARDS, inference="crv1")[
            "estimate"
        ]
        assert corrected != pytest.approx(as_found, abs=1e-3)

    def test_corrections_off_needs_the_panel_as_found(self, panel):
        with pytest.raises(RequestError, match="needs the panel as found"):
            fit_guard_elasticity(panel, corrections="off")

    def test_inegi_does_not_count_the_negative_control(self, panel):
        with pytest.raises(RequestError, match="use source=sesnsp"):
            fit_guard_elasticity(panel, source="inegi", outcome="negligent")

    @pytest.mark.parametrize("effects", ["state+month", "month", "state+month+trend"])
    def test_constant_guards_say_nothing(self, panel, effects):
        with pytest.raises(ModelError, match="do not vary"):
            fit_guard_elasticity(constant(panel), effects=effects)

    def test_a_lag_beyond_the_data_leaves_nothing(self, panel):
        with pytest.raises(ModelError, match="meet in 0 states and 0 months at lag 500"):
            fit_guard_elasticity(panel, lag=500)

    def test_no_homicides_at_all_leave_nothing(self, panel):
        with pytest.raises(ModelError, match="meet in 0 states"):
            fit_guard_elasticity(panel.assign(homicides_sesnsp=0))

    def test_two_states_are_too_few(self, panel):
        few = panel[panel["cve_ent"].isin(["09", "11"])]
        with pytest.raises(ModelError, match="2 states and 25 months.*at least three"):
            fit_guard_elasticity(few)

    @pytest.mark.parametrize("lag", ["3", 1.5])
    def test_a_lag_is_checked_before_it_is_used(self, panel, fitted, lag):
        if lag == "3":
            assert fit_guard_elasticity(panel, lag=lag).period == ("2019-10", "2021-10")
        else:
            with pytest.raises(RequestError, match="lag must be int"):
                fit_guard_elasticity(panel, lag=lag)

    def test_every_specification_stands_beside_the_main_one(self, panel, panel_as_found, fitted):
        table = select_specifications(panel, panel_as_found).set_index("specification")
        assert list(table.index) == list(SPECIFICATIONS)
        assert table.loc["other_source", "source"] == "inegi"
        for name in ("main", "lag", "between", "as_found"):
            expected = fitted("guard-elasticity", **SPECIFICATIONS[name]).row(
                GUARDS, inference="crv1"
            )
            assert table.loc[name, "estimate"] == pytest.approx(expected["estimate"], rel=1e-12)

    def test_each_state_is_left_out_once(self, panel, fitted):
        few = panel[panel["cve_ent"] <= "05"]
        table = select_leave_one_out(few).set_index("cve_ent")
        assert list(table.index) == ["01", "02", "03", "04", "05"]
        without = fit_guard_elasticity(few, drop="BCS").row(GUARDS, inference="crv1")
        assert table.loc["03", "estimate"] == pytest.approx(without["estimate"], rel=1e-12)


class TestAnnual:
    def test_the_four_correlations_stand_side_by_side(self, fitted):
        rows = fitted("guard-annual").tidy()
        assert rows["term"].tolist() == ["levels", "differences", "detrended", "time index"]
        assert rows["estimate"].abs().le(1).all()

    def test_a_total_from_the_press_is_said(self, fitted):
        (note,) = fitted("guard-annual").notes
        assert note.startswith("2025:")
        assert "from the press" in note

    def test_two_totals_of_one_december_are_said(self, fitted):
        notes = fitted("guard-annual", series="deployed").notes
        assert "2019: two totals, 74437 and 78699; the last is used" in notes

    def test_families_of_totals_are_not_mixed(self, strength):
        inegi = select_year_end(strength, "assigned_inegi").set_index("year")
        assert inegi.loc[2021, ["guards", "concept"]].tolist() == [
            100_365,
            "assigned_inegi_including_heads",
        ]
        assert inegi.loc[2023, ["guards", "concept"]].tolist() == [126_203, "assigned_inegi"]
        own = select_year_end(strength, "force_strength").set_index("year")
        assert own["concept"].eq("force_strength").all()
        assert own.loc[2023, "guards"] == 127_438

    def test_only_december_counts(self, strength):
        assert select_year_end(strength, "deployed")["year"].tolist() == [
            2019,
            2020,
            2022,
            2024,
            2025,
        ]

    def test_three_years_are_too_few(self, national_year, strength):
        early = national_year[national_year["year"] <= 2022]
        with pytest.raises(ModelError, match="meet in 3 years; four are needed") as error:
            fit_guard_annual(early, strength)
        assert error.value.exit_code == 1

    def test_an_unknown_series_is_refused(self, national_year, strength):
        with pytest.raises(RequestError, match="Accepted: force_strength, assigned_inegi") as error:
            fit_guard_annual(national_year, strength, series="planned")
        assert error.value.exit_code == 2

    def test_every_pair_of_series_and_source_is_shown(self, national_year, strength):
        table = select_annual(national_year, strength)
        assert len(table) == 24
        assert not table.duplicated(["series", "source", "term"]).any()


def test_where_a_state_lacks_guards_in_a_month_the_others_swap_in_the_whole_months(panel):
    month = panel["month"].eq("2020-05")
    guards = panel[["guards", "guards_per_100k"]]
    gap = panel["cve_ent"].eq("11") & month
    lacking = fit_guard_elasticity(panel.assign(**guards.mask(gap)))
    without = fit_guard_elasticity(panel.assign(**guards.mask(month)))
    swapped = ["estimate", "statistic", "p_value", "conf_low", "conf_high"]
    one, other = (result.rows.set_index("inference") for result in (lacking, without))
    pd.testing.assert_series_equal(
        one.loc["permutation", swapped], other.loc["permutation", swapped]
    )
    assert one.loc["crv1", "estimate"] != other.loc["crv1", "estimate"]
    assert lacking.observations == without.observations + 31
    assert any("months with a figure" in note for note in lacking.notes)
    assert not any("months with a figure" in note for note in without.notes)


def test_without_three_whole_months_nothing_is_swapped_and_a_note_says_so(panel):
    months = sorted(panel.loc[panel["guards"].notna(), "month"].unique())
    gap = panel["cve_ent"].eq("11") & panel["month"].isin(months[2:])
    guards = panel[["guards", "guards_per_100k"]].mask(gap)
    result = fit_guard_elasticity(panel.assign(**guards))
    assert "permutation" not in set(result.rows["inference"])
    assert any("at least three are needed" in note for note in result.notes)
