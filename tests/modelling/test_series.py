"""A series is read from any frame, and refused where it has a hole."""

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.joinpoint import estimate_joinpoint
from analysis.modelling.partition import estimate_breaks
from analysis.modelling.places import read_gappy_series
from analysis.modelling.segments import estimate_segments
from analysis.modelling.series import log_rates, read_series, select_national_series

MODELS = [
    lambda frame, **given: estimate_segments(frame, events=["2012-01"], **given),
    estimate_joinpoint,
    estimate_breaks,
]


def frame(n=48):
    months = pd.date_range("2010-01", periods=n, freq="MS")
    deaths = np.random.default_rng(1).poisson(100, n)
    return pd.DataFrame({"month": months, "deaths": deaths, "people": 1e6})


def changed(column, value, row=5):
    rows = frame().astype({"deaths": "float64"})
    rows.loc[row, column] = value
    return rows


@pytest.mark.parametrize("model", MODELS, ids=["segments", "joinpoint", "breaks"])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            changed("deaths", np.nan),
            "deaths is missing, negative or infinite in 1 rows, first 2010",
        ),
        (changed("deaths", -1), "deaths is missing, negative or infinite"),
        (changed("deaths", np.inf), "deaths is missing, negative or infinite"),
        (changed("people", 0), "people is missing or not positive"),
        (changed("people", np.nan), "people is missing or not positive"),
        (changed("month", pd.NaT), "a row without its month"),
        (frame().drop(index=7), "2 months from the row before to 2010-09; every step must be 1"),
        (pd.concat([frame(), frame().head(1)]), "0 months from the row before to 2010-01"),
        (frame().assign(deaths=0), "zero throughout"),
        (frame().head(0), "no rows"),
        (frame().assign(deaths="many"), "many"),
        (frame().assign(month="January"), "January"),
    ],
)
def test_a_series_with_a_hole_or_a_bad_value_is_refused(model, rows, message):
    with pytest.raises(ModelError, match=message):
        model(rows, outcome="deaths", time="month", exposure="people")


@pytest.mark.parametrize("model", MODELS, ids=["segments", "joinpoint", "breaks"])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"outcome": "death"}, 'unknown column "death"; did you mean deaths'),
        ({"exposure": "person"}, 'unknown column "person"'),
        ({"period": 7}, "period is the rows a year"),
    ],
)
def test_a_wrong_request_is_refused(model, given, message):
    with pytest.raises(RequestError, match=message):
        model(frame(), **({"outcome": "deaths", "time": "month"} | given))


@pytest.mark.parametrize("harmonics", [-1, 6])
def test_more_harmonics_than_a_year_can_tell_apart_are_refused(harmonics):
    for model in MODELS[:2]:
        with pytest.raises(RequestError, match="harmonics must lie between 0 and 5"):
            model(frame(), outcome="deaths", time="month", harmonics=harmonics)


def test_missing_values_of_a_nullable_column_are_seen():
    rows = frame().astype({"deaths": "Int64"})
    rows.loc[3, "deaths"] = pd.NA
    with pytest.raises(ModelError, match="deaths is missing"):
        read_series(rows, outcome="deaths", time="month")


def test_time_is_in_years_and_the_season_follows_the_calendar():
    rows = read_series(frame().iloc[5:], outcome="deaths", time="month")
    assert rows["years"].iloc[[0, 12]].tolist() == [0, 1]
    assert rows["season"].iloc[6] == pytest.approx(2 * np.pi)  # December
    assert (rows["exposure"] == 1).all()


def test_years_are_dates_too():
    rows = pd.DataFrame({"year": [2011, 2010, 2012], "deaths": [2, 1, 3]})
    series = read_series(rows, outcome="deaths", time="year", period=1)
    assert series["count"].tolist() == [1, 2, 3] and series["years"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "spell",
    [
        lambda month: month + pd.Timedelta(days=14, hours=7),
        lambda month: month.dt.to_period("M"),
        lambda month: month.dt.strftime("%Y-%m"),
        lambda month: month.dt.tz_localize("America/Mexico_City"),
        lambda month: month.dt.strftime("%Y-%m-%dT00:00:00+00:00"),
    ],
    ids=["mid-month", "period", "text", "zone", "text with zone"],
)
def test_a_missing_count_stays_missing_however_its_month_is_spelt(spell):
    rows = changed("deaths", np.nan, row=5)
    rows["month"] = spell(rows["month"])
    series = read_gappy_series(rows, outcome="deaths", time="month")
    assert series["month"].tolist() == frame()["month"].tolist()
    assert series["count"].isna().to_numpy().nonzero()[0].tolist() == [5]


@pytest.mark.parametrize("zone", ["America/Mexico_City", "UTC"])
def test_a_date_with_a_zone_is_in_its_own_month_and_nothing_is_warned(zone):
    rows = frame()
    zoned = rows.assign(month=rows["month"].dt.tz_localize(zone))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        series = read_series(zoned, outcome="deaths", time="month")
    pd.testing.assert_frame_equal(series, read_series(rows, outcome="deaths", time="month"))


def test_half_a_case_is_added_only_where_a_count_is_zero():
    rows = read_series(frame(), outcome="deaths", time="month")
    rates, notes = log_rates(rows)
    assert notes == () and rates.tolist() == pytest.approx(np.log(rows["count"]).tolist())
    rows.loc[0, "count"] = 0.0
    rates, notes = log_rates(rows)
    assert rates[0] == pytest.approx(np.log(0.5))
    assert notes == ("1 rows are zero: 0.5 is added to every count before the logarithm",)


def test_the_national_series_names_its_tables_and_marks(national_month):
    sesnsp = select_national_series(national_month, start="2016-01")
    assert sesnsp.attrs["sources"][:2] == [
        "sesnsp_victims_state_month",
        "inegi_homicides_state_month",
    ]
    inegi = select_national_series(national_month, source="inegi", start="2015-01")
    assert inegi.attrs["sources"] == ["inegi_homicides_state_month", "conapo_population_state_year"]
    assert inegi.attrs["notes"] == ["60 months are of years whose monthly table is incomplete"]
    few = national_month[["month", "person_years", "homicides_inegi"]]
    assert select_national_series(few, source="inegi", start="2015-01").attrs["notes"] == []
