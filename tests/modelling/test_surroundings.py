"""What surrounds homicide: periods as written, nothing lost, nothing joined across a gap."""

import pandas as pd
import pytest

from analysis.cleaning.build import load_table
from analysis.errors import ModelError
from analysis.modelling.coverage import select_coverage, select_gaps
from analysis.modelling.harms import (
    select_arms,
    select_fentanyl,
    select_firearms,
    select_fuel,
    select_kidnapping,
    select_missing,
    select_register,
)
from analysis.modelling.money import (
    ECONOMY,
    select_budget,
    select_expenditure,
    select_gdp,
    select_guard_money,
    select_releases,
    select_unheld,
    select_vintages,
)
from analysis.modelling.periods import COLUMNS, count_months, find_runs, read_period
from analysis.modelling.surroundings import select_parts, select_survey, select_troops

# Each selection with its raw tables and the number of figures it must give.
SERIES = {
    select_expenditure: (["military_expenditure"], 35 + 35 + 31),
    select_releases: (["military_expenditure"], 7 + 8),
    select_gdp: (["military_expenditure"], 36),
    select_budget: (["security_budget"], 54),
    select_guard_money: (["security_budget"], 5),
    select_troops: (["troops_public_security"], 22),
    select_survey: (["envipe_national", "envipe_state_perception"], 29 + 15),
    select_firearms: (["homicide_firearm_share", "us_firearms_and_fentanyl"], 29 + 3),
    select_arms: (["us_firearms_and_fentanyl"], 6),
    select_fentanyl: (["us_firearms_and_fentanyl"], 7),
    select_fuel: (["fuel_theft_and_kidnapping"], 29),
    select_kidnapping: (["fuel_theft_and_kidnapping"], 15),
    select_missing: (["disappeared_national_year"], 37),
}
every_selection = pytest.mark.parametrize("select", SERIES, ids=lambda select: select.__name__)


def tables(select):
    return [load_table(name) for name in SERIES[select][0]]


def numbers(table):
    """The figures of a raw table, whatever its column is called."""
    names = ["value", "value_pct", "still_missing", "unsafe_per_100k_adults"]
    column = table[next(name for name in names if name in table)].astype("float64")
    return column / 1000 if column.name == "unsafe_per_100k_adults" else column


def figure(rows, series, period):
    return rows[(rows["series"] == series) & (rows["period"] == period)].iloc[0]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2018", "2018-01", "2018-12"),
        ("2021-04-21", "2021-04", "2021-04"),
        ("2024-06", "2024-06", "2024-06"),
        ("2018 Jan-Sep", "2018-01", "2018-09"),
        ("2020 Jan-Jul average", "2020-01", "2020-07"),
        ("2016 average", "2016-01", "2016-12"),
        ("2023 (liquid fuels only)", "2023-01", "2023-12"),
        ("2025 Jan-Aug (calendar)", "2025-01", "2025-08"),
        ("2014-2018", "2014-01", "2018-12"),
        ("2012-2018 (Peña Nieto)", "2012-12", "2018-11"),
        ("FY2022", "2021-10", "2022-09"),
        ("FY2025 Oct-Apr", "2024-10", "2025-04"),
        ("FY2025 Jan-Mar", "2025-01", "2025-03"),
        ("2025 to 2025-05-01", "2025-01", "2025-05"),
    ],
)
def test_a_period_is_read_as_it_is_written(text, first, last):
    assert read_period(text) == (pd.Timestamp(first), pd.Timestamp(last))


@pytest.mark.parametrize("text", ["undated", "", "2018 Jan-Set", "20188"])
def test_a_period_that_can_not_be_read_is_refused(text):
    with pytest.raises(ModelError):
        read_period(text)


