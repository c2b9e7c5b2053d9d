"""The formats of official files: what their columns are called and mean, and who reads them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import import_module
from pkgutil import iter_modules

from analysis import geography
from analysis.errors import unknown
from analysis.official import readers
from analysis.official.rows import Rows

# The same headers are looked at for every format.
normalise = lru_cache(4096)(geography.normalise)


@dataclass(frozen=True)
class Format:
    """A kind of official file.

    ``labels`` and ``figures`` map the producer's headers, in their order, to their names here;
    ``more_figures`` and ``more_labels`` take every header that they match for a column of its own
    name, and ``unnamed`` names first columns whose headers are empty. ``needed`` are the names
    without which no row can be read. ``read`` makes the view ``tidy`` out of ``raw``,
    moves what it can not use to ``rejects``, and gives the name of the table that ``tidy`` is.

    ``aliases`` maps other headers in use to the producer's; ``optional`` names may be absent
    without a word; ``marks`` are headers without which, and ``others`` headers with which, a file
    is not of this format. Lines that match ``notes`` are no rows. Where ``strict`` is false, a
    file may have any other columns. ``order`` has the producer's order where
    more columns than those read tell it. ``find_header`` finds the header where its names alone do
    not tell it.
    """

    name: str
    title: str
    labels: dict[str, str]
    figures: dict[str, str]
    needed: tuple[str, ...]
    read: Callable[[Rows], str]
    aliases: dict[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    notes: str = ""
    strict: bool = True
    more_labels: str = ""
    more_figures: str = ""
    unnamed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    find_header: Callable[[list[list[str]]], int | None] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Every fixed column: the producer's header and the name here."""
        return self.labels | self.figures

    @cached_property
    def keys(self) -> dict[str, str]:
        """The name here of each normalised header, the producer's or an alias."""
        known = {normalise(header): name for header, name in self.columns.items()}
        named = [(alias, self.columns.get(name)) for alias, name in self.aliases.items()]
        return {normalise(alias): name for alias, name in named if name} | known


@cache
def formats() -> dict[str, Format]:
    """Give every format by name.

    Examples
    --------
    >>> sorted(formats())[:2]
    ['conapo', 'conapo-municipal']
    """
    found = {}
    for item in iter_modules(readers.__path__, f"{readers.__name__}."):
        for known in getattr(import_module(item.name), "FORMATS", ()):
            found[known.name] = known
    return dict(sorted(found.items()))


def find_format(name: str) -> Format:
    """Give a format by name.

    Raises
    ------
    RequestError
        When there is none; the message lists them.
    """
    if name not in formats():
        raise unknown("format", name, formats())
    return formats()[name]
