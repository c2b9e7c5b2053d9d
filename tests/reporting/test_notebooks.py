"""Notebooks stay short, ordered and free of outputs; requests are checked before anything runs."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis.errors import RequestError
from analysis.reporting.languages import languages
from analysis.reporting.notebooks import check_request, list_reports, list_requests

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code_cells(path):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_stores_no_outputs(self, path):
        for cell in code_cells(path):
            assert cell.outputs == []
            assert cell.execution_count is None

    def test_cells_are_short_and_without_logic(self, path):
        for cell in code_cells(path):
            statements = ast.parse(cell.source).body
            assert len(statements) <= 5, cell.source
            banned = (ast.FunctionDef, ast.For, ast.While, ast.Lambda, ast.If, ast.ListComp)
            assert not any(isinstance(node, banned) for node in ast.walk(ast.parse(cell.source)))
            assert "merge" not in cell.source
            if "parameters" not in cell.metadata.get("tags", []):  # a path may be asked for
                assert "/" not in cell.source.replace("http://", "")

    def test_parameters_have_kind_and_help(self, path):
        cells = [c for c in code_cells(path) if "parameters" in c.metadata.get("tags", [])]
        assert len(cells) == 1
        for line in cells[0].source.splitlines():
            name, rest = line.split(":", 1)
            assert name.isidentifier()
            assert "=" in rest and "# " in rest

    def test_prose_carries_a_language_in_every_language(self, path):
        prose = [c for c in nbformat.read(path, 4).cells if c.cell_type == "markdown"]
        counts = {f"lang-{lang}": 0 for lang in languages()}
        for cell in prose:
            tags = [tag for tag in cell.metadata.tags if tag.startswith("lang-")]
            assert len(tags) == 1
            counts[tags[0]] += 1
        assert len(set(counts.values())) == 1


def test_git_commits_a_notebook_without_its_outputs(tmp_path):
    recipe = (ROOT / "Makefile").read_text("utf-8")
    command = re.search(r"filter.outputs.clean '\$\(BIN\)/([^']+)'", recipe)[1]
    assert (ROOT / ".gitattributes").read_text("utf-8") == "notebooks/*.ipynb filter=outputs\n"
    notebook = nbformat.read(NOTEBOOKS[0], 4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="1")], 3
    words = [str(Path(sys.executable).parent / command.split()[0]), *command.split()[1:]]
    given = nbformat.writes(notebook).encode()
    done = subprocess.run(words, input=given, capture_output=True, cwd=tmp_path, check=True)
    assert done.stdout == NOTEBOOKS[0].read_bytes()


def test_a_report_is_a_notebook_in_its_folder():
    assert list_reports() == [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("name", ["Guanajuato", "11", "GTO", "guanajuato"])
def test_a_state_is_found_by_name_code_or_abbreviation(name):
    request = check_request("state", {"state": name}, "en")
    assert request.parameters == {"state": "Guanajuato"}
    assert request.slug == "state-guanajuato"


def test_all_is_every_report_and_every_state():
    slugs = [request.slug for request in list_requests([], {}, ["en"], every=True)]
    assert len(slugs) == len(set(slugs)) == len(list_reports()) - 1 + 32


def test_the_command_of_a_request_makes_the_same_request():
    request = check_request("state", {"state": "Nuevo León", "start": "2020-01"}, "en")
    assert request.command == (
        "analysis run state -p state='Nuevo León' -p start=2020-01 --lang en"
    )


@pytest.mark.parametrize(
    ("report", "given", "message"),
    [
        ("stat", {}, "did you mean state"),
        ("state", {"sate": "Durango"}, "did you mean state"),
        ("state", {"state": "Guanjuato"}, "nearest: Guanajuato"),
        ("state", {"state": ""}, "needs a state"),
        ("state", {"start": "2025-01"}, "6 months; a trend needs at least 24"),
        ("state", {"start": "2030-01"}, "0 months"),
        ("state", {"start": "1995-01"}, "sesnsp covers 2015-01 to 2025-06"),
        ("state", {"source": "inegi", "end": "2024-01"}, "inegi covers 2000-01 to 2022-12"),
        ("state", {"start": "soon"}, "write it as YYYY-MM"),
        ("national", {"source": "press"}, 'unknown value of source "press"'),
        ("guard", {"series": "all"}, "force_strength, assigned_inegi, deployed"),
    ],
)
def test_a_wrong_request_says_what_is_accepted(report, given, message):
    with pytest.raises(RequestError, match=message) as caught:
        check_request(report, given, "en")
    assert caught.value.exit_code == 2


def test_an_unknown_language_says_which_there_are():
    with pytest.raises(RequestError, match="Accepted: en"):
        check_request("national", {}, "fr")


def test_a_parameter_of_the_wrong_kind_is_refused(checkout):
    path = checkout / "notebooks" / "guard.ipynb"
    notebook = nbformat.read(path, 4)
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    cell.source = 'draws: int = 99  # draws\nlang: str = "en"  # language of the page'
    nbformat.write(notebook, path)
    assert check_request("guard", {"draws": "27"}, "en").parameters == {"draws": 27}
    with pytest.raises(RequestError, match='draws must be int, not "many"'):
        check_request("guard", {"draws": "many"}, "en")


def test_a_report_asked_for_twice_runs_once():
    assert len(list_requests(["national", "national"], {}, ["en"])) == 1
