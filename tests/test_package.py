"""The package's front door: public names resolve, nothing heavy is loaded before it is used."""

import os
import subprocess
import sys

import pytest

import analysis

# Flags, a model and its document: what sets and dictionaries could reorder.
FIT = """
import json
from analysis import load_panel, select_marks
from analysis.models import find_models, run_model
marks = select_marks(load_panel()).to_csv()
fit = run_model("guard-elasticity", {"drop": "CDMX,Colima"})
print(marks, json.dumps(fit.to_dict()), fit.fitted.params.to_dict())
# Every model but those that only take longer: the curve and the backtest are made of these.
for name in [n for n in find_models() if n not in ("forecast", "guard-dynamics", "multiverse")]:
    few = {"draws": "19"} if name == "power" else {}
    print(json.dumps(run_model(name, few).to_dict(), default=str))
"""


def python(code, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def output(process):
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


@pytest.mark.parametrize(
    "name",
    [
        "load_panel",
        "load_table",
        "build_data",
        "catalogue",
        "describe",
        "find_state",
        "fit_administrations",
        "fit_state_trend",
        "fit_guard_elasticity",
        "fit_guard_annual",
        "fit_measurement",
        "fit_quality",
        "select_recent_rates",
    ],
)
def test_a_public_name_resolves(name):
    assert callable(getattr(analysis, name))
    assert name in dir(analysis)


@pytest.mark.parametrize("name", ["fit_everything", "load", "plotless", "np", "_states"])
def test_an_unknown_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"module 'analysis' has no attribute '{name}'"):
        getattr(analysis, name)


def test_what_a_module_only_imports_is_not_public():
    assert "build_panel" not in dir(analysis)
    # Nor what the package itself imports for use inside.
    assert not {"cache", "os", "import_module"} & {*dir(analysis)}
    assert not hasattr(analysis, "build_panel")


def test_importing_the_package_imports_nothing_heavy():
    code = "import analysis, sys; print(sorted({'pandas', 'numpy', 'scipy'} & {*sys.modules}))"
    assert output(python(code)) == "[]\n"


def test_results_are_the_same_for_every_hash_seed():
    first, second = [python(FIT, PYTHONHASHSEED=seed) for seed in ("0", "1")]
    assert output(first) == output(second) != ""
