"""Which letters the bytes of a text mean, and text that was decoded wrongly and saved again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from analysis.errors import RequestError

# The letters beyond ASCII that Spanish names and headers hold.
LETTERS = set("áéíóúüñÁÉÍÓÚÜÑ")
HARMLESS = LETTERS | set("\u00a0°ºª¿´’‘–")
# Decoded as the first where the second was meant, then saved.
MISREADINGS = (
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
    ("mac_roman", "utf-8"),
    ("cp437", "utf-8"),
    ("cp850", "utf-8"),
    ("mac_roman", "cp1252"),
    ("cp1252", "mac_roman"),
    ("cp437", "cp1252"),
    ("cp850", "cp1252"),
    ("cp1252", "cp850"),
    ("cp1252", "cp437"),
)
# The sign for a letter that a program could not read, also in bytes read one by one; some
# programs write a question mark, which no name has between two letters.
LOST = re.compile("\ufffd|\u00ef\u00bf\u00bd|[^\\W\\d_]\\?[^\\W\\d_]")
# What no text holds: control characters stand for bytes that mean nothing in the encoding.
CONTROL = re.compile("[\x80-\x9f]")
# A capital, a dash or an apostrophe amid a word: letters of Spanish, but no word of it.
AMID = re.compile(
    "[a-záéíóúüñ][ÁÉÍÓÚÜÑ]|[A-Z][ÁÉÍÓÚÜÑ][a-z]|[A-Za-z]\u2013[a-z]|[a-z][\u2018\u2019][a-z]"
)
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with mark",
    "cp1252": "Windows-1252",
    "latin-1": "ISO-8859-1",
    "mac_roman": "Mac Roman",
    "cp437": "DOS 437",
    "cp850": "DOS 850",
    "ascii": "ASCII",
}


@dataclass(frozen=True)
class Letters:
    """The encoding of a file and the true text of each of its values.

    ``text`` maps the bytes of a value, written one byte a character (ISO-8859-1), to its text;
    values in ASCII are not listed. ``repaired`` maps wrongly saved text to its repair, by the
    ``misreadings`` (what it was read as, what was meant). ``strange`` texts have letters that
    Spanish has not.
    """

    encoding: str
    text: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)
    misreadings: tuple[tuple[str, str], ...] = ()
    strange: tuple[str, ...] = ()

    def read(self, value: str) -> str:
        """Give the text of a value whose bytes are written one a character."""
        if value.isascii():
            return value
        return self.text.get(value) or _decode(value, self.encoding)


def settle_letters(values: Iterable[str], *, where: str) -> Letters:
    r"""Find the encoding of a file's values and repair what was decoded wrongly before.

    Parameters
    ----------
    values : iterable of str
        Bytes written one byte a character, as ``bytes.decode("latin-1")`` gives them.
    where : str
        The file, for messages.

    Returns
    -------
    Letters
        With ``repaired`` where one misreading explains every damaged value, or each value has one
        repair only.

    Raises
    ------
    RequestError
        When letters are lost (the replacement character) or several repairs are possible; the
        message shows an example.

    Examples
    --------
    >>> settle_letters(["A\xf1o", "Nuevo Le\xf3n"], where="a file").encoding
    'latin-1'
    >>> settle_letters(["AÃ\x83Â±o"], where="a file").repaired
    {'AÃ±o': 'Año'}
    """
    every = list(dict.fromkeys(values))
    special = [value for value in every if not value.isascii()]
    encoding = guess_encoding(special)
    text = {value: _decode(value, encoding) for value in special}
    unclear = [value for value in every if "?" in value and "://" not in value]
    if lost := next(filter(LOST.search, [*text.values(), *unclear]), None):
        raise _lost(where, lost)
    pairs, repairs = _repair(set(text.values()), where)
    left = tuple(item for item in text.values() if item not in repairs and not _clean(item))
    if lost := next(filter(CONTROL.search, left), None):
        raise _lost(where, CONTROL.sub("\ufffd", lost))
    text = {value: repairs.get(item, item) for value, item in text.items()}
    return Letters(encoding, text, repairs, pairs, left)


def guess_encoding(values: list[str]) -> str:
    """Name the encoding of bytes beyond ASCII, written one a character."""
    if not values:
        return "ascii"
    try:
        "\n".join(values).encode("latin-1").decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return "cp1252" if any(map(CONTROL.search, values)) else "latin-1"


def _lost(where: str, example: str) -> RequestError:
    return RequestError(
        f'{where}: letters are lost in "{example[:60]}" (there stands what a program wrote for a '
        "letter that it could not read). Nothing can bring them back: get the file from its "
        "producer again"
    )


def _decode(value: str, encoding: str) -> str:
    if encoding == "utf-8":
        return value.encode("latin-1").decode(encoding, errors="replace")
    if encoding == "cp1252":
        # Five bytes mean nothing in Windows-1252: they stay control characters.
        return CONTROL.sub(lambda sign: _cp1252(sign[0]), value)
    return value


def _cp1252(sign: str) -> str:
    try:
        return sign.encode("latin-1").decode("cp1252")
    except UnicodeDecodeError:
        return sign


def _clean(text: str) -> bool:
    letters = all(letter.isascii() or letter in HARMLESS for letter in text)
    return letters and not AMID.search(text)


def _repair(texts: set[str], where: str) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    """Give the misreading that explains every damaged text, and each text's repair."""
    strange = sorted(text for text in texts if not _clean(text))
    ways = {text: ways for text in strange if (ways := _ways(text))}
    if not ways:
        return (), {}
    every = [pair for pair in MISREADINGS if all(pair in known for known in ways.values())]
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for pair in every:
        found.setdefault(tuple(known[pair] for known in ways.values()), pair)
    if len(found) == 1:
        pair = next(iter(found.values()))
        # Where the damage is certain, what looks harmless may be damaged too.
        doubtful = {text: _undo(text, pair) for text in texts if _doubtful(text)}
        more = {text: repair for text, repair in doubtful.items() if repair}
        return (pair,), {text: known[pair] for text, known in ways.items()} | more
    text = next((text for text, known in ways.items() if len(set(known.values())) > 1), "")
    if text:
        meanings = " or ".join(f'"{repair}"' for repair in dict.fromkeys(ways[text].values()))
        raise RequestError(
            f'{where}: "{text[:60]}" was decoded wrongly before it was saved and can mean '
            f"{meanings}. Get the file from its producer again"
        )
    chosen = {text: next(iter(known.items())) for text, known in ways.items()}
    pairs = tuple(dict.fromkeys(pair for pair, _ in chosen.values()))
    return pairs, {text: repair for text, (_, repair) in chosen.items()}


def _doubtful(text: str) -> bool:
    return not text.isascii() and any(c not in LETTERS and not c.isascii() for c in text)


def _ways(text: str) -> dict[tuple[str, str], str]:
    """Give what a text can mean, by the misreading that may have damaged it."""
    return {pair: repair for pair in MISREADINGS if (repair := _undo(text, pair))}


def _undo(text: str, pair: tuple[str, str]) -> str:
    """Undo a misreading, of UTF-8 up to three times; empty where it can not have happened."""
    wrong, right = pair
    for _ in range(3 if right == "utf-8" else 1):
        try:
            text = _encode(text, wrong).decode(right)
        except UnicodeError:
            return ""
        if _clean(text):
            return text
    return ""


def _encode(text: str, wrong: str) -> bytes:
    if wrong != "cp1252" or not CONTROL.search(text):
        return text.encode(wrong)
    # Most programs read the bytes that mean nothing as control characters.
    return b"".join(sign.encode("latin-1" if CONTROL.match(sign) else wrong) for sign in text)
