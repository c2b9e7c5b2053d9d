"""The smooth trend: a curve that is found again, a band that holds it, and when there is none."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.gam.api import GLMGam
from statsmodels.gam.smooth_basis import GenericSmoothers, UnivariateGenericSmoother

from analysis.errors import ModelError, RequestError
from analysis.modelling.smooth import estimate_smooth, fit_smooth_trend, select_smooth

NAMES = {"outcome": "deaths", "time": "month", "exposure": "people"}


def draw(log_rate, *, season=0.0, people=1e6, seed=4, excess=0.0):
    """Draw counts of months from 2015-01 on around a log rate; ``excess`` is gamma variance."""
    months = pd.Series(pd.date_range("2015-01", periods=len(log_rate), freq="MS"))
    rng = np.random.default_rng(seed)
    wave = season * np.sin(2 * np.pi * months.dt.month / 12)
    mean = np.exp(log_rate + wave) * people
    if excess:
        mean = mean * rng.gamma(1 / excess, excess, len(mean))
    return pd.DataFrame({"month": months, "deaths": rng.poisson(mean), "people": people})


def bump(length):
    """Give a log rate that rises and falls once."""
    return -8.5 + 0.5 * np.sin(np.pi * np.arange(length) / length)


def months_of(result):
    return result.tidy().query("kind == 'month'")


def test_a_known_curve_is_found_under_its_season_and_scatter():
    truth = bump(120)
    course = months_of(estimate_smooth(draw(truth, season=0.2), **NAMES))
    rate = np.exp(truth) * 100_000
    assert np.abs(course["rate"] / rate - 1).max() < 0.1
    assert ((course["conf_low"] < rate) & (rate < course["conf_high"])).all()


def test_the_band_holds_the_whole_curve_about_as_often_as_it_says():
    truth = np.exp(bump(60)) * 100_000
    held = {"conf": 0, "pointwise": 0}
    for seed in range(30):
        frame = draw(bump(60), seed=seed, excess=0.01)
        course = months_of(estimate_smooth(frame, **NAMES, draws=500))
        for band in held:
            low, high = course[f"{band}_low"], course[f"{band}_high"]
            held[band] += bool(((low <= truth) & (truth <= high)).all())
    # Bias and the choice of smoothing cost some of the 95 %; a band by month holds far less.
    assert held["conf"] >= 25
    assert held["pointwise"] <= held["conf"] - 4


def test_the_library_gives_the_same_fit_at_the_chosen_smoothing():
    frame = draw(bump(90), season=0.15, excess=0.02).assign(people=np.linspace(9e5, 1.1e6, 90))
    result = estimate_smooth(frame, **NAMES)
    fit = result.fitted
    place = np.arange(90.0)
    design, penalty = fit["design"], fit["penalty"]
    # The library counts half of the penalty.
    smoother = UnivariateGenericSmoother(place, design, design, design, penalty, "all")
    model = GLMGam(
        frame["deaths"].to_numpy("float64"),
        smoother=GenericSmoothers(place[:, None], [smoother]),
        alpha=[0.5],
        family=sm.families.Poisson(),
        offset=np.log(frame["people"].to_numpy()),
    )
    other = model.fit(scale="X2", tol=1e-12)
    assert fit["coefficients"] == pytest.approx(other.params, rel=1e-8, abs=1e-8)
    assert fit["edf"].sum() == pytest.approx(other.edf.sum(), rel=1e-8)
    assert fit["dispersion"] == pytest.approx(other.scale, rel=1e-8)
    assert fit["covariance"] == pytest.approx(other.cov_params(), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("slope", "word"), [(0.3, "rising"), (-0.3, "falling"), (0.0, "unclear")])
def test_the_direction_is_that_of_the_last_month(slope, word):
    frame = draw(-8.5 + slope * np.arange(72) / 12, people=1e6)
    row = estimate_smooth(frame, **NAMES).row("direction")
    assert row["direction"] == word
    assert row["conf_low"] < np.expm1(slope / 12) * 100 < row["conf_high"]


def test_a_straight_line_is_drawn_straight_and_said():
    frame = draw(bump(96))
    line = np.exp(4 + 0.1 * np.arange(96) / 12)
    frame["deaths"] = np.rint(line + [4, -4, -4, 4] * 24)
    result = estimate_smooth(frame, **NAMES)
    steps = np.diff(np.log(months_of(result)["rate"]))
    assert np.ptp(steps) < 1e-4
    assert steps.mean() == pytest.approx(0.1 / 12, rel=0.05)
    assert any("straight line" in note for note in result.notes)


def test_twice_the_people_is_half_the_rate_and_the_same_direction():
    frame = draw(bump(72))
    result = estimate_smooth(frame, **NAMES)
    crowd = estimate_smooth(frame.assign(people=frame["people"] * 2), **NAMES)
    for column in ("rate", "conf_low", "conf_high", "observed"):
        halves = months_of(crowd)[column] * 2
        assert halves.tolist() == pytest.approx(months_of(result)[column].tolist(), rel=1e-8)
    assert crowd.row("direction")["estimate"] == pytest.approx(
        result.row("direction")["estimate"], rel=1e-6
    )


def test_counting_everything_ten_times_chooses_the_same_smoothing():
    frame = draw(bump(72), excess=0.05)
    result = estimate_smooth(frame, **NAMES)
    tenfold = estimate_smooth(frame.assign(deaths=frame["deaths"] * 10), **NAMES)
    assert tenfold.fitted["smoothing"] == result.fitted["smoothing"]
    assert tenfold.rows["edf"][0] == pytest.approx(result.rows["edf"][0], rel=1e-6)
    assert tenfold.rows["std_error"][0] == pytest.approx(result.rows["std_error"][0], rel=1e-6)


def test_without_exposure_the_rate_is_the_count():
    frame = draw(bump(60), people=1e6)
    course = months_of(estimate_smooth(frame, outcome="deaths", time="month"))
    assert course["observed"].tolist() == frame["deaths"].tolist()
    assert course["rate"].mean() == pytest.approx(frame["deaths"].mean(), rel=0.05)


def test_rows_in_any_order_and_another_seed():
    frame = draw(bump(60))
    result = estimate_smooth(frame, **NAMES).tidy()
    mixed = estimate_smooth(frame.sample(frac=1, random_state=3), **NAMES).tidy()
    pd.testing.assert_frame_equal(result, mixed)
    other = estimate_smooth(frame, **NAMES, seed=2).tidy()
    pd.testing.assert_series_equal(result["rate"], other["rate"])
    assert result["critical"][0] != other["critical"][0]
    assert result["critical"][0] == pytest.approx(other["critical"][0], rel=0.03)


def test_a_month_without_a_count_has_a_curve_but_no_dot():
    frame = draw(bump(72))
    frame["deaths"] = frame["deaths"].astype("Int64").mask(frame.index.isin([30, 31]))
    result = estimate_smooth(frame, **NAMES)
    course = months_of(result)
    assert (len(course), result.observations) == (72, 70)
    assert course["observed"].isna().sum() == 2
    assert course["rate"].notna().all()
    # The band is wider where nothing was counted.
    assert course["std_error"].iloc[30] > course["std_error"].iloc[36]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.head(23), "23 months with deaths; a smooth trend needs 24"),
        (lambda f: f.drop(index=30), "2 months from the row before to 2017-08"),
        (lambda f: f.assign(deaths=0), "zero throughout"),
        (lambda f: f.assign(people=0), "not positive"),
        (lambda f: f.assign(deaths=-1), "negative"),
        (lambda f: f.assign(deaths=50), "do not scatter"),
        (
            lambda f: f.assign(deaths=f["deaths"].where(f.index >= 36, 0)),
            "go to zero in 2015-01: .* shorten the series",
        ),
        (
            lambda f: f.assign(deaths=f["deaths"].where(f.index < 30, 0)),
            "go to zero in 2019-12: .* shorten the series",
        ),
    ],
)
def test_counts_that_can_not_carry_a_curve_are_refused(change, message):
    with pytest.raises(ModelError, match=message):
        estimate_smooth(change(draw(bump(60))), **NAMES)


def test_a_short_stretch_without_counts_is_no_fault():
    frame = draw(bump(60))
    frame.loc[30:32, "deaths"] = 0
    assert months_of(estimate_smooth(frame, **NAMES))["rate"].min() > 0.1


def test_a_bad_request_is_refused(panel, national_month):
    frame = draw(bump(60))
    with pytest.raises(RequestError, match="did you mean deaths"):
        estimate_smooth(frame, outcome="death", time="month")
    with pytest.raises(RequestError, match="at least 100 draws"):
        estimate_smooth(frame, **NAMES, draws=3)
    with pytest.raises(RequestError, match="nearest: Guanajuato"):
        fit_smooth_trend(panel, national_month, state="Guanjuato")
    with pytest.raises(RequestError, match="sesnsp covers 2015-01"):
        fit_smooth_trend(panel, national_month, start="2010-01")


def test_the_nation_and_a_state(fitted, panel):
    nation = fitted("smooth-trend")
    assert (nation.observations, nation.states) == (126, 32)
    assert "9 missing SESNSP cells are filled by the INEGI count: 577 deaths" in nation.notes
    state = fitted("smooth-trend", state="GTO")
    assert state.parameters["state"] == "Guanajuato"
    assert state.rows["cve_ent"].unique().tolist() == ["11"]
    assert state.sources == ("sesnsp_victims_state_month", "conapo_population_state_year")
    course = select_smooth(state).set_index("month")
    assert course["direction"].unique().tolist() == [state.row("direction")["direction"]]
    assert course["flags"].eq("sesnsp_preliminary").sum() == 6
    rates = panel[panel["cve_ent"] == "11"].set_index("month")["rate_sesnsp"]
    assert course["observed"].tolist() == pytest.approx(rates[course.index].tolist())


def test_a_states_missing_months_stay_missing(fitted):
    state = fitted("smooth-trend", state="Oaxaca")
    course = select_smooth(state)
    # The first month is one of the nine: the curve begins with the first count.
    assert state.period[0] == "2015-02"
    assert course["observed"].isna().sum() == 8
    assert "9 months are missing: the curve is fitted to the others" in state.notes


def test_the_parameters_are_what_was_asked(fitted, panel, national_month):
    assert fitted("smooth-trend", state="Oaxaca").parameters["start"] == "2015-01"
    nation = fitted("smooth-trend")
    assert nation.parameters["start"] == "2015-01"
    assert not any("missing:" in note for note in nation.notes)
    # An empty start is the first month of the source.
    whole = fit_smooth_trend(panel, national_month, state="Oaxaca", start="")
    assert whole.parameters == fitted("smooth-trend", state="Oaxaca").parameters


def test_a_state_without_homicides_is_named(panel, national_month):
    quiet = panel.assign(
        homicides_sesnsp=panel["homicides_sesnsp"].mask(panel["cve_ent"] == "06", 0)
    )
    with pytest.raises(ModelError, match="Colima, sesnsp: homicides is zero throughout"):
        fit_smooth_trend(quiet, national_month, state="Colima")
