"""A state is found by whatever people call it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import RequestError
from analysis.geography import ALIASES, find_state, neighbours, normalise, states

CODES = [f"{code:02d}" for code in range(1, 33)]


def test_there_are_32_states_in_the_order_of_their_codes():
    assert [state.cve_ent for state in states()] == CODES


def test_no_two_states_share_a_name_a_slug_or_a_tile():
    for trait in ("name", "official_name", "abbreviation", "slug"):
        assert len({getattr(state, trait) for state in states()}) == 32
    assert len({(state.tile_row, state.tile_col) for state in states()}) == 32


@pytest.mark.parametrize("code", CODES)
def test_every_name_of_a_state_finds_it(code):
    state = next(state for state in states() if state.cve_ent == code)
    spellings = [state.official_name, state.name, state.abbreviation, code, int(code), state.slug]
    for spelling in spellings:
        assert find_state(spelling) == state
        assert find_state(f" {spelling} ".upper()) == state


@pytest.mark.parametrize(("alias", "code"), ALIASES.items())
def test_names_in_use_find_their_state(alias, code):
    assert find_state(alias).cve_ent == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Edo. Mex.", "Estado de México"),
        ("CDMX", "Ciudad de México"),
        ("NUEVO LEÓN", "Nuevo León"),
        ("michoacan", "Michoacán"),
        ("san  luis potosi", "San Luis Potosí"),
        ("Coahuila de Zaragoza", "Coahuila"),
    ],
)
def test_case_accents_and_full_stops_do_not_matter(text, name):
    assert find_state(text).name == name


@pytest.mark.parametrize(
    ("text", "offered"),
    [("Guanjuato", "Guanajuato"), ("Mexco City", "Ciudad de México"), ("Jalsico", "Jalisco")],
)
def test_a_misspelt_state_is_refused_with_the_nearest_names(text, offered):
    with pytest.raises(
        RequestError, match=f'unknown state "{text}"; nearest: .*{offered}'
    ) as error:
        find_state(text)
    assert error.value.exit_code == 2


@pytest.mark.parametrize("text", ["Atlantis", "33", "0", ""])
def test_what_is_no_state_at_all_is_refused_with_every_name(text):
    with pytest.raises(RequestError) as error:
        find_state(text)
    assert all(state.name in str(error.value) for state in states())


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


def test_neighbours_are_mutual_and_never_the_state_itself():
    for state in states():
        near = neighbours(state)
        assert state not in near
        assert all(state in neighbours(other) for other in near)
