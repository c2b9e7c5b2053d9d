"""Models are found by name and run on the built tables; a wrong request never reaches them."""

import pytest

from analysis.errors import RequestError
from analysis.models import find_models, list_models, run_model

EVERY = list(find_models())


def test_every_fit_function_is_a_model_by_its_name():
    expected = {"administrations", "guard-annual", "guard-elasticity", "measurement", "quality"}
    assert expected | {"state-trend"} <= set(EVERY)


def test_the_list_tells_what_each_model_does_and_takes():
    models = list_models().set_index("model")
    assert list(models.index) == EVERY
    assert models["does"].str.endswith(".").all()
    assert models.loc["administrations", "parameters"] == "source=sesnsp"
    assert "lag=0" in models.loc["guard-elasticity", "parameters"]


@pytest.mark.parametrize("name", EVERY)
def test_every_model_runs_as_it_is(name, fitted):
    result = fitted(name)
    assert result.model == name
    assert len(result.tidy()) > 0


@pytest.mark.parametrize("name", ["Guanajuato", "11", "gto"])
def test_a_state_by_any_name_is_the_same_request(name, fitted):
    result = fitted("state-trend", state=name)
    assert result.parameters["state"] == "Guanajuato"
    assert result.rows["cve_ent"].tolist() == ["11"]


def test_text_from_the_command_line_is_turned_into_numbers(fitted):
    result = fitted("guard-elasticity", lag="-3")
    assert result.parameters["lag"] == -3
    assert result.period == ("2019-04", "2021-04")


@pytest.mark.parametrize(
    ("model", "given", "message"),
    [
        ("state-trends", {}, "did you mean state-trend"),
        ("state-trend", {"stat": "11"}, 'unknown parameter "stat"; did you mean sta'),
        ("state-trend", {"state": "Guanjuato"}, "nearest: Guanajuato"),
        ("state-trend", {"source": "press"}, 'unknown value of source "press"; .*sesnsp, inegi'),
        ("state-trend", {"start": "2024-01", "end": "2020-01"}, "start before end"),
        ("state-trend", {"start": "2010-01"}, "sesnsp covers 2015-01 to 2025-06"),
        ("state-trend", {"start": "2024-01"}, "at least 24"),
        ("guard-elasticity", {"lag": "three"}, "lag must be int"),
        ("guard-elasticity", {"lag": "1.5"}, "lag must be int"),
        ("guard-elasticity", {"effects": "none"}, r"Accepted: state\+month, month"),
        ("guard-elasticity", {"drop": "Atlantis"}, 'unknown state "Atlantis"'),
        ("guard-elasticity", {"source": "inegi", "outcome": "negligent"}, "use source=sesnsp"),
        ("guard-annual", {"series": "planned"}, "Accepted: force_strength"),
        ("quality", {"source": "press"}, "Accepted: guard, sesnsp, inegi"),
        ("measurement", {"source": "inegi"}, 'unknown parameter "source"'),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_accepted(model, given, message):
    with pytest.raises(RequestError, match=message) as error:
        run_model(model, given)
    assert error.value.exit_code == 2


def test_an_absurd_lag_is_a_wrong_request():
    with pytest.raises(RequestError, match="lag"):
        run_model("guard-elasticity", {"lag": "1000000000"})
