"""Sentences, numbers and dates in the language of the page.

English texts are the identifiers of the one message catalogue; a language is added by putting
its catalogue, ``<language>.po``, into ``locale/`` beside this module.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from babel import Locale
from babel.dates import format_date, format_skeleton, get_month_names
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from analysis.errors import ReportError, unknown
from analysis.modelling.result import Note

CATALOGUES = Path(__file__).with_name("locale")
# Where a language alone does not say how numbers and dates are written.
LOCALES = {"en": "en_US", "es": "es_MX"}
# What sources write beside years and months.
PERIOD_WORDS = {
    "FY": Note("FY"),
    "average": Note("average"),
    "calendar": Note("calendar"),
    "change": Note("change"),
    "plan": Note("plan"),
    "rate": Note("rate"),
    "to": Note("to"),
}
_language: ContextVar[str] = ContextVar("language", default="en")


def languages() -> list[str]:
    """Give the languages that have a complete catalogue; English is the catalogue's own."""
    return ["en", *sorted(path.stem for path in CATALOGUES.glob("*.po"))]


def use_language(lang: str) -> None:
    """Write everything from here on in a language.

    Raises
    ------
    RequestError
        When there is no catalogue for it.
    """
    if lang not in languages():
        raise unknown("language", lang, languages())
    _language.set(lang)


def current_language() -> str:
    """Give the code of the language in use."""
    return _language.get()


def language_name(lang: str) -> str:
    """Name a language in itself.

    Examples
    --------
    >>> language_name("es")
    'Español'
    """
    return str(Locale.parse(lang).get_display_name()).capitalize()


def index_page(lang: str) -> str:
    """Name the page that lists all reports in a language.

    Examples
    --------
    >>> index_page("en"), index_page("es")
    ('index.html', 'index-es.html')
    """
    return "index.html" if lang == "en" else f"index-{lang}.html"


