"""The yearly series a trend can be read from, by subject."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Series:
    """A yearly series: its table and column, which rows it has, and how they are dated."""

    table: str
    column: str
    where: dict[str, str]
    dated: str = "year"
    ending: str = ""


def _crime(name: str, ending: str = "") -> Series:
    return Series("fuel_theft_and_kidnapping", "value", {"series": name}, "period", ending)


def _spent(indicator: str, unit: str) -> Series:
    return Series("military_expenditure", "value", {"indicator": indicator, "unit": unit})


# Of each subject, the series a trend can be read from; they are never joined.
SUBJECTS = {
    "kidnapping": {
        "sesnsp_victims": _crime("kidnapping victims (SESNSP, state jurisdiction)"),
        "envipe_households": _crime("kidnappings of household members (ENVIPE estimate)"),
    },
    "fuel_theft": {
        "taps_january_to_september": _crime("illegal pipeline taps", " Jan-Sep"),
        "taps_full_year": _crime("illegal pipeline taps"),
        "taps_liquid_fuels": _crime("illegal pipeline taps", " (liquid fuels only)"),
        "litres_stolen": _crime("stolen fuel (Pemex SITRAC)"),
    },
    "military_expenditure": {
        "current_usd": _spent("military expenditure (derived = share x GDP)", "current USD"),
        "share_of_gdp": _spent("military expenditure", "% of GDP"),
        "constant_usd": _spent("military expenditure", "constant 2019 USD"),
    },
    "homicides": {
        "inegi_deaths": Series(
            "inegi_homicides_national", "homicides", {"status": "final", "period": "year"}
        ),
        "sesnsp_victims": Series(
            "sesnsp_national_bridge",
            "value",
            {"measure": "victims intentional homicide", "status": "final"},
            "period",
        ),
    },
}
Subject = Literal["kidnapping", "fuel_theft", "military_expenditure", "homicides"]
