"""Rates by administration and trends by state: what the rows say and when there are none."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.administrations import fit_administrations, select_administrations
from analysis.modelling.counts import fit_state_trend, select_trend_line

NEEDED = ["month", "person_years", "homicides_sesnsp_filled", "filled_cells", "filled_deaths"]


def simulate(years, *, change, level=60.0, seed=3):
    """Draw Poisson counts of one state from 2019-07 on whose rate changes by ``change`` a year."""
    months = pd.Series(pd.date_range("2019-07", periods=12 * years, freq="MS"))
    mean = level * (1 + change) ** (np.arange(len(months)) / 12)
    homicides = np.random.default_rng(seed).poisson(mean)
    frame = pd.DataFrame({"cve_ent": "11", "month": months, "homicides_sesnsp": homicides})
    return frame.assign(person_years=500_000.0)


class TestAdministrations:
    def test_a_rate_is_deaths_over_exposure(self, fitted, national_month):
        row = fitted("administrations", source="inegi").row("calderon")
        months = national_month[national_month["month"].between("2006-12", "2012-11")]
        rate = months["homicides_inegi"].sum() / months["person_years"].sum() * 100_000
        assert row["estimate"] == pytest.approx(rate, rel=1e-10)
        assert (row["months"], row["first"], row["last"]) == (72, "2006-12", "2012-11")

    def test_windows_that_are_compared_cover_the_same_calendar_months(self, fitted):
        for source in ("sesnsp", "inegi"):
            rows = fitted("administrations", source=source).tidy()
            ratios = rows[rows["term"].str.contains("/")]
            assert (ratios["first"].str[5:] == ratios["against_first"].str[5:]).all()
            assert (ratios["last"].str[5:] == ratios["against_last"].str[5:]).all()

    def test_rates_have_no_test_and_ratios_are_tested_against_one(self, fitted):
        rows = fitted("administrations").tidy()
        ratio = rows["term"].str.contains("/")
        assert rows["p_value"].notna().equals(ratio)
        beyond = (rows["conf_low"] > 1) | (rows["conf_high"] < 1)
        assert beyond[ratio].equals(rows["p_value"][ratio] < 0.05)

    def test_filled_cells_are_said(self, fitted):
        note = "9 missing SESNSP cells are filled by the INEGI count: 577 deaths"
        assert fitted("administrations").notes == (note,)
        assert fitted("administrations", source="inegi").notes == ()

    def test_both_sources_stand_under_each_other(self, national_month, fitted):
        both = select_administrations(national_month)
        assert both["source"].drop_duplicates().tolist() == ["sesnsp", "inegi"]
        assert len(both) == 12

    def test_a_frame_without_an_administration_is_refused(self, national_month):
        early = national_month[national_month["month"] < "2000-12"]
        with pytest.raises(ModelError, match="no administration has three months"):
            fit_administrations(early, source="inegi")

    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_an_administration_without_homicides_is_refused(self, national_month):
        with pytest.raises(ModelError, match="homicides"):
            fit_administrations(national_month.assign(homicides_sesnsp_filled=0))

    def test_the_documented_columns_are_enough(self, national_month):
        fit_administrations(
            national_month[["month", "person_years", "homicides_inegi"]], source="inegi"
        )

    def test_an_unknown_source_is_refused(self, national_month):
        with pytest.raises(RequestError, match="did you mean sesnsp") as error:
            fit_administrations(national_month, source="sesnps")
        assert error.value.exit_code == 2


class TestStateTrend:
    @pytest.mark.parametrize("change", [-0.2, 0.0, 0.3])
    def test_a_known_trend_lies_in_its_interval(self, change):
        row = fit_state_trend(simulate(6, change=change)).row("11")
        assert row["conf_low"] < change * 100 < row["conf_high"]
        assert row["estimate"] == pytest.approx(change * 100, abs=5)

    def test_direction_is_the_sign_where_the_q_value_is_sure(self, fitted):
        rows = fitted("state-trend").tidy().query("term != 'pooled'")
        sure = rows["q_value"] < 0.05
        assert rows.loc[~sure, "direction"].eq("unclear").all()
        assert rows.loc[sure & (rows["estimate"] > 0), "direction"].eq("rising").all()
        assert rows.loc[sure & (rows["estimate"] < 0), "direction"].eq("falling").all()

    def test_one_state_has_no_pooled_row(self, fitted):
        assert fitted("state-trend", state="Guanajuato").rows["term"].tolist() == ["11"]
        assert fitted("state-trend").rows["term"].tolist()[-1] == "pooled"

    def test_missing_months_are_left_out_not_counted_as_none(self, fitted):
        row = fitted("state-trend", start="2015-01", state="Oaxaca").row("20")
        assert row["months"] == 126 - 9

    def test_without_overdispersion_it_is_quasi_poisson_and_says_so(self):
        # Counts that vary less than chance: alternating around the mean by one.
        frame = simulate(4, change=0).assign(homicides_sesnsp=[20, 21] * 24)
        result = fit_state_trend(frame)
        assert result.row("11")["alpha"] == 0
        assert result.notes == ("Guanajuato: no overdispersion, quasi-Poisson instead",)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"state": "Guanjuato"}, "nearest: Guanajuato"),
            ({"source": "press"}, "unknown value of source"),
            ({"start": "2024-01", "end": "2020-01"}, "start before end"),
            ({"start": "2014-01"}, "sesnsp covers 2015-01"),
            ({"end": "2026-01"}, "sesnsp covers 2015-01 to 2025-06"),
            ({"start": "2024-01"}, "18 months; a trend needs at least 24"),
            ({"start": 2019}, "is not a month"),
        ],
    )
    def test_a_bad_request_is_refused(self, panel, parameters, message):
        with pytest.raises(RequestError, match=message) as error:
            fit_state_trend(panel, **parameters)
        assert error.value.exit_code == 2

    def test_a_state_without_homicides_has_no_trend(self, panel):
        colima = panel["cve_ent"] == "06"
        quiet = panel.assign(homicides_sesnsp=panel["homicides_sesnsp"].mask(colima, 0))
        with pytest.raises(ModelError, match="Colima: no homicides in the window") as error:
            fit_state_trend(quiet)
        assert error.value.exit_code == 1

    @pytest.mark.parametrize(
        "left",
        [lambda rows: rows["cve_ent"] != "11", lambda rows: rows["month"] < "2019-07"],
        ids=["without the state", "without the window"],
    )
    def test_a_frame_without_the_rows_asked_for_is_refused(self, panel, left):
        with pytest.raises(ModelError):
            fit_state_trend(panel[left(panel)], state="Guanajuato")

    def test_a_handful_of_months_has_no_trend(self, panel):
        with pytest.raises(ModelError):
            fit_state_trend(panel[panel["month"] < "2019-12"], state="Guanajuato")


class TestTrendLine:
    def test_it_runs_from_the_first_month_to_the_last_at_the_trends_pace(self, fitted):
        trend = fitted("state-trend")
        line = select_trend_line(trend, "GTO")
        assert line["month"].agg(["min", "max"]).dt.strftime("%Y-%m").tolist() == [
            "2019-07",
            "2025-06",
        ]
        pace = line["fitted"].iloc[12] / line["fitted"].iloc[0] - 1
        assert pace * 100 == pytest.approx(trend.row("11")["estimate"], rel=1e-9)
        assert line["fitted"].between(line["conf_low"], line["conf_high"]).all()

    def test_it_stands_beside_the_observed_rates(self, fitted, panel):
        line = select_trend_line(fitted("state-trend"), "11").set_index("month")["observed"]
        state = panel[panel["cve_ent"] == "11"].set_index("month")["rate_sesnsp"]
        assert line.tolist() == pytest.approx(state[line.index].tolist(), rel=1e-9)


def test_a_state_with_too_few_months_is_left_out_with_a_note(panel):
    trend = fit_state_trend(panel, start="2015-01", end="2016-12")
    assert trend.states == 31
    assert "Oaxaca: too few months, left out" in trend.notes


def test_an_empty_start_is_the_first_month_of_the_source(panel):
    assert fit_state_trend(panel, start="", state="11").period[0] == "2015-01"
