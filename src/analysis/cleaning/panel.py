"""The state-month panel and the national series."""

import pandas as pd

from analysis.calendar import PER, person_years
from analysis.cleaning.conapo import read_population
from analysis.cleaning.corrections import join_flags, read_table
from analysis.cleaning.guard import read_deployment
from analysis.cleaning.inegi import build_completeness, read_deaths, read_totals
from analysis.cleaning.sesnsp import read_victims
from analysis.geography import states
from analysis.sources import describe


def build_panel(*, corrected: bool = True) -> pd.DataFrame:
    """Build the state-month panel from the raw tables.

    Parameters
    ----------
    corrected : bool
        Whether recorded corrections and flags are applied.

    Returns
    -------
    pandas.DataFrame
        One row a state and month from 2000-01; columns and units as ``describe("panel")``.

    Raises
    ------
    DataError
        When a raw table is not what its descriptor says, or a correction no longer fits.
    """
    producers = [read_victims, read_deaths, read_deployment]
    tables = [read(corrected=corrected) for read in producers]
    months = pd.concat([table["month"] for table in tables]).drop_duplicates().sort_values()
    names = pd.DataFrame([(s.cve_ent, s.name) for s in states()], columns=["cve_ent", "state"])
    panel = names.merge(months.to_frame(), how="cross").assign(flags="")
    for table in tables:
        panel = panel.merge(table, how="left", on=["cve_ent", "month"], validate="1:1")
        flags = join_flags(panel["flags_x"], panel["flags_y"])
        panel = panel.drop(columns=["flags_x", "flags_y"]).assign(flags=flags)
    panel["year"] = panel["month"].dt.year
    panel = panel.merge(read_population(), how="left", on=["cve_ent", "year"], validate="m:1")
    counts = ["homicides_sesnsp", "homicides_inegi", "femicides", "negligent_homicides", "guards"]
    panel = panel.astype(dict.fromkeys(counts, "Int64"))
    panel = _with_rates(panel, "homicides_sesnsp")
    panel["guards_per_100k"] = (panel["guards"] / panel["population"] * PER).astype("float64")
    return _arranged(panel, "panel", ["cve_ent", "month"])


def build_national_month(panel: pd.DataFrame) -> pd.DataFrame:
    """Sum a panel over its states, missing SESNSP cells filled by INEGI deaths and counted.

    Returns
    -------
    pandas.DataFrame
        One row a month; columns and units as ``describe("national_month")``.
    """
    reporting = panel.groupby("month")["homicides_sesnsp"].transform("count") > 0
    filled = panel["homicides_sesnsp"].isna() & panel["homicides_inegi"].notna() & reporting
    stand_in = panel["homicides_inegi"].where(filled)
    frame = panel.assign(
        homicides_sesnsp_filled=panel["homicides_sesnsp"].fillna(stand_in),
        filled_cells=filled.astype("int64"),
        filled_deaths=stand_in.fillna(0).astype("int64"),
    )
    sums = frame.groupby("month").agg(
        homicides_sesnsp=("homicides_sesnsp", lambda cells: cells.sum(min_count=1)),
        homicides_sesnsp_filled=("homicides_sesnsp_filled", _complete_sum),
        filled_cells=("filled_cells", "sum"),
        filled_deaths=("filled_deaths", "sum"),
        homicides_inegi=("homicides_inegi", _complete_sum),
        population=("population", "sum"),
        flags=("flags", _shared_flags),
    )
    national = _with_rates(sums.reset_index(), "homicides_sesnsp_filled")
    filled = national["filled_cells"].gt(0).map({True: "sesnsp_filled", False: ""})
    national["flags"] = join_flags(national["flags"], filled)
    return _arranged(national, "national_month", ["month"])


def build_national_year(national_month: pd.DataFrame) -> pd.DataFrame:
    """Put official yearly totals beside the yearly sums of the monthly series.

    Returns
    -------
    pandas.DataFrame
        One row a year; columns and units as ``describe("national_year")``.
    """
    monthly = national_month.assign(year=national_month["month"].dt.year)
    count = ["homicides_sesnsp", "homicides_sesnsp_filled"]
    sums = monthly.groupby("year")[count].agg(lambda cells: cells.sum(min_count=12))
    sums["flags"] = monthly.groupby("year")["filled_cells"].sum().gt(0)
    sums["flags"] = sums["flags"].map({True: "sesnsp_filled", False: ""})
    totals = read_totals()
    share = build_completeness(monthly, totals)
    year = totals.merge(sums.reset_index(), how="outer", on="year").merge(
        share.rename_axis("year").reset_index(), how="left", on="year"
    )
    preliminary = year["status_inegi"].eq("preliminary").map({True: "inegi_preliminary", False: ""})
    year = _with_press_total(year.assign(flags=join_flags(year["flags"], preliminary)))
    people = read_population().groupby("year")["population"].sum().reset_index()
    year = year.merge(people, how="left", on="year", validate="1:1")
    year["month"] = pd.to_datetime(year["year"].astype("str") + "-01")
    return _arranged(
        _with_rates(year, "homicides_sesnsp_filled", yearly=True), "national_year", ["year"]
    )


def _with_press_total(year: pd.DataFrame) -> pd.DataFrame:
    """Take the SESNSP total of the year after the monthly table from the press, flagged."""
    bridge = read_table("sesnsp_national_bridge")
    bridge = bridge[bridge["measure"].eq("victims intentional homicide")]
    last = int(year.loc[year["homicides_sesnsp"].notna(), "year"].max())
    press = bridge[bridge["period"].eq(str(last + 1))]
    row = year["year"].eq(last + 1)
    if press.empty:
        return year
    for column in ("homicides_sesnsp", "homicides_sesnsp_filled"):
        year.loc[row, column] = int(press["value"].iloc[-1])
    preliminary = ";sesnsp_preliminary" if press["status"].iloc[-1] == "preliminary" else ""
    marks = row.map({True: "sesnsp_press" + preliminary, False: ""})
    return year.assign(flags=join_flags(year["flags"], marks))


def _shared_flags(flags: pd.Series) -> str:
    """Give the flags of homicide figures that every state of a month carries."""
    shared = set.intersection(*(set(text.split(";")) for text in flags))
    return ";".join(sorted(flag for flag in shared if flag.startswith(("sesnsp", "inegi"))))


def _complete_sum(cells: pd.Series) -> object:
    return cells.sum(min_count=len(cells))


def _with_rates(frame: pd.DataFrame, victims: str, *, yearly: bool = False) -> pd.DataFrame:
    exposure = person_years(frame["population"], frame["month"])
    if yearly:
        exposure = frame["population"] * frame["month"].dt.is_leap_year.map({True: 366, False: 365})
        exposure = exposure / 365.25
    return frame.assign(
        person_years=exposure.astype("float64"),
        rate_sesnsp=(frame[victims] / exposure * PER).astype("float64"),
        rate_inegi=(frame["homicides_inegi"] / exposure * PER).astype("float64"),
    )


def _arranged(frame: pd.DataFrame, name: str, key: list[str]) -> pd.DataFrame:
    fields = describe(name)["schema"]["fields"]
    columns = [field["name"] for field in fields]
    out = frame[columns].sort_values(key, ignore_index=True)
    return out.astype({"month": "datetime64[us]"}) if "month" in columns else out
