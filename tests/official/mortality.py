"""Writers of synthetic mortality microdata of INEGI (DEFUN): one row a death registered."""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from tests.official.layouts import MUNICIPALITIES, list_death_columns

CHUNK = 50_000
ICD10 = 1998  # the first year of registration with it, and with years of four digits
TYPE = 2022  # the first year in which TIPO_DEFUN stands for PRESUNTO, with other codes
TABBED = (2018, 2019)  # years whose CSV has a tab behind every number
STATES = np.array([*range(1, 33), 33, 34, 35, 99])
SHARES = np.array([0.9985 / 32] * 32 + [0.0007, 0.0002, 0.0001, 0.0005])
TOWNS = np.ones(100, int)
TOWNS[1:33] = MUNICIPALITIES

# Causes with their presumption to 2021: 1 accident, 2 homicide, 3 suicide, 4 unknown, 5 legal
# intervention, 8 natural. The violent ones stand close to homicide, and are none.
ASSAULT = {9: "9600 961X 9620 963X 9650 9654 9659 966X 9680 9682 9689"}
ASSAULT[10] = "X954 X959 X994 X999 X910 X934 X850 Y004 Y009 Y094 Y099"
NATURAL = {9: "4109 2500 486X 5715 1749 585X 4019 7999 7650"}
NATURAL[10] = "I219 E112 J189 K746 C509 N189 I10X R99X P072"
VIOLENT = {9: "8199:1 8889:1 9289:1 953X:3 959X:3 9849:4 970X:5"}
VIOLENT[10] = "V892:1 W199:1 X590:1 X700:3 X840:3 Y344:4 Y350:5 Y871:2"

# Columns that hang together: their type and width. C is text, N a number.
DRAWN = {
    **{f"ent_{role}": ("C", 2) for role in ("regis", "resid", "ocurr", "ocules")},
    **{f"mun_{role}": ("C", 3) for role in ("regis", "resid", "ocurr", "ocules")},
    **dict.fromkeys(("anio_ocur", "anio_regis", "anio_cert", "edad"), ("N", 4)),
    **dict.fromkeys(("mes_ocurr", "mes_regis", "capitulo"), ("N", 2)),
    **dict.fromkeys(("sexo", "presunto", "tipo_defun"), ("N", 1)),
    **{"causa_def": ("C", 4), "lista_mex": ("C", 3)},
}
# The others, by their name or what it begins with: type and values; "_" is blank. A column that
# is not named is a number of one digit.
VALUES = {
    "": "N 1 2 8 9",
    "anio": "N 1920 1935 1948 1960 1975 1990 9999",
    "cod": "C _ _ _ S069 T794 B956",
    "cve": "C 0101 0211 8888",
    "dia": f"N {' '.join(map(str, range(1, 29)))} 99",
    "derechohab": "N 1 2 3 7 9 99",
    "dis": "C _ _ _ 901 917 999",
    "ent_nac": "C 001 009 015 020 032 221 999",
    "escolarida": "N 1 3 4 6 8 9 10 88 99",
    "gr": "C 28 20 33 E55",
    "gramos": "N 8888 8888 8888 2950 9999",
    "grupo": "N 1 4 9 26 35",
    "edad_agru": "C 01 06 09 12 15 19 22 30",
    "horas": "N 0 3 7 12 18 23 99",
    "lista1": "C 053 067 101",
    "loc": "C 0001 0002 0035 7777 9999",
    "lugar": "N 0 4 8 9 88",
    "maternas": "C _ _ _ _ O95X",
    "mes": "N 1 2 3 4 5 6 7 8 9 10 11 12 99",
    "minutos": "N 0 5 20 30 45 59 99",
    "nacesp": "C 221 888",
    "ocupacion": "C 111 522 711 997 999",
    "par": "N 11 33 51 72 88 99",
    "razon": "N _ _ _ _ 1",
    "sem": "N 22 37 40 88 99",
    "sitio": "N 1 3 9 11 12 99",
    "tloc": "N 1 4 9 13 17 99",
}


