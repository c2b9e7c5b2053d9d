"""Line numbers and the exact text of rejected lines, on every way into the database."""

import csv
import io
import struct

import openpyxl
import pytest

from analysis.errors import RequestError
from analysis.official import load as load_module
from analysis.official import rows as rows_module
from analysis.official.load import Layout, connect, load
from analysis.official.sheets import Sheet
from tests.official.generators import write_mortality_dbf
from tests.official.given import give, read_one


def wrong_figures(given, at):
    """Put a text in the place of a figure in some rows; give the lines as they stand."""
    place = given.place("Enero")
    damaged = given.change({(row, place): f"¿{row}?" for row in at})
    return damaged, {row + 1: damaged.lines()[row] for row in at}


def read(path):
    with read_one(path) as reading:
        rejects = reading.con.execute("SELECT line, text FROM rejects ORDER BY line").fetchall()
        return reading.to_dict() | {"rejects": dict(rejects)}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "mixed"])
@pytest.mark.parametrize("broken", [False, True], ids=["fast", "slow"])
def test_rows_and_texts_of_rejects(tmp_path, encoding, end, broken):
    at = [3, 77, 300]
    damaged, expected = wrong_figures(give("files 2026"), at)
    lines = damaged.lines()
    if broken:
        lines[200] = expected[201] = '"2026,01,Aguascalientes,¡mal!'
    ends = ["\r\n", "\n", "\r"] if end == "mixed" else [end]
    text = "".join(line + ends[i % len(ends)] for i, line in enumerate(lines))
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    document = read(path)
    assert document["rejects"] == expected
    told = [f for f in document["findings"] if f["kind"] == "not a number"]
    assert [(f["row"], f["column"], f["found"]) for f in told] == [
        (row + 1, "Enero", f'"¿{row}?"') for row in at
    ]
    assert [f["row"] for f in document["findings"] if f["kind"] == "quote"] == [201] * broken


def test_rows_and_texts_of_rejects_in_a_workbook(tmp_path):
    damaged, expected = wrong_figures(give("files 2026"), [3, 77, 300])
    rows = [list(row) for row in damaged.rows]
    rows.insert(50, [])
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "file.xlsx")
    document = read(tmp_path / "file.xlsx")
    assert document["rejects"] == {line + (line > 50): text for line, text in expected.items()}
    assert document["account"]["rows"]["aside"] == {"blank line": 1}


def test_rows_and_texts_of_rejects_in_dbase(tmp_path):
    path = tmp_path / "file.dbf"
    write_mortality_dbf(path, year=2024, deaths=300)
    data = bytearray(path.read_bytes())
    start, length = struct.unpack("<HH", data[8:12])
    names = [data[at : at + 11].rstrip(b"\0").decode() for at in range(32, start - 1, 32)]
    widths = [data[at + 16] for at in range(32, start - 1, 32)]
    place = 1 + sum(widths[: names.index("SEXO")])
    expected = {}
    for record in (0, 41, 299):
        begin = start + record * length
        data[begin + place] = ord("7")
        cells, at = [], begin + 1
        for width in widths:
            cells.append(data[at : at + width].decode().strip())
            at += width
        expected[record + 2] = ",".join(cells)
    data[start + 100 * length] = ord("*")
    path.write_bytes(data)
    document = read(path)
    deleted = document["rejects"].pop(102)
    assert document["rejects"] == expected
    assert deleted.count(",") == len(names) - 1
    told = [
        (f["row"], f["column"], f["kind"]) for f in document["findings"] if f["level"] == "error"
    ]
    assert sorted(told, key=str) == [
        (102, None, "empty row"),
        (2, "SEXO", "unknown value"),
        (301, "SEXO", "unknown value"),
        (43, "SEXO", "unknown value"),
    ]


