"""The languages of pages: which there are, which is in use, and their catalogues.

English texts are the identifiers of the one message catalogue; a language is added by putting
its catalogue, ``<language>.po``, into ``locale/`` beside this module.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

from analysis.errors import unknown

CATALOGUES = Path(__file__).with_name("locale")
# Where a language alone does not say how numbers and dates are written.
LOCALES = {"en": "en_US", "es": "es_MX"}
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


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Write in a language inside a ``with`` block."""
    before = _language.get()
    use_language(lang)
    try:
        yield
    finally:
        _language.set(before)


def current_language() -> str:
    """Give the code of the language in use."""
    return _language.get()


def current_locale() -> str:
    """Give the locale by which numbers and dates are written in the language in use."""
    lang = _language.get()
    return LOCALES.get(lang, lang)


def language_name(lang: str) -> str:
    """Name a language in itself.

    Examples
    --------
    >>> language_name("es")
    'Español'
    """
    return str(Locale.parse(lang).get_display_name()).capitalize()


def index_page(lang: str, name: str = "index") -> str:
    """Name the page in a language that lists all reports, or another of the whole folder.

    Examples
    --------
    >>> index_page("en"), index_page("es"), index_page("es", "difference")
    ('index.html', 'index-es.html', 'difference-es.html')
    """
    return f"{name}.html" if lang == "en" else f"{name}-{lang}.html"


def other_pages(lang: str, name: str = "index") -> dict[str, str]:
    """Name the same page in each other language, for its links.

    Examples
    --------
    >>> other_pages("en")
    {'es': 'index-es.html'}
    """
    return {other: index_page(other, name) for other in languages() if other != lang}


@cache
def read_catalogue(lang: str) -> dict[str, str]:
    """Give the translations of a language by message; English messages are their own."""
    if lang == "en":
        return {}
    with (CATALOGUES / f"{lang}.po").open("rb") as file:
        # One that is begun but not translated is as good as none.
        entries = [entry for entry in read_po(file) if entry.id and entry.string]
        return {str(entry.id): str(entry.string) for entry in entries}
