"""What an official table says in the terms of a raw table, and the raw table brought up to date."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis.sources import describe, raw_tables, read_text, root
from analysis.vintages import query_official

# The flags of one name out of those before, a raw table's rows before, and the new ones.
Flags = Callable[[list[dict[str, Any]], pd.DataFrame, pd.DataFrame], list[dict[str, Any]]]


@dataclass(frozen=True)
class Adoption:
    """A raw table's rows out of an official table.

    ``query`` is made on the views ``official`` and ``in_use`` (the raw table before) and gives the
    raw table's columns as text; ``whole`` are the columns whose combinations are replaced as a
    whole; ``flags`` computes those named ``flag`` again; ``finish`` brings rows that
    follow from others up to date.
    """

    raw: str
    official: str
    query: str
    whole: tuple[str, ...]
    order: tuple[str, ...]
    flag: str = ""
    flags: Flags = lambda old, before, new: []
    finish: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows


def _flag_preliminary(
    old: list[dict[str, Any]], before: pd.DataFrame, new: pd.DataFrame
) -> list[dict[str, Any]]:
    """Mark the last year of the newest edition."""
    year = new["month"].max()[:4]
    if year < before["month"].max()[:4]:
        return old
    months = new.loc[new["month"].str[:4].eq(year), "month"]
    return [
        {
            "flag": "sesnsp_preliminary",
            "where": {"month": {"from": months.min(), "to": months.max()}},
            "reason": "The figures of the last year of an edition are revised in later ones.",
            "proof": f"{year} is the last year of the file taken in.",
        }
    ]


def _flag_truncated(
    old: list[dict[str, Any]], before: pd.DataFrame, new: pd.DataFrame
) -> list[dict[str, Any]]:
    """Mark the years whose late registrations are in a file not taken in."""
    years = set(new["month"].str[:4].astype("int64"))
    kept = [flag for flag in old if int(flag["where"]["month"]["from"][:4]) not in years]
    return kept + [
        {
            "flag": "inegi_truncated",
            "where": {"month": {"from": f"{year}-01", "to": f"{year}-12"}},
            "reason": f"Deaths of {year} that were registered later are in a file not taken in.",
            "proof": f"No file of deaths registered in {year + 1} is in force.",
        }
        for year in sorted(years)
        if year + 1 not in years
    ]


def _multiply_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute military expenditure in current USD again: the share of GDP times GDP."""
    derived = rows["indicator"].eq("military expenditure (derived = share x GDP)")
    share = rows[rows["unit"].eq("% of GDP")].set_index("year")["value"].astype("float64")
    gdp = rows[rows["indicator"].eq("GDP")].set_index("year")["value"].astype("float64")
    product = (share * gdp / 100).dropna()
    old = rows[derived].set_index("year")["value"].astype("float64")
    moved = product[~np.isclose(product, old.reindex(product.index), rtol=1e-3)]
    template = rows[derived].iloc[-1]
    kept = rows[~(derived & rows["year"].isin(moved.index))]
    new = [{**template, "year": year, "value": repr(float(value))} for year, value in moved.items()]
    return pd.concat([kept, pd.DataFrame(new, columns=rows.columns)], ignore_index=True)


