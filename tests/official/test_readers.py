"""The numbers of every reader, computed once more from the same bytes by other means."""

import csv
import re
from collections import Counter

import openpyxl
import pandas as pd
import pytest

from analysis.errors import RequestError
from analysis.sources import describe
from tests.official.generators import (
    write_mortality_csv,
    write_mortality_dbf,
    write_municipal_population,
    write_world_bank,
)
from tests.official.given import REAL, give, read_one
from tests.official.layouts import MONTHS, SHORT_STATES, STATES

CRIME = ["Bien jurídico afectado", "Tipo de delito", "Subtipo de delito", "Modalidad"]


def read(path, **options):
    """Give the reading's document and its table as a frame of plain columns."""
    with read_one(path, **options) as reading:
        frame = reading.con.execute("FROM tidy").df()
        rejects = reading.con.execute("FROM rejects ORDER BY line").fetchall()
        document = reading.to_dict() | {"rejects": rejects}
    for name in frame:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype("str")
    return document, frame


def written(tmp_path, name):
    path = tmp_path / "given.csv"
    path.write_bytes(give(name).data())
    return path


def kinds(document, *levels):
    return [
        f["kind"] for f in document["findings"] if f["level"] in (levels or ("error", "warning"))
    ]


def same(ours, theirs, key):
    """Assert that two frames hold the same rows, whatever their order."""
    assert not ours.duplicated(key).any()
    ours, theirs = (
        frame[list(theirs)].sort_values(key, ignore_index=True) for frame in (ours, theirs)
    )
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


# SESNSP


def melt(path, measure):
    file = pd.read_csv(path, encoding="latin-1", dtype="str")
    keys = [column for column in file if column not in MONTHS]
    long = file.melt(keys, list(MONTHS), "month", measure).dropna(subset=[measure])
    number = long["month"].map({name: i for i, name in enumerate(MONTHS, 1)})
    long["month"] = pd.to_datetime(long["Año"] + "-" + number.astype("str"))
    long["cve_ent"] = long["Clave_Ent"].str.zfill(2)
    long[measure] = long[measure].astype("int64")
    names = dict(zip(CRIME, ("legal_interest", "type", "subtype", "modality"), strict=True))
    names |= {"Sexo": "sex", "Rango de edad": "age_group", "Municipio": "municipality"}
    if "Cve. Municipio" in long:
        long["cve_mun"] = long["Cve. Municipio"].str.zfill(5)
    return long.rename(columns=names).drop(
        columns=["Año", "Clave_Ent", "Entidad", "Cve. Municipio"], errors="ignore"
    )


@pytest.mark.parametrize(
    ("name", "table", "measure"),
    [
        ("victims", "sesnsp_victims_state", "victims"),
        ("real victims", "sesnsp_victims_state", "victims"),
        ("files 2026", "sesnsp_files_state_2026", "files"),
        ("real files 2026", "sesnsp_files_state_2026", "files"),
        ("municipal", "sesnsp_files_municipality", "files"),
    ],
)
def test_sesnsp(tmp_path, name, table, measure):
    path = written(tmp_path, name)
    document, frame = read(path)
    assert document["table"] == table
    assert kinds(document) == []
    key = describe(table)["schema"]["primaryKey"]
    same(frame, melt(path, measure), key)
    assert document["account"]["figures"]["out"] == frame[measure].sum()


def test_every_column_of_a_table_is_there_in_its_order(tmp_path):
    names = ["victims", "files 2026", "municipal", "tabulation", "deaths 2019", "population"]
    for name in (*names, "towns 2023", "guard", "guard table", "world-bank"):
        with read_one(written(tmp_path, name)) as reading:
            columns = [column for column, *_ in reading.con.execute("DESCRIBE tidy").fetchall()]
            fields = describe(reading.table)["schema"]["fields"]
            assert columns == [field["name"] for field in fields]


def test_the_whole_real_file_of_victims():
    path = REAL / "IDVFC_jun25.csv"
    if not path.is_file():
        pytest.skip(f"no {path.name} in {REAL}")
    file = pd.read_csv(path, encoding="latin-1", usecols=list(MONTHS))
    with read_one(path) as reading:
        figures = reading.account["figures"]
        rows = reading.con.execute("SELECT count(*) FROM tidy").fetchall()[0][0]
    assert figures["in"] == figures["out"] == file.sum().sum()
    assert rows == file.notna().sum().sum()


