"""CONAPO: projections of the population by state or municipality, year and sex."""

import pandas as pd

from analysis.geography import states
from analysis.official.figures import settle_figures
from analysis.official.formats import Format
from analysis.official.gaps import FIX, find_holes
from analysis.official.labels import read_municipalities, read_states, read_years, reject_labels
from analysis.official.repeats import reject_repeats
from analysis.official.rows import Rows

SEX = {"hombres": "men", "mujeres": "women", "total": "both", "ambos": "both"}
NATION = ("00", "0")
LAST_YEAR = 2100


def _read_state(rows: Rows) -> str:
    when = _read_when(rows)
    _tell_dates(rows)
    nation = rows.distinct(["cve_ent"])
    nation = nation[nation["cve_ent"].isin(NATION)]
    whole = f"{when} {rows.join('raw', nation, [], 'nation')}"
    _reject_parts(rows, whole, "'00'")
    _keep_sums(rows, "nation_rows", "'00'", whole)
    lines = f"SELECT line FROM raw {rows.join('raw', nation, [], 'nation')}"
    rows.set_aside(lines, "national rows")
    parts = f"{when} {rows.join('raw', read_states(rows), ['cve_ent'], 'places')}"
    _reject_parts(rows, parts, "places.cve_ent")
    _keep_sums(rows, "sums", "places.cve_ent", parts)
    _check_totals(rows)
    _tell_gaps(rows)
    _reject_exchanged(rows)
    _set_totals_aside(rows, parts, "places.cve_ent")
    sums = ", ".join(
        f"CAST(sum({name}) AS BIGINT) AS {column}"
        if name in rows.figures
        else f"NULL::BIGINT AS {column}"
        for name, column in (("mid", "population"), ("start", "population_start"))
    )
    rows.con.execute(
        f"CREATE VIEW tidy AS SELECT places.cve_ent, years.year, sexes.sex, {sums} "
        f"FROM raw {parts} GROUP BY ALL ORDER BY ALL"
    )
    rows.con.execute(
        "CREATE VIEW starts AS SELECT sex AS series, place AS cve_ent, "
        "CAST(year AS VARCHAR) AS time, line FROM sums"
    )
    return "conapo_population_state"


def _read_municipal(rows: Rows) -> str:
    when = _read_when(rows)
    places = read_municipalities(rows, read_states(rows))
    parts = f"{when} {rows.join('raw', places, ['cve_ent', 'cve_mun'], 'places')}"
    _reject_parts(rows, parts, "places.cve_mun")
    _check_sums(rows, [name for name in rows.labels if name.upper().startswith("POB_")])
    _check_sums(rows, [name for name in rows.labels if name.upper().startswith(("HOM_", "MUJ_"))])
    _keep_sums(rows, "sums", "places.cve_mun", parts)
    _tell_gaps(rows)
    _set_totals_aside(rows, parts, "places.cve_mun")
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT places.cve_ent, places.cve_mun, years.year, sexes.sex, "
        f"CAST(sum(population) AS BIGINT) AS population FROM raw {parts} "
        "GROUP BY ALL ORDER BY ALL"
    )
    return "conapo_population_municipality"


def _read_when(rows: Rows) -> str:
    """Read figures, years and sexes; give the join of the last two to ``raw``."""
    rows.settle_letters()
    settle_figures(rows)
    for name in rows.figures:
        column = rows.producer[name]
        empty = rows.query(f"SELECT line FROM raw WHERE {name} IS NULL ORDER BY line")
        cases = [(line, column, "an empty cell") for (line,) in empty]
        rows.tell_each("warning", "blank", cases, "a figure in every row", "Missing, not zero")
    years = rows.join("raw", read_years(rows, last=LAST_YEAR), ["year"], "years")
    if "sex" in rows.labels:
        return f"{years} {rows.join('raw', _read_sexes(rows), ['sex'], 'sexes')}"
    return f"{years} CROSS JOIN (SELECT 'both' AS sex) sexes"


