"""The words of when the rate changed."""

import pandas as pd

from analysis.modelling.changes import select_continuation, select_starts
from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.figures.interruption import CARRIED
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, interval, month, months, number, percent
from analysis.reporting.text import translate as _

# With changes at more placebo dates than this, the model's p-values are not to be believed.
MANY = 0.1
# From this correlation on the placebo estimates are said to follow a line.
STEADY = 0.8
CONF = ("conf_low", "conf_high")


def _event_facts(interruption: ModelResult) -> dict[str, str]:
    event = interruption.parameters["events"][:7]
    facts = {"event": month(event), "period": months(*interruption.period)}
    facts["source"] = _(SOURCE_NAMES[interruption.parameters["source"]])
    for name in ("level", "slope"):
        for inference in ("hac", "ar1"):
            row = interruption.row(f"{name} {event}", kind="event", inference=inference)
            low, high = ((row[end] - 1) * 100 for end in CONF)
            facts |= {
                f"{name}_{inference}": change((row["estimate"] - 1) * 100),
                f"{name}_{inference}_interval": interval(low, high),
            }
    starts = select_starts(interruption).query("month == @event and change == 'level'")
    least, most = starts["estimate"].min(), starts["estimate"].max()
    facts |= {
        "early": month(starts["start"].iloc[0]),
        "late": month(starts["start"].iloc[-1]),
        "least": change((least - 1) * 100),
        "most": change((most - 1) * 100),
        "late_level": change((starts["estimate"].iloc[-1] - 1) * 100),
        "late_interval": interval(*((starts[c].iloc[-1] - 1) * 100 for c in CONF)),
    }
    return facts | _share_facts(interruption)


def _has_placebos(interruption: ModelResult) -> bool:
    return bool((interruption.tidy()["kind"] == "share").any())


def _share_facts(interruption: ModelResult) -> dict[str, str]:
    if not _has_placebos(interruption):
        return {}
    level, slope = (interruption.row(f"placebo {name}") for name in ("level", "slope"))
    return {
        "placebos": number(level["placebos"]),
        "level_share": percent(level["estimate"]),
        "slope_share": percent(slope["estimate"]),
        "falls": number(level["falls"]),
        "rises": number(level["rises"]),
        "farther": number(level["farther"]) if level["farther"] else _("none"),
        "level_beyond": number(level["beyond"]),
        "slope_beyond": number(slope["beyond"]),
        "correlation": number(level["correlation"], 2),
        "carried": change((level["carried"] - 1) * 100),
    }


def _event(interruption: ModelResult) -> pd.Series:
    """Give the change of level at the first event."""
    term = f"level {interruption.parameters['events'][:7]}"
    return interruption.row(term, kind="event", inference="hac")


def _what_follows(interruption: ModelResult) -> tuple[str, ...]:
    """Say what the placebo dates say of the model's p-values, and where the event lies."""
    if not _has_placebos(interruption):
        return ()
    facts, share = _event_facts(interruption), interruption.row("placebo level")
    doubt = _(
        "The p-values of this model are not to be believed: where a rate bends, a straight line leaves a step at many dates."
    )
    line = _(
        "A straight line through the placebo estimates by date (correlation {correlation}) stands at {carried} in {event}, where the model finds {level_hac}."
    )
    goes_on = _(
        "A straight line through the placebo estimates by date (correlation {correlation}) stands at {carried} in {event}: {event} continues it, as in a rate that curves without a step (see the bend)."
    )
    event = _event(interruption)
    inside = event["conf_low"] <= share["carried"] <= event["conf_high"]
    notes = [doubt] if share["estimate"] > MANY else []
    if pd.notna(share["correlation"]):
        steady = inside and abs(share["correlation"]) >= STEADY
        notes.append((goes_on if steady else line).format(**facts))
    return tuple(notes)


def _event_notes(interruption: ModelResult) -> tuple[str, ...]:
    facts = _event_facts(interruption)
    return (
        _("With AR(1) errors the level changes by {level_ar1} ({level_ar1_interval}).").format(
            **facts
        ),
        _(
            "In windows that begin between {early} and {late} the level changes by {least} to {most}; from {late} by {late_level} ({late_interval})."
        ).format(**facts),
        _("A change at a date is not an effect of what happened then."),
    )


def caption_interruption(interruption: ModelResult) -> Caption:
    """Say by how much level and slope change at the event, and how special its date is.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> interruption = fit_interruption(load_table("national_month"))
    >>> caption_interruption(interruption).title
    'July 2019: level −10.1% (95% interval −15.8 to −4.0); 77% of 31 placebo dates show a ...
    """
    facts = _event_facts(interruption)
    title = _("{event}: level {level_hac} ({level_hac_interval}), slope {slope_hac} a year")
    fall = _(
        "{event}: level {level_hac} ({level_hac_interval}); {level_share} of {placebos} placebo dates show a change with p < 0.05, {farther} so large a fall"
    )
    rise = _(
        "{event}: level {level_hac} ({level_hac_interval}); {level_share} of {placebos} placebo dates show a change with p < 0.05, {farther} so large a rise"
    )
    if _has_placebos(interruption):
        title = fall if _event(interruption)["estimate"] < 1 else rise
    line = select_continuation(interruption)
    facts |= {
        "last": month(line["month"].iloc[-1]),
        "far": number(line["continued"].iloc[-1]),
        "carried": number(CARRIED),
    }
    return Caption(
        title=title.format(**facts),
        subtitle=_(
            "Homicides per 100,000 person-years by month (dots) and fitted without season, Mexico, {source}, {period}"
        ).format(**facts),
        alt=_(
            "Dots of monthly rates with a line in pieces, one between each event. At {event} the level changes by {level_hac}, the slope by {slope_hac} a year; a dashed line goes straight on."
        ).format(**facts),
        notes=(
            _(
                "Dashed: the slope before {event} carried on for {carried} months, with its 95% interval; by {last} it would stand at {far}: no straight line can be carried so far."
            ).format(**facts),
            *_event_notes(interruption),
            *_what_follows(interruption),
            _("Hollow dots: months that are preliminary, filled or of an incomplete year."),
            *model_notes(interruption),
        ),
    )


