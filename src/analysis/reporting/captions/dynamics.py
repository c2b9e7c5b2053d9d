"""The words of lags, leads and controls."""

from analysis.modelling.dynamics import SURE
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import number, p_value
from analysis.reporting.text import translate as _


def caption_dynamics(dynamics: ModelResult, beside: str) -> Caption:
    """Say at how many lags and leads there is an association, and what stands beside it.

    Examples
    --------
    >>> from analysis import fit_guard_dynamics, load_panel
    >>> dynamics = fit_guard_dynamics(load_panel())
    >>> caption_dynamics(dynamics, "control").title
    'Largest of 19 lags: p 0.002; of negligent homicide, which guards should not move, p ...
    """
    facts = _dynamics_facts(dynamics)
    titles = {
        "control": _(
            "Largest of 19 lags: p {main_any}; of negligent homicide, which guards should not move, p {control_any}; of 12 leads p {main_lead_any}"
        ),
        "trend": _(
            "With a trend for each state the largest of 19 lags has p {trend_any}, without it p {main_any}"
        ),
    }
    counts = {
        "control": _(
            "Taken alone, {main_lags} of 19 lags and {main_leads} of 12 leads have p < 0.05; of negligent homicide {control_lags} and {control_leads}."
        ),
        "trend": _(
            "Taken alone, {trend_lags} of 19 lags and {trend_leads} of 12 leads have p < 0.05 with state trends, {main_lags} and {main_leads} without."
        ),
    }
    return Caption(
        title=titles[beside].format(**facts),
        subtitle=_(
            "Elasticity of monthly homicides to guards per 100,000 in earlier (lags) and later (leads) months"
        ),
        alt=_(
            "Dots with intervals at 31 lags and leads. Main, lags: {main_low} to {main_high}; leads: "
            "{lead_low} to {lead_high}. Control, lags: {control_low} to {control_high}. With state "
            "trends, lags: {trend_low} to {trend_high}."
        ).format(**facts),
        notes=(
            _(
                "Guards keep their months, homicides move. Clustered by state; no lag was chosen in advance."
            ),
            counts[beside].format(**facts),
            _("The largest of many is tested with states swapped jointly at all lags, or leads."),
            *model_notes(dynamics)[2:],
        ),
    )


def _dynamics_facts(dynamics: ModelResult) -> dict[str, str]:
    rows = dynamics.tidy()
    single = rows.dropna(subset=["lag"])
    facts: dict[str, str] = {}
    for variant in ("main", "control", "trend", "reverse"):
        some = single[single["variant"] == variant]
        lags, leads = some[some["lag"] >= 0], some[some["lag"] < 0]
        facts |= {
            f"{variant}_lags": number((lags["p_value"] < SURE).sum()),
            f"{variant}_leads": number((leads["p_value"] < SURE).sum()),
            f"{variant}_low": number(lags["estimate"].min(), 2),
            f"{variant}_high": number(lags["estimate"].max(), 2),
        }
    for variant in ("main", "control", "trend"):
        for term, name in (("any lag", "any"), ("any lead", "lead_any")):
            row = dynamics.row(term, variant=variant)
            facts[f"{variant}_{name}"] = p_value(row["p_permutation"])
    leads = single[(single["variant"] == "main") & (single["lag"] < 0)]
    return facts | {
        "lead_low": number(leads["estimate"].min(), 2),
        "lead_high": number(leads["estimate"].max(), 2),
    }


def caption_dynamics_table(dynamics: ModelResult) -> Caption:
    """Head the table of lags and leads with the range of the main lags.

    Examples
    --------
    >>> from analysis import fit_guard_dynamics, load_panel
    >>> dynamics = fit_guard_dynamics(load_panel())
    >>> caption_dynamics_table(dynamics).title
    'Lags from −0.23 to −0.05, placebo leads from −0.11 to 0.08'
    """
    facts = _dynamics_facts(dynamics)
    return Caption(
        title=_(
            "Lags from {main_low} to {main_high}, placebo leads from {lead_low} to {lead_high}"
        ).format(**facts),
        subtitle=_(
            "Elasticities by lag with the permutation p-value; the page shows every third month"
        ),
        alt=_("Table of elasticities at every third lag and lead, four variants side by side."),
        notes=(
            _(
                "Reverse: guards on homicides that many months before, {reverse_lags} of 18 with p < 0.05."
            ).format(**facts),
            _("In brackets the p-value by swapped trajectories; for reverse, clustered by state."),
        ),
    )


def point_dynamics(dynamics: ModelResult) -> Point:
    """Give lags, state trends, the negative control and the leads, each judged jointly.

    Examples
    --------
    >>> from analysis import fit_guard_dynamics, load_panel
    >>> dynamics = fit_guard_dynamics(load_panel())
    >>> point_dynamics(dynamics).text
    'At lags of 0 to 18 months the elasticity runs from −0.23 to −0.05 (largest of 19: p ...
    """
    text = _(
        "At lags of 0 to 18 months the elasticity runs from {main_low} to {main_high} (largest of 19: p {main_any}); "
        "with a trend for each state from {trend_low} to {trend_high} (p {trend_any}); negligent homicide, which "
        "guards should not move, from {control_low} to {control_high} (p {control_any}); 12 placebo leads: p {main_lead_any}."
    ).format(**_dynamics_facts(dynamics))
    p_main, p_trend = (
        dynamics.row("any lag", variant=variant)["p_permutation"] for variant in ("main", "trend")
    )
    unsure = _("What depends on leaving state trends out is not yet an effect.")
    return Point(f"{text} {unsure}" if p_main < SURE <= p_trend else text, "dynamics")
