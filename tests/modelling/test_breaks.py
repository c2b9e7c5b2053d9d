"""Breaks: known months come back, every partition is tried, intervals hold what they should."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.breaks import fit_breaks, select_breaks, select_profile
from analysis.modelling.joinpoint import estimate_joinpoint
from analysis.modelling.partition import estimate_breaks

COLUMNS = {"outcome": "deaths", "time": "month", "exposure": "people"}


def simulate(n=96, *, breaks=(), levels=(), slopes=(0.0,), mean=2000, seed=1):
    """Draw counts whose log rate steps and bends at given rows; slopes are by segment a year."""
    years = np.arange(n) / 12
    log_rate = slopes[0] * years
    for row, level, before, after in zip(
        breaks, levels or [0.0] * len(breaks), slopes, slopes[1:], strict=False
    ):
        log_rate = log_rate + level * (years >= row / 12)
        log_rate = log_rate + (after - before) * np.clip(years - row / 12, 0, None)
    deaths = np.random.default_rng(seed).poisson(mean * np.exp(log_rate))
    months = pd.date_range("2010-01", periods=n, freq="MS")
    return pd.DataFrame({"month": months, "deaths": deaths, "people": 1e6})


def joinpoint(frame, **options):
    return estimate_joinpoint(frame, **(COLUMNS | options))


def partition(frame, **options):
    return estimate_breaks(frame, **(COLUMNS | options))


def months(result, kind="break"):
    rows = result.tidy()
    return rows.loc[rows["kind"] == kind, "month"].tolist()


class TestJoinpoint:
    @pytest.mark.parametrize(("row", "month"), [(30, "2012-07"), (60, "2015-01")])
    def test_a_known_bend_lies_in_its_interval(self, row, month):
        found = joinpoint(simulate(breaks=[row], slopes=[0.2, -0.1])).row("joinpoint")
        assert found["month_low"] <= month <= found["month_high"]
        assert found["month_low"] <= found["month"] <= found["month_high"]
        assert found["conf_low"] < np.exp(-0.3) < found["conf_high"]
        assert found["before_low"] < 100 * np.expm1(0.2) < found["before_high"]
        assert found["after_low"] < 100 * np.expm1(-0.1) < found["after_high"]
        assert found["dispersion"] == pytest.approx(1, abs=0.35)

    def test_the_interval_holds_the_true_month_as_often_as_it_says(self):
        held = []
        for seed in range(20):
            frame = simulate(60, breaks=[30], slopes=[0.2, -0.1], mean=500, seed=seed)
            found = joinpoint(frame, harmonics=0).row("joinpoint")
            held.append(found["month_low"] <= "2012-07" <= found["month_high"])
        # Binomial with p = 0.95: fewer than 15 of 20 has a chance below 0.1 %.
        assert np.sum(held) >= 15

    def test_a_searched_month_has_no_test(self):
        row = joinpoint(simulate(breaks=[40], slopes=[0.2, -0.1])).row("joinpoint")
        assert np.isnan(row["p_value"]) and np.isnan(row["statistic"])

    def test_every_month_with_a_year_on_each_side_is_tried(self):
        profile = joinpoint(simulate()).fitted["profile"]
        expected = pd.date_range("2011-01", "2016-12", freq="MS")
        assert profile["month"].tolist() == expected.tolist()
        assert profile["scaled"].min() == 0
        narrow = joinpoint(simulate(), margin=24).fitted["profile"]
        assert narrow["month"].iloc[[0, -1]].tolist() == [
            pd.Timestamp("2012-01"),
            pd.Timestamp("2015-12"),
        ]

    def test_the_deviance_at_a_month_is_that_of_the_bend_there(self):
        frame = simulate(breaks=[40], slopes=[0.2, -0.1])
        result = joinpoint(frame)
        profile = result.fitted["profile"].set_index("month")
        best, other = result.row("joinpoint")["month"], "2014-03-01"
        drop = profile.loc[other, "deviance"] - profile["deviance"].min()
        assert profile.loc[other, "scaled"] == pytest.approx(
            drop / result.row("joinpoint")["dispersion"]
        )
        assert profile["scaled"].idxmin() == pd.Timestamp(best)

    def test_a_straight_line_says_that_its_interval_has_no_end(self):
        found = joinpoint(simulate(48, mean=30, seed=3))
        assert "the interval reaches the first or last month that was tried" in found.notes

    def test_too_few_rows_are_refused(self):
        with pytest.raises(ModelError, match="24 rows leave no month with 12 before and after"):
            joinpoint(simulate(24))
        assert len(joinpoint(simulate(25), harmonics=1).fitted["profile"]) == 1

    @pytest.mark.parametrize(
        "deaths",
        [100, 1e-5, 2000 * 1.001 ** np.arange(96), 100 * 1.02 ** np.minimum(np.arange(96), 50)],
        ids=["constant", "constant and small", "line", "bent line"],
    )
    def test_a_series_without_scatter_is_refused(self, deaths):
        with pytest.raises(ModelError, match="lies on a line with one bend"):
            joinpoint(simulate().assign(deaths=deaths))

    def test_as_many_columns_as_rows_are_refused(self):
        with pytest.raises(ModelError, match="lies on a line with one bend"):
            joinpoint(simulate(7), margin=2)

    def test_little_scatter_is_scatter(self):
        deaths = 1000 + np.random.default_rng(2).normal(size=96) / 1000
        row = joinpoint(simulate().assign(deaths=deaths)).row("joinpoint")
        assert 1e-8 < row["std_error"] < 1e-4

    def test_a_margin_without_a_slope_is_refused(self):
        with pytest.raises(RequestError, match="margin must be at least 2"):
            joinpoint(simulate(), margin=1)


class TestPartition:
    def test_known_breaks_are_found(self):
        frame = simulate(breaks=[30, 60], levels=[0.5, -0.4], slopes=[0.1, -0.2, 0.1])
        result = partition(frame)
        assert months(result) == ["2012-07", "2015-01"]
        for term, month in (("break 1", "2012-07"), ("break 2", "2015-01")):
            row = result.row(term)
            assert row["month_low"] <= month <= row["month_high"]
        first = result.row("break 1")
        assert first["before"] == pytest.approx(100 * np.expm1(0.1), abs=3)
        assert first["after"] == pytest.approx(100 * np.expm1(-0.2), abs=3)

    def test_a_straight_line_has_none(self):
        result = partition(simulate(slopes=[0.1]))
        assert months(result) == []
        assert result.tidy().set_index("term")["chosen"].to_dict()["0 breaks"]

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_no_partition_fits_better_than_the_best(self, number):
        """Every partition of a short series by least squares, one after the other."""
        frame = simulate(20, breaks=[7], levels=[0.3], slopes=[0.1, 0.4], mean=100, seed=5)
        y, x = np.log(frame["deaths"].to_numpy() / 1e6), np.arange(20.0)

        def rss(cuts):
            edges = [0, *cuts, 20]
            parts = [slice(*pair) for pair in zip(edges, edges[1:], strict=False)]
            return sum(float(np.polyfit(x[p], y[p], 1, full=True)[1][0]) for p in parts)

        tried = [
            cuts for cuts in combinations(range(4, 17), number) if min(np.diff([0, *cuts, 20])) >= 4
        ]
        best = min(tried, key=rss)
        result = partition(frame, shortest=4, most=3)
        assert tuple(result.fitted["partitions"][number][1:-1]) == best
        row = result.row(f"{number} breaks")
        assert row["rss"] == pytest.approx(rss(best), rel=1e-9)
        bic = 20 * (np.log(row["rss"]) + 1 - np.log(20) + np.log(2 * np.pi))
        assert row["bic"] == pytest.approx(bic + np.log(20) * 3 * (number + 1))

    def test_segments_are_never_shorter_than_asked(self):
        frame = simulate(breaks=[13, 20], levels=[1.0, -1.0], slopes=[0.0, 0.0, 0.0])
        cuts = partition(frame, shortest=12).fitted["partitions"]
        assert [len(cut) - 2 for cut in cuts] == [0, 1, 2, 3, 4, 5]
        assert min(np.diff(cut).min() for cut in cuts) >= 12

    def test_no_more_breaks_are_tried_than_segments_fit(self):
        assert len(partition(simulate(40)).fitted["partitions"]) == 3

    def test_an_interval_that_a_segment_cuts_short_is_said(self, fitted):
        result = fitted("breaks")
        text = "of several breaks, that of {month} has an interval cut by the shortest segment"
        # 2019-10 is the first month that leaves twelve after the break of 2018-10.
        assert result.row("break 3")["month_low"] == "2019-10"
        assert text.format(month=result.row("break 3")["month"]) in result.notes
        assert text.format(month=result.row("break 1")["month"]) not in result.notes

    def test_a_series_without_scatter_is_refused(self):
        with pytest.raises(ModelError, match="lies on a straight line"):
            partition(simulate().assign(deaths=100))

    def test_too_few_rows_are_refused(self):
        with pytest.raises(ModelError, match="23 rows are too few for two segments of 12"):
            partition(simulate(23))

    @pytest.mark.parametrize("options", [{"shortest": 2}, {"most": 0}])
    def test_a_wrong_request_is_refused(self, options):
        with pytest.raises(RequestError, match="at least 3 rows .* at least 1 break"):
            partition(simulate(), **options)


@pytest.mark.parametrize("model", [joinpoint, partition])
def test_order_and_people_are_irrelevant(model):
    frame = simulate(60, breaks=[30], slopes=[0.2, -0.1])
    before = frame.copy()
    other = frame.sample(frac=1, random_state=2).assign(people=2e6)
    expected = model(frame).tidy()
    pd.testing.assert_frame_equal(model(other).tidy(), expected, rtol=1e-6, atol=1e-7)
    pd.testing.assert_frame_equal(frame, before, check_exact=True)


class TestNation:
    def test_the_rate_bent_before_the_guard(self, fitted):
        row = fitted("breaks").row("joinpoint")
        assert (row["month_low"], row["month"], row["month_high"]) == (
            "2018-07",
            "2018-09",
            "2018-10",
        )
        assert fitted("breaks").row("forced 2019-07")["cost"] == pytest.approx(72.67, abs=0.01)

    def test_the_month_found_costs_nothing_when_forced(self, fitted):
        result = fitted("breaks", forced="2018-09")
        forced, best = result.row("forced 2018-09"), result.row("joinpoint")
        assert forced["cost"] == 0
        assert (
            forced[["estimate", "std_error"]].tolist() == best[["estimate", "std_error"]].tolist()
        )

    def test_the_profile_marks_the_interval(self, fitted):
        profile = select_profile(fitted("breaks"))
        inside = profile.loc[profile["inside"], "month"]
        assert inside.iloc[[0, -1]].dt.strftime("%Y-%m").tolist() == ["2018-07", "2018-10"]
        assert (profile.loc[profile["inside"], "scaled"] <= 3.8415).all()
        assert (profile.loc[~profile["inside"], "scaled"] > 3.8414).all()
        assert profile.attrs["sources"]

    def test_an_interval_with_gaps_is_said(self, fitted):
        notes = fitted("breaks", source="inegi").notes
        assert "the interval has gaps: months within it that fit worse" in notes
        assert (
            "the interval has gaps: months within it that fit worse" not in fitted("breaks").notes
        )

    def test_both_sources_stand_under_each_other(self, fitted):
        sesnsp, inegi = fitted("breaks"), fitted("breaks", source="inegi", start="2015-01")
        rows = select_breaks(sesnsp, inegi)
        assert rows["source"].drop_duplicates().tolist() == ["sesnsp", "inegi"]
        own = rows[rows["source"] == "inegi"].set_index("term").loc["joinpoint", "month"]
        assert own == inegi.row("joinpoint")["month"]
        assert rows["first"].unique().tolist() == ["2015-01"]
        profile = select_profile(sesnsp, inegi)
        assert profile.loc[profile["forced"], "scaled"].tolist() == [
            result.row("forced 2019-07")["cost"] for result in (sesnsp, inegi)
        ]

    @pytest.mark.parametrize(
        ("given", "error", "message"),
        [
            (
                {"forced": "2015-06"},
                ModelError,
                "2015-06 can not be forced: months tried are 2016-01",
            ),
            ({"forced": "summer"}, RequestError, "write it as YYYY-MM"),
            ({"start": "2024-01"}, RequestError, "at least 24"),
            ({"start": "2023-07"}, ModelError, "24 rows leave no month"),
        ],
    )
    def test_a_wrong_request_is_refused(self, national_month, given, error, message):
        with pytest.raises(error, match=message):
            fit_breaks(national_month, **given)
