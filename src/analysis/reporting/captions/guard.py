"""The words of the report on the National Guard."""

import pandas as pd

from analysis.parameters import check_period
from analysis.reporting.captions.common import covered, last_months
from analysis.reporting.figures.guard import FAMILIES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption, Title
from analysis.reporting.text import change, month, months, number
from analysis.reporting.text import translate as _

GUARDS = "log_guards_per_100k"


def title_guard(source: str, series: str) -> Title:
    """Give the head of the report on the Guard.

    Examples
    --------
    >>> title_guard("sesnsp", "force_strength").title
    'The National Guard and homicides'
    """
    check_period("2019-07", None, source)
    return Title(
        title=_("The National Guard and homicides"),
        question=_(
            "How large is the Guard under each definition, where is it deployed, and do homicides "
            "go together with its presence?"
        ),
        period=months(*covered("guard_strength_national")),
        sources=("guard_strength_national", "panel", "national_year"),
        words={
            _("Homicide source"): _(SOURCE_NAMES[source]),
            _("Guard series"): _(FAMILIES[series][0]),
        },
    )


def caption_strength(totals: pd.DataFrame) -> Caption:
    """Say what the Guard's size is under each definition at the last common date.

    Examples
    --------
    >>> from analysis import load_table, select_strength
    >>> totals = select_strength(load_table("guard_strength_national"))
    >>> caption_strength(totals).title
    'At the end of 2024 the Guard had 108,089, 132,036 or 137,716 members, by definition'
    """
    facts = _strength_facts(totals)
    return Caption(
        title=_(
            "At the end of {year} the Guard had {deployed}, {assigned} or {force} members, by definition"
        ).format(**facts),
        subtitle=_("Dated national totals by definition, thousand guards"),
        alt=_(
            "Three lines over time, one a definition, and a cross for the plan of 2019. At the end "
            "of {year}: deployed {deployed}, assigned by INEGI {assigned}, total force {force}."
        ).format(**facts),
        notes=(
            _("Two families that must not be mixed: INEGI's census and the Guard's own reports."),
            _(
                "82,747 was a plan of June 2019, not a count. INEGI's close of 2021 (100,365) counts heads of units too and is disputed."
            ),
        ),
    )


def _strength_facts(totals: pd.DataFrame) -> dict[str, str]:
    december = totals[totals["date"].str.endswith("-12-31")]
    wide = december.pivot_table(
        index=december["date"].str[:4], columns="concept", values="guards", aggfunc="last"
    )
    last = wide[["force_strength", "deployed", "assigned_inegi"]].dropna().iloc[-1]
    before = wide["assigned_inegi"].dropna()
    return {
        "year": str(last.name),
        "force": number(last["force_strength"]),
        "deployed": number(last["deployed"]),
        "assigned": number(last["assigned_inegi"]),
        "growth": change((before.iloc[-1] / before.iloc[-2] - 1) * 100),
        "jump": change((before.iloc[-2] / before.iloc[-3] - 1) * 100),
        "jump_year": str(before.index[-2]),
    }


def caption_deployment_tiles(panel: pd.DataFrame) -> Caption:
    """Say where guards per 100,000 are highest and lowest in the last month.

    Examples
    --------
    >>> from analysis import load_panel, select_known
    >>> known = select_known(load_panel(), "guards_per_100k")
    >>> caption_deployment_tiles(known).title
    'Guards per 100,000 in July 2021: from 25 in Aguascalientes to 166 in Baja California Sur'
    """
    known = panel.dropna(subset=["guards_per_100k"])
    last = known[known["month"] == known["month"].max()].set_index("state")["guards_per_100k"]
    facts = {"top": last.idxmax(), "high": number(last.max()), "low": number(last.min())}
    facts |= {"bottom": last.idxmin(), "month": month(known["month"].max())}
    stale = known["flags"].str.contains("guards_stale").groupby(known["month"]).all()
    facts |= {"stale": number(stale.sum()), "all": number(len(stale))}
    return Caption(
        title=_("Guards per 100,000 in {month}: from {low} in {bottom} to {high} in {top}").format(
            **facts
        ),
        subtitle=_("Guards deployed per 100,000 inhabitants by state, same scale, {period}").format(
            period=months(known["month"].min(), known["month"].max())
        ),
        alt=_("Tile-grid map of small line charts. Highest: {top}, lowest: {bottom}.").format(
            **facts
        ),
        notes=(
            _(
                "The figures are snapshots carried forward: after correction {stale} of {all} months repeat an earlier one."
            ).format(**facts),
            _("Ciudad de México includes command and specialised units from July 2020 (a break)."),
            _("March 2021 is corrected in Ciudad de México, Coahuila and Colima."),
        ),
    )