@cache
def _numerals(width: int, fill: str) -> np.ndarray:
    """Give every number of at most a width as bytes, filled up from the left."""
    numbers = map(str, range(10**width))
    return np.array([n.rjust(width, fill) if fill else n for n in numbers], f"S{width}")


@cache
def _values(name: str) -> tuple[str, tuple[str, ...]]:
    spec = VALUES.get(name) or VALUES.get(name.split("_")[0]) or VALUES[""]
    kind, *values = spec.split()
    return kind, tuple(value.strip("_") for value in values)


@cache
def _causes(year: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Give the codes of causes, the presumption each has, and how many are homicides."""
    revision = 10 if year >= ICD10 else 9
    assault = ASSAULT[revision].split()
    others = [f"{code}:8" for code in NATURAL[revision].split()] * 12 + VIOLENT[revision].split()
    pairs = [f"{code}:2" for code in assault] + others
    codes, meant = zip(*(pair.split(":") for pair in pairs), strict=True)
    presumption = np.array(meant, int)
    if year >= TYPE:
        presumption = np.select([presumption == 8, presumption == 4], [4, 9], presumption)
    return np.array(codes, "S4"), presumption, len(assault)


def _draw_time(rng: np.random.Generator, size: int, year: int) -> dict[str, np.ndarray]:
    """Draw months of registration and of occurrence: most the same, few of years before."""
    month = rng.integers(1, 13, size)
    lag = rng.geometric(0.8, size) - 1 + (rng.random(size) < 0.012) * rng.integers(12, 300, size)
    time = 12 * year + month - 1 - lag
    chance = rng.random(size)
    occurred = {"mes_ocurr": time % 12 + 1, "anio_ocur": time // 12}
    occurred["mes_ocurr"][chance < 0.004] = 99
    occurred["anio_ocur"][chance < 0.0005] = 9999
    years = {"anio_ocur": occurred["anio_ocur"], "anio_regis": np.full(size, year)}
    if year < ICD10:
        years = {name: numbers % 100 for name, numbers in years.items()}
    return {"mes_regis": month, "anio_cert": years["anio_ocur"], **occurred, **years}


def _draw(rng: np.random.Generator, size: int, year: int) -> dict[str, np.ndarray]:
    """Draw the columns of deaths that hang together; text as bytes, numbers as numbers."""
    state = rng.choice(STATES, size, p=SHARES)
    town = 1 + (state == 9) + rng.integers(0, 1 << 30, size) % TOWNS[state]
    town[(state > 32) | (rng.random(size) < 0.003)] = 999
    home = {"ent": np.where(state > 32, 9, state), "mun": np.where(town == 999, 2, town)}
    codes, meant, homicides = _causes(year)
    killed = rng.random(size) < 0.04
    which = rng.integers(0, 1 << 30, size) % np.where(killed, homicides, len(codes) - homicides)
    which += ~killed * homicides
    presumption, doubt = meant[which], rng.random(size)
    presumption[killed & (doubt < 0.03)] = 9 if year >= TYPE else 4
    presumption[~killed & (doubt < 0.0005)] = 2
    years = rng.normal(np.where(killed, 33, 68), np.where(killed, 13, 18)).astype(int).clip(1, 110)
    chance = rng.random(size)
    newborn = 2_000 + rng.integers(1, 30, size)
    age = np.select([chance < 0.02, chance < 0.023], [newborn, 4_998], 4_000 + years)
    women = np.where(killed, 0.11, 0.44)
    return {
        **{f"{part}_{role}": home[part] for part in home for role in ("regis", "resid")},
        **{"ent_ocurr": state, "mun_ocurr": town, "causa_def": codes[which], "edad": age},
        **{"ent_ocules": np.where(killed, state, 88), "mun_ocules": np.where(killed, town, 888)},
        "lista_mex": np.where(killed, b"55", b"28A"),
        "capitulo": np.where(meant[which] == meant[homicides], 9, 20),
        "sexo": np.where(chance > 0.998, 9, 1 + (rng.random(size) < women)),
        **{"presunto": presumption, "tipo_defun": presumption},
        **_draw_time(rng, size, year),
    }


def _fields(year: int) -> list[tuple[str, str, int]]:
    """Give name, type and width of the columns of a year."""
    fields = []
    for name in list_death_columns(year):
        kind, values = _values(name)
        kind, width = DRAWN.get(name, (kind, max(map(len, values))))
        short = year < ICD10 and name.startswith("anio")
        fields.append((name, kind, 2 if short else width))
    return fields


def _records(year: int, deaths: int, seed: int, *, dbase: bool) -> Iterator[np.ndarray]:
    """Make records in pieces: for dBase with a mark before each, for CSV with separators."""
    rng = np.random.default_rng(seed)
    fields = _fields(year)
    after = [b"\t," if kind == "N" and year in TABBED else b"," for __, kind, __ in fields]
    after[-1] = after[-1].replace(b",", b"\r\n")
    spec = [("mark", "S1")] * dbase
    for name, __, width in fields:
        spec += [(name, f"S{width}")] + [(f"after {name}", "S3")] * (not dbase)
    form = np.zeros(1, spec)
    if dbase:
        form["mark"] = b" "
    else:
        for (name, *__), sign in zip(fields, after, strict=True):
            form[f"after {name}"] = sign
    for start in range(0, deaths, CHUNK):
        size = min(CHUNK, deaths - start)
        records, drawn = np.repeat(form, size), _draw(rng, size, year)
        for name, kind, width in fields:
            fill = ("0" if year >= ICD10 else "") if kind == "C" else " " * dbase
            column = drawn.get(name)
            if column is None:
                values = [v.rjust(width) if dbase and kind == "N" else v for v in _values(name)[1]]
                if year < ICD10 and name.startswith("anio"):
                    values = [value[2:] for value in values]
                column = np.array(values, "S")[rng.integers(0, len(values), size, np.uint8)]
            elif column.dtype.kind != "S":
                column = _numerals(width, fill)[column]
            records[name] = column
        yield records


def write_mortality_csv(
    path: Path, *, year: int, deaths: int = 800_000, seed: int = 1, header_case: str = "lower"
) -> None:
    """Write the deaths registered in a year as INEGI's open data; ``upper`` is the other case.

    The rows are those that ``write_mortality_dbf`` writes with the same arguments.
    """
    header = ",".join(getattr(name, header_case)() for name in list_death_columns(year))
    with Path(path).open("wb") as file:
        file.write(f"{header}\r\n".encode())
        for records in _records(year, deaths, seed, dbase=False):
            letters = records.view(np.uint8)
            file.write(letters[letters != 0].tobytes())


def write_mortality_dbf(path: Path, *, year: int, deaths: int = 800_000, seed: int = 1) -> None:
    """Write the deaths registered in a year as a dBase III table (DEFUNyy.dbf)."""
    fields = _fields(year)
    length = 1 + sum(width for *__, width in fields)
    sizes = struct.pack("<IHH", deaths, 32 * (len(fields) + 1) + 1, length)
    with Path(path).open("wb") as file:
        file.write(bytes([3, year - 1899, 7, 1]) + sizes + bytes(20))
        for name, kind, width in fields:
            file.write(struct.pack("<11sc4xBB14x", name.upper().encode(), kind.encode(), width, 0))
        file.write(b"\x0d")
        for records in _records(year, deaths, seed, dbase=True):
            letters = records.view(np.uint8)
            letters[letters == 0] = ord(" ")
            file.write(letters.tobytes())
        file.write(b"\x1a")
