"""Both languages: one complete catalogue, and no page that is half in another."""

import re
import string
from html.parser import HTMLParser

import pandas as pd
import pytest
from babel.messages.pofile import read_po

from analysis.claims.ledger import read_ledger
from analysis.errors import ReportError
from analysis.reporting import catalogue, languages, text
from analysis.sources import raw_tables, read_text

LANGS = [lang for lang in languages.languages() if lang != "en"]
SLUGS = ["national", "guard", "claims", "context", "priority-areas", "state-guanajuato"]
# Words of English that are no words of Spanish.
ENGLISH = re.compile(
    r"\b(the|of|and|with|from|which|is|are|was|were|by|for|than|that|this|each|rows?|years?|"
    r"months?|homicides?|rates?|figures?|states?|guards?|victims|deaths|table|between|without|"
    r"where|other|before|after|below|above|at least|at most|more|less)\b",
    re.IGNORECASE,
)


def entries(lang):
    with (languages.CATALOGUES / f"{lang}.po").open("rb") as file:
        return [message for message in read_po(file) if message.id]


def gaps(message):
    return sorted(
        name for __, name, __, __ in string.Formatter().parse(message) if name is not None
    )


@pytest.mark.parametrize("lang", LANGS)
class TestCatalogue:
    def test_every_message_has_a_translation(self, lang):
        assert catalogue.lacking(lang) == []

    def test_nothing_is_translated_that_nobody_says(self, lang):
        said = {message.id for message in catalogue.collect_messages()}
        assert [message.id for message in entries(lang) if message.id not in said] == []

    def test_a_translation_has_the_gaps_of_its_message(self, lang):
        wrong = [m.id for m in entries(lang) if gaps(m.id) != gaps(m.string)]
        assert wrong == []

    def test_a_sentence_stays_a_sentence(self, lang):
        wrong = [m.id for m in entries(lang) if m.id.endswith(".") != m.string.endswith(".")]
        assert wrong == []

    def test_the_file_is_as_the_command_writes_it(self, lang, tmp_path, monkeypatch):
        before = (languages.CATALOGUES / f"{lang}.po").read_bytes()
        (tmp_path / f"{lang}.po").write_bytes(before)
        monkeypatch.setattr(catalogue, "CATALOGUES", tmp_path)
        assert catalogue.update_catalogue(lang).read_bytes() == before


def test_a_new_language_begins_with_every_message_open(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "CATALOGUES", tmp_path)
    path = catalogue.update_catalogue("pt")
    assert path == tmp_path / "pt.po"
    said = [message.id for message in catalogue.collect_messages() if message.id]
    assert sorted(catalogue.lacking("pt")) == sorted(said) and len(said) > 1000


def test_a_message_without_a_translation_stops_the_page():
    with languages.in_language("es"), pytest.raises(ReportError, match="no translation of 'Nobody"):
        text.translate("Nobody says this.")


def test_texts_of_a_ledger_or_table_may_be_in_their_own_language():
    with languages.in_language("es"):
        assert text.given("nobody translated this") == "nobody translated this"
        assert text.given("Mexico") != ""


class Words(HTMLParser):
    """What a reader of a page reads or hears, but for code and texts marked as another language."""

    VOID = ("meta", "link", "br", "input", "hr", "img")
    TOLD = ("aria-label", "alt", "title", "data-count", "data-dark", "data-light")

    def __init__(self, lang):
        super().__init__()
        self.lang, self.open, self.found = lang, [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.VOID:
            other = attrs.get("lang", self.lang) != self.lang
            self.open.append(tag in ("script", "style", "code", "pre") or other)
        if not any(self.open):
            self.found += [attrs[name] for name in self.TOLD if attrs.get(name)]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data):
        if data.strip() and not any(self.open):
            self.found.append(" ".join(data.split()))


def words_of(page, lang):
    reader = Words(lang)
    reader.feed(page.read_text("utf-8"))
    return reader.found


def cited(lang):
    """Give what is written as it is in every language: sources, works, tables, measures."""
    names = {read_ledger().document["title"]}
    for name, table in raw_tables().items():
        with languages.in_language(lang):
            names |= {text.given(source["title"]) for source in table["sources"]}
        for field in table["schema"]["fields"]:
            if field["name"] == "source":
                with languages.in_language(lang if "language" in field else "en"):
                    names |= {*map(text.given, read_text(name)["source"])}
    names |= {text.code(name) for name in names}
    listed = "|".join(map(re.escape, sorted(names - {""}, key=len, reverse=True)))
    return re.compile(rf"{listed}|\w+\([^)]*=[^)]*\)|\b(?:{'|'.join(raw_tables())})\b")


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("slug", [*SLUGS, "index"])
def test_no_page_is_half_in_another_language(pages, slug, lang):
    page = pages / (languages.index_page(lang) if slug == "index" else f"{lang}/{slug}.html")
    kept = cited(lang)
    wrong = [words for words in words_of(page, lang) if ENGLISH.search(kept.sub("", words))]
    assert wrong == []
    assert f'<html lang="{lang}">' in page.read_text("utf-8")


def test_english_on_a_page_is_found():
    for words in ("Homicides by state", "la tasa of 2024", "Source: SESNSP with femicide"):
        assert ENGLISH.search(words)
    for words in ("No hay datos de 2024", "Homicidios por estado", "Total nacional", "a son"):
        assert not ENGLISH.search(words)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("slug", SLUGS)
def test_numbers_are_the_same_in_every_language(pages, slug, lang):
    ours, theirs = (pages / code / slug / "tables" for code in (lang, "en"))
    names = sorted(path.name for path in theirs.iterdir())
    assert names == sorted(path.name for path in ours.iterdir())
    for name in names:
        one, other = (
            pd.read_csv(folder / name, dtype={"cve_ent": "str"}) for folder in (ours, theirs)
        )
        assert list(one.columns) == list(other.columns) and len(one) == len(other), name
        numbers = one.select_dtypes("number").columns
        pd.testing.assert_frame_equal(one[numbers], other[numbers])