@every_selection
def test_every_figure_of_the_table_is_there_once_with_its_source(select):
    rows = select(*tables(select))
    assert list(rows.columns) == list(COLUMNS)
    assert len(rows) == SERIES[select][1]
    assert rows.attrs["sources"] == SERIES[select][0]
    known = pd.concat([numbers(table) for table in tables(select)])
    assert rows["value"].isin(known).all()
    assert rows[["panel", "series", "source", "source_url", "unit"]].notna().all(axis=None)
    assert rows["unit"].ne("").all()


@every_selection
def test_rows_may_come_in_any_order_and_stay_as_they_were(select):
    given = tables(select)
    before = [table.copy() for table in given]
    expected = select(*given)
    for table, copy in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)
    shuffled = select(*(table.sample(frac=1, random_state=3) for table in given))
    columns = ["panel", "series", "period", "value", "source"]
    pd.testing.assert_frame_equal(
        shuffled[columns].sort_values(columns, ignore_index=True),
        expected[columns].sort_values(columns, ignore_index=True),
    )


@every_selection
def test_a_line_joins_equal_periods_of_one_source_twelve_months_apart(select):
    rows = select(*tables(select))
    for __, run in rows.groupby("run"):
        assert run[["panel", "series", "source"]].nunique().eq(1).all()
        assert len(run) == 1 or not run["status"].isin(["press-report", "preliminary"]).any()
        assert len({*count_months(run)}) == 1
        starts = run["first"].dt.year * 12 + run["first"].dt.month
        assert starts.diff().dropna().eq(12).all()


def test_a_missing_year_breaks_a_line():
    table = load_table("military_expenditure")
    whole = select_gdp(table)
    broken = select_gdp(table[table["year"] != 2003])
    assert set(whole["run"]) == {1}
    assert broken.groupby("run")["period"].agg(["first", "last"]).to_numpy().tolist() == [
        ["1990", "2002"],
        ["2004", "2025"],
    ]


def test_figures_of_two_newspapers_are_not_joined():
    rows = select_gdp(load_table("military_expenditure"))
    rows.loc[rows["period"] == "2010", "source"] = "another"
    runs = find_runs(rows)
    assert runs.nunique() == 3
    assert runs.value_counts().min() == 1


def test_press_reports_of_one_newspaper_are_points_and_tables_of_producers_lines():
    fuel = select_fuel(load_table("fuel_theft_and_kidnapping"))
    assert fuel["run"].is_unique
    files = select_kidnapping(load_table("fuel_theft_and_kidnapping"))
    assert files.loc[files["panel"] == "kidnapping_files", "run"].nunique() == 2  # and a half year
    rows = select_gdp(load_table("military_expenditure"))
    assert find_runs(rows.assign(status="press-report")).is_unique
    # One press report among a series' figures is enough: its headline is final to 2014 only.
    survey = select_survey(load_table("envipe_national"), load_table("envipe_state_perception"))
    assert survey.loc[survey["series"] == "headline", "run"].is_unique
    assert len({*survey.loc[survey["series"] == "rates", "run"]}) == 1


def test_the_series_of_the_world_bank_is_not_called_final():
    table = load_table("military_expenditure")
    assert set(select_gdp(table)["status"]) == {"as kept"}
    rows = select_expenditure(table)
    assert set(rows.loc[rows["panel"] == "gdp_share", "status"]) == {"as kept"}
    assert set(rows.loc[rows["panel"] == "constant_2019", "status"]) == {"final"}


def test_vintages_of_one_year_stand_side_by_side():
    rows = select_vintages(load_table("military_expenditure")).set_index(["year", "vintage"])
    assert rows.loc[(2022, 2023), "released"] == 8_535_000_000
    assert rows.loc[(2022, 2023), "current"] == 10_060_522_220
    assert rows.loc[(2022, 2023), "difference"] == pytest.approx(17.87, abs=0.01)
    assert pd.isna(rows.loc[(2019, 2020), "current"])  # dollars of 2018 are another unit
    assert len(rows) == 9


