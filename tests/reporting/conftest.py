"""A project of its own to run reports in, reports rendered once, and a browser to open them."""

import os
import shutil
from pathlib import Path

import pytest

from analysis.cleaning.build import build_data
from analysis.reporting.languages import languages
from analysis.reporting.notebooks import list_reports, list_requests
from analysis.reporting.run import run_reports
from tests.reporting.small import SHOW, SMALL, write_notebook

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def copy_project(place: Path) -> Path:
    """Copy what a run reads: raw tables, notebooks, ledgers, lock."""
    for name in ("data/raw", "notebooks", "claims"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "requirements.lock", place)
    return place


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A fresh copy of the project, as working folder."""
    place = copy_project(tmp_path / "checkout")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def small(checkout):
    """A project with one quick report called ``small``."""
    for path in (checkout / "notebooks").glob("*.ipynb"):
        path.unlink()
    write_notebook(checkout, "small", SMALL.format(name="small"), SHOW)
    build_data()
    return checkout


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder ``reports`` with every report in every language, of the states Guanajuato."""
    place = copy_project(tmp_path_factory.mktemp("pages") / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        requests = list_requests(list_reports(), {}, languages())
        entries = run_reports(requests, jobs=2)
    assert [entry["error"] for entry in entries] == [None] * len(requests)
    return place / "reports"


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, or the one that CHROMIUM names."""
    if not CHROMIUM:
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, pages):
    """Open a page of the run and collect what it asks for and says."""
    contexts = []

    def opened(name, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto((pages / name).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
