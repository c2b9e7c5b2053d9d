"""The words of what would have been."""

from math import floor, log10

from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.future import AXIS
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption
from analysis.reporting.text import month, months, number
from analysis.reporting.text import translate as _


def rough(value: float) -> str:
    """Write a count to three digits: draws carry no more.

    Examples
    --------
    >>> rough(129955.4), rough(-796.2), rough(0.0)
    ('130,000', '−796', '0')
    """
    if not value:
        return number(0)
    digits = 2 - floor(log10(abs(value)))
    return number(round(value, min(digits, 0)))


def signed(value: float) -> str:
    """Write a difference of counts to three digits, with its sign.

    Examples
    --------
    >>> signed(4589.9), signed(-7054.6)
    ('+4,590', '−7,050')
    """
    return ("+" if value > 0 else "") + rough(value)


def verdict_words() -> dict[str, str]:
    """Give what each verdict on a difference from the expected says."""
    return {
        "fewer": _("fewer"),
        "more": _("more"),
        "unclear": _("unclear"),
        "uninformative": _("can not be told"),
    }


def _total_facts(counterfactual: ModelResult, term: str) -> dict[str, str]:
    row = counterfactual.row(term)
    rows = counterfactual.tidy()
    after = rows.loc[rows["kind"] == "month", "term"].iloc[: int(row["months"])]
    event = counterfactual.parameters["event"]
    return {
        "place": _("Mexico"),
        "event": month(event),
        "period": months(after.iloc[0], after.iloc[-1]),
        "whole": months(*counterfactual.period),
        "source": _(SOURCE_NAMES[counterfactual.parameters["source"]]),
        "months": number(row["months"]),
        "size": rough(abs(row["estimate"])),
        "change": signed(row["estimate"]),
        "low": signed(row["conf_low"]),
        "high": signed(row["conf_high"]),
        "observed": number(row["observed"]),
        "expected": rough(row["expected"]),
        "verdict": verdict_words()[row["verdict"]],
    }


def _counterfactual_title(counterfactual: ModelResult, term: str) -> str:
    titles = {
        "fewer": _("{period}: {size} fewer homicides than expected from before ({low} to {high})"),
        "more": _("{period}: {size} more homicides than expected from before ({low} to {high})"),
        "unclear": _(
            "{period}: more or fewer homicides than expected is unclear, {change} ({low} to {high})"
        ),
        "uninformative": _(
            "{period}: what would have been can not be told: a difference anywhere from {low} to {high} homicides"
        ),
    }
    facts = _total_facts(counterfactual, term)
    return titles[counterfactual.row(term)["verdict"]].format(**facts)


def _counterfactual_notes(counterfactual: ModelResult) -> tuple[str, ...]:
    rows = counterfactual.tidy()
    level = {
        "local level": _("a level that wanders"),
        "local linear trend": _("a level and a slope that wander"),
    }
    chosen = rows.loc[rows["kind"] == "total", "level"].iloc[0]
    other = rows[rows["term"] == "cumulative, other level"].iloc[0]
    return (
        _(
            "Expected: {level} and a season, fitted before {event} and simulated after; it knows nothing of what else changed."
        ).format(level=level[chosen], event=month(counterfactual.parameters["event"])),
        _("With {level} instead, to the last month: {change} ({low} to {high}).").format(
            level=level[other["level"]],
            change=signed(other["estimate"]),
            low=signed(other["conf_low"]),
            high=signed(other["conf_high"]),
        ),
        *model_notes(counterfactual),
    )


def caption_counterfactual(counterfactual: ModelResult) -> Caption:
    """Say whether more or fewer were counted to the last month than expected, if it can be told.

    Examples
    --------
    >>> from analysis import fit_counterfactual, load_table
    >>> counterfactual = fit_counterfactual(load_table("national_month"))
    >>> caption_counterfactual(counterfactual).title
    'July 2019 to June 2025: what would have been can not be told: a difference anywhere ...
    """
    facts = _total_facts(counterfactual, "cumulative")
    return Caption(
        title=_counterfactual_title(counterfactual, "cumulative"),
        subtitle=_(
            "Homicides a month, {place}, {source}: observed, and expected from before {event} with 80% and 95% intervals"
        ).format(**facts),
        alt=_(
            "A line of observed counts and, from {event} on, a dashed line of expected ones in a fan that widens. Observed in all {observed}, expected {expected}; difference {low} to {high}."
        ).format(**facts),
        notes=(
            _("Hollow dots: months that are preliminary, filled or of an incomplete year."),
            *_beyond(counterfactual),
            *_counterfactual_notes(counterfactual),
        ),
    )


def _beyond(counterfactual: ModelResult) -> tuple[str, ...]:
    """Say how far the fan goes where the axis ends before it."""
    rows = counterfactual.tidy()
    high = rows.loc[rows["kind"] == "month", "expected_high"].max()
    if high <= AXIS * counterfactual.fitted["series"]["count"].max():
        return ()
    return (
        _("The fan goes on beyond the axis, to {high} in a month.").format(
            high=number(round(high, -2))
        ),
    )


def caption_cumulative(counterfactual: ModelResult) -> Caption:
    """Say what the first year after the event shows, and how the sum goes on.

    Examples
    --------
    >>> from analysis import fit_counterfactual, load_table
    >>> counterfactual = fit_counterfactual(load_table("national_month"))
    >>> caption_cumulative(counterfactual).title
    'July 2019 to June 2020: more or fewer homicides than expected is unclear, −1,910 ...
    """
    terms = set(counterfactual.tidy()["term"])
    first = "cumulative 12" if "cumulative 12" in terms else "cumulative"
    facts = _total_facts(counterfactual, "cumulative")
    return Caption(
        title=_counterfactual_title(counterfactual, first),
        subtitle=_(
            "Observed less expected homicides, summed from {event} on, with 95% interval, {place}, {source}"
        ).format(**facts),
        alt=_(
            "A line of the summed difference in a widening band; after {months} months it is {change}, {low} to {high}."
        ).format(**facts),
        notes=(
            _(
                "Coloured by the evidence: only a band that excludes zero in the last month has a colour."
            ),
            *model_notes(counterfactual),
        ),
    )


def caption_counterfactual_table(counterfactual: ModelResult) -> Caption:
    """Say in how many of the windows the difference can be told.

    Examples
    --------
    >>> from analysis import fit_counterfactual, load_table
    >>> counterfactual = fit_counterfactual(load_table("national_month"))
    >>> caption_counterfactual_table(counterfactual).title
    'In none of 6 sums since July 2019 can the difference be told from chance'
    """
    rows = counterfactual.tidy()
    totals = rows[rows["kind"].isin(["total", "alternative"])]
    told = int(totals["verdict"].isin(["fewer", "more"]).sum())
    facts = _total_facts(counterfactual, "cumulative")
    facts |= {"told": number(told), "all": number(len(totals))}
    some = _("In {told} of {all} sums since {event} the difference can be told from chance")
    none = _("In none of {all} sums since {event} can the difference be told from chance")
    return Caption(
        title=(some if told else none).format(**facts),
        subtitle=_("Homicides observed and expected, {place}, {source}").format(**facts),
        alt=_("Table of observed and expected homicides by window and model of the level."),
        notes=(
            _(
                "Can not be told: the interval holds zero and is wider than half of what was observed."
            ),
            _("Expected counts and differences are rounded to three digits."),
        ),
    )