def _read_sexes(rows: Rows) -> pd.DataFrame:
    frame = rows.distinct(["sex"])
    code = frame["sex"].str.casefold().map(SEX)
    frame["reason"] = ('"' + frame["sex"] + '"').mask(code.notna(), "")
    reject_labels(rows, frame, "unknown value", rows.producer["sex"], "Hombres, Mujeres or Total")
    return frame.assign(sex=code)[code.notna()]


def _tell_dates(rows: Rows) -> None:
    """Tell what the file does not say of the day in the year that its figures are of."""
    if "age" in rows.labels:
        fix = "Taken for mid-year; if it is the start, every figure will differ from those in use"
        expected = "mid-year or start of the year"
        rows.tell("warning", "definition", "no date of the year", expected, fix)
    elif "start" not in rows.figures:
        fix = "Missing in the table; get the whole file if it is needed"
        column = rows.producer["start"]
        rows.tell("warning", "missing column", "no such column", column, fix, column=column)


def _reject_parts(rows: Rows, joins: str, place: str) -> None:
    """Reject what stands twice, and all ages of a population where one is missing."""
    key = [place, "years.year", "sexes.sex"]
    aged = "age" in rows.labels
    ages = ["trim(raw.age)"] if aged else []
    reject_repeats(rows, f"raw {joins}", key + ages, rows.figures, expected="one row a cell")
    if not aged:
        return
    empty = " OR ".join(f"{name} IS NULL" for name in rows.figures)
    rows.reject(f"SELECT line, 'no figure' FROM raw {joins} WHERE {empty}")
    rows.con.execute(
        f"CREATE OR REPLACE TEMP TABLE ages AS SELECT {place} AS place, years.year, sexes.sex, "
        f"count(*) AS n, min(line) AS line FROM raw {joins} GROUP BY ALL"
    )
    short = "(SELECT * FROM ages WHERE n < (SELECT mode(n) FROM ages)) s"
    found = rows.query(
        f"SELECT line, place, year, sex, n, (SELECT mode(n) FROM ages) FROM {short} ORDER BY line"
    )
    cases = [
        (line, None, f"{n} of {most} ages for {where}, {year}, {sex}")
        for line, where, year, sex, n, most in found
    ]
    fix = "Its rows are among the rejects, since the sum of fewer ages is no population"
    rows.tell_each("error", "missing row", cases, "every age", fix)
    rows.reject(
        f"SELECT raw.line, 'an age is missing beside it' FROM raw {joins} JOIN {short} "
        f"ON s.place = {place} AND s.year = years.year AND s.sex = sexes.sex"
    )


def _keep_sums(rows: Rows, table: str, place: str, joins: str) -> None:
    sums = ", ".join(f"sum({name}) AS {name}" for name in rows.figures)
    rows.con.execute(
        f"CREATE TEMP TABLE {table} AS SELECT min(line) AS line, {place} AS place, years.year, "
        f"sexes.sex, {sums} FROM raw {joins} GROUP BY ALL"
    )


def _check_totals(rows: Rows) -> None:
    """Hold totals of both sexes, and the nation, against their parts."""
    both = (
        "SELECT min(t.line), any_value(t.place || ', ' || t.year), any_value(t.{0}), sum(p.{0}) "
        "FROM {1} t JOIN {1} p USING (place, year) WHERE t.sex = 'both' AND p.sex <> 'both' "
        "GROUP BY t.place, t.year HAVING any_value(t.{0}) <> sum(p.{0}) AND count(p.{0}) = 2"
    )
    nation = (
        "SELECT min(n.line), any_value('00, ' || n.year), any_value(n.{0}), sum(p.{0}) "
        "FROM nation_rows n JOIN sums p USING (year, sex) GROUP BY year, sex "
        "HAVING any_value(n.{0}) <> sum(p.{0})"
    )
    for name in rows.figures:
        for query in (
            both.format(name, "sums"),
            both.format(name, "nation_rows"),
            nation.format(name),
        ):
            _tell_off(rows, name, rows.query(f"{query} ORDER BY 1"))


