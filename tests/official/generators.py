"""Writers of synthetic official files in their producers' layouts, for tests and measures.

Every number is drawn from a seed; nothing but names of columns, states and categories is real.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from openpyxl import Workbook

from tests.official.layouts import (
    FILES_2015,
    FILES_2026,
    MONTHS,
    SHORT_STATES,
    STATES,
    VICTIMS_2015,
    list_crimes,
    list_places,
)
from tests.official.mortality import write_mortality_csv, write_mortality_dbf

__all__ = [
    "write_guard_workbook",
    "write_inegi_tabulation",
    "write_mortality_csv",
    "write_mortality_dbf",
    "write_municipal_files",
    "write_municipal_population",
    "write_state_files_2026",
    "write_state_victims",
    "write_world_bank",
]

FULL_YEARS = range(2015, 2026)
CRIME = ("Bien jurídico afectado", "Tipo de delito", "Subtipo de delito", "Modalidad")
STATE = ("Año", "Clave_Ent", "Entidad")
TOWN = ("Cve. Municipio", "Municipio")
AGES = ("Menores de edad (0-17)", "Adultos (18 y más)", "No especificado")
WOMEN = [("Mujer", age) for age in AGES]
MEN = [("Hombre", age) for age in AGES]
UNKNOWN = [("No identificado", "No identificado")]
# Head of a row, what stands between it and the months, and one row of counts for each.
Block = tuple[str, list[str], np.ndarray]


def _cells(*cells: object) -> str:
    """Join cells by commas, each with one after it, in quotation marks where it must be."""
    text = [str(cell) for cell in cells]
    quoted = ['"' + t.replace('"', '""') + '"' if {",", '"'} & set(t) else t for t in text]
    return "".join(f"{cell}," for cell in quoted)


def _write_months(path: Path, keys: Iterable[str], blocks: Iterator[Block], end: str) -> None:
    """Write rows with the months as columns; months a block does not count are blank."""
    with Path(path).open("w", encoding="latin-1", newline="") as file:
        file.write(",".join((*keys, *MONTHS)) + end)
        for head, middles, counts in blocks:
            blank = "," * (12 - counts.shape[1]) + end
            nothing = ",".join("0" * counts.shape[1]) + blank
            rows = zip(middles, counts.tolist(), counts.any(axis=1).tolist(), strict=True)
            file.write(
                "".join(
                    head + middle + (",".join(map(str, row)) + blank if counted else nothing)
                    for middle, row, counted in rows
                )
            )


def _draw_counts(
    rng: np.random.Generator, places: np.ndarray, rows: np.ndarray, years: Sequence[int], last: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Draw the counts of a year after the other: place, row, month."""
    for year in years:
        months = last if year == max(years) else 12
        rate = np.minimum(np.outer(places, rows), 5_000)[:, :, np.newaxis]
        yield year, rng.poisson(rate, (len(places), len(rows), months))


def write_municipal_files(
    path: Path,
    *,
    municipalities: int = 2467,
    years: Sequence[int] = FULL_YEARS,
    last_month: int = 6,
    seed: int = 1,
) -> None:
    """Write SESNSP's investigation files by municipality (IDM), method of 2015."""
    rng = np.random.default_rng(seed)
    towns = list_places(municipalities)
    middles = [_cells(*crime) for crime in list_crimes(FILES_2015)]
    size, common = rng.lognormal(0, 1.8, len(towns)), rng.lognormal(-4, 2, len(middles))
    heads = [
        _cells(state, STATES[state - 1], state * 1000 + town, name) for state, town, name in towns
    ]
    blocks = (
        (f"{year},{head}", middles, grid)
        for year, counts in _draw_counts(rng, size, common, years, last_month)
        for head, grid in zip(heads, counts, strict=True)
    )
    _write_months(path, (*STATE, *TOWN, *CRIME), blocks, "\r\n")