def caption_placebos(interruption: ModelResult) -> Caption:
    """Say at how many placebo dates the model finds a change of level.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> interruption = fit_interruption(load_table("national_month"))
    >>> caption_placebos(interruption).title
    'The model finds a change of level at 77% of 31 placebo dates before July 2019, and at ...
    """
    facts = _event_facts(interruption)
    fall = _(
        "The model finds a change of level at {level_share} of {placebos} placebo dates before {event}, and at {farther} so large a fall as in {event}"
    )
    rise = _(
        "The model finds a change of level at {level_share} of {placebos} placebo dates before {event}, and at {farther} so large a rise as in {event}"
    )
    return Caption(
        title=(fall if _event(interruption)["estimate"] < 1 else rise).format(**facts),
        subtitle=_(
            "Level after over before, with 95% interval, at each placebo date and at {event}, {source}"
        ).format(**facts),
        alt=_(
            "Dots with intervals in order of time, one a placebo date, and a diamond for {event} ({level_hac}). {level_share} of the dots are full, that is p < 0.05."
        ).format(**facts),
        notes=(
            _("Full: p < 0.05. Were the model right, one date in twenty would be full on average."),
            _(
                "With p < 0.05 the level falls at {falls} of the dates and rises at {rises}; a change of slope is found at {slope_share}."
            ).format(**facts),
            _(
                "In standard errors the change of level goes as far in the direction of {event} at {level_beyond} of the dates, that of slope at {slope_beyond}."
            ).format(**facts),
            *_what_follows(interruption),
            _(
                "In a window from {late} the level changes by {late_level} ({late_interval})."
            ).format(**facts),
            _("Placebo dates use only the months before {event}, with a year on each side.").format(
                **facts
            ),
        ),
    )


def caption_segment_table(interruption: ModelResult) -> Caption:
    """Say what the slope does at the event, beside the placebo dates.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> interruption = fit_interruption(load_table("national_month"))
    >>> caption_segment_table(interruption).title
    'Slope from July 2019: −20.1% a year (95% interval −23.0 to −17.0) against the slope before'
    """
    facts = _event_facts(interruption)
    return Caption(
        title=_(
            "Slope from {event}: {slope_hac} a year ({slope_hac_interval}) against the slope before"
        ).format(**facts),
        subtitle=_(
            "Ratios of level and of slope a year at each event, [95% interval], {source}, {period}"
        ).format(**facts),
        alt=_("Table of ratios by two kinds of inference, beside the share of placebo dates."),
        notes=_event_notes(interruption),
    )


def caption_start_table(interruption: ModelResult) -> Caption:
    """Say what the first month of the window does to the change of level.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> interruption = fit_interruption(load_table("national_month"))
    >>> caption_start_table(interruption).title
    'Level at July 2019: −10.1% to −1.6%, depending on where the window begins; from July ...
    """
    facts = _event_facts(interruption)
    return Caption(
        title=_(
            "Level at {event}: {least} to {most}, depending on where the window begins; from {late} {late_level}"
        ).format(**facts),
        subtitle=_(
            "Ratios of level and of slope a year by the first month of the window, [95% interval], {source}"
        ).format(**facts),
        alt=_("Table of ratios at each event, one row a first month of the window."),
        notes=(_("The end of the window is the same in every row."),),
    )


def point_interruption(interruption: ModelResult) -> Point:
    """Give the change at the event beside what placebo dates and another window give.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> interruption = fit_interruption(load_table("national_month"))
    >>> point_interruption(interruption).text
    'At July 2019 the level of the rate changes by −10.1% (95% interval −15.8 to −4.0) and ...
    """
    facts = _event_facts(interruption)
    text = _(
        "At {event} the level of the rate changes by {level_hac} ({level_hac_interval}) and its slope by {slope_hac} a year ({slope_hac_interval}); in a window from {late} the level changes by {late_level} ({late_interval})."
    ).format(**facts)
    fall = _(
        "Of {placebos} placebo dates {level_share} show a change of level with p < 0.05 and {slope_share} one of slope; so large a fall of level is found at {farther}."
    )
    rise = _(
        "Of {placebos} placebo dates {level_share} show a change of level with p < 0.05 and {slope_share} one of slope; so large a rise of level is found at {farther}."
    )
    some = []
    if _has_placebos(interruption):
        some = [(fall if _event(interruption)["estimate"] < 1 else rise).format(**facts)]
    return Point(" ".join([text, *some, *_what_follows(interruption)]), "interruption")