def caption_strength_table(totals: pd.DataFrame) -> Caption:
    """Head the table of dated Guard totals.

    Examples
    --------
    >>> from analysis import load_table, select_strength
    >>> totals = select_strength(load_table("guard_strength_national"))
    >>> caption_strength_table(totals).title
    '29 published totals, from 2019-06 to 2025-12-31'
    """
    return Caption(
        title=_("{rows} published totals, from {first} to {last}").format(
            rows=number(int(totals["concept"].isin(FAMILIES).sum())),
            first=totals["date"].min(),
            last=totals["date"].max(),
        ),
        subtitle=_("National Guard members by date and definition"),
        alt=_("Table of dated totals with definition, source and status."),
        notes=(
            _(
                "The download also holds definitions that are not drawn. Totals that name only a year are left out, and INEGI's with heads of units where one without them is held; that of December 2021 is with heads."
            ),
        ),
    )


def caption_findings(findings: pd.DataFrame) -> Caption:
    """Say how many faults the rules found in the deployment table.

    Examples
    --------
    >>> from analysis import fit_quality, load_panel, load_table
    >>> found, panel = load_panel(corrections="off"), load_panel()
    >>> names = ["national_year", "inegi_homicides_state_year", "inegi_homicides_state_press"]
    >>> quality = fit_quality(found, panel, *map(load_table, names), source="guard")
    >>> caption_findings(quality.tidy()).title
    'As found, the table has 3 exchanged cells and 10 repeated months'
    """
    terms = findings["term"].value_counts()
    return Caption(
        title=_(
            "As found, the table has {exchanged} exchanged cells and {repeats} repeated months"
        ).format(
            exchanged=number(terms.get("permuted", 0)), repeats=number(terms.get("repeat", 0))
        ),
        subtitle=_("Findings in the table of guards deployed by state and month, as found"),
        alt=_(
            "Findings by state and month: {exchanged} exchanged cells, {repeats} repeated months, {steps} lasting steps."
        ).format(
            exchanged=number(terms.get("permuted", 0)),
            repeats=number(terms.get("repeat", 0)),
            steps=number(terms.get("step", 0)),
        ),
        notes=(
            _(
                "Exchanged: cells of one month that all fit their neighbours in time once each has "
                "another's figure. Lasting steps may be true: a build-up, or a new definition."
            ),
        ),
    )


def say_guard_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the report on the Guard.

    Examples
    --------
    >>> len(say_guard_sureness())
    3
    """
    strengths = [
        _("State and month effects remove what is fixed in a state and common to a month."),
        _(
            "Five inferences, 31 lags and leads, a negative control, state trends, uncorrected data and 1,080 specifications stand beside the coefficient."
        ),
        _(
            "Estimates and inference agree with a second implementation in R; the estimators give certified and published values."
        ),
    ]
    limitations = [
        _(
            "Deployment by state and month ends in {guard} and is carried forward between reports."
        ).format(**last_months()),
        _("Guards were not assigned at random; no design here identifies an effect."),
        _(
            "32 states of very different size are few: the clustered test finds too much, see the placebo panels."
        ),
        _(
            "Lags overlap, for guards change slowly; trends of states can take away a slow effect too."
        ),
    ]
    changes = [
        _("Monthly deployment after {guard} would add to the observations.").format(
            **last_months()
        ),
        _(
            "Leaving out single states moves the estimate; the sign of the smallest ones is not firm."
        ),
        _("Not significant is not no effect: effects below the detectable size remain possible."),
        _(
            "Late lags that stay with state trends, beside a control and leads near zero, would be a finding."
        ),
    ]
    return strengths, limitations, changes
