"""What a curve of specifications gives, as frames."""

import pandas as pd

from analysis.columns import credit
from analysis.modelling.multiverse import CHOICES
from analysis.modelling.result import ModelResult


def select_curve(multiverse: ModelResult) -> pd.DataFrame:
    """Give the specifications in order of their estimate by set of effects, with the envelope.

    Parameters
    ----------
    multiverse : ModelResult
        From `fit_multiverse`.

    Returns
    -------
    pandas.DataFrame
        One row a specification: ``effects, rank, term, estimate, conf_low, conf_high,
        significant, envelope_low, envelope_high`` (95 % of the coefficients of that rank under
        joint permutation), figures to four digits.
    """
    columns = ["effects", "term", "estimate", "conf_low", "conf_high", "significant"]
    rows = multiverse.tidy().dropna(subset=["outcome"])[columns]
    rows = rows.sort_values(["effects", "estimate", "term"], ignore_index=True)
    rows.insert(1, "rank", rows.groupby("effects").cumcount() + 1)
    out = rows.merge(multiverse.fitted, on=["effects", "rank"], validate="1:1").round(4)
    return credit(out, multiverse.sources, estimate="elasticity")


def select_choices(multiverse: ModelResult) -> pd.DataFrame:
    """Give what each choice does to the estimates within states.

    Parameters
    ----------
    multiverse : ModelResult
        From `fit_multiverse`.

    Returns
    -------
    pandas.DataFrame
        One row a ``choice`` and its ``value``: ``median, low, high`` (5 % and 95 % quantile of the
        elasticities of all specifications that make it), ``share_significant, specifications``.
        Sets of effects are compared over all specifications, the other choices over those with
        effects of states.
    """
    rows = multiverse.tidy().dropna(subset=["outcome"]).astype({"lag": "int64"})
    parts = []
    for choice in ["effects", *(name for name in CHOICES if name != "effects")]:
        some = rows if choice == "effects" else rows[rows["effects"] != "month"]
        groups = some.groupby(choice, sort=False)
        part = pd.DataFrame(
            {
                "median": groups["estimate"].median(),
                "low": groups["estimate"].quantile(0.05),
                "high": groups["estimate"].quantile(0.95),
                "share_significant": groups["significant"].mean(),
                "specifications": groups.size(),
            }
        )
        parts.append(part.rename_axis("value").reset_index().assign(choice=choice))
    out = pd.concat(parts, ignore_index=True).astype({"value": "str"})
    return credit(out, multiverse.sources, estimate="elasticity", median="elasticity")
