"""Tables of what inference, power, lags and specifications say of the association."""

import pandas as pd

from analysis.reporting.figures.robustness import INFERENCES, VARIANTS
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import number, p_value, percent
from analysis.reporting.text import translate as _


def table_inferences(rows: pd.DataFrame) -> Cells:
    """Write one elasticity under every inference: error, interval, p-value, detectable, draws.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of `analysis.fit_guard_elasticity`.

    Returns
    -------
    Cells
        One row an inference.

    Examples
    --------
    >>> rows = pd.DataFrame({"inference": ["crv1"], "estimate": [-0.05], "std_error": [0.08],
    ...                      "conf_low": [-0.21], "conf_high": [0.11], "p_value": [0.53],
    ...                      "detectable": [0.22], "draws": [pd.NA]})
    >>> table_inferences(rows).body[0][:4]
    ['clustered by state', '−0.050', '0.080', '−0.210 to 0.110']
    """
    body = [
        [
            _(INFERENCES[row["inference"]]),
            number(row["estimate"], 3),
            number(row["std_error"], 3),
            ends(row, 3),
            p_value(row["p_value"]),
            number(row["detectable"], 2),
            number(row["draws"]),
        ]
        for __, row in rows.iterrows()
    ]
    labels = [
        _("Inference"),
        _("Elasticity"),
        _("Standard error"),
        _("95% interval or range"),
        _("p"),
        _("Smallest detectable"),
        _("Draws"),
    ]
    return cells(body, labels, 1)


def table_dynamics(rows: pd.DataFrame) -> Cells:
    """Write elasticities at every third lag and lead, variants side by side, with p-values.

    The p-value is that of the permutation, of ``reverse`` that clustered by state.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of `analysis.fit_guard_dynamics`.

    Returns
    -------
    Cells
        One row a lag, in months.

    Examples
    --------
    >>> row = {"variant": "main", "lag": 3, "estimate": -0.05, "p_value": 0.4, "p_permutation": 0.5}
    >>> table_dynamics(pd.DataFrame([row])).body
    [['3', '−0.05 [0.500]', '–', '–', '–']]
    """
    single = rows.dropna(subset=["lag"])
    shown = single[single["lag"] % 3 == 0].assign(
        p=lambda some: some["p_permutation"].fillna(some["p_value"])
    )
    body = []
    for lag, some in shown.groupby("lag"):
        texts = {
            row["variant"]: f"{number(row['estimate'], 2)} [{p_value(row['p'])}]"
            for __, row in some.iterrows()
        }
        body.append([number(lag), *(texts.get(variant, "–") for variant in VARIANTS)])
    labels = [_("Months"), *(_(name) for name, *__ in VARIANTS.values())]
    return cells(body, labels, 0)


def table_power(rows: pd.DataFrame) -> Cells:
    """Write the smallest detectable elasticity by formula and in placebo panels, and the size.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of `analysis.fit_power`.

    Returns
    -------
    Cells
        One row a test.

    Examples
    --------
    >>> row = {"term": "crv1", "std_error": 0.1, "estimate": 0.29, "simulated": 0.31}
    >>> row |= {"size": 0.05, "size_low": 0.04, "size_high": 0.07, "draws": 999}
    >>> table_power(pd.DataFrame([row])).body
    [['clustered by state', '0.100', '0.29', '0.31', '5.0%', '4.0% to 7.0%', '999']]
    """
    body = [
        [
            _(INFERENCES[row["term"]]),
            number(row["std_error"], 3),
            number(row["estimate"], 2),
            number(row["simulated"], 2),
            percent(row["size"], 1),
            _("{low} to {high}").format(
                low=percent(row["size_low"], 1), high=percent(row["size_high"], 1)
            ),
            number(row["draws"]),
        ]
        for __, row in rows.iterrows()
    ]
    labels = [
        _("Test at 5%"),
        _("Standard error"),
        _("Smallest detectable, by formula"),
        _("in placebo panels"),
        _("Finds something in placebo panels"),
        _("95% interval"),
        _("Panels"),
    ]
    return cells(body, labels, 1)


def table_curve(rows: pd.DataFrame) -> Cells:
    """Write what all specifications say together, and what joint permutation gives.

    Parameters
    ----------
    rows : pandas.DataFrame
        The summary rows of `analysis.fit_multiverse`.

    Returns
    -------
    Cells
        One row a summary.

    Examples
    --------
    >>> rows = pd.DataFrame({"term": ["median"], "estimate": [-0.04], "null_low": [-0.1],
    ...                      "null_high": [0.1], "p_value": [0.4], "specifications": [1000]})
    >>> table_curve(rows).body[0]
    ['median elasticity, all', '−0.040', '−0.100 to 0.100', '0.400', '1,000']
    """
    names = {
        "median": _("median elasticity, all"),
        "share significant": _("share significant by the score test, all"),
        "median within states": _("median elasticity, within states"),
        "share significant within states": _("share significant by the score test, within states"),
    }
    body = []
    for __, row in rows.iterrows():
        share = "share" in row["term"]
        low, value, high = (
            percent(row[name], 1) if share else number(row[name], 3)
            for name in ("null_low", "estimate", "null_high")
        )
        swapped = _("{low} to {high}").format(low=low, high=high)
        count = number(row["specifications"])
        body.append([names[row["term"]], value, swapped, p_value(row["p_value"]), count])
    labels = [
        _("Of the specifications"),
        _("Found"),
        _("95% of swapped panels"),
        _("p"),
        _("Specifications"),
    ]
    return cells(body, labels, 1)
