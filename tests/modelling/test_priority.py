"""What is held for the priority cities and states: kinds kept apart, gaps kept, chance counted."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import analysis as an
from analysis.errors import ModelError
from analysis.modelling.priority import MONTHLY_FILES
from analysis.modelling.priority_states import PRIORITY_STATES
from analysis.sources import read_rows

TABLE = "homicides_priority_cities"


@pytest.fixture(scope="module")
def table():
    return an.load_table(TABLE)


@pytest.fixture(scope="module")
def files(table):
    return an.select_city_files(table)


def raw(place, **wanted):
    rows = [row for row in read_rows(TABLE) if row["place"] == place]
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def half_years(before, after):
    """Files of one city by month in the first halves of two years."""
    months = [*pd.date_range("2024-01", periods=6, freq="MS")]
    months += [*pd.date_range("2025-01", periods=6, freq="MS")]
    return pd.DataFrame(
        {
            "cvegeo": "99999",
            "place": "A",
            "month": months,
            "files": [*before, *after],
            "status": "final",
        }
    )


def test_every_row_of_a_city_goes_to_one_kind(table, files):
    totals = [row for row in read_rows(TABLE) if row["measure"] == MONTHLY_FILES[:-8]]
    states = [row for row in read_rows(TABLE) if len(row["cvegeo"]) == 2]
    deaths, quoted = an.select_city_deaths(table), an.select_city_figures(table)
    kept = len(deaths) + files["editions"].sum() + len(quoted)
    assert kept == len(read_rows(TABLE)) - len(totals) - len(states)
    assert len(deaths) == 10 * 26
    assert not quoted["measure"].str.contains("INEGI|month").any()


def test_deaths_are_the_rows_of_the_table(table):
    deaths = an.select_city_deaths(table).set_index(["place", "year"])["deaths"]
    row = raw(
        "Ciudad Juárez", period="2010", source="INEGI via aaronrudkin/INEGIMurderData@323cbfc"
    )
    assert deaths["Ciudad Juárez", 2010] == float(row[0]["value"]) == 3766


def test_a_month_that_two_editions_give_counts_once(files):
    assert not files.duplicated(["cvegeo", "month"]).any()
    twice = files[files["editions"] == 2]
    assert twice.groupby("place").size().to_dict() == {"Celaya": 18, "León": 18}
    assert twice["source"].str.contains("Nov 2025").all()


def test_months_add_to_the_yearly_files_of_the_same_edition(files):
    years = files.groupby(["place", files["month"].dt.year])["files"].sum()
    for row in read_rows(TABLE):
        if row["measure"] == MONTHLY_FILES.removesuffix(" (month)"):
            if row["period"] == "2025 Jan-Jun" and row["place"] in {"León", "Celaya"}:
                continue
            assert years[row["place"], int(row["period"][:4])] == float(row["value"]), row


def test_editions_that_differ_are_refused_with_city_and_month(table):
    wrong = table.copy()
    month = (wrong["place"] == "León") & (wrong["period"] == "2024-03")
    wrong.loc[wrong[month].index[0], "value"] += 1
    with pytest.raises(ModelError, match=r"León in 2024-03 \(2 rows"):
        an.select_city_files(wrong)


def test_the_order_of_rows_does_not_matter_and_the_table_is_untouched(table, files):
    before = table.copy()
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(an.select_city_files(shuffled), files)
    pd.testing.assert_frame_equal(table, before)


def test_coverage_says_year_part_or_none_for_every_city_kind_and_year(table):
    coverage = an.select_city_coverage(table)
    assert len(coverage) == 10 * 3 * 36
    held = coverage.set_index(["place", "kind", "year"])["held"]
    assert held["Tijuana", "deaths", 2015] == "year" and held["Tijuana", "deaths", 2016] == "none"
    assert held["Tijuana", "files", 2024] == "year" and held["Tijuana", "files", 2025] == "part"
    assert held["León", "files", 2019] == "none" and held["León", "files", 2020] == "year"
    # A year and ten months of 2019 are quoted for Tijuana: the year counts.
    assert held["Tijuana", "quoted", 2019] == "year"
    assert held["León", "quoted", 2019] == "part"
    # A quoted rate is no count.
    assert held["Colima", "quoted", 2024] == "none"


def test_gaps_are_the_years_without_any_official_figure(table):
    gaps = an.select_city_gaps(an.select_city_coverage(table)).set_index("place")
    assert gaps.loc["Tijuana", ["first", "last", "years"]].tolist() == [2016, 2023, 8]
    assert gaps.loc["Celaya", ["first", "last", "years"]].tolist() == [2016, 2019, 4]
    assert (gaps["years"] == 8).sum() == 8


def test_the_change_of_a_city_is_that_of_its_raw_rows(files):
    row = an.select_city_change(files).set_index("place").loc["Cajeme"]
    months = [r for r in raw("Cajeme", measure=MONTHLY_FILES) if r["period"][5:] <= "06"]
    sums = {
        year: sum(float(r["value"]) for r in months if r["period"][:4] == year)
        for year in ("2024", "2025")
    }
    assert [row["before"], row["after"]] == [*sums.values()] == [152, 188]
    assert row["estimate"] == pytest.approx((188 / 152 - 1) * 100)


def test_a_change_knows_its_preliminary_months_and_its_zeros(files):
    change = an.select_city_change(files).set_index("place")
    for city, row in change.iterrows():
        status = files[files["place"] == city].set_index("month")["status"]
        marked = [
            (status[f"{year}-01" : f"{year}-06"] == "preliminary").sum() for year in (2024, 2025)
        ]
        assert [row["preliminary_before"], row["preliminary_after"]] == marked
    assert change.index[change["preliminary_before"] == 0].sort_values().tolist() == [
        "Celaya",
        "León",
    ]
    assert change["preliminary_after"].eq(6).all()
    final = [r["status"] for r in raw("León", measure=MONTHLY_FILES, period="2024-03")]
    assert "final" in final and change.loc["León", "preliminary_before"] == 0
    assert change.loc[change["zeros"] != "", "zeros"].to_dict() == {"Colima": "2025-06"}
    plain = an.select_city_change(half_years([9] * 6, [0, 9, 9, 0, 9, 9])).iloc[0]
    assert plain["zeros"] == "2025-01 2025-04" and plain["preliminary_after"] == 0


def test_exact_ends_are_where_the_binomial_tail_is_one_fortieth(files):
    for row in an.select_city_change(files).itertuples():
        total = row.before + row.after
        low, high = (1 + end / 100 for end in (row.exact_low, row.exact_high))
        assert stats.binom.sf(row.after - 1, total, low / (1 + low)) == pytest.approx(0.025)
        assert stats.binom.cdf(row.after, total, high / (1 + high)) == pytest.approx(0.025)


def test_turning_time_round_turns_the_ratio_round(files):
    there = an.select_city_change(files).set_index("place")
    back = an.select_city_change(files, before=2025, after=2024).set_index("place")
    for low, high in (("exact_low", "exact_high"), ("conf_low", "conf_high")):
        turned = (1 / (1 + back[high] / 100) - 1) * 100
        assert np.allclose(there[low], turned.reindex(there.index))
    assert np.allclose(there["p_value"], back["p_value"].reindex(there.index))


def test_steady_months_keep_the_variance_of_chance():
    change = an.select_city_change(half_years([100] * 6, [50] * 6)).iloc[0]
    assert change["dispersion"] == 0
    error = np.sqrt(1 / 600 + 1 / 300)
    assert np.log1p(change["conf_high"] / 100) == pytest.approx(
        np.log(0.5) + stats.t.ppf(0.975, 10) * error
    )
    assert change["direction"] == "falling"


def test_months_that_scatter_widen_the_interval_and_leave_the_exact_one():
    steady = an.select_city_change(half_years([100] * 6, [80] * 6)).iloc[0]
    wild = an.select_city_change(half_years([10, 190] * 3, [8, 152] * 3)).iloc[0]
    assert wild["exact_low"] == steady["exact_low"]
    assert wild["conf_low"] < steady["conf_low"] and wild["conf_high"] > steady["conf_high"]
    assert (steady["direction"], wild["direction"]) == ("falling", "unclear")


@pytest.mark.parametrize("damage", [lambda rows: rows[:-1], lambda rows: rows.assign(files=0)])
def test_a_half_year_without_months_or_files_is_refused(damage):
    with pytest.raises(ModelError, match="six are needed"):
        an.select_city_change(damage(half_years([9] * 6, [9] * 6)))


def test_rates_of_states_are_victims_over_their_own_months(panel):
    rates = an.select_state_rates(panel).set_index(["state", "source", "year"])
    rows = panel[(panel["state"] == "Chiapas") & (panel["month"].dt.year == 2025)]
    last = rates.loc["Chiapas", "sesnsp", 2025]
    assert last["months"] == 6 and last["marked"]
    victims, years = rows["homicides_sesnsp"].sum(), rows["person_years"].sum()
    assert last["rate"] == pytest.approx(victims / years * 100_000)
    assert last["conf_low"] == pytest.approx(
        stats.chi2.ppf(0.025, 2 * victims) / 2 / years * 100_000
    )
    assert last["conf_high"] == pytest.approx(
        stats.chi2.ppf(0.975, 2 * victims + 2) / 2 / years * 100_000
    )


def test_full_years_of_states_agree_with_the_table_of_places(panel):
    rates = an.select_state_rates(panel)
    rates = rates[rates["source"] == "sesnsp"].set_index(["state", "year"])["homicides"]
    for state in PRIORITY_STATES:
        for row in raw(state):
            assert rates[state, int(row["period"][:4])] == float(row["value"]), row


def test_years_that_inegi_does_not_hold_whole_are_marked(panel):
    rates = an.select_state_rates(panel)
    marked = rates[(rates["source"] == "inegi") & rates["marked"]]
    assert {*marked["year"]} == {2018, 2019, 2020, 2021, 2022}
    assert {*rates[(rates["source"] == "sesnsp") & rates["marked"]]["year"]} == {2025}


def test_a_part_of_a_year_is_marked_without_any_flag(panel):
    rates = an.select_state_rates(panel.assign(flags=""))
    assert {*rates.loc[rates["marked"], "year"]} == {2025}


def test_states_come_in_the_order_asked_for(panel):
    assert list(dict.fromkeys(an.select_state_months(panel)["state"])) == [*PRIORITY_STATES]
    turned = an.select_state_months(panel, PRIORITY_STATES[::-1])
    assert list(dict.fromkeys(turned["state"])) == [*PRIORITY_STATES[::-1]]


def test_strategies_stand_side_by_side_and_none_is_lost():
    elements = an.load_table("strategy_elements")
    wide = an.select_strategies(elements)
    both = pd.concat([wide["element_2018"], wide["element_2024"]]).dropna()
    assert sorted(both) == sorted(elements["element"])
    assert wide["kind"].drop_duplicates().tolist() == [
        "pillar",
        "programme",
        "joint force",
        "institution",
    ]
    assert wide.loc[wide["kind"] == "joint force", "element_2018"].isna().all()
