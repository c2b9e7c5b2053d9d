"""CONAPO: projections of the population by state or municipality, year and sex."""

import pandas as pd

from analysis.official.formats import Format
from analysis.official.labels import (
    KEPT,
    read_municipalities,
    read_states,
    read_years,
    reject_labels,
)
from analysis.official.rows import Rows

SEX = {"hombres": "men", "mujeres": "women", "total": "both", "ambos": "both", "": "both"}
NATION = ("00", "0")
LAST_YEAR = 2100


def _read_state(rows: Rows) -> str:
    rows.settle_letters()
    rows.settle_figures()
    sexes = _read_sexes(rows)
    years = read_years(rows, last=LAST_YEAR)
    nation = rows.distinct(["cve_ent"])
    nation = nation[nation["cve_ent"].isin(NATION)]
    ages = "age" in rows.labels
    if ages:
        fix = "Taken for mid-year; if it is the start, every figure will differ from those in use"
        rows.tell(
            "warning", "definition", "no date of the year", "mid-year or start of the year", fix
        )
    joins = [rows.join("raw", years, ["year"], "years"), rows.join("raw", sexes, ["sex"], "sexes")]
    whole = f"{joins[0]} {joins[1]} {rows.join('raw', nation, [], 'nation')}"
    _keep_sums(rows, "nation_rows", "'00'", whole)
    rows.set_aside(
        f"SELECT line FROM raw {rows.join('raw', nation, [], 'nation')}", "national rows"
    )
    places = read_states(rows)
    parts = f"{joins[0]} {joins[1]} {rows.join('raw', places, ['cve_ent'], 'places')}"
    if not ages:
        _reject_repeats(rows, parts, "places.cve_ent, years.year, sexes.sex")
    _keep_sums(rows, "state_rows", "places.cve_ent", parts)
    _check(rows)
    _set_totals_aside(rows, parts)
    columns = {"mid": "population", "start": "population_start"}
    sums = ", ".join(
        f"CAST(sum({name}) AS BIGINT) AS {column}"
        if name in rows.figures
        else f"NULL::BIGINT AS {column}"
        for name, column in columns.items()
    )
    rows.con.execute(
        f"CREATE VIEW tidy AS SELECT places.cve_ent, years.year, sexes.sex, {sums} "
        f"FROM raw {parts} GROUP BY ALL ORDER BY ALL"
    )
    return "conapo_population_state"


def _read_municipal(rows: Rows) -> str:
    rows.settle_letters()
    rows.settle_figures()
    sexes = _read_sexes(rows)
    years = read_years(rows, last=LAST_YEAR)
    places = read_municipalities(rows, read_states(rows))
    joins = [rows.join("raw", years, ["year"], "years")]
    if "sex" in rows.labels:
        joins.append(rows.join("raw", sexes, ["sex"], "sexes"))
    joins.append(rows.join("raw", places, ["cve_ent", "cve_mun"], "places"))
    sex = "sexes.sex" if "sex" in rows.labels else "'both'"
    if "age" not in rows.labels:
        _reject_repeats(rows, " ".join(joins), f"places.cve_mun, years.year, {sex}")
    _check_ages(rows)
    rows.con.execute(
        f"CREATE VIEW tidy AS SELECT places.cve_ent, places.cve_mun, years.year, {sex} AS sex, "
        f"CAST(sum(population) AS BIGINT) AS population FROM raw {' '.join(joins)} "
        "GROUP BY ALL ORDER BY ALL"
    )
    return "conapo_population_municipality"


def _read_sexes(rows: Rows) -> pd.DataFrame:
    if "sex" not in rows.labels:
        return pd.DataFrame()
    frame = rows.distinct(["sex"])
    code = frame["sex"].str.casefold().map(SEX)
    frame["reason"] = ('"' + frame["sex"] + '"').mask(code.notna(), "")
    reject_labels(rows, frame, "unknown value", rows.producer["sex"], "Hombres, Mujeres or Total")
    return frame.assign(sex=code)[code.notna()]


def _keep_sums(rows: Rows, table: str, place: str, joins: str) -> None:
    sums = ", ".join(f"sum({name}) AS {name}" for name in rows.figures)
    rows.con.execute(
        f"CREATE TEMP TABLE {table} AS SELECT min(line) AS line, {place} AS place, years.year, "
        f"sexes.sex, {sums} FROM raw {joins} GROUP BY ALL"
    )


def _check(rows: Rows) -> None:
    """Hold totals of both sexes, and the nation, against their parts."""
    both = (
        "SELECT min(t.line), any_value(t.place || ', ' || t.year), any_value(t.{0}), sum(p.{0}) "
        "FROM {1} t JOIN {1} p USING (place, year) WHERE t.sex = 'both' AND p.sex <> 'both' "
        "GROUP BY t.place, t.year HAVING any_value(t.{0}) <> sum(p.{0}) AND count(*) = 2"
    )
    nation = (
        "SELECT min(n.line), any_value('00, ' || n.year), any_value(n.{0}), sum(p.{0}) "
        "FROM nation_rows n JOIN state_rows p USING (year, sex) GROUP BY year, sex "
        "HAVING any_value(n.{0}) <> sum(p.{0})"
    )
    for name in rows.figures:
        for query in (
            both.format(name, "state_rows"),
            both.format(name, "nation_rows"),
            nation.format(name),
        ):
            cases = [
                (
                    line,
                    rows.producer[name],
                    f"{where}: {total:,.0f}, where the parts add to {parts:,.0f}",
                )
                for line, where, total, parts in rows.query(f"{query} ORDER BY 1")
            ]
            fix = "The parts were used; a row is missing, twice or altered: get the file again"
            rows.tell_each("error", "total off", cases, "a total that is its parts' sum", fix)
    _tell_gaps(rows)


