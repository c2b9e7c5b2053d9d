"""The catalogue: found by name, asked in words, with units and readings."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis
from analysis.claims.expression import parse_call, write_call
from analysis.claims.metrics import axes_of, check_call, find_measures, units_of
from analysis.claims.units import check_figure_unit, read_unit
from analysis.errors import RequestError


def test_a_line_of_a_ledger_works_in_a_notebook():
    found = analysis.measure("guards(date=2023-12-31)")
    values = dict(zip(found["measure"], found["value"], strict=True))
    assert values["guards(date=2023-12-31, concept=assigned_inegi)"] == 126203
    assert found["stated"].all()
    assert found.loc[found["value"].isna(), "arithmetic"].str.contains("no ").all()


def test_what_is_stated_comes_first_and_the_rest_is_measured_too():
    found = analysis.measure("homicides_total(source=inegi, vintage=final, from=2022, to=2022)")
    assert found["stated"].tolist() == sorted(found["stated"], reverse=True)
    assert found.loc[~found["stated"], "value"].notna().sum() >= 3


def test_a_measure_is_a_function_of_the_package():
    [found] = analysis.measure_guards(concept="assigned_inegi", date="2023-12-31")
    assert found.value == 126203 and found.evidence[0].table == "guard_strength_national"


def test_a_measure_on_claims_says_so():
    with pytest.raises(RequestError, match="works on claims of a ledger"):
        analysis.measure("sum_of(a, b)")


@pytest.mark.parametrize("name", sorted(find_measures()))
def test_every_measure_is_documented(name):
    function = find_measures()[name]
    assert len((function.__doc__ or "").splitlines()[0]) > 20
    assert ">>>" in function.__doc__ or "measure_homicides_total" in function.__doc__
    assert isinstance(units_of(name), tuple)


def test_the_subject_of_a_measure_is_never_another_reading():
    assert "of" not in axes_of(find_measures()["trend"])
    assert "indicator" not in axes_of(find_measures()["survey"])


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("deaths", ("deaths", 1)),
        ("million containers", ("containers", 1e6)),
        ("billion USD", ("USD", 1e9)),
        ("percent of adults", ("percent of adults", 1)),
        ("in 10", ("percent", 10)),
        ("persons per day", ("persons per day", 1)),
    ],
)
def test_units_are_read_with_their_scale(unit, expected):
    assert read_unit(unit) == expected


WORD = st.text("abcdefgh ,|()=-0123456789é", min_size=1).map(str.strip).filter(bool)


@given(st.dictionaries(st.sampled_from(["table", "column", "series"]), WORD, min_size=1))
def test_what_is_written_is_read_back(values):
    call = parse_call(write_call("figure", (), values))
    assert dict(call.asked) == {key: (value,) for key, value in values.items()}


@pytest.mark.parametrize(
    "text",
    [
        *("", "guards", "guards(", "guards)", "guards((date=2019))", "Guards(date=2019)"),
        *("guards(date=)", 'guards(date="2019)', "guards(date=2019|)x", "a b(c=d)"),
        *("guards(=2019)", "guards(2019)"),
    ],
)
def test_what_is_no_measure_is_refused(text):
    with pytest.raises(RequestError):
        check_call(text)


@given(st.text(max_size=60))
def test_no_text_gives_anything_but_a_measure_or_a_refusal(text):
    with suppress(RequestError):
        parse_call(text)


@pytest.mark.parametrize("unit", ["d", "percent of exports", "usd"])
def test_a_unit_that_a_figure_does_not_begin_with_is_refused(unit):
    for found in ("deaths", "percent of GDP", "USD"):
        with pytest.raises(RequestError, match="the figure is in"):
            check_figure_unit(unit, found)


def test_a_share_is_not_a_count_of_guards():
    found = analysis.measure("guards_by_origin(component=SEDENA, date=2020-12-31)")
    assert found["value"].isna().all()
    found = analysis.measure("guards_share_by_origin(component=SEDENA, date=2020-12-31)")
    assert found["value"].tolist() == [62.1]


@pytest.mark.parametrize("date", ["2019-13", "2019-00-01", "2", "2019-02-30", "soon", "2_019"])
def test_a_date_is_one(date):
    for text in (f"guards(date={date})", f"troops(forces=total, date={date})"):
        with pytest.raises(RequestError, match="is not a date"):
            analysis.measure(text)


def test_an_argument_by_both_its_names_is_refused():
    with pytest.raises(RequestError, match="given from twice"):
        check_call("homicides_total(from=2023, start=2022-01, to=2023)")
