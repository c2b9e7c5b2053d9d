"""A page proves itself: run again from its seal, it gives the same numbers or says which differ."""

import json
import shutil
import subprocess
import sys

import pytest

from analysis.errors import RequestError
from analysis.reporting.difference import compare_runs, write_difference
from analysis.reporting.notebooks import check_request
from analysis.reporting.run import run_reports
from analysis.reporting.verify import compare_pages, find_pages, read_page, verify_page
from tests.conftest import Project
from tests.reporting.small import SHOW, SMALL, write_notebook

pytestmark = pytest.mark.slow


@pytest.fixture
def page(small):
    """The page of a small report, just made."""
    (entry,) = run_reports([check_request("small", {"state": "Durango"}, "en")])
    assert entry["status"] == "ok"
    return small / "reports" / entry["html"]


def change_one_figure(folder):
    """Add a victim to Durango in the last month, with the descriptor following."""
    path = folder / "data/raw/sesnsp_victims_state_month.csv"
    lines = [text for text in path.read_text("utf-8").splitlines() if text.startswith("10,2025-0")]
    line = next(text for text in lines if ",intentional_homicide," in text)
    *key, figure = line.split(",")
    Project(folder).replace(
        "sesnsp_victims_state_month", line, ",".join([*key, str(int(figure) + 100)])
    )


def test_an_untouched_page_is_the_same_wherever_it_is(page, tmp_path):
    elsewhere = tmp_path / "sent by mail.html"
    shutil.copy(page, elsewhere)
    for path in (page, elsewhere):
        found = verify_page(path)
        assert found["same"] and found["differences"] == []
        assert found["parameters"] == {"state": "Durango"}


def test_a_page_in_two_languages_is_the_same_in_each(small):
    requests = [check_request("small", {"state": "Durango"}, lang) for lang in ("en", "es")]
    for entry in run_reports(requests):
        path = small / "reports" / entry["html"]
        (other,) = {"en", "es"} - {entry["lang"]}
        assert f'href="../{other}/small-durango.html" hreflang="{other}"' in path.read_text("utf-8")
        found = verify_page(path)
        assert found["same"] and found["differences"] == []


def test_a_number_altered_on_the_page_is_named(page):
    text = page.read_text("utf-8")
    old = read_page(page)
    name, table = next(iter(old.tables.items()))
    cell = table.splitlines()[1].split(",")[2]
    assert text.count(cell)
    page.write_text(text.replace(cell, f"{cell}9"), "utf-8")
    found = verify_page(page)
    assert not found["same"]
    assert any(f"table {name} row 2" in difference for difference in found["differences"])
    assert any(f"{cell}9 now {cell}" in difference for difference in found["differences"])


def test_a_changed_raw_figure_is_caught_and_what_it_moved_is_named(page, small):
    change_one_figure(small)
    found = verify_page(page)
    assert not found["same"]
    assert found["differences"][0].startswith("data changed: ")
    assert "panel" in found["differences"][0]
    assert any("row 11" in text and "homicides" in text for text in found["differences"])


