"""The World Bank: indicators by country and year, years as columns or as rows."""

from analysis.official.formats import Format
from analysis.official.labels import KEPT, reject_labels
from analysis.official.rows import Rows

YEAR = r"(?:19|20)\d\d(?: \[YR\d{4}\])?"
MISSING = ".."


def _read(rows: Rows) -> str:
    rows.settle_letters()
    rows.settle_figures(whole=False, missing=MISSING)
    names = [
        name for name in ("name", "country", "indicator_name", "indicator") if name in rows.labels
    ]
    places = rows.distinct(names)
    code = places["country"].str.fullmatch(r"[A-Z0-9]{3}")
    places["reason"] = ('code "' + places["country"] + '"').mask(code, "")
    reject_labels(rows, places, "unknown value", "Country Code", "a code of three letters")
    for name in ("name", "indicator"):
        places[name] = places.get(name, "")
    joins = [rows.join("raw", places[code], ["country", "name", "indicator"], "places")]
    if "year" in rows.labels:
        years = rows.distinct(["year"])
        good = years["year"].str.fullmatch(YEAR)
        years["reason"] = ('"' + years["year"] + '"').mask(good, "")
        reject_labels(rows, years, "date", "Year", "a year")
        years = years[good].assign(year=years["year"][good].str[:4])
        joins.append(rows.join("raw", years, ["year"], "years"))
        source = (
            "SELECT line, places.*, CAST(years.year AS INTEGER) AS year, value "
            f"FROM raw {' '.join(joins)}"
        )
    else:
        held = ", ".join(f'"{name}"' for name in rows.figures)
        years_held = ", ".join(name[:4] for name in rows.figures)
        source = (
            f"SELECT line, places.*, unnest([{years_held}]) AS year, unnest([{held}]) AS value "
            f"FROM raw {joins[0]}"
        )
    rows.con.execute(
        f"CREATE TABLE wide AS SELECT line, country, name, indicator, year, value FROM ({source})"
    )
    _reject_repeats(rows)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT country, name AS country_name, indicator, year, value "
        "FROM wide WHERE value IS NOT NULL ORDER BY country, indicator, year"
    )
    return "world_bank"


def _reject_repeats(rows: Rows) -> None:
    twice = (
        "SELECT DISTINCT line, first FROM (SELECT line, min(line) OVER "
        "(PARTITION BY country, indicator, year) AS first FROM wide) WHERE line > first"
    )
    cases = [
        (line, None, f"a cell of row {first} again")
        for line, first in rows.query(f"{twice} ORDER BY 1")
    ]
    rows.tell_each("error", "duplicate key", cases, "one row a country, indicator and year", KEPT)
    rows.reject(f"SELECT line, 'a cell of row ' || first || ' again' FROM ({twice})")
    if cases:
        rows.con.execute("DELETE FROM wide WHERE line NOT IN (SELECT line FROM raw)")


COUNTRY = {"Country Name": "name", "Country Code": "country"}
INDICATOR = {"Indicator Name": "indicator_name", "Indicator Code": "indicator"}

FORMATS = (
    Format(
        "world-bank",
        "World Bank, an indicator by country, years as columns",
        COUNTRY | INDICATOR,
        {},
        ("country", "indicator"),
        _read,
        aliases={"Series Name": "Indicator Name", "Series Code": "Indicator Code"},
        optional=("indicator_name",),
        more_figures=YEAR,
        others=("Year",),
    ),
    Format(
        "world-bank-long",
        "World Bank, an indicator by country and year, years as rows",
        COUNTRY | INDICATOR | {"Year": "year"},
        {"Value": "value"},
        ("country", "year"),
        _read,
        optional=("indicator_name", "indicator", "name"),
        marks=("Year", "Value"),
    ),
)