def write_state_victims(
    path: Path, *, years: Sequence[int] = FULL_YEARS, last_month: int = 6, seed: int = 1
) -> None:
    """Write SESNSP's victims by state (IDVFC), method of 2015; 230 rows a state and year."""
    rng = np.random.default_rng(seed)
    people = {"Feminicidio": WOMEN, "Aborto": UNKNOWN}
    middles = [
        _cells(*crime, *who)
        for crime in list_crimes(VICTIMS_2015)
        for who in people.get(crime[1], WOMEN + MEN + UNKNOWN)
    ]
    size, common = rng.lognormal(1.5, 1, len(STATES)), rng.lognormal(-2, 1.8, len(middles))
    blocks = (
        (_cells(year, state, SHORT_STATES[state - 1]), middles, grid)
        for year, counts in _draw_counts(rng, size, common, years, last_month)
        for state, grid in enumerate(counts, 1)
    )
    _write_months(path, (*STATE, *CRIME, "Sexo", "Rango de edad"), blocks, "\r\n")


def write_state_files_2026(
    path: Path, *, year: int = 2026, last_month: int = 3, seed: int = 1
) -> None:
    """Write SESNSP's investigation files by state (IDEFC), method of 2026: padded codes, LF."""
    rng = np.random.default_rng(seed)
    middles = [_cells(*crime) for crime in list_crimes(FILES_2026)]
    size, common = rng.lognormal(1.5, 1, len(STATES)), rng.lognormal(0, 2, len(middles))
    __, counts = next(_draw_counts(rng, size, common, [year], last_month))
    blocks = (
        (_cells(year, f"{state:02d}", STATES[state - 1]), middles, grid)
        for state, grid in enumerate(counts, 1)
    )
    _write_months(path, (*STATE, *CRIME), blocks, "\n")


def write_municipal_population(
    path: Path,
    *,
    years: Sequence[int] = range(1990, 2041),
    municipalities: int = 2467,
    revision: int = 2023,
    seed: int = 1,
) -> None:
    """Write CONAPO's municipal population at mid-year by sex and age.

    ``revision`` 2023 is the wide file of the reconstruction 1990 to 2040, UTF-8; 2018 the long
    one of the projections 2015 to 2030, Latin-1.
    """
    rng = np.random.default_rng(seed)
    towns = list_places(municipalities)
    groups = [f"{age:02d}_{age + 4:02d}" for age in range(0, 85 if revision == 2023 else 65, 5)]
    groups.append("85_mm" if revision == 2023 else "65_mm")
    share = np.linspace(2, 0.3, len(groups)) / len(groups)
    size = rng.lognormal(8.9, 1.4, len(towns))
    with Path(path).open(
        "w", encoding="utf-8" if revision == 2023 else "latin-1", newline=""
    ) as file:
        file.write(_population_header(groups, revision))
        line = 0
        for (state, town, name), people in zip(towns, size, strict=True):
            head = _cells(state * 1000 + town, state, STATES[state - 1], name)
            for year in years:
                for sex in ("Hombres", "Mujeres"):
                    ages = rng.poisson(people / 2 * 1.01 ** (year - 2020) * share).tolist()
                    if revision == 2023:
                        middle = f"{sex.upper()},{year},{sum(ages)},{','.join(map(str, ages))}"
                        file.write(f"{head}{middle},{year}-01-01,{STATES[state - 1]}\n")
                        continue
                    for group, number in zip(groups, ages, strict=True):
                        line += 1
                        file.write(f"{line},{head}{sex},{year},pobm_{group},{number}\r\n")


def _population_header(groups: list[str], revision: int) -> str:
    if revision != 2023:
        return "RENGLON,CLAVE,CLAVE_ENT,NOM_ENT,MUN,SEXO,AÑO,EDAD_QUIN,POB\r\n"
    odd = {"10_14": "010_014", "15_19": "015_019"}  # so they are spelt
    ages = ",".join(f"POB_{odd.get(group, group)}" for group in groups)
    return f"CLAVE,CLAVE_ENT,NOM_ENT,NOM_MUN,SEXO,ANO,POB_TOTAL,{ages},fecha,etiqueta_estado\n"


