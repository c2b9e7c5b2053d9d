"""Words, numbers and dates in the language of the page."""

import pytest

import analysis as an
from analysis.errors import ReportError, RequestError
from analysis.modelling.result import Note, join_notes
from analysis.reporting import languages, text


@pytest.fixture
def spanish(tmp_path, monkeypatch):
    """A small Spanish catalogue, as a maintainer would add one."""
    catalogue = 'msgid "Main points"\nmsgstr "Puntos principales"\n'
    catalogue += 'msgid "Methods"\nmsgstr ""\n'
    catalogue += 'msgid "{first} to {last}"\nmsgstr "{first} a {last}"\n'
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "es.po").write_text(header + catalogue, "utf-8")
    monkeypatch.setattr(languages, "CATALOGUES", tmp_path)
    languages.read_catalogue.cache_clear()
    yield
    languages.read_catalogue.cache_clear()


def test_a_language_is_there_when_its_catalogue_is(spanish):
    assert languages.languages() == ["en", "es"]


def test_texts_and_months_follow_the_language(spanish):
    with languages.in_language("es"):
        assert text.translate("Main points") == "Puntos principales"
        assert text.months("2015-01", "2025-06") == "enero de 2015 a junio de 2025"
        assert text.number(33550.26, 1) == "33,550.3"
    assert text.translate("Main points") == "Main points"


def test_a_translation_that_is_only_begun_is_none(spanish):
    with languages.in_language("es"):
        with pytest.raises(ReportError, match="no translation of 'Methods'"):
            text.translate("Methods")
        assert text.given("Methods") == "Methods"


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(RequestError, match='unknown language "fr"'):
        languages.use_language("fr")


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (33550, 0, "33,550"),
        (-0.04, 1, "0.0"),
        (-5.36, 1, "−5.4"),
        (float("nan"), 1, "–"),
        (2.5, 0, "2"),
        (1234.567, 2, "1,234.57"),
    ],
)
def test_numbers(value, digits, written):
    assert text.number(value, digits) == written


def test_a_change_has_its_sign_and_none_when_it_rounds_to_zero():
    assert text.change(2.04) == "+2.0%"
    assert text.change(-5.3) == "−5.3%"
    assert text.change(0.0) == "0.0%"


def test_small_p_values_are_never_zero():
    assert text.name_value("q", 1e-12) == "q < 0.001"
    assert text.name_value("q", 0.004) == "q = 0.004"


def test_notes_of_a_model_are_said_in_the_language_of_the_page():
    trend = an.fit_state_trend(an.load_panel(), start="2015-01", end="2016-12")
    note = next(note for note in trend.notes if "Oaxaca" in note)
    assert note == "Oaxaca: too few months, left out"
    with languages.in_language("es"):
        assert "Oaxaca" in text.sentence(note) and text.sentence(note) != note


def test_notes_inside_a_note_are_said_too_and_other_values_stay():
    inner = Note("{first} to {last} are preliminary", first="2025-01", last="2025-06")
    outer = join_notes([inner, "", "SESNSP"])
    assert outer == "2025-01 to 2025-06 are preliminary; SESNSP"
    with languages.in_language("es"):
        said = text.sentence(outer)
    assert said.endswith("; SESNSP") and "2025-06" in said and "preliminary" not in said


def test_periods_as_sources_write_them():
    assert text.period("2024 Jan-Jun") == "2024 Jan‑Jun"
    with languages.in_language("es"):
        assert text.period("2024 Jan-Jun") == "2024 ene‑jun"
        assert text.period("2006-2012 (Calderón)") == "2006‑2012 (Calderón)"


def test_spanish_says_e_before_the_same_sound():
    with languages.in_language("es"):
        assert text.listing(["SESNSP", "INEGI"]) == "SESNSP e INEGI"
        assert text.listing(["Sonora", "Hidalgo"]) == "Sonora e Hidalgo"
        assert text.listing(["agua", "hielo"]) == "agua y hielo"
        assert text.listing(["a", "b", "Oaxaca"]) == "a, b y Oaxaca"
