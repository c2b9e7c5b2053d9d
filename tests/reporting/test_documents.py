"""Tables for documents of one's own say what the page says."""

import csv

import pytest
from docx import Document

import analysis as an
from analysis.errors import RequestError


@pytest.fixture
def cells():
    labels, body = ["State", "Rate & %"], [["Durango", "−5.3% †"], ["Estado_de_México", "1,234.5"]]
    return an.Cells(labels, body, [False, True], {"†": "corrected"})


@pytest.fixture
def caption():
    return an.Caption("Rates of 2024: 5% up", "per 100,000", "a table", ("All years.",))


def test_csv_holds_the_text_of_the_page(cells, tmp_path):
    path = an.export_table(cells, tmp_path / "t.csv")
    assert list(csv.reader(path.open(encoding="utf-8"))) == [cells.labels, *cells.body]


def test_latex_is_escaped_aligned_and_explained(cells, caption, tmp_path):
    text = an.export_table(cells, tmp_path / "t.tex", caption=caption).read_text("utf-8")
    assert r"\caption{Rates of 2024: 5\% up. per 100,000}" in text
    assert r"\begin{tabular}{lr}" in text and r"\toprule" in text
    assert r"State & Rate \& \% \\" in text and r"Estado\_de\_México & 1,234.5 \\" in text
    below = text[text.index(r"\end{tabular}") :]
    assert r"\par † corrected" in below and r"\par All years." in below
    assert below.rstrip().endswith(r"\end{table}")


def test_word_has_title_table_and_notes(cells, caption, tmp_path):
    document = Document(str(an.export_table(cells, tmp_path / "t.docx", caption=caption)))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said == ["Rates of 2024: 5% up", "per 100,000", "† corrected", "All years."]
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [cells.labels, *cells.body]
    aligned = [cell.paragraphs[0].alignment for cell in table.rows[1].cells]
    assert aligned[0] is None and aligned[1] is not None


@pytest.mark.parametrize("name", ["t.pdf", "t", "nowhere/t.csv"])
def test_what_can_not_be_written_is_said(cells, tmp_path, name):
    with pytest.raises(RequestError, match="ending of a table's file|there is no folder"):
        an.export_table(cells, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
