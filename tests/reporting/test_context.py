"""The report on what surrounds homicide: figures, words and tables say what the tables hold."""

import csv
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import analysis as an
from analysis.reporting.figures.surroundings import PANELS, name_line, write_years
from analysis.reporting.notebooks import list_requests
from analysis.reporting.run import run_reports
from analysis.reporting.style import LIGHT


@pytest.fixture(scope="module")
def frames():
    """Every frame of series that a figure draws, by the name of its figure."""
    load = an.load_table
    military, theft = load("military_expenditure"), load("fuel_theft_and_kidnapping")
    seized = load("us_firearms_and_fentanyl")
    return {
        "releases": an.select_releases(military),
        "expenditure": an.select_expenditure(military),
        "budget": an.select_budget(load("security_budget")),
        "troops": an.select_troops(load("troops_public_security")),
        "survey": an.select_survey(load("envipe_national"), load("envipe_state_perception")),
        "firearms": an.select_firearms(load("homicide_firearm_share"), seized),
        "fentanyl": an.select_fentanyl(seized),
        "fuel": an.select_fuel(theft),
        "kidnapping": an.select_kidnapping(theft),
        "missing": an.select_missing(load("disappeared_national_year")),
        "gdp": an.select_gdp(military),
    }


@pytest.fixture(scope="module")
def gaps(frames):
    shown = [frame for name, frame in frames.items() if name != "releases"]
    return an.select_gaps(an.select_coverage(*shown))


def points(ax):
    """The points drawn in a panel: x and y of every marker."""
    dots = [dots.get_offsets() for dots in ax.collections if len(dots.get_offsets())]
    dots = [dot for dot in dots if np.asarray(dot).any()]
    return np.concatenate(dots) if dots else np.empty((0, 2))


def texts(ax):
    return [text.get_text() for text in ax.texts]


NAMES = [
    *("releases", "expenditure", "budget", "troops", "survey", "firearms", "fentanyl", "fuel"),
    *("kidnapping", "missing", "gdp"),
]


@pytest.mark.parametrize("name", NAMES)
class TestSeries:
    def test_every_figure_is_drawn_once_in_the_panel_of_its_unit(self, frames, name):
        rows = frames[name]
        ax = an.plot_series(rows)
        panels = rows["panel"].unique()
        assert len(ax.child_axes) == len(panels)
        for inset, panel in zip(ax.child_axes, panels, strict=True):
            some = rows[(rows["panel"] == panel) & (rows["mark"] != "nil")]
            drawn = np.sort(points(inset)[:, 1])
            assert np.allclose(drawn, np.sort(some["value"] / PANELS[panel][2]))
            assert len({*some["unit"].str.split(" of").str[0]}) == 1

    def test_no_line_crosses_a_missing_year(self, frames, name):
        for inset in an.plot_series(frames[name]).child_axes:
            for line in inset.lines:
                assert np.allclose(np.diff(line.get_xdata()), 1)

    def test_axes_begin_at_zero_but_for_high_percentages(self, frames, name):
        rows = frames[name]
        for inset, panel in zip(
            an.plot_series(rows).child_axes, rows["panel"].unique(), strict=True
        ):
            some = rows[rows["panel"] == panel]
            high = some["unit"].iloc[0].startswith("%") and some["value"].min() > 40
            assert (inset.get_ylim()[0] == 0) != high
            low, top = inset.get_ylim()
            assert points(inset)[:, 1].min() >= low and points(inset)[:, 1].max() < top

    def test_notes_name_every_year_that_is_missing(self, frames, name):
        rows = frames[name]
        lacking = an.select_gaps(an.select_coverage(rows)).query("lacking > 0")
        beside = {
            "releases": [an.select_vintages(an.load_table("military_expenditure"))],
            "troops": [an.select_parts(an.load_table("troops_public_security"))],
        }
        caption = getattr(an, f"caption_{name}")(rows, *beside.get(name, []))
        words = " ".join(caption.notes)
        for row in lacking.itertuples():
            expected = f"{name_line(row.panel, row.series)} ({write_years(row.years_lacking)})"
            assert expected in words
        assert ("No year is missing" in words) == lacking.empty
        assert re.search(r"\d", caption.title) and len(caption.alt) > 30


