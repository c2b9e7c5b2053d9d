"""Formats are recognised by their columns; what differs of these is told at the header's row."""

import pytest

from analysis.errors import RequestError
from analysis.official.formats import find_format, formats
from tests.official.given import GIVEN, give, read_one

FORMATS = {
    "victims": "sesnsp-victims",
    "files 2026": "sesnsp-files",
    "municipal": "sesnsp-municipal",
    "tabulation": "inegi-tabulation",
    "deaths 2019": "inegi-mortality",
    "deaths 2023": "inegi-mortality",
    "population": "conapo",
    "towns 2018": "conapo-municipal",
    "towns 2023": "conapo-municipal",
    "guard": "guard-workbook",
    "guard table": "guard-table",
    "world-bank": "world-bank",
}


def read(path, given, **options):
    path.write_bytes(given.data())
    with read_one(path, **options) as reading:
        return reading.to_dict()


def told(document, *kinds):
    return [
        (f["kind"], f["row"], f["column"], f["found"])
        for f in document["findings"]
        if f["kind"] in kinds
    ]


@pytest.mark.parametrize("name", GIVEN)
def test_every_file_is_recognised_and_faultless(tmp_path, name):
    given = give(name)
    document = read(tmp_path / "x", given)
    assert (
        document["format"]
        == FORMATS[name.removeprefix("real ").removesuffix(" 1990").removesuffix(" 2010")]
    )
    assert [f for f in document["findings"] if f["level"] == "error"] == []


def test_every_format_is_tried():
    assert set(FORMATS.values()) | {"world-bank-long"} == set(formats())


def test_a_format_can_be_said(tmp_path):
    given = give("population")
    header = [cell.replace("genero", "quien") for cell in given.header]
    altered = given.with_rows([header, *given.rows[1:]])
    with pytest.raises(RequestError, match="none of the official files"):
        read(tmp_path / "x", altered)
    document = read(tmp_path / "x", altered, as_format="conapo")
    assert ("missing column", 1, "genero", "no such column") in told(document, "missing column")
    assert document["account"]["rows"]["rejected"] == len(given.body)


def test_a_format_that_is_not_the_files(tmp_path):
    with pytest.raises(RequestError, match="is not inegi-mortality: none of its first lines"):
        read(tmp_path / "x", give("victims"), as_format="inegi-mortality")
    with pytest.raises(RequestError, match="unknown format"):
        find_format("sesnsp")


def test_columns_are_told_at_the_row_of_the_header(tmp_path):
    given = give("victims")
    titled = given.with_rows([("título",), ("",), *given.rows])
    header = list(given.header)
    header[6], header[9], header[20] = "Modalidades", "Cifra", "x"
    rows = [("título",), ("",), header, *given.rows[1:]]
    assert told(read(tmp_path / "x", titled), "renamed column") == []
    assert told(read(tmp_path / "x", given.with_rows(rows)), "renamed column") == [
        ("renamed column", 3, "Modalidad", "Modalidades"),
        ("renamed column", 3, "Enero", "Cifra"),
        ("renamed column", 3, "Diciembre", "x"),
    ]


def test_of_two_columns_of_one_name_the_first_is_read(tmp_path):
    given = give("world-bank")
    place = given.place("1995")
    altered = given.change({(given.head, place): "1994"})
    document = read(tmp_path / "x", altered)
    assert told(document, "unknown column", "missing column") == [
        ("unknown column", given.head + 1, "1994", "1994"),
        ("missing column", None, None, "no column for 1995"),
    ]


def test_a_filled_column_without_a_name_is_told(tmp_path):
    given = give("victims")
    rows = [(*row, "" if i == 0 else "5") for i, row in enumerate(given.rows)]
    document = read(tmp_path / "x", given.with_rows(rows))
    assert told(document, "unknown column") == [
        ("unknown column", 1, None, "column 22, which has no name")
    ]


def test_figures_without_any_column_are_no_table(tmp_path):
    given = give("population")
    rows = [row[:4] for row in given.rows]
    document = read(tmp_path / "x", given.with_rows(rows))
    assert document["table"] == ""
    assert document["account"]["rows"] == {
        "in": len(given.body),
        "out": 0,
        "rejected": len(given.body),
        "aside": {},
    }


def test_a_header_without_rows_is_refused(tmp_path):
    given = give("guard table")
    with pytest.raises(RequestError, match="no rows below it"):
        read(tmp_path / "x", given.with_rows(given.rows[:1]))


def test_rows_that_are_all_totals_are_told(tmp_path):
    given = give("population")
    nation = [row for row in given.rows[1:] if row[2] == "00"]
    document = read(tmp_path / "x", given.with_rows([given.header, *nation]))
    assert ("missing row", None, None, "no row but national rows") in told(document, "missing row")
