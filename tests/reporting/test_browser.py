"""What a page does in a browser, and that nobody is left out: axe, keyboard, print, tree."""

import re

import nbformat
import pandas as pd
import pytest

from analysis.reporting.difference import MOVED, write_difference
from analysis.reporting.export import render_failure

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ENGLISH = ["national", "guard", "context", "state-guanajuato", "claims"]
SPANISH = ["national", "claims"]
REPORTS = [f"en/{slug}.html" for slug in ENGLISH] + [f"es/{slug}.html" for slug in SPANISH]
PAGES = ["index.html", "index-es.html", *REPORTS, "failure", "comparison"]
WATCH = """
window.moved = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { moved += one.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def others(pages, tmp_path_factory):
    """The page of a failure and one that compares two runs."""
    folder = tmp_path_factory.mktemp("others")
    notebook = nbformat.read(pages / "en/guard/report.ipynb", 4)
    page = {"name": "guard", "error": "cell 9: KeyError: 'month'", "command": "analysis run guard"}
    page |= {"good": "guard.html", "index": "index.html", "version": "1"}
    failure = render_failure(notebook, page=page, translate=str, lang="en")
    (folder / "failure.html").write_text(failure, "utf-8")
    rows = [["guard", "annual", "year 2024", "homicides", 8.0, 10.0, 25.0]]
    told = {"title": "The Guard", "titles": {}, "why": ["data: panel"], "moved": 1}
    told["status"] = "moved"
    found = {"reports": {"guard": told}, "moved": pd.DataFrame(rows, columns=MOVED)}
    comparison = write_difference(found, "one", "two", folder)
    return {"failure": folder / "failure.html", "comparison": comparison}


@pytest.fixture
def open_any(open_page, others):
    """Open a page by its name."""
    return lambda name, **options: open_page(others.get(name, name), **options)


def column(table, place):
    return table.locator(f"tbody tr > :nth-child({place})").all_inner_texts()


def head(table, name):
    return table.get_by_role("columnheader", name=name, exact=True)


def opened_rows(page, name):
    """Give a table and its head's button, reached by the keyboard."""
    table = page.locator(f"#{name} table")
    page.locator(f"#{name} thead button").first.focus()
    return table


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    @pytest.mark.parametrize("width", [320, 1440])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(self, open_any, name, width, scheme):
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        page = open_any(name, viewport={"width": width, "height": 800}, color_scheme=scheme)
        found = axe.run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []

    @pytest.mark.parametrize("width", [320, 768, 1440])
    def test_nothing_moves_while_it_loads(self, open_any, name, width):
        page = open_any("index.html", viewport={"width": width, "height": 800})
        page.add_init_script(WATCH)
        page.goto(open_any(name).url)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
        assert page.evaluate("moved") == 0


@pytest.mark.parametrize("name", REPORTS)
class TestTree:
    def test_landmarks_headings_and_tables_have_names(self, open_page, name):
        page = open_page(name, viewport={"width": 1440, "height": 800})
        tree = page.locator("body").aria_snapshot()
        assert len(re.findall(r"^- main:", tree, re.M)) == 1
        assert re.search(r'- navigation "', tree)
        assert len(re.findall(r"- '?heading \".+\" \[level=1\]", tree)) == 1
        assert len(re.findall(r"- '?heading \".+\" \[level=2\]", tree)) >= 4
        tables = page.locator("figure table")
        assert page.get_by_role("table", name=re.compile(".{20}")).count() >= tables.count()

    def test_every_figure_is_an_image_with_its_description(self, open_page, name):
        page = open_page(name)
        for figure in page.locator("figure.figure").all():
            words = figure.locator("svg").get_attribute("aria-label")
            assert figure.get_by_role("img", name=words, exact=True).count() == 1
            title = figure.locator("h3").inner_text()
            assert page.get_by_role("figure", name=title).count() >= 1


