"""Official files to damage: real ones cut to a size, and generated ones in every layout."""

import csv
import io
import os
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openpyxl
import pytest

from analysis.official.read import read_official
from tests.official.generators import (
    write_guard_workbook,
    write_inegi_tabulation,
    write_mortality_csv,
    write_municipal_files,
    write_municipal_population,
    write_state_files_2026,
    write_state_victims,
    write_world_bank,
)
from tests.official.layouts import MONTHS, SHORT_STATES

ROOT = Path(__file__).parents[2]
REAL = ROOT / os.environ.get("ANALYSIS_REAL_FILES", "../shared/real")
CRIMES = ("Homicidio doloso", "Tentativa de homicidio doloso", "Feminicidio", "Aborto")
SHORT_MONTHS = tuple(month[:3].lower() for month in MONTHS)


@dataclass(frozen=True)
class Given:
    """An official file as a table of cells, and what its columns are.

    ``rows`` holds every line, titles and notes included; ``head`` is the place of the header and
    ``tail`` the number of lines below the rows. ``traits`` say what the file itself proves:
    ``grid`` every place has every row, ``totals`` sums are in it, ``key`` no row stands twice,
    ``full`` no figure is blank.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...]
    year: str = ""
    code: str = ""
    state: str = ""
    town: str = ""
    head: int = 0
    tail: int = 0
    encoding: str = "latin-1"
    end: str = "\r\n"
    sign: str = ","
    quoted: bool = False
    traits: frozenset[str] = field(default_factory=frozenset)

    @property
    def header(self) -> tuple[str, ...]:
        return self.rows[self.head]

    @property
    def body(self) -> range:
        """The places of the rows below the header."""
        return range(self.head + 1, len(self.rows) - self.tail)

    @property
    def width(self) -> int:
        return Counter(len(self.rows[i]) for i in self.body).most_common(1)[0][0]

    def place(self, column: str) -> int:
        return self.header.index(column)

    def column(self, name: str) -> list[str]:
        return [self.rows[i][self.place(name)] for i in self.body]

    def change(self, cells: dict[tuple[int, int], str]) -> "Given":
        """Give the file with some cells changed, by row and place."""
        rows = [list(row) for row in self.rows]
        for (row, place), text in cells.items():
            rows[row][place] = text
        return self.with_rows(rows)

    def with_rows(self, rows) -> "Given":
        return replace(self, rows=tuple(map(tuple, rows)))

    def lines(self) -> list[str]:
        """Write each row as a line without its end."""
        lines = []
        for row in self.rows:
            out = io.StringIO()
            rule = csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL
            csv.writer(out, delimiter=self.sign, lineterminator="", quoting=rule).writerow(row)
            lines.append(out.getvalue())
        return lines

    def data(self) -> bytes:
        """Write the file."""
        return "".join(line + self.end for line in self.lines()).encode(self.encoding)


def _read(data: bytes, encoding: str) -> tuple[tuple[str, ...], ...]:
    lines = data.decode(encoding).replace("\r\n", "\n").removesuffix("\n").split("\n")
    return tuple(tuple(next(csv.reader([line]), ())) for line in lines)


def _made(write, name: str, **options) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path, **options)
        return path.read_bytes()


def _real(name: str) -> bytes:
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"no {name} in {REAL}; set ANALYSIS_REAL_FILES to the folder that holds it")
    return path.read_bytes()


def _crimes(name: str, data: bytes) -> Given:
    """Cut a file of SESNSP down to some crimes and the last three years."""
    end = "\r\n" if b"\r\n" in data[:1000] else "\n"
    header, *rows = _read(data, "latin-1")
    years = sorted({row[0] for row in rows})[-3:]
    crime = header.index("Subtipo de delito")
    rows = [row for row in rows if row[0] in years and row[crime] in CRIMES]
    town = "Cve. Municipio" if "Cve. Municipio" in header else ""
    return Given(
        name,
        (header, *rows),
        MONTHS,
        *("Año", "Clave_Ent", "Entidad", town),
        end=end,
        traits=frozenset({"grid", "key", "full", "crime"}),
    )


def _tabulation(name: str, data: bytes) -> Given:
    rows = _read(data, "latin-1")
    traits = frozenset({"totals", "key"})
    return Given(name, rows, MONTHS, head=5, tail=2, quoted=True, traits=traits)


def _guard(name: str, data: bytes) -> Given:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Hoja1"]
    rows = tuple(
        tuple("" if cell is None else str(cell) for cell in row)
        for row in sheet.iter_rows(values_only=True)
    )
    figures = tuple(month for month in SHORT_MONTHS if month in rows[0])
    return Given(
        name, rows, figures, "ano", state="entidad", traits=frozenset({"grid", "key", "full"})
    )


def _population(name: str, data: bytes) -> Given:
    """Cut CONAPO's file by state down to some years."""
    header, *rows = _read(data, "utf-8")
    rows = [row for row in rows if 2016 <= int(row[0]) <= 2022]
    return Given(
        name,
        (header, *rows),
        ("pob_start_year", "pob_mid_year"),
        *("n_year", "cve_ent", "nombre_estado"),
        encoding="utf-8",
        end="\n",
        traits=frozenset({"grid", "totals", "key", "full"}),
    )


