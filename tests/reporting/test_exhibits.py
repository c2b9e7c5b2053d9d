"""Exhibits carry words, numbers and sources, and refuse what is not about the report."""

import pandas as pd
import pytest

import analysis as an
from analysis.errors import ReportError, RequestError
from analysis.reporting import exhibits
from analysis.reporting.captions.common import covered
from analysis.reporting.drawing import draw_svg
from analysis.reporting.languages import in_language
from analysis.reporting.marks import MARKS
from analysis.reporting.parts import Caption, Point
from analysis.reporting.provenance import raw_names, source_text
from analysis.sources import derived_tables, raw_tables


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as a list of payloads."""
    payloads = []
    monkeypatch.setattr(exhibits, "display", lambda data, raw: payloads.append(data[exhibits.MIME]))
    exhibits._report.set(None)
    yield payloads
    exhibits._report.set(None)


@pytest.fixture
def rates():
    return an.select_recent_rates(an.load_panel())


def start(state="Durango"):
    an.start_report("state", lang="en", parameters={"state": state})


def test_nothing_is_shown_before_the_report_is_started(shown):
    with pytest.raises(ReportError, match=r"call analysis.start_report"):
        an.show_points(Point("a point", "rates"))


def test_a_report_knows_its_parameters_in_one_spelling(shown):
    start("DGO")
    assert exhibits.current_report().parameters == {"state": "Durango"}
    with pytest.raises(RequestError, match="nearest: Durango"):
        start("Durago")
    with pytest.raises(RequestError, match="unknown language"):
        an.start_report("state", lang="xx", parameters={})


def test_an_exhibit_carries_numbers_source_and_raw_rows(shown, rates):
    start()
    caption = an.caption_ranking(rates, "Durango")
    an.show_figure(an.plot_ranking(rates), caption, rates, name="ranking")
    (payload,) = shown
    assert payload["csv"].splitlines()[0].startswith("cve_ent,state,homicides")
    assert payload["rows"] == 32
    tables = {raw["table"]: raw["rows"] for raw in payload["raw"]}
    assert tables["sesnsp_victims_state_month.csv"] == 32_256
    assert "sesnsp_victims_state_month.csv" in payload["source"]
    assert payload["asked"] == {"state": "Durango"}


def test_raw_rows_of_one_state_are_its_own(shown):
    start()
    here = an.select_state(an.load_panel(), "Durango")
    payload = exhibits._exhibit(Caption("Durango", "s", "a"), here, "x")
    raw = {item["table"]: item for item in payload["raw"]}
    assert raw["guard_deployment_state_month.csv"]["rows"] == 25
    assert "cve_ent = 10" in raw["guard_deployment_state_month.csv"]["where"]


@pytest.mark.parametrize("part", ["title", "subtitle", "alt"])
def test_an_exhibit_without_words_is_refused(shown, rates, part):
    start()
    words = {"title": "Durango", "subtitle": "measure", "alt": "a chart"} | {part: " "}
    with pytest.raises(ReportError, match=f"has no {part}|about Durango"):
        exhibits._exhibit(Caption(**words), rates, "x")


def test_words_about_another_state_are_refused(shown, rates):
    start()
    with pytest.raises(ReportError, match="does not say that it is about Durango"):
        exhibits._exhibit(an.caption_ranking(rates, "Colima"), rates, "x")


def test_a_title_of_another_state_is_refused(shown):
    start()
    with pytest.raises(ReportError, match="does not name Durango"):
        an.show_title(an.title_state("Colima", "sesnsp", "2019-07", ""))


def test_data_without_sources_are_refused(shown):
    start()
    frame = pd.DataFrame({"cve_ent": ["10"]})
    with pytest.raises(ReportError, match="names no sources"):
        exhibits._exhibit(Caption("Durango", "s", "a"), frame, "x")


def test_a_drawing_has_no_date_and_is_the_same_each_time(rates):
    first = draw_svg(an.plot_ranking(rates), "ranking")
    second = draw_svg(an.plot_ranking(rates), "ranking")
    assert first == second
    assert "<dc:date>" not in first and "<?xml" not in first
    assert "<text" in first and 'id="ranking-' in first


def test_every_built_table_rests_on_raw_tables():
    for name in derived_tables():
        names = raw_names([name])
        assert names and set(names) <= set(raw_tables())


def test_every_flag_of_the_data_has_a_mark():
    flags = set()
    for name in [*raw_tables(), *derived_tables()]:
        flags |= {flag for text in an.load_table(name)["flags"] for flag in text.split(";")}
    assert flags - {""} <= set(MARKS)


def test_a_table_marks_filled_and_press_figures():
    years = an.load_table("national_year")
    cells = an.table_years(years)
    row = {cells[0]: cells for cells in cells.body}
    assert row["2015"][1] == "18,404 +"
    assert row["2025"][1] == "23,243 p §"
    assert row["1995"][1] == "–"
    assert set(cells.marks) >= {"+", "§"}


def test_the_period_of_a_head_is_that_of_the_data():
    first, last = covered("panel")
    assert (first, last) == ("2000-01", "2025-06")
    assert an.title_national("sesnsp", "2019-07", "").period == "January 2000 to June 2025"
    # The register of disappeared persons is later than the homicides.
    assert an.title_state("Colima", "sesnsp", "2019-07", "").period == "January 2000 to July 2026"


def test_a_citation_is_in_the_language_of_the_page():
    totals = an.select_strength(an.load_table("guard_strength_national"))
    with in_language("es"):
        cited = {row[3] for row in an.table_strength(totals).body}
        source = source_text("guard_strength_national", totals)
    assert "Punto por Punto, que cita al comandante de la GN" in cited
    assert not [text for text in (*cited, source) if " quoting " in text]