class TestSort:
    def test_numbers_go_by_value_and_what_is_missing_last(self, open_page):
        page = open_page("en/national.html")
        table = opened_rows(page, "years")
        given = column(table, 1)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "SESNSP victims"
        style = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(style) == "solid"
        page.keyboard.press("Enter")
        assert head(table, "SESNSP victims").get_attribute("aria-sort") == "ascending"
        up = column(table, 2)
        assert up[:3] == ["18,404 +", "22,598 +", "23,243 p §"] and up[-1] == "–"
        page.keyboard.press("Space")
        assert head(table, "SESNSP victims").get_attribute("aria-sort") == "descending"
        down = column(table, 2)
        filled = [text for text in up if text != "–"]
        assert [text for text in down if text != "–"] == filled[::-1]
        assert down[-1] == "–"
        # Rows with the same key stay in the order of the page.
        missing = [year for year, text in zip(column(table, 1), down, strict=True) if text == "–"]
        assert missing == [year for year in given if year in missing]
        page.keyboard.press("Enter")
        assert head(table, "SESNSP victims").get_attribute("aria-sort") == "none"
        assert column(table, 1) == given

    def test_signs_and_intervals(self, open_page):
        page = open_page("en/national.html")
        table = page.locator("#trend-table table")
        head(table, "% a year").get_by_role("button").click()
        shown = [text for text in column(table, 3) if text != "–"]
        values = [float(text.replace("−", "-").strip("%")) for text in shown]
        assert values == sorted(values) and values[0] < 0 < values[-1]
        head(table, "95% interval").get_by_role("button").click()
        shown = [text for text in column(table, 4) if text != "–"]
        lows = [float(text.split()[0].replace("−", "-")) for text in shown]
        assert lows == sorted(lows)
        assert head(table, "% a year").get_attribute("aria-sort") == "none"

    def test_words_with_accents_and_months(self, open_page):
        page = open_page("es/national.html")
        table = page.locator("#trend-table table")
        table.locator("thead button").first.click()
        states = column(table, 1)
        assert states.index("Chihuahua") < states.index("Ciudad de México")
        assert states.index("Michoacán") < states.index("Morelos")
        assert states.index("México") if "México" in states else states.index("Estado de México")
        smooth = page.locator("#smooth-table table")
        given = column(smooth, 1)
        smooth.locator("thead button").first.click()
        assert column(smooth, 1) == given  # they are in order of time already
        smooth.locator("thead button").first.click()
        assert column(smooth, 1) == given[::-1]

    def test_without_script_a_head_is_text(self, open_page):
        page = open_page("en/national.html", java_script_enabled=False)
        assert page.locator("thead button").count() == 0
        assert page.locator(".search:visible").count() == 0


class TestSearch:
    def test_filters_and_says_how_many(self, open_page):
        page = open_page("es/national.html")
        figure = page.locator("#trend-table")
        box = figure.get_by_role("searchbox", name="Buscar en esta tabla")
        said = figure.locator("output")
        assert said.get_attribute("aria-live") == "polite"
        assert said.inner_text() == "Renglones mostrados: 33 de 33"
        box.fill("yucatan")
        assert figure.locator("tbody tr:visible").count() == 1
        assert figure.locator("tbody tr:visible th").inner_text() == "Yucatán"
        assert said.inner_text() == "Renglones mostrados: 1 de 33"
        # A row that is hidden stays so when the table is sorted.
        figure.locator("thead button").first.click()
        assert figure.locator("tbody tr:visible").count() == 1
        box.fill("")
        assert figure.locator("tbody tr:visible").count() == 33

    def test_only_long_tables_have_it(self, open_page):
        page = open_page("en/national.html")
        for figure in page.locator("figure.table").all():
            long = figure.locator("tbody tr").count() > 12
            assert figure.get_by_role("searchbox").count() == long


class TestPrint:
    def test_all_rows_and_sources_are_printed(self, open_page):
        page = open_page("en/national.html")
        page.locator("#trend-table").get_by_role("searchbox").fill("colima")
        assert page.locator("#trend-table tbody tr:visible").count() == 1
        page.emulate_media(media="print")
        assert page.locator("#trend-table tbody tr:visible").count() == 33
        assert not page.locator("#trend-table .search").is_visible()
        shown = "getComputedStyle(document.querySelector('.sources li')).display"
        assert page.evaluate(shown) == "list-item"
        assert page.locator(".sources li").first.is_visible()
        assert not page.locator("details.code").first.is_visible()

    def test_the_pdf_does_not_depend_on_what_was_searched(self, open_page):
        page = open_page("en/state-guanajuato.html")

        def sheets():
            return len(re.findall(rb"/Type ?/Page\b", page.pdf()))

        whole = sheets()
        page.locator("#years").get_by_role("searchbox").fill("2024")
        assert sheets() == whole > 5


