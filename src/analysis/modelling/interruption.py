"""Interrupted time series of the nation: changes at events, at placebo dates, by window."""

import numpy as np
import pandas as pd

from analysis.calendar import PER, month_text
from analysis.modelling.inference import Z, hac_covariance, score_rows
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.segments import LAGS, SIDE, estimate_segments, hac_rows, segment_design
from analysis.modelling.series import poisson_fit, select_national_series
from analysis.parameters import Source, check

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
    events: str = "2019-07,2022-09",
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
        Months of events, ``YYYY-MM``, separated by commas: a step and a change of slope each.
    breaks : str
        Months at which the slope alone bends, separated by commas.

    Returns
    -------
    ModelResult
        Rows of `estimate_segments` with ``kind`` (``trend, event, bend``) and ``month``; kind
        ``placebo``, one row a date and term; kind ``share``: ``placebo level`` and ``placebo
        slope``, ``estimate`` the share of ``placebos`` dates with p < 0.05; kind ``start``: the
        changes in windows from ``start`` on.

    Raises
    ------
    RequestError
        For a value that is not accepted.
    ModelError
        For an event outside the window or with fewer than 12 months on a side, a series with a
        hole, or a fit that does not converge.

    Examples
    --------
    >>> from analysis import load_table
    >>> result = fit_interruption(load_table("national_month"))
    >>> int(result.row("placebo level")["placebos"])
    31
    """
    given = {"source": source, "start": start, "end": end, "events": events, "breaks": breaks}
    asked = check(fit_interruption, {k: v for k, v in given.items() if v is not None})
    steps, turns = ([m for m in asked[key].split(",") if m] for key in ("events", "breaks"))
    months = select_national_series(national_month, source=source, start=asked["start"], end=end)
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
    placebos, notes = _placebo_rows(rows[rows["month"] < first])
    starts = _start_rows(rows, [*map(pd.Timestamp, steps)], [*map(pd.Timestamp, turns)])
    return ModelResult(
        model="interruption",
        formula=result.formula,
        parameters=asked | {"start": result.period[0], "end": result.period[1]},
        sources=tuple(months.attrs["sources"]),
        period=result.period,
        observations=result.observations,
        states=32,
        inference=result.inference,
        rows=pd.concat([table, *placebos, starts], ignore_index=True),
        notes=(*months.attrs["notes"], *result.notes, *notes),
        fitted=result.fitted | {"flags": months["flags"]},
    )


def _placebo_rows(before: pd.DataFrame) -> tuple[list[pd.DataFrame], tuple[Note, ...]]:
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
    shares = [
        {
            "term": f"placebo {name}",
            "estimate": table.loc[table["term"].str.startswith(name), "p_value"].lt(0.05).mean(),
            "kind": "share",
            "placebos": len(dates),
        }
        for name in ("level", "slope")
    ]
    return [table, pd.DataFrame(shares).astype({"placebos": "Int64"})], ()


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


def select_placebos(interruption: ModelResult) -> pd.DataFrame:
    """Give the changes at placebo dates and, beside them, at the first event.

    Parameters
    ----------
    interruption : ModelResult
        From `fit_interruption`.

    Returns
    -------
    pandas.DataFrame
        One row a date and term (``change``: level or slope): ``date``, the tidy columns and
        ``placebo``, false for the event.
    """
    rows = interruption.tidy()
    first = interruption.parameters["events"][:7]
    event = rows["kind"].eq("event") & rows["month"].eq(first) & rows["inference"].eq("hac")
    chosen = rows[event | rows["kind"].eq("placebo")]
    frame = chosen.assign(
        change=chosen["term"].str[:5],
        date=pd.to_datetime(chosen["month"]),
        placebo=chosen["kind"].eq("placebo"),
    )
    columns = ["change", "date", "placebo", "estimate", "std_error", "p_value"]
    frame = frame[[*columns, "conf_low", "conf_high", "dispersion", "ar1"]]
    frame = frame.sort_values(["change", "date"], ignore_index=True)
    frame.attrs["sources"] = list(interruption.sources)
    return frame


def select_starts(interruption: ModelResult) -> pd.DataFrame:
    """Give the changes at the events by the first month of the window.

    Returns
    -------
    pandas.DataFrame
        One row a start and term (``change``: level, slope or bend): ``start, month`` of the event
        and the tidy columns.
    """
    rows = interruption.tidy()
    rows = rows[rows["kind"] == "start"]
    frame = rows.assign(change=rows["term"].str.split().str[0])
    columns = ["change", "month", "start", "estimate", "std_error", "p_value"]
    frame = frame[[*columns, "conf_low", "conf_high", "dispersion", "ar1"]]
    frame = frame.sort_values(["change", "month", "start"], ignore_index=True)
    frame.attrs["sources"] = list(interruption.sources)
    return frame


def select_continuation(interruption: ModelResult) -> pd.DataFrame:
    """Give the fitted rate without its season, and what it would be had no event changed it.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``month, observed, fitted, continued, conf_low, conf_high`` per 100,000
        person-years. The interval is that of the line ``continued``, which leaves out every level
        and slope of an event; it equals ``fitted`` before the first. ``segment`` counts the
        events so far; ``source, flags`` are those of the count.
    """
    fitted, rows = interruption.fitted["hac"], interruption.fitted["series"]
    names = list(fitted.params.index)
    design = fitted.model.exog * [not name.startswith(("sin", "cos")) for name in names]
    without = design * [not name.startswith(("level", "slope")) for name in names]
    covariance = hac_covariance(*score_rows(fitted), lags=LAGS)
    coefs = fitted.params.to_numpy()
    half = Z * np.sqrt(np.einsum("ij,jk,ik->i", without, covariance, without))
    frame = pd.DataFrame(
        {
            "month": rows["month"],
            "observed": rows["count"] / rows["exposure"] * PER,
            "fitted": np.exp(design @ coefs) * PER,
            "continued": np.exp(without @ coefs) * PER,
            "conf_low": np.exp(without @ coefs - half) * PER,
            "conf_high": np.exp(without @ coefs + half) * PER,
            "segment": sum(
                fitted.model.exog[:, i] for i, name in enumerate(names) if "level" in name
            ),
            "source": interruption.parameters["source"],
            "flags": interruption.fitted["flags"],
        }
    )
    frame.attrs["sources"] = list(interruption.sources)
    return frame
