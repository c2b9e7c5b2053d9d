"""The reference, made from the code: public names with their docstrings, commands with their help.

``.. public:: fit`` gives every name of `analysis` that begins with ``fit``; ``.. types::`` the
classes that these take, give and raise; ``{commands}`` every command.
"""

import inspect
import re
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import analysis
from analysis import WHERE, errors
from analysis.cli import cli


@cache
def public_names() -> list[str]:
    """Give every public name of the package."""
    return [name for name in dir(analysis) if name.partition("_")[0] in WHERE]


def summary(thing: object) -> str:
    """Give the first line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


@cache
def types() -> list[str]:
    """Give the full names of the classes that public names take, give back or raise."""
    waiting: list[Any] = [
        errors.AnalysisError,
        *(getattr(analysis, name) for name in public_names()),
    ]
    found: list[Any] = []
    while waiting:
        thing = waiting.pop()
        if thing not in found:
            found += [thing] if own_class(thing) else []
            waiting += parts(thing)
    names = [f"{one.__module__}.{one.__name__}" for one in found]
    names = [name for name in names if name.rpartition(".")[2] not in public_names()]
    return sorted(names, key=lambda name: name.rpartition(".")[2])


def own_class(thing: object) -> bool:
    """Tell whether a thing is a class of the package."""
    return inspect.isclass(thing) and thing.__module__.startswith("analysis.")


def parts(thing: Any) -> list[Any]:
    """Give what stands in the annotations of a function, a class or a kind, and kinds of errors."""
    if isinstance(thing, list):
        return thing
    if inspect.isfunction(thing):
        return list(typing.get_type_hints(thing).values())
    if own_class(thing):
        functions = [value.fget for value in vars(thing).values() if isinstance(value, property)]
        below = thing.__subclasses__() if issubclass(thing, errors.AnalysisError) else []
        return [*typing.get_type_hints(thing).values(), *functions, *below]
    return [] if typing.get_origin(thing) is typing.Literal else list(typing.get_args(thing))


class Public(SphinxDirective):
    """Every public name with one of some beginnings."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Write a list of the names, then the entry of each."""
        self.env.note_reread()
        starts = self.arguments[0].split()
        names = [name for name in public_names() if name.partition("_")[0] in starts]
        listed = [
            f"* :py:obj:`~analysis.{n}`: {quiet(summary(getattr(analysis, n)))}" for n in names
        ]
        return self.parse_text_to_nodes("\n".join([*listed, "", *map(self.entry, names)]))

    def entry(self, name: str) -> str:
        """Write the directive for a name."""
        kind = "class" if inspect.isclass(getattr(analysis, name)) else "function"
        return f".. auto{kind}:: analysis.{name}\n"


class Types(SphinxDirective):
    """The classes that public names take, give and raise."""

    def run(self) -> list[nodes.Node]:
        """Write the entry of each, with its methods."""
        lines = (f".. autoclass:: {name}\n   :members:\n\n" for name in types())
        return self.parse_text_to_nodes("".join(lines))


def commands(
    command: click.Command, name: str, above: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Give a command and those below it, each with its help as a terminal shows it."""
    settings: dict[str, Any] = {**command.context_settings, "terminal_width": 90}
    context = click.Context(command, above, name, **settings)
    yield context.command_path, command.get_help(context)
    for key, below in getattr(command, "commands", {}).items():
        yield from commands(below, key, context)


class Commands(SphinxDirective):
    """Every command with its help."""

    def run(self) -> list[nodes.Node]:
        """Write a section a command."""
        self.env.note_reread()
        parts = (
            f"## `{name}`\n\n```text\n{told}\n```\n\n" for name, told in commands(cli, "analysis")
        )
        return self.parse_text_to_nodes("".join(parts), allow_section_headings=True)


def quiet(line: str) -> str:
    """Turn the single backticks of a docstring into links where there is an entry, else code."""

    def turn(found: re.Match[str]) -> str:
        name = found[1].removeprefix("analysis.")
        return f":py:obj:`~analysis.{name}`" if name in public_names() else f"``{found[1]}``"

    return re.sub(r"(?<![`:\w])`([^`]+)`(?!`)", turn, line)


def link_names(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Let the names in a docstring lead to their entries."""
    lines[:] = map(quiet, lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives and the links of docstrings."""
    app.add_directive("public", Public)
    app.add_directive("types", Types)
    app.add_directive("commands", Commands)
    app.connect("autodoc-process-docstring", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