ADOPTIONS = (
    Adoption(
        "sesnsp_victims_state_month",
        "sesnsp_victims_state",
        """
        WITH parts AS (SELECT cve_ent, month, crime, means, count(victims) AS n,
                sum(victims) AS victims FROM (SELECT *,
                CASE subtype WHEN 'Homicidio doloso' THEN 'intentional_homicide'
                    WHEN 'Feminicidio' THEN 'femicide' WHEN 'Homicidio culposo' THEN
                    'negligent_homicide' WHEN 'Secuestro' THEN 'kidnapping'
                    WHEN 'Extorsión' THEN 'extortion' END AS crime,
                CASE WHEN subtype <> 'Homicidio doloso' THEN 'all'
                    WHEN modality = 'Con arma de fuego' THEN 'firearm'
                    WHEN modality = 'Con arma blanca' THEN 'blade'
                    WHEN modality = 'Con otro elemento' THEN 'other' ELSE 'unspecified' END AS means
                FROM official) WHERE crime IS NOT NULL GROUP BY ALL)
        SELECT cve_ent, strftime(month, '%Y-%m') AS month, crime, means,
            CAST(victims AS VARCHAR) AS victims
        FROM parts JOIN (SELECT month, crime, means, max(n) AS n FROM parts GROUP BY ALL)
            USING (month, crime, means, n) WHERE n > 0
        """,
        ("year", "crime"),
        ("cve_ent", "month", "crime", "means"),
        "sesnsp_preliminary",
        _flag_preliminary,
    ),
    Adoption(
        "inegi_homicides_state_year",
        "inegi_homicides_municipality_registered",
        """
        SELECT CASE WHEN cve_ent IN ('34', '35') THEN '33' ELSE cve_ent END AS cve_ent,
            CAST(year(month) AS VARCHAR) AS year, CAST(sum(deaths) AS VARCHAR) AS homicides
        FROM official WHERE cve_ent <> '99' GROUP BY ALL HAVING sum(deaths) > 0
        """,
        ("year",),
        ("cve_ent", "year"),
    ),
    Adoption(
        "inegi_homicides_state_month",
        "inegi_deaths_municipality",
        """
        WITH whole AS (SELECT registered FROM official WHERE cve_ent <= '32'
            GROUP BY registered HAVING count(DISTINCT cve_ent) = 32)
        SELECT states.cve_ent, strftime(times.month, '%Y-%m') AS month,
            CAST(coalesce(n, 0) AS VARCHAR) AS homicides
        FROM (SELECT make_date(registered, unnest(range(1, 13)), 1) AS month FROM whole
            WHERE registered + 1 IN (SELECT registered FROM whole) OR registered
                >= (SELECT max(CAST(month[:4] AS INTEGER)) FROM in_use)) times
        CROSS JOIN (SELECT lpad(CAST(unnest(range(1, 33)) AS VARCHAR), 2, '0') AS cve_ent) states
        LEFT JOIN (SELECT cve_ent, month, sum(deaths) AS n FROM official
            WHERE coalesce(homicide_presumed, homicide_by_cause) GROUP BY ALL)
        USING (cve_ent, month)
        """,
        ("year",),
        ("cve_ent", "month"),
        "inegi_truncated",
        _flag_truncated,
    ),
    Adoption(
        "conapo_population_state_year",
        "conapo_population_state",
        """
        SELECT cve_ent, CAST(year AS VARCHAR) AS year,
            CAST(sum(population) AS VARCHAR) AS population
        FROM (SELECT *, sex = 'both' AS whole,
                count(*) OVER (PARTITION BY cve_ent, year, sex = 'both') AS n,
                bool_or(sex = 'both') OVER (PARTITION BY cve_ent, year) AS held
            FROM official WHERE population IS NOT NULL)
        WHERE CASE WHEN held THEN whole ELSE n = 2 END GROUP BY ALL
        """,
        ("year",),
        ("cve_ent", "year"),
    ),
    Adoption(
        "guard_deployment_state_month",
        "guard_deployment",
        """
        SELECT cve_ent, strftime(month, '%Y-%m') AS month, CAST(guards AS VARCHAR) AS guards
        FROM official WHERE definition = 'deployed' AND guards IS NOT NULL
        """,
        ("cve_ent", "month"),
        ("cve_ent", "month"),
    ),
    Adoption(
        "military_expenditure",
        "world_bank",
        """
        SELECT CAST(year AS VARCHAR) AS year,
            CASE indicator WHEN 'NY.GDP.MKTP.CD' THEN 'GDP' ELSE 'military expenditure' END
                AS indicator, CAST(value AS VARCHAR) AS value,
            CASE indicator WHEN 'MS.MIL.XPND.GD.ZS' THEN '% of GDP'
                WHEN 'MS.MIL.XPND.ZS' THEN '% of general government expenditure'
                ELSE 'current USD' END AS unit,
            'World Bank ' || indicator AS source,
            'https://data.worldbank.org/indicator/' || indicator AS source_url, 'final' AS status
        FROM official WHERE country = 'MEX' AND year >= 1990
            AND indicator IN ('NY.GDP.MKTP.CD', 'MS.MIL.XPND.GD.ZS', 'MS.MIL.XPND.ZS')
        """,
        ("indicator", "unit", "status"),
        (),
        finish=_multiply_shares,
    ),
)


def find_adoptions(official: str) -> list[Adoption]:
    """Give what an official table feeds; most feed nothing."""
    return [item for item in ADOPTIONS if item.official == official]


@dataclass(frozen=True)
class Adopted:
    """A raw table's rows as text before and after; empty where a figure is missing.

    ``new`` is the number of rows that the official table gives, ``kept`` of those that stay;
    ``last`` is the last time of the new ones; ``flags`` follow from them.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    new: int
    kept: int
    last: str
    flags: list[dict[str, Any]]


def adopt(item: Adoption) -> Adopted:
    """Bring a raw table up to date with an official table in force."""
    table = raw_tables()[item.raw]
    columns = [field["name"] for field in table["schema"]["fields"]]
    before = read_text(item.raw)[columns].astype("str")
    with duckdb.connect() as con:
        query = query_official(root(), describe(item.official), feeding=item.raw)
        con.execute(f"CREATE VIEW official AS {query}")
        con.register("in_use", before)
        new = con.execute(item.query).df().astype("str")[columns]
    new = new.where(new.notna() & new.ne("None") & new.ne("nan"), "")
    if new.empty:
        return Adopted(before, before, 0, len(before), "", [])
    kept = before[~_parts(before, item).isin(_parts(new, item))]
    after = pd.concat([kept, new])
    if item.order:
        after = after.sort_values(list(item.order), kind="stable")
    after = item.finish(after.reset_index(drop=True))
    old = [flag for flag in table.get("flags", []) if flag["flag"] == item.flag]
    last = times(new).max()
    return Adopted(before, after, len(new), len(kept), last, item.flags(old, before, new))


def times(rows: pd.DataFrame) -> pd.Series:
    """Give the months, or else the years, of a raw table's rows as text."""
    return rows["month"] if "month" in rows else rows["year"]


def _parts(frame: pd.DataFrame, item: Adoption) -> pd.MultiIndex:
    frame = frame if "year" in frame else frame.assign(year=frame["month"].str[:4])
    return pd.MultiIndex.from_frame(frame[list(item.whole)])
