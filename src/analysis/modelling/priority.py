"""What is held for the priority cities.

The figures are of three kinds that are never joined: deaths of INEGI by
municipality of occurrence, investigation files of SESNSP, and figures quoted from the press.
"""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.columns import credit
from analysis.errors import ModelError
from analysis.modelling.inference import call_direction, q_values

CITIES = "homicides_priority_cities"
DEATHS = "INEGI homicides, municipality of occurrence, registration year"
FILES = "SESNSP investigation files, Homicidio doloso"
MONTHLY_FILES = f"{FILES} (month)"
YEARS = range(1990, 2026)
HALF = 6


def _of_cities(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the municipalities, whose codes have five digits; states have two."""
    return table[table["cvegeo"].str.len() == 5]


def _credited(frame: pd.DataFrame, **units: str) -> pd.DataFrame:
    return credit(frame.reset_index(drop=True), [CITIES], **units)


def select_city_deaths(homicides_priority_cities: pd.DataFrame) -> pd.DataFrame:
    """Give INEGI's homicides of each city by year of registration.

    Returns
    -------
    pandas.DataFrame
        One row a city and year: ``cvegeo, place, year, deaths`` by municipality of occurrence.

    Examples
    --------
    >>> from analysis import load_table
    >>> deaths = select_city_deaths(load_table("homicides_priority_cities"))
    >>> deaths.query("place == 'Tijuana'").set_index("year")["deaths"].tail(2).to_dict()
    {2014: 454, 2015: 644}
    """
    table = _of_cities(homicides_priority_cities)
    rows = table[table["measure"] == DEATHS].sort_values(["cvegeo", "period"])
    out = rows.assign(year=rows["period"].astype("int64"), deaths=rows["value"].astype("int64"))
    return _credited(out[["cvegeo", "place", "year", "deaths"]])


def select_city_files(homicides_priority_cities: pd.DataFrame) -> pd.DataFrame:
    """Give SESNSP's investigation files of intentional homicide by city and month, each once.

    Two editions hold León and Celaya; where they overlap they must agree, and the longer stays.

    Returns
    -------
    pandas.DataFrame
        One row a city and month: ``cvegeo, place, month, files, editions`` that give the figure,
        ``status`` and ``source`` of the longer one. One file may hold several victims.

    Raises
    ------
    ModelError
        When two editions give a month different figures.

    Examples
    --------
    >>> from analysis import load_table
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> files.query("place == 'León'")[["files", "editions"]].iloc[0].to_dict()
    {'files': 46, 'editions': 1}
    """
    table = _of_cities(homicides_priority_cities)
    rows = table[table["measure"] == MONTHLY_FILES].copy()
    rows["months"] = rows.groupby(["cvegeo", "source"])["period"].transform("size")
    by_month = rows.groupby(["cvegeo", "period"])["value"]
    apart = rows[by_month.transform("min") != by_month.transform("max")]
    if len(apart):
        first = apart.iloc[0]
        raise ModelError(
            f"{CITIES}: editions differ for {first['place']} in {first['period']} "
            f"({len(apart)} rows in all); say in the descriptor which one holds"
        )
    rows["editions"] = by_month.transform("size")
    rows = rows.sort_values(["cvegeo", "period", "months"], kind="stable")
    rows = rows.drop_duplicates(["cvegeo", "period"], keep="last")
    out = rows.assign(month=pd.to_datetime(rows["period"]), files=rows["value"].astype("int64"))
    columns = ["cvegeo", "place", "month", "files", "editions", "status", "source"]
    return _credited(out[columns])


def select_city_figures(homicides_priority_cities: pd.DataFrame) -> pd.DataFrame:
    """Give what newspapers and offices say of the cities beside the two official series.

    Returns
    -------
    pandas.DataFrame
        One row a figure, as found: ``cvegeo, place, period, value, measure, source, source_url,
        status``; some are rates or changes, as ``measure`` says.

    Examples
    --------
    >>> from analysis import load_table
    >>> figures = select_city_figures(load_table("homicides_priority_cities"))
    >>> figures.query("place == 'Tijuana'").set_index("period")["value"].head(1).to_dict()
    {'2018': 2519.0}
    """
    table = _of_cities(homicides_priority_cities)
    rows = table[~table["measure"].isin([DEATHS, FILES, MONTHLY_FILES])]
    rows = rows.sort_values(["place", "period", "measure", "source"], kind="stable")
    columns = [column for column in table.columns if column != "flags"]
    return _credited(rows[columns])


def select_city_coverage(homicides_priority_cities: pd.DataFrame) -> pd.DataFrame:
    """Say for which years each kind of figure is held for a city.

    Returns
    -------
    pandas.DataFrame
        One row a city, kind and year from 1990 to 2025: ``cvegeo, place, kind`` (``deaths``,
        ``files`` or ``quoted``), ``year, held``: ``year`` the whole year, ``part`` some months of
        it, ``none``. Quoted rates and changes are no counts and do not count here.

    Examples
    --------
    >>> from analysis import load_table
    >>> coverage = select_city_coverage(load_table("homicides_priority_cities"))
    >>> coverage.query("place == 'León' and kind == 'files'")["held"].value_counts().to_dict()
    {'none': 30, 'year': 5, 'part': 1}
    """
    table = homicides_priority_cities
    deaths = select_city_deaths(table).assign(kind="deaths", held="year")
    files = select_city_files(table)
    months = files.groupby(["cvegeo", "place", files["month"].dt.year.rename("year")]).size()
    filed = months.reset_index(name="months").assign(kind="files")
    filed["held"] = np.where(filed["months"] == 2 * HALF, "year", "part")
    quoted = select_city_figures(table).assign(kind="quoted")
    quoted = quoted[quoted["period"].str.fullmatch(r"\d{4}( Jan-\w+)?")]
    quoted["year"] = quoted["period"].str[:4].astype("int64")
    quoted["held"] = np.where(quoted["period"].str.len() == 4, "year", "part")
    columns = ["cvegeo", "place", "kind", "year", "held"]
    known = pd.concat([deaths[columns], filed[columns], quoted[columns]])
    # A whole year beside a part of it is a whole year.
    known = known.sort_values("held", ascending=False).drop_duplicates(columns[:-1])
    cities = deaths[["cvegeo", "place"]].drop_duplicates()
    grid = cities.merge(pd.DataFrame({"kind": ["deaths", "files", "quoted"]}), how="cross")
    grid = grid.merge(pd.DataFrame({"year": YEARS}), how="cross")
    out = grid.merge(known, on=columns[:-1], how="left").fillna({"held": "none"})
    return _credited(out)


def select_city_gaps(coverage: pd.DataFrame) -> pd.DataFrame:
    """Give the years for which neither official series is held, city by city.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From `select_city_coverage`.

    Returns
    -------
    pandas.DataFrame
        One row a city with a gap: ``cvegeo, place, first, last, years``.

    Examples
    --------
    >>> from analysis import load_table
    >>> coverage = select_city_coverage(load_table("homicides_priority_cities"))
    >>> gaps = select_city_gaps(coverage).set_index("place")
    >>> gaps.loc["León", ["first", "last"]].tolist()
    [2016, 2019]
    """
    official = coverage[coverage["kind"] != "quoted"]
    absent = official.groupby(["cvegeo", "place", "year"])["held"].agg(lambda held: {*held})
    years = absent[absent == {"none"}].reset_index()
    out = years.groupby(["cvegeo", "place"])["year"].agg(first="min", last="max", years="size")
    return _credited(out.reset_index())


def select_city_change(
    files: pd.DataFrame, *, before: int = 2024, after: int = 2025
) -> pd.DataFrame:
    """Compare the files of January to June of two years, city by city.

    Given both counts Poisson, the later is binomial among both (Przyborowski & Wilenski 1940),
    which gives an exact interval of their ratio: chance alone. Months vary more than that, so
    the wider interval scales the variance by the dispersion of months about the mean of their
    half year, pooled over the cities, and the evidence rests on it.

    Parameters
    ----------
    files : pandas.DataFrame
        From `select_city_files`.
    before, after : int
        The years.

    Returns
    -------
    pandas.DataFrame
        One row a city: ``cvegeo, place, before, after`` (files), ``estimate`` (change in %), its
        95 % intervals ``exact_low, exact_high`` and ``conf_low, conf_high``, ``p_value``,
        ``q_value`` (Benjamini & Hochberg 1995), ``direction`` (``rising, falling`` where q <
        0.05, else ``unclear``), ``dispersion, year_before, year_after``, and of the half years
        ``preliminary_before, preliminary_after`` (months) and ``zeros``, the months with zero
        files, as text with spaces between.

    Raises
    ------
    ModelError
        When a half year lacks a month or holds no file.

    Examples
    --------
    >>> from analysis import load_table
    >>> change = select_city_change(select_city_files(load_table("homicides_priority_cities")))
    >>> tijuana = change.set_index("place").loc["Tijuana"]
    >>> round(float(tijuana["estimate"])), tijuana["direction"]
    (-28, 'falling')
    """
    rows = files.assign(year=files["month"].dt.year)
    rows = rows[rows["year"].isin([before, after]) & (rows["month"].dt.month <= HALF)]
    halves = rows.groupby(["cvegeo", "place", "year"])["files"].agg(["sum", "count", "mean", "var"])
    short = halves[(halves["count"] < HALF) | (halves["sum"] == 0)]
    if len(short) or halves.unstack("year").isna().any(axis=None):
        raise ModelError(f"a half year lacks months or files in {len(short)} cases; six are needed")
    freedom = len(halves) * (HALF - 1)
    spread = (halves["var"] * (HALF - 1) / halves["mean"]).sum() / freedom
    out = halves["sum"].unstack("year").rename(columns={before: "before", after: "after"})
    out = _test_change(out.rename_axis(columns=None).reset_index(), spread, freedom)
    out["dispersion"], out["year_before"], out["year_after"] = spread, before, after
    out = out.merge(_provisional_months(rows, before, after), on="cvegeo")
    units = dict.fromkeys(["before", "after"], "investigation files")
    units |= dict.fromkeys(["estimate", "exact_low", "exact_high"], "%")
    return _credited(out.sort_values("estimate"), **units)


def _test_change(counts: pd.DataFrame, spread: float, freedom: int) -> pd.DataFrame:
    """Add the change of each row, both intervals, p, q and the direction."""
    out = counts.copy()
    shares = [
        stats.binomtest(int(row.after), int(row.before + row.after)).proportion_ci()
        for row in out.itertuples()
    ]
    ratio = out["after"] / out["before"]
    error = np.sqrt(max(spread, 1.0) * (1 / out["before"] + 1 / out["after"]))
    reach = stats.t.ppf(0.975, freedom) * error
    out["estimate"] = (ratio - 1) * 100
    out["exact_low"] = [(share.low / (1 - share.low) - 1) * 100 for share in shares]
    out["exact_high"] = [(share.high / (1 - share.high) - 1) * 100 for share in shares]
    out["conf_low"] = (ratio * np.exp(-reach) - 1) * 100
    out["conf_high"] = (ratio * np.exp(reach) - 1) * 100
    out["p_value"] = 2 * stats.t.sf(np.abs(np.log(ratio)) / error, freedom)
    out["q_value"] = q_values(out["p_value"])
    out["direction"] = call_direction(out["estimate"], out["q_value"])
    return out


def _provisional_months(rows: pd.DataFrame, before: int, after: int) -> pd.DataFrame:
    """Count the preliminary months of both half years and name the months with zero files."""
    marked = rows[rows["status"] == "preliminary"].groupby(["cvegeo", "year"]).size()
    out = rows[["cvegeo"]].drop_duplicates(ignore_index=True)
    for name, year in (("before", before), ("after", after)):
        known = marked[marked.index.get_level_values("year") == year].droplevel("year")
        out[f"preliminary_{name}"] = out["cvegeo"].map(known).fillna(0).astype("int64")
    zero = rows[rows["files"] == 0].sort_values("month")
    names = zero["month"].dt.strftime("%Y-%m").groupby(zero["cvegeo"]).agg(" ".join).to_dict()
    out["zeros"] = [names.get(city, "") for city in out["cvegeo"]]
    return out
