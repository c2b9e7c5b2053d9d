"""The report on claims: order, numbers, evidence that leads to raw rows, hostile text as text."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup

import analysis as an
from analysis.claims.ledger import begin_ledger
from analysis.claims.verdicts import VERDICTS
from analysis.reporting import evidence, exhibits
from analysis.reporting.evidence import list_claims
from analysis.reporting.export import render_page
from analysis.reporting.text import translate
from analysis.sources import read_rows

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "claims.ipynb"
SEAL = dict.fromkeys(("data", "code", "lock", "parameters"), "0" * 64)
PAGE = {
    "date": "today",
    "seal": SEAL,
    "request": {},
    "command": "analysis run claims",
    "citation": "cited",
}
PAGE |= {"index": "../index.html", "download": "claims/", "version": "0"}
PRELIMINARY = "homicides_total(source=inegi, vintage=preliminary, from=2023, to=2023)"
HOSTILE = f"""
document:
  title: "<script>alert(1)</script>"
  reference: "=HYPERLINK(1)"
  link: "javascript:alert(1)"
claims:
  - id: h1
    section: "<img src=x onerror=alert(1)>"
    topic: "\\" onmouseover=alert(1) x=\\""
    says: '=HYPERLINK("javascript:alert(1)")'
    value: 31,062
    unit: deaths
    period: 2023
    measure: {PRELIMINARY}
    note: "</script><script>alert(2)</script> {{braces}}"
  - id: h2
    topic: "@SUM(1)"
    says: "-2+3"
    value: 5
    unit: "<b>bold</b>"
    no_data: "+cmd|' /C calc'!A0"
"""
ALONE = """
document: {title: A leaflet}
claims:
  - {id: a, says: parts of it, value: 2, unit: count, measure: "count_of(one, two)"}
"""
WRONG = """
document: {title: A leaflet}
claims:
  - {id: a, says: parts of it, value: 3, unit: count, measure: "count_of(one, two)"}
"""


@pytest.fixture(scope="module")
def verdicts():
    return an.check_claims(an.read_ledger())


@pytest.fixture(scope="module")
def claims(verdicts):
    return {claim["id"]: claim for claim in list_claims(verdicts)}


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """Run the report's own cells on a ledger, given as text or path; give what they show."""
    payloads = []
    monkeypatch.setattr(exhibits, "display", lambda data, raw: payloads.append(data))

    def run(ledger):
        path = tmp_path / "ledger.yml" if isinstance(ledger, str) else ledger
        if isinstance(ledger, str):
            path.write_text(ledger, "utf-8")
        names = {"ledger": str(path), "lang": "en"}
        for cell in nbformat.read(NOTEBOOK, 4).cells:
            if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
                exec(cell.source, names)
        return [data[exhibits.MIME] for data in payloads]

    yield run
    exhibits._report.set(None)


def render(payloads):
    """Give the page of payloads as parsed HTML."""
    outputs = [nbformat.v4.new_output("display_data", {exhibits.MIME: item}) for item in payloads]
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("question"),
            nbformat.v4.new_code_cell("", outputs=outputs[:2]),
            nbformat.v4.new_markdown_cell("## Claims"),
            nbformat.v4.new_code_cell("", outputs=outputs[2:]),
        ]
    )
    text = render_page(notebook, page=PAGE, translate=translate, lang="en")
    return BeautifulSoup(text, "html.parser"), text


def pieces(claim):
    """Give every table of evidence of a claim, whatever its reading."""
    for reading in (*claim["stated"], *claim["beside"]):
        for found in reading["found"]:
            yield from found["evidence"]


def lines_of(table):
    return (ROOT / "data/raw" / table).read_text("utf-8").splitlines()


def number(text):
    return float(text.replace(",", ""))


def test_the_frame_holds_every_claim_and_the_tables_its_evidence_names(verdicts):
    rows = an.select_verdicts(verdicts)
    assert list(rows["id"]) == [verdict.claim.id for verdict in verdicts]
    assert rows["verdict"].value_counts().to_dict() == Counter(v.verdict for v in verdicts)
    named = {
        piece.table
        for verdict in verdicts
        for item in verdict.readings
        if item.reading.found
        for piece in item.reading.found.evidence
    }
    assert set(rows.attrs["sources"]) == named
    row = rows.set_index("id").loc
    assert row["c04", "found"] == pytest.approx(171_085 / 1_826)
    assert row["c04", "checked"] == "own figures" and row["c12", "checked"] == "data"
    assert row["c01", "checked"] == "nothing"
    assert row["c35", "evidence"] == "inegi_homicides_national.csv lines 41"


