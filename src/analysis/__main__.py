"""``python -m analysis`` is the command ``analysis``."""

from analysis.cli import main

main()