def test_releases_are_series_of_their_own():
    rows = select_releases(load_table("military_expenditure"))
    assert set(rows["series"]) == {
        *("current", "sipri_2021", "sipri_2023", "sipri_2024", "sipri_2025")
    }
    released = rows[rows["series"] == "sipri_2023"]
    assert list(released["period"]) == ["2018", "2019", "2021", "2022"]
    assert released["run"].is_unique


def test_nothing_approved_is_no_figure_of_zero():
    rows = select_budget(load_table("security_budget"))
    nil = rows[rows["mark"] == "nil"]
    assert nil[["panel", "series", "period", "value"]].to_numpy().tolist() == [
        ["security", "approved", "2019", 0.0]
    ]
    gaps = select_gaps(select_coverage(rows)).set_index(["panel", "series"])
    assert gaps.loc[("security", "approved"), "first"] == 2020


def test_money_of_the_guard_keeps_its_units_apart():
    rows = select_guard_money(load_table("security_budget"))
    assert rows.groupby("unit").size().to_dict() == {"constant 2018 MXN": 1, "current MXN": 4}
    joint = rows[rows["series"].str.contains("state police")].iloc[0]
    assert joint["note"].startswith("GN = 26.0 %")


def test_totals_of_troops_against_their_parts():
    rows = select_parts(load_table("troops_public_security")).set_index("period")
    assert rows.loc["2024-06", ["total", "sum", "difference"]].tolist() == [274584, 181484, 93100]
    assert rows.loc["2024-06", "parts"] == "64186 + 8843 + 108455"
    assert rows.loc["2023-08", "difference"] == 261_644 - (115_713 + 145_995)
    assert rows.loc["2021-04-21", "difference"] == 0
    terms = rows[rows.index.str.contains("(", regex=False)]
    assert terms["sum"].tolist() == [49_650 + 14_453, 54_980 + 26_397]
    assert terms["difference"].tolist() == [0, 0]
    assert (
        terms["parts_source"].str.split("; ").map(set).tolist()
        == [{"Punto por Punto", "Incógnita"}] * 2
    )
    others = rows.drop(terms.index)
    assert (others["parts_source"] == others["source"]).all()


def test_troops_of_terms_averages_and_parts_of_an_unreached_total_are_marked():
    rows = select_troops(load_table("troops_public_security"))
    marked = rows[rows["mark"] == "average"]
    assert set(marked["period"]) == {"2016 average", "2020 Jan-Jul average"}
    terms = rows[rows["mark"] == "term"]
    assert list(terms["period"]) == ["2006-2012 (Calderón)", "2012-2018 (Peña Nieto)"]
    listed = rows[rows["mark"] == "listed"]
    assert listed[["panel", "period", "value"]].to_numpy().tolist() == [
        ["army", "2024-06", 64_186],
        ["navy_troops", "2024-06", 8_843],
    ]
    assert rows["run"].is_unique


def test_parts_that_reach_their_total_are_not_marked():
    table = load_table("troops_public_security")
    short = table["series"].eq("total deployed") & table["period"].eq("2024-06")
    reached = table.assign(value=table["value"].mask(short, 181_484))
    assert "listed" not in set(select_troops(reached)["mark"])


def test_crimes_stand_at_the_year_to_which_they_refer():
    rows = select_survey(load_table("envipe_national"), load_table("envipe_state_perception"))
    assert figure(rows, "unreported", "2024")["value"] == 93.2
    assert figure(rows, "rates", "2025")["value"] == pytest.approx(79.4267)
    doubtful = rows[rows["mark"] == "unverified"]
    assert doubtful[["series", "period", "value"]].to_numpy().tolist() == [
        ["main_problem", "2024", 60.7]
    ]


def test_half_years_and_preliminary_shares_are_marked():
    rows = select_firearms(*tables(select_firearms))
    half = rows[rows["period"] == "2025 Jan-Jun"]
    assert set(half["series"]) == {"sesnsp_all", "sesnsp_known", "inegi_preliminary"}
    assert half["mark"].eq("part").all()
    assert figure(rows, "inegi_final", "2024")["value"] == 71.5
    assert figure(rows, "inegi_preliminary", "2024")["mark"] == "preliminary"
    assert set(rows.loc[rows["series"] == "sesnsp_all", "unit"]) == {"% of all victims"}


