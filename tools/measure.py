"""A notebook as a reader meets it: its words, its code, its sections and its figures."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from normalize import WIDGET_VIEW

FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
DISPLAY_MATH = re.compile(r"\$\$.*?\$\$|\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
INLINE_MATH = re.compile(r"(?<![\\$])\$[^$\n]+\$")
INLINE_CODE = re.compile(r"`[^`\n]+`")
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
TAG = re.compile(r"</?\w[^>]*>")
DETAILS = re.compile(r"<details\b.*?</details>", re.DOTALL)
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*$", re.MULTILINE)


def words(markdown: str) -> int:
    """Words a reader reads; a formula within a line or a piece of code counts as one."""
    text = DISPLAY_MATH.sub(" ", FENCE.sub(" ", markdown))
    text = INLINE_CODE.sub(" code ", INLINE_MATH.sub(" formula ", text))
    text = TAG.sub(" ", LINK.sub(r"\1", IMAGE.sub(" ", text)))
    return sum(1 for word in text.split() if any(character.isalnum() for character in word))


def without_details(markdown: str) -> str:
    """The text without its folded parts."""
    return DETAILS.sub("", markdown)


def headings(markdown: str) -> list[tuple[int, str]]:
    """(level, text) of each heading, code fences left out, markup removed."""
    found = HEADING.findall(FENCE.sub("", markdown))
    return [(len(marks), re.sub(r"[*_`]", "", LINK.sub(r"\1", text))) for marks, text in found]


def code_lines(source: str) -> int:
    """Lines that are not blank."""
    return sum(1 for line in source.splitlines() if line.strip())


def assertions(source: str) -> int:
    """How often the cell asserts: `assert`, or NumPy's `assert_...` functions."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell that shows a syntax error, or one with a magic command
        return 0
    count = 0
    for node in ast.walk(tree):
        name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
        count += isinstance(node, ast.Assert) or name.startswith("assert_")
    return count


def text_outputs(cell: NotebookNode) -> str:
    """All text that a cell displays."""
    parts = []
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        parts.append(output.get("evalue", ""))
        data = output.get("data", {})
        parts += [data[mime] for mime in data if mime.startswith("text/")]
    return "\n".join(parts)


def mimes(cell: NotebookNode) -> list[set[str]]:
    """The MIME types of each output that has any."""
    return [set(output.data) for output in cell.get("outputs", []) if "data" in output]


def has_figure(cell: NotebookNode) -> bool:
    """Whether the cell shows a picture that is no widget."""
    return any("image/png" in types and WIDGET_VIEW not in types for types in mimes(cell))


def has_explorer(cell: NotebookNode) -> bool:
    """Whether the cell shows a widget."""
    return any(WIDGET_VIEW in types for types in mimes(cell))


@dataclass(frozen=True)
class Page:
    """A notebook file and what is counted in it."""

    path: Path
    notebook: NotebookNode

    @classmethod
    def read(cls, path: Path) -> Page:
        """The page stored at `path`."""
        return cls(path, nbformat.read(path, as_version=4))

    @property
    def cells(self) -> list[NotebookNode]:
        """All cells, in order."""
        return list(self.notebook.cells)

    @cached_property
    def code(self) -> list[NotebookNode]:
        """The code cells, in order."""
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @cached_property
    def prose(self) -> list[NotebookNode]:
        """The Markdown cells, in order."""
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @cached_property
    def text(self) -> str:
        """The Markdown of all cells."""
        return "\n\n".join(cell.source for cell in self.prose)

    @cached_property
    def opening(self) -> str:
        """The Markdown before the first code cell."""
        parts = []
        for cell in self.cells:
            if cell.cell_type == "code":
                break
            parts.append(cell.source)
        return "\n\n".join(parts)

    @cached_property
    def sections(self) -> dict[str, list[NotebookNode]]:
        """The cells under each `##` heading; a cell with a heading begins its section."""
        found: dict[str, list[NotebookNode]] = {"": []}
        title = ""
        for cell in self.cells:
            if cell.cell_type == "markdown":
                for level, text in headings(cell.source):
                    if level == 2:
                        title = text
                        found.setdefault(title, [])
            found[title].append(cell)
        return found

    def section_of(self, cell: NotebookNode) -> list[NotebookNode]:
        """The cells of the section in which the cell stands."""
        return next(cells for cells in self.sections.values() if any(c is cell for c in cells))

    @cached_property
    def counts(self) -> dict[str, int]:
        """The numbers that a lesson's bounds speak of."""
        return {
            "words": words(self.text),
            "code cells": len(self.code),
            "code lines": sum(code_lines(cell.source) for cell in self.code),
            "longest cell": max((code_lines(cell.source) for cell in self.code), default=0),
            "assertions": sum(assertions(cell.source) for cell in self.code),
            "figures": sum(has_figure(cell) for cell in self.code),
            "explorers": sum(has_explorer(cell) for cell in self.code),
            "kB": -(-len(nbformat.writes(self.notebook).encode()) // 1000),
        }


def table(pages: list[Page]) -> str:
    """The counts of the pages, one line a page."""
    names = list(Page(Path(), nbformat.v4.new_notebook()).counts)
    width = max([len(page.path.stem) for page in pages], default=0)
    lines = [" " * width + "".join(f"{name:>14}" for name in names)]
    for page in pages:
        numbers = "".join(f"{page.counts[name]:>14}" for name in names)
        lines.append(f"{page.path.stem:<{width}}{numbers}")
    return "\n".join(lines)
