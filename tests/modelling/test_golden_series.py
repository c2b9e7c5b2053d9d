"""The models of series in time against the second implementation.

tests/golden/README.md says what each value is and why it may lie off as far as it does here.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.modelling import spline
from analysis.modelling.candidates import RULES, forecast_model, forecast_rule
from analysis.modelling.partition import estimate_breaks
from analysis.modelling.places import select_place_series
from analysis.modelling.scores import coverage, seasonal_error, weighted_interval_score
from analysis.modelling.series import log_rates, read_series, select_national_series

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "series.json").read_text("utf-8"))
# Closed formulas; Poisson fits, iterated until the coefficients stand still on both sides.
FORMULA, POISSON = 1e-9, 1e-7
# The search for the AR(1) stops on the gradient, in standard errors of each coefficient; its
# information matrix is taken by differences.
AR1, INFORMATION = 1e-3, 1e-3
# Likelihoods of state-space models agree at their top; how far from it a search stops is told in
# log likelihood, and in standard deviations of what is forecast.
LIKELIHOOD, FORECAST = 2e-5, 0.02
ENDS = ("first", "last")
LEVELS = {"local level": "llevel", "local linear trend": "lltrend"}
NAMES = {
    "ets": "ETS",
    "sarima": "SARIMA",
    "arima fourier": "ARIMA with season",
    "ucm": "unobserved components",
}
COLUMNS = {"outcome": "homicides", "time": "month", "exposure": "person_years"}


def near(value, rel=0.0, *, off=0.0):
    return pytest.approx(value, rel=rel, abs=off)


def cases(block, *names, **wanted):
    """Give the rows of a block as test cases called by their names."""
    rows = [row for row in GOLDEN[block] if all(row[key] == wanted[key] for key in wanted)]
    return [
        pytest.param(row, id="-".join(str(row[name]).replace(" ", "_") for name in names))
        for row in rows
    ]


@pytest.fixture
def interruption(fitted):
    def ask(golden):
        events = "2019-07" if golden["source"] == "inegi" else "2019-07,2022-09"
        asked = {"source": golden["source"], "start": golden["start"], "events": events}
        return fitted("interruption", **asked)

    return ask


@pytest.fixture
def breaks(fitted):
    return lambda golden: fitted("breaks", source=golden["source"], start=golden["start"])


def assert_test(row, golden):
    """Compare p-values through their statistic: they magnify an error in it without bound."""
    z = golden["log_estimate"] / golden["std_error"]
    assert row["statistic"] == near(z, 2 * POISSON, off=1e-6)
    assert row["p_value"] == near(golden["p_value"], 1e-5 * (1 + z**2))


def assert_hac(row, golden):
    assert np.log(row["estimate"]) == near(golden["log_estimate"], off=POISSON)
    assert row["std_error"] == near(golden["std_error"], POISSON)
    assert row["dispersion"] == near(golden["dispersion"], POISSON)
    assert row["ar1"] == near(golden["residual_ar1_centred"], POISSON)
    assert_test(row, golden)


def test_the_known_sums_come_out(national_month):
    filled = national_month.set_index("month")["homicides_sesnsp_filled"]
    assert {
        "sesnsp_2015_filled": filled["2015"].sum(),
        "sesnsp_2024": filled["2024"].sum(),
        "sesnsp_2018_12_to_2023_11": filled["2018-12":"2023-11"].sum(),
        "oaxaca_fill": national_month["filled_deaths"].sum(),
        "sesnsp_months": filled.notna().sum(),
        "inegi_months": national_month["homicides_inegi"].notna().sum(),
    } == GOLDEN["sanity"]


class TestInterruption:
    @pytest.mark.parametrize(
        "golden", cases("interruption", "source", "start", "term", inference="hac")
    )
    def test_poisson_with_hac(self, interruption, golden):
        result = interruption(golden)
        term = "trend" if golden["term"] == "t" else golden["term"]
        assert (result.observations, *result.period) == tuple(golden[k] for k in ("n", *ENDS))
        assert result.fitted["hac"].deviance == near(golden["deviance"], FORMULA)
        assert_hac(result.row(term, inference="hac"), golden)

    @pytest.mark.parametrize(
        "golden", cases("interruption", "source", "start", "term", inference="ar1")
    )
    def test_log_rate_with_ar1(self, interruption, golden):
        result = interruption(golden)
        row = result.row("trend" if golden["term"] == "t" else golden["term"], inference="ar1")
        assert np.log(row["estimate"]) == near(
            golden["log_estimate"], off=AR1 * golden["std_error"]
        )
        assert row["std_error"] == near(golden["std_error"], INFORMATION)
        assert row["rho"] == near(golden["rho"], off=AR1 * golden["rho_std_error"])
        assert result.fitted["ar1"].llf == near(golden["log_likelihood"], off=1e-6)

    @pytest.mark.parametrize("golden", cases("placebo", "source", "start", "month", "term"))
    def test_a_placebo_date(self, interruption, golden):
        term = f"{golden['term']} {golden['month']}"
        assert_hac(interruption(golden).row(term, kind="placebo"), golden)

    @pytest.mark.parametrize("golden", cases("placebo_share", "source", "start", "term"))
    def test_the_share_of_placebos(self, interruption, golden):
        row = interruption(golden).row(f"placebo {golden['term']}")
        assert row["estimate"] == near(golden["estimate"], FORMULA)
        assert row["placebos"] == golden["placebos"]

    @pytest.mark.parametrize("golden", cases("starts", "source", "start", "from", "term"))
    def test_another_start(self, interruption, golden):
        row = interruption(golden).row(f"{golden['term']} from {golden['from']}", kind="start")
        assert_hac(row, golden)

    @pytest.mark.parametrize("golden", cases("placebo_share", "source", "start", term="level"))
    def test_there_are_no_other_dates_or_starts(self, interruption, golden):
        rows = interruption(golden).rows
        for kind, block in {"placebo": "placebo", "start": "starts"}.items():
            same = [r for r in GOLDEN[block] if all(r[k] == golden[k] for k in ("source", "start"))]
            assert rows["kind"].eq(kind).sum() == len(same)


class TestBreaks:
    @pytest.mark.parametrize("golden", cases("joinpoint", "source", "start"))
    def test_the_joinpoint(self, breaks, golden):
        result = breaks(golden)
        row = result.row("joinpoint")
        for name in ("month", "month_low", "month_high"):
            assert row[name] == golden[name]
        assert np.log(row["estimate"]) == near(golden["log_ratio"], off=POISSON)
        assert row["std_error"] == near(golden["std_error_ratio"], POISSON)
        assert row["dispersion"] == near(golden["dispersion"], POISSON)
        for name in ("before", "after"):
            log, error = golden[f"log_{name}"], golden[f"std_error_{name}"]
            assert row[name] == near(golden[f"percent_{name}"], 0, off=1e-5)
            ends = np.log1p(np.array([row[f"{name}_low"], row[f"{name}_high"]]) / 100)
            assert ends == near([log - 1.959963985 * error, log + 1.959963985 * error], off=POISSON)
        gaps = any("gaps" in str(note) for note in result.notes)
        assert gaps != golden["contiguous"]
        assert result.row(f"forced {golden['forced']}")["cost"] == near(golden["cost"], POISSON)

    @pytest.mark.parametrize("golden", cases("joinpoint", "source", "start"))
    def test_its_profile(self, breaks, golden):
        rows = [r for r in GOLDEN["joinpoint_profile"] if r["source"] == golden["source"]]
        expected = pd.DataFrame([r for r in rows if r["start"] == golden["start"]])
        profile = breaks(golden).fitted["profile"]
        assert profile["month"].dt.strftime("%Y-%m").tolist() == expected["month"].tolist()
        assert profile["deviance"].to_numpy() == near(expected["deviance"].to_numpy(), FORMULA)
        assert profile["scaled"].to_numpy() == near(
            expected["scaled"].to_numpy(), POISSON, off=1e-6
        )

    @pytest.mark.parametrize("golden", cases("partition", "source", "start", "breaks"))
    def test_so_many_breaks(self, breaks, golden):
        result = breaks(golden)
        row = result.row(f"{golden['breaks']} breaks")
        assert row["rss"] == near(golden["rss"], FORMULA)
        assert row["bic"] == near(golden["bic"], FORMULA)
        months, cuts = result.fitted["series"]["month"], result.fitted["partitions"]
        found = [months[cut].strftime("%Y-%m") for cut in cuts[golden["breaks"]][1:-1]]
        assert " ".join(found) == golden["months"]

    @pytest.mark.parametrize("golden", cases("chosen_partition", "source", "start"))
    def test_the_number_by_bic(self, breaks, golden):
        rows = breaks(golden).rows
        assert rows.loc[rows["chosen"].fillna(False), "breaks"].tolist() == [golden["breaks"]]

    @pytest.mark.parametrize("golden", cases("breaks", "source", "start", "breaks", "number"))
    def test_the_interval_of_a_break(self, national_month, golden):
        # Asked for at most so many: BIC then takes them all as long as it still fell there.
        series = select_national_series(
            national_month, source=golden["source"], start=golden["start"]
        )
        result = estimate_breaks(series, most=golden["breaks"], **COLUMNS)
        chosen = result.rows["kind"].eq("break").sum()
        if chosen != golden["breaks"]:
            same = [r for r in GOLDEN["partition"] if r["source"] == golden["source"]]
            bic = {r["breaks"]: r["bic"] for r in same if r["start"] == golden["start"]}
            assert bic[golden["breaks"]] > bic[chosen]
            return
        row = result.row(f"break {golden['number']}")
        for name in ("month", "month_low", "month_high"):
            assert row[name] == golden[name]


class TestSmoothTrend:
    @pytest.mark.parametrize("golden", cases("smooth_trend", "place", program="mgcv"))
    def test_against_mgcv(self, fitted, golden):
        # The same spline but for the places of its knots, and a search where ours is a grid: the
        # curves part where a year has few deaths to say how rough it is, at the ends most.
        state = {"state": golden["cve_ent"]} if golden["cve_ent"] else {}
        rows = fitted("smooth-trend", **state).rows
        months = rows[rows["kind"] == "month"]
        gap = np.log(months["rate"].to_numpy() / np.array(golden["rate"]))
        assert np.abs(gap).max() < 0.03
        assert np.abs(gap / np.array(golden["log_std_error"])).max() < 0.3
        assert months["std_error"].to_numpy() == near(np.array(golden["log_std_error"]), 0.05)
        assert months["dispersion"].iloc[0] == near(golden["dispersion"], 0.03)
        assert months["edf"].iloc[0] == near(golden["edf"], 0.05)
        assert fitted("smooth-trend", **state).fitted["gcv"] == near(golden["gcv"], 0.02)

    @pytest.mark.parametrize(
        "golden",
        cases("smooth_trend", "place", "log10_trend", "log10_season", program="penalised_splines"),
    )
    def test_with_given_smoothing(self, panel, national_month, golden):
        # The season's knots lie half a month from those of the second implementation: with them in
        # the same place all of it is equal to twelve digits.
        series = select_place_series(
            panel, national_month, source="sesnsp", state=golden["cve_ent"], start="2015-01"
        )
        rows = read_series(series, **COLUMNS)
        basis = spline.TrendBasis(len(rows))
        assert basis.width == golden["inner_knots"] + 4
        trend, season = spline.build_penalties(basis.width)
        count = rows["count"].to_numpy()
        fit = spline.solve_penalised(
            np.hstack([basis.trend, spline.season_basis(rows["month"])]),
            count,
            np.log(rows["exposure"].to_numpy()),
            10 ** golden["log10_trend"] * trend + 10 ** golden["log10_season"] * season,
            np.log(count + 1),
        )
        free = len(count) - fit["edf"].sum()
        phi = ((count - fit["mean"]) ** 2 / fit["mean"]).sum() / free
        covariance = phi * fit["inverse"][: basis.width, : basis.width]
        error = np.sqrt(np.einsum("ij,jk,ik->i", basis.trend, covariance, basis.trend))
        rate = 1e5 * np.exp(basis.trend @ fit["coefficients"][: basis.width])
        assert rate == near(np.array(golden["rate"]), 3e-3)
        assert error == near(np.array(golden["log_std_error"]), 2e-3)
        for name, found in {
            "dispersion": phi,
            "deviance": fit["deviance"],
            "gcv": fit["gcv"],
        }.items():
            assert found == near(golden[name], 2e-3)
        assert fit["edf"].sum() == near(golden["edf"], 3e-3)


class TestCounterfactual:
    @pytest.mark.parametrize("golden", cases("counterfactual", "source", "trend"))
    def test_the_fit(self, fitted, golden):
        result = fitted("counterfactual", source=golden["source"])
        fit = result.fitted[LEVELS[golden["trend"]]]
        assert fit.nobs == golden["n"]
        rows = result.tidy().query("level == @golden['trend']")
        assert set(rows["aic"].round(3)) == {round(golden["aic_after_13"], 3)}
        assert fit.llf == near(golden["log_likelihood_diffuse"], off=LIKELIHOOD)
        assert fit.aic == near(golden["aic_diffuse"], off=2 * LIKELIHOOD)
        found = dict(zip(fit.param_names, fit.params, strict=True))
        for name, variance in golden["variances"].items():
            ours = found["sigma2." + {"slope": "trend"}.get(name, name)]
            # The top is flat: three hundredths of a variance are a hundred-thousandth there.
            assert ours == near(variance, 0.03, off=1e-8)

    @pytest.mark.parametrize("golden", cases("counterfactual", "source", "trend"))
    def test_what_was_expected(self, fitted, golden):
        fit = fitted("counterfactual", source=golden["source"]).fitted[LEVELS[golden["trend"]]]
        ahead = fit.get_forecast(golden["months"])
        error = np.sqrt(golden["variance"])
        gap = (ahead.predicted_mean - np.array(golden["log_rate"])) / error
        assert np.abs(gap).max() < FORECAST
        assert ahead.se_mean == near(error, FORECAST)

    @pytest.mark.parametrize("golden", cases("counterfactual", "source", "trend"))
    def test_the_likelihood_at_the_same_variances(self, national_month, golden):
        # Without a search the two filters must be equal.
        series = select_national_series(national_month, source=golden["source"], start="")
        logs, _ = log_rates(read_series(series[series["month"] < golden["event"]], **COLUMNS))
        model = UnobservedComponents(
            logs.to_numpy(), LEVELS[golden["trend"]], seasonal=12, use_exact_diffuse=True
        )
        fit = model.smooth(list(golden["variances"].values()))
        assert fit.llf == near(golden["log_likelihood_diffuse"], FORMULA)
        pieces = fit.llf_obs
        assert pieces[golden["diffuse_states"] :].sum() == near(
            golden["log_likelihood_after_start"], FORMULA
        )
        assert pieces[13:].sum() == near(golden["log_likelihood_after_13"], FORMULA)
        ahead = fit.get_forecast(golden["months"])
        assert ahead.predicted_mean == near(np.array(golden["log_rate"]), FORMULA)
        assert ahead.se_mean**2 == near(np.array(golden["variance"]), POISSON)

    @pytest.mark.parametrize("source", ["sesnsp", "inegi"])
    def test_the_months(self, fitted, source):
        result = fitted("counterfactual", source=source)
        months = result.rows[result.rows["kind"] == "month"]
        rows = [row for row in GOLDEN["counterfactual"] if row["source"] == source]
        [golden] = [row for row in rows if row["trend"] == months["level"].iloc[0]]
        assert months["term"].tolist() == golden["month"]
        assert months["observed"].tolist() == golden["observed"]
        # The median of 10,000 draws scatters by 1.25 of a hundredth of a standard deviation.
        gap = np.log(months["expected"].to_numpy() / np.array(golden["expected"]))
        error = np.sqrt(golden["variance"])
        assert np.abs(gap / error).max() < 5 * 0.0125 + FORECAST
        # The 2.5 % ends by 2.67 of them.
        for name, z in {"expected_low": -1.959964, "expected_high": 1.959964}.items():
            ends = np.log(months[name].to_numpy() / np.array(golden["expected"])) / error
            assert np.abs(ends - z).max() < 5 * 0.0267 + 3 * FORECAST


class TestForecast:
    @pytest.mark.parametrize("golden", cases("forecast", "model"))
    def test_a_model_on_all_months(self, national_month, golden):
        rows = read_series(select_national_series(national_month, start=""), **COLUMNS)
        logs = log_rates(rows)[0].to_numpy() + np.log(1e5)
        name = NAMES.get(golden["model"], golden["model"])
        deviation = np.sqrt(golden["variance"])
        if name in RULES:
            mean, error = forecast_rule(name, logs, 12)
            assert mean == near(np.array(golden["log_rate"]), FORMULA)
            assert error**2 == near(np.array(golden["variance"]), FORMULA)
            return
        months = np.concatenate([rows["month"].dt.month, (np.arange(12) + 6) % 12 + 1])
        [(mean, error)] = forecast_model(name, logs, months, [len(logs)], 12)
        assert np.abs((mean - golden["log_rate"]) / deviation).max() < FORECAST
        assert error == near(deviation, FORECAST)

    @pytest.mark.parametrize("golden", cases("backtest", "model"))
    def test_the_backtest_of_a_rule(self, national_month, golden):
        rows = read_series(select_national_series(national_month, start=""), **COLUMNS)
        logs = log_rates(rows)[0].to_numpy() + np.log(1e5)
        rates, scores = np.exp(logs), []
        for origin in range(60, len(logs) - 11):
            mean, _ = forecast_rule(golden["model"], logs[:origin], 12)
            # The second implementation estimates the variance at every twelfth origin.
            _, error = forecast_rule(golden["model"], logs[: origin - origin % 12], 12)
            z = {50: 0.6744897501960817, 80: 1.2815515655446004, 95: 1.959963984540054}
            ends = {k: (np.exp(mean - v * error), np.exp(mean + v * error)) for k, v in z.items()}
            coming = rates[origin : origin + 12]
            miss = np.abs(coming - np.exp(mean))
            score = weighted_interval_score(np.exp(mean), ends, coming)
            inside = [coverage(*ends[level], coming) for level in (80, 95)]
            scaled = miss.mean() / seasonal_error(rates[:origin])
            scores.append([miss.mean(), scaled, score.mean(), *inside])
        names = ("mae", "mase", "wis", "coverage_80", "coverage_95")
        assert len(scores) == golden["origins"]
        assert np.mean(scores, axis=0) == near([golden[name] for name in names], FORMULA)

    def test_the_scores_of_the_model(self, fitted):
        result = fitted("forecast")
        for golden in GOLDEN["backtest"]:
            row = result.row(golden["model"])
            assert row["forecasts"] == golden["forecasts"]
            for name in ("mae", "mase"):
                assert row[name] == near(golden[name], FORMULA)
            # A rule has no fit to save: the package estimates its variance at each origin.
            assert row["wis"] == near(golden["wis"], 0.03)

    @pytest.mark.parametrize("golden", GOLDEN["wis"])
    def test_the_interval_score(self, golden):
        ends = zip(golden["low"], golden["high"], strict=True)
        intervals = dict(zip(golden["levels"], ends, strict=True))
        score = weighted_interval_score(golden["median"], intervals, golden["y"])
        assert float(score) == near(golden["wis"], FORMULA, off=1e-12)