def of_2026(tmp_path, *, last_month=3, ages=True):
    """Write victims by the method of 2026: other ages, months to come as zero."""
    given = give("victims")
    old = {"Menores de edad (0-17)": "0 a 12 años", "Adultos (18 y más)": "Más de 60 años"}
    rows = [given.header]
    for i in given.body:
        row = list(given.rows[i])
        if row[0] != "2025":
            continue
        row[0], row[1] = "2026", row[1].zfill(2)
        row[8] = old.get(row[8], row[8]) if ages else row[8]
        row[9:] = [*row[9 : 9 + last_month], *["0"] * (12 - last_month)]
        rows.append(row)
    path = tmp_path / "2026.csv"
    path.write_bytes(given.with_rows(rows).data())
    return path


def test_victims_of_2026_with_months_to_come_as_zero(tmp_path):
    document, frame = read(of_2026(tmp_path))
    assert document["table"] == "sesnsp_victims_state_2026"
    assert frame["month"].dt.strftime("%Y-%m").unique().tolist() == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert set(frame["age_group"]) >= {"0 a 12 años", "Más de 60 años"}
    assert kinds(document) == ["zero"] * 9
    assert {f["column"] for f in document["findings"]} == set(MONTHS[3:])


def test_the_two_methods_are_never_joined(tmp_path):
    old, new = written(tmp_path, "victims"), of_2026(tmp_path)
    both = tmp_path / "both.csv"
    both.write_bytes(old.read_bytes() + new.read_bytes().split(b"\r\n", 1)[1])
    document, frame = read(both)
    assert document["table"] == "sesnsp_victims_state"
    assert frame["month"].dt.year.max() == 2025
    assert set(kinds(document)) == {"mixed years"}
    rows = document["account"]["rows"]
    assert rows["rejected"] == len(new.read_bytes().splitlines()) - 1
    assert rows["out"] == len(old.read_bytes().splitlines()) - 1


def test_a_classification_that_is_not_of_its_year(tmp_path):
    document, _ = read(of_2026(tmp_path, ages=False))
    assert set(kinds(document, "error")) == {"mixed years"}
    late = tmp_path / "late.csv"
    late.write_bytes(of_2026(tmp_path).read_bytes().replace(b"\n2026,", b"\n2024,"))
    document, frame = read(late)
    assert "mixed years" in kinds(document, "error")
    assert "0 a 12 años" not in set(frame["age_group"])


def test_one_crime_only(tmp_path):
    path = written(tmp_path, "victims")
    document, frame = read(path, only="feminicidio")
    every = read(path)[1]
    femicides = every[every["subtype"].eq("Feminicidio")].reset_index(drop=True)
    same(frame, femicides, describe("sesnsp_victims_state")["schema"]["primaryKey"])
    aside = document["account"]["rows"]["aside"]
    assert aside == {"another crime than feminicidio": document["rows"] - 12 * 32 * 3}
    with pytest.raises(RequestError, match="Homicidio doloso"):
        read(path, only="Homicidio")


def test_a_municipality_under_two_names_is_one(tmp_path):
    given = give("municipal")
    row, place = given.body[5], given.place("Municipio")
    path = tmp_path / "m.csv"
    path.write_bytes(given.change({(row, place): "Otro nombre"}).data())
    document, frame = read(path)
    same(
        frame, read(written(tmp_path, "municipal"))[1], ["cve_mun", "month", "subtype", "modality"]
    )
    assert [(f["kind"], f["row"]) for f in document["findings"] if f["level"] == "warning"] == [
        ("name", row + 1)
    ]


def test_values_of_two_columns_that_changed_places(tmp_path):
    given = give("victims")
    for one, two in (("Tipo de delito", "Subtipo de delito"), ("Sexo", "Rango de edad")):
        a, b = given.place(one), given.place(two)
        cells = {}
        for row in given.body:
            cells |= {(row, a): given.rows[row][b], (row, b): given.rows[row][a]}
        path = tmp_path / "swapped.csv"
        path.write_bytes(given.change(cells).data())
        document, frame = read(path)
        assert set(kinds(document, "error")) == {"swapped columns"}
        assert frame.empty


