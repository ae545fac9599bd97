"""What `ad.repair` hands out: candidates, and a list of them that shows itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tinyad.accuracy.repair.measure import Digits


@dataclass(frozen=True, repr=False)
class Candidate:
    """A program for the same function, with the digits of value and derivative at the point.

    `f` is the function, `source` its text; `steps` names the identities that led to it.
    """

    f: Callable[..., Any]
    source: str
    digits_before: Digits
    digits_after: Digits
    note: str
    steps: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The candidate as plain text."""
        steps = [f"By: {'; '.join(self.steps)}."] if self.steps else []
        return "\n".join([_gain(self), *steps, self.note, "", self.source])

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        steps = f"<br>By: {escape('; '.join(self.steps))}." if self.steps else ""
        return (
            f"<div><strong>{escape(_gain(self))}</strong>{steps}<br>{escape(self.note)}"
            f"<pre style='margin: 4px 0 12px 16px'>{escape(self.source)}</pre></div>"
        )


class Repairs(list[Candidate]):
    """The candidates, the best first; `note` says why there are none."""

    def __init__(self, candidates: Sequence[Candidate], note: str) -> None:
        super().__init__(candidates)
        self.note = note

    @property
    def text(self) -> str:
        """All candidates as plain text."""
        parts = [f"{k}. {candidate.text}" for k, candidate in enumerate(self, 1)]
        return "\n\n".join([*([self.note] if self.note else []), *parts])

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{candidate._repr_html_()}</li>" for candidate in self)
        note = f"<div>{escape(self.note)}</div>" if self.note else ""
        return f'<div role="status">{note}<ol>{items}</ol></div>' if items else note


def _gain(candidate: Candidate) -> str:
    before, after = candidate.digits_before, candidate.digits_after
    pairs = zip(("value", "derivative"), before, after, strict=True)
    return "Digits of the " + ", of the ".join(f"{n}: {a:.0f} → {b:.0f}" for n, a, b in pairs)
