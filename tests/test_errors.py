"""Errors say what is accepted and choose the exit code."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

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


class TestInANotebook:
    """A mistake is told by the line of the cell and a sentence."""

    def run(self, capsys, source):
        shell = InteractiveShell.instance()
        done = shell.run_cell(source)
        return done.error_in_exec, capsys.readouterr().out.strip().splitlines()

    def test_a_mistake_gives_the_line_and_a_sentence(self, capsys):
        error, told = self.run(capsys, "import analysis as an\nan.load_table('nothing')")
        assert isinstance(error, RequestError)
        assert told[0] == "line 2: an.load_table('nothing')"
        assert told[1].startswith('RequestError: unknown table "nothing"') and len(told) == 2

    def test_everything_is_there_for_who_asks(self, capsys, monkeypatch):
        monkeypatch.setenv("ANALYSIS_DEBUG", "1")
        _, told = self.run(capsys, "import analysis as an\nan.load_table('nothing')")
        assert told[0].startswith("Traceback") and any("cleaning/build.py" in line for line in told)
