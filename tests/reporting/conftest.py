"""A project of its own to run reports in, and the three reports rendered once."""

import shutil
from pathlib import Path

import pytest

from analysis.reporting.notebooks import list_requests
from analysis.reporting.run import run_reports

ROOT = Path(__file__).parents[2]


def copy_project(place: Path) -> Path:
    """Copy what a run reads: raw tables, notebooks, lock."""
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "requirements.lock", place)
    return place


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A fresh copy of the project, as working folder."""
    place = copy_project(tmp_path / "checkout")
    monkeypatch.chdir(place)
    return place


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder ``reports`` with national, guard and Guanajuato, rendered once."""
    place = copy_project(tmp_path_factory.mktemp("pages") / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        requests = list_requests(["national", "guard", "state"], {}, ["en"])
        entries = run_reports(requests, jobs=2)
    assert [entry["error"] for entry in entries] == [None, None, None]
    return place / "reports"
