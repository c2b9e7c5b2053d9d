"""The contents of the site are the lists of links on the pages named ``index``."""

from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


class ListsAreContents(SphinxTransform):
    """Put a hidden table of contents behind every list of pages, so that no list stands twice."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Add one table of contents a list, under the heading of its section."""
        if PurePosixPath(self.env.docname).name != "index":
            return
        for listed in list(self.document.findall(nodes.bullet_list)):
            links = listed.findall(addnodes.pending_xref)
            pages = [
                (link.astext(), link["reftarget"]) for link in links if link["refdomain"] == "doc"
            ]
            if pages:
                listed.parent.append(self.contents(pages, listed.parent[0].astext()))

    def contents(self, pages: list[tuple[str, str]], heading: str) -> addnodes.toctree:
        """Give the table of contents of some pages: their titles there, and their names."""
        top = self.env.docname == self.config.root_doc
        return addnodes.toctree(
            parent=self.env.docname,
            entries=pages,
            includefiles=[name for _, name in pages],
            caption=heading if top else None,
            rawcaption=heading if top else "",
            maxdepth=-1,
            glob=False,
            hidden=True,
            includehidden=False,
            numbered=0,
            titlesonly=True,
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_transform(ListsAreContents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