def test_more_rejects_than_a_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(load_module, "BATCH", 3)
    monkeypatch.setattr(rows_module, "BATCH", 3)
    given = give("files 2026")
    lines = given.lines()
    expected = {}
    for at in range(5, 305, 8):
        lines[at] = expected[at + 1] = lines[at] + ",1"
    path = tmp_path / "file.csv"
    path.write_bytes("".join(line + "\n" for line in lines).encode("latin-1"))
    document = read(path)
    assert document["rejects"] == expected
    told = [f for f in document["findings"] if f["kind"] == "columns in row"]
    assert len(told) == rows_module.TOLD + 1
    assert told[-1]["found"].startswith(f"{len(expected) - rows_module.TOLD} more such")


@pytest.mark.parametrize("broken", [False, True], ids=["fast", "slow"])
def test_lines_keep_their_numbers_in_a_large_file(tmp_path, broken):
    count = 900_000 if not broken else 60_000
    path = tmp_path / "file.csv"
    with path.open("w") as file:
        file.write("title\nnumber,figure,text\n")
        file.writelines(f"{i},{i % 50},{'x' * (i % 60)}y\n" for i in range(3, count + 3))
        file.write("broken,\n" * broken)
    sheet = Sheet("file.csv", path, "text", {}, "plain")
    layout = Layout(",", 2, 3, {"number": 0, "text": 2}, {"figure": 1})
    with connect(tmp_path) as con:
        loaded = load(sheet, con, layout, tmp_path)
        assert loaded.rows == count + broken
        wrong = con.execute(
            "SELECT count(*) FROM raw WHERE CAST(number AS BIGINT) <> line OR figure <> line % 50 "
            "OR length(text) <> line % 60 + 1"
        )
        assert wrong.fetchall() == [(0,)]
        assert con.execute("SELECT count(*) FROM raw").fetchall() == [(count,)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0), ("12", 12), (" 12 ", 12), ("12\t", 12), ("+5", 5), ("-5", -5), ("007", 7)),
        *(("1,234", 1234), ("12,345,678", 12345678), ("1,234.5", 1234.5), ("3.", 3)),
        *(("1e3", 1000), ("12.0", 12), ("1.5E-2", 0.015)),
        *(("", None), (" ", None), ("1,23", None), ("1,2345", None), ("0,123", None)),
        *(("12 345", None), ("0x1F", None), ("1_000", None), ("--", None), ("n.d.", None)),
        *(("1e999", None), ("inf", None), ("nan", None), ("١٢", None), ("1.2.3", None)),
        *((",123", None), ("1,234,56", None), ("½", None)),
    ],
)
def test_what_is_a_figure(tmp_path, text, value):
    with connect(tmp_path) as con:
        assert con.execute("SELECT figure(?)", [text]).fetchall() == [(value,)]


@pytest.mark.parametrize("more", [-1, 1, 40])
def test_dbase_whose_header_promises_another_number_of_records(tmp_path, more):
    path = tmp_path / "file.dbf"
    write_mortality_dbf(path, year=2010, deaths=100)
    data = bytearray(path.read_bytes())
    data[4:8] = struct.pack("<I", 100 + more)
    path.write_bytes(data)
    with pytest.raises(RequestError, match=f"promises {100 + more} records, the file holds 100"):
        read(path)


@pytest.mark.parametrize("at", [5_000, 9_999])
def test_dbase_with_a_byte_lost_or_added(tmp_path, at):
    path = tmp_path / "file.dbf"
    write_mortality_dbf(path, year=2010, deaths=100)
    data = path.read_bytes()
    for damaged in (data[:at] + b"7" + data[at:], data[:at] + data[at + 1 :] + b"\x1a"):
        path.write_bytes(damaged)
        with pytest.raises(RequestError, match="bytes are missing or too many before it"):
            read(path)


def test_dbase_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "file.dbf"
    write_mortality_dbf(path, year=2010, deaths=20)
    data = path.read_bytes()
    for length in (1, 33, 500, 1_500, len(data) - 2):
        path.write_bytes(data[:length])
        with pytest.raises(RequestError):
            read(path)


def test_an_end_mark_and_rubbish_behind_the_records_do_no_harm(tmp_path):
    path = tmp_path / "file.dbf"
    write_mortality_dbf(path, year=2010, deaths=20)
    data = path.read_bytes()
    for tail in (b"", b"\x1a" + bytes(400)):
        path.write_bytes(data.removesuffix(b"\x1a") + tail)
        assert read(path)["account"]["rows"]["out"] == 20


