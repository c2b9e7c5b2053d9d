"""Files as they arrive: recognised by content, taken out of archives, and refused in words."""

import gzip
import io
import struct
import zipfile

import openpyxl
import pytest

from analysis.errors import RequestError
from analysis.official import container, workbook
from analysis.official.container import open_parts
from analysis.official.read import read_official
from tests.official.generators import write_guard_workbook, write_mortality_dbf
from tests.official.given import give, read_one


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def table():
    return give("files 2026").data()


def zipped(members, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data, **options)
    return out.getvalue()


def rows(path):
    with read_one(path) as reading:
        return reading.packed, reading.account["rows"]["out"]


@pytest.mark.parametrize("name", ["a.csv", "a.zip", "a.xlsx", "a.dbf", "a"])
@pytest.mark.parametrize("packed", ["plain", "zip", "gzip"])
def test_a_text_is_known_by_its_content(tmp_path, table, name, packed):
    pack = {"plain": bytes, "zip": lambda data: zipped({"x/y.txt": data}), "gzip": gzip.compress}
    path = tmp_path / name
    path.write_bytes(pack[packed](table))
    assert rows(path) == (packed, table.count(b"\n") - 1)


@pytest.mark.parametrize("name", ["g.xlsx", "g.csv", "g"])
@pytest.mark.parametrize("packed", ["plain", "zip", "gzip"])
def test_a_workbook_is_known_by_its_content(tmp_path, name, packed):
    write_guard_workbook(tmp_path / "made.xlsx")
    data = (tmp_path / "made.xlsx").read_bytes()
    pack = {"plain": bytes, "zip": lambda data: zipped({"y": data}), "gzip": gzip.compress}
    path = tmp_path / name
    path.write_bytes(pack[packed](data))
    told = "workbook" if packed == "plain" else f"workbook, {packed}"
    assert rows(path) == (told, 32)


@pytest.mark.parametrize("packed", ["plain", "zip", "gzip"])
def test_dbase_is_known_by_its_content(path, packed):
    write_mortality_dbf(path, year=2010, deaths=50)
    pack = {"plain": bytes, "zip": lambda data: zipped({"y": data}), "gzip": gzip.compress}
    path.write_bytes(pack[packed](path.read_bytes()))
    assert rows(path) == (packed, 50)


def test_the_one_official_table_of_an_archive_is_read(path, table):
    members = {
        "leame.txt": b"Nada que leer, aqui\nni, aqui\n",
        "catalogos/CATEMLDE.csv": b"CVE,DESCRIP\n1,uno\n2,dos\n",
        "__MACOSX/._datos.csv": table,
        "datos/": b"",
        "vacio.csv": b"",
        "foto.png": b"\x89PNG\r\n\x1a\n" + bytes(50),
        "datos/tabla.csv": table,
    }
    path.write_bytes(zipped(members))
    assert rows(path)[1] == table.count(b"\n") - 1


def test_a_broken_part_beside_the_table_does_no_harm(path, table):
    path.write_bytes(zipped({"a.xlsx": b"PK\x03\x04 no workbook", "b.csv": table}))
    assert rows(path)[1] == table.count(b"\n") - 1


def test_every_official_table_of_an_archive_is_read(path, table):
    guards = give("guard table").data()
    members = {"a.csv": table, "sub/b.csv": guards, "notes.csv": b"a,b\n1,2\n", "c.pdf": b"%PDF\0"}
    path.write_bytes(zipped(members))
    readings = [(one.file, one.table, one.findings) for one in read_official(path)]
    assert [name for name, _, _ in readings] == ["file:a.csv", "file:sub/b.csv"]
    assert [name for _, name, _ in readings] == ["sesnsp_files_state_2026", "guard_deployment"]
    left = [
        finding.found for _, _, found in readings for finding in found if "read" in finding.kind
    ]
    assert left == [
        "c.pdf is neither text, a workbook nor a dBase file; get the file from its producer again",
        "file:notes.csv is no official table",
    ]


def test_of_two_sheets_the_official_one_is_read(path):
    write_guard_workbook(path.with_suffix(".xlsx"))
    book = openpyxl.load_workbook(path.with_suffix(".xlsx"))
    book.create_sheet("Notas", 0).append(["Nota", "sin", "cifras"])
    book.create_sheet("Vacía", 1)
    book.save(path)
    assert rows(path) == ("workbook", 32)


def refused(path, data, match):
    path.write_bytes(data)
    with pytest.raises(RequestError, match=match):
        rows(path)


