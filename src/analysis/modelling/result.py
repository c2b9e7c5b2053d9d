"""The one type every model gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from analysis.columns import credit

# In ``attrs["rests_on"]`` of a frame whose numbers stand among, or beside, those of all states.
ALL_STATES = {"states": "all"}
TIDY = ["term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


class Note(str):
    """A text with its values beside it, so that a page can say it in its own language.

    Its template is a message of the catalogue; values that are notes are said in that language too.

    Examples
    --------
    >>> note = Note("{state}: too few months, left out", state="Oaxaca")
    >>> str(note), note.template
    ('Oaxaca: too few months, left out', '{state}: too few months, left out')
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Note":
        """Fill the template, where there are values."""
        note = super().__new__(cls, template.format(**values) if values else template)
        note.template, note.values = template, values
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Say how a copy is made."""
        return (self.template,), self.values


def join_notes(texts: Sequence[str], sign: str = "; ") -> Note:
    """Join notes, and texts that are the same in every language, to one note; no empty ones.

    Examples
    --------
    >>> join_notes([Note("first"), "", "SESNSP"])
    'first; SESNSP'
    """
    values = {f"part{place}": text for place, text in enumerate(filter(None, texts))}
    return Note(sign.join(f"{{{name}}}" for name in values), **values)


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Give a row in the kinds JSON has, numbers unrounded and absence as null."""
    values = {k: v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
    # JSON knows no infinity either.
    absent = {k for k, v in values.items() if pd.isna(v) or v in (np.inf, -np.inf)}
    return {k: None if k in absent else v for k, v in values.items()}


@dataclass(frozen=True, eq=False)
class ModelResult:
    """An estimated model: what was asked, on which data, with which inference, and the rows.

    Attributes
    ----------
    model : str
        Name on the command line.
    formula : str
        The model in one line.
    parameters : dict
        What was asked, defaults included.
    sources : tuple of str
        Raw tables the figures come from.
    period : tuple of str
        First and last month or year used.
    observations, states : int
        How many rows and states entered.
    inference : str
        How intervals and p-values were made.
    unit : str
        What ``estimate`` and its interval are in; empty where a general estimator does not know.
    rows : pandas.DataFrame
        The tidy columns ``term, estimate, std_error, statistic, p_value, conf_low, conf_high``
        first, then the model's own.
    notes : tuple of Note
        What a reader must know: fallbacks, excluded rows.
    fitted : object
        The library's own result or results.
    """

    model: str
    formula: str
    parameters: dict[str, Any]
    sources: tuple[str, ...]
    period: tuple[str, str]
    observations: int
    states: int
    inference: str
    unit: str
    rows: pd.DataFrame
    notes: tuple[Note, ...] = ()
    fitted: Any = field(default=None, repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give a copy of the rows, the tidy columns first and present even where empty."""
        rows = self.rows.reindex(columns=[*TIDY, *(c for c in self.rows if c not in TIDY)])
        rows.attrs["model"] = self.model
        return credit(rows, self.sources, estimate=self.unit)

    def row(self, term: str, **where: Any) -> pd.Series:
        """Give the one row of a term, of those in which other columns have the values given.

        Raises
        ------
        KeyError
            When the model has no such row, or several.
        """
        rows = self.tidy()
        for column, value in {"term": term, **where}.items():
            rows = rows[rows[column] == value]
        if len(rows) != 1:
            raise KeyError(f"{self.model} has {len(rows)} rows of {term} {where or ''}")
        return rows.set_index("term").iloc[0]

    def to_dict(self) -> dict[str, Any]:
        """Give the result as the document that ``analysis fit --json`` prints."""
        return {
            "model": self.model,
            "parameters": self.parameters,
            "data": {
                "sources": list(self.sources),
                "period": list(self.period),
                "observations": self.observations,
                "states": self.states,
            },
            "formula": self.formula,
            "inference": self.inference,
            "unit": self.unit,
            "rows": [_plain(row) for row in self.tidy().to_dict("records")],
            "notes": [str(note) for note in self.notes],
            "converged": True,
        }

    def __repr__(self) -> str:
        """Write the result as it is read in a terminal: what was estimated, rows, notes."""
        shown = self._shown().to_string(index=False, na_rep="", float_format="{:.4g}".format)
        return "\n".join([*self._head(), shown, *self.notes])

    def _repr_html_(self) -> str:
        shown = self._shown().to_html(index=False, na_rep="", float_format="{:.4g}".format)
        head, notes = map(escape, self._head()), map(escape, self.notes)
        return "".join(
            [*(f"<p>{line}</p>" for line in head), shown, *(f"<p>{n}</p>" for n in notes)]
        )

    def _head(self) -> list[str]:
        span = f"{self.period[0]} to {self.period[1]}"
        counts = f"{self.observations:,} observations, {self.states} states"
        head = [f"{self.model}: {self.formula}", f"{span}, {counts}; {self.inference}"]
        return [*head, f"estimate: {self.unit}"] if self.unit else head

    def _shown(self) -> pd.DataFrame:
        return self.tidy().dropna(axis="columns", how="all")
