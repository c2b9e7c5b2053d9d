"""The words of a smooth trend."""

from analysis.modelling.result import ModelResult
from analysis.reporting.captions.common import model_notes
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption
from analysis.reporting.text import change, month, months, number
from analysis.reporting.text import translate as _


def caption_smooth(smooth: ModelResult) -> Caption:
    """Say where the rate stands without its season, and whether it rises or falls at the end.

    Examples
    --------
    >>> from analysis import fit_smooth_trend, load_panel, load_table
    >>> smooth = fit_smooth_trend(load_panel(), load_table("national_month"))
    >>> caption_smooth(smooth).title
    'Mexico: 17.3 per 100,000 in June 2025 without season (95% band of the whole curve 15.8 ...
    """
    facts = _smooth_facts(smooth)
    last = smooth.rows[smooth.rows["kind"] == "month"].iloc[-1]
    source = smooth.parameters["source"]
    early = [_("The direction at the end rests on preliminary months.")]
    early = early if f"{source}_preliminary" in str(last.get("flags")) else []
    titles = {
        "rising": _("{place}: {rate} per 100,000 in {last} without season ({interval}), rising"),
        "falling": _("{place}: {rate} per 100,000 in {last} without season ({interval}), falling"),
        "unclear": _(
            "{place}: {rate} per 100,000 in {last} without season ({interval}), direction unclear"
        ),
    }
    return Caption(
        title=titles[smooth.row("direction")["direction"]].format(**facts),
        subtitle=_(
            "Monthly rate (dots) and smooth trend with the 95% band of the whole curve, {place}, {period}, {source}"
        ).format(**facts),
        alt=_(
            "Dots of monthly rates with a smooth curve and its band. The curve is highest in {peak} at {high}, lowest in {trough} at {low}, and ends at {rate} in {last}."
        ).format(**facts),
        notes=(
            _(
                "Slope in the last month: {slope} a month (90% interval {slope_low} to {slope_high}); a curve is least sure at its end."
            ).format(**facts),
            *early,
            _("Hollow dots: months that are preliminary, filled or of an incomplete year."),
            *model_notes(smooth),
        ),
    )


def caption_smooth_table(smooth: ModelResult) -> Caption:
    """Head the table of the smooth trend with its highest and its last value.

    Examples
    --------
    >>> from analysis import fit_smooth_trend, load_panel, load_table
    >>> smooth = fit_smooth_trend(load_panel(), load_table("national_month"))
    >>> caption_smooth_table(smooth).title
    'Mexico: 27.6 in February 2020, 17.3 in June 2025'
    """
    facts = _smooth_facts(smooth)
    return Caption(
        title=_("{place}: {high} in {peak}, {rate} in {last}").format(**facts),
        subtitle=_(
            "Smooth trend of the homicide rate per 100,000 person-years, half-years, {period}, {source}"
        ).format(**facts),
        alt=_("Table of the smooth trend with its band by half-year."),
        notes=(_("The band holds the whole curve, not each month by itself."),),
    )


def _smooth_facts(smooth: ModelResult) -> dict[str, str]:
    rows, slope = smooth.tidy(), smooth.row("direction")
    curve = rows[rows["kind"] == "month"].set_index("month")
    last, peak, trough = curve.iloc[-1], curve["rate"].idxmax(), curve["rate"].idxmin()
    return {
        "place": smooth.parameters["state"] or _("Mexico"),
        "source": _(SOURCE_NAMES[smooth.parameters["source"]]),
        "period": months(*smooth.period),
        "rate": number(last["rate"], 1),
        "interval": _("95% band of the whole curve {low} to {high}").format(
            low=number(last["conf_low"], 1), high=number(last["conf_high"], 1)
        ),
        "last": month(str(curve.index[-1])),
        "peak": month(str(peak)),
        "high": number(curve["rate"].max(), 1),
        "trough": month(str(trough)),
        "low": number(curve["rate"].min(), 1),
        "slope": change(slope["estimate"]),
        "slope_low": change(slope["conf_low"]),
        "slope_high": change(slope["conf_high"]),
    }