def test_what_is_no_table_is_refused_in_words(path, table, tmp_path):
    with pytest.raises(RequestError, match="there is no file"):
        rows(tmp_path / "nothing")
    with pytest.raises(RequestError, match="there is no file"):
        rows(tmp_path)
    refused(path, b"", "is empty")
    refused(path, b" \r\n\t\n", "is empty")
    refused(path, b"\xef\xbb\xbf<!DOCTYPE HTML><title>404</title>", "web page")
    refused(path, b'<?xml version="1.0"?><a/>', "web page or XML")
    refused(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old kind")
    refused(path, table.decode("latin-1").encode("utf-16"), "UTF-16")
    refused(path, b"\x00\x01\x02" * 90, "neither text")
    refused(path, b"Rar!\x1a\x07\x00", "archive of another kind")
    refused(path, b"7z\xbc\xaf\x27\x1c", "archive of another kind")
    refused(path, b"%PDF-1.7\n1 0 obj\n", "none of the official files")
    refused(path, b"x" * 300_000, "none of the official files")


def test_cut_off_archives_are_refused(path, table):
    for data in (gzip.compress(table), zipped({"a.csv": table})):
        for length in (5, 30, len(data) // 2, len(data) - 10):
            refused(path, data[:length], "broken|cut-off|neither|none of")


def test_an_archive_with_a_wrong_byte_is_refused(path, table):
    for data in (gzip.compress(table), zipped({"a.csv": table})):
        at = len(data) // 2
        refused(path, data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :], "broken|cut-off")


def test_an_archive_inside_an_archive_is_refused(path, table):
    inner = zipped({"a.csv": table})
    refused(path, zipped({"inner.zip": inner}), "archive inside an archive")
    refused(path, gzip.compress(inner), "archive inside an archive")
    refused(path, zipped({"inner.gz": gzip.compress(table)}), "no table|none of|neither")


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:/a.csv"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(path, table, name):
    refused(path, zipped({name: table}), "leads out of the folder")
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", [".", "./", "a//b.csv", "ñ.csv"])
def test_odd_names_in_an_archive(path, table, name):
    path.write_bytes(zipped({name: table, "b.csv": b"x,y\n"}))
    try:
        assert rows(path)[1] == table.count(b"\n") - 1
    except RequestError as error:
        assert name.startswith(".") or "zip" in str(error)


def test_a_locked_archive_is_refused(path, table):
    data = bytearray(zipped({"a.csv": table}))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + at] |= 1
    refused(path, bytes(data), "locked with a password")


def test_an_archive_packed_by_an_unknown_method_is_refused(path, table):
    data = bytearray(zipped({"a.csv": table}))
    for sign, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = data.index(sign) + at
        data[start : start + 2] = struct.pack("<H", 97)
    refused(path, bytes(data), "broken or cut-off")


def test_a_bomb_is_stopped_at_its_ceiling(path, table, monkeypatch):
    monkeypatch.setattr(container, "SMALL", 2**16)
    header = table[: table.index(b"\n") + 1]
    bomb = header + b"0," * 2_000_000
    refused(path, gzip.compress(bomb), "unpacks to more than")
    refused(path, zipped({"a.csv": bomb}), "unpacks to more than")


def test_an_archive_that_lies_about_its_size_is_refused(path, table):
    data = bytearray(zipped({"a.csv": table}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))
    with pytest.raises(RequestError):
        rows(path)


def test_too_many_members_are_refused(path, monkeypatch):
    monkeypatch.setattr(container, "MEMBERS", 3)
    refused(path, zipped({f"{i}.csv": b"a,b\n" for i in range(4)}), "more than 3 files")


def test_a_workbook_that_is_a_bomb_is_refused(path, monkeypatch):
    write_guard_workbook(path)
    data = path.read_bytes()
    monkeypatch.setattr(container, "SMALL", 1000)
    monkeypatch.setattr(container, "RATIO", 1)
    refused(path, data, "unpacks to")


def test_a_stray_cell_in_the_far_corner_is_refused(path, monkeypatch):
    write_guard_workbook(path.with_suffix(".xlsx"))
    book = openpyxl.load_workbook(path.with_suffix(".xlsx"))
    book["Hoja1"].cell(9_000, 300, "x")
    book.save(path)
    monkeypatch.setattr(workbook, "CELLS", 1_000_000)
    with pytest.raises(RequestError, match="reaches to row"):
        rows(path)


def test_a_broken_workbook_is_refused(path):
    refused(path, zipped({"[Content_Types].xml": b"<Types/>", "xl/a.xml": b"<"}), "broken workbook")


def test_an_empty_workbook_is_refused(path):
    openpyxl.Workbook().save(path)
    with pytest.raises(RequestError, match="no sheet with anything in it"):
        rows(path)


def test_reading_leaves_nothing_behind(path, table, tmp_path, monkeypatch):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    path.write_bytes(zipped({"a.csv": table}))
    before = path.read_bytes()
    rows(path)
    refused(tmp_path / "bad", gzip.compress(table)[:-10], "broken|cut-off")
    assert list(place.iterdir()) == []
    assert path.read_bytes() == before


def test_parts_say_what_they_are(path, table):
    path.write_bytes(zipped({"x/a.csv": table}))
    ((part,), _) = open_parts(path)
    assert (part.name, part.packed, part.kind) == ("file:x/a.csv", "zip", "text")
    assert table.startswith(part.head)
