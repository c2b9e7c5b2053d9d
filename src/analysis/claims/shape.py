"""The shape of a ledger: YAML with its lines, keys, texts and how each must be written."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from analysis.claims.units import WHOLE
from analysis.errors import RequestError, unknown

# What a ledger may say of the document, and of each claim.
DOCUMENT = ("title", "author", "published", "reference", "link", "own_figures")
CLAIM = (
    *("id", "section", "topic", "says", "value", "unit", "period", "qualifier", "state"),
    *("measure", "beside", "no_data", "not_testable", "untested", "proxy"),
    *("found_is", "tolerance", "note"),
)
NEEDED = ("id", "says", "unit")
LISTS = ("own_figures", "beside")
# How a word beside a number changes what agrees with it.
QUALIFIERS = {
    **dict.fromkeys(["approximately", "about", "around", "close to", "nearly", "barely"], "near"),
    **dict.fromkeys(["more than", "over", "above"], "above"),
    **dict.fromkeys(["less than", "under", "below"], "below"),
    **dict.fromkeys(["at least", "at most"], "bound"),
    **dict.fromkeys(["increasing", "decreasing"], "direction"),
    **dict.fromkeys(["first", "record high", "highest"], "rank"),
    **dict.fromkeys(["sum", "count / rate = population"], "arithmetic"),
}
# Units of statements that are not numbers, with the qualifiers they need.
WITHOUT_NUMBER = {
    "trend": ("increasing", "decreasing"),
    "ordinal": ("first", "record high", "highest"),
    "consistency": ("count / rate = population",),
    "judgement": (),
}
NUMBER = r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,9})?"
PERIOD = r"(?:19|20)[0-9][0-9](?:-(?:0[1-9]|1[0-2]))?"
# Letters that are none: controls, halves of a pair, and what turns the direction of writing.
HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class LedgerError(RequestError):
    """A ledger is not one: every fault with its file, line and key."""


def bounds(value: str) -> tuple[float, float]:
    """Give what rounds to a printed number, or the ends of a printed range.

    Examples
    --------
    >>> bounds("74"), bounds("2.5"), bounds("18-29")
    ((73.5, 74.5), (2.45, 2.55), (18.0, 29.0))
    """
    if found := re.fullmatch(rf"({NUMBER})\s*[-–]\s*({NUMBER})", value):
        low, high = (float(text.replace(",", "")) for text in found.groups())
        return low, high
    half = 0.5 * 10.0 ** -len(value.partition(".")[2])
    number = float(value.replace(",", ""))
    digits = len(value.partition(".")[2]) + 1
    return round(number - half, digits), round(number + half, digits)


class Faults:
    """Faults as they are found, each with file, line and key."""

    def __init__(self, file: str) -> None:
        self.file, self.found = file, list[str]()

    def add(self, node: yaml.Node | int | None, key: str, what: object) -> None:
        """Take down a fault at a node or line."""
        line = node.start_mark.line + 1 if isinstance(node, yaml.Node) and node.start_mark else node
        where = f" line {line}" if isinstance(line, int) else ""
        self.found.append(f"{self.file}{where}: {key}: {what}")

    def attempt(self, node: yaml.Node | None, key: str, action: Callable[[], Any]) -> Any:
        """Give what an action gives; where it refuses, take that down and give nothing."""
        try:
            return action()
        except RequestError as error:
            self.add(node, key, error)
            return None

    def raise_any(self) -> None:
        """Raise all faults together, where there are any."""
        if self.found:
            count = len(self.found)
            more = [f"and {count - 20} more"] if count > 20 else []
            head = [f"{self.file} is not a ledger ({count} faults):"] if count > 1 else []
            raise LedgerError("\n".join([*head, *self.found[:20], *more]))


def compose(path: Path) -> yaml.Node | None:
    """Read a file as YAML nodes, which know their lines."""
    try:
        return yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError as error:
        raise LedgerError(
            f"no ledger at {path}; analysis claims --new {path} begins one"
        ) from error
    except RecursionError as error:
        raise LedgerError(f"{path.name}: not a ledger, its lists are nested too deeply") from error
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise LedgerError(f"{path.name} is not a text file in UTF-8 ({error})") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise LedgerError(f"{path.name}{line}: not valid YAML ({problem})") from error


def read_mapping(
    node: yaml.Node | None,
    faults: Faults,
    accepted: tuple[str, ...],
    what: str,
    lists: tuple[str, ...] = (),
) -> dict[str, yaml.Node]:
    """Give a mapping's entries that say something; refuse unknown and repeated keys."""
    if not isinstance(node, yaml.MappingNode):
        faults.add(node, what, f"expected keys with values: {', '.join(accepted)}")
        return {}
    read: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = str(key_node.value)
        if key not in accepted:
            faults.add(key_node, key, unknown("key", key, accepted))
        elif key in read:
            faults.add(key_node, key, "stands twice; expected once")
        elif value.tag != "tag:yaml.org,2002:null":
            read[key] = value
    return read


