"""INEGI: the tabulation of deaths by homicide by municipality and month of registration."""

import re

from analysis.errors import RequestError
from analysis.geography import states
from analysis.official.formats import Format
from analysis.official.labels import KEPT, reject_labels
from analysis.official.rows import Rows
from analysis.official.wide import MONTHS

YEAR = re.compile(r"A.o de registro\s*:\s*(\d{4})", re.IGNORECASE)
SUBJECT = ("Ent y mun de ocurrencia", "Mes de registro")
ABROAD = ("33", "34", "35")
NOWHERE = ("99",)
CODE = re.compile(r"(?:=CONCATENAR\( ?0?,? ?(?P<state>\d{1,2})\)|(?P<mun>\d{2} \d{3})|(?P<all>))$")


def _find_header(lines: list[list[str]]) -> int | None:
    """Find the line that names the months below titles of the tabulation."""
    for number, line in enumerate(lines):
        named = {cell.strip() for cell in line}
        if len(line) > 12 and sum(month in named for month in (*MONTHS, "Total")) >= 8:
            titles = " ".join(cell for row in lines[:number] for cell in row)
            return number if "homicidio" in titles.casefold() and YEAR.search(titles) else None
    return None


def _read(rows: Rows) -> str:
    rows.settle_letters()
    rows.settle_figures(thousands=True)
    titles = " ".join(rows.text(cell) for line in rows.head for cell in line)
    for wanted in SUBJECT:
        if wanted.casefold() not in titles.casefold():
            raise RequestError(
                f'{rows.sheet.name} is another tabulation than the one by "{SUBJECT[0]}" and '
                f'"{SUBJECT[1]}"; its title reads "{titles[:200]}". Ask for that one'
            )
    year = int(YEAR.search(titles)[1])  # type: ignore[index]
    places = rows.distinct(["code", "municipality"])
    found = [CODE.match(" ".join(text.split())) for text in places["code"]]
    known = {state.cve_ent for state in states()} | {*ABROAD, *NOWHERE}
    places["state"] = [(m["state"] or (m["mun"] or "")[:2]).zfill(2) if m else "" for m in found]
    places["cve_mun"] = [(m["mun"] or "").replace(" ", "") if m else "" for m in found]
    national = places["code"].eq("") & places["municipality"].str.casefold().eq("total")
    fine = places["state"].isin(known) | national
    places["reason"] = ('code "' + places["code"] + '", ' + places["municipality"]).mask(fine, "")
    reject_labels(rows, places, "unknown municipality", "code", "a code such as 01 001")
    join = rows.join("raw", places[fine], ["state", "cve_mun", "municipality"], "place")
    _check_totals(rows, join)
    _reject_repeats(rows, join)
    totals = "municipality = 'Total' AND place.state = '00'"
    rows.set_aside(f"SELECT line FROM raw {join} WHERE place.{totals}", "national total")
    rows.set_aside(f"SELECT line FROM raw {join} WHERE cve_mun = ''", "total of a state")
    figures = ", ".join(f'coalesce("{name}", 0)' for name in rows.figures)
    numbers = ", ".join(str(int(name[1:])) for name in rows.figures)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT cve_mun[:2] AS cve_ent, cve_mun, municipality, "
        f"make_date({year}, number, 1) AS month, CAST(figure AS INTEGER) AS deaths FROM "
        f"(SELECT cve_mun, place.municipality, unnest([{numbers}]) AS number, "
        f"unnest([{figures}]) AS figure FROM raw {join} ORDER BY cve_mun)"
    )
    return "inegi_homicides_municipality_registered"


def _check_totals(rows: Rows, join: str) -> None:
    """Hold each total of the file against the sum of its parts."""
    months = " + ".join(f'coalesce("{name}", 0)' for name in rows.figures)
    if "total" in rows.labels and len(rows.figures) == len(MONTHS):
        off = rows.query(
            f"SELECT line, coalesce(figure(total), 0), {months} FROM raw "
            f"WHERE coalesce(figure(total), 0) <> {months} ORDER BY line"
        )
        _tell_off(rows, [(line, "Total", found, parts) for line, found, parts in off])
    sums = ", ".join(f'sum(coalesce("{name}", 0)) AS "{name}"' for name in rows.figures)
    rows.con.execute(
        "CREATE TEMP TABLE held AS SELECT line, place.state, cve_mun, "
        f"{', '.join(map(_month, rows.figures))} "
        f"FROM raw {join}"
    )
    # Below the heading "abroad", which has the code 33, stand the rows of 33, 34 and 35.
    block = "CASE WHEN state IN ('33', '34', '35') THEN '33' ELSE state END AS state"
    parts = f"SELECT {block}, {sums} FROM held WHERE cve_mun <> '' GROUP BY ALL"
    heads = "SELECT * FROM held WHERE cve_mun = '' AND state <> '00'"
    nation = f"SELECT '00' AS state, {sums} FROM held WHERE cve_mun = '' AND state <> '00'"
    for total, made_of in (
        (heads, parts),
        ("SELECT * FROM held WHERE state = '00'", nation),
    ):
        for name in rows.figures:
            off = rows.query(
                f'SELECT t.line, t."{name}", coalesce(p."{name}", 0) FROM ({total}) t '
                f"LEFT JOIN ({made_of}) p USING (state) "
                f'WHERE t."{name}" <> coalesce(p."{name}", 0) ORDER BY 1'
            )
            column = rows.producer[name]
            _tell_off(rows, [(line, column, found, part) for line, found, part in off])
    if not rows.query("SELECT 1 FROM held WHERE state = '00' LIMIT 1"):
        rows.tell(
            "warning", "missing row", "no national total", "a row Total", "Get the whole file"
        )
    lone = rows.query(
        f"SELECT DISTINCT state FROM ({parts}) ANTI JOIN ({heads}) USING (state) ORDER BY 1"
    )
    cases = [(None, None, f"no total of state {state}") for (state,) in lone]
    rows.tell_each("warning", "missing row", cases, "a total for each state", "Get the whole file")
    rows.con.execute("DROP TABLE held")


def _month(name: str) -> str:
    return f'coalesce("{name}", 0) AS "{name}"'


def _tell_off(rows: Rows, off: list[tuple[int, str, float, float]]) -> None:
    fix = (
        "The parts were used; a row is missing, twice or altered: compare with the producer's page"
    )
    for line, column, found, parts in off:
        text = f"{found:,.0f}, where the parts add to {parts:,.0f}"
        rows.tell(
            "error",
            "total off",
            text,
            "a total that is its parts' sum",
            fix,
            row=line,
            column=column,
        )


def _reject_repeats(rows: Rows, join: str) -> None:
    twice = (
        f"SELECT line, first FROM (SELECT line, min(line) OVER (PARTITION BY place.state, cve_mun) "
        f"AS first FROM raw {join}) WHERE line > first"
    )
    cases = [(line, None, f"the place of row {first} again") for line, first in rows.query(twice)]
    rows.tell_each("error", "duplicate key", cases, "one row a place", KEPT)
    rows.reject(f"SELECT line, 'the place of row ' || first || ' again' FROM ({twice})")


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
