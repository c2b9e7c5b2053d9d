"""The addresses of official files, as the descriptors have them, and their download."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis import sources
from analysis.errors import unknown
from analysis.official.fetch import fetch_files
from analysis.official.read import name_format

DOWNLOADS = "data/downloads"


def list_addresses() -> dict[str, dict[str, Any]]:
    """Give the descriptors of official files by name: ``table, format, path, page, note``.

    Examples
    --------
    >>> list_addresses()["conapo-state"]["table"]
    'conapo_population_state'
    """
    text = Path(sources.__file__).with_name("official.json").read_text("utf-8")
    return {file["name"]: file for file in json.loads(text)["files"]}


def fetch_sources(
    names: list[str], *, tell: Callable[[str], None] | None = None
) -> list[dict[str, Any]]:
    """Download official files by name, or by table: all that have an address for that table.

    Returns
    -------
    list of dict
        One a file; see `analysis.official.fetch.fetch_files`.

    Raises
    ------
    RequestError
        When there is no such file or table; the message lists them.
    """
    known = list_addresses()
    chosen: dict[str, dict[str, Any]] = {}
    for name in names:
        found = {key: file for key, file in known.items() if name in (key, file["table"])}
        if not found:
            raise unknown("source", name, [*known, *{file["table"] for file in known.values()}])
        chosen |= found
    folder = sources.root() / DOWNLOADS
    return fetch_files(list(chosen.values()), folder, recognise=name_format, tell=tell)