def test_a_raw_file_that_is_not_the_recorded_one_is_caught(page, small):
    path = small / "data/raw/sesnsp_victims_state_month.csv"
    path.write_text(path.read_text("utf-8").replace(",1\n", ",2\n", 1), "utf-8")
    command = [sys.executable, "-m", "analysis", "verify", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "sesnsp_victims_state_month.csv has changed" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_changed_lock_and_notebook_are_caught_without_any_number_moving(page, small):
    lock = small / "requirements.lock"
    lock.write_text(lock.read_text("utf-8") + "# another\n", "utf-8")
    assert verify_page(page)["differences"] == ["packages changed: requirements.lock"]
    write_notebook(small, "small", SMALL.format(name="small") + "# a word", SHOW)
    changed = verify_page(page)["differences"]
    assert "code changed: notebooks/small.ipynb" in changed


def test_a_report_that_no_longer_runs_differs_and_says_why(page, small):
    write_notebook(small, "small", "raise ValueError('no')")
    (difference,) = verify_page(page)["differences"]
    assert "can not be run: cell 3: ValueError: no" in difference


def test_the_command_gives_exit_codes_and_one_document(page, small):
    command = [sys.executable, "-m", "analysis", "verify"]
    done = subprocess.run(
        [*command, "reports", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["pages"]
    assert found["same"] and found["page"] == "reports/en/small-durango.html"
    for wrong in ("README.md", "nowhere.html", "data"):
        done = subprocess.run([*command, wrong], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr


def test_a_page_that_is_none_does_not_keep_the_others_from_being_verified(page, small):
    (small / "reports/en/other.html").write_text("<p>a page of somebody else</p>", "utf-8")
    command = [sys.executable, "-m", "analysis", "verify", "reports", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    found = {item["page"]: item for item in json.loads(done.stdout)["pages"]}
    assert found["reports/en/small-durango.html"]["same"]
    assert "carries no seal" in found["reports/en/other.html"]["differences"][0]


def test_pages_are_found_by_file_report_and_folder(page, small):
    for path in (page, page.with_suffix(""), small / "reports"):
        assert find_pages(path) == [page]
    with pytest.raises(RequestError, match="no page of a report below"):
        find_pages(small / "data")


def test_pages_are_compared_cell_by_cell(page):
    one, other = read_page(page), read_page(page)
    assert compare_pages(one, other) == []
    other.tables = {name: text.replace("Durango", "Colima") for name, text in other.tables.items()}
    first = compare_pages(one, other)[0]
    assert first.startswith("table ranking.csv row 11, state: Durango now Colima")
    other.tables, other.drawings = one.tables, [text.replace("1", "2") for text in one.drawings]
    assert compare_pages(one, other)[0].startswith("figure 1 is drawn otherwise")


class TestDifference:
    """Two runs side by side."""

    @pytest.fixture
    def runs(self, page, small, tmp_path):
        """An earlier run, and a later one after one figure was revised."""
        old = tmp_path / "old"
        shutil.copytree(small / "reports", old)
        change_one_figure(small)
        run_reports([check_request("small", {"state": "Durango"}, "en")])
        return old, small / "reports"

    def test_it_names_what_moved_by_how_much_and_why(self, runs):
        found = compare_runs(*runs)
        told = found["reports"]["small-durango"]
        assert told["status"] == "moved" and told["moved"] == len(found["moved"]) > 3
        assert "data: table panel" in told["why"]
        assert not [reason for reason in told["why"] if not reason.startswith("data: ")]
        rows = found["moved"].set_index(["row", "column"])
        row = rows.loc[("10", "homicides")]
        assert int(row["new"]) - int(row["old"]) == 100
        assert row["change"] == pytest.approx(100 * (int(row["new"]) / int(row["old"]) - 1))

    def test_the_same_run_has_nothing_to_say(self, runs):
        found = compare_runs(runs[1], runs[1])
        told = found["reports"]["small-durango"]
        assert told.pop("titles") == {"en": told.pop("title")}
        assert told == {"why": [], "moved": 0, "status": "same"}

    def test_a_report_of_one_run_only_is_told(self, runs, tmp_path):
        empty = tmp_path / "empty"
        empty.mkdir()
        (empty / "manifest.json").write_text('{"runs": []}', "utf-8")
        assert compare_runs(empty, runs[1])["reports"]["small-durango"]["status"] == "added"
        assert compare_runs(runs[1], empty)["reports"]["small-durango"]["status"] == "gone"

    def test_the_folder_that_holds_no_run_is_named(self, runs, tmp_path):
        for pair in ((runs[0], tmp_path), (tmp_path, runs[0])):
            command = [sys.executable, "-m", "analysis", "diff", *map(str, pair)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 2
            assert f"{tmp_path} is none" in done.stderr

    def test_the_command_writes_a_page_that_asks_for_nothing(self, runs):
        command = [sys.executable, "-m", "analysis", "diff", *map(str, runs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "small-durango: moved" in done.stdout and "changed: data: " in done.stdout
        text = (runs[1] / "difference.html").read_text("utf-8")
        assert "numbers moved" in text and "src=" not in text
        page = write_difference(compare_runs(*runs), "a <b>", "c", runs[1])
        assert "a &lt;b&gt;" in page.read_text("utf-8")

    def test_the_page_is_in_each_language(self, runs):
        write_difference(compare_runs(*runs), "one", "two", runs[1])
        text = (runs[1] / "difference-es.html").read_text("utf-8")
        assert '<html lang="es"' in text and "Qué cambió entre dos ejecuciones" in text
        assert "<code>datos: " in text and 'href="difference.html"' in text
