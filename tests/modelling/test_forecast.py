"""Forecasts: scores by hand, origins that do not see the future, known series, bad requests."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import ModelError, RequestError
from analysis.modelling.candidates import CANDIDATES, forecast_model, forecast_rule
from analysis.modelling.forecast import estimate_forecast, fit_forecast
from analysis.modelling.future import select_backtest, select_forecast
from analysis.modelling.scores import (
    coverage,
    interval_score,
    seasonal_error,
    weighted_interval_score,
)

NAMES = {"outcome": "deaths", "time": "month", "exposure": "people"}


def simulate(*, walk=0.03, season=0.2, length=80, seed=6, people=1e6, drift=0.0):
    rng = np.random.default_rng(seed)
    months = pd.Series(pd.date_range("2015-01", periods=length, freq="MS"))
    wave = season * np.sin(2 * np.pi * months.dt.month / 12)
    rate = np.exp(-6 + np.cumsum(rng.normal(drift, walk, length)) + wave)
    return pd.DataFrame({"month": months, "deaths": rng.poisson(rate * people), "people": people})


@pytest.fixture(scope="module")
def known():
    return estimate_forecast(simulate(), **NAMES)


class TestScores:
    def test_inside_the_score_is_the_width_and_outside_the_distance_counts(self):
        assert interval_score(2.0, 6.0, 4.0, 80) == 4.0
        assert interval_score(2.0, 6.0, 2.0, 80) == 4.0
        # 4 + 2 / 0.2 x 3 below; 4 + 2 / 0.05 x 0.5 above.
        assert interval_score(2.0, 6.0, -1.0, 80) == pytest.approx(34.0)
        assert interval_score(2.0, 6.0, 6.5, 95) == pytest.approx(24.0)

    def test_the_weighted_score_by_hand(self):
        intervals = {50: (9.0, 11.0), 80: (8.0, 13.0), 95: (6.0, 15.0)}
        # y = 12: |12 - 10| / 2 = 1; 50 %: 0.25 (2 + 4 x 1) = 1.5; 80 %: 0.1 x 5 = 0.5;
        # 95 %: 0.025 x 9 = 0.225; together 3.225 / 3.5.
        score = weighted_interval_score(10.0, intervals, 12.0)
        assert score == pytest.approx(3.225 / 3.5)

    def test_without_intervals_it_is_the_absolute_error(self):
        assert weighted_interval_score(10.0, {}, 13.0) == 3.0

    def test_it_is_twice_the_mean_quantile_loss(self):
        # Bracher et al. (2021), eq. 3: 2 / (2K + 1) times the sum of pinball losses.
        levels = (50, 80, 95)
        taus = [0.5, *(t for a in levels for t in (0.5 - a / 200, 0.5 + a / 200))]
        ends = {t: stats.norm.ppf(t, 3, 2) for t in taus}
        intervals = {a: (ends[0.5 - a / 200], ends[0.5 + a / 200]) for a in levels}
        for y in (-4.0, 2.5, 9.0):
            loss = sum((y - q) * (t - (y < q)) for t, q in ends.items())
            score = weighted_interval_score(ends[0.5], intervals, y)
            assert score == pytest.approx(2 * loss / len(taus))

    def test_coverage_counts_the_ends(self):
        low, high = np.array([0.0, 0.0, 0.0, 0.0]), np.array([1.0, 1.0, 1.0, 1.0])
        assert coverage(low, high, np.array([0.0, 1.0, 1.1, -0.1])) == 0.5

    def test_the_seasonal_error(self):
        assert seasonal_error(np.array([*range(12), *range(3, 15)], dtype="float64")) == 3.0

    def test_a_season_that_repeats_itself_is_no_scale(self):
        year = np.array([3.0, 1.0, 0.0, 2.0] * 3)
        assert np.isnan(seasonal_error(np.tile(year, 5)))
        # Differences of rounding are none either.
        assert np.isnan(seasonal_error(np.concatenate([year, year * (1 + 1e-15)])))
        assert seasonal_error(np.concatenate([year, year * 1.001])) > 0

    def test_an_impossible_level_is_refused(self):
        with pytest.raises(RequestError, match="between 0 and 100"):
            weighted_interval_score(1.0, {100: (0.0, 2.0)}, 1.0)


class TestCandidates:
    def test_plain_rules_by_hand(self):
        logs = np.arange(24.0) + np.tile([0.0, 1.0], 12)
        steps = np.diff(logs)
        mean, deviation = forecast_rule("naive", logs, 3)
        assert mean.tolist() == [24.0] * 3
        assert deviation**2 == pytest.approx(np.mean(steps**2) * np.array([1, 2, 3]))
        mean, deviation = forecast_rule("seasonal naive", logs, 14)
        assert mean.tolist() == [*logs[12:], logs[12], logs[13]]
        assert deviation**2 == pytest.approx([144.0] * 12 + [288.0] * 2)
        mean, deviation = forecast_rule("drift", logs, 2)
        assert mean == pytest.approx(24 + 24 / 23 * np.array([1, 2]))
        variance = steps.var(ddof=1)
        assert deviation**2 == pytest.approx(variance * np.array([1 + 1 / 23, 2 * (1 + 2 / 23)]))

    @pytest.mark.parametrize(
        "name", ["ETS", "SARIMA", "ARIMA with season", "unobserved components"]
    )
    def test_an_origin_does_not_see_what_comes_after_it(self, name):
        frame = simulate()
        logs, months = np.log(frame["deaths"].to_numpy() / 1e6), frame["month"].dt.month.to_numpy()
        changed = np.where(np.arange(80) < 63, logs, 5.0)
        first = list(forecast_model(name, logs, months, [60, 61, 62, 63], 6))
        other = list(forecast_model(name, changed, months, [60, 61, 62, 63], 6))
        for one, two in zip(first, other, strict=True):
            assert one[0] == pytest.approx(two[0], rel=1e-12)
            assert one[1] == pytest.approx(two[1], rel=1e-12)

    @pytest.mark.parametrize("name", ["SARIMA", "ARIMA with season", "unobserved components"])
    def test_states_take_up_each_month_with_parameters_held(self, name):
        frame = simulate()
        logs, months = np.log(frame["deaths"].to_numpy() / 1e6), frame["month"].dt.month.to_numpy()
        held = list(forecast_model(name, logs, months, [60, 61, 62], 3))
        fresh = next(forecast_model(name, logs, months, [62], 3))
        # Two months hardly move parameters, but the forecast must follow the level.
        assert held[2][0] == pytest.approx(fresh[0], abs=0.03)
        assert not np.allclose(held[2][0], held[0][0], atol=1e-4)


class TestForecast:
    def test_a_season_about_a_level_is_not_won_by_a_rule_without_season(self, known):
        scores = select_backtest(known).set_index("term")
        assert set(scores.index) == set(CANDIDATES)
        assert scores["wis"].is_monotonic_increasing
        assert scores["winner"].tolist() == [True] + [False] * 6
        assert not {"naive", "drift"} & set(scores.index[:3])
        assert scores.loc["seasonal naive", "relative"] == 1.0
        # Origins 60 to 68, each with 12 months.
        assert scores["forecasts"].unique().tolist() == [9 * 12]

    def test_the_scores_of_a_rule_by_hand(self, known):
        frame = simulate()
        rate = frame["deaths"].to_numpy() / 10.0
        errors, scaled, held = [], [], []
        for origin in range(60, 69):
            past, came = rate[:origin], rate[origin : origin + 12]
            error = np.abs(came - past[-12:])
            changes = np.log(past[12:]) - np.log(past[:-12])
            reach = stats.norm.ppf(0.9) * np.sqrt(np.mean(changes**2))
            errors.append(error)
            scaled.append(error / np.abs(past[12:] - past[:-12]).mean())
            held.append(np.abs(np.log(came) - np.log(past[-12:])) <= reach)
        row = known.row("seasonal naive")
        assert row["mae"] == pytest.approx(np.mean(errors))
        assert row["mase"] == pytest.approx(np.mean(scaled))
        assert row["coverage_80"] == pytest.approx(np.mean(held))

    def test_the_winner_makes_the_forecast_of_the_months_to_come(self, known):
        ahead = known.rows[known.rows["kind"] == "forecast"]
        assert ahead["term"].tolist()[:2] == ["2021-09", "2021-10"]
        assert len(ahead) == 12
        order = ["conf_low", "low_80", "estimate", "high_80", "conf_high"]
        assert (ahead[order].diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
        # The season goes on: March is far above September.
        by_month = ahead.set_index(ahead["term"].str[5:])["estimate"]
        assert by_month["03"] > 1.2 * by_month["09"]

    def test_twice_the_people_is_half_the_rate_and_the_same_scores(self, known):
        crowd = estimate_forecast(simulate().assign(people=2e6), **NAMES)
        crowd = crowd.rows.set_index("term").loc[known.rows["term"]]
        # Searches end where the likelihood is flat, a few parts in ten thousand apart.
        for column in ("estimate", "conf_low", "conf_high", "mae", "wis"):
            twice = (crowd[column] * 2).tolist()
            assert twice == pytest.approx(known.rows[column].tolist(), rel=2e-3, nan_ok=True)
        for column in ("mase", "relative"):
            same = crowd[column].tolist()
            assert same == pytest.approx(known.rows[column].tolist(), rel=2e-3, nan_ok=True)

    def test_rows_in_any_order(self, known):
        mixed = estimate_forecast(simulate().sample(frac=1, random_state=2), **NAMES)
        pd.testing.assert_frame_equal(mixed.rows, known.rows)

    def test_zeros_are_given_half_a_count_which_is_taken_off_again(self):
        frame = simulate(people=800)
        assert (frame["deaths"] == 0).any()
        result = estimate_forecast(frame, **NAMES)
        assert any("0.5 is added" in note for note in result.notes)
        ahead = result.rows[result.rows["kind"] == "forecast"]
        assert (ahead["conf_low"] >= 0).all()
        assert select_forecast(result, months=80)["observed"].min() == 0

    def test_beyond_what_was_tested_it_says_so(self):
        frame = simulate()
        result = estimate_forecast(frame, **NAMES, horizon=24)
        ahead = result.rows[result.rows["kind"] == "forecast"]
        width = np.log(ahead["conf_high"] / ahead["conf_low"])
        assert width.iloc[-1] > width.iloc[0]
        assert len(ahead) == 24
        assert "24 months are forecast, but only 12 were tested" in result.notes

    def test_a_past_that_repeats_a_year_exactly_has_no_scaled_error(self, known):
        # Rates repeat for five years while counts grow with the people.
        year = np.array([5, 9, 0, 6, 12, 8, 7, 10, 4, 9, 11, 6])
        people = np.repeat([4, 7, 5, 8, 6, 5], 12)
        deaths = np.tile(year, 6) * people
        deaths[60:] += [3, 9, 2, 0, 7, 5, 1, 8, 4, 6, 2, 9]
        frame = simulate(length=72).assign(deaths=deaths, people=people)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = estimate_forecast(frame, **NAMES)
        scores = select_backtest(result)
        assert scores["mase"].isna().all()
        assert np.isfinite(scores[["wis", "mae", "relative"]]).all(axis=None)
        assert any("no scale (MASE)" in note for note in result.notes)
        assert not any("MASE" in note for note in known.notes)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda f: f.head(71), "71 months; a backtest needs 72"),
            (lambda f: f.drop(index=5), "2 months from the row before"),
            (lambda f: f.assign(deaths=9), "does not change"),
            (lambda f: f.assign(deaths=0), "zero throughout"),
            (lambda f: f.assign(people=-1), "not positive"),
        ],
    )
    def test_a_series_that_can_not_be_forecast_is_refused(self, change, message):
        with pytest.raises(ModelError, match=message):
            estimate_forecast(change(simulate()), **NAMES)

    @pytest.mark.parametrize("seed", [1, 3])
    def test_five_equal_years_are_refused_without_a_warning(self, seed):
        # Draws for which the library warned (1), and raised an error of its own (3).
        year = np.random.default_rng(seed).poisson(100, 12) + (seed == 3)
        deaths = np.concatenate([np.tile(year, 6), year + 3])[:80]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ModelError, match="did not converge on 60 rows"):
                estimate_forecast(simulate().assign(deaths=deaths), **NAMES)

    @pytest.mark.parametrize("horizon", [0, 25])
    def test_a_horizon_out_of_bounds_is_refused(self, horizon):
        with pytest.raises(RequestError, match="between 1 and 24"):
            estimate_forecast(simulate(), **NAMES, horizon=horizon)

    def test_the_nation(self, fitted):
        result = fitted("forecast")
        assert (result.observations, result.states) == (126, 32)
        scores = select_backtest(result)
        assert scores["forecasts"].unique().tolist() == [55 * 12]
        shown = select_forecast(result, months=36)
        assert (len(shown), shown["observed"].notna().sum()) == (48, 36)
        assert shown["flags"].eq("sesnsp_preliminary").sum() == 6
        assert shown["month"].is_monotonic_increasing

    def test_a_state_begins_after_its_last_missing_month(self, panel, national_month):
        gap = panel["homicides_sesnsp"].mask(
            (panel["cve_ent"] == "11") & (panel["month"] == "2019-05")
        )
        result = fit_forecast(
            panel.assign(homicides_sesnsp=gap), national_month, state="GTO", horizon=1
        )
        assert result.period[0] == "2019-06"
        assert "1 months are missing: the series begins after the last of them" in result.notes
        assert select_forecast(result)["cve_ent"].unique().tolist() == ["11"]

    def test_a_state_with_too_little_is_named(self, panel, national_month):
        gap = panel["homicides_sesnsp"].mask(panel["month"] == "2023-01")
        with pytest.raises(ModelError, match="Colima, sesnsp: 29 months; a backtest needs 72"):
            fit_forecast(panel.assign(homicides_sesnsp=gap), national_month, state="Colima")
