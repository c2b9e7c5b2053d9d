"""The words of the report on the National Guard."""

import pandas as pd

from analysis.geography import find_state
from analysis.modelling.result import ModelResult
from analysis.parameters import check_period
from analysis.reporting.captions.common import last_months, model_notes
from analysis.reporting.exhibits import Caption, Point, Title
from analysis.reporting.figures.guard import FAMILIES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.text import change, interval, month, months, number
from analysis.reporting.text import translate as _

GUARDS = "log_guards_per_100k"


def title_guard(source: str, series: str) -> Title:
    """Give the head of the report on the Guard."""
    check_period("2019-07", None, source)
    return Title(
        title=_("The National Guard and homicides"),
        question=_(
            "How large is the Guard under each definition, where is it deployed, and do homicides "
            "go together with its presence?"
        ),
        period=months("2019-06", "2025-12"),
        sources=("guard_strength_national", "panel", "national_year"),
        words={
            _("Homicide source"): _(SOURCE_NAMES[source]),
            _("Guard series"): _(FAMILIES[series][0]),
        },
    )


def caption_strength(totals: pd.DataFrame) -> Caption:
    """Say what the Guard's size is under each definition at the last common date."""
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
    """Say where guards per 100,000 are highest and lowest in the last month."""
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


def caption_correlations(annual: ModelResult) -> Caption:
    """Say how the four correlations disagree."""
    facts = _annual_facts(annual)
    return Caption(
        title=_(
            "{n} years can not carry a claim: the correlation is {levels} in levels, {detrended} detrended"
        ).format(**facts),
        subtitle=_(
            "Correlation of year-end guards, {series}, with the national homicide rate, {source}, {first} to {last}"
        ).format(**facts),
        alt=_(
            "Four dots with wide intervals: levels {levels}, differences {differences}, detrended "
            "{detrended}, bare year {index}."
        ).format(**facts),
        notes=(
            _("The bare year alone, without any guards, gives {index}.").format(**facts),
            *model_notes(annual),
        ),
    )


def _annual_facts(annual: ModelResult) -> dict[str, str]:
    rows = annual.tidy().set_index("term")
    return {
        "series": _(FAMILIES[annual.parameters["series"]][0]),
        "source": _(SOURCE_NAMES[annual.parameters["source"]]),
        "n": number(rows.loc["levels", "n"]),
        "levels": number(rows.loc["levels", "estimate"], 2),
        "differences": number(rows.loc["differences", "estimate"], 2),
        "detrended": number(rows.loc["detrended", "estimate"], 2),
        "index": number(rows.loc["time index", "estimate"], 2),
        "interval": interval(rows.loc["levels", "conf_low"], rows.loc["levels", "conf_high"], 2),
        "detrended_interval": interval(
            rows.loc["detrended", "conf_low"], rows.loc["detrended", "conf_high"], 2
        ),
        "first": annual.period[0],
        "last": annual.period[1],
    }


def caption_annual_table() -> Caption:
    """Head the table of annual correlations of every series and source."""
    return Caption(
        title=_("Sign and size of the annual correlation depend on the coding and on the series"),
        subtitle=_("Correlations of year-end Guard totals with the national rate [95% interval]"),
        alt=_("Table of four correlations by Guard series and homicide source."),
        notes=(_("A dash, or no interval: too few years for it."),),
    )


def caption_elasticities(specifications: pd.DataFrame) -> Caption:
    """Say what the main elasticity is, and that it can not be told from zero or can."""
    main = specifications.iloc[0]
    clear = main["conf_low"] > 0 or main["conf_high"] < 0
    facts = _elasticity_facts(specifications)
    title = _(
        "In the same month 1% more guards go with {estimate}% homicides within states ({interval}), {between}% between them ({between_interval})"
    )
    if not clear:
        title = _(
            "In the same month no association within states can be told from zero ({estimate}, {interval}); between states it is {between} ({between_interval})"
        )
    return Caption(
        title=title.format(**facts),
        subtitle=_(
            "Elasticity of monthly homicides to guards per 100,000 inhabitants, {period}"
        ).format(**facts),
        alt=_(
            "Dots with intervals by specification. Main: {estimate} ({interval}); between states: "
            "{between}; negative control: {control}."
        ).format(**facts),
        notes=(
            _("An association, not an effect: guards were not sent at random."),
            _("Grey bars: elasticities smaller than the data could have seen with 80% power."),
            _("No p-value stands alone here: read the rows together."),
        ),
    )


def _elasticity_facts(specifications: pd.DataFrame) -> dict[str, str]:
    rows = specifications.set_index("specification")
    main, control, between, lead = (
        rows.loc[name] for name in ("main", "control", "between", "lead")
    )
    return {
        "estimate": number(main["estimate"], 2),
        "interval": interval(main["conf_low"], main["conf_high"], 2),
        "detectable": number(main["detectable"], 2),
        "between": number(between["estimate"], 2),
        "between_interval": interval(between["conf_low"], between["conf_high"], 2),
        "control": number(control["estimate"], 2),
        "control_interval": interval(control["conf_low"], control["conf_high"], 2),
        "lead": number(lead["estimate"], 2),
        "lead_interval": interval(lead["conf_low"], lead["conf_high"], 2),
        "period": months(main["first"], main["last"]),
    }


def caption_elasticity_table(specifications: pd.DataFrame) -> Caption:
    """Head the table of elasticities with the contrast between and within states."""
    facts = _elasticity_facts(specifications)
    return Caption(
        title=_("Elasticity {estimate} within states, {between} between states").format(**facts),
        subtitle=_("Elasticity of monthly homicides to guards per 100,000, {period}").format(
            **facts
        ),
        alt=_("Table of elasticities with intervals by specification."),
        notes=(
            _(
                "crv1: clustered by state, t(31). Smallest detectable: with 80% power at 5%. A lag "
                "or lead keeps the Guard's months and moves the homicides."
            ),
        ),
    )


def caption_leave_one_out(without_one: pd.DataFrame) -> Caption:
    """Say between which values the estimate moves when one state is left out."""
    facts = _range_facts(without_one)
    return Caption(
        title=_("Leaving out one state moves the elasticity from {low} to {high}").format(**facts),
        subtitle=_("Elasticity of monthly homicides to guards per 100,000, one state left out"),
        alt=_(
            "Dots with intervals, one a state left out: from {low} ({first}) to {high} ({last})."
        ).format(**facts),
        notes=(_("Lowest without {first}, highest without {last}.").format(**facts),),
    )


def _range_facts(without_one: pd.DataFrame) -> dict[str, str]:
    rows = without_one.sort_values("estimate")
    return {
        "low": number(rows["estimate"].iloc[0], 2),
        "high": number(rows["estimate"].iloc[-1], 2),
        "first": find_state(rows["cve_ent"].iloc[0]).name,
        "last": find_state(rows["cve_ent"].iloc[-1]).name,
    }


def caption_strength_table(totals: pd.DataFrame) -> Caption:
    """Head the table of dated Guard totals."""
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
    """Say how many faults the rules found in the deployment table."""
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


def point_annual(annual: ModelResult) -> Point:
    """Give the annual correlation in levels and detrended, and of the bare year."""
    text = _(
        "{first} to {last}, {n} year-ends: the correlation of guards, {series}, with the national rate, {source}, is "
        "{levels} ({interval}) in levels and {detrended} ({detrended_interval}) detrended; the bare "
        "year alone gives {index}."
    ).format(**_annual_facts(annual))
    return Point(text, "annual")


def say_guard_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the report on the Guard."""
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
