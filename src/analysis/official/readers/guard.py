"""National Guard: the Guard's workbooks, and the project's own layout for other figures."""

import pandas as pd

from analysis.official.figures import settle_figures
from analysis.official.formats import Format
from analysis.official.gaps import FIX, find_holes
from analysis.official.labels import KEPT, read_states, read_years, reject_labels
from analysis.official.repeats import reject_repeats
from analysis.official.rows import Rows
from analysis.official.wide import build_wide, find_published, tell_gaps

SHORT = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
MONTHS = tuple(f"m{number:02d}" for number in range(1, 13))
# The definitions of the series in use; the first is the panel's.
DEFINITIONS = ("deployed", "assigned_inegi", "force_strength")
TOTALS = ("total", "nacional", "total nacional")


def _read_workbook(rows: Rows) -> str:
    rows.settle_letters()
    settle_figures(rows)
    _tell_months(rows)
    names = rows.distinct(["state"])
    total = names[names["state"].str.casefold().isin(TOTALS)]
    totals = rows.con.execute(f"SELECT raw.* FROM raw {rows.join('raw', total, [], 'total')}").df()
    rows.set_aside(f"SELECT line FROM raw {rows.join('raw', total, [], 'total')}", "national total")
    years = read_years(rows)
    places = read_states(rows)
    build_wide(rows, years, {"place": places})
    figures = [f'"{name}"' for name in rows.figures]
    reject_repeats(rows, "wide", ["year", "place"], figures, expected="one row a state and year")
    find_published(rows)
    rows.con.execute("ALTER TABLE wide ADD COLUMN kind INTEGER DEFAULT 0")
    rows.con.execute("CREATE TABLE kind AS SELECT 0 AS id, 'guards' AS guards")
    tell_gaps(rows, "place", "kind", "cve_ent")
    _check_total(rows, totals)
    numbers = ", ".join(str(int(name[1:])) for name in rows.figures)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT place.cve_ent, make_date(long.year, long.number, 1) AS month, "
        f"long.figure AS guards, '{DEFINITIONS[0]}' AS definition, "
        f"'{rows.sheet.name.replace(chr(39), '')}' AS source FROM "
        f"(SELECT year, place, unnest([{numbers}]) AS number, "
        f"unnest([{', '.join(figures)}]) AS figure FROM (FROM wide ORDER BY place, year)) long "
        "JOIN published USING (year, number) JOIN place ON place.id = long.place"
    )
    rows.con.execute(
        f"CREATE VIEW starts AS SELECT '{DEFINITIONS[0]}' AS series, place.cve_ent, "
        "CAST(year AS VARCHAR) AS time, line FROM wide JOIN place ON place.id = wide.place"
    )
    return "guard_deployment"


def _tell_months(rows: Rows) -> None:
    """Tell of months without a column: the first year and the current one have fewer."""
    absent = [
        name for name, number in zip(SHORT, MONTHS, strict=True) if number not in rows.figures
    ]
    if absent:
        fix = "Missing, not zero; get the whole file if the Guard has published them"
        rows.tell("note", "missing column", "no such column", ", ".join(absent), fix)


def _check_total(rows: Rows, totals: pd.DataFrame) -> None:
    """Hold the national total against the states' sum; without a year it is of the only one."""
    held = [str(year) for (year,) in rows.query("SELECT DISTINCT year FROM wide")]
    for name in rows.figures:
        sums = dict(rows.query(f'SELECT CAST(year AS VARCHAR), sum("{name}") FROM wide GROUP BY 1'))
        cases = []
        for total in totals.itertuples():
            found, year = getattr(total, name), rows.text(total.year).removesuffix(".0")
            parts = sums.get(year or "".join(held), 0) or 0
            if pd.notna(found) and found != parts:
                text = f"{found:,.0f}, where the states add to {parts:,.0f}"
                cases.append((total.line, rows.producer[name], text))
        rows.tell_each("error", "total off", cases, "the states' sum", "The states were used")


