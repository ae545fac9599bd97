"""What `diagnose` answers: rows, and a bar of digits left beside each of the learner's lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from tinyad.accuracy.report import COLORS, NOTED, OK, WRONG

REMEDIES = {
    "cancellation": (
        "Compute the small difference itself: factor it, multiply by the conjugate, or use "
        "np.expm1, np.log1p, np.hypot, half angles. What was rounded away before cannot come back."
    ),
    "absorption": "Add the small numbers up first, or keep them apart from the large one.",
    "overflow": (
        "Rearrange so that the large number does not come up: np.hypot, np.logaddexp, a shift by "
        "the maximum, or logarithms."
    ),
    "underflow": "Scale the numbers up first, or work with their logarithms.",
    "0/0": (
        "Cancel by hand what the two have in common, or give this point a value and a derivative "
        "of its own; np.where must guard the operand, not the result. ad.taylor finds the limit."
    ),
    "domain": (
        "Keep the operand inside the function's domain; guard it with np.where before the call."
    ),
    "kink": "The derivative here is a convention; move off the point, or choose a smooth function.",
    "ill-conditioned": (
        "This operation magnifies what is off in its operand: compute the operand by another "
        "route, or the two together, as np.log1p does for log(1 + x)."
    ),
}
# For a gradient that is wrong although the value is right.
GRADIENT_REMEDIES = {
    "cancellation": (
        "The derivative is a small difference of large terms, though the value is none: use a "
        "series near this point (ad.taylor), or attach a derivative with ad.with_derivative."
    ),
    "0/0": (
        "np.where computes both branches. Put a harmless number into the one that is not taken: "
        "np.where around the operand as well as around the result."
    ),
    "domain": (
        "Guard the operand with np.where inside and outside, or use a function that has a "
        "derivative here: np.hypot and np.linalg.norm hand out 0 at the origin."
    ),
}
SOURCES = ("absorption", "underflow", "overflow")
SEARCH = "ad.repair(f, ...) searches for a program that keeps the digits."
HEADS = ("value", "gradient", "digits left in your line")
CELL = "text-align: left; padding: 2px 8px; white-space: pre"
BOX = (
    "display: inline-block; width: 80px; height: 10px; border: 1px solid currentColor; opacity: .9"
)
FULL = "display: block; height: 100%"
NO_LINE = "(not a line of yours)"
BAR, NOTES = 8, 8  # cells of a bar; sentences about operations that are shown


@dataclass(frozen=True, eq=False, repr=False)
class DiagnosisRow:
    """One operation: its value, and its shadow, which is what it would be without rounding.

    `relative_error` is how far apart they are, for an array at its worst entry (`place`);
    `own_error` what the operation would be off by if its operands were exact; `amplification` by
    how much it multiplied the relative error of its operands (0 if they had none). `verdict` is a
    word, `note` a sentence. `adjoint` is the derivative of the answer in this value;
    `gradient_error` and `gradient_verdict` are about what the operation's pullback hands on.
    """

    op: str
    value: Any
    shadow: Any
    relative_error: float
    own_error: float
    amplification: float
    verdict: str
    note: str
    line: str
    place: tuple[int, ...]
    adjoint: Any
    adjoint_shadow: Any
    gradient_error: float
    gradient_verdict: str
    gradient_note: str

    def __repr__(self) -> str:
        words = [v for v in (self.verdict, self.gradient_verdict) if v != "ok"] or ["ok"]
        return f"{self.op}: {', '.join(dict.fromkeys(words))} ({self.line})"


@dataclass(frozen=True, eq=False, repr=False)
class Diagnosis:
    """Where the digits die. It shows itself as a report, in HTML or as text.

    `rows` has one row per operation, in order; `worst` is the one to blame, or None. `value_error`
    and `gradient_error` are relative; `advice` is in plain words; `notes` say what the diagnosis
    itself had to assume.
    """

    name: str
    rows: tuple[DiagnosisRow, ...]
    worst: DiagnosisRow | None
    value_error: float
    gradient_error: float
    digits: float
    notes: Sequence[str]

    @cached_property
    def advice(self) -> str:
        """What happened and what to do, in plain words."""
        kinks = [row for row in self.rows if row.verdict == "kink"]
        found = [*dict.fromkeys(f"{row.line}: {row.op}, kink: {row.note}." for row in kinks)][:2]
        if self.worst is not None:
            found = [*self._blame(self.worst), SEARCH, *found]
        elif not kinks and self.value_error < math.inf:
            found = ["Nothing is wrong here: value and gradient are as exact as they can be."]
        return " ".join([*found, *self.notes])

    def _blame(self, row: DiagnosisRow) -> list[str]:
        if row.verdict == "ok":
            word, note = row.gradient_verdict, row.gradient_note
            remedy = GRADIENT_REMEDIES.get(word, REMEDIES[word])
            what = f"{row.line}: {row.op}, {word}: {note}."
            return ["The value is right, the gradient is not.", what, remedy]
        found = [f"{row.line}: {row.op}, {row.verdict}: {row.note}."]
        before = self.rows[: self.rows.index(row)]
        if source := next((r for r in before if r.verdict in SOURCES), None):
            place = f"{source.line.split(': ')[0]}: {source.op}, {source.verdict}"
            found.append(f"It began in {place}: {source.note}.")
        return [*found, REMEDIES[row.verdict]]

    @cached_property
    def lines(self) -> dict[str, tuple[float, float]]:
        """Each of the learner's lines, with the digits left in its values and in its pullbacks."""
        found: dict[str, tuple[float, float]] = {}
        for row in self.rows:
            value, slope = found.get(row.line, (self.digits, self.digits))
            found[row.line] = (
                min(value, self._left(row.relative_error)),
                min(slope, self._left(row.gradient_error)),
            )
        return found

    def _left(self, error: float) -> float:
        """How many decimal digits are right."""
        return max(0.0, min(self.digits, -math.log10(error) if error else self.digits))

    @property
    def sign(self) -> str:
        """Right, right but to be noted, or wrong."""
        noted = self.notes or any(row.verdict != "ok" for row in self.rows)
        return WRONG if self.worst is not None else NOTED if noted else OK

    @property
    def headline(self) -> str:
        """One sentence."""
        value, slope = (f"{self._left(e):.0f}" for e in (self.value_error, self.gradient_error))
        return (
            f"{self.name}: of {self.digits:.0f} digits the value has {value}, the gradient {slope}"
        )

    @property
    def remarks(self) -> list[str]:
        """A sentence for each verdict that the advice does not speak of."""
        found = []
        for row in self.rows:
            place = f"{row.line.split(': ')[0]}, {row.op}"
            if row.note and row.note not in self.advice:
                found.append(f"{place}: {row.verdict}: {row.note}")
            if row.gradient_note and row.gradient_note not in self.advice:
                found.append(f"{place}, gradient: {row.gradient_verdict}: {row.gradient_note}")
        found = [*dict.fromkeys(found)]  # a line that runs often says it once
        more = [f"… and {len(found) - NOTES} more"] if len(found) > NOTES else []
        return found[:NOTES] + more

    @property
    def text(self) -> str:
        """The report as plain text."""
        out = [f"{self.sign} {self.headline}", "", "  digits left", "  value         gradient"]
        for line, digits in self.lines.items():
            bars = "   ".join(f"{self._bar(left)} {left:2.0f}" for left in digits)
            mark = f"   ◀ {self._word}" if self._is_worst(line) else ""
            out.append(f"  {bars}   {line or NO_LINE}{mark}")
        remarks = [f"  {remark}" for remark in self.remarks]
        return "\n".join([*out, "", *remarks, *([""] if remarks else []), self.advice])

    @property
    def _word(self) -> str:
        """The worst operation and its verdict."""
        assert self.worst is not None
        right = self.worst.verdict == "ok"
        return f"{self.worst.op}: {self.worst.gradient_verdict if right else self.worst.verdict}"

    def _is_worst(self, line: str) -> bool:
        return self.worst is not None and self.worst.line == line

    def _bar(self, left: float) -> str:
        full = round(BAR * left / self.digits)
        return "█" * full + "░" * (BAR - full)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        color = COLORS[self.sign]
        head = f"<span style='color: {color}'>{self.sign}</span> {escape(self.headline)}"
        rows = "".join(self._html_line(line, digits) for line, digits in self.lines.items())
        names = "".join(f"<th scope='col' style='{CELL}'>{n}</th>" for n in HEADS)
        table = f"<table style='background: none; margin: 8px 0'><tr>{names}</tr>{rows}</table>"
        remarks = "".join(f"<li>{escape(remark)}</li>" for remark in self.remarks)
        remarks = f"<ul style='margin: 4px 0'>{remarks}</ul>" if remarks else ""
        style = f"border-left: 4px solid {color}; padding: 2px 0 2px 12px"
        body = f"<strong>{head}</strong>{table}{remarks}<div>{escape(self.advice)}</div>"
        return f'<div role="status" style="{style}">{body}</div>'

    def _html_line(self, line: str, digits: Sequence[float]) -> str:
        cells = ""
        for left in digits:
            part = left / self.digits
            color = COLORS[OK if part > 0.75 else NOTED if part > 0.25 else WRONG]
            full = f"{FULL}; width: {part:.0%}; background: {color}"
            bar = f"<span style='{BOX}'><span style='{full}'></span></span>"
            cells += f"<td style='{CELL}'>{bar} {left:.0f}</td>"
        code = f"<code style='background: none; color: inherit'>{escape(line or NO_LINE)}</code>"
        worst = self._is_worst(line)
        mark = (
            f" <strong style='color: {COLORS[WRONG]}'>◀ {escape(self._word)}</strong>"
            if worst
            else ""
        )
        frame = f"; outline: 2px solid {COLORS[WRONG]}" if worst else ""
        return (
            f"<tr style='background: none{frame}'>{cells}<td style='{CELL}'>{code}{mark}</td></tr>"
        )
