"""The words on the Guard's roles, the strategies and their dates."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.reporting.captions.common import last_months
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import day, given, listing, month, number
from analysis.reporting.text import translate as _


def caption_guard_roles(roles: pd.DataFrame) -> Caption:
    """Say how many roles stand at the top and at the foot of the scale.

    Examples
    --------
    >>> from analysis import load_table, select_guard_roles
    >>> roles = select_guard_roles(load_table("guard_roles"))
    >>> caption_guard_roles(roles).title
    '2 of 22 roles of the Guard have level 10, 12 have level 1 or 2'
    """
    facts = _role_facts(roles)
    return Caption(
        title=_(
            "{top} of {roles} roles of the Guard have level {high}, {low} have level 1 or 2"
        ).format(**facts),
        subtitle=_(
            "Level of priority of the Guard's roles, 1 to 10, as IEEE 79/2024 reads them; not dated"
        ),
        alt=_(
            "Dots on a scale of 1 to 10, one role a row. Level {high}: {highest}. To be strengthened at level 1 or 2: {weak}."
        ).format(**facts),
        notes=(
            _(
                "The official document behind the levels is not held and not named: only the reading of IEEE 79/2024 is."
            ),
            _(
                "Diamonds are the areas that the official document is said to want strengthened; its “whistleblowing” is read as citizen complaints."
            ),
            _("The level says what ranks first on paper, not what guards did."),
        ),
    )


def _role_facts(roles: pd.DataFrame) -> dict[str, str]:
    top, low = roles["level"].max(), roles["level"] <= 2
    wanted = roles["to_strengthen"] == "yes"
    weak = [
        _("{role} ({level})").format(role=given(row["role"]), level=number(row["level"]))
        for __, row in roles[wanted & low].iterrows()
    ]
    return {
        "roles": number(len(roles)),
        "high": number(top),
        "top": number((roles["level"] == top).sum()),
        "highest": listing([given(role) for role in roles.loc[roles["level"] == top, "role"]]),
        "low": number(low.sum()),
        "wanted": number(wanted.sum()),
        "count": number(len(weak)),
        "weak": listing(weak),
    }


def caption_strategy_dates(dates: pd.DataFrame) -> Caption:
    """Say how many dated events there are and under whom most of them fall.

    Examples
    --------
    >>> from analysis import load_table, select_strategy_dates
    >>> dates = select_strategy_dates(load_table("strategy_timeline"))
    >>> caption_strategy_dates(dates).title
    '12 of 25 dated events fall under López Obrador'
    """
    facts = _date_facts(dates)
    return Caption(
        title=_("{most} of {events} dated events fall under {president}").format(**facts),
        subtitle=_("Selected events of public security by date, {first} to {last}").format(**facts),
        alt=_(
            "Time axis with one event a row, in lanes of {terms} administrations: {laws} laws, reforms or accords, {courts} court rulings, {strategies} strategies."
        ).format(**facts),
        notes=(
            _("A selection: the number of events says nothing about how much was done."),
            _("A lane is the administration in office on the day; a plan may be of the next one."),
            _(
                "Held as strategies are those of {held}. For {others} plans, programmes, laws and accords stand, and none that is named a strategy. Joint forces and other social programmes have no row, because no day of theirs is held."
            ).format(**facts),
        ),
    )


def _date_facts(dates: pd.DataFrame) -> dict[str, str]:
    terms, kinds = dates["term"].value_counts(), dates["kind"].value_counts()
    status = dates["status"].value_counts()
    named = dates[dates["kind"] == "strategy"]
    others = dates.loc[~dates["term"].isin(named["term"]), "term"].drop_duplicates()
    return {
        "held": listing([day(value) for value in named["day"]]),
        "others": listing([PRESIDENTS[term] for term in others]),
        "events": number(len(dates)),
        "most": number(terms.iloc[0]),
        "president": PRESIDENTS[terms.index[0]],
        "terms": number(len(terms)),
        "laws": number(kinds.get("law", 0)),
        "courts": number(kinds.get("court", 0)),
        "strategies": number(kinds.get("strategy", 0)),
        "gazette": number(status.get("gazette", 0)),
        "first": month(dates["day"].min()),
        "last": month(dates["day"].max()),
    }


def caption_strategy_date_table(dates: pd.DataFrame) -> Caption:
    """Head the table of dates with how many stand in the gazette.

    Examples
    --------
    >>> from analysis import load_table, select_strategy_dates
    >>> dates = select_strategy_dates(load_table("strategy_timeline"))
    >>> caption_strategy_date_table(dates).title
    '12 of 25 dates are days of the official gazette'
    """
    facts = _date_facts(dates)
    return Caption(
        title=_("{gazette} of {events} dates are days of the official gazette").format(**facts),
        subtitle=_(
            "Events with the publication or act where each can be looked up, {first} to {last}"
        ).format(**facts),
        alt=_("Table of events by date with administration, kind and reference."),
        notes=(
            _(
                "Compiled by the project from the public record, to be looked up there; not a transcription of an official table. Addresses that the document gives stand in the CSV."
            ),
            _("Figures mark July 2019 for the deployment: the first full month after June 30."),
        ),
    )


def caption_strategies(strategies: pd.DataFrame) -> Caption:
    """Say how many pillars each strategy has and what the second one adds.

    Examples
    --------
    >>> from analysis import load_table, select_strategies
    >>> strategies = select_strategies(load_table("strategy_elements"))
    >>> caption_strategies(strategies).title
    'The strategy of 2018 has 8 pillars, that of 2024 has 3 and 2 joint-force measures'
    """
    facts = _strategy_facts(strategies)
    return Caption(
        title=_(
            "The strategy of 2018 has {old} pillars, that of 2024 has {new} and {forces} joint-force measures"
        ).format(**facts),
        subtitle=_(
            "Pillars, programmes, joint forces and institutions as IEEE 79/2024 reports them, 2018 and 2024"
        ),
        alt=_(
            "Table of the two strategies side by side: {old} and {new} pillars, {old_programmes} and {new_programmes} programmes, {old_institutions} and {new_institutions} institutions."
        ).format(**facts),
        notes=(
            _("Rows are set side by side by number: they do not answer each other."),
            _("Own words for what the document reports; the strategies themselves are not held."),
            _(
                "A dash: the document names none. SSPC: Secretariat of Security and Citizen Protection."
            ),
        ),
    )


def _strategy_facts(strategies: pd.DataFrame) -> dict[str, str]:
    def count(kind: str, year: int) -> str:
        rows = strategies[strategies["kind"] == kind]
        return number(rows[f"element_{year}"].notna().sum())

    programmes = strategies[strategies["kind"] == "programme"]
    both = {*programmes["element_2018"].dropna()} & {*programmes["element_2024"].dropna()}
    return {
        "old": count("pillar", 2018),
        "new": count("pillar", 2024),
        "forces": count("joint force", 2024),
        "old_programmes": count("programme", 2018),
        "new_programmes": count("programme", 2024),
        "old_institutions": count("institution", 2018),
        "new_institutions": count("institution", 2024),
        "kept": number(len(both)) if both else _("none"),
        "both": listing(sorted(both)) or "–",
    }


def point_guard_roles(roles: pd.DataFrame) -> Point:
    """Say which roles stand first, and which of those to be strengthened stand last.

    Examples
    --------
    >>> from analysis import load_table, select_guard_roles
    >>> roles = select_guard_roles(load_table("guard_roles"))
    >>> point_guard_roles(roles).text
    "As read by the document of December 2024, 2 of the Guard's 22 roles have level 10 of ...
    """
    text = _(
        "As read by the document of December 2024, {top} of the Guard's {roles} roles have level {high} of 10 ({highest}) against {low} at level 1 or 2; of {wanted} areas to be strengthened, {count} are among these: {weak}."
    ).format(**_role_facts(roles))
    return Point(text, "roles")


def point_strategies(strategies: pd.DataFrame, dates: pd.DataFrame) -> Point:
    """Compare the two strategies and say when the second one was presented.

    Examples
    --------
    >>> from analysis import load_table, select_strategies, select_strategy_dates
    >>> strategies = select_strategies(load_table("strategy_elements"))
    >>> dates = select_strategy_dates(load_table("strategy_timeline"))
    >>> point_strategies(strategies, dates).text
    'The strategy of 2018, published on May 16, 2019, has 8 pillars; that of 2024, ...
    """
    presented = dates[dates["kind"] == "strategy"]["day"]
    text = _(
        "The strategy of 2018, published on {first}, has {old} pillars; that of 2024, presented on {second}, has {new} and {forces} joint-force measures. Of the {old_programmes} programmes that the document names for 2018, it names {kept} again for 2024: {both}."
    ).format(
        first=day(presented.iloc[0]), second=day(presented.iloc[-1]), **_strategy_facts(strategies)
    )
    return Point(text, "strategies")


def say_priority_areas_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the report on priority areas.

    Examples
    --------
    >>> len(say_priority_areas_sureness())
    3
    """
    strengths = [
        _("Each kind of figure stands alone: no series is joined, scaled or filled."),
        _(
            "Two editions of SESNSP give León and Celaya the same figures in every month they share."
        ),
        _("Intervals of change allow for months that vary more than chance, and for ten cities."),
    ]
    limitations = [
        _("Municipal figures of SESNSP come through public repositories, not from its own file."),
        _("The latest months of files are preliminary; late files would make a fall smaller."),
        _("Two half years are one comparison: they are no trend and name no cause."),
        _("Quoted counts follow rules of their own and often do not say which."),
        _(
            "INEGI's deaths of the two states end in {inegi_year} here; later totals from the press are not drawn."
        ).format(**last_months()),
        _(
            "INEGI's yearly deaths of Chiapas jump up and down before 2012: registration may do that."
        ),
        _("Roles and strategies are read through one document; the official texts are not held."),
    ]
    changes = [
        _("INEGI's deaths by municipality for 2016 to 2024 would close the gap in all ten cities."),
        _("SESNSP's own municipal file would replace the copies and bring 2015 to 2023."),
        _("The official document on the Guard's roles would confirm or correct the levels."),
    ]
    return strengths, limitations, changes
