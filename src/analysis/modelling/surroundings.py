"""What surrounds homicide: troops and the victimisation survey as tidy series.

Every ``select_*`` that gives series gives the columns of
`analysis.modelling.periods.tidy_series`, one row a figure as its source prints it.
"""

import re

import pandas as pd

from analysis.columns import credit
from analysis.modelling.periods import tidy_series
from analysis.sources import describe

TERM = r"\d{4}-(\d{4}) \("
FORCES = {"SEDENA": "army", "SEMAR": "navy_troops", "total": "forces"}
INDICATORS = {
    "state perceived unsafe (18+), headline": ("unsafe", "headline"),
    "insecurity named a main problem (18+)": ("main_problem", "main_problem"),
    "cifra negra (not reported or no investigation)": ("unreported", "unreported"),
    "crimes reported": ("outcome", "reported"),
    "crimes with a positive outcome for the victim (share of all crimes)": ("outcome", "positive"),
}


def select_troops(troops_public_security: pd.DataFrame) -> pd.DataFrame:
    """Give soldiers, marines and all forces deployed in public security, in persons.

    ``series`` tells apart a narrower count of the Army, and totals of soldiers and marines only.
    A total given for a presidential term is marked ``term``; a force's figure is marked
    ``listed`` where it is a part of a total that its parts do not reach.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_troops(load_table("troops_public_security"))
    >>> rows.query("panel == 'army' and period == '2024-11'")["value"].tolist()
    [100226.0]
    """
    table = troops_public_security
    narrow, only = table["series"].str.contains(r"\+"), table["unit_or_note"].str.contains("sold")
    series = pd.Series("deployed", index=table.index).mask(narrow, "narrow").mask(only, "military")
    series = series.mask(series.eq("deployed") & table["series"].str.startswith("total"), "quoted")
    panel = table["series"].str.extract(r"^(\w+)", expand=False).map(FORCES)
    note = table["unit_or_note"].where(table["unit_or_note"] != "persons", "")
    parts = select_parts(table)
    short = parts.loc[parts["difference"] > 0, ["period", "parts"]]
    lists = table["period"].map(short.set_index("period")["parts"].str.split(" + ", regex=False))
    listed = [
        isinstance(some, list) and str(value) in some
        for some, value in zip(lists, table["value"], strict=True)
    ]
    mark = pd.Series("", index=table.index).mask(pd.Series(listed, index=table.index), "listed")
    mark = mark.mask(table["period"].str.match(TERM), "term")
    rows = table.assign(panel=panel, series=series, unit="persons", note=note, mark=mark)
    return tidy_series(rows, "troops_public_security")


def select_parts(troops_public_security: pd.DataFrame) -> pd.DataFrame:
    """Set each total of troops against the sum of its parts.

    Parts are those that the total's source lists with it. With a total given for a presidential
    term none are listed: it is set against the Army's and the Navy's figures of the term's last
    year, whose sources are others.

    Returns
    -------
    pandas.DataFrame
        One row a total: ``period, total, parts`` (as listed), ``sum, difference`` (persons, total
        less sum), ``source, source_url``, ``parts_source``.

    Examples
    --------
    >>> from analysis import load_table
    >>> parts = select_parts(load_table("troops_public_security")).set_index("period")
    >>> int(parts.loc["2024-06", "difference"])
    93100
    """
    table = troops_public_security
    rows = table[table["series"] == "total deployed"].rename(columns={"value": "total"})
    found = [_parts(row, table) for row in rows.itertuples()]
    rows["parts"] = [parts for parts, __ in found]
    rows["parts_source"] = ["; ".join(sources) for __, sources in found]
    rows = rows[rows["parts"].str.len() > 1].sort_values("period", ignore_index=True)
    rows["sum"] = rows["parts"].map(sum)
    rows["difference"] = rows["total"] - rows["sum"]
    rows["parts"] = rows["parts"].map(lambda parts: " + ".join(str(part) for part in parts))
    columns = ["period", "total", "parts", "sum", "difference", "source", "source_url"]
    out = rows[[*columns, "parts_source"]]
    persons = dict.fromkeys(["total", "sum", "difference"], "persons")
    return credit(out, ["troops_public_security"], **persons)


def _parts(row: object, table: pd.DataFrame) -> tuple[list[int], list[str]]:
    """List a total's parts and their sources: its note's, or two forces' at the term's end."""
    period, note = row.period, row.unit_or_note  # type: ignore[attr-defined]
    if term := re.match(TERM, period):
        forces = table["series"].isin(["SEDENA deployed", "SEMAR deployed"])
        year = table[(table["period"] == term[1]) & forces]
        return year["value"].tolist(), year["source"].unique().tolist()
    listed = re.sub(r"adds? to [\d,]+", "", note)
    found = [int(part.replace(",", "")) for part in re.findall(r"\d+,\d{3}", listed)]
    return found, [row.source]  # type: ignore[attr-defined]


def select_survey(
    envipe_national: pd.DataFrame, envipe_state_perception: pd.DataFrame
) -> pd.DataFrame:
    """Give what the victimisation survey finds for the nation, in %.

    Perception stands at the year of the survey, crimes at the year before, to which they refer. The
    nation's row of the table by state is a series of its own beside the published headlines.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_survey(load_table("envipe_national"), load_table("envipe_state_perception"))
    >>> rows.query("series == 'unreported' and period == '2023'")["value"].tolist()
    [92.9]
    """
    keys = pd.DataFrame(INDICATORS, index=["panel", "series"]).T
    rows = envipe_national.join(keys, on="indicator")
    unverified = rows["source"].str.contains("not verified")
    rows = rows.rename(columns={"reference_year": "period", "value_pct": "value"}).assign(
        unit=rows["panel"].map({"unsafe": "% of adults", "main_problem": "% of adults"}),
        mark=unverified.map({True: "unverified", False: ""}),
    )
    rows["unit"] = rows["unit"].fillna("% of crimes")
    nation = envipe_state_perception[envipe_state_perception["cve_ent"] == "00"]
    about = describe("envipe_state_perception")["sources"][0]
    nation = nation.assign(
        period=nation["year"],
        value=nation["unsafe_per_100k_adults"] / 1000,
        panel="unsafe",
        series="rates",
        unit="% of adults",
        status="final",
        mark="",
        source=about["title"],
        source_url=about["path"],
    )
    rows = pd.concat([rows[rows["panel"] == "unsafe"], nation, rows[rows["panel"] != "unsafe"]])
    return tidy_series(rows, "envipe_national", "envipe_state_perception")
