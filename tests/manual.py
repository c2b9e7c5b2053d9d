"""Manuals that are run as they stand: their blocks, and the lines of their commands."""

import re
import shlex
import subprocess
import sys

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def read_blocks(manual):
    """Give the blocks in order: language, text, and the words that lead to it."""
    end = 0
    for found in BLOCK.finditer(manual):
        yield found[1], found[2].rstrip("\n"), " ".join(manual[end : found.start()].split())
        end = found.end()


def run_lines(text, folder):
    """Run the lines of a block and give what they print; ``analysis`` is this environment's."""
    said = ""
    for line in text.splitlines():
        words = shlex.split(line)
        if words[0] == "analysis":
            words = [sys.executable, "-m", "analysis", *words[1:]]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said += done.stdout
    return said.strip()