# INEGI, the tabulation


@pytest.mark.parametrize("name", ["tabulation", "real tabulation 1990", "real tabulation 2010"])
def test_tabulation(tmp_path, name):
    path = written(tmp_path, name)
    document, frame = read(path)
    text = path.read_bytes().decode("latin-1")
    year = re.search(r"Año de registro : (\d{4})", text)[1]
    theirs, national = [], 0
    for row in csv.reader(text.split("\r\n")):
        numbers = [int(cell.replace(",", "") or 0) for cell in row[3:15]] if len(row) == 15 else []
        if numbers and re.fullmatch(r" \d\d \d{3} ", row[0]):
            code = row[0].replace(" ", "")
            theirs += [
                (code[:2], code, row[1], pd.Timestamp(f"{year}-{month:02d}"), number)
                for month, number in enumerate(numbers, 1)
            ]
        elif numbers and row[:2] == [" ", "Total"]:
            national = sum(numbers)
    columns = ["cve_ent", "cve_mun", "municipality", "month", "deaths"]
    same(frame, pd.DataFrame(theirs, columns=columns), ["cve_mun", "month"])
    assert frame["deaths"].sum() == national == document["account"]["figures"]["out"]
    assert kinds(document, "error") == []
    if "2010" not in name:
        assert {"33", "34"} < set(frame["cve_ent"])


def test_tabulation_keeps_places_not_specified(tmp_path):
    _, frame = read(written(tmp_path, "tabulation"))
    assert "99999" in set(frame["cve_mun"])
    assert frame["cve_mun"].str.endswith("999").sum() > 12


def test_tabulation_without_its_national_total(tmp_path):
    given = give("tabulation")
    rows = [row for row in given.rows if row[:2] != (" ", "Total")]
    path = tmp_path / "t.csv"
    path.write_bytes(given.with_rows(rows).data())
    document, frame = read(path)
    assert [f["found"] for f in document["findings"] if f["kind"] == "missing row"] == [
        "no national total"
    ]
    same(frame, read(written(tmp_path, "tabulation"))[1], ["cve_mun", "month"])


def test_another_tabulation_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    data = give("tabulation").data()
    for old, new in (
        (b"Mes de registro", b"Mes de ocurrencia"),
        (b"Ent y mun de ocurrencia", b"Ent y mun de residencia"),
        (b"Defunciones por homicidio", b"Defunciones por suicidio"),
    ):
        path.write_bytes(data.replace(old, new))
        with pytest.raises(RequestError, match="another tabulation"):
            read(path)


# INEGI, the microdata


def plain(text):
    return text.strip(" \t")


def deaths_by_hand(path, year):
    """Count deaths by what their codes mean, row by row."""
    found = Counter()
    with path.open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            cell = {name.lower(): plain(text) for name, text in row.items()}
            when, month = int(cell["anio_ocur"]), int(cell["mes_ocurr"])
            if year < 1998:
                when = 9999 if when == 99 else 1900 + when
            cause = cell["causa_def"]
            by_cause = (
                cause.startswith("96") if year < 1998 else cause[:3] >= "X85" and cause[:3] <= "Y09"
            )
            presumed = cell.get("presunto", cell.get("tipo_defun")) == "2"
            state, town = int(cell["ent_ocurr"]), int(cell["mun_ocurr"])
            found[
                f"{state:02d}",
                f"{state:02d}{town:03d}",
                None if when == 9999 else when,
                None if when == 9999 or month == 99 else f"{when}-{month:02d}",
                {"1": "man", "2": "woman", "9": "not specified"}[cell["sexo"]],
                by_cause,
                presumed,
            ] += 1
    return found


def deaths_read(frame):
    found = {}
    for row in frame.itertuples():
        key = (
            row.cve_ent,
            row.cve_mun,
            None if pd.isna(row.year) else int(row.year),
            None if pd.isna(row.month) else f"{row.month:%Y-%m}",
            row.sex,
            bool(row.homicide_by_cause),
            bool(row.homicide_presumed),
        )
        assert key not in found
        found[key] = row.deaths
    return found


