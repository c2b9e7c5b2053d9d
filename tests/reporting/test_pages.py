"""The rendered pages: numbers that must come out, one self-contained file, a real browser."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path

import pytest

import analysis as an
from analysis.columns import result_columns
from analysis.sources import derived_tables, raw_tables

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
REPORTS = ["national", "guard", "state-guanajuato"]
CODE, WORD = re.compile("``(.+?)``", re.DOTALL), re.compile(r"\w+")
PAGES = [*(f"en/{slug}.html" for slug in [*REPORTS, "claims"]), "index.html"]


def shown(pages, slug):
    notebook = json.loads((pages / f"en/{slug}/report.ipynb").read_text("utf-8"))
    outputs = (out for cell in notebook["cells"] for out in cell.get("outputs", []))
    payloads = (out.get("data", {}).get("application/vnd.analysis+json") for out in outputs)
    return [payload for payload in payloads if payload]


def rows_of(pages, slug, name):
    text = (pages / f"en/{slug}/tables/{name}.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_national_figures_that_must_come_out(pages):
    years = {row["year"]: row for row in rows_of(pages, "national", "years")}
    assert years["2015"]["homicides_sesnsp"] == "17884"
    assert years["2024"]["homicides_sesnsp"] == "30046"
    assert years["2015"]["homicides_inegi"] == "20762"
    months = rows_of(pages, "national", "rates")
    term = [row for row in months if "2018-12" <= row["month"] <= "2023-11"]
    assert sum(int(row["homicides_sesnsp"]) for row in term) == 163_921


def test_guard_figures_that_must_come_out(pages):
    deployed = rows_of(pages, "guard", "deployment")
    assert sum(int(row["guards"]) for row in deployed if row["month"] == "2021-07") == 99_946


def test_the_nation_beside_a_state_is_the_nation(pages):
    with (ROOT / "data/raw/sesnsp_victims_state_month.csv").open(encoding="utf-8") as file:
        firearm = sum(
            int(row["victims"] or 0)
            for row in csv.DictReader(file)
            if row["crime"] == "intentional_homicide"
            and row["means"] == "firearm"
            and row["month"].startswith("2024")
        )
    shown = rows_of(pages, "state-guanajuato", "weapons")
    [nation] = [row for row in shown if row["cve_ent"] == "00" and row["year"] == "2024"]
    assert int(nation["firearm"]) == firearm == 21_928


def test_every_column_of_a_download_is_described(pages):
    tables = raw_tables() | derived_tables()
    known = {field["name"] for table in tables.values() for field in table["schema"]["fields"]}
    known |= {column["name"] for column in result_columns()}
    # The others by the function that makes the frame.
    public = (getattr(an, name).__doc__ or "" for name in dir(an) if not name.startswith("_"))
    known |= {name for text in public for said in CODE.findall(text) for name in WORD.findall(said)}
    for path in sorted(pages.glob("en/*/tables/*.csv")):
        columns = next(csv.reader(path.read_text("utf-8").splitlines()))
        assert [name for name in columns if name not in known] == [], path.name


@pytest.mark.parametrize(
    ("name", "table", "rows"),
    [
        ("weapons", "sesnsp_victims_state_month", 32_256),
        ("years", "inegi_homicides_state_month", 8_832),
        ("deployment", "guard_deployment_state_month", 800),
        ("perception", "envipe_state_perception", 30),
    ],
)
def test_raw_rows_are_those_the_numbers_rest_on(pages, name, table, rows):
    """The nation beside a state, and a rank, rest on every state; a nation's own rows do not."""
    [item] = [item for item in shown(pages, "state-guanajuato") if item.get("id") == name]
    assert rows in [raw["rows"] for raw in item["raw"] if raw["table"] == f"{table}.csv"]


def test_the_page_shows_the_numbers_of_its_tables(pages):
    text = (pages / "en/national.html").read_text("utf-8")
    for number in ("18,404 +", "33,550", "23,243 p §"):
        assert number in text


def test_a_state_page_is_about_its_state_throughout(pages):
    for item in shown(pages, "state-guanajuato"):
        assert item["asked"]["state"] == "Guanajuato"
        if "id" in item:
            codes = [row["cve_ent"] for row in csv.DictReader(io.StringIO(item["csv"]))]
            assert "11" in codes


