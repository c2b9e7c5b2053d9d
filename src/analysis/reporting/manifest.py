"""The folder of reports: its manifest of one entry a report, and what killed runs left there."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.files import written_beside
from analysis.sources import root

Key = tuple[str, str]


def reports_folder() -> Path:
    """Give the folder the reports are written to."""
    return root() / "reports"


def manifest_path() -> Path:
    """Give the path of the manifest."""
    return reports_folder() / "manifest.json"


def read_runs() -> dict[Key, dict[str, Any]]:
    """Give the entries by slug and language; a damaged manifest is put aside under another name."""
    path = manifest_path()
    try:
        runs = json.loads(path.read_text("utf-8"))["runs"]
        return {(run["slug"], run["lang"]): run for run in runs if run["slug"] and run["lang"]}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        path.replace(path.with_suffix(".damaged.json"))
        return {}


def keep_runs(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put entries into the manifest beside those of other reports; give all of them in order."""
    with _alone():
        runs = read_runs() | {(run["slug"], run["lang"]): run for run in entries}
        ordered = [runs[key] for key in sorted(runs)]
        with written_beside(manifest_path()) as part:
            text = json.dumps({"runs": ordered}, indent=1, ensure_ascii=False) + "\n"
            part.write_text(text, "utf-8")
    return ordered


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other run read the manifest until it is written."""
    reports_folder().mkdir(exist_ok=True)
    folder = os.open(reports_folder(), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def sweep() -> None:
    """Remove what runs that were killed left behind, and put back what they were replacing."""
    for old in reports_folder().glob("*/.*.old"):
        name, number = old.name[1:].rsplit(".", 2)[:2]
        if not _lives(number):
            place = old.with_name(name)
            shutil.rmtree(old, ignore_errors=True) if place.exists() else old.rename(place)
    for part in (*reports_folder().glob(".*.part"), *reports_folder().glob("*/.*.part")):
        if not _lives(part.name.rsplit(".", 2)[1]):
            part.unlink(missing_ok=True)
    for folder in reports_folder().glob(".work-*-*"):
        if not _lives(folder.name.split("-")[1]):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