class TestLanguage:
    def test_the_other_language_opens_at_the_same_place(self, open_page):
        size = {"width": 1440, "height": 800}
        page = open_page("en/national.html", viewport=size, reduced_motion="reduce")
        page.evaluate("document.getElementById('trends').scrollIntoView({ behavior: 'instant' })")
        page.evaluate("document.querySelector('a.language').click()")
        page.wait_for_url("**/es/national.html#trends*")
        page.wait_for_timeout(300)
        top = page.locator("#trends").evaluate("node => node.getBoundingClientRect().top")
        assert abs(top) < 200
        assert page.locator("html").get_attribute("lang") == "es"


class TestValues:
    def test_the_keyboard_steps_through_the_numbers_of_the_table(self, open_page):
        page = open_page("en/national.html")
        slider = page.locator("#smooth .values")
        assert page.get_by_role("slider", name="Values of Figure 2").count() == 1
        slider.focus()
        page.keyboard.press("End")
        tip = page.locator(".tip")
        last = page.locator("#smooth-table tbody tr").last.locator("th, td").all_inner_texts()
        month, __, rate, band = last
        assert tip.inner_text() == f"{month}, trend: {rate} ({band})"
        assert slider.get_attribute("aria-valuetext") == tip.inner_text()
        page.keyboard.press("ArrowLeft")
        assert tip.inner_text().startswith("May 2025, trend: ")
        page.keyboard.press("Escape")
        assert tip.count() == 0

    def test_the_pointer_finds_a_state(self, open_page):
        page = open_page("es/national.html", viewport={"width": 1440, "height": 900})
        figure = page.locator("#trend-intervals")
        figure.evaluate("node => node.scrollIntoView({ behavior: 'instant' })")
        dot = figure.locator("[data-mark*=','] use").first.bounding_box()
        middle = (dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
        page.mouse.move(*middle)
        tip = page.locator(".tip")
        words, told = tip.inner_text().split(": ")
        name = words.split(", ")[0]
        rows = page.locator("#trend-table tbody tr").filter(has_text=name)
        cells = rows.first.locator("th, td").all_inner_texts()
        assert told == f"{cells[2].strip('%+')} ({cells[3]})".replace("+", "")
        # The pointer can go onto the box, which stays; it goes when the pointer leaves.
        tip.hover()
        page.wait_for_timeout(500)
        assert tip.is_visible()
        page.mouse.move(5, 5)
        tip.wait_for(state="detached")

    @pytest.mark.parametrize("name", REPORTS)
    def test_every_figure_of_numbers_tells_them(self, open_page, name):
        page = open_page(name)
        silent = page.locator("figure.figure:not(:has([data-mark]))").evaluate_all(
            "figures => figures.map((figure) => figure.id)"
        )
        # Counts of rows of their figures, and what is held, or happened, when.
        assert {*silent} <= {"verdicts", "coverage", "dates"}
        for slider in page.locator(".values").all():
            slider.focus()
            for key in ("Home", "End"):
                page.keyboard.press(key)
                told = page.locator(".tip").inner_text()
                assert re.fullmatch(r"\S.+: −?[\d,.]+( \(.+ (to|a) .+\))?", told), told

    def test_tiles_panels_and_bars_tell_theirs(self, open_page):
        page = open_page("en/national.html")
        row = page.locator("#trend-table tbody tr").filter(has_text="Aguascalientes")
        cells = [cell.replace("+", "") for cell in row.locator("th, td").all_inner_texts()]
        page.locator("#trends .values").focus()
        assert page.locator(".tip").inner_text() == (
            f"Aguascalientes: {cells[2].strip('%')} ({cells[3]})"
        )
        page.locator("#states .values").focus()
        assert page.locator(".tip").inner_text().startswith("December 2015, Aguascalientes: ")
        page = open_page("es/context.html")
        page.locator("#register .values").focus()
        assert re.match(r"\d{4}, \w+.*: \d", page.locator(".tip").inner_text())
        page.locator("#troops .values").focus()
        assert re.match(r"\d{4}, Ejército.*: [\d,]+$", page.locator(".tip").inner_text())

    @pytest.mark.parametrize("width", [320, 1440])
    def test_the_box_stays_on_the_page(self, open_page, width):
        page = open_page("en/national.html", viewport={"width": width, "height": 800})
        page.locator("#rates .values").focus()
        page.keyboard.press("End")
        box = page.locator(".tip").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
