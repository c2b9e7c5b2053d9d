"""The built tables, and projects of their own in which raw tables may be damaged."""

import json
import os
import shutil
import tempfile
from pathlib import Path

# One thread a process: the models' matrices are small, and the workers share the cores.
# Before NumPy is imported, so before anything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from analysis import load_panel, load_table
from analysis.files import hash_file
from analysis.models import run_model

ROOT = Path(__file__).parents[1]

# The tests write nothing into the checkout but the built tables.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
settings.register_profile("suite", deadline=None, derandomize=True, database=None, max_examples=50)
settings.load_profile("suite")


# Draws where many would only take longer.
FEW = {"multiverse": {"draws": 39}, "power": {"draws": 49}}


class Project:
    """A folder with a copy of the raw tables."""

    def __init__(self, folder):
        self.folder = folder
        self.raw = folder / "data" / "raw"
        self.processed = folder / "data" / "processed"

    def replace(self, name, old, *new, recorded=True):
        """Put lines in the place of one line of a raw table; give that line's row number.

        The descriptor's hash, size and number of rows follow, unless ``recorded`` is false.
        """
        path = self.raw / f"{name}.csv"
        lines = path.read_text("utf-8").splitlines()
        assert lines.count(old) == 1, f"{old} stands {lines.count(old)} times in {name}"
        row = lines.index(old)
        lines[row : row + 1] = new
        path.write_text("\n".join(lines) + "\n", "utf-8")
        if recorded:
            size = {"bytes": path.stat().st_size, "rows": len(lines) - 1}
            self.describe(name, hash=f"sha256:{hash_file(path)}", **size)
        return row + 1

    def describe(self, name, **changes):
        """Change the descriptor of a raw table."""
        path = self.raw / "datapackage.json"
        package = json.loads(path.read_text("utf-8"))
        next(item for item in package["resources"] if item["name"] == name).update(changes)
        path.write_text(json.dumps(package), "utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own, which is then the working folder."""
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture(scope="session")
def panel():
    return load_panel()


@pytest.fixture(scope="session")
def panel_as_found():
    return load_panel(corrections="off")


@pytest.fixture(scope="session")
def national_month():
    return load_table("national_month")


@pytest.fixture(scope="session")
def national_year():
    return load_table("national_year")


@pytest.fixture(scope="session")
def strength():
    return load_table("guard_strength_national")


@pytest.fixture(scope="session")
def fitted():
    """Run a model by name on the built tables, each request once; few draws unless asked."""
    known = {}

    def fit(model, **parameters):
        parameters = FEW.get(model, {}) | parameters
        key = (model, *sorted(parameters.items()))
        if key not in known:
            known[key] = run_model(model, {k: str(v) for k, v in parameters.items()})
        return known[key]

    return fit
