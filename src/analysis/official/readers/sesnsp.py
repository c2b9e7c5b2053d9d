"""SESNSP: victims and investigation files by state or municipality and month, all crimes."""

import pandas as pd

from analysis.errors import RequestError
from analysis.official.formats import Format
from analysis.official.labels import (
    KEPT,
    read_municipalities,
    read_states,
    read_years,
    reject_labels,
)
from analysis.official.rows import Rows
from analysis.official.wide import (
    MONTHS,
    build_wide,
    find_published,
    reject_duplicates,
    tell_gaps,
)

# From this year on another method is in force; its figures are never joined with earlier ones.
METHOD_OF_2026 = 2026
CRIME = {
    "Bien jurídico afectado": "legal_interest",
    "Tipo de delito": "type",
    "Subtipo de delito": "subtype",
    "Modalidad": "modality",
}
PERSON = {"Sexo": "sex", "Rango de edad": "age_group"}
STATE = {"Año": "year", "Clave_Ent": "cve_ent", "Entidad": "state"}
MUNICIPALITY = {"Cve. Municipio": "cve_mun", "Municipio": "municipality"}
SEXES = ("Hombre", "Mujer", "No especificado", "No identificado")
INTERESTS = (
    "La vida y la Integridad corporal",
    "Libertad personal",
    "La libertad y la seguridad sexual",
    "El patrimonio",
    "La familia",
    "La sociedad",
    "Otros bienes jurídicos afectados (del fuero común)",
)
ALIASES = {"Ano": "Año", "Anio": "Año", "Cve_Ent": "Clave_Ent", "Cve Mun": "Cve. Municipio"}


def _read(rows: Rows, table: str) -> str:
    """Make ``tidy`` with one row a place, month and kind of crime."""
    rows.settle_letters()
    rows.settle_figures()
    kinds = _read_kinds(rows)
    years = _one_method(rows, read_years(rows))
    places = read_states(rows)
    if "cve_mun" in rows.labels:
        places = read_municipalities(rows, places)
    build_wide(rows, years, {"place": places, "kind": kinds})
    reject_duplicates(rows, ["year", "place", "kind"])
    find_published(rows)
    tell_gaps(rows, "place", "kind", "cve_mun" if "cve_mun" in rows.labels else "cve_ent")
    measure = "victims" if "sex" in rows.labels else "files"
    _make_tidy(rows, places, kinds, measure)
    new = not years.empty and years["year"].min() >= METHOD_OF_2026
    return f"{table}_2026" if new else table


def _make_tidy(rows: Rows, places: pd.DataFrame, kinds: pd.DataFrame, measure: str) -> None:
    place = [f"place.{c}" for c in ("cve_ent", "cve_mun", "municipality") if c in places]
    kind = [f"kind.{c}" for c in kinds if c in (*CRIME.values(), *PERSON.values())]
    figures = ", ".join(f'"{name}"' for name in rows.figures)
    numbers = ", ".join(str(int(name[1:])) for name in rows.figures)
    rows.con.execute(
        f"CREATE VIEW tidy AS SELECT {', '.join(place)}, "
        f"make_date(long.year, long.number, 1) AS month, {', '.join(kind)}, "
        f"long.figure AS {measure} FROM (SELECT year, place, kind, unnest([{numbers}]) AS number, "
        f"unnest([{figures}]) AS figure FROM (FROM wide ORDER BY place, kind, year)) long "
        "JOIN published USING (year, number) JOIN place ON place.id = long.place "
        "JOIN kind ON kind.id = long.kind"
    )


def _read_kinds(rows: Rows) -> pd.DataFrame:
    """Read the classification; set other crimes aside where only one is wanted."""
    names = [name for name in (*CRIME.values(), *PERSON.values()) if name in rows.labels]
    kinds = rows.distinct(names)
    if rows.only:
        kinds = _only_crime(rows, kinds)
    wrong = pd.Series("", index=kinds.index)
    if "sex" in names:
        strange = ~kinds["sex"].isin(SEXES)
        wrong = wrong.mask(strange, 'sex "' + kinds["sex"] + '"')
    blank = kinds[names].eq("").any(axis=1)
    kinds["reason"] = wrong.mask(blank, "an empty cell in the classification")
    expected = f"a full classification; sex is one of {', '.join(SEXES)}"
    reject_labels(rows, kinds, "unknown value", rows.producer["subtype"], expected)
    kinds = kinds[kinds["reason"].eq("")]
    strange = kinds[~kinds["legal_interest"].isin(INTERESTS)]
    if len(kinds) and len(strange) == len(kinds):
        found = f'"{kinds["legal_interest"].iloc[0]}"'
        column = rows.producer["legal_interest"]
        fix = f"{KEPT}: its columns hold each other's values. Put them in order, or get it again"
        rows.tell("error", "swapped columns", found, INTERESTS[0], fix, column=column)
        rows.reject("SELECT line, 'values stand in another column' FROM raw")
        return kinds.iloc[:0]
    return kinds


def _only_crime(rows: Rows, kinds: pd.DataFrame) -> pd.DataFrame:
    chosen = kinds["subtype"].str.casefold().eq(rows.only.casefold())
    if not chosen.any():
        names = ", ".join(sorted(set(kinds["subtype"])))
        raise RequestError(f'{rows.sheet.name} has no crime "{rows.only}"; it has {names}')
    join = rows.join("raw", kinds[~chosen], [], "other")
    rows.set_aside(f"SELECT line FROM raw {join}", f"another crime than {rows.only}")
    return kinds[chosen].reset_index(drop=True)


def _one_method(rows: Rows, years: pd.DataFrame) -> pd.DataFrame:
    """Reject the years of 2026 and after in a file that begins before: another method."""
    new = years["year"] >= METHOD_OF_2026
    if new.any() and not new.all():
        years = years.assign(reason=years["year"].astype("str").where(new, ""))
        expected = "years of one method: to 2025, or from 2026"
        fix = f"{KEPT}: take the file of 2026 in by itself. The two are never joined"
        reject_labels(rows, years, "mixed years", rows.producer["year"], expected, fix)
        return years[~new]
    return years


def _format(name: str, title: str, table: str, labels: dict[str, str], **rest: object) -> Format:
    def read(rows: Rows) -> str:
        return _read(rows, table)

    needed = tuple(name for name in labels.values() if name not in ("state", "municipality"))
    return Format(name, title, labels, MONTHS, needed, read, ALIASES, **rest)  # type: ignore[arg-type]


FORMATS = (
    _format(
        "sesnsp-victims",
        "SESNSP, victims by state (IDVFC)",
        "sesnsp_victims_state",
        STATE | CRIME | PERSON,
        others=("Municipio", "Cve. Municipio"),
    ),
    _format(
        "sesnsp-files",
        "SESNSP, investigation files by state (IDEFC)",
        "sesnsp_files_state",
        STATE | CRIME,
        others=("Municipio", "Cve. Municipio", "Sexo", "Rango de edad"),
    ),
    _format(
        "sesnsp-municipal",
        "SESNSP, investigation files by municipality (IDM)",
        "sesnsp_files_municipality",
        STATE | MUNICIPALITY | CRIME,
        others=("Sexo", "Rango de edad"),
    ),
)