def test_the_figure_draws_every_claim_once(verdicts):
    rows = an.select_verdicts(verdicts)
    ax = an.plot_verdicts(rows)
    widths = {}
    for bar in ax.patches:
        place = round(bar.get_y() + bar.get_height() / 2)
        widths[place] = widths.get(place, 0) + bar.get_width()
    labels = [label.get_text().split(" ", 1)[1] for label in ax.get_yticklabels()]
    drawn = {label: widths[place] for place, label in enumerate(labels)}
    assert drawn == Counter(rows["verdict"])
    hatched = sum(bar.get_width() for bar in ax.patches if bar.get_hatch())
    assert hatched == (rows["checked"] == "own figures").sum() > 0


def test_the_table_adds_up(verdicts):
    cells = an.table_verdicts(an.select_verdicts(verdicts))
    counts = np.array([[0 if cell == "–" else int(cell) for cell in row[1:]] for row in cells.body])
    assert counts[-1, -1] == len(verdicts)
    assert (counts[:, :-1].sum(axis=1) == counts[:, -1]).all()
    assert (counts[:-1].sum(axis=0) == counts[-1]).all()


def test_the_points_say_what_the_verdicts_found(verdicts):
    rows = an.select_verdicts(verdicts)
    points = an.point_claims(verdicts, rows)
    assert 3 <= len(points) <= 5
    counts = Counter(verdict.verdict for verdict in verdicts)
    assert f"of {len(verdicts)} claims" in points[0].text
    assert f"contradicted {counts['contradicted']}," in points[0].text
    text = " ".join(point.text for point in points)
    assert "claimed 74 persons per day, found 93.7, 19.7 more" in text
    assert "claimed 82,747 guards, found 82,707, 40 less" in text
    assert "31,062 deaths when published, 32,252 in the final figures (2023)" in text
    assert f"For {counts['no data']} of {len(verdicts)} claims no figure decides" in text
    assert (
        "claimed 8 in 10, found 7.3 (homicides by any firearm), 0.7 less (2020), though a reading"
        in text
    )
    assert [point.target for point in points][:2] == ["verdicts", "claim-c04"]


def test_every_row_of_evidence_is_a_line_of_the_raw_file(claims):
    checked = 0
    for claim in claims.values():
        for piece in pieces(claim):
            lines = lines_of(piece["table"])
            assert (ROOT / "reports/en" / piece["file"]).resolve().is_file()
            for line, date, __, figure, source, url, status in piece.get("rows", []):
                raw = next(csv.reader([lines[int(line.replace(",", "")) - 1]]))
                assert figure in {*raw, ""} and date in raw
                if len(raw) > 5:  # tables whose rows name their own source
                    assert source in raw and (url in raw or not url) and status in {*raw, ""}
                checked += 1
    assert checked > 200


def test_many_rows_are_summed_by_year_between_their_lines(claims):
    piece = next(p for p in pieces(claims["c02"]) if p["table"].startswith("sesnsp_victims"))
    rows = list(csv.DictReader(lines_of(piece["table"])))
    wanted = {
        line: int(row["victims"])
        for line, row in enumerate(rows, 2)
        if row["crime"] == "intentional_homicide" and row["month"].startswith("2019")
    }
    year = next(cells for cells in piece["parts"][0]["years"] if cells[0] == "2019")
    assert [number(cell) for cell in year[1:]] == [
        *(len(wanted), min(wanted), max(wanted)),
        sum(wanted.values()),
    ]
    assert sum(number(cells[1]) for cells in piece["parts"][0]["years"]) == piece["count"] == 7_680
    assert "crime = intentional_homicide" in piece["where"]


def test_a_claim_on_other_claims_leads_to_what_they_print(claims):
    assert claims["c20"]["printed"] == [
        ["c17", "51,915 guards"],
        ["c18", "12,837 guards"],
        ["c19", "17,955 guards"],
    ]


