"""SESNSP: victims and investigation files by state or municipality and month, all crimes."""

import pandas as pd

from analysis.errors import RequestError
from analysis.official.figures import settle_figures
from analysis.official.formats import Format
from analysis.official.labels import (
    KEPT,
    read_municipalities,
    read_states,
    read_years,
    reject_labels,
)
from analysis.official.repeats import reject_repeats
from analysis.official.rows import Rows
from analysis.official.wide import MONTHS, build_wide, find_published, tell_copies, tell_gaps

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
# Values that one column alone has: in another one they say that columns changed places.
OWN = {
    "legal_interest": INTERESTS,
    "type": ("Homicidio", "Lesiones", "Robo"),
    "subtype": ("Homicidio doloso", "Homicidio culposo", "Lesiones dolosas", "Lesiones culposas"),
    "modality": ("Con arma de fuego", "Con arma blanca", "Con violencia", "Sin violencia"),
    "sex": ("Hombre", "Mujer"),
}
# What only one of the two methods has, at the beginning of a subtype or an age group.
OLD = r"(?:Robo de vehículo automotor|Robo de maquinaria)$|(?:Menores de edad|Adultos)\b"
NEW = r"Tentativa de |\d+ a \d+\b|Más de 60"
ALIASES = {"Ano": "Año", "Anio": "Año", "Cve_Ent": "Clave_Ent", "Cve Mun": "Cve. Municipio"}


def _read(rows: Rows, table: str) -> str:
    """Make ``tidy`` with one row a place, month and kind of crime."""
    rows.settle_letters()
    settle_figures(rows)
    kinds = _read_kinds(rows)
    years = _one_method(rows, kinds, read_years(rows))
    places = read_states(rows)
    if "cve_mun" in rows.labels:
        places = read_municipalities(rows, places)
    build_wide(rows, years, {"place": places, "kind": kinds})
    figures = [f'"{name}"' for name in rows.figures]
    reject_repeats(rows, "wide", ["year", "place", "kind"], figures, expected="one row a cell")
    find_published(rows)
    tell_copies(rows)
    tell_gaps(rows, "place", "kind", "cve_mun" if "cve_mun" in rows.labels else "cve_ent")
    measure = "victims" if "sex" in rows.labels else "files"
    _make_tidy(rows, places, kinds, measure)
    rows.con.execute(
        "CREATE VIEW starts AS SELECT kind.subtype AS series, place.cve_ent, "
        "CAST(year AS VARCHAR) AS time, min(line) AS line FROM wide "
        "JOIN place ON place.id = wide.place JOIN kind ON kind.id = wide.kind GROUP BY ALL"
    )
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
    kinds = _in_own_columns(rows, kinds, names)
    wrong = pd.Series("", index=kinds.index)
    if "sex" in names:
        strange = ~kinds["sex"].isin(SEXES)
        wrong = wrong.mask(strange, 'sex "' + kinds["sex"] + '"')
    blank = kinds[names].eq("").any(axis=1)
    kinds["reason"] = wrong.mask(blank, "an empty cell in the classification")
    expected = f"a full classification; sex is one of {', '.join(SEXES)}"
    reject_labels(rows, kinds, "unknown value", rows.producer["subtype"], expected)
    kinds = kinds[kinds["reason"].eq("")]
    column = rows.producer["legal_interest"]
    new = kinds[~kinds["legal_interest"].isin(INTERESTS)].drop_duplicates("legal_interest")
    cases = [(row.line, column, f'"{row.legal_interest}"') for row in new.itertuples()]
    fix = "Kept as it is; it may be misspelt, or new"
    rows.tell_each("warning", "unknown value", cases, ", ".join(INTERESTS), fix)
    return kinds


def _in_own_columns(rows: Rows, kinds: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Reject rows in which a column holds what only another one can; all rows where all do."""
    others = {
        column: {value for name in names if name != column for value in OWN.get(name, ())}
        for column in names
    }
    wrong = {column: kinds[column].isin(others[column]) for column in names}
    strange = pd.concat(wrong, axis=1)
    moved = [column for column in names if wrong[column].any()]
    if not moved:
        return kinds
    own = [kinds[c].isin(OWN.get(c, ())) & ~strange.any(axis=1) for c in moved]
    reason = pd.Series("", index=kinds.index)
    for column in moved:
        text = f'"{{}}" under {rows.producer[column]}'
        reason = reason.mask(wrong[column], kinds[column].map(text.format))
    column, expected = rows.producer[moved[0]], "in each column its own values"
    fix = f"{KEPT}. Put the columns in order, or get the file again"
    if not pd.concat(own, axis=1).any(axis=None):
        first = kinds[strange.any(axis=1)].iloc[0]
        found, line = reason[first.name], int(first["line"])
        rows.tell("error", "swapped columns", found, expected, fix, row=line, column=column)
        rows.reject("SELECT line, 'its columns hold each other''s values' FROM raw")
        return kinds.iloc[:0]
    reject_labels(rows, kinds.assign(reason=reason), "swapped columns", column, expected, fix)
    return kinds[reason.eq("")]


def _only_crime(rows: Rows, kinds: pd.DataFrame) -> pd.DataFrame:
    chosen = kinds["subtype"].str.casefold().eq(rows.only.casefold())
    if not chosen.any():
        names = ", ".join(sorted(set(kinds["subtype"])))
        raise RequestError(f'{rows.sheet.name} has no crime "{rows.only}"; it has {names}')
    join = rows.join("raw", kinds[~chosen], [], "other")
    rows.set_aside(f"SELECT line FROM raw {join}", rows.another_crime)
    return kinds[chosen].reset_index(drop=True)


def _one_method(rows: Rows, kinds: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Reject the rows of the other method, where a file holds both: they are never joined."""
    fix = f"{KEPT}: take the files of the two methods in one by one. They are never joined"
    _reject_other_classes(rows, kinds, years, fix)
    years = read_years(rows)
    new = years["year"] >= METHOD_OF_2026
    if new.any() and not new.all():
        # Which of the two the file is, most of its rows say.
        other = new if 2 * years["rows"][new].sum() <= years["rows"].sum() else ~new
        years = years.assign(reason=years["year"].astype("str").where(other, ""))
        expected = "years of one method: to 2025, or from 2026"
        reject_labels(rows, years, "mixed years", rows.producer["year"], expected, fix)
        return years[~other]
    return years


def _reject_other_classes(rows: Rows, kinds: pd.DataFrame, years: pd.DataFrame, fix: str) -> None:
    """Reject rows whose classification is not the one of their year's method."""
    texts = kinds["subtype"] + "\n" + kinds.get("age_group", pd.Series("", index=kinds.index))
    new = years["year"] >= METHOD_OF_2026
    for pattern, side, method in ((OLD, new, "to 2025"), (NEW, ~new, "from 2026")):
        chosen, when = kinds[texts.str.contains(f"(?m)^(?:{pattern})")], years[side]
        if chosen.empty or when.empty:
            continue
        joins = f"{rows.join('raw', chosen, [], 'other')} {rows.join('raw', when, ['year'], 'y')}"
        query = f"SELECT line, y.year || ', by the classification {method}' FROM raw {joins}"
        expected, column = "the classification of its year", rows.producer["year"]
        rows.tell_lines("error", "mixed years", query, column, expected, fix)
        reason = f"'mixed years: classification {method} in ' || y.year"
        rows.reject(f"SELECT line, {reason} FROM raw {joins}")


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
