"""Interrupted time series of the nation: changes at events, at placebo dates, by window."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.calendar import month_text
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.segments import SIDE, estimate_segments, hac_rows, segment_design
from analysis.modelling.series import poisson_fit, select_national_series
from analysis.parameters import Source, check

# The events unless others are named: the Guard's deployment and its transfer to the Army.
DEFAULT = "2019-07,2022-09"
# How many placebo dates are tried at most.
PLACEBOS = 31
# Months before the first event that the window must keep when its start is moved, and the step.
BEFORE, STEP = 24, 6


def fit_interruption(
    national_month: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    start: str = "2015-01",
    end: str | None = None,
    events: str = DEFAULT,
    breaks: str = "",
) -> ModelResult:
    """Estimate how the national rate changed at the Guard's deployment and its transfer.

    `estimate_segments` on the national series, and two things without which its rows must not be
    read: the same model with one invented event at every month well before the first real one
    (placebo dates), and the same model on windows that begin later.

    Parameters
    ----------
    national_month : pandas.DataFrame
        One row a month: ``month, person_years`` and ``homicides_sesnsp_filled`` (victims) or
        ``homicides_inegi`` (deaths); ``filled_cells, filled_deaths, flags`` where known.
    source : {"sesnsp", "inegi"}
        Which count.
    start, end : str
        First and last month, ``YYYY-MM``; an empty one is the first or last of the source.
    events : str
        Months of events, ``YYYY-MM``, separated by commas: a step and a change of slope each. Of
        the default a later event with fewer than 12 months from it on is left out, with a note.
    breaks : str
        Months at which the slope alone bends, separated by commas.

    Returns
    -------
    ModelResult
        Rows of `estimate_segments` with ``kind`` (``trend, event, bend``) and ``month``; kind
        ``placebo``, one row a date and term; kind ``share``: ``placebo level`` and ``placebo
        slope``, ``estimate`` the share of ``placebos`` dates with p < 0.05, of which the ratio
        ``falls`` and ``rises``; the dates with a ratio (``farther``) and a statistic (``beyond``)
        at least as far in the first event's direction as its own; the ``correlation`` of log
        ratio and date, and the ratio ``carried`` to the event by a straight line through them;
        kind ``start``: the changes in windows from ``start`` on.

    Raises
    ------
    RequestError
        For a value that is not accepted.
    ModelError
        For an event outside the window, an event or bend with fewer than 12 months on a side, a
        series with a hole, or a fit that does not converge.

    Examples
    --------
    >>> from analysis import load_table
    >>> result = fit_interruption(load_table("national_month"))
    >>> int(result.row("placebo level")["placebos"])
    31
    """
    given = {"source": source, "start": start, "end": end, "events": events, "breaks": breaks}
    asked = check(fit_interruption, {k: v for k, v in given.items() if v is not None})
    months = select_national_series(national_month, source=source, start=asked["start"], end=end)
    steps, left_out = _read_events(asked["events"], months["month"])
    turns = [month for month in asked["breaks"].split(",") if month]
    result = estimate_segments(
        months,
        outcome="homicides",
        time="month",
        exposure="person_years",
        events=steps,
        bends=turns,
    )
    rows, first = result.fitted["series"], pd.Timestamp(result.parameters["events"][:7])
    kinds = {"level": "event", "slope": "event", "bend": "bend", "trend": "trend"}
    table = result.rows
    table = table.assign(
        kind=table["term"].str.split().str[0].map(kinds), month=table["term"].str.split().str[1]
    )
    placebos, notes = _placebo_rows(rows[rows["month"] < first], table)
    starts = _start_rows(rows, [*map(pd.Timestamp, steps)], [*map(pd.Timestamp, turns)])
    return ModelResult(
        model="interruption",
        formula=result.formula,
        parameters=asked
        | {"start": result.period[0], "end": result.period[1], "events": ",".join(steps)},
        sources=tuple(months.attrs["sources"]),
        period=result.period,
        observations=result.observations,
        states=32,
        inference=result.inference,
        unit=result.unit,
        rows=pd.concat([table, *placebos, starts], ignore_index=True),
        notes=(*months.attrs["notes"], *left_out, *result.notes, *notes),
        fitted=result.fitted | {"flags": months["flags"]},
    )


def _read_events(events: str, months: pd.Series) -> tuple[list[str], list[Note]]:
    """Give the months of events; of the default those with a year of months from them on."""
    asked = [month for month in events.split(",") if month]
    if events != DEFAULT:
        return asked, []
    # A source may end before the later event; the first is what the model is asked about.
    steps, notes = asked[:1], []
    for month in asked[1:]:
        after = int((months >= pd.Timestamp(month)).sum())
        if after >= SIDE:
            steps.append(month)
            continue
        text = "event {event} is left out: {months} months from it on, {least} are needed"
        notes.append(Note(text, event=month, months=after, least=SIDE))
    return steps, notes


def _placebo_rows(
    before: pd.DataFrame, changes: pd.DataFrame
) -> tuple[list[pd.DataFrame], tuple[Note, ...]]:
    """Fit one invented event at a time in the months before the first real one."""
    dates = before["month"].iloc[SIDE : len(before) - SIDE + 1]
    if dates.empty:
        text = "{months} months before the first event: too few for placebo dates"
        return [], (Note(text, months=len(before)),)
    if len(dates) > PLACEBOS:
        dates = dates.iloc[np.linspace(0, len(dates) - 1, PLACEBOS).round().astype("int64")]
    tables = []
    for month in dates:
        table = hac_rows(poisson_fit(before, segment_design(before, [month], [])))
        tables.append(table[table["term"] != "trend"].assign(month=month_text(month)))
    table = pd.concat(tables, ignore_index=True).assign(kind="placebo")
    shares = []
    for name in ("level", "slope"):
        event = changes[changes["term"].str.startswith(name) & changes["inference"].eq("hac")]
        shares.append(_share_row(name, table[table["term"].str.startswith(name)], event.iloc[0]))
    counts = dict.fromkeys(("placebos", "falls", "rises", "farther", "beyond"), "Int64")
    return [table, pd.DataFrame(shares).astype(counts)], ()


def _share_row(name: str, placebos: pd.DataFrame, event: pd.Series) -> dict[str, Any]:
    """Say how the change at the first event lies among those at the placebo dates."""
    ratios, statistics = np.log(placebos["estimate"]), placebos["statistic"]
    sure, side = placebos["p_value"] < 0.05, np.sign(event["statistic"])
    row = {
        "term": f"placebo {name}",
        "estimate": sure.mean(),
        "kind": "share",
        "placebos": len(placebos),
        "falls": (sure & (statistics < 0)).sum(),
        "rises": (sure & (statistics > 0)).sum(),
        "farther": (side * ratios >= side * np.log(event["estimate"])).sum(),
        "beyond": (side * statistics >= side * event["statistic"]).sum(),
        "correlation": np.nan,
        "carried": np.nan,
    }
    # Through two dates every line is straight.
    if len(placebos) < 3:
        return row
    dates = pd.PeriodIndex([*placebos["month"], event["month"]], freq="M").astype("int64")
    line = stats.linregress(dates[:-1], ratios)
    carried = np.exp(line.intercept + line.slope * dates[-1])
    return row | {"correlation": line.rvalue, "carried": carried}


def _start_rows(
    rows: pd.DataFrame, events: list[pd.Timestamp], bends: list[pd.Timestamp]
) -> pd.DataFrame:
    """Fit the model on windows that begin later, half a year at a time."""
    month, tables = rows["month"], []
    needed = [(events[0], BEFORE), *((bend, SIDE) for bend in bends)]
    for place in range(0, len(rows), STEP):
        short = any((month.iloc[place:] < turn).sum() < least for turn, least in needed)
        if place and short:
            break
        some = rows.iloc[place:]
        table = hac_rows(poisson_fit(some, segment_design(some, events, bends)))
        first = month_text(some["month"].iloc[0])
        table = table[table["term"] != "trend"].assign(kind="start", start=first)
        table["month"] = table["term"].str[-7:]
        tables.append(table.assign(term=table["term"] + f" from {first}"))
    return pd.concat(tables, ignore_index=True)
