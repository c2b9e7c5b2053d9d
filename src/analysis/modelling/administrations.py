"""Mean homicide rate of each administration, and ratios over equal calendar windows."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.calendar import ADMINISTRATIONS, PER, Administration, month_span, month_text
from analysis.columns import credit
from analysis.errors import ModelError
from analysis.modelling.inference import Z, hac_covariance, normal_row, score_rows
from analysis.modelling.result import ModelResult, Note
from analysis.parameters import SOURCES, Source, check

NATIONAL = {"sesnsp": "homicides_sesnsp_filled", "inegi": "homicides_inegi"}


def fit_administrations(national_month: pd.DataFrame, *, source: Source = "sesnsp") -> ModelResult:
    """Estimate the mean homicide rate of each administration, and how each compares.

    A Poisson model with only an intercept and exposure as offset; Newey-West interval on the
    log scale with L = min(12, n - 2). Ratio rows compare an administration with the one before
    over equal calendar windows: its first w months against the same calendar months k years
    earlier, k the smallest whole number of years that makes w as long as the data allow.

    Parameters
    ----------
    national_month : pandas.DataFrame
        One row a month: ``month, person_years`` and ``homicides_sesnsp_filled`` (victims) or
        ``homicides_inegi`` (deaths); ``filled_cells, filled_deaths`` where cells were filled.
    source : {"sesnsp", "inegi"}
        Which count.

    Returns
    -------
    ModelResult
        Rows ``term`` = administration, ``estimate`` per 100,000 person-years, with ``deaths,
        months, first, last``; and ``later/earlier`` with ``estimate`` a rate ratio and the
        window compared with in ``against_first, against_last``. ``flags, against_flags`` are those
        of the months; ``std_error`` is on the log scale; rates have no test, ratios are tested
        against one.

    Raises
    ------
    ModelError
        When no administration has three months of data.

    Examples
    --------
    >>> from analysis import load_table
    >>> result = fit_administrations(load_table("national_month"))
    >>> result.row("lopez_obrador")[["first", "last"]].tolist()
    ['2018-12', '2024-09']
    """
    check(fit_administrations, {"source": source})
    count = NATIONAL[source]
    months = national_month.dropna(subset=[count]).sort_values("month").set_index("month")
    terms = [(term, months.loc[term.first : term.last]) for term in ADMINISTRATIONS]
    terms = [(term, rows) for term, rows in terms if len(rows) > 2]
    if not terms:
        raise ModelError(f"no administration has three months of {count}")
    rows = [_rate_row(term.term, window, count) for term, window in terms]
    for (before, _), (term, window) in zip(terms, terms[1:], strict=False):
        rows += _ratio_row(f"{term.term}/{before.term}", window, months, before, count)
    used = months.loc[terms[0][0].first :]
    return ModelResult(
        model="administrations",
        formula=f"{count} ~ 1 + offset(log(person_years)), Poisson, by administration",
        parameters={"source": source},
        sources=_raw_tables(source),
        period=month_span(used.index),
        observations=sum(len(window) for _, window in terms),
        states=32,
        inference="Newey-West on the log scale, L = min(12, n - 2)",
        unit="homicides per 100,000 person-years; of a pair their ratio",
        rows=pd.DataFrame(rows),
        notes=_filling_note(used, source),
    )


def select_administrations(national_month: pd.DataFrame) -> pd.DataFrame:
    """Put the rows of `fit_administrations` of both sources under each other, with ``source``.

    Parameters
    ----------
    national_month : pandas.DataFrame
        Table ``national_month``.

    Returns
    -------
    pandas.DataFrame
        One row an administration, or a pair of them, and source: the columns of
        `fit_administrations` and ``source``.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_administrations(load_table("national_month")).query("source == 'inegi'")
    >>> rows.set_index("term")["estimate"].round(1).head(4).to_dict()
    {'fox': 9.6, 'calderon': 17.7, 'pena_nieto': 20.7, 'lopez_obrador': 26.5}
    """
    results = {source: fit_administrations(national_month, source=source) for source in SOURCES}
    frames = [result.tidy().assign(source=source) for source, result in results.items()]
    rows = pd.concat(frames, ignore_index=True)
    return credit(rows, _raw_tables("sesnsp"), estimate=results["sesnsp"].unit)


def _raw_tables(source: str) -> tuple[str, ...]:
    homicides = {"sesnsp": list(SOURCES.values()), "inegi": [SOURCES["inegi"]]}[source]
    return (*homicides, "conapo_population_state_year")


def _filling_note(months: pd.DataFrame, source: str) -> tuple[Note, ...]:
    if source == "inegi" or not months.get("filled_cells", pd.Series([0])).sum():
        return ()
    cells, deaths = months["filled_cells"].sum(), months["filled_deaths"].sum()
    text = "{cells} missing SESNSP cells are filled by the INEGI count: {deaths} deaths"
    return (Note(text, cells=cells, deaths=deaths),)


def _log_rate(window: pd.DataFrame, count: str) -> tuple[float, float]:
    """Give the log rate per person-year and its Newey-West standard error."""
    if not window[count].sum() > 0:
        raise ModelError(f"no {count} from {window.index[0]:%Y-%m} on: a rate of zero has no log")
    fitted = sm.GLM(
        window[count].astype("float64"),
        np.ones(len(window)),
        family=sm.families.Poisson(),
        offset=np.log(window["person_years"]),
    ).fit(tol=1e-12)
    covariance = hac_covariance(*score_rows(fitted), lags=min(12, len(window) - 2))
    return float(fitted.params.iloc[0]), float(np.sqrt(covariance[0, 0]))


def _window(window: pd.DataFrame, count: str) -> dict[str, Any]:
    first, last = month_text(window.index[0]), month_text(window.index[-1])
    deaths = int(window[count].sum())
    texts = window["flags"] if "flags" in window else pd.Series(dtype="str")
    source = next(name for name in NATIONAL if name in count)
    flags = {flag for text in texts for flag in text.split(";") if flag.startswith(source)}
    size = {"deaths": deaths, "months": len(window), "first": first, "last": last}
    return size | {"flags": ";".join(sorted(flags))}


def _rate_row(term: str, window: pd.DataFrame, count: str) -> dict[str, Any]:
    log_rate, std_error = _log_rate(window, count)
    interval = np.exp(log_rate + np.array([-Z, Z]) * std_error) * PER
    return {
        "term": term,
        "estimate": np.exp(log_rate) * PER,
        "std_error": std_error,
        "conf_low": interval[0],
        "conf_high": interval[1],
        **_window(window, count),
        "against_flags": "",
    }


def _ratio_row(
    term: str, later: pd.DataFrame, months: pd.DataFrame, before: Administration, count: str
) -> list[dict[str, Any]]:
    pairs = []
    for years in range(1, 7):
        length = min(12 * years, len(later))
        start = later.index[0] - pd.DateOffset(years=years)
        end = start + pd.DateOffset(months=length - 1)
        earlier = months.loc[max(start, before.first) : min(end, before.last)]
        if length > 2 and len(earlier) == length:
            pairs.append((later.iloc[:length], earlier))
    if not pairs:
        return []
    now, then = max(pairs, key=lambda pair: len(pair[0]))
    (log_now, se_now), (log_then, se_then) = _log_rate(now, count), _log_rate(then, count)
    row = normal_row(term, log_now - log_then, float(np.hypot(se_now, se_then)))
    against = _window(then, count)
    return [
        row
        | {key: float(np.exp(row[key])) for key in ("estimate", "conf_low", "conf_high")}
        | _window(now, count)
        | {f"against_{key}": against[key] for key in ("first", "last", "deaths", "flags")}
    ]