@pytest.mark.parametrize("year", [1995, 2005, 2019, 2021, 2022, 2024])
def test_deaths(tmp_path, year):
    path = tmp_path / "deaths.csv"
    write_mortality_csv(path, year=year, deaths=4_000)
    document, frame = read(path)
    assert deaths_read(frame) == deaths_by_hand(path, year)
    assert frame["deaths"].sum() == 4_000
    assert set(frame["registered"]) == {year}
    assert frame["homicide_by_cause"].any()
    assert kinds(document) == []


@pytest.mark.parametrize("year", [1995, 2010, 2024])
def test_deaths_in_dbase_are_those_of_the_csv(tmp_path, year):
    write_mortality_csv(tmp_path / "d.csv", year=year, deaths=3_000, header_case="upper")
    write_mortality_dbf(tmp_path / "d.dbf", year=year, deaths=3_000)
    (one, ours), (two, theirs) = read(tmp_path / "d.dbf"), read(tmp_path / "d.csv")
    pd.testing.assert_frame_equal(ours, theirs)
    assert one["account"] == two["account"]


def deaths(tmp_path, column, codes, cause="X954", year="2020"):
    lines = [f"ent_ocurr,mun_ocurr,causa_def,sexo,mes_ocurr,anio_ocur,anio_regis,{column}"]
    lines += [f"{i:02d},001,{cause},1,3,{year},{year},{code}" for i, code in enumerate(codes, 1)]
    path = tmp_path / "few.csv"
    path.write_text("\n".join(lines) + "\n")
    return read(path)


@pytest.mark.parametrize("column", ["PRESUNTO", "TIPO_DEFUN"])
def test_two_is_homicide_by_the_certificate_whatever_the_column_is_called(tmp_path, column):
    document, frame = deaths(tmp_path, column, "123458902")
    held = dict(zip(frame["cve_ent"], frame["homicide_presumed"], strict=True))
    assert [code for code, homicide in held.items() if homicide] == ["02", "09"]
    told = [f for f in document["findings"] if f["kind"] == "unknown value"]
    assert [(f["row"], f["column"], f["found"]) for f in told] == [(9, column, '"0" (1 rows)')]


def test_deaths_without_the_certificates_presumption(tmp_path):
    document, frame = deaths(tmp_path, "otra", "12")
    assert frame["homicide_presumed"].isna().all()
    assert "missing column" in kinds(document)


def test_deaths_with_codes_that_can_not_be(tmp_path):
    path = tmp_path / "wrong.csv"
    header = "ent_ocurr,mun_ocurr,causa_def,sexo,mes_ocurr,anio_ocur,anio_regis,presunto"
    good = ["09", "002", "X954", "1", "3", "2019", "2020", "2"]
    wrong = {
        ("ent_ocurr", "unknown state"): ["36", "331", "0", ""],
        ("mun_ocurr", "unknown municipality"): ["000", "1000", "x"],
        ("causa_def", "unknown value"): ["9600", "X", "", "X9541"],
        ("sexo", "unknown value"): ["3", ""],
        ("mes_ocurr", "date"): ["0", "13", ""],
        ("anio_ocur", "date"): ["2021", "20", ""],
        ("anio_regis", "date"): ["", "2101"],
    }
    lines, expected = [",".join(good)], []
    for (column, kind), texts in wrong.items():
        for text in texts:
            cells = list(good)
            cells[header.split(",").index(column)] = text
            lines.append(",".join(cells))
            expected.append((len(lines) + 1, column, kind, f'"{text}"'))
    path.write_text("\n".join([header, *lines]) + "\n")
    document, frame = read(path)
    told = [
        (f["row"], f["column"], f["kind"], f["found"])
        for f in document["findings"]
        if f["level"] == "error"
    ]
    assert sorted(told) == expected
    assert frame["deaths"].tolist() == [1]
    assert [(line, text) for line, _, text in document["rejects"]] == [
        (number, line) for number, line in enumerate(lines[1:], 3)
    ]


