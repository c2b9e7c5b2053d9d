"""INEGI: the tabulation of deaths by homicide by municipality and month of registration."""

import re
from datetime import date

import pandas as pd

from analysis.errors import RequestError
from analysis.geography import states
from analysis.official.figures import settle_figures
from analysis.official.formats import Format
from analysis.official.labels import FIRST_YEAR, find_code, reject_labels, tell_beyond
from analysis.official.repeats import reject_repeats
from analysis.official.rows import Rows
from analysis.official.wide import MONTHS

YEAR = re.compile(r"Año de registro\s*:\s*(\d{4})", re.IGNORECASE)
SUBJECT = ("Defunciones por homicidio", "Ent y mun de ocurrencia", "Mes de registro")
ABROAD = ("33", "34", "35")
NOWHERE = ("99",)
# A state's code is a formula, which a spreadsheet that saves the file again works out.
CODE = re.compile(
    r"(?:(?:=CONCATENAR\( ?0?,? ?)?(?P<state>\d{1,2})\)?|(?P<mun>\d{2} \d{3})|(?P<all>))$"
)


def _find_header(lines: list[list[str]]) -> int | None:
    """Find the line that names the months: its first two cells are empty."""
    for number, line in enumerate(lines):
        named = {cell.casefold() for cell in line}
        months = sum(month.casefold() in named for month in MONTHS)
        if len(line) > 12 and not any(line[:2]) and months >= 8:
            return number
    return None


def _read(rows: Rows) -> str:
    rows.settle_letters()
    settle_figures(rows, thousands=True)
    year = _read_titles(rows)
    join = rows.join("raw", _read_places(rows), ["state", "cve_mun", "municipality"], "place")
    figures = [f'coalesce("{name}", 0)' for name in rows.figures]
    held = [*figures, "coalesce(figure(total), 0)"] if "total" in rows.labels else figures
    key = ["place.state", "place.cve_mun"]
    reject_repeats(rows, f"raw {join}", key, held, expected="one row a place")
    _check_totals(rows, join)
    rows.set_aside(f"SELECT line FROM raw {join} WHERE place.state = '00'", "national total")
    rows.set_aside(f"SELECT line FROM raw {join} WHERE cve_mun = ''", "total of a state")
    numbers = ", ".join(str(int(name[1:])) for name in rows.figures)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT cve_mun[:2] AS cve_ent, cve_mun, municipality, "
        f"make_date({year}, number, 1) AS month, CAST(figure AS INTEGER) AS deaths FROM "
        f"(SELECT cve_mun, place.municipality, unnest([{numbers}]) AS number, "
        f"unnest([{', '.join(figures)}]) AS figure FROM raw {join} ORDER BY cve_mun)"
    )
    rows.con.execute(
        f"CREATE VIEW starts AS SELECT '' AS series, place.state AS cve_ent, '{year}' AS time, "
        f"min(line) AS line FROM raw {join} GROUP BY ALL"
    )
    return "inegi_homicides_municipality_registered"


def _read_titles(rows: Rows) -> int:
    """Give the year that the lines above the header name; they say what is tabulated."""
    titles = " ".join(rows.letters.read(cell) for line in rows.head for cell in line)
    for wanted in SUBJECT:
        if wanted.casefold() not in titles.casefold():
            raise RequestError(
                f'{rows.sheet.name} is another tabulation than "{SUBJECT[0]}" by "{SUBJECT[1]}" '
                f'and "{SUBJECT[2]}", or its titles are missing; above the months stands '
                f'"{titles[:200].strip()}". Ask for that one'
            )
    year = YEAR.search(titles)
    if not year or not FIRST_YEAR <= int(year[1]) <= date.today().year:
        raise RequestError(
            f'{rows.sheet.name} does not say its year; expected "Año de registro : YYYY" above '
            f"the header, from {FIRST_YEAR} to {date.today().year}. Get the file again"
        )
    return int(year[1])


