"""The site: built without a warning, every link leads somewhere, nothing is left out."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import analysis
from analysis.cli import cli
from analysis.columns import result_columns
from analysis.models import find_models
from analysis.sources import derived_tables, official_tables, raw_tables

ROOT = Path(__file__).parents[1]
# What a browser gets by itself when it opens a page, by the attribute that says where from.
ASKED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Page(HTMLParser):
    """The anchors of a page, its links, and what it asks for."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.asked = set(), [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ASKED and ASKED[tag] in given:
            self.asked.append(given[ASKED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site as ``make docs`` does; give its folder."""
    place = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "-n", "--keep-going", "-c", "docs", "-d", place / "doctrees"]
    command = [sys.executable, "-m", "sphinx", *options, ".", place / "html"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return place / "html"


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html")}


def is_elsewhere(link):
    return bool(urlsplit(link).scheme or urlsplit(link).netloc)


@pytest.mark.slow
class TestSite:
    def test_every_link_leads_somewhere(self, pages):
        wrong = []
        for path, page in pages.items():
            for link in [*page.links, *page.asked]:
                if is_elsewhere(link):
                    continue
                parts = urlsplit(link)
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                anchors = pages[target].anchors if target in pages else set()
                if not target.is_file() or unquote(parts.fragment) not in anchors | {""}:
                    wrong.append(f"{path.name}: {link}")
        assert wrong == []

    def test_no_page_asks_the_network_for_anything(self, site, pages):
        assert [link for page in pages.values() for link in page.asked if is_elsewhere(link)] == []
        far = re.compile(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""")
        assert [path.name for path in site.rglob("*.css") if far.search(path.read_text())] == []

    def test_the_reference_has_every_public_name(self, site, pages):
        entries = {
            anchor
            for path, page in pages.items()
            if path.parent == site / "docs/reference"
            for anchor in page.anchors
        }
        names = [name for name in dir(analysis) if name.partition("_")[0] in analysis.WHERE]
        assert len(names) > 300
        assert [name for name in names if f"analysis.{name}" not in entries] == []

    def test_the_dictionary_has_every_table(self, site, pages):
        names = raw_tables() | derived_tables() | official_tables()
        anchors = pages[site / "docs/dictionary.html"].anchors
        assert [name for name in names if name.replace("_", "-") not in anchors] == []

    def test_the_dictionary_has_every_column_of_results(self, site):
        text = (site / "docs/dictionary.html").read_text("utf-8")
        told = text.partition('id="columns-of-results"')[2]
        assert [column["name"] for column in result_columns() if column["name"] not in told] == []

    def test_every_command_is_there_with_its_help(self, site):
        text = (site / "docs/commands.html").read_text("utf-8")
        below = cli.commands["data"].commands
        for name in [*cli.commands, *(f"data {name}" for name in below)]:
            assert f"Usage: analysis {name} " in text


def test_the_methods_have_a_section_a_model():
    text = (ROOT / "docs/methods.md").read_text("utf-8")
    assert [name for name in find_models() if f"\n## {name}\n" not in text] == []