def test_a_year_taken_away_leaves_a_gap_in_the_line_and_in_the_words():
    table = an.load_table("military_expenditure")
    rows = an.select_gdp(table[table["year"] != 2003])
    ax = an.plot_series(rows).child_axes[0]
    assert len(ax.lines) == 2
    assert 2003.5 not in points(ax)[:, 0]
    assert "Gross domestic product (2003)" in " ".join(an.caption_gdp(rows).notes)


def test_parts_are_hollow_and_named_and_the_unverified_figure_is_a_cross(frames):
    files = an.plot_series(frames["kidnapping"]).child_axes[0]
    faces = {to_hex(face) for dots in files.collections for face in dots.get_facecolor()}
    assert LIGHT["paper"] in faces
    assert [text.replace("\u2011", "-") for text in texts(files)] == ["2025 Jan-Jun"]
    problem = an.plot_series(frames["survey"]).child_axes[1]
    assert texts(problem) == ["unverified"]
    shapes = {
        len(dots.get_paths()[0].vertices): len(dots.get_offsets()) for dots in problem.collections
    }
    assert sorted(shapes.values()) == [1, 3]
    assert shapes[min(shapes)] == 1  # a cross has corners, a dot is a curve of many points


def test_totals_of_terms_stand_at_their_last_year_and_say_so(frames):
    army, navy, totals = an.plot_series(frames["troops"]).child_axes
    drawn = {tuple(point) for point in points(totals)}
    assert {(2012.5, 64.103), (2018.5, 81.377)} <= drawn
    # Where the two forces' figures stand that they are the sum of.
    assert {(2012.5, 49.65), (2018.5, 54.98)} <= {tuple(point) for point in points(army)}
    tags = [text.replace("\u2011", "-") for text in texts(totals)]
    assert {"quoted for 2006-2012", "quoted for 2012-2018"} <= set(tags)
    for panel in (army, navy):
        assert "listed part" in texts(panel)


def test_press_reports_are_points_only(frames):
    for name in ("fuel", "fentanyl", "troops"):
        for inset in an.plot_series(frames[name]).child_axes:
            assert inset.collections and not inset.lines
    notes = " ".join(an.caption_fuel(frames["fuel"]).notes)
    assert "with press reports" in notes and "Lines join" not in notes
    assert "Lines join" in " ".join(an.caption_budget(frames["budget"]).notes)
    released = an.plot_series(frames["releases"]).child_axes[0]
    assert [len(line.get_xdata()) for line in released.lines] == [7]


def test_series_are_named_beside_their_panel_with_their_marker(frames):
    panel = an.plot_series(frames["budget"]).child_axes[0]
    assert {" ● spent", " ■ approved"} == {*texts(panel)}


def test_coverage_draws_each_held_year_and_no_other(frames):
    coverage = an.select_coverage(frames["fentanyl"], frames["fuel"])
    ax = an.plot_coverage(coverage)
    drawn = {tuple(point) for dots in ax.collections for point in np.asarray(dots.get_offsets())}
    lines = list(dict.fromkeys(zip(coverage["panel"], coverage["series"], strict=True)))
    expected = {(row.year, lines.index((row.panel, row.series))) for row in coverage.itertuples()}
    assert drawn == expected
    assert (2021, 0) not in drawn  # fentanyl, nationwide


def test_years_are_written_as_spans():
    assert write_years("") == ""
    assert write_years("2001") == "2001"
    assert write_years("2001;2003;2004;2005;2009") == "2001, 2003–2005, 2009"


def test_the_vintages_in_the_words_are_those_of_the_table(frames):
    vintages = an.select_vintages(an.load_table("military_expenditure"))
    title = an.caption_releases(frames["releases"], vintages).title
    assert "2022: 8.5 billion dollars as released, 10.1 in" in title
    text = an.point_releases(vintages).text
    assert "8.5 billion" in text and "10.1 billion" in text and "+18%" in text
    changed = vintages.assign(released=vintages["released"].mask(vintages["year"] == 2022, 5e9))
    assert "5.0 billion" in an.point_releases(changed).text


