"""Which letters the bytes of a text mean, and text that was decoded wrongly and saved again."""

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
    ("mac_roman", "cp1252"),
    ("cp1252", "mac_roman"),
    ("cp437", "cp1252"),
    ("cp850", "cp1252"),
    ("cp1252", "cp850"),
    ("cp1252", "cp437"),
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
    values in ASCII are not listed. ``repaired`` maps wrongly saved text to its repair.
    """

    encoding: str
    text: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, str] = field(default_factory=dict)
    misreading: tuple[str, str] | None = None
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
        With ``repaired`` where one misreading explains every damaged value.

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
    special = list(dict.fromkeys(value for value in values if not value.isascii()))
    if not special:
        return Letters("ascii")
    encoding = _encoding([value.encode("latin-1") for value in special])
    text = {value: _decode(value, encoding) for value in special}
    if lost := next((item for item in text.values() if "\ufffd" in item), None):
        raise RequestError(
            f'{where}: letters are lost in "{lost[:60]}" (the sign � stands for what a program '
            "could not read). Nothing can bring them back: get the file from its producer again"
        )
    pair, repairs = _repair(set(text.values()), where)
    return Letters(
        encoding,
        {value: repairs.get(item, item) for value, item in text.items()},
        repairs,
        pair,
        tuple(item for item in text.values() if item not in repairs and not _clean(item)),
    )


def _encoding(values: list[bytes]) -> str:
    try:
        b"\n".join(values).decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        controls = any(0x80 <= byte <= 0x9F for value in values for byte in value)
        return "cp1252" if controls else "latin-1"


def _decode(value: str, encoding: str) -> str:
    # Five bytes mean nothing in Windows-1252: they become the replacement character.
    encoding = "latin-1" if encoding == "ascii" else encoding
    return value.encode("latin-1").decode(encoding, errors="replace")


def _clean(text: str) -> bool:
    return all(letter.isascii() or letter in HARMLESS for letter in text)


def _repair(texts: set[str], where: str) -> tuple[tuple[str, str] | None, dict[str, str]]:
    """Give the misreading that explains every damaged text, and each text's repair."""
    damaged = sorted(text for text in texts if not _clean(text))
    found: dict[tuple[str, ...], tuple[tuple[str, str], dict[str, str]]] = {}
    for pair in MISREADINGS:
        repairs = {text: _undo(text, pair) for text in damaged}
        if damaged and all(repair and _clean(repair) for repair in repairs.values()):
            # Where the damage is certain, what looks harmless may be damaged too.
            more = {text: _undo(text, pair) for text in texts if _doubtful(text)}
            repairs |= {text: repair for text, repair in more.items() if repair and _clean(repair)}
            found.setdefault(tuple(repairs[text] for text in damaged), (pair, repairs))
    if len(found) > 1:
        ways = " or ".join(f'"{repairs[0]}"' for repairs in found)
        raise RequestError(
            f'{where}: "{damaged[0][:60]}" was decoded wrongly before it was saved and can mean '
            f"{ways}. Get the file from its producer again"
        )
    return next(iter(found.values())) if found else (None, {})


def _doubtful(text: str) -> bool:
    return not text.isascii() and any(c not in LETTERS and not c.isascii() for c in text)


def _undo(text: str, pair: tuple[str, str]) -> str:
    """Undo a misreading, up to three times over; empty where it can not have happened."""
    wrong, right = pair
    for _ in range(3):
        try:
            text = text.encode(wrong).decode(right)
        except UnicodeError:
            return ""
        if _clean(text):
            return text
    return ""
