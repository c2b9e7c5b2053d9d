"""A measure as a ledger writes it: ``name(argument=value, ...)``."""

import re
from dataclasses import dataclass

from analysis.errors import RequestError

NAME = re.compile(r"[a-z][a-z0-9_]*")
QUOTED = re.compile(r'"[^"]*"')
# Words of the ledger that Python keeps for itself.
SPELLED = {"from": "start", "to": "end"}
SAID = {spelling: word for word, spelling in SPELLED.items()}


@dataclass(frozen=True)
class Call:
    """A named measure with what is asked of it.

    Attributes
    ----------
    measure : str
        Name in the catalogue.
    names : tuple of str
        Values without a name: claims of the same ledger, or words to count.
    asked : tuple of (str, tuple of str)
        Argument and the values it may take, in the order written.
    """

    measure: str
    names: tuple[str, ...]
    asked: tuple[tuple[str, tuple[str, ...]], ...]


def parse_call(text: str) -> Call:
    """Read ``name(argument=value, ...)``; ``a|b`` says that the text leaves both open.

    A value that holds a comma, a bar or a bracket stands in double quotes.

    Raises
    ------
    RequestError
        With the place at fault and how a measure is written.

    Examples
    --------
    >>> parse_call("guards(concept=deployed|force_strength, date=2019)").asked
    (('concept', ('deployed', 'force_strength')), ('date', ('2019',)))
    >>> parse_call("sum_of(c13, c14)").names
    ('c13', 'c14')
    """
    found = re.fullmatch(r"\s*([^\s()]+)\s*\((.*)\)\s*", text, re.DOTALL)
    if not found or not NAME.fullmatch(found[1]) or re.search('[()"]', QUOTED.sub("", found[2])):
        raise RequestError(
            f'"{text}" is not a measure; write name(argument=value, ...), for example '
            "homicides_total(source=inegi, from=2023, to=2023)"
        )
    names, asked = [], {}
    for part in _split(found[2], ","):
        if not re.match(r"\s*\w+\s*=", part):
            names.append(_unquoted(part))
            continue
        key, value = (piece.strip() for piece in part.split("=", 1))
        values = tuple(map(_unquoted, _split(value, "|")))
        if key in asked:
            raise RequestError(f'"{text}" gives {key} twice')
        if not NAME.fullmatch(key) or not values or not all(values):
            raise RequestError(f'"{part.strip()}" is not argument=value')
        asked[key] = values
    return Call(found[1], tuple(names), tuple(asked.items()))


def _split(text: str, sign: str) -> list[str]:
    """Split at a sign that does not stand between quotes; empty pieces are left out."""
    return [piece for piece in re.findall(rf'(?:[^{sign}"]|"[^"]*")+', text) if piece.strip()]


def _unquoted(text: str) -> str:
    return text.strip().strip('"')


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search("[,|()=]", text) else text


def write_call(measure: str, names: tuple[str, ...], values: dict[str, str]) -> str:
    """Write a measure as a ledger does.

    Examples
    --------
    >>> write_call("guards", (), {"date": "2019"})
    'guards(date=2019)'
    """
    pairs = [f"{SAID.get(key, key)}={_quoted(value)}" for key, value in values.items()]
    return f"{measure}({', '.join([*map(_quoted, names), *pairs])})"
