"""INEGI: microdata of registered deaths, one row a death, counted by place and month."""

from analysis.geography import LAST_MUNICIPALITY, states
from analysis.official.figures import settle_figures
from analysis.official.formats import Format
from analysis.official.gaps import FIX
from analysis.official.labels import KEPT
from analysis.official.rows import TOLD, Rows

# Abroad: the United States, other Latin America, elsewhere; and not specified.
BEYOND = ("33", "34", "35", "99")
# Before, causes are coded by the ninth revision of the ICD and years have two digits.
TENTH_REVISION = 1998
# What the certificate presumes, to 2021 and after; 2 is homicide in both.
PRESUMED = ("presunto", "tipo_defun")
# A death registered in another year than nearly all others of its file.
STRAY = 0.01


# What a row is rejected for: the kind of finding, the column, the condition, what was expected.
WRONG = (
    ("unknown state", "ent_ocurr", "ent IS NULL", "01 to 35, or 99"),
    ("unknown municipality", "mun_ocurr", "mun IS NULL", "001 to 999"),
    ("date", "mes_ocurr", "number IS NULL", "1 to 12, or 99"),
    (
        "date",
        "anio_regis",
        "registered IS NULL OR registered NOT BETWEEN 1900 AND year(today())",
        "a year up to this one",
    ),
    (
        "date",
        "anio_ocur",
        "year IS NULL OR (year <> 9999 AND (year < 1900 OR year > registered))",
        "a year up to that of registration, or 9999",
    ),
    ("unknown value", "sexo", "sex IS NULL", "1, 2 or 9"),
    ("unknown value", "causa_def", "by_cause IS NULL", "a code of the ICD in force in that year"),
)


def _read(rows: Rows) -> str:
    """Make ``tidy`` with one row a municipality, month and kind of death."""
    rows.settle_letters()
    settle_figures(rows)
    _decode(rows)
    for kind, column, condition, expected in WRONG:
        _reject(rows, kind, column, condition, expected)
    _tell(rows)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT ent AS cve_ent, ent || mun AS cve_mun, "
        "nullif(year, 9999) AS year, CASE WHEN year <> 9999 AND number <> 99 "
        "THEN make_date(year, number, 1) END AS month, registered, "
        "['man', 'woman', 'not specified'][sex] AS sex, by_cause AS homicide_by_cause, "
        "presumed AS homicide_presumed, CAST(count(*) AS INTEGER) AS deaths FROM deaths "
        "GROUP BY ALL ORDER BY ALL"
    )
    return "inegi_deaths_municipality"


def _decode(rows: Rows) -> None:
    """Make ``deaths``: each row's codes as what they mean, missing where they mean nothing."""
    number = r"TRY_CAST(regexp_extract(trim({0}, E' \t'), '^([0-9]+)(\.0+)?$', 1) AS INTEGER)"
    value = {name: number.format(name) for name in rows.labels}
    places = ", ".join(f"'{code}'" for code in (*(state.cve_ent for state in states()), *BEYOND))
    presumed = [f"({value[name]} = 2)" for name in PRESUMED if name in rows.labels]
    rows.con.execute(
        f"""CREATE TABLE deaths AS
        SELECT line, registered, presumed,
            CASE WHEN ent IN ({places}) THEN ent END AS ent,
            CASE WHEN mun BETWEEN 1 AND 999 THEN lpad(CAST(mun AS VARCHAR), 3, '0') END AS mun,
            CASE WHEN number BETWEEN 1 AND 12 OR number = 99 THEN number END AS number,
            CASE WHEN registered < {TENTH_REVISION} AND year = 99 THEN 9999
                 WHEN registered < {TENTH_REVISION} AND year < 100 THEN 1900 + year
                 ELSE year END AS year,
            CASE sex WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 9 THEN 3 END AS sex,
            CASE WHEN registered >= {TENTH_REVISION}
                    AND regexp_full_match(cause, '[A-Z][0-9]{{2}}.?')
                 THEN regexp_full_match(cause, '(X8[5-9]|X9.|Y0.).?')
                 WHEN registered < {TENTH_REVISION}
                    AND regexp_full_match(cause, '[0-9]{{3}}[0-9X]?')
                 THEN starts_with(cause, '96') END AS by_cause
        FROM (SELECT line, {value["anio_ocur"]} AS year, {value["mun_ocurr"]} AS mun,
            CASE WHEN {value["anio_regis"]} < 100 THEN 1900 ELSE 0 END + {value["anio_regis"]}
                AS registered,
            CASE WHEN {value["ent_ocurr"]} < 100
                 THEN lpad(CAST({value["ent_ocurr"]} AS VARCHAR), 2, '0') END AS ent,
            {value["mes_ocurr"]} AS number, {value["sexo"]} AS sex,
            upper(trim(causa_def, E' \t')) AS cause,
            {f"coalesce({', '.join(presumed)}, false)" if presumed else "NULL::BOOLEAN"} AS presumed
            FROM raw)"""
    )


def _reject(rows: Rows, kind: str, column: str, condition: str, expected: str) -> None:
    """Reject the rows of ``deaths`` that a condition holds for, and tell the first of them."""
    wrong = f"FROM deaths JOIN raw USING (line) WHERE {condition}"
    found = rows.query(f"SELECT line, raw.{column} {wrong} ORDER BY line LIMIT {TOLD + 1}")
    if not found:
        return
    name = rows.producer[column]
    reason = f"'{kind}: {name} is \"' || coalesce(raw.{column}, '') || '\"'"
    count = rows.reject(f"SELECT line, {reason} {wrong}")
    cases = [(line, name, f'"{rows.text(text)}"') for line, text in found]
    rows.tell_each("error", kind, cases, expected, KEPT, count=count)
    rows.con.execute("DELETE FROM deaths WHERE line NOT IN (SELECT line FROM raw)")


