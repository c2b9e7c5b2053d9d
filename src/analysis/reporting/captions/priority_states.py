"""The words on the quoted figures of cities, and on Michoacán and Chiapas."""

import re

import pandas as pd

from analysis.reporting.captions.city_files import half_sums
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, given, interval, listing, month, months, number, period
from analysis.reporting.text import translate as _

# A quoted figure with this measure does not say whether it counts files or victims.
UNSAID = "SESNSP"
# A quoted change that speaks of the other cities too.
OTHERS = r"the other \w+ fell by (\d+)-(\d+) %"


def caption_city_figures(figures: pd.DataFrame, files: pd.DataFrame, rows: pd.DataFrame) -> Caption:
    """Head the table of quoted figures, with those that the files held here do not match.

    Examples
    --------
    >>> from analysis import load_table, select_city_change, select_city_figures, select_city_files
    >>> table = load_table("homicides_priority_cities")
    >>> figures, files = select_city_figures(table), select_city_files(table)
    >>> caption_city_figures(figures, files, select_city_change(files)).title
    '46 quoted figures of 13 measures, none joined to a series'
    """
    facts = {
        "rows": number(len(figures)),
        "measures": number(figures["measure"].nunique()),
        "first": figures["period"].str[:4].min(),
        "end": figures["period"].str[:4].max(),
    }
    return Caption(
        title=_("{rows} quoted figures of {measures} measures, none joined to a series").format(
            **facts
        ),
        subtitle=_(
            "Victims, files, rates and newspaper counts as their sources give them, {first} to {end}"
        ).format(**facts),
        alt=_("Table of figures by city and period with measure, source and status."),
        notes=(
            _("The measure of each row is what its source says it counts."),
            *_unsaid_notes(figures, files),
            *_change_quotes(figures, rows),
        ),
    )


def _unsaid_notes(figures: pd.DataFrame, files: pd.DataFrame) -> list[str]:
    """Set a figure that does not say what it counts beside the files of the same year."""
    text = _(
        "{place}, {period}: {quoted} quoted as SESNSP, while the table of files holds {files} up to {last}; the quoted figure does not say what it counts."
    )
    notes = []
    for __, row in figures[figures["measure"] == UNSAID].iterrows():
        year = files["month"].dt.year == int(row["period"][:4])
        held = files[year & (files["place"] == row["place"])]
        if len(held):
            notes.append(
                text.format(
                    place=row["place"],
                    period=period(row["period"]),
                    quoted=number(row["value"]),
                    files=number(held["files"].sum()),
                    last=month(held["month"].max()),
                )
            )
    return notes


