"""The report on priority areas: what is drawn and said is what the raw rows hold."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import date2num

import analysis as an
from analysis.reporting.notebooks import check_request, list_reports, list_requests
from analysis.reporting.run import run_reports
from analysis.reporting.style import LIGHT
from analysis.sources import read_rows
from tests.reporting.conftest import copy_project

CITY = "homicides_priority_cities"


@pytest.fixture(scope="module")
def held():
    """The frames of the report by name."""
    table, panel = an.load_table(CITY), an.load_panel()
    files, coverage = an.select_city_files(table), an.select_city_coverage(table)
    return {
        "table": table,
        "coverage": coverage,
        "gaps": an.select_city_gaps(coverage),
        "deaths": an.select_city_deaths(table),
        "files": files,
        "quoted": an.select_city_figures(table),
        "change": an.select_city_change(files),
        "months": an.select_state_months(panel),
        "rates": an.select_state_rates(panel),
        "roles": an.select_guard_roles(an.load_table("guard_roles")),
        "dates": an.select_strategy_dates(an.load_table("strategy_timeline")),
        "strategies": an.select_strategies(an.load_table("strategy_elements")),
    }


def offsets(dots):
    return np.asarray(dots.get_offsets(), dtype="float64")


def panels(ax):
    return {panel.get_title(loc="left"): panel for panel in ax.child_axes}


def bands(panel):
    """Ends of the shaded bands of a panel."""
    shaded = [patch for patch in panel.patches if to_hex(patch.get_facecolor()) == LIGHT["band"]]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in shaded]


def test_the_grid_draws_what_is_held_and_leaves_the_rest_bare(held):
    ax, coverage = an.plot_city_coverage(held["coverage"]), held["coverage"]
    drawn = {dots.get_label(): len(offsets(dots)) for dots in ax.collections}
    counted = coverage[coverage["held"] != "none"].groupby(["kind", "held"]).size()
    assert {f"{kind} {kept}": n for (kind, kept), n in counted.items()} == {
        name: n for name, n in drawn.items() if n
    }
    full = next(dots for dots in ax.collections if dots.get_label() == "files year")
    part = next(dots for dots in ax.collections if dots.get_label() == "files part")
    assert to_hex(full.get_facecolor()[0]) != to_hex(part.get_facecolor()[0]) == LIGHT["paper"]


def test_deaths_end_in_2015_and_the_years_without_data_are_shaded(held):
    drawn = panels(an.plot_city_deaths(held["deaths"], gaps=held["gaps"]))
    assert len(drawn) == 10
    for city, panel in drawn.items():
        rows = held["deaths"][held["deaths"]["place"] == city]
        assert panel.lines[0].get_ydata().tolist() == rows["deaths"].tolist()
        assert panel.lines[0].get_xdata().max() == 2015
        last = 2019.5 if city in {"León", "Celaya"} else 2023.5
        assert bands(panel) == [(2015.5, last)]
        assert "no data" in [text.get_text() for text in panel.texts]
    assert "3,766 (2010)" in [text.get_text() for text in drawn["Ciudad Juárez"].texts]
    assert "99 (2014, 2015)" in [text.get_text() for text in drawn["Celaya"].texts]


def test_a_highest_year_that_comes_twice_counts_twice(held):
    caption = an.caption_city_deaths(held["deaths"])
    assert "between 2010 and 2015, Ciudad Juárez 3,766 in 2010" in caption.title
    assert any("Celaya has its 99 in 2014 and 2015" in note for note in caption.notes)
    single = held["deaths"][held["deaths"]["place"] != "Celaya"]
    assert "between 2010 and 2014" in an.caption_city_deaths(single).title
    assert not any("twice" in note for note in an.caption_city_deaths(single).notes)


def test_no_line_of_files_enters_the_shaded_years(held):
    for city, panel in panels(an.plot_city_files(held["files"], gaps=held["gaps"])).items():
        ((first, after),) = bands(panel)
        assert first == date2num(pd.Timestamp("2016-01"))
        rows = held["files"][held["files"]["place"] == city]
        drawn = date2num(panel.lines[0].get_xdata())
        assert len(drawn) == len(rows) and drawn.min() >= after
        hollow = [d for d in panel.collections if to_hex(d.get_facecolor()[0]) == LIGHT["paper"]]
        assert sum(len(offsets(d)) for d in hollow) == (rows["status"] == "preliminary").sum()


def test_changes_are_drawn_with_both_intervals_and_shaped_by_the_evidence(held):
    rows = held["change"].sort_values("estimate", ascending=False)
    ax = an.plot_city_change(rows)
    wide, exact = (np.asarray(lines.get_segments())[:, :, 0] for lines in ax.collections[:2])
    assert np.allclose(wide, rows[["conf_low", "conf_high"]])
    assert np.allclose(exact, rows[["exact_low", "exact_high"]])
    dots = {d.get_label(): offsets(d)[:, 0] for d in ax.collections[2:]}
    for direction in ("rising", "falling", "unclear"):
        some = rows.loc[rows["direction"] == direction, "estimate"]
        assert np.allclose(dots[direction], some)
    unsure = an.plot_city_change(rows.assign(direction="unclear"))
    assert {to_hex(d.get_edgecolor()[0]) for d in unsure.collections[2:] if len(offsets(d))} == {
        LIGHT["unclear"]
    }


def test_victims_of_states_are_drawn_month_by_month(held):
    for state, panel in panels(an.plot_state_months(held["months"])).items():
        rows = held["months"][held["months"]["state"] == state]
        assert panel.lines[0].get_ydata().tolist() == rows["homicides_sesnsp"].tolist()
        hollow = panel.collections[0]
        assert len(offsets(hollow)) == 6


def test_the_sources_of_yearly_rates_keep_their_markers_and_are_not_joined(held):
    for state, panel in panels(an.plot_state_rates(held["rates"])).items():
        assert not panel.lines
        rows = held["rates"][held["rates"]["state"] == state]
        dots = [d for d in panel.collections if hasattr(d, "get_sizes") and len(d.get_sizes())]
        drawn = np.concatenate([offsets(d) for d in dots])
        wanted = rows[["year", "rate"]].to_numpy("float64")
        assert np.allclose(drawn[np.lexsort(drawn.T)], wanted[np.lexsort(wanted.T)])
        hollow = [d for d in dots if to_hex(d.get_facecolor()[0]) == LIGHT["paper"]]
        assert sum(len(offsets(d)) for d in hollow) == rows["marked"].sum() == 6


def test_every_role_stands_at_its_level(held):
    ax = an.plot_guard_roles(held["roles"])
    labels = [label.get_text().split(": ") for label in ax.get_yticklabels()]
    names = [name for name, __ in labels]
    wanted = {row["role"]: float(row["level"]) for row in read_rows("guard_roles")}
    drawn = {}
    for dots in ax.collections[1:]:
        drawn |= {names[int(y)]: x for x, y in offsets(dots)}
    assert drawn == wanted == {name: float(level) for name, level in labels}
    assert len(offsets(ax.collections[2])) == 5


def test_every_event_stands_at_its_day_in_the_lane_of_its_term(held):
    ax = an.plot_strategy_dates(held["dates"])
    days = {int(y): x for dots in ax.collections for x, y in offsets(dots)}
    assert [days[place] for place in range(len(days))] == date2num(held["dates"]["day"]).tolist()
    written = [text.get_text() for text in ax.texts]
    assert {row["label"] for row in read_rows("strategy_timeline")} <= {*written}
    assert {"Calderón", "Peña Nieto", "López Obrador", "Sheinbaum"} <= {*written}
    markers = {len(dots.get_paths()[0].vertices) for dots in ax.collections}
    assert len(markers) > 3


def test_points_say_the_numbers_of_the_raw_rows(held):
    change = an.point_city_change(held["change"]).text
    assert "4 of 10 cities and rose clearly in none; the ends of the range" in change
    assert "Colima, 143 to 37 (−74.1%;" in change and "Cajeme, 152 to 188 (+23.7%;" in change
    assert "preliminary in 8 cities for 2024 and in 10 for 2025" in change
    assert "Zero files in Colima (June 2025) may be late reporting" in change
    gaps = an.point_city_gaps(held["coverage"], held["gaps"]).text
    assert "8 of the 10 cities" in gaps and "2016 to 2023" in gaps and "2020" in gaps
    assert "Chiapas 9.6" in an.point_priority_rates(held["rates"]).text
    roles = an.point_guard_roles(held["roles"]).text
    assert "2 of the Guard's 22 roles" in roles and "against 12 at level 1 or 2" in roles
    assert "intelligence (2) and cybersecurity (1)" in roles
    strategies = an.point_strategies(held["strategies"], held["dates"]).text
    assert "May 16, 2019, has 8 pillars" in strategies and "October 8, 2024, has 3" in strategies
    assert "Of the 2 programmes" in strategies and "1 again for 2024: Jóvenes" in strategies


def test_words_follow_the_frame(held):
    change = held["change"].assign(direction="rising")
    assert "fell clearly in none" in an.point_city_change(change).text
    assert "rose clearly in 10" in an.caption_city_change(change).title
    months = held["months"].assign(homicides_sesnsp=held["months"]["homicides_sesnsp"] * 0 + 1)
    assert "Michoacán 6, then 6; Chiapas 6, then 6" in an.caption_priority_months(months).title
    roles = held["roles"].assign(level=10)
    assert an.caption_guard_roles(roles).title.startswith("22 of 22 roles")


def test_notes_on_preliminary_months_follow_the_status(held):
    figure, table = (
        caption(held["change"])
        for caption in (an.caption_city_change, an.caption_city_change_table)
    )
    assert figure.title != table.title
    assert "6 of 10 intervals leave out zero, with the spread of months 4" in table.title
    for notes in (figure.notes, table.notes):
        text = " ".join(notes)
        assert "2024: months are preliminary in 8 of 10 cities; final in Celaya and León." in text
        assert "2025: months are preliminary in 10 of 10 cities." in text
        assert "2024 is a leap year" in text and "2025 is a leap year" not in text
        assert "late reporting: Colima (June 2025)" in text
    final = held["change"].assign(preliminary_before=0, zeros="")
    text = " ".join(an.caption_city_change(final).notes)
    assert "2024: months are preliminary in 0" in text and "late reporting" not in text
    assert "late reporting" not in an.point_city_change(final).text


def test_quoted_figures_that_the_files_do_not_match_are_named(held):
    def notes(quoted, change):
        return " ".join(an.caption_city_figures(quoted, held["files"], change).notes)

    text = notes(held["quoted"], held["change"])
    assert "Cajeme +18% and the other cities falls of 12 to 39%" in text
    assert "give Cajeme +23.7%" in text and "in 3 of the other 9: Colima −74.1%, Cancún" in text
    cancun = sum(
        float(row["value"])
        for row in read_rows(CITY)
        if row["place"].startswith("Cancún") and "(month)" in row["measure"]
        if row["period"].startswith("2025")
    )
    assert f"188 quoted as SESNSP, while the table of files holds {cancun:.0f} up to June" in text
    inside = held["change"].assign(estimate=-20.0)
    assert "in 0 of the other 9" in notes(held["quoted"], inside)
    plain = held["quoted"][held["quoted"]["measure"].str.startswith("victims")]
    assert "quoted as SESNSP" not in notes(plain, held["change"])


def test_rates_say_their_source_and_what_is_both_highest_and_last(held):
    title = an.caption_priority_rates(held["rates"]).title
    assert "SESNSP rates since 2015: Michoacán 56.2 in 2021, then 29.7 in 2024" in title
    assert "Chiapas 14.8 in 2024, its highest and its last" in title


def test_the_dates_say_under_whom_no_strategy_is_held(held):
    notes = " ".join(an.caption_strategy_dates(held["dates"]).notes)
    assert "those of May 16, 2019 and October 8, 2024. For Calderón and Peña Nieto" in notes


def test_the_files_of_both_halves_are_the_sums_of_the_raw_months(held):
    sums = {"2024": 0.0, "2025": 0.0}
    for row in read_rows(CITY):
        if "(month)" in row["measure"] and "sebrodriguezh" in row["source"]:
            sums[row["period"][:4]] += float(row["value"]) * (row["period"][5:] <= "06")
    old, new = (f"{value:,.0f}" for value in sums.values())
    title = an.caption_city_files(held["files"]).title
    assert f"{old} files in January to June 2024 and {new} in 2025" in title


def test_tables_write_every_row_and_what_is_absent_as_a_dash(held):
    quoted = an.table_city_figures(held["quoted"]).body
    assert len(quoted) == len(held["quoted"]) == 46
    assert ["Ciudad Juárez", "2017", "772"] in [row[:3] for row in quoted]
    rates = {tuple(row[:2]): row[2:] for row in an.table_state_rates(held["rates"]).body}
    assert rates["Chiapas", "2000"][:3] == ["–", "–", "–"]
    assert rates["Michoacán", "2025"][0] == "718 p ½"
    assert rates["Michoacán", "2023"][3:] == ["–", "–", "–"]
    strategies = {row[0]: row for row in an.table_strategies(held["strategies"]).body}
    assert strategies["pillar 8"][2] == "–" and "Guard" in strategies["pillar 8"][1]
    assert "Navy" in strategies["joint force 1"][2]
    dates = an.table_strategy_dates(held["dates"]).body
    assert dates[-1][0] == "December 11, 2024" and len(dates) == 25


def test_a_name_with_a_hyphen_is_a_report():
    assert "priority-areas" in list_reports()
    request = check_request("priority-areas", {}, "en")
    assert request.slug == "priority-areas"
    assert request.command == "analysis run priority-areas --lang en"


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The folder ``reports`` with this report rendered once."""
    place = copy_project(tmp_path_factory.mktemp("priority") / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        entries = run_reports(list_requests(["priority-areas"], {}, ["en"]), jobs=1)
    assert [entry["error"] for entry in entries] == [None]
    return place / "reports"


@pytest.mark.slow
def test_the_page_is_light_and_every_point_leads_to_an_exhibit(reports):
    page = (reports / "en" / "priority-areas.html").read_text("utf-8")
    assert len(page.encode()) < 600_000
    ids = set(re.findall(r'<figure[^>]* id="([^"]+)"', page))
    points = page[page.index('class="points"') :].split("</section>")[0]
    targets = re.findall(r'href="#([^"]+)"', points)
    assert len(ids) == 13
    assert 3 <= len(targets) <= 5 and {*targets} <= ids


@pytest.mark.slow
def test_the_manifest_names_the_report(reports):
    run = json.loads((reports / "manifest.json").read_text("utf-8"))["runs"][0]
    assert (run["slug"], run["html"]) == ("priority-areas", "en/priority-areas.html")
    assert run["title"].startswith("Priority areas")