def _tell(rows: Rows) -> None:
    """Tell what the two rules for homicide disagree on, strange years and unknown places."""
    cause, presumed, both = rows.query(
        "SELECT count(*) FILTER (by_cause), count(*) FILTER (presumed), "
        "count(*) FILTER (by_cause AND presumed) FROM deaths"
    )[0]
    if {*PRESUMED} & {*rows.labels} and (cause != both or presumed != both):
        found = f"{cause:,} by cause, {presumed:,} presumed, {both:,} by both"
        expected = "the same deaths by both rules"
        fix = "Both are in the table; a figure says which rule it follows"
        rows.tell("note", "not a homicide", found, expected, fix)
    _tell_presumption(rows)
    _tell_years(rows)
    last = ", ".join(f"('{code}', {number})" for code, number in LAST_MUNICIPALITY.items())
    beyond = rows.query(
        f"SELECT min(line), ent || mun, count(*) FROM deaths JOIN (VALUES {last}) AS l(ent, last) "
        "USING (ent) WHERE CAST(mun AS INTEGER) > last AND mun < '998' GROUP BY 2 ORDER BY 1"
    )
    cases = [(line, "MUN_OCURR", f'"{code}" ({count} rows)') for line, code, count in beyond]
    expected = "no code above the last municipality known"
    rows.tell_each("warning", "unknown municipality", cases, expected, "Kept")
    held = {state for (state,) in rows.query("SELECT DISTINCT ent FROM deaths")}
    absent = [state.cve_ent for state in states() if held and state.cve_ent not in held]
    lost = [(None, None, f"no death in state {code}") for code in absent]
    rows.tell_each("warning", "missing row", lost, "deaths in every state", FIX)


def _tell_presumption(rows: Rows) -> None:
    """Tell of a file without the certificate's presumption, and of codes that it has not."""
    held = [name for name in PRESUMED if name in rows.labels]
    if not held:
        names = " or ".join(rows.producer[name] for name in PRESUMED)
        fix = "Homicides are those by cause alone; get the whole file if it should have the column"
        rows.tell("warning", "missing column", "no such column", names, fix)
    for name in held:
        column = rows.producer[name]
        found = rows.query(
            f"SELECT min(line), {name}, count(*) FROM raw WHERE NOT regexp_full_match("
            f"coalesce({name}, ''), '0*[1-589](\\.0+)?[ \t]*') GROUP BY 2 ORDER BY 1"
        )
        cases = [(line, column, f'"{rows.text(text)}" ({n} rows)') for line, text, n in found]
        fix = "Taken for no homicide by the certificate"
        rows.tell_each("warning", "unknown value", cases, "1 to 5, 8 or 9", fix)


def _tell_years(rows: Rows) -> None:
    """Tell which years of registration the file has, and of the few that do not belong."""
    years = rows.query("SELECT registered, count(*), min(line) FROM deaths GROUP BY 1 ORDER BY 1")
    total = sum(count for _, count, _ in years)
    for year, count, line in years:
        if count < STRAY * total:
            found = f"{count} rows of {year} among {total:,}"
            fix = "Kept; the file of that year may hold them too, and they would count twice"
            rows.tell("warning", "mixed years", found, "one year of registration", fix, row=line)
        else:
            found = f"deaths registered in {year}"
            expected = f"late registrations of deaths of {year} in the file of {year + 1}"
            fix = "Months of occurrence in this year are complete when that file is taken in too"
            rows.tell("note", "truncated year", found, expected, fix)


NEEDED = (
    *("ENT_OCURR", "MUN_OCURR", "CAUSA_DEF", "SEXO"),
    *("MES_OCURR", "ANIO_OCUR", "ANIO_REGIS"),
)
# The order that the columns of all years since 2012 have in common.
ORDER = (
    "ENT_REGIS MUN_REGIS ENT_RESID MUN_RESID TLOC_RESID LOC_RESID ENT_OCURR MUN_OCURR TLOC_OCURR "
    "LOC_OCURR CAUSA_DEF LISTA_MEX SEXO EDAD DIA_OCURR MES_OCURR ANIO_OCUR DIA_REGIS MES_REGIS "
    "ANIO_REGIS DIA_NACIM MES_NACIM ANIO_NACIM OCUPACION ESCOLARIDA EDO_CIVIL PRESUNTO TIPO_DEFUN "
    "OCURR_TRAB LUGAR_OCUR ASIST_MEDI SITIO_OCUR COND_CERT DERECHOHAB EMBARAZO REL_EMBA HORAS "
    "MINUTOS CAPITULO GRUPO LISTA1 GR_LISMEX AREA_UR EDAD_AGRU COMPLICARO DIA_CERT MES_CERT "
    "ANIO_CERT MATERNAS ENT_OCULES MUN_OCULES LOC_OCULES RAZON_M DIS_RE_OAX"
)
FORMATS = (
    Format(
        "inegi-mortality",
        "INEGI, microdata of registered deaths (DEFUN)",
        {name: name.lower() for name in (*NEEDED, "PRESUNTO", "TIPO_DEFUN")},
        {},
        tuple(name.lower() for name in NEEDED),
        _read,
        aliases={"ANIO_OCURR": "ANIO_OCUR"},
        optional=("presunto", "tipo_defun"),
        marks=("CAUSA_DEF",),
        strict=False,
        order=tuple(ORDER.split()),
    ),
)
