"""The World Bank: indicators by country and year, years as columns or as rows."""

import pandas as pd

from analysis.official.figures import settle_figures
from analysis.official.formats import Format
from analysis.official.gaps import FIX, find_holes
from analysis.official.labels import reject_labels
from analysis.official.repeats import reject_repeats
from analysis.official.rows import Rows

YEAR = r"(?:19|20)\d\d(?: \[YR\d{4}\])?"
MISSING = ".."
# In a long file a country that lacks a larger share of its years has no figure for them.
FEW = 0.1


def _read(rows: Rows) -> str:
    rows.settle_letters()
    settle_figures(rows, whole=False, missing=MISSING)
    join = rows.join("raw", _read_places(rows), ["country", "name", "indicator"], "places")
    if "year" in rows.labels:
        join = f"{join} {rows.join('raw', _read_years(rows), ['year'], 'years')}"
        year, value = "CAST(years.year AS INTEGER)", "value"
    else:
        year = f"unnest([{', '.join(name[:4] for name in rows.figures)}])"
        value = f"unnest([{', '.join(_quoted(name) for name in rows.figures)}])"
    rows.con.execute(
        "CREATE TABLE wide AS SELECT line, places.country, places.name, places.indicator, "
        f"{year} AS year, {value} AS value FROM raw {join}"
    )
    key = ["country", "indicator", "year"]
    expected = "one row a country, indicator and year"
    reject_repeats(rows, "wide", key, ["value"], expected=expected)
    _tell_gaps(rows)
    rows.con.execute(
        "CREATE VIEW tidy AS SELECT country, name AS country_name, indicator, year, value "
        "FROM wide WHERE value IS NOT NULL ORDER BY country, indicator, year"
    )
    return "world_bank"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _read_places(rows: Rows) -> pd.DataFrame:
    names = ["name", "country", "indicator_name", "indicator"]
    places = rows.distinct([name for name in names if name in rows.labels])
    code = places["country"].str.fullmatch(r"[A-Z0-9]{3}")
    places["reason"] = ('code "' + places["country"] + '"').mask(code, "")
    column = rows.producer["country"]
    reject_labels(rows, places, "unknown value", column, "a code of three letters")
    for name in ("name", "indicator"):
        places[name] = places.get(name, "")
    return places[code]


def _read_years(rows: Rows) -> pd.DataFrame:
    years = rows.distinct(["year"])
    good = years["year"].str.fullmatch(YEAR)
    years["reason"] = ('"' + years["year"] + '"').mask(good, "")
    reject_labels(rows, years, "date", rows.producer["year"], "a year")
    return years[good].assign(year=years["year"][good].str[:4])


def _tell_gaps(rows: Rows) -> None:
    """Tell of years and rows that the others lead one to expect, and of Mexico left out."""
    years = [year for (year,) in rows.query("SELECT DISTINCT year FROM wide ORDER BY 1")]
    if not years:
        return
    absent = sorted(set(range(years[0], years[-1])) - set(years))
    wide = "year" not in rows.labels
    cases = [(None, None, f"no {'column' if wide else 'row'} for {year}") for year in absent]
    kind = "missing column" if wide else "missing row"
    rows.tell_each("warning", kind, cases, f"every year from {years[0]} to {years[-1]}", FIX)
    holes = find_holes(rows, "wide", "country", "year", "indicator", few=FEW, sparse=FEW)
    lost = [(None, None, f"no row for {country}, {year}") for country, year, _ in holes]
    if not rows.query("SELECT 1 FROM wide WHERE country = 'MEX' LIMIT 1"):
        lost.append((None, None, "no row for MEX"))
    rows.tell_each("warning", "missing row", lost, "Mexico, and each country in each year", FIX)


# The DataBank writes these below the rows.
NOTES = r'"?(Data from database|Last Updated)'
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
        notes=NOTES,
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
        notes=NOTES,
    ),
)
