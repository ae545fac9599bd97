"""Pruning, step by step: which rule made the expression smaller, and how small it is now."""

from __future__ import annotations

import difflib
import html
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from tinyad.errors import ArgumentError
from tinyad.rewrite import FOLD, RULES

NAMES = (*(rule.name for rule in RULES), FOLD)
HEADINGS = ("step", "rule", "nodes", "expression")


def chosen(prune: bool | Collection[str]) -> frozenset[str] | None:
    """Return the rules that `prune` names: None for all of them, none for False.

    >>> chosen(True), chosen(False), chosen(["0·u = 0"])
    (None, frozenset(), frozenset({'0·u = 0'}))
    """
    if isinstance(prune, bool):
        return None if prune else frozenset()
    names = (prune,) if isinstance(prune, str) else tuple(prune)
    for name in names:
        if name not in NAMES:
            close = difflib.get_close_matches(str(name), NAMES, n=3, cutoff=0.3)
            raise ArgumentError(
                f"There is no pruning rule {name!r}.",
                f"ad.symbolic.PRUNING names them all; close to it: {', '.join(close)}."
                if close
                else "ad.symbolic.PRUNING names them all.",
            )
    return frozenset(names)


class PruningStep(NamedTuple):
    """One step: the rule that was applied, the nodes of the tree now, and the expression."""

    rule: str
    nodes: int
    expression: Any


class Pruning(Sequence[PruningStep]):
    """All steps of a pruning, the expression as it was first; it shows itself as a table."""

    def __init__(self, steps: Sequence[PruningStep]) -> None:
        self._steps = list(steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, k: Any) -> Any:
        return self._steps[k]

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (str(k), step.rule, f"{step.nodes:,}", str(step.expression).replace("\n", "; "))
            for k, step in enumerate(self._steps)
        ]

    def __str__(self) -> str:
        rows = [HEADINGS, *self._rows()]
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        return "\n".join(
            f"{row[0]:>{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}"
            for row in rows
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            styles = ("right", "left", "right", "left")
            return "".join(
                f'<{tag} style="text-align:{side};padding:0.1em 0.6em">{html.escape(cell)}</{tag}>'
                for cell, side in zip(cells, styles, strict=True)
            )

        body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in self._rows())
        return f"<table><thead><tr>{line(HEADINGS, 'th')}</tr></thead><tbody>{body}</tbody></table>"
