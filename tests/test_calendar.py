"""Months, terms, exposure and repeated months."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.calendar import (
    ADMINISTRATIONS,
    EVENTS,
    administration_of,
    find_repeats,
    month_text,
    parse_month,
    person_years,
)
from analysis.errors import RequestError

MONTHS = pd.Series(pd.date_range("2000-12", "2030-09", freq="MS"))


@given(st.integers(1900, 2099), st.integers(1, 12))
def test_a_month_survives_writing_and_reading(year, month):
    text = f"{year}-{month:02d}"
    assert month_text(parse_month(text)) == text


@pytest.mark.parametrize(
    "text", ["2019-13", "2019-00", "2019-7", "2019", "19-07", "2019-07-01", "July 2019", "", None]
)
def test_what_is_not_a_month_is_refused_with_an_example(text):
    with pytest.raises(RequestError, match="write it as YYYY-MM, for example 2019-07") as error:
        parse_month(text)
    assert error.value.exit_code == 2


@given(st.integers(2000, 2040), st.integers(1, 10**9))
def test_the_exposure_of_a_year_is_its_population_and_days_in_years(year, population):
    months = pd.Series(pd.date_range(f"{year}-01", periods=12, freq="MS"))
    days = 366 if year % 4 == 0 else 365
    exposure = person_years(pd.Series([population] * 12), months).sum()
    assert exposure == pytest.approx(population * days / 365.25, rel=1e-12)


def test_administrations_part_the_months_without_gap_or_overlap():
    terms = administration_of(MONTHS)
    assert terms.notna().all()
    assert terms.drop_duplicates().tolist() == [term.term for term in ADMINISTRATIONS]
    assert sum(MONTHS.between(term.first, term.last).sum() for term in ADMINISTRATIONS) == 358
    assert (terms.ne(terms.shift()).sum()) == len(ADMINISTRATIONS)


@pytest.mark.parametrize(
    ("month", "term"),
    [
        ("2006-11", "fox"),
        ("2006-12", "calderon"),
        ("2012-12", "pena_nieto"),
        ("2018-12", "lopez_obrador"),
        ("2024-09", "lopez_obrador"),
        ("2024-10", "sheinbaum"),
    ],
)
def test_a_term_starts_with_the_month_of_the_oath(month, term):
    assert administration_of(pd.Series([parse_month(month)])).tolist() == [term]


def test_months_before_fox_belong_to_no_term():
    assert administration_of(pd.Series([parse_month("2000-11")])).isna().all()


def test_the_guard_was_created_then_deployed_then_put_under_the_army():
    assert [month_text(month) for month in EVENTS.values()] == ["2019-03", "2019-07", "2022-09"]


def test_a_repeat_names_the_latest_earlier_month():
    months = pd.DataFrame({"01": [5, 5, 6, 5], "02": [1, 1, 1, 1]}, index=list("abcd"))
    assert find_repeats(months).to_dict() == {"b": "a", "d": "b"}


def test_one_state_that_differs_is_enough_for_no_repeat():
    assert find_repeats(pd.DataFrame({"01": [5, 5], "02": [1, 2]})).empty
