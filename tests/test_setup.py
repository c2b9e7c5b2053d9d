"""Project file, lock, environment.yml, version and documents agree."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import analysis
from analysis.sources import derived_tables, raw_tables

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
SELF = canonicalize_name(PROJECT["name"])


def locked() -> list[Requirement]:
    lines = re.findall(r"^([A-Za-z0-9][^\\\n]*?)\s*\\?$", LOCK, re.MULTILINE)
    return [Requirement(line) for line in lines]


def locked_here() -> dict[str, str]:
    """Versions that the lock gives for this Python and system."""
    here = [item for item in locked() if not item.marker or item.marker.evaluate()]
    return {canonicalize_name(item.name): str(item.specifier).lstrip("=") for item in here}


def direct() -> list[Requirement]:
    return [
        Requirement(text)
        for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    ]


def test_the_lock_fulfils_the_project_file():
    versions = locked_here()
    for wanted in direct():
        name = canonicalize_name(wanted.name)
        assert name in versions, f"{name} is not in requirements.lock; run make lock"
        assert wanted.specifier.contains(versions[name]), f"{wanted}: locked {versions[name]}"


def test_every_locked_package_is_needed_and_every_needed_one_is_locked():
    needed, waiting = set(), [(canonicalize_name(item.name), item.extras) for item in direct()]
    while waiting:
        name, extras = waiting.pop()
        if (name, tuple(extras)) in needed:
            continue
        needed.add((name, tuple(extras)))
        for text in distribution(name).requires or []:
            item = Requirement(text)
            environments = [{"extra": extra} for extra in ("", *extras)]
            if not item.marker or any(item.marker.evaluate(env) for env in environments):
                waiting.append((canonicalize_name(item.name), sorted(item.extras)))
    names = {name for name, _ in needed}
    assert names == set(locked_here())


def test_what_is_installed_is_what_is_locked():
    installed = {canonicalize_name(item.name): item.version for item in distributions()}
    wrong = {
        name: (version, installed.get(name))
        for name, version in locked_here().items()
        if installed.get(name) != version
    }
    assert not wrong, "run make reports or make test to build the environment again"


def test_every_line_of_the_lock_is_pinned_and_hashed_and_has_no_address():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip())
    assert len(blocks) == len(locked()) > 80
    for block in blocks:
        assert "--hash=sha256:" in block
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==", block)
    assert "http://" not in LOCK and "https://" not in LOCK and "file:" not in LOCK


def test_environment_yml_installs_the_lock_on_the_same_python():
    text = (ROOT / "environment.yml").read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("- ")]
    assert lines == [
        "- conda-forge",
        f"- python {PROJECT['requires-python']}",
        "- pip",
        "- pip:",
        "- -r requirements.lock",
    ]
    assert f"name: {PROJECT['name']}" in text


def test_one_version_everywhere():
    assert PROJECT["version"] == analysis.__version__
    assert f"version: {PROJECT['version']}" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_make_offers_what_the_readme_names():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    for target in ("reports", "test", "check", "docs", "lab", "bench", "clean"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        assert f"make {target}" in readme
    assert "make test" in (ROOT / ".ci/run").read_text("utf-8")


def test_links_in_the_documents_lead_somewhere():
    places = ("*.md", "data/*.md", "docs/**/*.md", "examples/*.md", "tests/**/*.md")
    for document in (path for place in places for path in ROOT.glob(place)):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text("utf-8")):
            if not link.startswith("http"):
                assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_the_data_page_names_every_table():
    text = (ROOT / "docs/data.md").read_text("utf-8")
    missing = [name for name in raw_tables() | derived_tables() if name not in text]
    assert not missing


def test_the_package_imports_without_heavy_libraries():
    code = (
        "import sys, analysis.cli; "
        "print(sorted({'pandas', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE"]
)
def test_the_usual_files_are_there(name):
    assert (ROOT / name).read_text("utf-8").strip()