def test_parts_of_fiscal_years_are_marked_and_2021_is_missing():
    rows = select_fentanyl(load_table("us_firearms_and_fentanyl"))
    assert set(rows.loc[rows["mark"] == "part", "period"]) == {
        *("FY2025 Oct-Apr", "2025 Jan-Aug (calendar)")
    }
    gaps = select_gaps(select_coverage(rows)).set_index("series")
    assert gaps.loc["nationwide", "years_lacking"] == "2021"
    assert gaps.loc["nationwide", ["whole", "other"]].tolist() == [4, 1]


def test_taps_of_three_definitions_never_share_a_panel():
    rows = select_fuel(load_table("fuel_theft_and_kidnapping"))
    taps = rows[rows["panel"].str.startswith("taps")]
    assert taps.groupby("panel").size().to_dict() == {
        "taps_liquid": 4,
        "taps_nine_months": 7,
        "taps_year": 6,
    }
    assert count_months(taps[taps["panel"] == "taps_nine_months"]).eq(9).all()
    assert rows.groupby("panel")["unit"].nunique().eq(1).all()


def test_files_and_survey_of_kidnapping_never_share_a_panel():
    rows = select_kidnapping(load_table("fuel_theft_and_kidnapping"))
    assert rows.groupby("panel")["series"].nunique().eq(1).all()
    assert figure(rows, "kidnapping_files", "2025 Jan-Jun")["mark"] == "part"
    gaps = select_gaps(select_coverage(rows)).set_index("series")
    assert gaps.loc["kidnapping_survey", "lacking"] == 7


def test_each_consultation_of_the_register_is_a_series():
    rows = select_missing(load_table("disappeared_national_year"))
    assert figure(rows, "2025-05-01", "2024")["value"] == 7_963
    assert figure(rows, "2026-07", "2024")["value"] == 12_619
    parts = rows[rows["mark"] == "part"]
    assert list(parts["period"]) == ["2025 to 2025-05-01", "2026 to 2026-07"]


def test_the_register_keeps_every_person():
    table = load_table("disappeared_state_year")
    rows = select_register(table)
    assert rows["persons"].sum() == table["persons"].sum() == 390_122
    undated = rows.loc[rows["year"] == "undated", "persons"].sum()
    assert undated == table.loc[table["year"] == "undated", "persons"].sum() == 39_065
    assert rows["consulted"].eq(pd.Timestamp("2026-07")).all()
    national = select_missing(load_table("disappeared_national_year"))
    missing = rows[(rows["category"] == "missing") & (rows["year"] == "2024")]
    assert missing["persons"].item() == figure(national, "2026-07", "2024")["value"]


def test_economic_claims_without_data_are_listed():
    rows = select_unheld(load_table("paper_claims"))
    assert tuple(rows["id"]) == ECONOMY


def test_coverage_finds_the_year_that_is_taken_away():
    table = load_table("military_expenditure")
    rows = select_gdp(table[~table["year"].isin([1994, 1995, 2001])])
    gaps = select_gaps(select_coverage(rows)).iloc[0]
    assert gaps["years_lacking"] == "1994;1995;2001"
    assert gaps[["first", "last", "whole", "other", "lacking"]].tolist() == [1990, 2025, 33, 0, 3]


def test_coverage_takes_the_strongest_figure_of_a_year():
    rows = select_troops(load_table("troops_public_security"))
    held = select_coverage(rows).set_index(["panel", "series", "year"])["held"]
    assert held[("army", "deployed", 2020)] == "part"  # an average of seven months, and a day
    assert held[("army", "deployed", 2021)] == "date"
    assert held[("navy_troops", "deployed", 2016)] == "part"
    assert ("forces", "military") not in held.index.droplevel("year")