def test_totals_in_the_words_are_those_of_the_table():
    parts = an.select_parts(an.load_table("troops_public_security"))
    text = an.point_troops(parts).text
    assert "June 2024 274,584" in text and "181,484" in text and "93,100" in text
    cells = an.table_parts(parts)
    assert cells.body[-1][1:5] == ["274,584", "64,186 + 8,843 + 108,455", "181,484", "93,100"]
    note = an.caption_parts(parts).notes[0]
    assert "quoted by Incógnita and Punto por Punto: 2 are their sum" in note
    term = next(row for row in cells.body if "Calder" in row[0])
    assert term[-1] == "Incógnita (La Jornada); parts: Punto por Punto; Incógnita"
    assert cells.body[-1][-1] == "Muisca"
    words = " ".join(
        an.caption_troops(an.select_troops(an.load_table("troops_public_security")), parts).notes
    )
    assert "Army 64,186 and Navy 8,843" in words and "93,100 persons without a force" in words


def test_a_change_of_nothing_has_one_spelling():
    vintages = an.select_vintages(an.load_table("military_expenditure"))
    zeros = [row[5] for row in an.table_vintages(vintages).body if row[5].strip("+−") == "0.0%"]
    assert len(zeros) >= 2 and set(zeros) == {"0.0%"}


def test_the_words_of_the_survey_mark_what_is_unverified(frames):
    caption = an.caption_survey(frames["survey"])
    assert "79.4% of adults" in caption.title and "93.2% of the crimes of 2024" in caption.title
    assert any("60.7% in 2024" in note and "not verified" in note for note in caption.notes)
    assert "in the table by state (last headline held: 73.6% in 2024)" in caption.title
    text = an.point_survey(frames["survey"]).text
    assert "table by state 79.4%" in text and "82.1% in 2018;" in text
    assert "headline is lower: 79.4% in 2018, and 73.6% in 2024" in text


def test_the_words_on_crimes_are_those_of_the_tables(frames):
    assert (
        "73.0% of SESNSP's victims, 71.5% of INEGI's"
        in an.caption_firearms(frames["firearms"]).title
    )
    assert "21,889" in an.caption_fentanyl(frames["fentanyl"]).title
    fuel = an.caption_fuel(frames["fuel"])
    litres, nine = (378.1 / 3396.1 - 1) * 100, (10493 / 11103 - 1) * 100
    assert f"litres changed by −{-litres:.0f}%" in fuel.title
    whole = {f"−{-(13129 / before - 1) * 100:.0f}%" for before in (14910, 14955)}
    assert whole == {"−12%"} and "in the whole year by −12%" in fuel.title
    assert f"January to September: −{-nine:.0f}%" in fuel.alt
    assert "14,910 and 14,955 in 2018, 13,129 in 2019" in fuel.alt
    assert any("2018: 14,910 and 14,955" in note for note in fuel.notes)
    rows = frames["fuel"]
    low = rows["value"].mask(rows["value"] == 14_910, 13_200)
    assert "by −1% and −12%" in an.caption_fuel(rows.assign(value=low)).title
    kidnapping = an.caption_kidnapping(frames["kidnapping"])
    assert "908 victims" in kidnapping.title and "94,679" in kidnapping.title
    assert any("381" in note and "half a year" in note for note in kidnapping.notes)


def test_the_register_is_stamped_with_its_consultations(frames):
    caption = an.caption_missing(frames["missing"])
    assert "7,963 as consulted on May 1, 2025, 12,619 as consulted in July 2026" in caption.title
    text = an.point_missing(frames["missing"]).text
    assert "7,963" in text and "12,619" in text and "from a chart" in text and "%" not in text
    register = an.select_register(an.load_table("disappeared_state_year"))
    caption = an.caption_register(register)
    assert caption.title.startswith("128,992 still missing, 22,470 found dead, 238,660 found alive")
    assert "register of July 2026 has events from 2010 on or undated; 39,065" in caption.title
    assert "July 2026" in caption.subtitle
    drawn = sum(bar.get_height() for bar in an.plot_disappeared(register).patches)
    assert drawn == register["persons"].sum() - 39_065


