"""What a check answers: one of four states, as text and as HTML, and `require` for graded cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

NOT_STARTED = "not started"
CANNOT_RUN = "cannot run"
NOT_YET = "not yet"
PASSED = "all visible checks pass"
STATES = (NOT_STARTED, CANNOT_RUN, NOT_YET, PASSED)

# A sign of its own for each state, so that color is never the only difference. The colors are
# mid-tones that stand out on a white and on a black page alike; text keeps the page's own color.
SIGNS = {NOT_STARTED: "○", CANNOT_RUN: "✕", NOT_YET: "△", PASSED: "✓"}
COLORS = {NOT_STARTED: "#8c8c8c", CANNOT_RUN: "#d55e00", NOT_YET: "#c98a00", PASSED: "#009e73"}

Lines = tuple[tuple[str, str], ...]


class StillOpenError(AssertionError):
    """A task that a graded cell requires does not pass yet."""

    def _render_traceback_(self) -> list[str]:
        # Jupyter shows this in place of frames from inside this package, which help nobody.
        return [f"AssertionError: {self}"]


@dataclass(frozen=True, repr=False)
class Result:
    """The answer to one task: its state, and lines of (label, text) that explain it.

    >>> Result("slope", NOT_YET, (("Input", "x = 3"), ("Came back", "5")))
    △ slope: not yet
      Input: x = 3
      Came back: 5
    """

    task: str
    state: str
    lines: Lines = ()

    @property
    def text(self) -> str:
        """The whole answer as plain text, for screens, screen readers and logs."""
        rows = [f"{SIGNS[self.state]} {self.task}: {self.state}"]
        for label, content in self.lines:
            first, *rest = content.split("\n")
            rows.append(f"  {label}: {first}" if label else f"  {first}")
            rows += [f"      {line}" for line in rest]
        return "\n".join(rows)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        head = (
            f'<span aria-hidden="true">{SIGNS[self.state]}</span> '
            f"<code>{escape(self.task)}</code>: <strong>{self.state}</strong>"
        )
        body = "".join(f"<div>{_row(label, content)}</div>" for label, content in self.lines)
        style = f"border-left: 4px solid {COLORS[self.state]}; padding: 2px 0 2px 12px"
        return f'<div role="status" style="{style}"><div>{head}</div>{body}</div>'

    def require(self) -> None:
        """Return nothing if all visible checks pass; raise AssertionError in every other state.

        A graded cell holds this call and nothing else. It shows nothing either, because a grader
        reads marks out of what a cell shows.
        """
        if self.state != PASSED:
            raise StillOpenError(self.text)


def _row(label: str, content: str) -> str:
    first, *rest = content.split("\n")
    text = re.sub("`([^`]+)`", r"<code>\1</code>", escape(first))
    if label:
        text = f'<span style="opacity: 0.75">{escape(label)}:</span> {text}'
    if not rest:
        return text
    code = escape("\n".join(rest))
    return f'{text}<pre style="margin: 2px 0 2px 1em">{code}</pre>'
