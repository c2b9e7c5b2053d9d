"""Segments: known steps and slopes come back; placebo dates and windows are the same model."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.changes import select_continuation, select_placebos, select_starts
from analysis.modelling.interruption import fit_interruption
from analysis.modelling.segments import estimate_segments

COLUMNS = {"outcome": "deaths", "time": "month", "exposure": "people"}
RATIOS = ["estimate", "conf_low", "conf_high", "std_error", "p_value"]


def simulate(n=120, *, event=60, level=1.0, slope=1.0, trend=1.0, mean=2000.0, rho=0.0, seed=1):
    """Draw counts whose rate steps and bends at a row, with errors that depend on each other."""
    rng = np.random.default_rng(seed)
    years = np.arange(n) / 12
    log_rate = np.log(trend) * years + 0.1 * np.sin(2 * np.pi * np.arange(n) / 12)
    log_rate += np.log(level) * (np.arange(n) >= event)
    log_rate += np.log(slope) * np.clip(years - event / 12, 0, None)
    errors = np.zeros(n)
    for i, shock in enumerate(rng.normal(0, 0.05, n) if rho else []):
        errors[i] = rho * errors[i - 1] + shock
    people = mean * 50 * (1 + 0.01 * years)
    deaths = rng.poisson(people / 50 * np.exp(log_rate + errors))
    months = pd.date_range("2010-01", periods=n, freq="MS")
    return pd.DataFrame({"month": months, "deaths": deaths, "people": people})


def segments(frame, *events, **options):
    return estimate_segments(frame, events=list(events) or ["2015-01"], **(COLUMNS | options))


@pytest.mark.parametrize("inference", ["hac", "ar1"])
@pytest.mark.parametrize(("level", "slope", "trend"), [(0.7, 1.0, 1.1), (1.0, 0.85, 0.95)])
def test_a_known_step_and_slope_lie_in_their_intervals(level, slope, trend, inference):
    result = segments(simulate(level=level, slope=slope, trend=trend))
    for term, truth in (("level 2015-01", level), ("slope 2015-01", slope), ("trend", trend)):
        row = result.row(term, inference=inference)
        assert row["conf_low"] < truth < row["conf_high"]
        assert row["estimate"] == pytest.approx(truth, rel=0.03)


def test_a_bend_has_no_step_and_a_second_event_has_its_own_rows():
    frame = simulate(level=1.0, slope=0.8)
    result = segments(frame, "2017-01", bends=["2015-01"])
    bend = result.row("bend 2015-01", inference="hac")
    assert bend["estimate"] == pytest.approx(0.8, rel=0.03)
    assert result.row("level 2017-01", inference="hac")["p_value"] > 0.05
    assert "level 2015-01" not in set(result.tidy()["term"])


def test_poisson_counts_have_no_overdispersion_and_dependent_ones_have_both():
    plain = segments(simulate()).row("trend", inference="hac")
    assert plain["dispersion"] == pytest.approx(1, abs=0.25)
    assert abs(plain["ar1"]) < 0.25
    result = segments(simulate(n=480, event=240, rho=0.7, mean=200_000, seed=3), "2030-01")
    depends = result.row("trend", inference="hac")
    assert depends["dispersion"] > 5
    assert depends["ar1"] > 0.45
    assert result.row("trend", inference="ar1")["rho"] == pytest.approx(0.7, abs=0.1)


def test_the_autoregression_is_at_the_optimum_of_the_exact_likelihood():
    """Prais-Winsten at rho gives the coefficients back, and no other rho is likelier."""
    result = segments(simulate(rho=0.6))
    fitted, design = result.fitted["ar1"], result.fitted["hac"].model.exog
    series = result.fitted["series"]
    y = np.log(series["count"] / series["exposure"])
    y = (y - y.mean()).to_numpy()

    def profile(rho):
        first = np.sqrt(1 - rho**2)
        z = np.append(first * y[0], y[1:] - rho * y[:-1])
        x = np.vstack([first * design[0], design[1:] - rho * design[:-1]])
        coefs = np.linalg.lstsq(x, z, rcond=None)[0]
        rss = ((z - x @ coefs) ** 2).sum()
        return np.log(first) - len(y) / 2 * np.log(rss), coefs

    rho = fitted.params[-1]
    best, coefs = profile(rho)
    assert coefs == pytest.approx(fitted.params[: design.shape[1]], abs=1e-6)
    assert best > max(profile(rho - 1e-3)[0], profile(rho + 1e-3)[0])


def test_order_labels_and_the_spelling_of_months_are_irrelevant():
    frame = simulate(level=0.8, rho=0.5)
    before = frame.copy()
    shuffled = frame.sample(frac=1, random_state=2).set_index(frame.index * 3 + 5)
    spelt = shuffled.assign(month=shuffled["month"].dt.strftime("%Y-%m"))
    pd.testing.assert_frame_equal(segments(spelt).tidy(), segments(frame).tidy(), check_exact=True)
    pd.testing.assert_frame_equal(frame, before, check_exact=True)


def test_twice_the_people_is_the_same_ratio():
    frame = simulate(level=0.8, rho=0.5)
    crowded = segments(frame.assign(people=frame["people"] * 2)).tidy()
    for column in RATIOS:
        expected = segments(frame).tidy()[column].tolist()
        assert crowded[column].tolist() == pytest.approx(expected, rel=1e-5)


def test_quarters_are_a_series_too():
    frame = simulate(n=120, level=0.7)
    quarter = frame["month"].dt.to_period("Q").dt.start_time
    quarters = frame.groupby(quarter)[["deaths", "people"]].sum().reset_index()
    result = segments(quarters, harmonics=1, period=4, lags=2)
    assert result.row("level 2015-01", inference="hac")["estimate"] == pytest.approx(0.7, rel=0.03)


def test_zeros_are_said_where_a_logarithm_needs_it():
    frame = simulate(mean=3)
    assert (frame["deaths"] == 0).any()
    zeros = (frame["deaths"] == 0).sum()
    text = f"{zeros} rows are zero: 0.5 is added to every count before the logarithm"
    assert segments(frame).notes == (text,)


@pytest.mark.parametrize(
    ("events", "bends", "message"),
    [
        (["2020-01"], [], "2020-01 is no row of the series 2010-01 to 2019-12"),
        (["2010-12"], [], "2010-12 has 11 rows before and 109 after"),
        (["2019-02"], [], "2019-02 has 109 rows before and 11 after"),
        (["2015-01", "2015-07"], [], "2015-01 has 60 rows before and 6 after"),
        (["2015-01"], ["2019-06"], "2019-06 has 53 rows before and 7 after"),
        (["2015-01"], ["2015-01"], "2015-01 has 60 rows before and 0 after"),
        (["2015-01"], ["2015-02"], "2015-01 has 60 rows before and 1 after"),
        (["2015-01"], ["2014-02"], "2014-02 has 49 rows before and 11 after"),
        (["2015-01"], ["2017-01", "2017-12"], "2017-01 has 24 rows before and 11 after"),
    ],
)
def test_an_event_the_series_can_not_carry_is_refused(events, bends, message):
    with pytest.raises(ModelError, match=message):
        segments(simulate(), *events, bends=bends)


def test_a_year_on_each_side_is_enough():
    assert len(segments(simulate(), "2011-01", "2012-01", "2019-01").tidy()) == 14
    result = segments(simulate(), "2013-01", bends=["2012-01", "2014-01", "2015-01"])
    assert len(result.tidy()) == 12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"events": []}, "name at least one event"),
        ({"events": "2015-01"}, "give months as a list"),
        ({"events": ["2015-01", "2015-01"]}, "named twice"),
        ({"events": ["2015"]}, "write it as YYYY-MM"),
        ({"lags": -1}, "lags must lie between 0"),
        ({"lags": 120}, "lags must lie between 0"),
    ],
)
def test_a_wrong_request_is_refused(options, message):
    with pytest.raises(RequestError, match=message):
        estimate_segments(simulate(), **(COLUMNS | {"events": ["2015-01"]} | options))


def test_a_stretch_without_any_death_does_not_converge():
    frame = simulate()
    frame.loc[60:, "deaths"] = 0
    with pytest.raises(ModelError, match="did not converge"):
        segments(frame)


class TestNation:
    def test_placebo_dates_leave_a_year_on_each_side_before_the_first_event(self, fitted):
        frame = select_placebos(fitted("interruption"))
        dates = frame.loc[frame["placebo"] & frame["change"].eq("level"), "date"]
        assert list(dates) == list(pd.date_range("2016-01", "2018-07", freq="MS"))
        event = frame[~frame["placebo"]]
        assert event["date"].tolist() == [pd.Timestamp("2019-07")] * 2

    def test_a_placebo_is_the_model_of_the_months_before_with_one_event(
        self, fitted, national_month
    ):
        before = national_month[national_month["month"].between("2015-01", "2019-06")]
        alone = estimate_segments(
            before,
            outcome="homicides_sesnsp_filled",
            time="month",
            exposure="person_years",
            events=["2017-04"],
        )
        result = fitted("interruption")
        for term in ("level 2017-04", "slope 2017-04"):
            row, same = result.row(term, kind="placebo"), alone.row(term, inference="hac")
            assert row[RATIOS].tolist() == pytest.approx(same[RATIOS].tolist(), rel=1e-9)

    def test_the_share_is_that_of_the_dates(self, fitted):
        rows = fitted("interruption").tidy()
        for name in ("level", "slope"):
            dates = rows[rows["kind"].eq("placebo") & rows["term"].str.startswith(name)]
            share = fitted("interruption").row(f"placebo {name}")
            assert share["estimate"] == (dates["p_value"] < 0.05).mean()
            assert share["placebos"] == len(dates) == 31
            sure = dates[dates["p_value"] < 0.05]
            assert share["falls"] == (sure["estimate"] < 1).sum()
            assert share["rises"] == (sure["estimate"] > 1).sum()

    def test_the_event_is_ranked_among_the_placebo_dates_in_its_own_direction(self, fitted):
        level = fitted("interruption").row("placebo level")
        assert level[["falls", "rises", "farther", "beyond"]].tolist() == [2, 22, 0, 0]
        slope = fitted("interruption").row("placebo slope")
        assert slope[["farther", "beyond"]].tolist() == [0, 4]
        # From 2005 on the level rises at the event, so that higher is farther.
        risen = fitted("interruption", source="inegi", start="2005-01", events="2019-07")
        frame = select_placebos(risen).query("change == 'level'")
        event = frame.loc[~frame["placebo"], "estimate"].iloc[0]
        count = (frame.loc[frame["placebo"], "estimate"] >= event).sum()
        assert event > 1 and risen.row("placebo level")["farther"] == count == 16

    def test_the_line_through_the_placebo_dates_is_least_squares(self, fitted):
        frame = select_placebos(fitted("interruption"))
        for name in ("level", "slope"):
            rows = frame[frame["change"] == name]
            dates = rows["date"].dt.year * 12 + rows["date"].dt.month
            logs, own = np.log(rows["estimate"]), rows["placebo"]
            line = np.polynomial.Polynomial.fit(dates[own], logs[own], 1)
            share = fitted("interruption").row(f"placebo {name}")
            assert share["carried"] == pytest.approx(np.exp(line(dates[~own].iloc[0])))
            assert share["correlation"] == pytest.approx(np.corrcoef(dates[own], logs[own])[0, 1])
            assert share["correlation"] < -0.9

    def test_two_placebo_dates_make_no_line(self, fitted):
        share = fitted("interruption", start="2017-06").row("placebo level")
        assert share["placebos"] == 2 and np.isnan([share["correlation"], share["carried"]]).all()

    def test_placebo_dates_find_nothing_in_a_straight_line_and_much_in_a_bent_one(
        self, national_month
    ):
        months = national_month.sort_values("month", ignore_index=True)
        years = (months["month"] - pd.Timestamp("2015-01")).dt.days / 365.25
        shares = {}
        for name, bend in (("straight", 0.0), ("bent", -0.4)):
            bent = 3000 * np.exp(0.1 * years + bend * (years - 2).clip(lower=0))
            counts = np.random.default_rng(4).poisson(bent)
            result = fit_interruption(months.assign(homicides_sesnsp_filled=counts))
            shares[name] = result.row("placebo slope")["estimate"]
        assert shares["straight"] < 0.2 < 0.8 < shares["bent"]

    def test_many_possible_dates_are_thinned_evenly(self, fitted):
        result = fitted("interruption", source="inegi", start="2005-01", events="2019-07")
        dates = select_placebos(result).query("placebo and change == 'level'")["date"]
        assert len(dates) == 31
        assert dates.iloc[[0, -1]].tolist() == [pd.Timestamp("2006-01"), pd.Timestamp("2018-07")]
        steps = dates.dt.to_period("M").astype("int64").diff().dropna()
        assert set(steps) == {5}

    def test_too_short_a_window_has_no_placebo_dates_and_says_so(self, fitted):
        result = fitted("interruption", start="2018-01")
        assert "share" not in set(result.tidy()["kind"])
        assert "18 months before the first event: too few for placebo dates" in result.notes

    def test_a_later_start_is_the_model_of_that_window(self, fitted):
        starts = select_starts(fitted("interruption"))
        expected = ["2015-01", "2015-07", "2016-01", "2016-07", "2017-01", "2017-07"]
        assert starts["start"].drop_duplicates().tolist() == expected
        later = fitted("interruption", start="2016-07")
        for month in ("2019-07", "2022-09"):
            for change in ("level", "slope"):
                row = starts.query("start == '2016-07' and month == @month and change == @change")
                same = later.row(f"{change} {month}", kind="event", inference="hac")
                assert row[RATIOS].iloc[0].tolist() == pytest.approx(
                    same[RATIOS].tolist(), rel=1e-7
                )

    def test_a_break_in_the_slope_bounds_how_late_a_window_may_begin(self, fitted):
        starts = select_starts(fitted("interruption", breaks="2017-01"))
        assert starts["start"].max() == "2016-01"
        assert set(starts["change"]) == {"level", "slope", "bend"}

    def test_the_continuation_leaves_the_events_out(self, fitted):
        result = fitted("interruption")
        line = select_continuation(result).set_index("month")
        assert np.allclose(line.loc[:"2019-06", "fitted"], line.loc[:"2019-06", "continued"])
        level = result.row("level 2019-07", kind="event", inference="hac")["estimate"]
        first = line.loc["2019-07-01"]
        assert line["segment"].value_counts(sort=False).tolist() == [54, 38, 34]
        assert line["flags"].str.contains("sesnsp_preliminary").sum() == 6
        assert first["fitted"] / first["continued"] == pytest.approx(level)
        assert (
            (line["conf_low"] < line["continued"]) & (line["continued"] < line["conf_high"])
        ).all()

    @pytest.mark.parametrize(
        ("asked", "months"),
        [({"source": "inegi"}, 4), ({"end": "2023-07"}, 11), ({"end": "2022-08"}, 0)],
    )
    def test_a_default_event_the_window_can_not_carry_is_left_out_and_said(
        self, fitted, asked, months
    ):
        result = fitted("interruption", **asked)
        text = f"event 2022-09 is left out: {months} months from it on, 12 are needed"
        assert text in result.notes
        assert result.parameters["events"] == "2019-07"
        named = fitted("interruption", events="2019-07", **asked)
        pd.testing.assert_frame_equal(result.tidy(), named.tidy())
        assert "left out" not in " ".join(named.notes)

    def test_a_default_event_with_a_year_of_months_is_kept(self, fitted):
        result = fitted("interruption", end="2023-08")
        assert result.parameters["events"] == "2019-07,2022-09"
        assert "left out" not in " ".join(result.notes)

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ({"source": "inegi", "events": "2018-07,2022-09"}, "2022-09 has 50 rows before and 4"),
            ({"end": "2020-05"}, "2019-07 has 54 rows before and 11 after"),
            ({"breaks": "2019-08"}, "2019-07 has 54 rows before and 1 after"),
        ],
    )
    def test_an_event_that_was_named_or_is_the_first_is_refused(self, fitted, asked, message):
        with pytest.raises(ModelError, match=message):
            fitted("interruption", **asked)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"events": "2019-07,soon"}, "write it as YYYY-MM"),
            ({"events": "2019-07,"}, "write it as YYYY-MM"),
            ({"events": "2022-09, 2022-09"}, "names a month twice"),
            ({"events": ""}, "name at least one event"),
            ({"breaks": "2018"}, "write it as YYYY-MM"),
            ({"start": "2014-12"}, "sesnsp covers"),
        ],
    )
    def test_a_wrong_request_is_refused(self, fitted, given, message):
        with pytest.raises(RequestError, match=message):
            fitted("interruption", **given)

    def test_events_in_any_order_are_the_same_request(self, fitted):
        result = fitted("interruption", events="2022-09, 2019-07")
        assert result.parameters["events"] == "2019-07,2022-09"
        pd.testing.assert_frame_equal(result.tidy(), fitted("interruption").tidy())

    def test_filled_and_preliminary_months_are_said(self, fitted):
        notes = fitted("interruption").notes
        assert "9 missing SESNSP cells are filled by the INEGI count: 577 deaths" in notes
        assert "2025-01 to 2025-06 are preliminary" in notes
