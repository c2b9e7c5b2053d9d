"""Imported before Jupyter's libraries: without a grammar that takes seconds to be built.

``jsonschema`` looks for a package by which it could check addresses with letters beyond ASCII, and
the import of that one builds the grammar of such addresses; no schema of a notebook asks for it.
"""

import sys

_GRAMMAR = "rfc3987_syntax"

if _GRAMMAR not in sys.modules:
    # What stands here as None is not found.
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    import jsonschema  # noqa: F401

    del sys.modules[_GRAMMAR]
