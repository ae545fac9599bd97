"""What `check_grads` answers: every number it compared, as text and as HTML."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape

OK, NOTED, WRONG = "✓", "≈", "✗"
# A sign for each verdict, so that color is never the only difference. The colors are mid-tones
# that stand out on a white and on a black page alike; text keeps the page's own color.
COLORS = {OK: "#009e73", NOTED: "#c98a00", WRONG: "#d55e00"}
ROWS_SHOWN = 8


@dataclass(frozen=True)
class Entry:
    """One number of one argument: its derivative by each mode, and by differences."""

    where: str
    derivatives: dict[str, float]
    difference: float
    tolerance: float
    verdict: str = OK
    note: str = ""

    @property
    def cells(self) -> list[str]:
        """What stands in the table."""
        found = [number(v) for v in self.derivatives.values()]
        return [self.where, *found, self.measured, power(self.tolerance)]

    @property
    def measured(self) -> str:
        """The difference quotient, as far as its digits go."""
        if not math.isfinite(self.tolerance) or not self.tolerance:
            return "–"
        if abs(self.difference) < self.tolerance:
            return "0"
        size, allowed = (math.floor(math.log10(abs(v))) for v in (self.difference, self.tolerance))
        return f"{self.difference:.{min(size - allowed + 1, 7)}g}"


@dataclass
class Level:
    """One function that was checked: f itself, or a derivative of it in a fixed direction."""

    title: str
    order: int
    entries: list[Entry] = field(default_factory=list)
    left_out: int = 0
    lines: list[tuple[str, str]] = field(default_factory=list)  # verdict and sentence

    @property
    def verdicts(self) -> list[str]:
        """All verdicts of this level."""
        return [e.verdict for e in self.entries] + [verdict for verdict, _ in self.lines]

    @property
    def shown(self) -> list[Entry]:
        """The entries to show: what is wrong first, then what is noted."""
        order = (WRONG, NOTED, OK)
        return sorted(self.entries, key=lambda e: order.index(e.verdict))[:ROWS_SHOWN]

    @property
    def head(self) -> list[str]:
        """The names of the columns."""
        return ["", "where", *self.entries[0].derivatives, "differences", "allowed"]

    @property
    def rest(self) -> str:
        """A sentence on what is not shown."""
        parts = []
        if more := len(self.entries) - len(self.shown):
            parts.append(f"{more} more agree")
        if self.left_out:
            parts.append(f"{self.left_out} more are checked along a random direction only")
        return "; ".join(parts)


@dataclass(frozen=True, repr=False)
class GradientReport:
    """The outcome of a gradient check: `.passed`, `.levels`, and a text that says why."""

    name: str
    levels: tuple[Level, ...]

    @property
    def verdict(self) -> str:
        """The worst verdict in it."""
        found = {verdict for level in self.levels for verdict in level.verdicts}
        return next((v for v in (WRONG, NOTED) if v in found), OK)

    @property
    def passed(self) -> bool:
        """Is nothing wrong?"""
        return self.verdict != WRONG

    @property
    def headline(self) -> str:
        """One sentence."""
        order = max(level.order for level in self.levels)
        if not self.passed:
            first = next(level for level in self.levels if WRONG in level.verdicts)
            return f"{self.name}: something is wrong at order {first.order}"
        noted = "" if self.verdict == OK else ", but see ≈"
        return f"{self.name}: derivatives to order {order} agree with differences{noted}"

    @property
    def text(self) -> str:
        """The whole report as plain text."""
        lines = [f"{self.verdict} {self.headline}"]
        for level in self.levels:
            lines += ["", level.title, *_table(level)]
            lines += [f"  {verdict} {sentence}" for verdict, sentence in level.lines]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        parts = [f"<strong>{_sign(self.verdict)} {escape(self.headline)}</strong>"]
        for level in self.levels:
            parts.append(f"<div style='margin-top: 8px'>{escape(level.title)}</div>")
            parts.append(_html_table(level))
            parts += [f"<div>{_sign(v)} {escape(sentence)}</div>" for v, sentence in level.lines]
        style = f"border-left: 4px solid {COLORS[self.verdict]}; padding: 2px 0 2px 12px"
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'


def _table(level: Level) -> list[str]:
    """Lines of aligned columns, notes below their row."""
    if not level.entries:
        return []
    rows = [level.head, *([e.verdict, *e.cells] for e in level.shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    notes = ["", *(e.note for e in level.shown)]
    lines = []
    for row, note in zip(rows, notes, strict=True):
        cells = [
            c.ljust(w) if k < 2 else c.rjust(w)
            for k, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(cells)).rstrip())
        lines += [f"      {note}"] if note else []
    return lines + ([f"  {level.rest}"] if level.rest else [])


def _html_table(level: Level) -> str:
    if not level.entries:
        return ""
    style = "text-align: right; padding: 0 8px"
    head = "".join(f"<th scope='col' style='{style}'>{escape(c)}</th>" for c in level.head)
    body = ""
    for e in level.shown:
        cells = "".join(f"<td style='{style}'>{escape(c)}</td>" for c in e.cells)
        body += f"<tr><td>{_sign(e.verdict)}</td>{cells}</tr>"
        if e.note:
            body += f"<tr><td></td><td colspan='{len(level.head)}'>{escape(e.note)}</td></tr>"
    table = f"<table style='background: none'><tr>{head}</tr>{body}</table>"
    return table + (f"<div>{escape(level.rest)}</div>" if level.rest else "")


def _sign(verdict: str) -> str:
    return f"<span style='color: {COLORS[verdict]}'>{verdict}</span>"


def number(value: float) -> str:
    """Seven digits: enough to see an error, few enough to be the same on every machine."""
    return f"{value:.7g}" if value else "0"


def power(value: float) -> str:
    """The next power of ten: how much, without false digits."""
    if not math.isfinite(value) or value <= 0:
        return "–"
    return f"1e{math.ceil(math.log10(value)):+03d}"