def write_world_bank(path: Path, *, last_year: int = 2024, seed: int = 1) -> None:
    """Write the World Bank's download of an indicator: title lines, BOM, a comma at line ends."""
    rng = np.random.default_rng(seed)
    countries = {
        "Aruba": "ABW",
        "Bahamas, The": "BHS",
        "Colombia": "COL",
        "Latin America & Caribbean": "LCN",
        "Mexico": "MEX",
    }
    indicator = ("Intentional homicides (per 100,000 people)", "VC.IHR.PSRC.P5")
    years = [str(year) for year in range(1960, last_year + 1)]
    header = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *years]
    lines = [["Data Source", "World Development Indicators"], []]
    lines += [["Last Updated Date", f"{last_year + 1}-07-01"], [], header]
    for name, code in countries.items():
        rates = rng.gamma(2, 8, len(years))
        known = [int(year) >= 1990 and int(year) < last_year for year in years]
        values = [f"{rate:.14g}" if there else "" for rate, there in zip(rates, known, strict=True)]
        lines.append([name, code, *indicator, *values])
    text = "".join("".join(f'"{cell}",' for cell in line) + "\r\n" for line in lines)
    Path(path).write_bytes(text.encode("utf-8-sig"))


def write_guard_workbook(path: Path, *, year: int = 2020, seed: int = 1) -> None:
    """Write a deployment workbook of the National Guard; that of 2019 begins in July."""
    rng = np.random.default_rng(seed)
    first = 6 if year == 2019 else 0
    order = [*range(4), 6, 7, 4, 5, *range(8, 32)]  # by name, with Mexico City at its old one
    book = Workbook()
    sheet = book.active
    sheet.title = "Hoja1"
    sheet.append(["entidad", "ano", *(month[:3].lower() for month in MONTHS[first:])])
    for state in order:
        guards = rng.lognormal(7.4, 0.7) * np.exp(rng.normal(0, 0.1, 12 - first).cumsum())
        sheet.append([SHORT_STATES[state], year, *guards.astype(int).tolist()])
    book.save(path)


def write_inegi_tabulation(
    path: Path, *, year: int = 2010, municipalities: int = 2467, seed: int = 1
) -> None:
    """Write INEGI's export of homicides by place of occurrence and month of registration.

    Totals add up; there are rows of municipalities not specified, of deaths abroad (33, which
    holds 34) and of a state not specified (99).
    """
    rng = np.random.default_rng(seed)
    places = list_places(municipalities)
    places += [(state, 999, "No especificado") for state in (*range(1, 33), 99)]
    places.append((33, 999, "Estados Unidos de Norteamérica"))
    places.append((34, 999, "Otros países Latinoamericanos"))
    rate = rng.gamma(0.25, 2.5, len(places))
    rate[-3:] = 2
    grid = rng.poisson(rate[:, np.newaxis], (len(places), 12))
    states: dict[int, list[tuple[str, str, np.ndarray]]] = {}
    for (state, town, name), counts in zip(places, grid, strict=True):
        row = (f" {state:02d} {town:03d} ", name, counts)
        states.setdefault(33 if state == 34 else state, []).extend([row] if counts.any() else [])
    rows = [(" ", "Total", grid.sum(axis=0))]
    for state, within in sorted(states.items()):
        name = {33: "Extranjero", 99: "No especificado"}.get(state) or STATES[state - 1]
        code = f"=CONCATENAR({'0' if state < 10 else ' '},{state:02d}) "
        rows.append((code, name, sum((counts for *__, counts in within), np.zeros(12, int))))
        rows += sorted(within, key=lambda row: row[0])
    lines = [
        [code, name, *(f"{n:,}" if n else "" for n in (counts.sum(), *counts))]
        for code, name, counts in rows
    ]
    _write_tabulation(path, year, lines)


def _write_tabulation(path: Path, year: int, rows: list[list[str]]) -> None:
    title = "Consulta de: Defunciones por homicidio \xa0 Por: Ent y mun de ocurrencia \xa0 "
    lines = [["Defunciones por homicidios"], [f"Año de registro : {year}"]]
    lines += [["Ent y mun de registro : Total"], [""], [f"{title}Según: Mes de registro"]]
    lines += [["", "", "Total", *MONTHS, ""], *rows]
    quoted = [[cell.replace('"', '""') for cell in line] for line in lines]
    text = "".join('"' + '","'.join(line) + '"\r\n' for line in quoted)
    text += '\r\n"FUENTE: INEGI. Estadísticas de mortalidad."\r\n'
    Path(path).write_bytes(text.encode("latin-1"))