def test_deaths_of_a_cut_off_file_lack_states(tmp_path):
    write_mortality_csv(tmp_path / "d.csv", year=2019, deaths=2_000)
    lines = (tmp_path / "d.csv").read_bytes().splitlines(keepends=True)
    place = lines[0].decode().split(",").index("ent_ocurr")
    kept = [line for line in lines[1:] if line.split(b",")[place] < b"30"]
    (tmp_path / "d.csv").write_bytes(b"".join([lines[0], *kept]))
    document, _ = read(tmp_path / "d.csv")
    told = [f["found"] for f in document["findings"] if f["kind"] == "missing row"]
    assert told == [f"no death in state {code}" for code in (30, 31, 32)]


# CONAPO


@pytest.mark.parametrize("name", ["population", "real population"])
def test_population_by_state(tmp_path, name):
    path = written(tmp_path, name)
    document, frame = read(path)
    file = pd.read_csv(path, dtype={"cve_ent": "str"})
    file = file[file["cve_ent"].ne("00") & file["genero"].ne("Total")]
    theirs = pd.DataFrame(
        {
            "cve_ent": file["cve_ent"],
            "year": file["n_year"],
            "sex": file["genero"].map({"Hombres": "men", "Mujeres": "women"}),
            "population": file["pob_mid_year"],
            "population_start": file["pob_start_year"],
        }
    )
    same(frame, theirs, ["cve_ent", "year", "sex"])
    assert kinds(document) == []
    rows = document["account"]["rows"]
    assert rows["in"] == rows["out"] + sum(rows["aside"].values())


def aged(tmp_path, *, gone=(), year="AÑO"):
    """Write CONAPO's file by single ages; give its path and the people of each cell."""
    lines, people, number = [f"RENGLON,{year},ENTIDAD,CVE_GEO,EDAD,SEXO,POBLACION"], Counter(), 0
    for code, name in enumerate(["República Mexicana", *STATES]):
        for when in (2019, 2020):
            for sex in ("Hombres", "Mujeres"):
                for age in range(5):
                    number += 1
                    here = sum(range(1, 33)) * 10 + 32 * age if code == 0 else code * 10 + age
                    if (code, when, sex, age) in gone:
                        continue
                    lines.append(f"{number},{when},{name},{code},{age},{sex},{here}")
                    if code:
                        people[f"{code:02d}", when, sex] += here
    path = tmp_path / "ages.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("latin-1"))
    return path, people


@pytest.mark.parametrize("year", ["AÑO", "ANIO", "ANO"])
def test_population_by_single_ages_is_summed(tmp_path, year):
    path, people = aged(tmp_path, year=year)
    document, frame = read(path)
    sexes = {"men": "Hombres", "women": "Mujeres"}
    ours = {(r.cve_ent, r.year, sexes[r.sex]): r.population for r in frame.itertuples()}
    assert ours == dict(people)
    assert frame["population_start"].isna().all()
    assert kinds(document) == ["definition"]


def test_a_sum_without_an_age_is_no_population(tmp_path):
    path, people = aged(tmp_path, gone={(7, 2020, "Mujeres", 3)})
    document, frame = read(path)
    assert len(frame[frame["cve_ent"].eq("07") & frame["year"].eq(2020)]) == 1
    assert len(frame) == len(people) - 1
    assert {"missing row", "total off"} <= set(kinds(document))
    assert document["account"]["rows"]["rejected"] == 4


def test_start_and_middle_of_the_year_that_changed_places(tmp_path):
    path = written(tmp_path, "population")
    text = path.read_text("utf-8")
    path.write_text(text.replace("pob_start_year,pob_mid_year", "pob_mid_year,pob_start_year"))
    document, frame = read(path)
    assert "swapped columns" in kinds(document, "error")
    assert frame.empty


