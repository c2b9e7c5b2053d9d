"""Damaged official files: told of, or refused, or without any effect; and every row accounted for.

Rows and figures are counted here once more, by Python's own reader of CSV over the damaged bytes.
``ANALYSIS_CASES`` sets how many cases a way of damage gets on made files; real ones get half.
"""

import csv
import io
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from analysis.errors import DataError, RequestError
from analysis.official.findings import KINDS
from analysis.official.take import check_file
from analysis.vintages import EMBEDDED, as_of
from tests.official.damage import WAYS, Case
from tests.official.given import GIVEN, give, read_one

CASES = int(os.environ.get("ANALYSIS_CASES", "2"))
SIDES = {
    "made": [name for name in GIVEN if not name.startswith("real")],
    "real": [name for name in GIVEN if name.startswith("real")],
}


def look(path: Path, check: bool = False) -> dict:
    """Read a file: its table as one number that the order of rows does not move, and the rest."""
    with read_one(path) as reading:
        columns = [
            c[0] for c in reading.con.execute("DESCRIBE tidy").fetchall() if c[0] != "source"
        ]
        listed = ", ".join(f"coalesce(CAST({c} AS VARCHAR), '-')" for c in columns)
        tidy = reading.con.execute(
            f"SELECT count(*), sum(hash(concat_ws('|', {listed}))::HUGEINT) FROM tidy"
        ).fetchall()
        found = {**reading.to_dict(), "tidy": (reading.table, tidy)}
        found["texts"] = reading.con.execute("SELECT count(*), count(text) FROM rejects").fetchall()
    if check:
        with as_of(EMBEDDED):
            found["findings"] = check_file(path)["findings"]
    return found


@cache
def undamaged(name: str, check: bool) -> dict:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(give(name).data())
        return look(path, check)


def key(finding: dict) -> tuple:
    return finding["kind"], finding["column"], finding["found"]


def new_findings(before: dict, after: dict) -> list[dict]:
    known = Counter(map(key, before["findings"]))
    new = []
    for finding in after["findings"]:
        known[key(finding)] -= 1
        if known[key(finding)] < 0:
            new.append(finding)
    return new


def number(text: str) -> float:
    text = text.strip()
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", text) else 0.0


def count_by_hand(case: Case) -> tuple[int, float | None]:
    """Count lines below the header, and add up figures of those that split as most do."""
    text = io.StringIO(case.data.removeprefix(b"\xef\xbb\xbf").decode("latin-1"), newline=None)
    lines = text.read().removesuffix("\n").split("\n")
    header = next(csv.reader([lines[case.start - 1]], delimiter=case.sign))
    below = lines[case.start :]
    rows = []
    for line in below:
        try:
            rows.append(next(csv.reader([line], delimiter=case.sign, strict=True), []))
        except csv.Error:
            continue
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    fitting = [row for row in rows if len(row) == width and any(row)]
    fitting = [row for row in fitting if row[:width] != header[:width]]
    if not set(case.columns) <= set(header):
        return len(below), None
    if not case.columns:
        return len(below), float(len(fitting))
    places = [header.index(name) for name in case.columns]
    return len(below), sum(number(row[i]) for row in fitting for i in places if i < len(row))


def assert_accounted(case: Case, after: dict) -> None:
    for part in after["account"].values():
        gone = part["out"] + part["rejected"] + sum(part["aside"].values())
        assert part["in"] == pytest.approx(gone, rel=1e-9)
    assert after["texts"] == [(after["account"]["rows"]["rejected"],) * 2]
    if case.start:
        rows, figures = count_by_hand(case)
        assert after["account"]["rows"]["in"] == after["rows"] == rows
        if figures is not None:
            assert after["account"]["figures"]["in"] == pytest.approx(figures, rel=1e-9)


def judge(name: str, case: Case, path: Path) -> None:
    before = undamaged(name, case.check)
    path.write_bytes(case.data)
    try:
        after = look(path, case.check)
    except (RequestError, DataError) as error:
        assert case.refused or case.must, f"refused: {error}"
        assert len(str(error)) > 30
        assert "fault of the reader" not in str(error)
        return
    assert not case.must, "neither refused nor told"
    assert_accounted(case, after)
    new = new_findings(before, after)
    same = after["tidy"] == before["tidy"]
    assert all(finding["kind"] in KINDS and finding["fix"] for finding in new)
    if case.harmless:
        assert same, f"the table changed; told was {new}"
    if case.kinds and not (case.changing and same):
        told = [finding for finding in new if finding["kind"] in case.kinds]
        at_row = [f for f in told if case.row is None or f["row"] == case.row]
        at = [f for f in at_row if case.column is None or f["column"] == case.column]
        assert at, f"expected {case.kinds}, row {case.row}, column {case.column}; told was {new}"
    elif not case.free:
        assert same or new, "changed without a word"


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("way", WAYS)
def test_damage_is_told_of_or_without_effect(way, side):
    names = SIDES[side]
    give(names[0])  # skips where the real files are not at hand
    judged = set()

    @settings(max_examples=CASES if side == "made" else max(1, CASES // 2))
    @drawn(seed=st.integers(0, 2**32))
    def judge_one(seed: int) -> None:
        rnd = Random(f"{way} {seed}")
        for name in rnd.sample(names, len(names)):
            if case := WAYS[way](give(name), rnd):
                with TemporaryDirectory() as folder:
                    try:
                        judge(name, case, Path(folder) / case.name)
                    except Exception as error:
                        error.add_note(f"{way} of {name}, seed {seed}")
                        raise
                judged.add(name)
                return

    judge_one()
    if not judged:
        pytest.skip(f"no {side} file has what this damages")


def test_there_are_many_ways():
    assert len(WAYS) >= 60