@pytest.mark.parametrize("slug", REPORTS)
class TestPage:
    def test_order_of_the_parts(self, pages, slug):
        text = (pages / f"en/{slug}.html").read_text("utf-8")
        parts = ["<h1", 'id="main-points"', "<figure", 'id="sureness"', 'id="methods"']
        places = [text.index(part) for part in [*parts, 'id="seal"', 'id="cite"']]
        assert places == sorted(places)

    def test_every_exhibit_has_words_source_and_download(self, pages, slug):
        text = (pages / f"en/{slug}.html").read_text("utf-8")
        exhibits = [item for item in shown(pages, slug) if "id" in item]
        assert len(exhibits) >= 8
        for item in exhibits:
            assert item["title"] and item["subtitle"] and item["source"] and item["raw"]
            assert item["kind"] == "table" or len(item["alt"]) > 30
            assert re.search(rf'(?:download|data-csv)="{item["id"]}\.csv"', text)
            assert all(raw["rows"] > 0 for raw in item["raw"]), item["id"]

    def test_three_to_five_main_points_each_with_a_number(self, pages, slug):
        points = next(item for item in shown(pages, slug) if item["kind"] == "points")["points"]
        assert 3 <= len(points) <= 5
        assert sum("95% interval" in point["text"] for point in points) >= len(points) - 2
        assert all(re.search(r"\d[\d,.]*", point["text"]) for point in points)

    def test_light_and_self_contained(self, pages, slug):
        text = (pages / f"en/{slug}.html").read_text("utf-8")
        assert len(text.encode()) < 600_000
        assert "default-src 'none'" in text
        assert not re.search(r'(?:src|@import)\s*=?\s*"?https?:', text)

    def test_the_seal_is_of_the_files(self, pages, slug):
        text = (pages / f"en/{slug}.html").read_text("utf-8")
        lock = hashlib.sha256((pages.parent / "requirements.lock").read_bytes()).hexdigest()
        assert lock in text
        assert f"analysis run {slug.partition('-')[0]}" in text

    def test_files_beside_the_page_are_its_exhibits(self, pages, slug):
        exhibits = [item for item in shown(pages, slug) if "id" in item]
        tables = {path.stem for path in (pages / f"en/{slug}/tables").glob("*.csv")}
        figures = {path.stem for path in (pages / f"en/{slug}/figures").glob("*.svg")}
        assert tables == {item["id"] for item in exhibits}
        assert figures == {item["id"] for item in exhibits if item["kind"] == "figure"}


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
class TestInBrowser:
    def test_no_request_no_console_message(self, open_page, name):
        page = open_page(name)
        assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
        assert page.said == []

    @pytest.mark.parametrize("width", [320, 768, 1440])
    def test_fits_the_width_in_light_and_dark(self, open_page, name, width):
        for scheme in ("light", "dark"):
            size = {"width": width, "height": 800}
            page = open_page(name, viewport=size, color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (paper == "rgb(255, 255, 255)") == (scheme == "light")

    def test_landmarks_and_headings(self, open_page, name):
        page = open_page(name)
        assert page.locator("h1").count() == page.locator("main").count() == 1
        levels = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => +h.tagName[1])")
        steps = [after - before for before, after in zip(levels, levels[1:], strict=False)]
        assert levels[0] == 1 and max(steps) <= 1
        ids = page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
        assert len(ids) == len(set(ids))


@pytest.mark.browser
@pytest.mark.parametrize("slug", REPORTS)
def test_every_figure_is_described(open_page, slug):
    page = open_page(f"en/{slug}.html")
    drawings = page.locator("figure.figure svg")
    assert drawings.count() >= 5
    for place in range(drawings.count()):
        assert drawings.nth(place).get_attribute("role") == "img"
        assert len(drawings.nth(place).get_attribute("aria-label")) > 30


@pytest.mark.browser
def test_code_is_folded_and_one_click_shows_it(open_page):
    page = open_page("en/national.html")
    fold = page.locator("details.code").first
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert fold.locator("pre").is_visible()


@pytest.mark.browser
def test_a_table_can_be_downloaded(open_page):
    page = open_page("en/guard.html")
    with page.expect_download() as download:
        page.locator('a[download="elasticities.csv"]').click()
    text = download.value.path().read_text("utf-8")
    assert text.startswith("specification,term,estimate,std_error")
    # The table beside it has the same figures, which the page carries once.
    with page.expect_download() as again:
        page.locator('a[download="elasticity-table.csv"]').click()
    assert again.value.path().read_text("utf-8") == text


@pytest.mark.browser
def test_the_index_finds_a_report_without_accents(open_page):
    page = open_page("index.html")
    page.locator("#words").fill("guanajuato")
    assert page.locator(".runs > li:visible").count() == 1
    page.locator(".runs > li:visible a").first.click()
    assert page.locator("h1").inner_text().startswith("Guanajuato")
