"""What each official producer's figures become, and the sums that must come out."""

import pandas as pd
import pytest

from analysis.cleaning.conapo import read_population
from analysis.cleaning.guard import read_deployment
from analysis.cleaning.inegi import build_completeness, read_deaths, read_totals
from analysis.cleaning.sesnsp import COLUMNS, read_victims
from analysis.sources import read_raw


@pytest.fixture(scope="module")
def victims():
    return read_victims()


@pytest.fixture(scope="module")
def completeness():
    return build_completeness(read_deaths(), read_totals())


def year(table):
    return table["month"].dt.year


def transitions(corrected):
    """Tell for each month after the first whether no state moved."""
    table = read_deployment(corrected=corrected)
    wide = table.pivot(index="month", columns="cve_ent", values="guards")
    return wide.diff().iloc[1:].eq(0).all(axis=1)


@pytest.mark.parametrize(("crime", "column"), COLUMNS.items())
def test_victims_by_means_add_to_the_victims_of_a_month(victims, crime, column):
    raw = read_raw("sesnsp_victims_state_month")
    assert victims[column].sum() == raw.loc[raw["crime"] == crime, "victims"].sum()
    assert len(victims) == 32 * 126


@pytest.mark.parametrize(("when", "count"), [(2015, 17_884), (2024, 30_046)])
def test_sesnsp_counts_as_published(victims, when, count):
    assert victims.loc[year(victims) == when, "homicides_sesnsp"].sum() == count


def test_sesnsp_counts_163_921_in_the_first_five_years_of_lopez_obrador(victims):
    inside = victims["month"].between("2018-12", "2023-11")
    assert victims.loc[inside, "homicides_sesnsp"].sum() == 163_921


def test_a_month_of_which_one_means_is_missing_is_missing(project):
    cell = {"cve_ent": "14", "month": "2020-01", "crime": "intentional_homicide", "means": "blade"}
    change = {"column": "victims", "found": 14, "right": None, "rows": 1}
    told = {"reason": "a test", "proof": "a test"}
    correction = {"id": "one", "where": cell, "flag": "sesnsp_missing", **change, **told}
    project.describe("sesnsp_victims_state_month", corrections=[correction])
    month = read_victims().set_index(["cve_ent", "month"]).loc[("14", pd.Timestamp("2020-01"))]
    assert month["homicides_sesnsp"] is pd.NA
    assert month[["femicides", "negligent_homicides"]].notna().all()
    assert month["flags"] == "sesnsp_missing"


def test_inegi_counted_20_762_homicides_in_2015():
    totals = read_totals().set_index("year")
    assert totals.loc[2015, ["homicides_inegi", "status_inegi"]].tolist() == [20_762, "final"]


def test_a_final_total_comes_before_a_preliminary_one():
    totals = read_totals().set_index("year")
    assert totals.loc[2023, ["homicides_inegi", "preliminary_inegi"]].tolist() == [32_252, 31_062]
    assert totals.index.is_unique
    assert list(totals.index) == list(range(1990, 2025))


def test_states_and_deaths_abroad_add_to_the_official_total():
    raw = read_raw("inegi_homicides_state_year")
    sums = raw.groupby("year")["homicides"].sum()
    totals = read_totals().set_index("year")["homicides_inegi"]
    assert (totals.loc[sums.index] == sums).all()


def test_the_monthly_table_of_inegi_is_complete_to_2015(completeness):
    assert completeness.loc[2000:2015].round(2).between(0.98, 1.02).all()


@pytest.mark.parametrize(
    ("when", "share"),
    [(2017, 0.989), (2018, 0.938), (2019, 0.962), (2020, 0.973), (2021, 0.962), (2022, 0.933)],
)
def test_the_monthly_table_of_inegi_falls_short_after_2016(completeness, when, share):
    assert completeness[when] == pytest.approx(share, abs=5e-4)


def test_the_years_that_fall_short_are_marked():
    deaths = read_deaths()
    marked = deaths[deaths["flags"].str.contains("inegi_incomplete")]
    assert sorted(year(marked).unique()) == [2018, 2019, 2020, 2021, 2022]
    assert len(marked) == 5 * 12 * 32


def test_99_946_guards_were_deployed_in_july_2021():
    table = read_deployment()
    assert table.loc[table["month"] == "2021-07", "guards"].sum() == 99_946


def test_ten_of_24_transitions_of_the_guard_change_nothing():
    assert len(transitions(corrected=True)) == 24
    assert transitions(corrected=True).sum() == 10


def test_the_exchanged_cells_hide_one_of_the_repeats():
    assert transitions(corrected=False).sum() == 9


def test_february_2021_repeats_november_2020_in_all_32_states():
    table = read_deployment()
    wide = table.pivot(index="cve_ent", columns="month", values="guards")
    assert (wide[pd.Timestamp("2021-02")] == wide[pd.Timestamp("2020-11")]).sum() == 32
    assert not (wide[pd.Timestamp("2021-02")] == wide[pd.Timestamp("2021-01")]).all()


def test_repeated_months_are_marked_in_every_state():
    table = read_deployment()
    stale = table["flags"].str.contains("guards_stale")
    still = transitions(corrected=True)
    repeats = {*still.index[still], pd.Timestamp("2021-02")}
    assert set(table.loc[stale, "month"]) == repeats
    assert stale.sum() == 32 * len(repeats) == 32 * 11


def test_population_has_one_row_a_state_and_year():
    people = read_population()
    assert list(people.columns) == ["cve_ent", "year", "population"]
    assert not people.duplicated(["cve_ent", "year"]).any()
    assert len(people) == 32 * 51
