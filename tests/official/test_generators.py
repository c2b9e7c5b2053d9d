"""The synthetic files have the layout said; their headers are those of the real ones at hand."""

import csv
import os
import struct
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tests.official.generators import (
    write_guard_workbook,
    write_inegi_tabulation,
    write_mortality_csv,
    write_mortality_dbf,
    write_municipal_files,
    write_municipal_population,
    write_state_files_2026,
    write_state_victims,
    write_world_bank,
)
from tests.official.layouts import (
    FILES_2015,
    MONTHS,
    VICTIMS_2015,
    list_crimes,
    list_death_columns,
)

REAL = Path(
    os.environ.get("ANALYSIS_REAL_FILES", Path(__file__).parents[2].parent / "shared" / "real")
)


def real(name):
    """Give a real file, or skip."""
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand; set ANALYSIS_REAL_FILES to the folder that holds it")
    return path


def rows_of(path, encoding="latin-1"):
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def count(cells):
    return sum(int(cell.replace(",", "")) for cell in cells if cell)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def municipal(path):
    write_municipal_files(path, municipalities=64, years=[2024, 2025], last_month=6)
    return path


def test_municipal_files(municipal):
    header, *rows = rows_of(municipal)
    assert header[:5] == ["Año", "Clave_Ent", "Entidad", "Cve. Municipio", "Municipio"]
    assert header[9:] == list(MONTHS)
    assert {len(row) for row in rows} == {21}
    assert len(rows) == 64 * 98 * 2
    assert {tuple(row[5:9]) for row in rows} == {tuple(row[5:9]) for row in rows[:98]}
    assert {row[1] for row in rows} == {str(state) for state in range(1, 33)}
    assert all(int(row[3]) // 1000 == int(row[1]) for row in rows)
    text = municipal.read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") == len(rows) + 1
    assert "Coahuila de Zaragoza" in text.decode("latin-1")


def test_municipal_months_to_come_are_blank_and_counts_have_a_tail(municipal):
    rows = rows_of(municipal)[1:]
    for row in rows:
        blank = [not cell for cell in row[9:]]
        assert blank == ([False] * 6 + [True] * 6 if row[0] == "2025" else [False] * 12)
    counts = np.array([int(cell) for row in rows for cell in row[9:] if cell])
    assert (counts == 0).mean() > 0.5
    assert counts.max() > 100 * counts.mean()


def test_municipal_names_with_commas_and_marks_are_quoted(municipal):
    names = {row[4] for row in rows_of(municipal)}
    assert any("," in name for name in names)
    assert any('"' in name for name in names)
    assert any("ñ" in name for name in names)


def test_the_same_seed_gives_the_same_file(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        write_municipal_files(path, municipalities=33, years=[2020], seed=seed)
    assert paths[0].read_bytes() == paths[1].read_bytes() != paths[2].read_bytes()


def test_state_victims(path):
    write_state_victims(path, years=[2024, 2025], last_month=6)
    header, *rows = rows_of(path)
    assert len(header) == 21
    assert len(rows) == 2 * 32 * 230
    assert {row[2] for row in rows} >= {"Coahuila", "Estado de México", "Michoacán", "Veracruz"}
    keys = [tuple(row[:9]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_state_files_of_the_method_of_2026(path):
    write_state_files_2026(path, last_month=3)
    header, *rows = rows_of(path)
    assert len(header) == 19
    assert len(rows) == 32 * 114
    assert {row[1] for row in rows} == {f"{state:02d}" for state in range(1, 33)}
    assert all(all(row[7:10]) and not any(row[10:]) for row in rows)
    assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_state_victims, "IDVFC_jun25.csv"), (write_state_files_2026, "IDEFC_2026_mar.csv")],
)
def test_files_of_sesnsp_are_laid_out_as_the_real_ones(path, write, name):
    real_path = real(name)
    write(path)
    with path.open("rb") as made, real_path.open("rb") as given:
        assert made.readline() == given.readline()
    made, given = rows_of(path), rows_of(real_path)
    assert {tuple(row[3:7]) for row in made} == {tuple(row[3:7]) for row in given}
    assert {tuple(row[1:3]) for row in made} == {tuple(row[1:3]) for row in given}
    assert len(made) == len(given)


@pytest.mark.parametrize("year", [1995, 2005, 2019, 2021, 2022, 2023])
def test_mortality_csv(path, year):
    write_mortality_csv(path, year=year, deaths=5_000)
    header, *rows = rows_of(path, "ascii")
    assert header == list_death_columns(year)
    assert ("tipo_defun" in header, "presunto" in header) == (year >= 2022, year < 2022)
    assert ("vio_fami" in header) == (year != 2022)
    assert {len(row) for row in rows} == {len(header)}
    deaths = [dict(zip(header, map(str.strip, row), strict=True)) for row in rows]
    causes = [death["causa_def"] for death in deaths]
    first = ("96",) if year < 1998 else ("X85", *(f"X9{i}" for i in range(10)), "Y0")
    killed = np.array([cause.startswith(first) for cause in causes])
    assert 0.03 < killed.mean() < 0.05
    presumed = [death.get("presunto") or death["tipo_defun"] for death in deaths]
    agreed = (np.array(presumed) == "2") == killed
    assert 0.95 < agreed.mean() < 1
    before = {str(year), str(year)[2:]}
    assert 0.01 < np.mean([death["anio_ocur"] not in before for death in deaths]) < 0.06
    assert {"99"} & {death["mes_ocurr"] for death in deaths}
    assert {death["ent_ocurr"] for death in deaths} > {"33", "99"}
    assert "999" in {death["mun_ocurr"] for death in deaths}
    assert any(cell.endswith("\t") for cell in rows[0]) == (year == 2019)


def test_mortality_columns_of_the_years_in_which_they_changed():
    assert [len(list_death_columns(year)) for year in (2012, 2021, 2022, 2023)] == [59, 59, 73, 74]
    assert max(len(name) for name in list_death_columns(2023)) <= 10


def test_mortality_header_in_capitals(path):
    write_mortality_csv(path, year=2020, deaths=1, header_case="upper")
    assert rows_of(path)[0][0] == "ENT_REGIS"


@pytest.mark.parametrize("year", [1995, 2010, 2024])
def test_mortality_dbf_holds_the_rows_of_the_csv(tmp_path, year):
    write_mortality_csv(tmp_path / "deaths.csv", year=year, deaths=52_000, header_case="upper")
    write_mortality_dbf(tmp_path / "deaths.dbf", year=year, deaths=52_000)
    data = (tmp_path / "deaths.dbf").read_bytes()
    version, *__, records, start, length = struct.unpack("<4BIHH", data[:12])
    assert (version, records) == (3, 52_000)
    fields = [data[i : i + 32] for i in range(32, start - 1, 32)]
    assert data[start - 1] == 0x0D
    assert len(data) == start + records * length + 1
    assert data[-1] == 0x1A
    names = [field[:11].rstrip(b"\0").decode() for field in fields]
    assert length == 1 + sum(field[16] for field in fields)
    assert {field[11:12] for field in fields} == {b"C", b"N"}
    table = np.frombuffer(
        data,
        [
            ("mark", "S1"),
            *((name, f"S{field[16]}") for name, field in zip(names, fields, strict=True)),
        ],
        records,
        start,
    )
    header, *rows = rows_of(tmp_path / "deaths.csv", "ascii")
    assert names == header
    for place, name in enumerate(names):
        made = np.char.strip(table[name]).tolist()
        assert made == [row[place].encode() for row in rows], name


def test_municipal_population(path):
    write_municipal_population(path, years=[2020, 2021], municipalities=40)
    header, *rows = rows_of(path, "utf-8")
    assert header[:7] == ["CLAVE", "CLAVE_ENT", "NOM_ENT", "NOM_MUN", "SEXO", "ANO", "POB_TOTAL"]
    assert header[7:11] == ["POB_00_04", "POB_05_09", "POB_010_014", "POB_015_019"]
    assert header[24:] == ["POB_85_mm", "fecha", "etiqueta_estado"]
    assert len(rows) == 40 * 2 * 2
    assert all(int(row[6]) == count(row[7:25]) > 0 for row in rows)


def test_municipal_population_of_the_revision_of_2018(path):
    write_municipal_population(path, years=[2020], municipalities=40, revision=2018)
    header, *rows = rows_of(path)
    assert header == [
        "RENGLON",
        "CLAVE",
        "CLAVE_ENT",
        "NOM_ENT",
        "MUN",
        "SEXO",
        "AÑO",
        "EDAD_QUIN",
        "POB",
    ]
    assert len(rows) == 40 * 2 * 14
    assert {row[7] for row in rows} >= {"pobm_00_04", "pobm_60_64", "pobm_65_mm"}


def test_world_bank(path):
    write_world_bank(path, last_year=2024)
    lines = path.read_bytes().decode("utf-8").split("\r\n")
    assert lines[:4] == [
        '\ufeff"Data Source","World Development Indicators",',
        "",
        '"Last Updated Date","2025-07-01",',
        "",
    ]
    assert lines[4].startswith(
        '"Country Name","Country Code","Indicator Name","Indicator Code","1960"'
    )
    assert {line[-1] for line in lines[4:-1]} == {","}
    assert {len(row) for row in csv.reader(lines[4:-1])} == {4 + 65 + 1}


@pytest.mark.parametrize("year", [2019, 2020])
def test_guard_workbook(path, year):
    path = path.with_suffix(".xlsx")
    write_guard_workbook(path, year=year)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Hoja1"]
    header, *rows = book["Hoja1"].iter_rows(values_only=True)
    assert header[:2] == ("entidad", "ano")
    assert header[2] == ("jul" if year == 2019 else "ene")
    assert len(rows) == 32
    assert all(row[1] == year and all(isinstance(cell, int) for cell in row[2:]) for row in rows)


@pytest.mark.parametrize("year", [2019, 2020])
def test_guard_workbook_is_laid_out_as_the_real_one(path, year):
    given = openpyxl.load_workbook(real(f"guardia_nacional_{year}.xlsx"))["Hoja1"]
    path = path.with_suffix(".xlsx")
    write_guard_workbook(path, year=year)
    made = openpyxl.load_workbook(path)["Hoja1"]
    assert [cell.value for cell in made[1]] == [cell.value for cell in given[1]]
    assert [cell.value for cell in made["A"]] == [cell.value for cell in given["A"]]


def test_inegi_tabulation_adds_up(path):
    write_inegi_tabulation(path, year=2003, seed=1)
    assert path.read_bytes().count(b'"Villa ""La Grandeza"""') == 1
    rows = rows_of(path)[6:-2]
    assert {len(row) for row in rows} == {15}
    assert all(count(row[2:3]) == count(row[3:]) for row in rows)
    national, *others = rows
    states = [row for row in others if row[0].startswith("=")]
    towns = [row for row in others if not row[0].startswith("=")]
    for column in range(2, 15):
        total = count([national[column]])
        assert total == sum(count([row[column]]) for row in states)
        assert total == sum(count([row[column]]) for row in towns)
    assert {"Extranjero", "No especificado"} < {row[1] for row in states}
    assert {" 33 999 ", " 34 999 ", " 99 999 "} < {row[0] for row in towns}
    assert {row[0][1:3] for row in towns} >= {f"{state:02d}" for state in range(1, 35)}
    assert "," in national[2]


def test_inegi_tabulation_is_laid_out_as_the_real_one(path):
    given = real("INEGI_homicidios_municipio_mes_2003.csv").read_bytes().split(b"\r\n")
    write_inegi_tabulation(path, year=2003)
    made = path.read_bytes().split(b"\r\n")
    assert made[:6] == given[:6]
    assert made[-3:] == given[-3:]
    codes = [line.split(b'","')[0] for line in given if line.startswith(b'"=')]
    assert {line.split(b'","')[0] for line in made} >= set(codes)


def test_categories_of_crime():
    files = list_crimes(FILES_2015)
    assert len(set(files)) == len(files) == 98
    assert set(files) > set(list_crimes(VICTIMS_2015))
    assert sum("," in crime[3] for crime in files) == 2
