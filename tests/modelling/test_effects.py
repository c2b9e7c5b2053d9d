"""The panel regression on any frame: against statsmodels, known truth, bad input."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.errors import ModelError, RequestError
from analysis.modelling.clusters import infer_crv1
from analysis.modelling.effects import estimate_effects
from tests.modelling.panels import ARGUMENTS, dummies, simulate

EFFECTS = ["none", "unit", "time", "unit+time", "unit+time+trend"]


@pytest.mark.parametrize("effects", EFFECTS)
def test_poisson_agrees_with_statsmodels(effects):
    frame = simulate()
    design = dummies(frame, effects)
    offset = np.log(frame["persons"])
    glm = sm.GLM(frame["cases"], design, family=sm.families.Poisson(), offset=offset)
    theirs = glm.fit(tol=1e-14)
    options = ARGUMENTS | {"regressors": ["dose", "age"], "exposure": "persons"}
    ours = estimate_effects(frame, effects=effects, **options)
    assert ours.params.to_numpy() == pytest.approx(theirs.params.iloc[:2].to_numpy(), rel=1e-9)
    assert np.sort(ours.mu) == pytest.approx(np.sort(theirs.mu), rel=1e-9)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-10)
    assert ours.bread == pytest.approx(theirs.cov_params().to_numpy()[:2, :2], rel=1e-8)


@pytest.mark.parametrize("effects", EFFECTS)
def test_least_squares_agrees_with_statsmodels(effects):
    frame = simulate()
    theirs = sm.OLS(np.log(frame["cases"] + 1), dummies(frame, effects)).fit()
    options = ARGUMENTS | {"outcome": "logs", "regressors": ["dose", "age"]}
    frame["logs"] = np.log(frame["cases"] + 1)
    ours = estimate_effects(frame, effects=effects, family="gaussian", **options)
    assert ours.params.to_numpy() == pytest.approx(theirs.params.iloc[:2].to_numpy(), rel=1e-9)
    assert ours.deviance == pytest.approx(theirs.ssr, rel=1e-10)


def test_the_order_of_rows_changes_no_digit():
    frame = simulate()
    before = estimate_effects(frame, exposure="persons", **ARGUMENTS)
    after = estimate_effects(frame.sample(frac=1, random_state=3), exposure="persons", **ARGUMENTS)
    assert before.params.equals(after.params)


def test_the_truth_is_found():
    frame = simulate(units=60, times=40, effect=0.3, shape=50)
    row = infer_crv1(estimate_effects(frame, exposure="persons", **ARGUMENTS)).iloc[0]
    assert row["std_error"] < 0.01
    assert row["estimate"] == pytest.approx(0.3, abs=3 * row["std_error"])


def test_a_clinic_without_cases_and_a_missing_value_leave_with_their_reason():
    frame = simulate()
    frame.loc[frame["clinic"] == 3, "cases"] = 0
    frame.loc[0, "dose"] = np.nan
    fit = estimate_effects(frame, exposure="persons", **ARGUMENTS)
    assert fit.dropped["reason"].value_counts().to_dict() == {
        "every count is zero": 15,
        "a value is missing": 1,
    }
    assert len(fit.mu) + len(fit.dropped) == len(frame)
    without = frame[frame["clinic"] != 3]
    alone = estimate_effects(without, exposure="persons", **ARGUMENTS)
    assert fit.params["dose"] == pytest.approx(alone.params["dose"], rel=1e-12)


def test_a_trend_is_over_time_and_not_over_the_rows_present():
    """Years with a gap: the design of the textbook uses the year itself."""
    frame = simulate()
    frame = frame[~frame["year"].between(2004, 2010)].reset_index(drop=True)
    design = dummies(frame, "unit+time+trend")
    offset = np.log(frame["persons"])
    glm = sm.GLM(frame["cases"], design, family=sm.families.Poisson(), offset=offset)
    options = ARGUMENTS | {"regressors": ["dose", "age"], "exposure": "persons"}
    ours = estimate_effects(frame, effects="unit+time+trend", **options)
    assert ours.params["dose"] == pytest.approx(glm.fit(tol=1e-14).params.iloc[0], rel=1e-8)
    # Months as dates, as periods and as numbers are one clock.
    months = pd.PeriodIndex.from_ordinals(12 * frame["year"].to_numpy() + 3, freq="M")
    for time in (months, months.to_timestamp(), 12 * frame["year"]):
        again = estimate_effects(frame.assign(year=time), effects="unit+time+trend", **options)
        assert again.params["dose"] == pytest.approx(ours.params["dose"], rel=1e-8)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"effects": "foo"}, 'unknown effects "foo"'),
        ({"family": "foo"}, 'unknown family "foo"'),
        ({"outcome": "deaths"}, 'unknown column "deaths"'),
        ({"regressors": []}, "at least one regressor"),
        ({"regressors": ["name"]}, "must be numbers"),
        ({"time": "name", "effects": "unit+time+trend"}, "dates or numbers"),
    ],
)
def test_a_wrong_request_is_named(options, match):
    frame = simulate().assign(name=lambda rows: "y" + rows["year"].astype("str"))
    with pytest.raises(RequestError, match=match):
        estimate_effects(frame, **(ARGUMENTS | options))


class TestBadInput:
    def refused(self, match, change=None, **options):
        frame = simulate()
        frame = frame if change is None else change(frame)
        with pytest.raises(ModelError, match=match):
            estimate_effects(frame, **(ARGUMENTS | options))

    def test_a_repeated_row(self):
        self.refused("stands twice", lambda frame: pd.concat([frame, frame.head(1)]))

    def test_a_negative_count(self):
        self.refused("no count", lambda frame: frame.assign(cases=-1))

    def test_no_exposure_in_a_row(self):
        self.refused("persons must be positive", lambda f: f.assign(persons=0), exposure="persons")

    def test_an_infinite_regressor(self):
        self.refused("infinite", lambda frame: frame.assign(dose=-np.inf))

    def test_two_units(self):
        self.refused("2 units", lambda frame: frame[frame["clinic"] < 2])

    def test_a_regressor_that_is_an_effect(self):
        self.refused("do not vary", lambda frame: frame.assign(dose=frame["clinic"] * 2.0))

    def test_two_regressors_that_are_one(self):
        frame = simulate().assign(again=lambda rows: rows["dose"] * 2)
        with pytest.raises(ModelError, match="collinear"):
            estimate_effects(frame, **(ARGUMENTS | {"regressors": ["dose", "again"]}))

    def test_separation(self):
        def separated(frame):
            treated = (frame["clinic"] > 5) & (frame["year"] > 2007)
            cases = frame["cases"].clip(lower=1).mask(treated, 0)
            return frame.assign(dose=treated.astype("float64"), cases=cases)

        self.refused("separated", separated)
