"""A report of one's own: begun by a command, rendered at once, in every language."""

import nbformat
import pytest
from click.testing import CliRunner

import analysis as an
from analysis.cli import cli
from analysis.errors import ReportError, RequestError
from analysis.reporting.languages import in_language, languages
from analysis.reporting.notebooks import begin_report, check_request, list_requests
from analysis.reporting.run import run_reports


@pytest.mark.slow
def test_a_new_report_renders_in_every_language(checkout):
    assert begin_report("roads") == checkout / "notebooks" / "roads.ipynb"
    entries = run_reports(list_requests(["roads"], {}, languages()))
    assert [entry["error"] for entry in entries] == [None] * len(languages())
    for lang in languages():
        page = (checkout / "reports" / lang / "roads.html").read_text("utf-8")
        assert f'<html lang="{lang}">' in page and "NAME" not in page
        assert page.count("<figure ") == 1 and "Report(" not in page
        assert (checkout / "reports" / lang / "roads" / "tables" / "trends.csv").is_file()


def test_a_new_report_has_question_parameters_and_no_outputs(checkout):
    notebook = nbformat.read(begin_report("roads"), 4)
    nbformat.validate(notebook)
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    assert tags[:3] == [["lang-en"], ["lang-es"], ["parameters"]]
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert check_request("roads", {"source": "inegi"}, "es").slug == "roads"


@pytest.mark.parametrize("name", ["Roads", "my report", "../x", "2020", "a--b", "", "ñandú"])
def test_a_name_that_can_not_be_one_is_refused(checkout, name):
    with pytest.raises(RequestError, match="expected small letters"):
        begin_report(name)


def test_a_report_that_is_there_is_not_overwritten(checkout):
    before = (checkout / "notebooks" / "guard.ipynb").read_bytes()
    with pytest.raises(RequestError, match="already there"):
        begin_report("guard")
    assert (checkout / "notebooks" / "guard.ipynb").read_bytes() == before


def test_the_command_says_what_comes_next(checkout):
    told = CliRunner().invoke(cli, ["new", "roads"])
    assert told.exit_code == 0
    assert "notebooks/roads.ipynb" in told.output and "analysis run roads" in told.output


def test_a_text_of_ones_own_is_in_the_language_of_the_page():
    assert an.say(en="rising", es="al alza") == "rising"
    with in_language("es"):
        assert an.say(en="rising", es="al alza") == "al alza"
        with pytest.raises(ReportError, match="add es="):
            an.say(en="rising")