@pytest.mark.parametrize("place", ["nation", "Sinaloa"])
def test_the_bar_of_the_year_in_course_is_hatched_and_named(place):
    table = an.load_table("disappeared_state_year")
    rows = an.select_register(table) if place == "nation" else an.select_disappeared(table, place)
    ax = an.plot_disappeared(rows)
    hatched = [bar for bar in ax.patches if bar.get_hatch()]
    assert {round(bar.get_x() + bar.get_width() / 2) for bar in hatched} == {2026}
    some = rows[rows["year"] == "2026"]
    assert sum(bar.get_height() for bar in hatched) == some["persons"].sum()
    assert texts(ax) == ["to July 2026"]
    before = an.plot_disappeared(rows[rows["year"] != "2026"])
    assert not texts(before) and not any(bar.get_hatch() for bar in before.patches)


def test_money_in_the_words_is_that_of_the_table(frames):
    title = an.caption_budget(frames["budget"]).title
    assert "144.1 billion pesos, +29%" in title and "58.7, −41%" in title
    share = an.caption_expenditure(frames["expenditure"])
    assert "0.89% of GDP in 2024, against 0.30% in 2006, the lowest share since 1990" in share.title
    gdp = an.caption_gdp(frames["gdp"])
    assert "1,833 billion dollars in 2025 as the World Bank's series is kept" in gdp.title
    assert any("not recorded" in note and "2025" in note for note in gdp.notes)
    guard = an.select_guard_money(an.load_table("security_budget"))
    assert an.caption_guard_money(guard).title.startswith("5 figures")
    body = an.table_figures(guard).body
    assert ["70,767,000,000", "current MXN"] in [row[2:4] for row in body]


def test_tables_say_what_is_missing(gaps):
    rows = {row[0]: row for row in an.table_gaps(gaps).body}
    assert rows["Fentanyl seized: nationwide"][1:6] == ["2020", "2025", "4", "1", "2021"]
    assert rows["Gross domestic product"][5] == "–"
    assert "final" not in rows["Gross domestic product"][-1]
    assert rows["Kidnapping, survey of households"][5] == "2017–2023"
    title = an.caption_coverage(gaps).title
    broken = (gaps["lacking"] > 0).sum()
    assert title.startswith(f"{broken} of {len(gaps)} series")
    assert str(gaps["lacking"].sum()) in title
    unheld = an.table_unheld(an.select_unheld(an.load_table("paper_claims")))
    assert [row[0] for row in unheld.body] == ["c61", "c64", "c65", "c66", "c67", "c68"]
    assert {row[-1] for row in unheld.body} == {"no data held"}


@pytest.mark.slow
def test_the_page_shows_its_exhibits_with_their_rows_and_sources(checkout):
    entries = run_reports(list_requests(["context"], {}, ["en"]), jobs=1)
    assert [entry["error"] for entry in entries] == [None]
    text = (checkout / "reports/en/context.html").read_text("utf-8")
    assert len(text.encode()) < 600_000
    notebook = json.loads((checkout / "reports/en/context/report.ipynb").read_text("utf-8"))
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
    shown = [out["data"].get("application/vnd.analysis+json") for out in outputs]
    exhibits = {item["id"]: item for item in shown if item and "id" in item}
    assert {*NAMES, "register", "coverage", "gaps", "unheld"} <= set(exhibits)
    for name in NAMES:
        rows = list(csv.DictReader(io.StringIO(exhibits[name]["csv"])))
        assert rows and all(row["source"] and row["unit"] and row["period"] for row in rows)
    listed = next(item for item in shown if item and item["kind"] == "points")["points"]
    assert 3 <= len(listed) <= 5
    assert {point["target"] for point in listed} <= set(exhibits)
    held = pd.read_csv(io.StringIO(exhibits["missing"]["csv"]))
    assert set(held["series"]) == {"2025-05-01", "2026-07"}
