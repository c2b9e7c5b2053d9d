"""The counterfactual: a known break is found, no break is not, and the fan is the model's own."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.counterfactual import estimate_counterfactual, fit_counterfactual
from analysis.modelling.future import select_counterfactual

NAMES = {"outcome": "deaths", "time": "month", "exposure": "people"}


def simulate(*, change=1.0, walk=0.01, length=84, event=60, seed=5, people=1e7):
    """Draw a random-walk rate with a season whose counts are multiplied from the event on."""
    rng = np.random.default_rng(seed)
    months = pd.Series(pd.date_range("2015-01", periods=length, freq="MS"))
    level = np.log(2e-4) + np.cumsum(rng.normal(0, walk, length))
    season = 0.1 * np.sin(2 * np.pi * months.dt.month / 12)
    mean = np.exp(level + season) * people * np.where(np.arange(length) >= event, change, 1)
    return pd.DataFrame({"month": months, "deaths": rng.poisson(mean), "people": people})


def estimate(frame, **options):
    return estimate_counterfactual(frame, **(NAMES | {"event": "2020-01", "draws": 2000} | options))


@pytest.mark.parametrize(("change", "verdict"), [(0.6, "fewer"), (1.0, "unclear"), (1.5, "more")])
def test_a_known_break_is_told(change, verdict):
    row = estimate(simulate(change=change)).row("cumulative 12")
    assert row["verdict"] == verdict
    # What was lost or added is what was counted less what it would have been.
    assert row["conf_low"] < row["observed"] * (1 - 1 / change) < row["conf_high"]


def test_a_wide_fan_round_zero_is_called_uninformative():
    row = estimate(simulate(walk=0.15, seed=8)).row("cumulative")
    assert row["conf_low"] < 0 < row["conf_high"]
    assert row["conf_high"] - row["conf_low"] > 0.5 * row["observed"]
    assert row["verdict"] == "uninformative"


def test_the_fan_is_that_of_the_fitted_model():
    result = estimate(simulate(), draws=20_000)
    months = result.rows[result.rows["kind"] == "month"]
    assert months["level"].unique().tolist() == ["local level"]
    ahead = result.fitted["llevel"].get_forecast(24)
    exact = np.exp(ahead.conf_int(alpha=0.05)) * 1e7
    middle = np.exp(ahead.predicted_mean) * 1e7
    assert months["expected"].tolist() == pytest.approx(middle.tolist(), rel=0.01)
    assert months["expected_low"].tolist() == pytest.approx(exact[:, 0].tolist(), rel=0.02)
    assert months["expected_high"].tolist() == pytest.approx(exact[:, 1].tolist(), rel=0.02)
    assert months["low_80"].between(months["expected_low"], months["expected"]).all()


def test_sums_are_observed_less_expected_of_the_same_months():
    frame = simulate(change=0.7)
    result = estimate(frame)
    after = frame["deaths"].iloc[60:]
    for term, rows in {"cumulative 12": 12, "cumulative 24": 24, "cumulative": 24}.items():
        row = result.row(term)
        assert row["observed"] == after.iloc[:rows].sum()
        assert row["estimate"] == pytest.approx(row["observed"] - row["expected"])
        assert row["conf_low"] == pytest.approx(row["observed"] - row["expected_high"])
        assert row["months"] == rows
    last = result.rows[result.rows["kind"] == "month"].iloc[-1]
    assert last["cumulative"] == pytest.approx(result.row("cumulative")["estimate"])
    # Months that move together make the fan of a sum wider than independent ones would.
    months = result.rows[result.rows["kind"] == "month"]
    apart = np.sqrt(((months["conf_high"] - months["conf_low"]) ** 2).sum())
    row = result.row("cumulative")
    assert row["conf_high"] - row["conf_low"] > apart


def test_the_level_with_the_smaller_aic_is_used_and_the_other_stands_beside():
    # A slope that turns slowly needs the trend; a walk about a level does not.
    rng = np.random.default_rng(2)
    slope = np.cumsum(rng.normal(0, 0.01, 84))
    frame = simulate().assign(deaths=rng.poisson(20_000 * np.exp(np.cumsum(slope))))
    for data, level in ((frame, "local linear trend"), (simulate(), "local level")):
        rows = estimate(data).rows
        chosen = rows[rows["kind"] == "total"]
        other = rows[rows["kind"] == "alternative"]
        assert chosen["level"].unique().tolist() == [level]
        assert chosen["aic"].iloc[0] < other["aic"].iloc[0]
        assert other["term"].str.removesuffix(", other level").tolist() == chosen["term"].tolist()


def test_what_came_after_does_not_move_what_was_expected():
    frame = simulate()
    changed = frame.assign(deaths=frame["deaths"].where(frame.index < 60, 7))
    before, after = estimate(frame).rows, estimate(changed).rows
    months = before["kind"] == "month"
    pd.testing.assert_series_equal(before["expected"][months], after["expected"][months])


def test_rows_in_any_order_twice_the_people_and_another_seed():
    frame = simulate()
    result = estimate(frame)
    mixed = estimate(frame.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(result.rows, mixed.rows)
    crowd = estimate(frame.assign(people=frame["people"] * 2))
    assert crowd.row("cumulative")["expected"] == pytest.approx(
        result.row("cumulative")["expected"], rel=1e-4
    )
    other = estimate(frame, seed=2).row("cumulative")["estimate"]
    assert other != result.row("cumulative")["estimate"]
    assert other == pytest.approx(result.row("cumulative")["estimate"], abs=2500)


def test_the_exposure_of_each_month_makes_its_expected_count():
    frame = simulate()
    frame.loc[frame.index >= 60, "people"] *= 3
    grown = estimate(frame).row("cumulative 12")["expected"]
    assert grown == pytest.approx(3 * estimate(simulate()).row("cumulative 12")["expected"])


def test_zeros_are_given_half_a_count_which_is_taken_off_again():
    frame = simulate(people=2e4)
    assert (frame["deaths"] == 0).any()
    result = estimate(frame)
    assert any("0.5 is added" in note for note in result.notes)
    months = result.rows[result.rows["kind"] == "month"]
    assert (months["expected_low"] >= 0).all()
    assert months["expected"].mean() == pytest.approx(frame["deaths"].iloc[:60].mean(), rel=0.5)


def test_quarters_and_series_without_a_season():
    frame = simulate()
    quarters = frame.groupby(frame["month"].dt.to_period("Q").dt.start_time)
    quarters = quarters[["deaths"]].sum().reset_index().assign(people=2.5e7)
    assert len(estimate(quarters, period=4).rows.query("kind == 'month'")) == 8
    plain = estimate(frame, period=0)
    assert "season" not in plain.formula
    assert "season" in estimate(frame).formula


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("2014-06", "must lie within the series, after its first month 2015-01"),
        ("2022-01", "not after its last 2021-12"),
        ("2017-12", "35 rows before 2017-12; .* needs 36"),
    ],
)
def test_an_event_that_leaves_too_little_is_refused(event, message):
    with pytest.raises(ModelError, match=message):
        estimate(simulate(), event=event)


def test_36_months_before_are_enough():
    assert estimate(simulate(), event="2018-01").observations == 36


def test_a_bad_series_or_request_is_refused(national_month):
    frame = simulate()
    with pytest.raises(ModelError, match="missing, negative or infinite"):
        estimate(frame.assign(deaths=frame["deaths"].mask(frame.index == 20)))
    with pytest.raises(ModelError, match="zero throughout"):
        estimate(frame.assign(deaths=0))
    with pytest.raises(RequestError, match="is not a month"):
        estimate(frame, event="July 2019")
    with pytest.raises(RequestError, match="at least 100 draws"):
        estimate(frame, draws=1)
    with pytest.raises(RequestError, match="did you mean sesnsp"):
        fit_counterfactual(national_month, source="sesnps")
    with pytest.raises(ModelError, match="12 rows before 2016-01"):
        fit_counterfactual(national_month, event="2016-01")


def test_the_nation(fitted, national_month):
    result = fitted("counterfactual")
    assert (result.observations, result.period) == (54, ("2015-01", "2025-06"))
    assert result.rows["kind"].value_counts().to_dict() == {
        "month": 72,
        "total": 3,
        "alternative": 3,
    }
    counted = national_month.query("month >= '2019-07'")["homicides_sesnsp_filled"].sum()
    assert result.row("cumulative")["observed"] == counted
    shown = select_counterfactual(result, months=24)
    assert (len(shown), shown["expected"].isna().sum()) == (96, 24)
    assert shown["flags"].str.contains("sesnsp_preliminary").sum() == 6
    assert shown["observed"].notna().all()
    assert shown["month"].is_monotonic_increasing
