"""Rows chosen, summed and set side by side for the reports."""

import numpy as np
import pandas as pd
import pytest

from analysis.cleaning.build import load_table
from analysis.errors import ModelError, RequestError
from analysis.modelling.inference import wilson
from analysis.modelling.selection import (
    select_half_years,
    select_known,
    select_marks,
    select_quarters,
    select_recent_rates,
    select_since,
    select_strength,
    select_twelve_months,
)
from analysis.modelling.states import (
    select_deployment,
    select_disappeared,
    select_neighbours,
    select_perception,
    select_state,
    select_weapons,
    select_years,
)


def test_a_state_is_chosen_by_any_name_in_order_of_time(panel):
    rows = select_state(panel.sample(frac=1, random_state=1), "gto")
    assert rows["state"].eq("Guanajuato").all()
    assert rows["month"].is_monotonic_increasing
    assert len(rows) == 306


def test_an_unknown_state_is_refused(panel):
    with pytest.raises(RequestError, match="nearest: Guanajuato"):
        select_state(panel, "Guanjuato")


@pytest.mark.parametrize(
    "select",
    [
        lambda panel: select_state(panel, "11"),
        lambda panel: select_since(panel, "2019-07"),
    ],
)
def test_chosen_rows_keep_their_figures_and_sources(panel, select):
    rows = select(panel)
    pd.testing.assert_frame_equal(rows, panel.loc[rows.index])
    assert rows.attrs == panel.attrs


def test_rows_chosen_by_a_figure_name_its_sources_only(panel):
    rows = select_known(panel, "guards")
    assert len(rows) == 800
    assert rows.attrs["sources"] == ["guard_deployment_state_month", "conapo_population_state_year"]


def test_half_years_stand_side_by_side():
    tables = load_table("inegi_homicides_national"), load_table("national_month")
    halves = select_half_years(*tables).set_index("year")
    assert halves["homicides_inegi"].to_dict() == {2024: 16_306, 2025: 14_488}
    assert halves["homicides_sesnsp"].to_dict() == {2024: 15_104, 2025: 12_752}


def test_since_and_known_choose_what_they_say(panel):
    assert select_since(panel, "2019-07")["month"].min() == pd.Timestamp("2019-07")
    known = select_known(panel, "guards")
    assert known["guards"].notna().all()
    assert len(known) == 800


def test_the_rate_of_twelve_months_is_their_homicides_over_their_exposure(panel):
    rows = select_twelve_months(panel).set_index(["cve_ent", "month"])
    year = panel[panel["cve_ent"].eq("11") & panel["month"].between("2018-02", "2019-01")]
    expected = year["homicides_sesnsp"].sum() / year["person_years"].sum() * 100_000
    found = rows.loc[("11", pd.Timestamp("2019-01")), "year_rate_sesnsp"]
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_rate_of_twelve_months_is_missing_where_a_month_is(panel):
    rates = select_twelve_months(panel).set_index(["state", "month"])["year_rate_sesnsp"]
    assert rates["Oaxaca"][:"2017-09"].isna().all()
    assert rates["Oaxaca"]["2017-10":].notna().all()
    assert rates["Guanajuato"][:"2015-11"].isna().all()
    assert rates["Guanajuato"]["2015-12":].notna().all()


def test_the_nations_twelve_months_are_filled(national_month):
    rates = select_twelve_months(national_month).set_index("month")["year_rate_sesnsp"]
    assert rates["2015-12":].notna().all()


def test_quarters_end_in_march_june_september_and_december(panel):
    rows = select_quarters(panel, "guards")
    assert sorted(rows["month"].dt.month.unique()) == [3, 6, 9, 12]
    assert len(rows) == 32 * 8


class TestRecentRates:
    def test_they_cover_the_last_twelve_months(self, panel):
        rates = select_recent_rates(panel)
        recent = panel[panel["month"].between("2024-07", "2025-06")]
        assert rates["homicides"].sum() == recent["homicides_sesnsp"].sum()
        assert rates["first"].eq(pd.Timestamp("2024-07")).all()
        assert rates["last"].eq(pd.Timestamp("2025-06")).all()

    def test_the_highest_rate_is_the_first(self, panel):
        rates = select_recent_rates(panel).sort_values("rank")
        assert rates["rate"].is_monotonic_decreasing
        assert rates["rank"].iloc[0] == 1

    def test_intervals_are_exact(self):
        # Garwood 1936, Biometrika 28, 437-442: 95 % limits of a Poisson mean of 10, and of none.
        months = pd.date_range("2024-07", periods=12, freq="MS")
        rows = pd.DataFrame({"month": months, "person_years": 100_000 / 12})
        ten = rows.assign(cve_ent="01", state="A", homicides_sesnsp=[10] + [0] * 11)
        none = rows.assign(cve_ent="02", state="B", homicides_sesnsp=0)
        rates = select_recent_rates(pd.concat([ten, none])).set_index("state")
        assert rates.loc["A", ["conf_low", "conf_high"]].tolist() == pytest.approx(
            [4.795, 18.390], abs=1e-3
        )
        assert rates.loc["B", ["conf_low", "conf_high"]].tolist() == pytest.approx(
            [0, 3.689], abs=1e-3
        )

    def test_eleven_months_are_too_few(self, panel):
        with pytest.raises(ModelError, match="has 11 months; twelve are needed"):
            select_recent_rates(panel[panel["month"] < "2015-12"])


