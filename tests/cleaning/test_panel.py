"""The panel: one row a state and month, nothing lost, nothing made up."""

import pandas as pd
import pytest

from analysis.cleaning.build import load_panel
from analysis.cleaning.panel import build_national_month, build_panel
from analysis.errors import RequestError
from analysis.sources import describe, read_raw

COLUMNS = [
    "cve_ent",
    "state",
    "month",
    "homicides_sesnsp",
    "homicides_inegi",
    "femicides",
    "negligent_homicides",
    "population",
    "person_years",
    "guards",
    "guards_per_100k",
    "rate_sesnsp",
    "rate_inegi",
    "flags",
]
# Where each column's figures come from: raw table, column, and the rows that count.
ORIGINS = {
    "homicides_sesnsp": ("sesnsp_victims_state_month", "victims", "intentional_homicide"),
    "femicides": ("sesnsp_victims_state_month", "victims", "femicide"),
    "negligent_homicides": ("sesnsp_victims_state_month", "victims", "negligent_homicide"),
    "homicides_inegi": ("inegi_homicides_state_month", "homicides", None),
    "guards": ("guard_deployment_state_month", "guards", None),
}
COVERED = {
    "homicides_sesnsp": ("2015-01", "2025-06"),
    "femicides": ("2015-01", "2025-06"),
    "negligent_homicides": ("2015-01", "2025-06"),
    "homicides_inegi": ("2000-01", "2022-12"),
    "guards": ("2019-07", "2021-07"),
}


def flagged(frame, flag):
    return frame["flags"].str.contains(flag)


def test_columns_are_those_of_the_contract(panel, panel_as_found):
    assert list(panel.columns) == COLUMNS
    assert list(panel_as_found.columns) == COLUMNS
    assert [field["name"] for field in describe("panel")["schema"]["fields"]] == COLUMNS


def test_a_row_is_a_state_and_month(panel):
    assert not panel.duplicated(["cve_ent", "month"]).any()
    assert len(panel) == 32 * 306
    assert panel["month"].dt.day.eq(1).all()
    assert panel.groupby("month")["cve_ent"].nunique().eq(32).all()
    assert panel.equals(panel.sort_values(["cve_ent", "month"], ignore_index=True))


@pytest.mark.parametrize("column", ORIGINS)
def test_totals_are_conserved_from_the_raw_table_to_the_panel(panel, column):
    table, figure, crime = ORIGINS[column]
    raw = read_raw(table)
    raw = raw[raw["crime"] == crime] if crime else raw
    assert panel[column].sum() == raw[figure].sum()


@pytest.mark.parametrize("column", COVERED)
def test_missing_is_never_zero(panel, column):
    covered = panel["month"].between(*COVERED[column])
    missing = flagged(panel, "sesnsp_missing") & (column not in ("homicides_inegi", "guards"))
    assert panel[column].notna().equals(covered & ~missing)
    assert panel[column].dtype == "Int64"


def test_nine_cells_of_oaxaca_are_missing_not_zero(panel, panel_as_found):
    missing = flagged(panel, "sesnsp_missing")
    assert panel.loc[missing, "state"].tolist() == ["Oaxaca"] * 9
    assert panel.loc[missing, ["homicides_sesnsp", "rate_sesnsp"]].isna().all(axis=None)
    assert panel_as_found.loc[missing, "homicides_sesnsp"].eq(0).all()


def test_corrections_touch_twelve_rows_and_nothing_else(panel, panel_as_found):
    touched = flagged(panel, "guards_corrected|sesnsp_missing")
    assert touched.sum() == 12
    figures = [column for column in COLUMNS if column != "flags"]
    same, found = panel.loc[~touched, figures], panel_as_found.loc[~touched, figures]
    pd.testing.assert_frame_equal(same, found)
    assert panel_as_found["flags"].eq("").all()


def test_rates_are_counts_over_exposure(panel):
    days = panel["month"].dt.days_in_month
    exposure = (panel["population"] * days / 365.25).astype("float64")
    assert panel["person_years"].to_numpy() == pytest.approx(exposure.to_numpy(), rel=1e-12)
    for source in ("sesnsp", "inegi"):
        known = panel.dropna(subset=[f"homicides_{source}"])
        rate = known[f"homicides_{source}"] / known["person_years"] * 100_000
        assert known[f"rate_{source}"].tolist() == pytest.approx(rate.tolist(), rel=1e-12)
    known = panel.dropna(subset=["guards"])
    per_100k = known["guards"] / known["population"] * 100_000
    assert known["guards_per_100k"].tolist() == pytest.approx(per_100k.tolist(), rel=1e-12)