def _tell_off(rows: Rows, name: str, off: list[tuple[int, str, float, float]]) -> None:
    cases = [
        (line, rows.producer[name], f"{where}: {total:,.0f}, where the parts add to {parts:,.0f}")
        for line, where, total, parts in off
    ]
    fix = "A row is missing, twice or altered: get the file again"
    rows.tell_each("error", "total off", cases, "a total that is its parts' sum", fix)


def _check_sums(rows: Rows, parts: list[str]) -> None:
    """Hold the total of a row against the ages, or the sexes, beside it."""
    if not parts:
        return
    added = " + ".join(f'coalesce(figure("{name}"), 0)' for name in parts)
    off = rows.query(
        f"SELECT line, cve_mun || ', ' || raw.year, population, {added} FROM raw "
        f"WHERE population <> {added} ORDER BY 1"
    )
    _tell_off(rows, "population", off)


def _tell_gaps(rows: Rows) -> None:
    """Tell of places, years and sexes that the rest of the file leads one to expect."""
    held = [year for (year,) in rows.query("SELECT DISTINCT year FROM sums ORDER BY 1")]
    absent = sorted(set(range(held[0], held[-1])) - set(held)) if held else []
    cases = [(None, None, f"no row for {year}") for year in absent]
    known = {place for (place,) in rows.query("SELECT DISTINCT place[:2] FROM sums")}
    lost = [state.cve_ent for state in states() if state.cve_ent not in known]
    cases += [(None, None, f"no row for {code}") for code in lost]
    sexes = {sex for (sex,) in rows.query("SELECT DISTINCT sex FROM sums")}
    if len(sexes & {"men", "women"}) == 1:
        cases.append((None, None, f"{' and '.join(sorted(sexes))} only"))
    holes = find_holes(rows, "sums", "place", "year", "sex")
    cases += [(None, None, f"no row for {place}, {year}, {sex}") for place, year, sex in holes]
    rows.tell_each("warning", "missing row", cases, "every place, year and sex", FIX)


def _reject_exchanged(rows: Rows) -> None:
    """Reject all rows where start of the year and mid-year hold each other's figures.

    The population at mid-year is the mean of those at the beginning and at the end of its year.
    """
    if not {"start", "mid"} <= set(rows.figures):
        return
    after, before = rows.query(
        "SELECT count(*) FILTER (next < last), count(*) FILTER (next > last) FROM (SELECT "
        "abs(mid - (start + later) / 2) AS next, abs(mid - (start + earlier) / 2) AS last FROM ("
        "SELECT mid, start, lead(start) OVER w AS later, lag(start) OVER w AS earlier FROM sums "
        "WINDOW w AS (PARTITION BY place, sex ORDER BY year)))"
    )[0]
    if before > after:
        columns = " and ".join(rows.producer[name] for name in ("start", "mid"))
        found = f"mid-year figures that belong to the year before, in {before} of {before + after}"
        fix = "All rows are among the rejects. Put the columns in order, or get the file again"
        expected = "mid-year between the start of its year and of the next"
        column = rows.producer["mid"]
        rows.tell("error", "swapped columns", found, expected, fix, column=column)
        rows.reject(f"SELECT line, '{columns} hold each other''s figures' FROM raw")


def _set_totals_aside(rows: Rows, joins: str, place: str) -> None:
    """Take totals of both sexes out where the parts are there."""
    rows.set_aside(
        f"SELECT line FROM raw {joins} JOIN (SELECT place, year FROM sums "
        "WHERE sex <> 'both' GROUP BY ALL HAVING count(*) = 2) parts "
        f"ON parts.place = {place} AND parts.year = years.year WHERE sexes.sex = 'both'",
        "total of both sexes",
    )


FORMATS = (
    Format(
        "conapo",
        "CONAPO, population by state, year and sex",
        {
            "n_year": "year",
            "nombre_estado": "state",
            "cve_ent": "cve_ent",
            "EDAD": "age",
            "genero": "sex",
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
        more_labels=r"POB_\d.*|(?:HOM|MUJ)_MIT_A.O",
        strict=False,
    ),
)
