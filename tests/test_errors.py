"""Errors say what is accepted and choose the exit code."""

import pytest

from analysis.errors import DataError, ModelError, ReportError, RequestError, unknown


@pytest.mark.parametrize("failure", [DataError, ModelError, ReportError])
def test_what_failed_while_running_exits_with_one(failure):
    assert failure.exit_code == 1


def test_a_wrong_request_exits_with_two():
    assert RequestError.exit_code == 2


def test_an_unknown_name_offers_the_nearest_and_lists_the_accepted():
    message = str(unknown("table", "Panell", ["panel", "states"]))
    assert message == 'unknown table "Panell"; did you mean panel? Accepted: panel, states'


def test_a_name_like_no_other_only_lists_the_accepted():
    assert str(unknown("table", "zzz", ["panel"])) == 'unknown table "zzz"; Accepted: panel'
