"""The words of the specification curve."""

import pandas as pd

from analysis.modelling.dynamics import SURE
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.robustness import CHOICE_NAMES
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import interval, number, p_value
from analysis.reporting.text import translate as _


def caption_curve(multiverse: ModelResult) -> Caption:
    """Say what the middle of all specifications is, and what chance would give."""
    facts = _curve_facts(multiverse)
    return Caption(
        title=_(
            "Over {count} specifications the median elasticity is {median}, within states {within}: chance alone gives {null_low} to {null_high}"
        ).format(**facts),
        subtitle=_(
            "Elasticity by specification; dotted: where 95% of the curves lie when states swap their guards"
        ),
        alt=_(
            "Curve of {count} estimates in order, from {lowest} to {highest}, within-state ones around "
            "{within}, between-state ones around {between}."
        ).format(**facts),
        notes=(
            _(
                "By the score test that swapping uses {share}% of the specifications are significant; swapped panels give {share_low}% to {share_high}% (p {share_p}). By their own intervals, which swapping does not judge, it is {own}%. Median: p {median_p}; within states alone p {within_p}. {draws} joint permutations."
            ).format(**facts),
            _(
                "Between-state estimates answer another question: guards are many where homicides are. They stand here so that the flip can be seen."
            ),
            *model_notes(multiverse)[2:],
        ),
    )


def caption_curve_table(multiverse: ModelResult) -> Caption:
    """Head the summary of all specifications with the p-values of its medians."""
    return Caption(
        title=_(
            "Chance alone gives such medians with p {median_p}, within states {within_p}"
        ).format(**_curve_facts(multiverse)),
        subtitle=_("All specifications together, beside 95% of {draws} joint permutations").format(
            **_curve_facts(multiverse)
        ),
        alt=_("Table of median and share significant, found and under permutation."),
        notes=(
            _("Within states: with effects of states, which is two thirds of the specifications."),
        ),
    )


def _curve_facts(multiverse: ModelResult) -> dict[str, str]:
    rows = multiverse.tidy().dropna(subset=["outcome"])
    median, within = multiverse.row("median"), multiverse.row("median within states")
    share = multiverse.row("share significant")
    return {
        "count": number(len(rows)),
        "median": number(median["estimate"], 2),
        "median_p": p_value(median["p_value"]),
        "null_low": number(median["null_low"], 2),
        "null_high": number(median["null_high"], 2),
        "within": number(within["estimate"], 2),
        "within_p": p_value(within["p_value"]),
        "negative": number(100 * within["share_negative"]),
        "between": number(rows.loc[rows["effects"] == "month", "estimate"].median(), 2),
        "share": number(100 * share["estimate"], 1),
        "share_low": number(100 * share["null_low"], 1),
        "share_high": number(100 * share["null_high"], 1),
        "share_p": p_value(share["p_value"]),
        "own": number(100 * (rows["p_value"] < SURE).mean(), 1),
        "lowest": number(rows["estimate"].min(), 2),
        "highest": number(rows["estimate"].max(), 2),
        "draws": number(multiverse.parameters["draws"]),
    }


def caption_choices(choices: pd.DataFrame) -> Caption:
    """Say which choice moves the estimate most."""
    reach = choices.groupby("choice", sort=False)["median"].agg(
        lambda each: each.max() - each.min()
    )
    most = choices[choices["choice"] == reach.idxmax()].sort_values("median")
    facts = {
        "low": number(most["median"].iloc[0], 2),
        "high": number(most["median"].iloc[-1], 2),
        "low_name": _(CHOICE_NAMES[most["value"].iloc[0]]),
        "high_name": _(CHOICE_NAMES[most["value"].iloc[-1]]),
    }
    return Caption(
        title=_(
            "One choice moves the estimate most: a median of {low} with “{low_name}”, of {high} with “{high_name}”"
        ).format(**facts),
        subtitle=_("Elasticity over the specifications that make a choice: median and middle 90%"),
        alt=_("Dots with bars, one a choice, grouped by what is chosen."),
        notes=(
            _(
                "Effects are compared over all 1,080 specifications, the other choices over the 720 with state effects. Guards per 100,000 in levels are turned into an elasticity at their mean."
            ),
        ),
    )


def point_between(specifications: pd.DataFrame, multiverse: ModelResult) -> Point:
    """Give the sign flip between states and the whole curve."""
    between = specifications.set_index("specification").loc["between"]
    text = _(
        "Between states the association is {estimate} ({ends}), and guards may have been sent where violence was. Over all {count} "
        "specifications the median is {median} (by chance {null_low} to {null_high}) and {share}% are significant by the "
        "score test (by chance {share_low}% to {share_high}%)."
    ).format(
        estimate=number(between["estimate"], 2),
        ends=interval(between["conf_low"], between["conf_high"], 2),
        **_curve_facts(multiverse),
    )
    return Point(text, "curve")