def _read_places(rows: Rows) -> pd.DataFrame:
    """Read codes of states, municipalities and the nation; rows with others are rejected."""
    places = rows.distinct(["code", "municipality"])
    found = [CODE.match(" ".join(text.split())) for text in places["code"]]
    known = {state.cve_ent for state in states()} | {*ABROAD, *NOWHERE}
    places["state"] = [(m["state"] or (m["mun"] or "")[:2]).zfill(2) if m else "" for m in found]
    places["cve_mun"] = [(m["mun"] or "").replace(" ", "") if m else "" for m in found]
    national = places["code"].eq("") & places["municipality"].str.casefold().eq("total")
    fine = (places["state"].isin(known) & ~places["cve_mun"].str.endswith("000")) | national
    places["reason"] = ('code "' + places["code"] + '", ' + places["municipality"]).mask(fine, "")
    expected = "a code such as 01 001"
    reject_labels(rows, places, "unknown municipality", rows.producer["code"], expected)
    places = places[fine]
    tell_beyond(rows, places, rows.producer["code"])
    headings = places[places["cve_mun"].eq("") & places["state"].between("01", "32")]
    other = headings[headings["municipality"].map(find_code).ne(headings["state"])]
    column = rows.producer["municipality"]
    cases = [
        (row.line, column, f'"{row.municipality}" for {row.state}') for row in other.itertuples()
    ]
    rows.tell_each("warning", "name", cases, "the name of the state of that code", "Code was used")
    return places


def _check_totals(rows: Rows, join: str) -> None:
    """Hold each total of the file against the sum of its parts."""
    months = " + ".join(f'coalesce("{name}", 0)' for name in rows.figures)
    if "total" in rows.labels and len(rows.figures) == len(MONTHS):
        off = rows.query(
            f"SELECT line, coalesce(figure(total), 0), {months} FROM raw "
            f"WHERE coalesce(figure(total), 0) <> {months} ORDER BY line"
        )
        _tell_off(rows, "Total", off)
    filled = ", ".join(f'coalesce("{name}", 0) AS "{name}"' for name in rows.figures)
    rows.con.execute(
        "CREATE TEMP TABLE held AS SELECT line, place.state, cve_mun, "
        # Below the heading "abroad", which has the code 33, stand the rows of 33, 34 and 35.
        "CASE WHEN place.state IN ('33', '34', '35') THEN '33' ELSE place.state END AS block, "
        f"{filled} FROM raw {join}"
    )
    heads, parts = "cve_mun = '' AND state <> '00'", "cve_mun <> ''"
    for name in rows.figures:
        for total, part, key in ((heads, parts, "block"), ("state = '00'", heads, "true")):
            off = rows.query(
                f'SELECT t.line, t."{name}", coalesce(p.n, 0) FROM held t LEFT JOIN '
                f'(SELECT {key} AS k, sum("{name}") AS n FROM held WHERE {part} GROUP BY 1) p '
                f"ON p.k = {key.replace('block', 't.block')} "
                f'WHERE {total} AND t."{name}" <> coalesce(p.n, 0) ORDER BY 1'
            )
            _tell_off(rows, rows.producer[name], off)
    lone = rows.query(
        f"SELECT DISTINCT block FROM held WHERE {parts} AND block NOT IN "
        f"(SELECT block FROM held WHERE {heads}) ORDER BY 1"
    )
    cases = [(None, None, f"no total of state {state}") for (state,) in lone]
    if not rows.query("SELECT 1 FROM held WHERE state = '00' LIMIT 1"):
        cases.append((None, None, "no national total"))
    expected = "a total for each state and for the country"
    rows.tell_each("warning", "missing row", cases, expected, "Get the whole file")
    rows.con.execute("DROP TABLE held")


def _tell_off(rows: Rows, column: str, off: list[tuple[int, float, float]]) -> None:
    fix = (
        "The parts were used; a row is missing, twice or altered: compare with the producer's page"
    )
    cases = [
        (line, column, f"{found:,.0f}, where the parts add to {parts:,.0f}")
        for line, found, parts in off
    ]
    rows.tell_each("error", "total off", cases, "a total that is its parts' sum", fix)


FORMATS = (
    Format(
        "inegi-tabulation",
        "INEGI, deaths by homicide by municipality and month of registration",
        {"Código": "code", "Lugar": "municipality", "Total": "total"},
        MONTHS,
        ("code", "municipality"),
        _read,
        notes=r'"?(FUENTE|NOTA|Nota|Fuente)',
        unnamed=("Código", "Lugar"),
        find_header=_find_header,
    ),
)
