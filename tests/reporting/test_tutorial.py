"""The tutorial, word by word: its commands run, its cells written, its output compared."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from tests.manual import read_blocks, run_lines

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


def value(source, names):
    """Run Python as a notebook does and give what its last line shows."""
    *lines, last = ast.parse(source).body
    exec(compile(ast.Module(lines, []), "tutorial", "exec"), names)
    if isinstance(last, ast.Expr):
        return repr(eval(compile(ast.Expression(last.value), "tutorial", "eval"), names))
    exec(compile(ast.Module([last], []), "tutorial", "exec"), names)
    return ""


def edit(path, words, text):
    """Write a cell as the words before it say; tell whether they speak of a cell."""
    notebook = nbformat.read(path, 4)
    begins = re.search(r"[Tt]he cell that begins with `([^`]+)` becomes:$", words)
    if begins:
        found = [cell for cell in notebook.cells if cell.source.startswith(begins[1])]
        assert len(found) == 1, begins[1]
        found[0].source = text
        path.with_suffix(".last").write_text(found[0].id)
    elif words.endswith("After it comes a new cell:"):
        last = path.with_suffix(".last").read_text()
        place = next(i for i, cell in enumerate(notebook.cells) if cell.id == last)
        notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(text))
    else:
        return False
    nbformat.write(notebook, path)
    return True


@pytest.mark.slow
def test_the_tutorial_leads_to_a_report(checkout):
    path, names, said, compared, edited = checkout / "notebooks/neighbours.ipynb", {}, "", 0, 0
    for language, text, words in read_blocks(TUTORIAL):
        if language == "text":
            assert said == text
            compared += 1
        elif language == "sh":
            said = run_lines(text, checkout).splitlines()[-1]
        elif path.exists() and edit(path, words, text):
            edited += 1
        else:
            assert language == "python"
            said = value(text, names)
    assert compared == 3 and edited == 10
    for lang, around in {"en": "states around it", "es": "estados que lo rodean"}.items():
        page = (checkout / f"reports/{lang}/neighbours-zacatecas.html").read_text("utf-8")
        assert "Zacatecas: −40.7" in page and around in page