def test_figures_of_the_spreadsheet_are_those_of_the_text(tmp_path):
    given = give("files 2026")
    book = openpyxl.Workbook()
    for number, row in enumerate(given.rows):
        place = given.place("Enero")
        cells = [
            float(cell) if number and i >= place and cell else cell for i, cell in enumerate(row)
        ]
        book.active.append(cells)
    book.save(tmp_path / "file.xlsx")
    (tmp_path / "file.csv").write_bytes(given.data())
    one, two = read(tmp_path / "file.xlsx"), read(tmp_path / "file.csv")
    assert one["account"] == two["account"]
    assert one["findings"] == two["findings"] == []


def test_the_text_of_a_line_whose_letters_stand_in_columns_that_are_not_read(tmp_path):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = "ent_ocurr mun_ocurr causa_def sexo mes_ocurr anio_ocur anio_regis nota"
    writer.writerow(header.split())
    writer.writerow(["09", "002", "X954", "1", "3", "2019", "2020", "bien"])
    writer.writerow(["99", "000", "X954", "1", "3", "2019", "2020", "mañana"])
    for encoding in ("utf-8", "latin-1"):
        path = tmp_path / "file.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        assert read(path)["rejects"] == {3: "99,000,X954,1,3,2019,2020,mañana"}


@pytest.mark.parametrize("name", ["tabulation", "files 2026"])
def test_nothing_is_written_beside_a_file_whatever_its_name(tmp_path, name):
    folder = tmp_path / "given [1]"
    folder.mkdir()
    path = folder / "file (2)[3]*.csv"
    path.write_bytes(give(name).data())
    (folder / "file (2)3.csv").write_bytes(b"another file")
    folder.chmod(0o555)
    try:
        assert read(path)["account"]["rows"]["rejected"] == 0
        assert sorted(path.name for path in folder.iterdir()) == ["file (2)3.csv", path.name]
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("crime", ["Homicidio doloso", "homicidio DOLOSO", "Aborto"])
def test_one_crime_is_loaded_as_if_every_row_was(tmp_path, monkeypatch, crime):
    given = give("municipal")
    place, kind = given.place("Enero"), given.place("Subtipo de delito")
    other = [
        row for row in given.body if given.rows[row][kind] not in ("Aborto", "Homicidio doloso")
    ]
    strange = dict(
        zip(other, ["-3", "2.5", "x", "1,234", "", "007", "99999999999", " 4"], strict=False)
    )
    path = tmp_path / "file.csv"
    path.write_bytes(given.change({(row, place): text for row, text in strange.items()}).data())

    def look():
        with read_one(path, only=crime) as reading:
            tidy = reading.con.execute("FROM tidy ORDER BY ALL").fetchall()
            return reading.to_dict(), tidy, reading.con.execute("FROM rejects").fetchall()

    quick = look()
    filled = []
    monkeypatch.setattr(load_module, "_fill_one", lambda *given: filled.append(1) or (0, 0.0))
    assert look() == quick
    assert filled and len(quick[2]) == 4


def test_lines_are_numbered_in_the_order_of_a_large_file(tmp_path):
    # More than one piece of the file, which are read at the same time.
    path, lines = tmp_path / "file.csv", 900_000
    with path.open("w") as out:
        out.write("label,value\n")
        for start in range(0, lines, 10_000):
            out.writelines(f"{'x' * 60}{i},{i}\n" for i in range(start, start + 10_000))
    layout = Layout(",", 1, 2, {"label": 0}, {"value": 1})
    with connect(tmp_path) as con:
        assert load(Sheet("file", path, "text", {}, "plain"), con, layout, tmp_path).rows == lines
        wrong = "line <> value + 2 OR right(label, 6) <> right('xxxxx' || value::INT, 6)"
        assert con.execute(f"SELECT count(*), count(*) FILTER ({wrong}) FROM raw").fetchall() == [
            (lines, 0)
        ]
