"""Sentences, numbers and dates in the language of the page."""

import re
from functools import lru_cache
from typing import Any

import pandas as pd
from babel.dates import format_date, format_skeleton, get_month_names
from babel.numbers import format_decimal, format_percent

from analysis.errors import ReportError
from analysis.modelling.result import Note
from analysis.reporting.languages import current_language, current_locale, read_catalogue

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
    >>> from analysis.reporting.languages import in_language
    >>> with in_language("es"):
    ...     translate("Main points")
    'Puntos principales'
    """
    lang = current_language()
    if found := read_catalogue(lang).get(message):
        return found
    if lang == "en" or not has_words(message):
        return message
    raise ReportError(
        f"the catalogue {lang}.po has no translation of {message!r}; add it with: make catalogue"
    )


def given(text: str) -> str:
    """Give a text of data or a ledger in the language in use, as written where there is none."""
    return read_catalogue(current_language()).get(text, text)


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
    return "–" if pd.isna(value) else _number(float(value), digits, current_locale())


@lru_cache(maxsize=10_000)
def _number(value: float, digits: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(round(value, digits), pattern, locale)
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
    return format_percent(value, pattern, current_locale())


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
    return format_skeleton("yMMMM", pd.Timestamp(value), locale=current_locale())


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
    return format_date(pd.Timestamp(value), "long", locale=current_locale())


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
    >>> from analysis.reporting.languages import in_language
    >>> with in_language("es"):
    ...     print(period("2016 average"))
    2016 promedio
    """
    return code(re.sub(r"[A-Za-z]+", lambda found: _period_word(found[0]), text))


def _period_word(word: str) -> str:
    english = get_month_names("abbreviated", locale="en_US")
    places = {name: place for place, name in english.items()}
    if word in places:
        return get_month_names("abbreviated", locale=current_locale())[places[word]].rstrip(".")
    return translate(PERIOD_WORDS[word]) if word in PERIOD_WORDS else word


def listing(items: list[str]) -> str:
    """Join words with commas and a last "and".

    Examples
    --------
    >>> listing(["Sonora", "Sinaloa", "Nayarit"])
    'Sonora, Sinaloa and Nayarit'
    >>> from analysis.reporting.languages import in_language
    >>> with in_language("es"):
    ...     listing(["SESNSP", "INEGI"])
    'SESNSP e INEGI'
    """
    if len(items) < 2:
        return "".join(items)
    joined = translate("{first} and {last}").format(first=", ".join(items[:-1]), last=items[-1])
    if current_language() == "es" and re.match(r"h?[ií](?!e)", items[-1], re.IGNORECASE):
        # Spanish says "e" before the same sound.
        joined = f"{', '.join(items[:-1])} e {items[-1]}"
    return joined
