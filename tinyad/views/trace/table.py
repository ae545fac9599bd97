"""The table of a trace, as text, HTML and LaTeX.

Each value has a block of lines: what it is, how its tangent comes about, and which statements
about adjoints it gives rise to. Statements are numbered in order of execution, and the later one
stands above the earlier one within a block too, so that the whole column is read upward.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from tinyad.views.trace.notation import Notation
from tinyad.views.trace.statements import NOTHING, Block, Writer

if TYPE_CHECKING:
    from tinyad.views.trace import Trace

SHOWN = 40  # rows of a trace; of a longer one the middle is folded
HEADS = {
    "primal": "Primal trace ↓",
    "tangent": "Tangent trace ↓",
    "adjoint": "Adjoint trace ↑ read upward",
    "line": "Your line",
}
# Theme variables of JupyterLab; elsewhere the page's own colors. Amber shows on black and white.
STYLE = (
    "<style>table.tinyad-trace {border-collapse: collapse; margin: 0; background: none;"
    " color: var(--jp-content-font-color1, inherit)}"
    "table.tinyad-trace td, table.tinyad-trace th {text-align: left !important;"
    " vertical-align: top;"
    " white-space: pre; padding: 2px 8px; line-height: 1.5; font-size: 13px; border: 0;"
    " border-top: 1px solid var(--jp-border-color3, rgba(128, 128, 128, .2))}"
    "table.tinyad-trace th {border-top: 0;"
    " border-bottom: 1px solid var(--jp-border-color0, currentColor)}"
    "table.tinyad-trace .first {padding-left: 16px;"
    " border-left: 1px solid var(--jp-border-color2, rgba(128, 128, 128, .5))}"
    "table.tinyad-trace .value {font-variant-numeric: tabular-nums; padding-right: 16px}"
    "table.tinyad-trace .soft {opacity: .65; padding-right: 0}"
    "table.tinyad-trace .code {font-family: var(--jp-code-font-family, monospace); opacity: .8}"
    "table.tinyad-trace .later {visibility: hidden}"
    "table.tinyad-trace .now {background: rgba(209, 129, 2, .3); border-radius: 3px}</style>"
)


# In a notebook that is not trusted, JupyterLab drops the style element and keeps these.
INLINE = "text-align: left; vertical-align: top; white-space: pre"
RULE = "border-left: 1px solid gray; padding-left: 16px"


class Table:
    """Some rows of a trace, ready to be written. It shows itself in HTML or as text."""

    def __init__(self, trace: Trace, digits: int | None, rows: slice | None) -> None:
        self.trace, self.digits = trace, digits
        every = range(len(trace.rows))
        self.parts: list[Sequence[int]] = [every[rows] if rows else every]
        if rows is None and len(every) > SHOWN:
            self.parts = [every[: SHOWN // 2], every[-SHOWN // 2 :]]
        self.columns = ["primal"]
        self.columns += ["tangent"] if trace.tangents is not None else []
        self.columns += ["adjoint"] if trace.sweep is not None else []
        self.columns += ["line"] if any(row.line for row in trace.rows) else []
        self.statements: dict[int, list[int]] = {}  # by the row that they are of
        places = {id(row): k for k, row in enumerate(trace.rows)}
        for number, statement in enumerate(trace.adjoint_rows):
            self.statements.setdefault(places[id(statement.of)], []).append(number)
        self._digits = len(str(len(trace.adjoint_rows)))
        self._blocks: list[Block] | None = None

    def blocks(self, notation: Notation) -> list[Block]:
        """The rows to be shown, in this notation."""
        writer = Writer(self.trace, notation)
        found = [writer.block(k, self.statements.get(k, [])) for k in self.parts[0]]
        if len(self.parts) > 1:
            start, stop = self.parts[0][-1] + 1, self.parts[1][0]
            rows = self.trace.rows
            fold = f"{stop - start} more rows, {rows[start].name} to {rows[stop - 1].name}"
            found.append(Block(start, folded=f"⋮ {fold}: .table(rows=slice({start}, {stop}))"))
            found += [writer.block(k, self.statements.get(k, [])) for k in self.parts[1]]
        previous = ""
        for block in found:  # a line that goes on is not repeated
            block.line, previous = ("" if block.line == previous else block.line), block.line
        return found

    def text(self) -> str:
        """The table as plain text."""
        lines: list[list[str] | str] = []
        for block in self.blocks(Notation(digits=self.digits)):
            lines += [block.folded] if block.folded else self._lines(block)
        widths = [max(map(_width, column)) for column in zip(*_cells(lines), strict=True)]
        groups = self._groups()
        head, start = [], 0
        for name, count in groups:
            wide = sum(widths[start : start + count]) + 2 * (count - 1)
            widths[start + count - 1] += max(0, len(HEADS[name]) - wide)
            head.append(_padded(HEADS[name], max(wide, len(HEADS[name]))))
            start += count
        out = [" │ ".join(head).rstrip(), "─┼─".join("─" * len(h) for h in head)]
        for line in lines:
            if isinstance(line, str):
                out.append(line)
                continue
            cells = iter(map(_padded, line, widths))
            out.append(" │ ".join("  ".join(next(cells) for _ in range(n)) for _, n in groups))
        return "\n".join(line.rstrip() for line in out)

    def latex(self) -> str:
        """The table as a LaTeX array, without the learner's lines."""
        groups = [(name, count) for name, count in self._groups() if name != "line"]
        width = sum(count for _, count in groups)
        heads = [
            rf"\text{{{HEADS[name].split(' ')[0]} trace}}{_arrow(name)}" + " & " * (count - 1)
            for name, count in groups
        ]
        out = [rf"\begin{{array}}{{{'|'.join('l' * count for _, count in groups)}}}"]
        out += [" & ".join(heads) + r" \\ \hline"]
        for block in self.blocks(Notation(tex=True, digits=self.digits)):
            lines = [[r"\vdots"]] if block.folded else self._lines(block)
            out += [" & ".join(line[:width]) + r" \\" for line in lines]
        return "\n".join([*out, r"\end{array}"])

    def html(self, steps: int | None = None) -> str:
        """The table as HTML; with `steps`, as it stands after so many steps.

        The rows come first, then the statements about adjoints. What comes later is left blank,
        in its place, and the step done last is lit.
        """
        if self._blocks is None:
            self._blocks = self.blocks(Notation(digits=self.digits))
        head = "".join(
            f'<th scope="col" colspan="{count}"{_class("", k, 0)}{_inline(k, 0)}>{HEADS[name]}</th>'
            for k, (name, count) in enumerate(self._groups())
        )
        body = "".join(self._html_row(block, steps) for block in self._blocks)
        return f'{STYLE}<table class="tinyad-trace"><tr>{head}</tr>{body}</table>'

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()

    def _groups(self) -> list[tuple[str, int]]:
        """The columns with the number of cells in each."""
        return [(name, {"adjoint": 3, "line": 1}.get(name, 2)) for name in self.columns]

    def _lines(self, block: Block) -> list[list[str]]:
        """The lines of a block, cell by cell; later statements stand higher."""
        lines = []
        statements = block.adjoints[::-1] or [(-1, NOTHING)]
        for k, (number, cell) in enumerate(statements):
            line = [*(block.primal if k == 0 else NOTHING)]
            if "tangent" in self.columns:
                line += block.tangent if k == 0 else NOTHING
            if "adjoint" in self.columns:
                line += [f"{number + 1:>{self._digits}}" if number >= 0 else "", *cell]
            if "line" in self.columns:
                line.append(block.line if k == 0 else "")
            lines.append(line)
        return lines

    def _html_row(self, block: Block, steps: int | None) -> str:
        if block.folded:
            width = sum(count for _, count in self._groups())
            return f'<tr><td colspan="{width}" class="soft">{escape(block.folded)}</td></tr>'
        state = _state(block.number, steps)
        found = []
        for k, name in enumerate(self.columns):
            if name == "adjoint":
                columns = self._html_statements(block, steps)
            else:
                cells = (block.line,) if name == "line" else getattr(block, name)
                columns = [f"<div{state}>{escape(cell)}</div>" for cell in cells]
            for n, column in enumerate(columns):
                inline = _inline(k, n) if steps is None else ""
                found.append(f"<td{_class(name, k, n)}{inline}>{column}</td>")
        return f"<tr>{''.join(found)}</tr>"

    def _html_statements(self, block: Block, steps: int | None) -> list[str]:
        """The three columns of a block's statements about adjoints."""
        columns = ["", "", ""]
        for number, cell in block.adjoints[::-1]:
            state = _state(len(self.trace.rows) + number, steps)
            for k, text in enumerate((str(number + 1), *cell)):
                columns[k] += f"<div{state}>{escape(text)}</div>"
        return columns


def _class(column: str, group: int, cell: int) -> str:
    """The classes of a cell: where a column begins, and of what kind the cell is."""
    kinds = ["first"] if group and not cell else []
    if column == "line":
        kinds.append("code")
    elif column == "adjoint":
        kinds += [["soft"], [], ["value"]][cell]
    elif cell:
        kinds.append("value")
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _inline(group: int, cell: int) -> str:
    """What a cell needs to be read where there is no style element."""
    return f' style="{INLINE}{"; " + RULE if group and not cell else ""}"'


def _cells(lines: Iterable[list[str] | str]) -> list[list[str]]:
    return [line for line in lines if not isinstance(line, str)]


def _width(text: str) -> int:
    return sum(not unicodedata.combining(c) for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _arrow(name: str) -> str:
    return r"\uparrow" if name == "adjoint" else r"\downarrow"


def _state(number: int, steps: int | None) -> str:
    """How something looks that happens in step `number`, after so many steps."""
    if steps is None or number < steps - 1:
        return ""
    return ' class="now"' if number == steps - 1 else ' class="later"'