def _locale() -> str:
    lang = _language.get()
    return LOCALES.get(lang, lang)


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Write in a language inside a ``with`` block."""
    before = _language.get()
    use_language(lang)
    try:
        yield
    finally:
        _language.set(before)


@cache
def _catalogue(lang: str) -> dict[str, str]:
    if lang == "en":
        return {}
    with (CATALOGUES / f"{lang}.po").open("rb") as file:
        # One that is begun but not translated is as good as none.
        entries = [entry for entry in read_po(file) if entry.id and entry.string]
        return {str(entry.id): str(entry.string) for entry in entries}


def has_words(message: str) -> bool:
    """Tell whether there is anything to translate in a message beside its gaps.

    Examples
    --------
    >>> has_words("{n} rows"), has_words("{name}: {what}")
    (True, False)
    """
    return any(map(str.isalpha, re.sub(r"{\w*}", "", message)))


def translate(message: str) -> str:
    """Give a message of the code in the language in use.

    Raises
    ------
    ReportError
        When the catalogue lacks it: no page is half in another language.

    Examples
    --------
    >>> translate("Main points")
    'Main points'
    >>> with in_language("es"):
    ...     translate("Main points")
    'Puntos principales'
    """
    lang = _language.get()
    if found := _catalogue(lang).get(message):
        return found
    if lang == "en" or not has_words(message):
        return message
    raise ReportError(
        f"the catalogue {lang}.po has no translation of {message!r}; add it with: make catalogue"
    )


def given(text: str) -> str:
    """Give a text of data or a ledger in the language in use, as written where there is none."""
    return _catalogue(_language.get()).get(text, text)


def sentence(note: Note | None) -> str:
    """Write a note, and the notes inside it, in the language of the page."""
    if note is None:
        return ""
    filled: dict[str, Any] = note.values  # noqa: PD011 (a note's, not a frame's)
    values = {
        k: sentence(v) if isinstance(v, Note) else given(v) if isinstance(v, str) else v
        for k, v in filled.items()
    }
    return translate(note.template).format(**values)


def number(value: float, digits: int = 0) -> str:
    """Write a number with the language's separators and a true minus sign.

    Examples
    --------
    >>> number(33550), number(-3.14159, 1)
    ('33,550', '−3.1')
    """
    return "–" if pd.isna(value) else _number(float(value), digits, _language.get())


@lru_cache(maxsize=10_000)
def _number(value: float, digits: int, lang: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(round(value, digits), pattern, LOCALES.get(lang, lang))
    zero = text.strip("-0.,") == ""
    return text.replace("-", "" if zero else "−")


def percent(value: float, digits: int = 0) -> str:
    """Write a share of one as percent.

    Examples
    --------
    >>> percent(0.7298)
    '73%'
    """
    if pd.isna(value):
        return "–"
    pattern = "#,##0" + "." * (digits > 0) + "0" * digits + "%"
    return format_percent(value, pattern, _locale())


def change(value: float, digits: int = 1) -> str:
    """Write a change in percent with its sign.

    Examples
    --------
    >>> change(-5.331), change(2.0)
    ('−5.3%', '+2.0%')
    """
    return ("+" if value > 0 else "") + number(value, digits) + "%"


def interval(low: float, high: float, digits: int = 1) -> str:
    """Write a 95 % interval.

    Examples
    --------
    >>> interval(-7.57, -3.04)
    '95% interval −7.6 to −3.0'
    """
    ends = {"low": number(low, digits), "high": number(high, digits)}
    return translate("95% interval {low} to {high}").format(**ends)


def p_value(value: float) -> str:
    """Write a p-value to three digits, never as zero, to four where 0.05 would hide the side.

    Examples
    --------
    >>> p_value(0.0000004), p_value(0.0312)
    ('<0.001', '0.031')
    """
    digits = 4 if 0.0495 <= value < 0.0505 else 3
    return "<0.001" if value < 0.001 else number(value, digits)


def name_value(name: str, value: float) -> str:
    """Write a named p- or q-value, with "<" where it is too small to print.

    Examples
    --------
    >>> name_value("q", 0.0000004), name_value("q", 0.0312)
    ('q < 0.001', 'q = 0.031')
    """
    text = p_value(value)
    return f"{name} < {text[1:]}" if text.startswith("<") else f"{name} = {text}"


def month(value: pd.Timestamp | str) -> str:
    """Write a month in words.

    Examples
    --------
    >>> month("2019-07")
    'July 2019'
    """
    return format_skeleton("yMMMM", pd.Timestamp(value), locale=_locale())


def months(first: pd.Timestamp | str, last: pd.Timestamp | str) -> str:
    """Write a period in words.

    Examples
    --------
    >>> months("2015-01", "2025-06")
    'January 2015 to June 2025'
    """
    return translate("{first} to {last}").format(first=month(first), last=month(last))


def day(value: pd.Timestamp | str) -> str:
    """Write a date in words.

    Examples
    --------
    >>> day("2026-11-23")
    'November 23, 2026'
    """
    return format_date(pd.Timestamp(value), "long", locale=_locale())


def code(value: object) -> str:
    """Write a date or code so that it does not break at its hyphens.

    Examples
    --------
    >>> code("2019-07") == "2019\u201107"
    True
    """
    return str(value).replace("-", "\u2011")


def period(text: str) -> str:
    """Write a period as a source writes it, its months and words in the language of the page.

    Examples
    --------
    >>> period("2024 Jan-Jun") == "2024 Jan\u2011Jun"
    True
    >>> with in_language("es"):
    ...     print(period("2016 average"))
    2016 promedio
    """
    return code(re.sub(r"[A-Za-z]+", lambda found: _period_word(found[0]), text))


def _period_word(word: str) -> str:
    english = get_month_names("abbreviated", locale="en_US")
    places = {name: place for place, name in english.items()}
    if word in places:
        return get_month_names("abbreviated", locale=_locale())[places[word]].rstrip(".")
    return translate(PERIOD_WORDS[word]) if word in PERIOD_WORDS else word


def listing(items: list[str]) -> str:
    """Join words with commas and a last "and".

    Examples
    --------
    >>> listing(["Sonora", "Sinaloa", "Nayarit"])
    'Sonora, Sinaloa and Nayarit'
    >>> with in_language("es"):
    ...     listing(["SESNSP", "INEGI"])
    'SESNSP e INEGI'
    """
    if len(items) < 2:
        return "".join(items)
    joined = translate("{first} and {last}").format(first=", ".join(items[:-1]), last=items[-1])
    if _language.get() == "es" and re.match(r"h?[ií](?!e)", items[-1], re.IGNORECASE):
        # Spanish says "e" before the same sound.
        joined = f"{', '.join(items[:-1])} e {items[-1]}"
    return joined
