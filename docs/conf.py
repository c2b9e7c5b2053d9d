"""How the site is built: `make docs`. The Markdown of the repository is its text, as it stands."""

import sys
from pathlib import Path

import analysis

sys.path.insert(0, str(Path(__file__).with_name("_ext")))

project = "Mexico security analysis"
author = "The Mexico Security Analysis developers"
release = version = analysis.__version__
html_title = project

# The source folder is the repository, so that a link from one file to another is the same on the
# site as in the repository; a link to a file that is no page gives the file.
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "data/LICENSE.md",
    "examples/README.md",
    "tests/golden/README.md",
]
exclude_patterns = [".*", "build", "reports", "src", "data/raw", "data/imported", "data/downloads"]
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "contents",
    "dictionary",
    "reference",
]

myst_heading_anchors = 3
# A short first word of a code block that no lexer knows is shown as it stands.
suppress_warnings = ["misc.highlighting_failure"]

napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
# What other projects define is not looked up: the site is built without a network.
nitpick_ignore_regex = [("py:.*", r"(pandas|numpy|matplotlib|collections|pathlib|typing)\..*")]

html_theme = "furo"
html_additional_pages = {"index": "start.html"}
templates_path = ["_templates"]
html_copy_source = False
# A page opened from disk may not read others, which summaries of what was found would need.
html_show_search_summary = False
html_show_copyright = False
html_show_sphinx = False