def _make_population() -> bytes:
    """Draw what CONAPO's file by state holds: population at the start and middle of each year."""
    rng = np.random.default_rng(1)
    first = rng.integers(400_000, 4_000_000, (32, 2))
    years = range(2015, 2024)
    starts = {year: (first * 1.012 ** (year - 2015)).astype(int) for year in years}
    lines = ["n_year,nombre_estado,cve_ent,genero,pob_start_year,pob_mid_year"]
    names = ["Nacional", *SHORT_STATES]
    for state, name in enumerate(names):
        for year in years[:-1]:
            pairs = [starts[year], (starts[year] + starts[year + 1]) // 2]
            start, mid = (pair.sum(0) if state == 0 else pair[state - 1] for pair in pairs)
            for sex, a, b in zip(
                ("Hombres", "Mujeres", "Total"),
                (*start, start.sum()),
                (*mid, mid.sum()),
                strict=True,
            ):
                lines.append(f"{year},{name},{state:02d},{sex},{a},{b}")
    return ("\n".join(lines) + "\n").encode()


def _guard_table() -> bytes:
    """Draw a table in the project's own layout: two definitions, 32 states, ten months."""
    rng = np.random.default_rng(1)
    lines = ["cve_ent,month,guards,definition,source"]
    for definition in ("deployed", "force_strength"):
        for state in range(1, 33):
            level = rng.integers(900, 9_000)
            lines += [
                f"{state:02d},2023-{month:02d},{level + 7 * month},{definition},Guardia Nacional"
                for month in range(1, 11)
            ]
    return ("\n".join(lines) + "\n").encode()


def _towns(name: str, revision: int, years: range) -> Given:
    data = _made(
        write_municipal_population, "p.csv", years=years, municipalities=40, revision=revision
    )
    encoding = "utf-8" if revision == 2023 else "latin-1"
    rows = _read(data, encoding)
    figures, year = (("POB_TOTAL",), "ANO") if revision == 2023 else (("POB",), "AÑO")
    extra = {"totals"} if revision == 2023 else set()
    return Given(
        name,
        rows,
        figures,
        *(year, "CLAVE_ENT", "NOM_ENT", "CLAVE"),
        encoding=encoding,
        end="\n" if revision == 2023 else "\r\n",
        traits=frozenset({"grid", "key", "full", *extra}),
    )


def _deaths(name: str, year: int) -> Given:
    rows = _read(_made(write_mortality_csv, "d.csv", year=year, deaths=900), "latin-1")
    return Given(name, rows, (), "anio_ocur", "ent_ocurr", town="mun_ocurr")


def _bank() -> Given:
    rows = _read(_made(write_world_bank, "w.csv").removeprefix(b"\xef\xbb\xbf"), "utf-8")
    years = tuple(cell for cell in rows[4] if cell.isdecimal())
    traits = frozenset({"key", "wide"})
    return Given("world-bank", rows, years, code="Country Code", head=4, quoted=True, traits=traits)


@cache
def give(name: str) -> Given:
    """Give a file by name; a real one that is not at hand skips the test."""
    return GIVEN[name]()


GIVEN = {
    "victims": lambda: _crimes(
        "victims", _made(write_state_victims, "v.csv", years=range(2023, 2026))
    ),
    "files 2026": lambda: _crimes("files 2026", _made(write_state_files_2026, "f.csv")),
    "municipal": lambda: _crimes(
        "municipal",
        _made(write_municipal_files, "m.csv", municipalities=40, years=range(2023, 2026)),
    ),
    "tabulation": lambda: _tabulation(
        "tabulation", _made(write_inegi_tabulation, "t.csv", municipalities=150)
    ),
    "deaths 2019": lambda: _deaths("deaths 2019", 2019),
    "deaths 2023": lambda: _deaths("deaths 2023", 2023),
    "population": lambda: _population("population", _make_population()),
    "towns 2018": lambda: _towns("towns 2018", 2018, range(2018, 2021)),
    "towns 2023": lambda: _towns("towns 2023", 2023, range(2016, 2021)),
    "guard": lambda: _guard("guard", _made(write_guard_workbook, "g.xlsx")),
    "guard table": lambda: Given(
        "guard table",
        _read(_guard_table(), "utf-8"),
        ("guards",),
        code="cve_ent",
        end="\n",
        traits=frozenset({"holes", "key", "full"}),
    ),
    "world-bank": _bank,
    "real victims": lambda: _crimes("real victims", _real("IDVFC_jun25.csv")),
    "real files 2026": lambda: _crimes("real files 2026", _real("IDEFC_2026_mar.csv")),
    "real tabulation 1990": lambda: _tabulation(
        "real tabulation 1990", _real("INEGI_homicidios_municipio_mes_1990.csv")
    ),
    "real tabulation 2010": lambda: _tabulation(
        "real tabulation 2010", _real("INEGI_homicidios_municipio_mes_2010.csv")
    ),
    "real population": lambda: _population(
        "real population", _real("CONAPO_poblacion_entidad_1950_2070.csv")
    ),
    "real guard": lambda: _guard("real guard", _real("guardia_nacional_2020.xlsx")),
}


@contextmanager
def read_one(path: Path, **options):
    """Read the one table of an official file, usable inside the block."""
    with closing(read_official(path, **options)) as readings:
        yield next(readings)