@pytest.mark.parametrize(("revision", "name"), [(2018, "POB"), (2023, "POB_TOTAL")])
def test_population_by_municipality(tmp_path, revision, name):
    path = tmp_path / "p.csv"
    write_municipal_population(path, years=[2020, 2021], municipalities=40, revision=revision)
    document, frame = read(path)
    file = pd.read_csv(path, encoding="utf-8" if revision == 2023 else "latin-1")
    year = "ANO" if revision == 2023 else "AÑO"
    sums = file.groupby(["CLAVE", year, "SEXO"])[name].sum().reset_index()
    theirs = pd.DataFrame(
        {
            "cve_mun": sums["CLAVE"].astype("str").str.zfill(5),
            "year": sums[year],
            "sex": sums["SEXO"].str.lower().map({"hombres": "men", "mujeres": "women"}),
            "population": sums[name],
        }
    )
    same(frame, theirs, ["cve_mun", "year", "sex"])
    assert (frame["cve_ent"] == frame["cve_mun"].str[:2]).all()
    assert kinds(document) == []


def indicators(tmp_path, *, off=0):
    book = openpyxl.Workbook()
    sheet = book.active
    header = "CLAVE CLAVE_ENT NOM_ENT NOM_MUN AÑO HOM_MIT_AÑO MUJ_MIT_AÑO POB_MIT_MUN POB_MIT_ENT"
    sheet.append(header.split())
    for state, name in enumerate(STATES, 1):
        for year in (2020, 2021):
            men, women = 100 * state + year, 110 * state + year
            town = [state * 1000 + 2, state, name, "El Lugar", year]
            sheet.append([*town, men, women, men + women + (off if state == 5 else 0), 99_999])
    path = tmp_path / "3_Indicadores.xlsx"
    book.save(path)
    return path


def test_population_out_of_the_workbook_of_indicators(tmp_path):
    document, frame = read(indicators(tmp_path))
    assert document["format"] == "conapo-municipal"
    theirs = [
        (f"{state:02d}002", year, "both", 210 * state + 2 * year)
        for state in range(1, 33)
        for year in (2020, 2021)
    ]
    columns = ["cve_mun", "year", "sex", "population"]
    same(frame, pd.DataFrame(theirs, columns=columns), ["cve_mun", "year"])
    assert kinds(document) == []


def test_population_that_is_not_men_and_women(tmp_path):
    document, _ = read(indicators(tmp_path, off=3))
    told = [(f["row"], f["column"]) for f in document["findings"] if f["kind"] == "total off"]
    assert told == [(10, "POB_MIT_MUN"), (11, "POB_MIT_MUN")]


# National Guard


@pytest.mark.parametrize("name", ["guard", "real guard"])
def test_guard_workbook(tmp_path, name):
    given = give(name)
    _, frame = read(written(tmp_path, name))
    codes = {name: f"{i:02d}" for i, name in enumerate(SHORT_STATES, 1)} | {"México": "15"}
    theirs = [
        (codes[row[0].strip()], pd.Timestamp(f"{row[1]}-{month:02d}-01"), int(float(cell)))
        for row in (given.rows[i] for i in given.body)
        for month, cell in enumerate(row[2:], 1)
    ]
    columns = ["cve_ent", "month", "guards"]
    same(frame, pd.DataFrame(theirs, columns=columns), ["cve_ent", "month"])
    assert set(frame["definition"]) == {"deployed"}


@pytest.mark.parametrize("year", ["2020", ""])
@pytest.mark.parametrize("off", [0, 5])
def test_guard_workbook_with_a_national_total(tmp_path, year, off):
    given = give("guard")
    sums = [sum(int(row[i]) for row in given.rows[1:]) for i in range(2, 14)]
    sums[4] += off
    path = tmp_path / "g.csv"
    path.write_bytes(given.with_rows([*given.rows, ("Total", year, *map(str, sums))]).data())
    document, frame = read(path)
    same(
        frame.drop(columns="source"),
        read(written(tmp_path, "guard"))[1].drop(columns="source"),
        ["cve_ent", "month"],
    )
    told = [(f["row"], f["column"]) for f in document["findings"] if f["kind"] == "total off"]
    assert told == ([(34, "may")] if off else [])
    assert document["account"]["figures"]["aside"] == {"national total": sum(sums)}