def _read_table(rows: Rows) -> str:
    rows.settle_letters()
    settle_figures(rows)
    joins = [
        rows.join("raw", read_states(rows), ["cve_ent"], "places"),
        rows.join("raw", _read_months(rows), ["month"], "months"),
        rows.join("raw", _read_texts(rows), ["definition", "source"], "texts"),
    ]
    empty = rows.query("SELECT line FROM raw WHERE guards IS NULL ORDER BY 1")
    cases = [(line, rows.producer["guards"], "an empty cell") for (line,) in empty]
    rows.tell_each("error", "blank", cases, "a figure in every row", KEPT)
    rows.reject("SELECT line, 'no figure' FROM raw WHERE guards IS NULL")
    rows.con.execute(
        "CREATE TABLE wide AS SELECT line, places.cve_ent, CAST(months.month AS DATE) AS month, "
        "texts.definition, texts.source, CAST(guards AS INTEGER) AS guards "
        f"FROM raw {' '.join(joins)}"
    )
    key = ["cve_ent", "month", "definition"]
    reject_repeats(rows, "wide", key, ["guards"], expected="one row a state, month and definition")
    holes = find_holes(rows, "wide", "cve_ent", "month", "definition")
    lost = [(None, None, f"no row for {state}, {month:%Y-%m}, {d}") for state, month, d in holes]
    rows.tell_each("warning", "missing row", lost, "every state in every month", FIX)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT cve_ent, month, guards, definition, source FROM wide "
        "ORDER BY ALL"
    )
    rows.con.execute(
        "CREATE VIEW starts AS SELECT definition AS series, cve_ent, "
        "strftime(month, '%Y-%m') AS time, line FROM wide"
    )
    return "guard_deployment"


def _read_months(rows: Rows) -> pd.DataFrame:
    months = rows.distinct(["month"])
    date = pd.to_datetime(months["month"].str[:7], format="%Y-%m", errors="coerce")
    good = date.notna() & months["month"].str.fullmatch(r"\d{4}-\d{2}(-\d{2})?")
    months["reason"] = ('"' + months["month"] + '"').mask(good, "")
    reject_labels(rows, months, "date", rows.producer["month"], "a month written YYYY-MM")
    return months[good].assign(month=date[good].dt.strftime("%Y-%m-01"))


def _read_texts(rows: Rows) -> pd.DataFrame:
    """Read definitions and sources; tell of definitions that the panel does not know."""
    texts = rows.distinct(["definition", "source"])
    blank = texts["definition"].eq("") | texts["source"].eq("")
    texts["reason"] = pd.Series("empty", index=texts.index).where(blank, "")
    reject_labels(rows, texts, "unknown value", "definition, source", "what is counted, and whence")
    strange = texts[~texts["definition"].isin(DEFINITIONS) & ~blank]
    column = rows.producer["definition"]
    cases = [(row.line, column, f'"{row.definition}"') for row in strange.itertuples()]
    fix = f"Kept apart: only {DEFINITIONS[0]} enters the panel, since definitions are never mixed"
    rows.tell_each("warning", "definition", cases, ", ".join(DEFINITIONS), fix)
    return texts[~blank]


FORMATS = (
    Format(
        "guard-workbook",
        "National Guard, deployment by state in the months of a year",
        {"entidad": "state", "ano": "year"},
        dict(zip(SHORT, MONTHS, strict=True)),
        ("state", "year"),
        _read_workbook,
        aliases={"año": "ano", "anio": "ano", "estado": "entidad"},
        optional=MONTHS,
        marks=("entidad",),
        others=("Tipo de delito",),
    ),
    Format(
        "guard-table",
        "National Guard, any figures: cve_ent, month, guards, definition, source",
        {"cve_ent": "cve_ent", "month": "month", "definition": "definition", "source": "source"},
        {"guards": "guards"},
        ("cve_ent", "month", "definition", "source"),
        _read_table,
        marks=("guards",),
        order=("cve_ent", "month", "guards", "definition", "source"),
    ),
)
