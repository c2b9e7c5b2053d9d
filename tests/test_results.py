"""Results of models are used again for the same call only, and change nothing."""

import os
import time

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.modelling.result import Note
from analysis.models import run_model
from analysis.reads import Read, note_read, noting
from analysis.results import DAYS, VARIABLE, kept, remove_old


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where results are kept; the lock of this checkout is part of every key."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "results"))
    return tmp_path / "results"


@pytest.fixture
def counted():
    """A function that counts how often it is really called."""
    calls = []

    def fit_something(frame: pd.DataFrame, *, lag: int = 0) -> dict:
        calls.append(lag)
        note_read("about", "panel")
        return {"sum": float(frame["x"].sum()) + lag, "notes": (Note("{n} rows", n=len(frame)),)}

    return kept(fit_something), calls


FRAME = pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]})


def test_the_same_call_is_answered_from_disk_with_what_it_read(folder, counted):
    fit, calls = counted
    first = fit(FRAME, lag=1)
    with noting() as noted:
        again = fit(FRAME.copy(), lag=1)
    assert again == first and calls == [1]
    assert noted == {Read("about", "panel")}
    assert again["notes"][0].values == {"n": 2}  # noqa: PD011 (a note's)


@pytest.mark.parametrize(
    "other",
    [
        FRAME.assign(x=[1.0, 2.0000000001]),
        FRAME.assign(x=[1.0, np.nan]),
        FRAME.assign(name=["a", "c"]),
        FRAME.rename(columns={"name": "title"}),
        FRAME.set_index(pd.Index([0, 2])),
        FRAME.astype({"x": "float32"}),
        FRAME.iloc[::-1],
    ],
)
def test_another_frame_is_another_call(folder, counted, other):
    fit, calls = counted
    fit(FRAME)
    fit(other)
    fit(FRAME, lag=2)
    assert calls == [0, 0, 2]


def test_attributes_and_the_lock_are_part_of_the_call(folder, counted, checkout_lock):
    fit, calls = counted
    named = FRAME.copy()
    named.attrs["sources"] = ["panel"]
    fit(FRAME)
    fit(named)
    checkout_lock.write_text("another\n", "utf-8")
    fit(FRAME)
    assert len(calls) == 3


@pytest.fixture
def checkout_lock(project):
    lock = project.folder / "requirements.lock"
    lock.write_text("packages\n", "utf-8")
    return lock


def test_what_can_not_be_named_is_never_kept(folder, counted):
    fit, calls = counted
    fit(FRAME, lag=np.int64(3))
    fit(FRAME, lag=np.int64(3))
    assert calls == [3, 3]


def test_a_damaged_result_is_estimated_again(folder, counted):
    fit, calls = counted
    fit(FRAME)
    (path,) = folder.glob("*.pickle")
    for text in (b"", b"no pickle", path.read_bytes()[:20]):
        path.write_bytes(text)
        assert fit(FRAME)["sum"] == 3
    assert len(calls) == 4


def test_without_a_run_nothing_is_kept(monkeypatch, counted, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    fit, calls = counted
    fit(FRAME)
    fit(FRAME)
    assert len(calls) == 2
    assert an.fit_state_trend.__module__ == "analysis.modelling.counts"
    assert not hasattr(an.fit_state_trend, "__wrapped__")


def test_results_that_nobody_asks_for_are_removed(folder):
    folder.mkdir()
    old, young = folder / "old.pickle", folder / "young.pickle"
    for path in (old, young):
        path.write_bytes(b"")
    past = time.time() - (DAYS + 1) * 86_400
    os.utime(old, (past, past))
    remove_old(folder)
    assert list(folder.iterdir()) == [young]


@pytest.mark.parametrize("name", ["state-trend", "smooth-trend", "guard-annual", "quality"])
def test_results_survive(folder, name, monkeypatch):
    """As estimated, and as read back: the same rows, notes and library results."""
    import pickle

    result = run_model(name, {})
    again = pickle.loads(pickle.dumps(result))
    pd.testing.assert_frame_equal(again.rows, result.rows, check_exact=True)
    assert again.notes == result.notes
    assert [note.template for note in again.notes] == [note.template for note in result.notes]
    assert again.parameters == result.parameters and again.sources == result.sources
