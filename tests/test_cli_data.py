"""The commands about official files as users type them: output and exit codes."""

import json
import subprocess
import sys

import pytest

from tests.official.test_take import HEADER, write_guards


def run(*arguments, folder):
    command = [sys.executable, "-m", "analysis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.fixture
def guards(project):
    return write_guards(project.folder / "guards.csv")


def test_check_prints_account_and_findings(project, guards):
    done = run("data", "check", guards, folder=project.folder)
    assert done.returncode == 0, done.stderr
    assert "rows:    64 in = 64 out + 0 rejected" in done.stdout
    found = json.loads(run("data", "check", guards, "--json", folder=project.folder).stdout)
    assert {"file", "format", "encoding", "rows", "findings"} <= set(found)
    keys = {"level", "kind", "row", "column", "found", "expected", "fix"}
    assert all(set(item) == keys for item in found["findings"])


def test_check_exits_1_on_an_error_and_2_on_what_is_no_such_file(project, guards):
    text = guards.read_text("utf-8").replace("01,2021-08,", "57,2021-08,")
    guards.write_text(text, "utf-8")
    done = run("data", "check", guards, folder=project.folder)
    assert done.returncode == 1
    assert "error: unknown state (row 2, cve_ent)" in done.stdout
    page = project.folder / "page.csv"
    page.write_text("<!DOCTYPE html><html><body>moved</body></html>", "utf-8")
    other = project.folder / "other.csv"
    other.write_text("a,b\n1,2\n", "utf-8")
    for path in (page, other, project.folder / "nowhere.csv"):
        done = run("data", "check", path, folder=project.folder)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr
    done = run("data", "check", guards, "--as", "nothing", folder=project.folder)
    assert done.returncode == 2 and "guard-table" in done.stderr


def test_import_then_diff_then_fit(project, guards):
    done = run("data", "import", guards, folder=project.folder)
    assert done.returncode == 0, done.stderr
    assert "figures 0 revised, 64 added, 0 gone" in done.stdout
    again = run("data", "import", guards, folder=project.folder)
    assert "nothing new" in again.stdout
    write_guards(guards, months=["2021-09"], states=[9])
    assert run("data", "import", guards, folder=project.folder).returncode == 0
    first = sorted((project.folder / "data/imported").glob("2*"))[0].name
    document = json.loads(run("diff", first, "latest", "--json", folder=project.folder).stdout)
    cell = document["cells"]["guard_deployment_state_month"][0]
    assert (cell["cve_ent"], cell["old"], cell["new"], cell["change"]) == (
        "09",
        1091,
        1090,
        "revised",
    )
    text = run("diff", first, "latest", folder=project.folder).stdout
    assert "guard_deployment_state_month: 1 cells revised or gone" in text
    fitted = run("fit", "guard-elasticity", "--json", folder=project.folder)
    assert json.loads(fitted.stdout)["data"]["period"][1] == "2021-09"


def test_import_exits_1_where_rows_were_rejected_and_keeps_the_rest(project, guards):
    text = guards.read_text("utf-8").replace("01,2021-08,", "57,2021-08,")
    guards.write_text(text, "utf-8")
    done = run("data", "import", guards, "--json", folder=project.folder)
    assert done.returncode == 1
    taken = json.loads(done.stdout)
    assert taken["files"][0]["account"]["rows"]["rejected"] == 1
    guards.write_text(f"{HEADER}\n57,2021-08,1,deployed,Report\n", "utf-8")
    done = run("data", "import", guards, folder=project.folder)
    assert done.returncode == 1 and "nothing was taken in" in done.stderr


def test_fetch_lists_and_refuses(project):
    done = run("data", "fetch", "--json", folder=project.folder)
    assert done.returncode == 0
    listed = json.loads(done.stdout)
    assert all(item["path"] or item["page"] for item in listed)
    assert all(
        address.startswith("https://")
        for item in listed
        for address in (item["path"], item["page"])
        if address
    )
    done = run("data", "fetch", "nothing", folder=project.folder)
    assert done.returncode == 2 and "unknown source" in done.stderr
    done = run("data", "fetch", "sesnsp-victims", folder=project.folder)
    assert done.returncode == 1 and "by hand" in done.stdout
