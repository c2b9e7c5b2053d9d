"""The priority states: months and yearly rates by both sources."""

import pandas as pd
from statsmodels.stats.rates import confint_poisson

from analysis.calendar import PER
from analysis.columns import RATE, credit
from analysis.geography import find_state
from analysis.modelling.periods import YEAR
from analysis.parameters import SOURCES

PRIORITY_STATES = ("Michoacán", "Chiapas")
# Flags that make a source's figure provisional, as a pattern.
MARKS = {"inegi": "inegi_incomplete|inegi_truncated", "sesnsp": "sesnsp_preliminary"}


def select_state_months(
    panel: pd.DataFrame, states: tuple[str, ...] = PRIORITY_STATES
) -> pd.DataFrame:
    """Give the months of some states with SESNSP's victims, in the order of the names.

    Returns
    -------
    pandas.DataFrame
        One row a state and month: ``cve_ent, state, month, homicides_sesnsp`` (victims), ``flags``.

    Examples
    --------
    >>> from analysis import load_panel
    >>> months = select_state_months(load_panel())
    >>> months.groupby("state", sort=False)["homicides_sesnsp"].sum().to_dict()
    {'Michoacán': 19136, 'Chiapas': 5752}
    """
    codes = [find_state(name).cve_ent for name in states]
    rows = panel[panel["cve_ent"].isin(codes)].dropna(subset="homicides_sesnsp")
    order = rows["cve_ent"].map({code: place for place, code in enumerate(codes)})
    rows = rows.assign(order=order).sort_values(["order", "month"])
    columns = ["cve_ent", "state", "month", "homicides_sesnsp", "flags"]
    return credit(rows[columns].reset_index(drop=True), [SOURCES["sesnsp"]])


def select_state_rates(
    panel: pd.DataFrame, states: tuple[str, ...] = PRIORITY_STATES
) -> pd.DataFrame:
    """Give yearly rates of some states from each source, part years included.

    Returns
    -------
    pandas.DataFrame
        One row a state, source and year: ``cve_ent, state, source, year, months`` with a figure,
        ``homicides`` (victims of SESNSP or deaths of INEGI), ``person_years`` of those months,
        ``rate`` per 100,000 person-years with exact Poisson 95 % interval ``conf_low, conf_high``
        (Garwood 1936: chance alone), ``marked`` where flags or a part year make it provisional.

    Examples
    --------
    >>> from analysis import load_panel
    >>> rates = select_state_rates(load_panel()).query("year == 2022").round(1)
    >>> rates.query("source == 'sesnsp'").set_index("state")["rate"].to_dict()
    {'Michoacán': 49.5, 'Chiapas': 7.3}
    """
    parts = []
    for state in states:
        rows = panel[panel["cve_ent"] == find_state(state).cve_ent]
        for source, marks in MARKS.items():
            known = rows.dropna(subset=f"homicides_{source}")
            marked = known["flags"].str.contains(marks)
            known = known.assign(year=known["month"].dt.year, marked=marked)
            sums = known.groupby(["cve_ent", "state", "year"]).agg(
                months=("month", "size"),
                homicides=(f"homicides_{source}", "sum"),
                person_years=("person_years", "sum"),
                marked=("marked", "any"),
            )
            parts.append(sums.reset_index().assign(source=source))
    out = pd.concat(parts, ignore_index=True).astype({"homicides": "int64"})
    low, high = confint_poisson(out["homicides"], out["person_years"], method="exact-c")
    out["rate"] = out["homicides"] / out["person_years"] * PER
    out["conf_low"], out["conf_high"] = low * PER, high * PER
    out["marked"] |= out["months"] < YEAR
    first = ["cve_ent", "state", "source", "year", "months", "homicides", "person_years"]
    out = out[[*first, "rate", "conf_low", "conf_high", "marked"]]
    return credit(out, [*SOURCES.values(), "conapo_population_state_year"], estimate=RATE)
