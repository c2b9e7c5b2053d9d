"""The words on how firm the elasticity is: inferences and power."""

from analysis.geography import find_state
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import interval, months, number, percent
from analysis.reporting.text import translate as _


def caption_inferences(elasticity: ModelResult) -> Caption:
    """Say whether every inference, some, or none can tell the elasticity from zero.

    Examples
    --------
    >>> from analysis import fit_guard_elasticity, load_panel
    >>> elasticity = fit_guard_elasticity(load_panel())
    >>> caption_inferences(elasticity).title
    'No inference can tell the elasticity of −0.05 from zero'
    """
    facts = _inference_facts(elasticity)
    title = _("{clear} of {count} inferences can tell the elasticity of {estimate} from zero")
    if facts["clear"] == number(0):
        title = _("No inference can tell the elasticity of {estimate} from zero")
    return Caption(
        title=title.format(**facts),
        subtitle=_(
            "Homicides in % for 1% more guards per 100,000 inhabitants, state and month effects, {period}"
        ).format(**facts),
        alt=_(
            "Five bars around {estimate}: clustered {crv1}, jackknife {crv3}, wild scores {wild}, "
            "swapped {swap}, and the range without one state {low} to {high}."
        ).format(**facts),
        notes=(
            _("An association, not an effect: guards may have been sent where violence was."),
            _(
                "The last bar is the range of the estimates without one state: lowest without {lowest}, highest without {highest}."
            ).format(**facts),
            *model_notes(elasticity)[1:],
        ),
    )


def _inference_facts(elasticity: ModelResult) -> dict[str, str]:
    rows = elasticity.tidy().set_index("inference")
    tests = rows.drop(index="leave_one_out")
    clear = (tests["conf_low"] > 0) | (tests["conf_high"] < 0)
    names = {"crv1": "crv1", "crv3": "crv3", "wild": "score_wild", "swap": "permutation"}
    ends = {
        key: interval(rows.loc[name, "conf_low"], rows.loc[name, "conf_high"], 2)
        for key, name in names.items()
        if name in rows.index
    }
    left_out = rows.loc["leave_one_out"]
    absent = dict.fromkeys(names, _("not possible"))
    return absent | {
        "clear": number(clear.sum()),
        "count": number(len(tests)),
        "estimate": number(rows["estimate"].iloc[0], 2),
        "narrow": number(tests["p_value"].min(), 2),
        "wide": number(tests["p_value"].max(), 2),
        "low": number(left_out["conf_low"], 2),
        "high": number(left_out["conf_high"], 2),
        "lowest": find_state(left_out["lowest_without"]).name,
        "highest": find_state(left_out["highest_without"]).name,
        "detectable": number(rows.loc["crv1", "detectable"], 2),
        "detectable3": number(rows.loc["crv3", "detectable"], 2),
        "period": months(*elasticity.period),
        **ends,
    }


def caption_inference_table(elasticity: ModelResult) -> Caption:
    """Head the table of one estimate under every inference with the range of its p-values.

    Examples
    --------
    >>> from analysis import fit_guard_elasticity, load_panel
    >>> elasticity = fit_guard_elasticity(load_panel())
    >>> caption_inference_table(elasticity).title
    'One estimate, −0.05, and p-values from 0.56 to 0.66'
    """
    facts = _inference_facts(elasticity)
    return Caption(
        title=_("One estimate, {estimate}, and p-values from {narrow} to {wide}").format(**facts),
        subtitle=_(
            "Elasticity of homicides to guards per 100,000 under every inference, {period}"
        ).format(**facts),
        alt=_("Table of one estimate with error, interval and p-value by inference."),
        notes=(
            _(
                "crv1 and crv3: t with one degree of freedom less than states. Wild scores: Webb weights, zero imposed. Swaps: whole trajectories of guards among states. Smallest detectable: with 80% power at 5%."
            ),
        ),
    )


def point_inferences(elasticity: ModelResult) -> Point:
    """Give the elasticity with its interval, the range of its p-values and what could be seen.

    Examples
    --------
    >>> from analysis import fit_guard_elasticity, load_panel
    >>> elasticity = fit_guard_elasticity(load_panel())
    >>> point_inferences(elasticity).text
    'July 2019 to July 2021, within states: homicides differ by −0.05% where guards per ...
    """
    text = _(
        "{period}, within states: homicides differ by {estimate}% where guards per 100,000 differ by 1% "
        "({crv1}; by jackknife {crv3}; p from {narrow} to {wide} by inference; {low} to {high} when one "
        "state is left out): an association, not an effect. By its standard errors one below {detectable} (jackknife: {detectable3}) would be missed more than one time in five."
    ).format(**_inference_facts(elasticity))
    return Point(text, "inferences")


def caption_power(power: ModelResult) -> Caption:
    """Say from which size on an elasticity would be found.

    Examples
    --------
    >>> from analysis import fit_power, load_panel
    >>> power = fit_power(load_panel(), draws=49)
    >>> caption_power(power).title
    'In placebo panels an elasticity below 0.21 (jackknife: 0.23) is missed more than one ...
    """
    rows = power.tidy().set_index("term")
    facts = {
        "crv1": number(rows.loc["crv1", "estimate"], 2),
        "crv3": number(rows.loc["crv3", "estimate"], 2),
        "seen1": number(rows.loc["crv1", "simulated"], 2),
        "seen3": number(rows.loc["crv3", "simulated"], 2),
        "size1": number(100 * rows.loc["crv1", "size"], 1),
        "size3": number(100 * rows.loc["crv3", "size"], 1),
        "draws": number(rows["draws"].iloc[0]),
    }
    return Caption(
        title=_(
            "In placebo panels an elasticity below {seen1} (jackknife: {seen3}) is missed more than one time in five"
        ).format(**facts),
        subtitle=_("Share of placebo panels in which an added elasticity is found at the 5% level"),
        alt=_(
            "Two rising curves. 80% are reached at {seen1} (clustered) and {seen3} (jackknife); at "
            "zero the tests reject {size1}% and {size3}%."
        ).format(**facts),
        notes=(
            _(
                "In {draws} placebo panels states swapped their guards, so that nothing goes together: the clustered test still finds something in {size1}% of them, the jackknife in {size3}%, where 5% is what they promise."
            ).format(**facts),
            _(
                "By formula 80% power is reached at {crv1} and {crv3}; in the placebo panels at {seen1} and {seen3}."
            ).format(**facts),
            *model_notes(power),
        ),
    )


def caption_power_table(power: ModelResult) -> Caption:
    """Head the table of detectable sizes with how often each test finds nothing but chance.

    Examples
    --------
    >>> from analysis import fit_power, load_panel
    >>> power = fit_power(load_panel(), draws=49)
    >>> caption_power_table(power).title
    'Where there is nothing the clustered test finds something in 4.1%, the jackknife in 2.0%'
    """
    rows = power.tidy().set_index("term")
    facts = {
        "crv1": percent(rows.loc["crv1", "size"], 1),
        "crv3": percent(rows.loc["crv3", "size"], 1),
    }
    return Caption(
        title=_(
            "Where there is nothing the clustered test finds something in {crv1}, the jackknife in {crv3}"
        ).format(**facts),
        subtitle=_(
            "Smallest detectable elasticity with 80% power at 5%, and the size of both tests"
        ),
        alt=_(
            "Table of two tests: error, detectable elasticity, share of placebo panels with a finding."
        ),
        notes=(_("In a placebo panel states swap their guards; 5% is what both tests promise."),),
    )