def test_the_years_exposure_is_the_population_times_its_days(panel):
    by = [panel["cve_ent"], panel["month"].dt.year.rename("year")]
    sums = panel.groupby(by).agg(
        people=("population", "first"), exposure=("person_years", "sum"), months=("month", "size")
    )
    sums = sums[sums["months"] == 12].reset_index()
    days = sums["year"].mod(4).eq(0).map({True: 366, False: 365})
    expected = (sums["people"] * days / 365.25).astype("float64")
    assert sums["exposure"].tolist() == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("column", ["homicides_sesnsp", "population", "person_years"])
def test_national_sums_are_state_sums(panel, national_month, column):
    sums = panel.groupby("month")[column].sum(min_count=1).tolist()
    known = [i for i, value in enumerate(sums) if not pd.isna(value)]
    national = national_month[column].tolist()
    assert [national[i] for i in known] == pytest.approx([sums[i] for i in known], rel=1e-12)


def test_the_inegi_count_of_the_same_cells_stands_in_for_oaxaca(panel, national_month):
    missing = flagged(panel, "sesnsp_missing")
    assert panel.loc[missing, "homicides_inegi"].sum() == 577
    assert national_month["filled_deaths"].sum() == 577
    assert national_month["filled_cells"].sum() == 9
    filled = national_month[flagged(national_month, "sesnsp_filled")]
    assert filled["month"].tolist() == panel.loc[missing, "month"].tolist()
    difference = filled["homicides_sesnsp_filled"] - filled["homicides_sesnsp"]
    assert difference.tolist() == panel.loc[missing, "homicides_inegi"].tolist()


def test_no_month_before_the_first_of_sesnsp_is_filled(national_month):
    before = national_month[national_month["month"] < "2015-01"]
    assert before[["homicides_sesnsp", "homicides_sesnsp_filled"]].isna().all(axis=None)
    assert before["filled_cells"].eq(0).all()


def test_selecting_months_commutes_with_summing(panel, national_month):
    chosen = panel["month"].between("2015-06", "2019-07")
    summed = build_national_month(panel[chosen])
    selected = national_month[national_month["month"].between("2015-06", "2019-07")]
    pd.testing.assert_frame_equal(summed, selected.reset_index(drop=True))


def test_summing_does_not_depend_on_the_order_of_rows(panel, national_month):
    summed = build_national_month(panel.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(summed, national_month, rtol=1e-12)


def test_building_leaves_the_panel_as_it_was(panel):
    before = panel.copy()
    build_national_month(panel)
    pd.testing.assert_frame_equal(panel, before)


def test_building_from_the_raw_tables_gives_what_was_loaded(panel):
    pd.testing.assert_frame_equal(build_panel(), panel)


def test_yearly_sums_are_sums_of_complete_years(national_month, national_year):
    years = national_year.set_index("year")
    monthly = national_month.groupby(national_month["month"].dt.year)["homicides_sesnsp_filled"]
    for year in range(2015, 2025):
        assert years.loc[year, "homicides_sesnsp_filled"] == monthly.sum()[year]
    assert years.loc[2015, "homicides_sesnsp"] == 17_884
    assert years.loc[2015, "homicides_inegi"] == 20_762
    assert years.loc[:2014, "homicides_sesnsp"].isna().all()


def test_the_half_year_of_2025_is_not_a_year(national_month, national_year):
    half = national_month.loc[national_month["month"].dt.year == 2025, "homicides_sesnsp"].sum()
    row = national_year.set_index("year").loc[2025]
    assert row["flags"] == "sesnsp_preliminary;sesnsp_press"
    assert row["homicides_sesnsp"] == 23_243 > half


def test_preliminary_months_keep_their_mark_in_the_national_series(national_month):
    preliminary = national_month["month"].between("2025-01", "2025-06")
    assert flagged(national_month, "sesnsp_preliminary").equals(preliminary)


def test_corrections_are_on_or_off():
    with pytest.raises(RequestError, match="Accepted: on, off") as error:
        load_panel(corrections="maybe")
    assert error.value.exit_code == 2