def _change_quotes(figures: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """Set a quoted change of one city and of all others beside the changes of the files."""
    text = _(
        "{source} gives {place} {quoted} and the other cities falls of {low} to {high}%, without the months compared or what is counted. Files of January to June, {before} to {after}, give {place} {own} and lie outside that range in {outside} of the other {others}: {parts}. The two are not one comparison."
    )
    notes = []
    for __, row in figures.iterrows():
        range_ = re.search(OTHERS, row["measure"])
        if not range_:
            continue
        low, high = (float(end) for end in range_.groups())
        others = rows[rows["place"] != row["place"]]
        apart = others[~others["estimate"].between(-high, -low)].sort_values("estimate")
        parts = [f"{each['place']} {change(each['estimate'])}" for __, each in apart.iterrows()]
        own = rows.loc[rows["place"] == row["place"], "estimate"]
        facts = {
            "before": str(rows["year_before"].iloc[0]),
            "after": str(rows["year_after"].iloc[0]),
            "source": given(row["source"]),
            "place": row["place"],
            "quoted": change(row["value"], 0),
            "low": number(low),
            "high": number(high),
            "own": change(own.iloc[0]),
            "outside": number(len(apart)),
            "others": number(len(others)),
            "parts": listing(parts) or "–",
        }
        notes.append(text.format(**facts))
    return notes


def caption_priority_months(months_: pd.DataFrame) -> Caption:
    """Say how many victims each state had in the first half of the last two years.

    Examples
    --------
    >>> from analysis import load_panel, select_state_months
    >>> caption_priority_months(select_state_months(load_panel())).title
    'Victims in January to June 2024 and 2025: Michoacán 859, then 718; Chiapas 491, then 204'
    """
    halves = half_sums(months_.assign(count=months_["homicides_sesnsp"].astype("float64")))
    before, after = halves.columns
    parts = [
        _("{state} {old}, then {new}").format(
            state=state, old=number(row[before]), new=number(row[after])
        )
        for state, row in halves.iterrows()
    ]
    facts = {
        "parts": "; ".join(parts),
        "before": str(before),
        "after": str(after),
        "period": months(months_["month"].min(), months_["month"].max()),
    }
    return Caption(
        title=_("Victims in January to June {before} and {after}: {parts}").format(**facts),
        subtitle=_("SESNSP victims of intentional homicide, victims a month, {period}").format(
            **facts
        ),
        alt=_(
            "Two line charts by month, one a state. January to June of {before} and {after}: {parts}."
        ).format(**facts),
        notes=(
            _("Hollow months are preliminary. Each state has its own scale."),
            _("The marked events are national; nothing here says that they moved a state."),
        ),
    )


def caption_priority_rates(rates: pd.DataFrame) -> Caption:
    """Say what the highest and the last full-year rates of each state were.

    Examples
    --------
    >>> from analysis import load_panel, select_state_rates
    >>> rates = select_state_rates(load_panel())
    >>> caption_priority_rates(rates).title
    'Highest and last full-year SESNSP rates since 2015: Michoacán 56.2 in 2021, then 29.7 ...
    """
    facts = _rate_facts(rates)
    return Caption(
        title=_("Highest and last full-year SESNSP rates since {since}: {parts}").format(**facts),
        subtitle=_(
            "Homicides per 100,000 person-years with 95% interval, SESNSP victims and INEGI deaths, {first} to {last}"
        ).format(**facts),
        alt=_("Two panels of yearly rates, circles SESNSP, squares INEGI. {parts}.").format(
            **facts
        ),
        notes=(
            _(
                "Intervals of chance alone (exact Poisson). Hollow: preliminary, part of a year, or a year that INEGI's monthly table does not hold whole."
            ),
            _("{after} is January to June only: {halves}.").format(**facts),
            _("Two sources that count different things: compare each with itself."),
        ),
    )


def _rate_facts(rates: pd.DataFrame) -> dict[str, str]:
    sesnsp = rates[rates["source"] == "sesnsp"]
    full, half = sesnsp[sesnsp["months"] == 12], sesnsp[sesnsp["months"] < 12]
    parts = []
    for state, rows in full.groupby("state", sort=False):
        peak, last = rows.loc[rows["rate"].idxmax()], rows.iloc[-1]
        same = peak["year"] == last["year"]
        words = (
            _("{state} {peak} in {year}, its highest and its last")
            if same
            else _("{state} {peak} in {year}, then {rate} in {last}")
        )
        parts.append(
            words.format(
                state=state,
                peak=number(peak["rate"], 1),
                year=peak["year"],
                rate=number(last["rate"], 1),
                last=last["year"],
            )
        )
    halves = [
        _("{state} {rate} ({interval})").format(
            state=row["state"],
            rate=number(row["rate"], 1),
            interval=interval(row["conf_low"], row["conf_high"]),
        )
        for __, row in half.iterrows()
    ]
    return {
        "parts": "; ".join(parts),
        "halves": "; ".join(halves),
        "after": str(half["year"].max()),
        "since": str(full["year"].min()),
        "first": str(rates["year"].min()),
        "last": str(rates["year"].max()),
    }


def caption_priority_rate_table(rates: pd.DataFrame) -> Caption:
    """Head the table of yearly counts and rates of the states.

    Examples
    --------
    >>> from analysis import load_panel, select_state_rates
    >>> rates = select_state_rates(load_panel())
    >>> caption_priority_rate_table(rates).title
    '52 rows of a state and year; SESNSP victims per 100,000: Michoacán 56.2 in 2021, then ...
    """
    facts = _rate_facts(rates) | {"rows": number(len(rates[["state", "year"]].drop_duplicates()))}
    return Caption(
        title=_("{rows} rows of a state and year; SESNSP victims per 100,000: {parts}").format(
            **facts
        ),
        subtitle=_(
            "Victims and deaths, and rates per 100,000 person-years, {first} to {last}"
        ).format(**facts),
        alt=_("Table of counts and rates by state and year from two sources."),
        notes=(_("A dash: the source does not cover the year."),),
    )


def point_priority_rates(rates: pd.DataFrame) -> Point:
    """Say how the rate of each state moved over the last two full years.

    Examples
    --------
    >>> from analysis import load_panel, select_state_rates
    >>> rates = select_state_rates(load_panel())
    >>> point_priority_rates(rates).text
    'Victims of intentional homicide per 100,000 person-years from 2023 to 2024: Michoacán ...
    """
    sesnsp = rates[(rates["source"] == "sesnsp") & (rates["months"] == 12)]
    parts = []
    for state, rows in sesnsp.groupby("state", sort=False):
        old, new = rows.iloc[-2], rows.iloc[-1]
        parts.append(
            _("{state} {old} ({old_interval}) to {new} ({new_interval})").format(
                state=state,
                old=number(old["rate"], 1),
                old_interval=interval(old["conf_low"], old["conf_high"]),
                new=number(new["rate"], 1),
                new_interval=interval(new["conf_low"], new["conf_high"]),
            )
        )
    years = sesnsp["year"].drop_duplicates().sort_values()
    text = _(
        "Victims of intentional homicide per 100,000 person-years from {before} to {after}: {parts}."
    ).format(before=years.iloc[-2], after=years.iloc[-1], parts="; ".join(parts))
    return Point(text, "state-rates")
