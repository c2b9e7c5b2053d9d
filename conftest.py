"""Examples in docstrings share the results of models, as the reports of one run do."""

import os

import pytest


@pytest.fixture(autouse=True)
def _share_results(request, tmp_path_factory, monkeypatch):
    if isinstance(request.node, pytest.DoctestItem):
        from analysis.results import VARIABLE

        folder = tmp_path_factory.getbasetemp()
        # Each worker has a folder below the one of the whole run.
        folder = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
        monkeypatch.setenv(VARIABLE, str(folder / "results"))
