"""The manual, word by word: its files are written, its commands run, its output compared."""

from pathlib import Path

import pytest

from analysis.claims.metrics import list_measures
from tests.manual import read_blocks, run_lines
from tests.reporting.conftest import copy_project

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs/claims.md").read_text("utf-8")


@pytest.mark.slow
def test_an_analyst_audits_a_document_of_their_own(tmp_path):
    copy_project(tmp_path)
    said, compared = "", 0
    for language, text, _ in read_blocks(MANUAL):
        if language == "yaml":
            (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text, "utf-8")
        elif language == "sh":
            said = run_lines(text, tmp_path)
        elif language == "text":
            assert said == text.strip()
            compared += 1
    assert compared == 3
    page = (tmp_path / "reports/en/claims-my-document.html").read_text("utf-8")
    assert "A speech on security" in page


def test_the_manual_names_every_measure_with_its_unit():
    for row in list_measures().itertuples():
        assert f"| `{row.measure}` | {row.unit} |" in MANUAL
