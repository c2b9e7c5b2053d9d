"""What every model gives back: frozen, tidy, and a JSON document that programs can rely on."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.modelling.result import TIDY, ModelResult
from analysis.models import find_models
from analysis.sources import raw_tables

MODELS = find_models()
OWN = {
    "administrations": {"deaths", "months", "first", "last"},
    "state-trend": {"cve_ent", "alpha", "q_value", "direction"},
    "guard-elasticity": {"inference", "detectable", "k"},
    "guard-annual": {"n"},
    "measurement": {"kind", "numerator", "denominator", "cve_ent"},
    "quality": {"cve_ent", "month", "found", "expected", "sure", "corrected", "recorded"},
}


@pytest.fixture
def small():
    rows = pd.DataFrame({"n": [7], "term": ["x"], "p_value": [1.2345678901234567e-20]})
    return ModelResult(
        model="small",
        formula="y ~ x",
        parameters={"lag": 0, "state": None},
        sources=("table",),
        period=("2019-07", "2021-07"),
        observations=7,
        states=1,
        inference="none",
        unit="rows",
        rows=rows,
        notes=("a note",),
    )


@pytest.mark.parametrize("model", MODELS)
class TestEveryModel:
    def test_a_result_is_frozen(self, model, fitted):
        for field in dataclasses.fields(ModelResult):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(fitted(model), field.name, None)

    def test_the_tidy_columns_come_first_then_the_models_own(self, model, fitted):
        columns = list(fitted(model).tidy().columns)
        assert columns[: len(TIDY)] == TIDY
        assert OWN.get(model, set()) <= set(columns)

    def test_the_document_has_the_keys_of_the_contract(self, model, fitted):
        document = json.loads(json.dumps(fitted(model).to_dict(), allow_nan=False))
        keys = {"model", "parameters", "data", "rows", "notes", "converged", "unit"}
        assert keys <= set(document)
        assert set(document["data"]) == {"sources", "period", "observations", "states"}
        assert document["model"] == model
        assert document["converged"] is True
        assert len(document["data"]["period"]) == 2
        assert document["data"]["observations"] > 0

    def test_the_document_has_a_row_a_term_with_missing_numbers_as_null(self, model, fitted):
        rows, tidy = fitted(model).to_dict()["rows"], fitted(model).tidy()
        assert [row["term"] for row in rows] == tidy["term"].tolist()
        for row, known in zip(rows, tidy.notna().to_dict("records"), strict=True):
            assert list(row) == list(tidy.columns)
            assert {name for name, value in row.items() if value is not None} == {
                name for name, is_known in known.items() if is_known
            }

    def test_the_numbers_of_the_document_are_those_of_the_table(self, model, fitted):
        rows, tidy = fitted(model).to_dict()["rows"], fitted(model).tidy()
        for row, expected in zip(rows, tidy.to_dict("records"), strict=True):
            numbers = {name: value for name, value in row.items() if isinstance(value, float)}
            same = {name: expected[name] for name in numbers}
            assert numbers == pytest.approx(same, rel=1e-9, abs=1e-15)

    def test_the_sources_are_tables(self, model, fitted):
        assert set(fitted(model).sources) <= set(raw_tables())
        assert fitted(model).tidy().attrs["sources"] == list(fitted(model).sources)

    def test_the_rows_carry_the_unit_of_what_was_estimated(self, model, fitted):
        result = fitted(model)
        units = result.tidy().attrs["units"]
        assert units["estimate"] == units["conf_low"] == result.unit != ""
        assert units["p_value"] == "share of one"


def test_the_numbers_of_the_document_are_not_rounded(small):
    assert small.to_dict()["rows"][0]["p_value"] == 1.2345678901234567e-20


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
@pytest.mark.parametrize("absent", [np.inf, -np.inf, np.nan])
def test_what_json_has_no_number_for_is_null(small, absent, kind):
    rows = small.rows.assign(n=pd.Series([kind(absent)], dtype=object), estimate=absent)
    row = dataclasses.replace(small, rows=rows).to_dict()["rows"][0]
    assert row["n"] is None and row["estimate"] is None and row["p_value"] is not None
    json.dumps(row, allow_nan=False)


def test_changing_the_tidy_rows_leaves_the_result_alone(small):
    tidy = small.tidy()
    tidy.loc[0, "n"] = 8
    assert small.tidy().loc[0, "n"] == 7


def test_a_row_is_found_by_its_term(small):
    assert small.row("x")["n"] == 7
    with pytest.raises(KeyError):
        small.row("y")


def test_states_are_named_by_their_codes(fitted):
    rows = fitted("state-trend").to_dict()["rows"]
    assert [row["cve_ent"] for row in rows] == [*(f"{code:02d}" for code in range(1, 33)), None]


def test_a_result_is_read_in_a_terminal_and_in_a_notebook(fitted):
    result = fitted("state-trend")
    text, html = repr(result), result._repr_html_()
    assert text.splitlines()[0] == f"{result.model}: {result.formula}"
    assert "2019-07 to 2025-06, 2,304 observations, 32 states" in text.splitlines()[1]
    assert text.splitlines()[2] == "estimate: % a year"
    assert len(text.splitlines()) == 4 + len(result.rows) + len(result.notes)
    assert text.splitlines()[-1].split()[:2] == ["pooled", "-5.333"]
    assert html.count("<tr>") == len(result.rows) and "NaN" not in html
    assert "<script" not in ModelResult(**vars(result) | {"formula": "<script>"})._repr_html_()


def test_selections_carry_the_units_of_their_numbers():
    panel, months = an.load_panel(), an.load_table("national_month")
    trend = an.fit_state_trend(panel)
    rate = "per 100,000 person-years"
    expected = [
        (
            an.select_trend_line(trend, "Colima"),
            {"observed": rate, "fitted": rate, "conf_low": rate},
        ),
        (
            an.select_recent_rates(panel),
            {"homicides": "homicides", "rate": rate, "conf_high": rate},
        ),
        (an.select_twelve_months(months), {"filled_cells": "states", "year_rate_inegi": rate}),
        (an.select_parts(an.load_table("troops_public_security")), {"sum": "persons"}),
        (an.select_years(panel, "Colima"), {"homicides_sesnsp": "victims", "rate_inegi": rate}),
    ]
    for frame, units in expected:
        assert {name: frame.attrs["units"][name] for name in units} == units
        assert frame.attrs["sources"]
    # What is about all states says so still.
    assert expected[0][0].attrs["rests_on"] == {"states": "all"}