@pytest.mark.parametrize("as_dates", [False, True])
def test_guard_table_as_text_and_as_a_workbook_with_dates(tmp_path, as_dates):
    given = give("guard table")
    header, *rows = given.rows
    path = tmp_path / ("t.xlsx" if as_dates else "t.csv")
    if as_dates:
        book = openpyxl.Workbook()
        book.active.append(header)
        for state, month, guards, *rest in rows:
            book.active.append([state, pd.Timestamp(month).to_pydatetime(), int(guards), *rest])
        book.save(path)
    else:
        path.write_bytes(given.data())
    document, frame = read(path)
    theirs = pd.DataFrame(rows, columns=header)
    theirs = theirs.assign(
        month=pd.to_datetime(theirs["month"]), guards=theirs["guards"].astype(int)
    )
    same(frame, theirs, ["cve_ent", "month", "definition"])
    assert kinds(document) == ([] if document["table"] == "guard_deployment" else None)


# World Bank


def bank_by_hand(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    start = next(i for i, line in enumerate(lines) if line[:1] == ["Country Name"])
    years = {i: cell for i, cell in enumerate(lines[start]) if cell[:4].isdecimal()}
    return {
        (row[1], row[0], row[3], int(year[:4])): float(row[i])
        for row in lines[start + 1 :]
        if len(row) > 4
        for i, year in years.items()
        if row[i] not in ("", "..")
    }


def bank_read(frame):
    return {(r.country, r.country_name, r.indicator, r.year): r.value for r in frame.itertuples()}


def test_world_bank(tmp_path):
    path = tmp_path / "API.csv"
    write_world_bank(path)
    document, frame = read(path)
    assert bank_read(frame) == bank_by_hand(path)
    assert kinds(document) == []
    assert document["encoding"] == "UTF-8 with mark"


@pytest.mark.parametrize("foot", ["bare", "padded"])
def test_world_bank_as_the_databank_writes_it(tmp_path, foot):
    text = (
        "Country Name,Country Code,Series Name,Series Code,2000 [YR2000],2001 [YR2001]\r\n"
        "Mexico,MEX,GDP (current US$),NY.GDP.MKTP.CD,742061341926.7,..\r\n"
        '"Bahamas, The",BHS,GDP (current US$),NY.GDP.MKTP.CD,..,8317830000\r\n'
    )
    pad = "," * 5 if foot == "padded" else ""
    text += f"{pad}\r\n{pad}\r\nData from database: World Development Indicators{pad}\r\n"
    text += f"Last Updated: 07/01/2026{pad}\r\n"
    path = tmp_path / "Data.csv"
    path.write_text(text, newline="")
    document, frame = read(path)
    assert bank_read(frame) == bank_by_hand(path)
    assert kinds(document) == []
    assert document["account"]["rows"]["aside"] == {"blank line": 2, "note of the producer": 2}


def test_world_bank_with_years_as_rows(tmp_path):
    path, lines = (
        tmp_path / "long.csv",
        ["Country Name,Country Code,Indicator Name,Indicator Code,Year,Value"],
    )
    values = {}
    for name, code in (("Mexico", "MEX"), ("Peru", "PER"), ("Chile", "CHL")):
        for year in range(2000, 2011):
            value = "" if (code, year) == ("PER", 2003) else f"{year / len(name):.6f}"
            lines.append(f"{name},{code},Homicides,VC.IHR.PSRC.P5,{year},{value}")
            if value:
                values[code, name, "VC.IHR.PSRC.P5", year] = float(value)
    path.write_text("\n".join(lines) + "\n")
    document, frame = read(path)
    assert bank_read(frame) == values
    assert kinds(document) == []
    gone = [
        line for line in lines if not line.startswith("Chile,CHL,Homicides,VC.IHR.PSRC.P5,2005")
    ]
    path.write_text("\n".join(gone) + "\n")
    assert [f["found"] for f in read(path)[0]["findings"]] == ["no row for CHL, 2005"]


def test_decimal_commas_are_never_taken_for_thousands(tmp_path):
    path = tmp_path / "long.csv"
    lines = ["Country Name;Country Code;Year;Value", "Mexico;MEX;2000;12,345", "Mexico;MEX;2001;3"]
    path.write_text("\n".join(lines) + "\n")
    document, frame = read(path)
    assert frame["value"].tolist() == [3]
    assert "not a number" in kinds(document, "error")
