"""What an interrupted series gives, as frames: placebo dates, other windows, the rate continued."""

import numpy as np
import pandas as pd

from analysis.calendar import PER
from analysis.columns import RATE, credit
from analysis.modelling.inference import Z, hac_covariance, score_rows
from analysis.modelling.result import ModelResult
from analysis.modelling.segments import LAGS


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

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> rows = select_placebos(fit_interruption(load_table("national_month"), start="2017-01"))
    >>> rows.loc[rows["change"] == "level", "placebo"].value_counts().to_dict()
    {True: 7, False: 1}
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
    return credit(frame, interruption.sources, estimate=interruption.unit)


def select_starts(interruption: ModelResult) -> pd.DataFrame:
    """Give the changes at the events by the first month of the window.

    Returns
    -------
    pandas.DataFrame
        One row a start and term (``change``: level, slope or bend): ``start, month`` of the event
        and the tidy columns.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> starts = select_starts(fit_interruption(load_table("national_month"), start="2017-01"))
    >>> starts.query("change == 'level' and month == '2019-07'")["estimate"].round(2).tolist()
    [0.96, 0.98]
    """
    rows = interruption.tidy()
    rows = rows[rows["kind"] == "start"]
    frame = rows.assign(change=rows["term"].str.split().str[0])
    columns = ["change", "month", "start", "estimate", "std_error", "p_value"]
    frame = frame[[*columns, "conf_low", "conf_high", "dispersion", "ar1"]]
    frame = frame.sort_values(["change", "month", "start"], ignore_index=True)
    return credit(frame, interruption.sources, estimate=interruption.unit)


def select_continuation(interruption: ModelResult) -> pd.DataFrame:
    """Give the fitted rate without its season, and what it would be had no event changed it.

    Returns
    -------
    pandas.DataFrame
        One row a month: ``month, observed, fitted, continued, conf_low, conf_high`` per 100,000
        person-years. The interval is that of the line ``continued``, which leaves out every level
        and slope of an event; it equals ``fitted`` before the first. ``segment`` counts the
        events so far; ``source, flags`` are those of the count.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table
    >>> line = select_continuation(fit_interruption(load_table("national_month"), start="2017-01"))
    >>> line.loc[line["month"] == "2020-06", ["fitted", "continued"]].round(1).to_numpy().tolist()
    [[26.8, 32.5]]
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
    units = dict.fromkeys(["observed", "fitted", "continued"], RATE)
    return credit(frame, interruption.sources, estimate=RATE, **units)
