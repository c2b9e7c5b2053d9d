"""A request is checked before anything runs; whoever asks, the same names are accepted."""

from typing import Literal

import pytest

from analysis.errors import RequestError
from analysis.parameters import accepted_values, check, check_period, convert, mean


def ask(
    table,
    *,
    lag: int = 0,
    share: float = 0.5,
    deep: bool = False,
    source: Literal["sesnsp", "inegi"] = "sesnsp",
    state: str | None = None,
    drop: str = "",
    start: str = "2019-07",
):
    """A function as models and notebooks have them."""


def test_only_keyword_parameters_can_be_asked_for():
    asked = ["lag", "share", "deep", "source", "state", "drop", "start"]
    assert list(accepted_values(ask)) == asked


def test_text_becomes_the_kind_a_parameter_has():
    given = {"lag": "-3", "share": "0.25", "deep": "True", "source": "inegi", "start": "2020-01"}
    expected = {"lag": -3, "share": 0.25, "deep": True, "source": "inegi", "start": "2020-01"}
    assert check(ask, given) == expected


@pytest.mark.parametrize("name", ["Guanajuato", "GTO", "11", "guanajuato", " gto "])
def test_a_state_is_the_same_state_however_it_is_called(name):
    assert check(ask, {"state": name}) == {"state": "Guanajuato"}


def test_states_to_drop_become_codes():
    assert check(ask, {"drop": "CDMX,Colima,1"}) == {"drop": "09,06,01"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lags": "3"}, 'unknown parameter "lags"; did you mean lag'),
        ({"source": "sesnps"}, 'unknown value of source "sesnps"; did you mean sesnsp'),
        ({"lag": "three"}, 'lag must be int, not "three"'),
        ({"lag": True}, "lag must be int, not True"),
        ({"share": "half"}, 'share must be float, not "half"'),
        ({"deep": "perhaps"}, 'deep must be bool, not "perhaps"'),
        ({"state": "Guanjuato"}, "nearest: Guanajuato"),
        ({"drop": "CDMX,Guanjuato"}, "nearest: Guanajuato"),
        ({"start": "July 2019"}, "write it as YYYY-MM"),
    ],
)
def test_a_bad_request_is_refused_with_what_is_accepted(given, message):
    with pytest.raises(RequestError, match=message) as error:
        check(ask, given)
    assert error.value.exit_code == 2


def test_half_a_month_is_not_an_integer():
    with pytest.raises(RequestError, match="lag must be int"):
        convert("lag", 1.5, int)


@pytest.mark.parametrize("absent", [None, ""])
def test_an_absent_value_stays_absent(absent):
    assert mean("state", absent) == absent


def test_an_open_end_is_the_last_month_of_the_source():
    assert check_period("2019-07", None, "sesnsp") == ("2019-07", "2025-06")
    assert check_period("2019-07", "", "inegi") == ("2019-07", "2022-12")


def test_two_years_are_the_shortest_window():
    assert check_period("2020-01", "2021-12", "sesnsp") == ("2020-01", "2021-12")
    with pytest.raises(RequestError, match="2020-01 to 2021-11 is 23 months; a trend needs"):
        check_period("2020-01", "2021-11", "sesnsp")


@pytest.mark.parametrize(
    ("start", "end", "source", "message"),
    [
        ("2024-01", "2020-01", "sesnsp", "with start before end"),
        ("2014-12", "2020-01", "sesnsp", "sesnsp covers 2015-01 to 2025-06; asked for 2014-12"),
        ("2019-07", "2025-07", "sesnsp", "sesnsp covers 2015-01 to 2025-06"),
        ("2019-07", "2025-06", "inegi", "inegi covers 2000-01 to 2022-12"),
        ("2019-7", None, "sesnsp", "is not a month"),
        ("2019-07", None, "press", 'unknown value of source "press"'),
    ],
)
def test_an_impossible_window_is_refused(start, end, source, message):
    with pytest.raises(RequestError, match=message) as error:
        check_period(start, end, source)
    assert error.value.exit_code == 2