def test_a_corrected_figure_is_shown_as_found_and_as_used(tmp_path):
    path = tmp_path / "corrected.yml"
    measure = "homicides_total(source=sesnsp, from=2016-09, to=2016-10, state=Oaxaca)"
    head = "document: {title: A note}\nclaims:\n  - {id: a, says: victims, value: 77, unit: "
    path.write_text(f'{head}victims, measure: "{measure}"}}\n', "utf-8")
    [claim] = list_claims(an.check_claims(an.read_ledger(path)))
    rows = next(pieces(claim))["rows"]
    assert [row[3] for row in rows if row[1] == "2016-10"] == ["0, corrected to missing"] * 4
    kept = [int(row[3]) for row in rows if row[1] == "2016-09"]
    assert number(claim["stated"][0]["found"][0]["value"].split()[0]) == sum(kept) > 0


class TestPage:
    @pytest.fixture
    def page(self, shown):
        payloads = shown(ROOT / "claims/ieee-79-2024.yml")
        return (*render(payloads), payloads)

    def test_what_is_wrong_stands_first_and_every_claim_once(self, page, verdicts):
        soup, text, __ = page
        articles = soup.select("article.claim")
        order = [VERDICTS.index(article["data-verdict"]) for article in articles]
        assert order == sorted(order)
        ids = [article["id"].removeprefix("claim-") for article in articles]
        assert sorted(ids) == sorted(verdict.claim.id for verdict in verdicts)
        assert len(text.encode()) < 600_000
        for article in articles:
            assert article.select_one(f'a[href="#{article["id"]}"]')
            assert article["data-verdict"] in article.select_one(".label").get_text()

    def test_contents_lead_to_each_verdict_with_its_count(self, page, verdicts):
        counts = Counter(verdict.verdict for verdict in verdicts)
        for verdict, count in counts.items():
            wanted = re.compile(rf"{verdict} \({count}\)$", re.IGNORECASE)
            link = page[0].select_one(".contents").find("a", string=wanted)
            assert page[0].find(id=link["href"][1:]).get_text() == link.get_text()

    def test_two_clicks_from_the_verdict_to_the_raw_figure(self, page):
        fold = page[0].select_one("#claim-c35 details")
        cells = [cell.get_text() for cell in fold.select("tbody tr:first-child > *")][:5]
        raw = next(csv.reader([lines_of("inegi_homicides_national.csv")[41 - 1]]))
        assert cells[:4] == ["41", raw[0], raw[1], raw[2]] and raw[2] == "31062"
        assert cells[4] == f"{raw[5]}, {raw[3]}"
        links = [link["href"] for link in fold.find_all("a")]
        assert "../../data/raw/inegi_homicides_national.csv" in links
        assert raw[-1] in links

    def test_the_csv_is_one_row_a_claim_and_carried_once(self, page, verdicts):
        soup, __, payloads = page
        payload = next(item for item in payloads if item["kind"] == "claims")
        assert len(list(csv.DictReader(io.StringIO(payload["csv"])))) == len(verdicts)
        assert len(soup.select('a[href^="data:text/csv"]')) == 1