def read_text(node: yaml.Node | None, faults: Faults, key: str) -> str:
    """Give a text or number as it is written, on one line; empty where there is none."""
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        faults.add(node, key, "expected a text or a number")
        return ""
    if HIDDEN.search(text := " ".join(node.value.split())):
        faults.add(node, key, "holds a control character; expected text")
        return ""
    return text


def read_texts(node: yaml.Node | None, faults: Faults, key: str) -> Iterator[str]:
    """Give the texts of a list."""
    if node is None:
        return
    if not isinstance(node, yaml.SequenceNode):
        faults.add(node, key, "expected a list, each line beginning with -")
        return
    for item in node.value:
        yield read_text(item, faults, key)


def check_id(text: str) -> None:
    """Refuse an id that can not be an anchor."""
    if not re.fullmatch(r"[A-Za-z][\w.-]{0,39}", text):
        raise RequestError(f'"{text}" is not an id; write a letter, then letters, digits, - . _')


def check_value(said: dict[str, str]) -> None:
    """Refuse a value that is not a number where one is claimed, and one where none is."""
    value, unit = said.get("value", ""), said["unit"]
    if unit in WITHOUT_NUMBER:
        if value:
            raise RequestError(f'"{value}" stands where a claim in unit {unit} has no number')
        return
    if not re.fullmatch(rf"{NUMBER}(\s*[-–]\s*{NUMBER})?", value):
        raise RequestError(
            f'"{value}" is not a number; write it as printed, for example 171085, 2.5 or 18-29'
        )
    low, high = bounds(value)
    if low > high:
        raise RequestError(f'"{value}" ends before it begins')
    if unit in WHOLE and "." in value:
        raise RequestError(
            f'"{value}" {unit} is no whole number; thousands are separated by a comma or nothing'
        )


def check_period(text: str) -> None:
    """Refuse a period that is not one, or is turned round."""
    if not re.fullmatch(rf"{PERIOD}(/{PERIOD})?", text):
        raise RequestError(
            f'"{text}" is not a period; write 2023, 2019-03, 2016/2023 or 2018-12/2023-11'
        )
    first, _, last = text.partition("/")
    if last and f"{first}-01"[:7] > f"{last}-12"[:7]:
        raise RequestError(f'"{text}" ends before it begins')


def check_qualifier(said: dict[str, str]) -> None:
    """Refuse an unknown word beside a number, or one that says nothing of this unit."""
    qualifier, unit = said.get("qualifier", ""), said["unit"]
    if qualifier and qualifier not in QUALIFIERS:
        raise unknown("qualifier", qualifier, QUALIFIERS)
    needed = WITHOUT_NUMBER.get(unit, ())
    if needed and qualifier not in needed:
        raise RequestError(f"a claim in unit {unit} says one of {', '.join(needed)}")
    statements = {word for words in WITHOUT_NUMBER.values() for word in words}
    if qualifier in statements and qualifier not in needed:
        raise RequestError(f'"{qualifier}" says nothing of a number in {unit}')


def check_published(text: str) -> None:
    """Refuse a date of publication that is none."""
    if text and not re.fullmatch(rf"{PERIOD}(-(?:0[1-9]|[12][0-9]|3[01]))?", text):
        raise RequestError(f'"{text}" is not a date; write YYYY, YYYY-MM or YYYY-MM-DD')


def read_tolerance(text: str) -> float | None:
    """Give a tolerance in percent as a share."""
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]+)?)\s*%", text)
    if not found or float(found[1]) > 50:
        raise RequestError(f'"{text}" is not a tolerance; write a percentage up to 50, such as 1 %')
    return float(found[1]) / 100
