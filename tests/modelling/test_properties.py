"""What must hold for every model, whatever the figures."""

import inspect

import numpy as np
import pandas as pd
import pytest

from analysis.cleaning.build import load_table
from analysis.modelling.administrations import fit_administrations
from analysis.modelling.annual import fit_guard_annual
from analysis.modelling.counts import fit_state_trend
from analysis.modelling.guard import GUARDS, fit_guard_elasticity
from analysis.models import find_models

MODELS = find_models()
EFFECTS = ["state+month", "month", "state+month+trend"]


def frames(model):
    """Give the tables a model takes, fresh copies."""
    parameters = inspect.signature(MODELS[model]).parameters.values()
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    return [load_table(name) for name in names]


def ordered(result):
    """Give the tidy rows in an order of their own."""
    rows = result.tidy()
    key = [c for c in ("kind", "term", "cve_ent", "month") if c in rows]
    return rows.sort_values(key, ignore_index=True)


def same_draws(model, before):
    """Give as many draws as another result of the model took, where a request may set them."""
    if "draws" in inspect.signature(MODELS[model]).parameters:
        return {"draws": before.parameters["draws"]}
    return {}


@pytest.fixture(scope="module")
def crowded(panel):
    """The panel of a country with twice the people; guards per head as they were."""
    rates = ["rate_sesnsp", "rate_inegi"]
    changes = {c: panel[c] * 2 for c in ("population", "person_years")}
    return panel.assign(**changes, **{c: panel[c] / 2 for c in rates})


@pytest.mark.parametrize("model", MODELS)
def test_the_order_and_the_labels_of_rows_are_irrelevant(model, fitted):
    shuffled = [table.sample(frac=1, random_state=1) for table in frames(model)]
    before = fitted(model)
    few = same_draws(model, before)
    result = MODELS[model](*(table.set_index(table.index * 7 + 3) for table in shuffled), **few)
    pd.testing.assert_frame_equal(ordered(result), ordered(before), rtol=1e-9)
    assert (result.period, result.observations) == (before.period, before.observations)


@pytest.mark.parametrize("model", MODELS)
def test_a_second_time_is_the_same_to_the_last_digit_and_the_tables_stay(model, fitted):
    given = frames(model)
    before = [table.copy(deep=True) for table in given]
    result = MODELS[model](*given, **same_draws(model, fitted(model)))
    pd.testing.assert_frame_equal(result.tidy(), fitted(model).tidy(), check_exact=True)
    for table, copy in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(table, copy, check_exact=True)
        assert table.attrs == copy.attrs


@pytest.mark.parametrize("source", ["sesnsp", "inegi"])
def test_twice_the_people_is_half_the_rate_and_the_same_ratio(national_month, fitted, source):
    exposure = national_month["person_years"] * 2
    crowded = fit_administrations(national_month.assign(person_years=exposure), source=source)
    rows, before = crowded.tidy(), fitted("administrations", source=source).tidy()
    factor = np.where(before["term"].str.contains("/"), 1, 0.5)
    for column in ("estimate", "conf_low", "conf_high"):
        assert rows[column].tolist() == pytest.approx((before[column] * factor).tolist(), rel=1e-9)
    assert rows["std_error"].tolist() == pytest.approx(before["std_error"].tolist(), rel=1e-9)


def test_twice_the_people_is_the_same_trend(crowded, fitted):
    result = fit_state_trend(crowded)
    pd.testing.assert_frame_equal(result.tidy(), fitted("state-trend").tidy(), rtol=1e-5, atol=1e-8)
    levels = [result.fitted[code].params["const"] for code in result.fitted]
    before = [fit.params["const"] for fit in fitted("state-trend").fitted.values()]
    assert levels == pytest.approx(np.subtract(before, np.log(2)), abs=1e-6)


@pytest.mark.parametrize("effects", EFFECTS)
def test_twice_the_people_is_the_same_elasticity(crowded, fitted, effects):
    row = fit_guard_elasticity(crowded, effects=effects).row(GUARDS, inference="crv1")
    before = fitted("guard-elasticity", effects=effects).row(GUARDS, inference="crv1")
    assert row["estimate"] == pytest.approx(before["estimate"], rel=1e-7)
    assert row["std_error"] == pytest.approx(before["std_error"], rel=1e-7)


@pytest.mark.parametrize("effects", EFFECTS)
def test_counting_guards_by_the_dozen_is_the_same_elasticity(panel, fitted, effects):
    dozens = panel.assign(guards_per_100k=panel["guards_per_100k"] / 12)
    row = fit_guard_elasticity(dozens, effects=effects).row(GUARDS, inference="crv1")
    before = fitted("guard-elasticity", effects=effects).row(GUARDS, inference="crv1")
    assert row["estimate"] == pytest.approx(before["estimate"], rel=1e-7)
    assert row["std_error"] == pytest.approx(before["std_error"], rel=1e-7)


def test_twice_the_people_is_the_same_correlation(national_year, strength, fitted):
    crowded = national_year.assign(rate_sesnsp=national_year["rate_sesnsp"] / 2)
    result = fit_guard_annual(crowded, strength)
    pd.testing.assert_frame_equal(result.tidy(), fitted("guard-annual").tidy(), rtol=1e-9)


@pytest.mark.parametrize("state", ["09", "11", "32"])
def test_one_state_alone_has_the_trend_it_has_among_all(panel, fitted, state):
    chosen = fit_state_trend(panel[panel["cve_ent"] == state]).row(state)
    asked = fit_state_trend(panel, state=state).row(state)
    among = fitted("state-trend").row(state)
    columns = ["estimate", "std_error", "p_value", "conf_low", "conf_high", "alpha", "deaths"]
    assert chosen[columns].tolist() == pytest.approx(among[columns].tolist(), rel=1e-12)
    assert asked[columns].tolist() == pytest.approx(among[columns].tolist(), rel=1e-12)


def test_leaving_a_state_out_is_the_fit_without_its_rows(panel):
    dropped = fit_guard_elasticity(panel, drop="Ciudad de México,GTO").tidy()
    selected = fit_guard_elasticity(panel[~panel["cve_ent"].isin(["09", "11"])]).tidy()
    pd.testing.assert_frame_equal(dropped, selected, rtol=1e-12)


def test_months_outside_the_window_do_not_matter(panel, fitted):
    inside = panel["month"].between("2019-07", "2025-06")
    result = fit_state_trend(panel[inside])
    pd.testing.assert_frame_equal(result.tidy(), fitted("state-trend").tidy(), check_exact=True)


def test_twice_the_deaths_is_twice_the_rate(national_month, fitted):
    doubled = national_month.assign(homicides_inegi=national_month["homicides_inegi"] * 2)
    rows = fit_administrations(doubled, source="inegi").tidy()
    before = fitted("administrations", source="inegi").tidy()
    assert rows["estimate"][:4].tolist() == pytest.approx((before["estimate"][:4] * 2).tolist())
