"""What a report rests on, as hashes: data, code, packages and parameters."""

import hashlib
import json

from analysis.reporting.notebooks import Request, read_defaults
from analysis.sources import fingerprint, hash_code, hash_file, root

LOCK = "requirements.lock"


def make_seal(request: Request) -> dict[str, str]:
    """Give the SHA-256 of the raw data, the code with its notebook, the lock and the parameters.

    A ledger of claims counts among the parameters, by what stands in it.
    """
    notebook = hash_file(root() / "notebooks" / f"{request.report}.ipynb")
    asked = json.dumps([request.report, request.lang, request.parameters], sort_keys=True)
    _, default = read_defaults(request.report).get("ledger", (str, ""))
    if ledger := request.parameters.get("ledger", default):
        asked += hash_file(root() / ledger)
    return {
        "data": fingerprint(),
        "code": hashlib.sha256(f"{hash_code()} {notebook}".encode()).hexdigest(),
        "lock": hash_file(root() / LOCK),
        "parameters": hashlib.sha256(asked.encode()).hexdigest(),
    }
