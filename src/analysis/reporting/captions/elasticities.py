"""The words of what the Guard goes together with: elasticities, annual correlations."""

import pandas as pd

from analysis.geography import find_state
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.guard import FAMILIES
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import interval, months, number
from analysis.reporting.text import translate as _


def caption_correlations(annual: ModelResult) -> Caption:
    """Say how the four correlations disagree.

    Examples
    --------
    >>> from analysis import fit_guard_annual, load_table
    >>> tables = map(load_table, ["national_year", "guard_strength_national"])
    >>> annual = fit_guard_annual(*tables)
    >>> caption_correlations(annual).title
    '6 years can not carry a claim: the correlation is −0.49 in levels, 0.77 detrended'
    """
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
    """Head the table of annual correlations of every series and source.

    Examples
    --------
    >>> caption_annual_table().title
    'Sign and size of the annual correlation depend on the coding and on the series'
    """
    return Caption(
        title=_("Sign and size of the annual correlation depend on the coding and on the series"),
        subtitle=_("Correlations of year-end Guard totals with the national rate [95% interval]"),
        alt=_("Table of four correlations by Guard series and homicide source."),
        notes=(_("A dash, or no interval: too few years for it."),),
    )


def caption_elasticities(specifications: pd.DataFrame) -> Caption:
    """Say what the main elasticity is, and that it can not be told from zero or can.

    Examples
    --------
    >>> from analysis import load_panel, select_specifications
    >>> specifications = select_specifications(load_panel(), load_panel(corrections="off"))
    >>> caption_elasticities(specifications).title
    'In the same month no association within states can be told from zero (−0.05, 95% ...
    """
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
    """Head the table of elasticities with the contrast between and within states.

    Examples
    --------
    >>> from analysis import load_panel, select_specifications
    >>> specifications = select_specifications(load_panel(), load_panel(corrections="off"))
    >>> caption_elasticity_table(specifications).title
    'Elasticity −0.05 within states, 0.60 between states'
    """
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
    """Say between which values the estimate moves when one state is left out.

    Examples
    --------
    >>> from analysis import load_panel, select_leave_one_out
    >>> without_one = select_leave_one_out(load_panel())
    >>> caption_leave_one_out(without_one).title
    'Leaving out one state moves the elasticity from −0.13 to −0.01'
    """
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


def point_annual(annual: ModelResult) -> Point:
    """Give the annual correlation in levels and detrended, and of the bare year.

    Examples
    --------
    >>> from analysis import fit_guard_annual, load_table
    >>> tables = map(load_table, ["national_year", "guard_strength_national"])
    >>> annual = fit_guard_annual(*tables)
    >>> point_annual(annual).text
    '2020 to 2025, 6 year-ends: the correlation of guards, total force (Guard), with the ...
    """
    text = _(
        "{first} to {last}, {n} year-ends: the correlation of guards, {series}, with the national rate, {source}, is "
        "{levels} ({interval}) in levels and {detrended} ({detrended_interval}) detrended; the bare "
        "year alone gives {index}."
    ).format(**_annual_facts(annual))
    return Point(text, "annual")
