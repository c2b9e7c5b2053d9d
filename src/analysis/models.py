"""The models as a request sees them: found by name, fed by name, checked before they run."""

import inspect
from typing import Any

import pandas as pd

from analysis import modelling
from analysis.cleaning.build import load_table
from analysis.errors import unknown
from analysis.modelling.result import ModelResult
from analysis.parameters import accepted_values, check, find_functions


def find_models() -> dict[str, Any]:
    """Give every ``fit_*`` function of the modelling package by its name on the command line."""
    found = find_functions(modelling, "fit_")
    return {name.replace("_", "-"): function for name, function in found.items()}


def list_models() -> pd.DataFrame:
    """Give one row a model: ``model``, what it does, and its parameters with defaults."""
    rows = []
    for name, function in find_models().items():
        parameters = [f"{key}={value.default}" for key, value in accepted_values(function).items()]
        summary = (function.__doc__ or "").partition("\n")[0]
        rows.append({"model": name, "does": summary, "parameters": " ".join(parameters)})
    return pd.DataFrame(rows)


def run_model(name: str, given: dict[str, str]) -> ModelResult:
    """Run a model on the built tables; its positional parameters are names of tables.

    Raises
    ------
    RequestError
        For an unknown model, parameter or value.
    ModelError
        When the model can not be estimated.

    Examples
    --------
    >>> run_model("guard-elasticity", {"lag": "-3"}).parameters["lag"]
    -3
    """
    models = find_models()
    if name not in models:
        raise unknown("model", name, models)
    function = models[name]
    values = check(function, given)
    tables = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    return function(*map(load_table, tables), **values)
