"""The manual, word by word: its files are written, its commands run, its output compared."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.claims.metrics import list_measures

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs/claims.md").read_text("utf-8")


def blocks():
    """Give the manual's blocks in order: language and text."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)


def run(line, folder):
    """Run a line of the manual; ``analysis`` is this environment's."""
    words = shlex.split(line)
    if words[0] == "analysis":
        words = [sys.executable, "-m", "analysis", *words[1:]]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_an_analyst_audits_a_document_of_their_own(tmp_path):
    for name in ("data/raw", "notebooks", "claims"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    said, compared = "", 0
    for language, text in blocks():
        if language == "yaml":
            (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text, "utf-8")
        elif language == "sh":
            done = [run(line, tmp_path) for line in text.splitlines()]
            assert [item.returncode for item in done] == [0] * len(done), done[-1].stderr
            said = "".join(item.stdout for item in done)
        elif language == "text":
            assert said.strip() == text.strip()
            compared += 1
    assert compared == 3
    page = (tmp_path / "reports/en/claims-my-document.html").read_text("utf-8")
    assert "A speech on security" in page


def test_the_manual_names_every_measure_with_its_unit():
    for row in list_measures().itertuples():
        assert f"| `{row.measure}` | {row.unit} |" in MANUAL
