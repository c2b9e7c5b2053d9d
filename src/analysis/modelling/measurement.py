"""How the two sources of homicides compare, and how preliminary totals were revised."""

import pandas as pd

from analysis.modelling.result import ModelResult
from analysis.parameters import SOURCES

# The states' ratios changed in 2018; earlier months would blur them.
SINCE = pd.Timestamp("2018-01")


def fit_measurement(panel: pd.DataFrame, national_year: pd.DataFrame) -> ModelResult:
    """Compare SESNSP victims with INEGI deaths, and preliminary with final totals.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, homicides_sesnsp, homicides_inegi``.
    national_year : pandas.DataFrame
        One row a year: ``year, homicides_sesnsp_filled, homicides_inegi, status_inegi,
        preliminary_inegi, completeness_inegi``.

    Returns
    -------
    ModelResult
        ``estimate`` is a ratio, without interval, for it compares two counts. ``kind`` says
        which: ``sources by year`` (filled SESNSP sum over INEGI's final total), ``sources by
        state`` (``cve_ent``; SESNSP over INEGI's monthly table in the months from `SINCE` in which
        both are present and the table is not truncated), ``completeness`` (INEGI's monthly table
        over the official total) and ``revision`` (final over preliminary total). ``numerator,
        denominator`` are the counts, ``term`` the year or the code.

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> result = fit_measurement(load_panel(), load_table("national_year"))
    >>> sorted(result.rows["kind"].unique())
    ['completeness', 'revision', 'sources by state', 'sources by year']
    """
    year = national_year.set_index(national_year["year"].astype("str"))
    final = year["homicides_inegi"].where(year["status_inegi"].eq("final"))
    monthly = panel.groupby(panel["month"].dt.year.astype("str"))["homicides_inegi"].sum()
    both = (
        panel["month"].ge(SINCE)
        & panel["homicides_sesnsp"].notna()
        & panel["homicides_inegi"].notna()
    )
    both &= ~panel["flags"].str.contains("inegi_truncated")
    states = panel[both].groupby("cve_ent")[["homicides_sesnsp", "homicides_inegi"]].sum()
    rows = pd.concat(
        [
            _ratios("sources by year", year["homicides_sesnsp_filled"], final),
            _ratios("sources by state", states["homicides_sesnsp"], states["homicides_inegi"]),
            _ratios("completeness", monthly[monthly > 0], year["homicides_inegi"]),
            _ratios("revision", final, year["preliminary_inegi"]),
        ],
        ignore_index=True,
    )
    rows["cve_ent"] = rows["term"].where(rows["kind"].eq("sources by state"))
    return ModelResult(
        model="measurement",
        formula="SESNSP / INEGI; monthly table / official total; final / preliminary",
        parameters={},
        sources=(*SOURCES.values(), "inegi_homicides_national"),
        period=(year.index.min(), year.index.max()),
        observations=int(both.sum()),
        states=len(states),
        inference="none: ratios of complete counts",
        rows=rows,
    )


def _ratios(kind: str, numerator: pd.Series, denominator: pd.Series) -> pd.DataFrame:
    pair = pd.DataFrame({"numerator": numerator, "denominator": denominator}).dropna()
    pair = pair.astype("int64").rename_axis("term").reset_index()
    return pair.assign(kind=kind, estimate=pair["numerator"] / pair["denominator"])
