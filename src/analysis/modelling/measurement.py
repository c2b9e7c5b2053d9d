"""How the two sources of homicides compare, and how preliminary totals were revised."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.modelling.result import ModelResult, Note
from analysis.parameters import SOURCES

# The states' ratios changed in 2018; earlier months would blur them.
SINCE = pd.Timestamp("2018-01")
# With fewer past revisions nothing is said about the next one.
FEWEST = 3
COLUMNS = [
    "term",
    "kind",
    "numerator",
    "denominator",
    "estimate",
    "conf_low",
    "conf_high",
    "low",
    "high",
    "revisions",
]


def fit_measurement(
    panel: pd.DataFrame, national_year: pd.DataFrame, inegi_homicides_national: pd.DataFrame
) -> ModelResult:
    """Compare SESNSP victims with INEGI deaths, and preliminary with final totals.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month, homicides_sesnsp, homicides_inegi``.
    national_year : pandas.DataFrame
        One row a year: ``year, homicides_sesnsp_filled, homicides_inegi, status_inegi,
        completeness_inegi``.
    inegi_homicides_national : pandas.DataFrame
        One row a published total and version: ``year, period, homicides, status``.

    Returns
    -------
    ModelResult
        ``estimate`` is a ratio, without interval, for it compares two counts. ``kind`` says
        which: ``sources by year`` (filled SESNSP sum over INEGI's final total), ``sources by
        state`` (``cve_ent``; SESNSP over INEGI's monthly table in the months from `SINCE` in which
        both are present and the table is not truncated), ``completeness`` (INEGI's monthly table
        over the official total) and ``revision`` (final over preliminary total, each version).
        ``numerator, denominator`` are the counts, ``term`` the year, part of a year or code.

        Two kinds have intervals. ``mean revision`` is the geometric mean of the revisions with the
        t-interval of that mean. ``expected final`` has a row for each total that is still
        preliminary (``denominator``): ``estimate`` = that total x mean revision, deaths;
        ``conf_low, conf_high`` = 95 % t-prediction interval for one further revision (Hahn &
        Meeker 1991, Statistical Intervals, section 4.2), on the log scale. In both ``low, high``
        come from the smallest and largest revision so far, ``revisions`` says how many there are.

    Examples
    --------
    >>> from analysis import load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_national"]
    >>> result = fit_measurement(load_panel(), *map(load_table, names))
    >>> sorted(result.rows["kind"].unique())
    ['completeness', 'expected final', 'mean revision', 'revision', 'sources by state', \
'sources by year']
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
    revisions, expected = _revisions(inegi_homicides_national)
    few = Note("fewer than {n} revisions: nothing is said about the next one", n=FEWEST)
    rows = pd.concat(
        [
            _ratios("sources by year", year["homicides_sesnsp_filled"], final),
            _ratios("sources by state", states["homicides_sesnsp"], states["homicides_inegi"]),
            _ratios("completeness", monthly[monthly > 0], year["homicides_inegi"]),
            revisions,
            *expected,
        ],
        ignore_index=True,
    ).reindex(columns=COLUMNS)
    rows = rows.astype(dict.fromkeys(["numerator", "denominator", "revisions"], "Int64"))
    rows["cve_ent"] = rows["term"].where(rows["kind"].eq("sources by state"))
    return ModelResult(
        model="measurement",
        formula="SESNSP / INEGI; monthly table / official total; final / preliminary",
        parameters={},
        sources=(*SOURCES.values(), "inegi_homicides_national"),
        period=(year.index.min(), year.index.max()),
        observations=int(both.sum()),
        states=len(states),
        inference="ratios of complete counts: none; mean revision and expected finals: t on logs",
        unit="ratio; of an expected final total deaths",
        rows=rows,
        notes=() if expected else (few,),
    )


def _ratios(kind: str, numerator: pd.Series, denominator: pd.Series) -> pd.DataFrame:
    pair = pd.DataFrame({"numerator": numerator, "denominator": denominator}).dropna()
    pair = pair.astype("int64").rename_axis("term").reset_index()
    return pair.assign(kind=kind, estimate=pair["numerator"] / pair["denominator"])


def _revisions(table: pd.DataFrame) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Hold every preliminary version against its final total, and say what that lets expect."""
    key = ["year", "period"]
    table = table.sort_values([*key, "status", "homicides"], kind="stable")
    final = table[table["status"].eq("final")].drop_duplicates(key, keep="last")
    final = final[[*key, "homicides"]].rename(columns={"homicides": "numerator"})
    early = table[table["status"].eq("preliminary")][[*key, "homicides"]]
    early = early.rename(columns={"homicides": "denominator"}).merge(final, how="left", on=key)
    whole = early["period"].eq("year")
    names = early["year"].astype("str")
    early["term"] = names.where(whole, names + " " + early["period"])
    open_ones = early[early["numerator"].isna()]
    known = early.dropna(subset=["numerator"]).astype({"numerator": "int64"})
    pairs = known[["term", "numerator", "denominator"]].assign(kind="revision")
    pairs["estimate"] = pairs["numerator"] / pairs["denominator"]
    if len(pairs) < FEWEST:
        return pairs, []
    logs = np.log(pairs["estimate"])
    middle, spread, n = logs.mean(), logs.std(), len(logs)
    reach = float(stats.t.ppf(0.975, n - 1)) * spread
    shared = {"low": pairs["estimate"].min(), "high": pairs["estimate"].max(), "revisions": n}
    ends = [middle, middle - reach / np.sqrt(n), middle + reach / np.sqrt(n)]
    mean = _three(ends).assign(term="mean", kind="mean revision", **shared)
    wide = reach * np.sqrt(1 + 1 / n)
    rows = [
        (_three([middle, middle - wide, middle + wide]).assign(**shared) * preliminary).assign(
            term=term, kind="expected final", denominator=preliminary, revisions=n
        )
        for term, preliminary in zip(open_ones["term"], open_ones["denominator"], strict=True)
    ]
    return pairs, [mean, *rows]


def _three(logs: list[float]) -> pd.DataFrame:
    return pd.DataFrame([np.exp(logs)], columns=["estimate", "conf_low", "conf_high"])