class TestHostileLedger:
    @pytest.fixture
    def page(self, shown):
        payloads = shown(HOSTILE)
        return (*render(payloads), payloads)

    def test_hostile_text_is_shown_as_text(self, page):
        soup = page[0]
        assert len(soup.find_all("script")) == 1 and not soup.find_all("img")
        assert not [
            tag for tag in soup.find_all(True) if any(k.startswith("on") for k in tag.attrs)
        ]
        hrefs = [link["href"].lower() for link in soup.find_all("a")]
        assert not [href for href in hrefs if "script:" in href.split(",")[0]]
        article = soup.select_one("#claim-h1")
        assert '=HYPERLINK("javascript:alert(1)")' in article.select_one("h4").get_text()
        assert "</script><script>alert(2)</script> {braces}" in article.get_text()
        assert "<img src=x onerror=alert(1)>" in article.get_text()
        assert article["data-topic"] == '" onmouseover=alert(1) x="'
        assert "<script>alert(1)</script>" in soup.select_one("header.title").get_text()
        assert "5 <b>bold</b>" in soup.select_one("#claim-h2 h4").get_text()
        assert soup.select_one("h1").get_text() == "=HYPERLINK(1): 2 claims checked"

    def test_no_cell_of_a_csv_runs_in_a_spreadsheet(self, page):
        for item in (item for item in page[2] if "csv" in item):
            cells = [cell for row in csv.reader(io.StringIO(item["csv"])) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
            assert "'-2+3" in cells and "'@SUM(1)" in cells

    def test_an_address_that_is_none_of_the_web_is_no_link(self, monkeypatch, verdicts):
        """Schemas refuse such a row; the page would not link it either."""

        def hostile(name):
            return [row | {"source_url": "javascript:alert(1)"} for row in read_rows(name)]

        monkeypatch.setattr(evidence, "read_rows", hostile)
        [claim] = list_claims([v for v in verdicts if v.claim.id == "c35"])
        urls = [row[5] for piece in pieces(claim) for row in piece.get("rows", [])]
        assert len(urls) == 3 and not any(urls)


def test_a_claim_that_could_not_be_evaluated_stands_first_with_its_fault(project, shown):
    path = project.raw / "inegi_homicides_national.csv"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    soup, __ = render(shown(HOSTILE + ALONE.partition("claims:")[2]))
    first = soup.select_one("article.claim")
    assert first["id"] == "claim-h1" and "could not be evaluated" in first.get_text()
    assert "inegi_homicides_national.csv has changed" in first.get_text()


@pytest.mark.parametrize("ledger", [ALONE, WRONG, "begun"])
def test_any_other_ledger_makes_a_page(shown, tmp_path, ledger):
    """Also one without a raw table, one without a contradiction, and the one to start from."""
    payloads = shown(begin_ledger(tmp_path / "begun.yml") if ledger == "begun" else ledger)
    soup, __ = render(payloads)
    kinds = {item["kind"]: item for item in payloads}
    assert len(soup.select("article.claim")) == len(kinds["claims"]["claims"]) > 0
    points = [point["text"] for point in kinds["points"]["points"]]
    assert 3 <= len(points) <= 5
    if ledger == ALONE:
        assert "None of the 1 claims that can be compared is contradicted." in points
    if ledger == WRONG:
        assert "claimed 3, found 2, 1 less" in points[1]


@pytest.mark.slow
@pytest.mark.browser
class TestInBrowser:
    def test_filters_by_verdict_topic_and_words(self, open_page):
        page = open_page("en/claims.html")
        claims = page.locator(".claim:visible")
        every = claims.count()
        assert page.get_by_role("status").inner_text() == f"{every} of {every} claims shown"
        page.get_by_label("Verdict", exact=True).select_option("contradicted")
        shown = page.eval_on_selector_all(
            ".claim:not([hidden])", "all => all.map(item => item.dataset.verdict)"
        )
        assert 0 < len(shown) < every and {*shown} == {"contradicted"}
        assert page.locator(".claims .group:visible").count() == 1
        assert page.get_by_role("status").inner_text() == f"{len(shown)} of {every} claims shown"
        page.get_by_label("Topic", exact=True).select_option("homicide")
        assert [item.get_attribute("id") for item in claims.all()] == ["claim-c04"]
        page.get_by_label("Verdict", exact=True).select_option("*")
        page.get_by_label("Topic", exact=True).select_option("*")
        page.get_by_label("Search").fill("michoacan")
        assert "claim-c53" in [item.get_attribute("id") for item in claims.all()]
        assert claims.count() < every

    def test_a_link_opens_its_claim_even_when_it_is_filtered_out(self, open_page, pages):
        page = open_page("en/claims.html")
        page.goto((pages / "en/claims.html").as_uri() + "#claim-c02")
        page.reload()
        table = page.locator("#claim-c02 details table").first
        assert table.is_visible()
        assert not page.locator("#claim-c05 details table").first.is_visible()
        page.get_by_label("Verdict", exact=True).select_option("no data")
        assert not page.locator("#claim-c04").is_visible()
        page.locator('.points a[href="#claim-c04"]').click()
        page.locator("#claim-c04 details table").first.wait_for()
        page.wait_for_function(
            "document.getElementById('claim-c04').getBoundingClientRect().top < innerHeight"
        )
        assert page.get_by_label("Verdict", exact=True).input_value() == "*"

    def test_reads_without_script(self, open_page):
        page = open_page("en/claims.html", java_script_enabled=False)
        assert not page.locator("#filter").is_visible()
        revised = page.locator("#claim-c35 details")
        assert revised.get_by_text("31062", exact=True).is_visible()  # what is wrong is open
        fold = page.locator("#claim-c05 details")
        assert not fold.get_by_text("8535000000.0", exact=True).is_visible()
        fold.locator("summary").click()
        assert fold.get_by_text("8535000000.0", exact=True).is_visible()