def _tell_gaps(rows: Rows) -> None:
    gaps = rows.query(
        "SELECT place, year, sex FROM (SELECT DISTINCT place FROM state_rows) CROSS JOIN "
        "(SELECT DISTINCT year FROM state_rows) CROSS JOIN (SELECT DISTINCT sex FROM state_rows) "
        "ANTI JOIN state_rows USING (place, year, sex) ORDER BY ALL"
    )
    cases = [(None, None, f"no row for {place}, {year}, {sex}") for place, year, sex in gaps]
    places = {place for (place,) in rows.query("SELECT DISTINCT place FROM state_rows")}
    cases += [(None, None, f"{len(places)} states")] if 0 < len(places) < 32 else []
    held = [year for (year,) in rows.query("SELECT DISTINCT year FROM state_rows ORDER BY 1")]
    absent = sorted(set(range(held[0], held[-1])) - set(held)) if held else []
    cases += [(None, None, f"no row for {year}") for year in absent]
    fix = "Missing; if the file was cut off or filtered, get it again"
    rows.tell_each("warning", "missing row", cases, "every state, year and sex", fix)


def _set_totals_aside(rows: Rows, joins: str) -> None:
    """Take totals of both sexes out where the parts are there."""
    rows.set_aside(
        f"SELECT line FROM raw {joins} JOIN (SELECT place, year FROM state_rows "
        "WHERE sex <> 'both' GROUP BY ALL HAVING count(*) = 2) parts "
        "ON parts.place = places.cve_ent AND parts.year = years.year WHERE sexes.sex = 'both'",
        "total of both sexes",
    )


def _check_ages(rows: Rows) -> None:
    ages = [name for name in rows.labels if name.upper().startswith("POB_")]
    if not ages:
        return
    parts = " + ".join(f'coalesce(figure("{name}"), 0)' for name in ages)
    off = rows.query(
        f"SELECT line, population, {parts} FROM raw WHERE population <> {parts} ORDER BY 1"
    )
    cases = [
        (line, rows.producer["population"], f"{total:,.0f}, where the ages add to {part:,.0f}")
        for line, total, part in off
    ]
    fix = "The total was used; get the file again"
    rows.tell_each("error", "total off", cases, "a total that is its parts' sum", fix)


def _reject_repeats(rows: Rows, joins: str, key: str) -> None:
    twice = (
        f"SELECT line, first FROM (SELECT line, min(line) OVER (PARTITION BY {key}) AS first "
        f"FROM raw {joins}) WHERE line > first"
    )
    cases = [(line, None, f"the cell of row {first} again") for line, first in rows.query(twice)]
    rows.tell_each("error", "duplicate key", cases, "one row a cell", KEPT)
    rows.reject(f"SELECT line, 'the cell of row ' || first || ' again' FROM ({twice})")


FORMATS = (
    Format(
        "conapo",
        "CONAPO, population by state, year and sex",
        {
            "n_year": "year",
            "nombre_estado": "state",
            "cve_ent": "cve_ent",
            "genero": "sex",
            "EDAD": "age",
        },
        {"pob_start_year": "start", "pob_mid_year": "mid"},
        ("year", "cve_ent", "sex"),
        _read_state,
        aliases={
            **{"AÑO": "n_year", "ANIO": "n_year", "ANO": "n_year", "ENTIDAD": "nombre_estado"},
            **{"CVE_GEO": "cve_ent", "SEXO": "genero", "POBLACION": "pob_mid_year"},
        },
        optional=("age", "start"),
        marks=("cve_ent", "genero"),
        others=("CAUSA_DEF", "Tipo de delito"),
        strict=False,
    ),
    Format(
        "conapo-municipal",
        "CONAPO, population by municipality, year and sex",
        {
            **{"CLAVE": "cve_mun", "CLAVE_ENT": "cve_ent", "NOM_ENT": "state"},
            **{"NOM_MUN": "municipality", "SEXO": "sex", "AÑO": "year", "EDAD_QUIN": "age"},
        },
        {"POB_TOTAL": "population"},
        ("cve_mun", "cve_ent", "year"),
        _read_municipal,
        aliases={
            **{"MUN": "NOM_MUN", "ANO": "AÑO", "ANIO": "AÑO"},
            **{"POB": "POB_TOTAL", "POB_MIT_MUN": "POB_TOTAL"},
        },
        optional=("sex", "age"),
        marks=("CLAVE", "CLAVE_ENT"),
        more_labels=r"POB_\d.*",
        strict=False,
    ),
)
