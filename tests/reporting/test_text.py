"""Words, numbers and dates in the language of the page."""

import pytest

import analysis as an
from analysis.errors import RequestError
from analysis.reporting import text
from analysis.reporting.captions.common import model_notes


@pytest.fixture
def spanish(tmp_path, monkeypatch):
    """A small Spanish catalogue, as a maintainer would add one."""
    catalogue = 'msgid "Main points"\nmsgstr "Puntos principales"\n'
    catalogue += 'msgid "{first} to {last}"\nmsgstr "{first} a {last}"\n'
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "es.po").write_text(header + catalogue, "utf-8")
    monkeypatch.setattr(text, "CATALOGUES", tmp_path)
    text._catalogue.cache_clear()
    yield
    text._catalogue.cache_clear()


def test_a_language_is_there_when_its_catalogue_is(spanish):
    assert text.languages() == ["en", "es"]


def test_texts_and_months_follow_the_language(spanish):
    with text.in_language("es"):
        assert text.translate("Main points") == "Puntos principales"
        assert text.months("2015-01", "2025-06") == "enero de 2015 a junio de 2025"
        assert text.number(33550.26, 1) == "33,550.3"
    assert text.translate("Main points") == "Main points"


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(RequestError, match='unknown language "fr"'):
        text.use_language("fr")


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


def test_notes_of_a_model_can_be_said_in_another_language(tmp_path, monkeypatch):
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    note = 'msgid "{state}: too few months, left out"\nmsgstr "{state}: muy pocos meses, fuera"\n'
    (tmp_path / "es.po").write_text(header + note, "utf-8")
    monkeypatch.setattr(text, "CATALOGUES", tmp_path)
    text._catalogue.cache_clear()
    trend = an.fit_state_trend(an.load_panel(), start="2015-01", end="2016-12")
    with text.in_language("es"):
        assert "Oaxaca: muy pocos meses, fuera" in model_notes(trend)
    text._catalogue.cache_clear()
    assert "Oaxaca: too few months, left out" in trend.notes
