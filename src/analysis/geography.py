"""The 32 states: codes, names, abbreviations, aliases and their place on the tile grid."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

from analysis.errors import RequestError
from analysis.reads import note_read
from analysis.sources import raw_folder, read_rows

# Names in use beside the official ones; keys as `normalise` leaves them.
ALIASES = {
    "distrito federal": "09",
    "df": "09",
    "mexico city": "09",
    "edomex": "15",
    "edo mex": "15",
    "edo de mexico": "15",
    "state of mexico": "15",
    "nl": "19",
    "q roo": "23",
    "slp": "24",
}

# The highest code of a municipality by state (INEGI, Marco Geoestadístico): for telling codes that
# can not be from codes that are. Founding a municipality raises it.
LAST_MUNICIPALITY = {
    **{"01": 11, "02": 7, "03": 5, "04": 13, "05": 38, "06": 10, "07": 125, "08": 67},
    **{"09": 17, "10": 39, "11": 46, "12": 85, "13": 84, "14": 126, "15": 125, "16": 113},
    **{"17": 36, "18": 20, "19": 51, "20": 570, "21": 217, "22": 18, "23": 11, "24": 59},
    **{"25": 20, "26": 72, "27": 17, "28": 43, "29": 60, "30": 212, "31": 106, "32": 58},
}


@dataclass(frozen=True, order=True)
class State:
    """A federal entity, as in ``states.csv``; ``tile_row`` and ``tile_col`` count from zero."""

    cve_ent: str
    official_name: str
    name: str
    abbreviation: str
    tile_row: int
    tile_col: int

    @property
    def slug(self) -> str:
        """The name in lower case without accents, with hyphens, for file names."""
        return normalise(self.name).replace(" ", "-")


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Fold case, accents, punctuation and repeated spaces.

    Examples
    --------
    >>> normalise(" Nuevo  LEÓN. ")
    'nuevo leon'
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(letters.split())


@cache
def _states(folder: Path) -> tuple[State, ...]:
    return tuple(
        State(
            row["cve_ent"],
            row["official_name"],
            row["short_name"],
            row["abbreviation"],
            int(row["tile_row"]),
            int(row["tile_col"]),
        )
        for row in read_rows("states")
    )


def states() -> tuple[State, ...]:
    """Give the 32 states in the order of their codes.

    Examples
    --------
    >>> len(states()), states()[10].name
    (32, 'Guanajuato')
    """
    note_read("raw", "states")
    return _states(raw_folder())


@cache
def _lookup(folder: Path) -> dict[str, State]:
    by_code = {state.cve_ent: state for state in states()}
    known = {normalise(alias): by_code[code] for alias, code in ALIASES.items()}
    for state in states():
        for name in (state.cve_ent, state.official_name, state.name, state.abbreviation):
            known[normalise(name)] = state
    return known


def find_state(text: str | int) -> State:
    """Find a state by name, code or abbreviation, whatever its case and accents.

    Raises
    ------
    RequestError
        When no state has that name; the message offers the nearest names.

    Examples
    --------
    >>> find_state("gto") == find_state("11") == find_state("Guanajuato")
    True
    """
    wanted = "" if str(text).lstrip().startswith("-") else normalise(str(text))
    wanted = wanted.zfill(2) if wanted.isdecimal() else wanted
    note_read("raw", "states")
    known = _lookup(raw_folder())
    if wanted in known:
        return known[wanted]
    near = [known[name].name for name in get_close_matches(wanted, known, n=5, cutoff=0.6)]
    offered = ", ".join(Counter(near)) or ", ".join(state.name for state in states())
    raise RequestError(
        f'unknown state "{str(text)[:80]}"; nearest: {offered}. '
        "Give one of the 32 states by name, code (01 to 32) or abbreviation"
    )


def neighbours(state: State) -> tuple[State, ...]:
    """Give the states in the eight tiles around a state on the tile grid.

    Examples
    --------
    >>> [near.name for near in neighbours(find_state("Yucatán"))]
    ['Campeche', 'Quintana Roo']
    """
    return tuple(
        other
        for other in states()
        if other != state
        and abs(other.tile_row - state.tile_row) <= 1
        and abs(other.tile_col - state.tile_col) <= 1
    )