class TestYears:
    def test_a_year_with_a_missing_month_is_missing(self, panel):
        oaxaca = select_years(panel, "Oaxaca").set_index("year")["homicides_sesnsp"]
        assert oaxaca[[2015, 2016]].isna().all()
        assert oaxaca[2017:2024].notna().all()

    def test_half_a_year_is_not_a_year(self, panel):
        assert select_years(panel, "11")["year"].max() == 2024

    def test_a_year_is_the_sum_of_its_months(self, panel):
        row = select_years(panel, "11").set_index("year").loc[2019]
        months = panel[panel["cve_ent"].eq("11") & panel["month"].dt.year.eq(2019)]
        assert row["homicides_inegi"] == months["homicides_inegi"].sum()
        rate = months["homicides_sesnsp"].sum() / months["person_years"].sum() * 100_000
        assert row["rate_sesnsp"] == pytest.approx(rate, rel=1e-12)
        assert "inegi_incomplete" in row["flags"]

    def test_a_rank_says_among_how_many_states_it_is(self, panel):
        rows = select_years(panel, "Yucatán").set_index("year")
        # Oaxaca lacks months of 2015 and 2016.
        assert rows.loc[2015:2017, "ranked_sesnsp"].tolist() == [31, 31, 32]
        assert rows.loc[2015, "ranked_inegi"] == 32


@pytest.fixture(scope="module")
def weapons():
    return select_weapons(load_table("sesnsp_victims_state_month"), "11")


class TestWeapons:
    def test_the_nation_is_the_sum_of_the_states(self, weapons):
        victims = load_table("sesnsp_victims_state_month")
        firearm = victims[victims["means"].eq("firearm") & victims["month"].dt.year.eq(2020)]
        row = weapons.query("place == 'nation' and year == 2020").iloc[0]
        assert row["firearm"] == firearm["victims"].sum()

    def test_a_share_is_of_known_means_and_lies_in_its_interval(self, weapons):
        assert weapons["share"].tolist() == (weapons["firearm"] / weapons["known"]).tolist()
        assert weapons["share"].between(weapons["conf_low"], weapons["conf_high"]).all()

    def test_the_interval_is_that_of_wilson(self):
        # 81 of 263: 0.255 to 0.366 (Newcombe 1998, Statistics in Medicine 17, 857-872, table I).
        low, high = wilson(pd.Series([81]), pd.Series([263]))
        assert [low[0], high[0]] == pytest.approx([0.2553, 0.3662], abs=5e-5)

    def test_months_with_figures_are_counted(self):
        rows = select_weapons(load_table("sesnsp_victims_state_month"), "Oaxaca")
        rows = rows.set_index(["place", "year"])[["months", "months_due"]]
        assert rows.loc[("state", 2015)].tolist() == [4, 12]
        assert rows.loc[("nation", 2015)].tolist() == [376, 384]
        assert rows.loc[("state", 2025)].tolist() == [6, 6]

    def test_victims_of_one_state_are_no_nation(self):
        one = load_table("sesnsp_victims_state_month", state="11")
        with pytest.raises(ModelError, match="no row of 31 states.*without state="):
            select_weapons(one, "11")


def test_a_state_stands_beside_the_nation():
    perception = select_perception(load_table("envipe_state_perception"), "Guanajuato")
    assert set(perception["cve_ent"]) == {"00", "11"}
    assert perception["unsafe"].between(0, 100).all()
    assert set(perception.loc[perception["place"] == "nation", "name"]) == {"Mexico"}


def test_the_nations_guards_are_the_sum_of_the_states(panel):
    rows = select_deployment(panel, "Guanajuato")
    nation = rows[rows["cve_ent"] == "00"].set_index("month")
    assert nation.loc["2021-07-01", "guards"] == 99_946
    assert nation["flags"].eq("guards_stale").sum() == 11
    per_100k = nation["guards"] / nation["population"] * 100_000
    assert nation["guards_per_100k"].tolist() == pytest.approx(per_100k.tolist(), rel=1e-12)


def test_persons_without_a_date_stay_among_the_disappeared():
    table = load_table("disappeared_state_year")
    rows = select_disappeared(table, "Guanajuato")
    assert rows["persons"].sum() == table.loc[table["cve_ent"] == "11", "persons"].sum()


def test_neighbours_stand_with_the_state_in_order_of_rate(panel, fitted):
    rates, trends = select_recent_rates(panel), fitted("state-trend").tidy()
    near = select_neighbours(rates, trends, "Yucatán")
    assert set(near["state"]) == {"Yucatán", "Campeche", "Quintana Roo"}
    assert near["rank"].is_monotonic_increasing
    trend = trends.set_index("cve_ent")["estimate"]
    assert near["trend"].tolist() == trend[near["cve_ent"]].tolist()


def test_dated_totals_of_the_guard_have_a_month_and_one_figure_of_inegi_each(strength):
    rows = select_strength(strength)
    assert rows["month"].notna().all()
    assert "assigned_inegi_including_heads" not in set(rows["concept"])
    inegi = rows[rows["concept"] == "assigned_inegi"]
    assert not inegi["month"].duplicated().any()
    assert set(inegi["month"].dt.year) == {2020, 2021, 2022, 2023, 2024}


def test_every_flag_is_listed_with_its_cells(panel):
    marks = select_marks(panel)
    assert marks.groupby("flag")["cells"].sum()["guards_stale"] == 352
    oaxaca = marks[marks["flag"] == "sesnsp_missing"]
    assert oaxaca[["state", "cells"]].to_numpy().tolist() == [["Oaxaca", 9]]
    separate = panel["flags"].str.split(";").explode()
    assert marks["cells"].sum() == np.count_nonzero(separate != "")
