"""Straight-line source: terms written as Python, as a person would write them.

A value used once stands where it is used, as long as the line stays short; all else gets a name.
Large arrays are written one operation a line, because such a line may overwrite an array that
nobody needs any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyad.rewrite import Term
from tinyad.rules.elementwise import ROWS
from tinyad.rules.primitives import shape_of
from tinyad.views.compiled.buffers import Buffers, is_foreign, is_slice, is_view
from tinyad.views.compiled.lowering import ADD, SCATTER
from tinyad.views.compiled.spelling import ATOM, REPEATING, SIGN, Text, key_text, spell

INF = float("inf")
LARGE = 1 << 12  # bytes from which on an array is overwritten rather than a new one made
WIDTH = 60  # characters that an expression may have and still stand inside another one
ENTRYWISE = frozenset(ROWS)
LINE = 92  # characters of a line
IN_PLACE = {np.add: "+=", np.subtract: "-=", np.multiply: "*=", np.divide: "/="}


class Constants:
    """The values that a program uses: literals as they are, others under a name."""

    def __init__(self, taken: Sequence[str]) -> None:
        self.values: dict[str, Any] = {}
        self._taken = set(taken)
        self._counts: dict[str, int] = {}
        self._known: dict[int, str] = {}

    def fresh(self, stem: str) -> str:
        """Return a name that nobody has yet."""
        number = self._counts.get(stem, 0) + 1
        while f"{stem}{number}" in self._taken:
            number += 1
        self._counts[stem] = number
        self._taken.add(f"{stem}{number}")
        return f"{stem}{number}"

    def named(self, wish: str) -> str:
        """Return this name, or one like it if it is taken or cannot be one."""
        wish = wish if wish.isidentifier() else "x"
        name = self.fresh(wish) if wish in self._taken else wish
        self._taken.add(name)
        return name

    def __call__(self, value: Any) -> Text:
        """Write a constant."""
        if isinstance(value, np.float64 | np.bool_):
            value = value.item()
        if type(value) in (float, int) and -INF < value < INF:
            text = repr(value)
            return Text(text, SIGN if text[0] == "-" else ATOM)
        if value is None or value is Ellipsis or isinstance(value, bool | str):
            return Text(repr(value))
        if isinstance(value, np.dtype) and value.name == getattr(np, value.name, int).__name__:
            return Text(f"np.{value.name}")
        if isinstance(value, float):
            return Text(f"float('{value}')")
        if isinstance(value, tuple):
            inner = ", ".join(self(v).text for v in value)
            return Text(f"({inner},)" if len(value) == 1 else f"({inner})")
        if id(value) not in self._known:
            own = str(getattr(value, "__name__", "")) if callable(value) else ""
            name = self._known[id(value)] = self.named(own) if own else self.fresh("K")
            self.values[name] = value
        return Text(self._known[id(value)])

    def array(self, value: np.ndarray[Any, Any]) -> str:
        """Write a new array with these entries."""
        kind = "" if value.dtype == np.float64 else f", dtype={self(value.dtype).text}"
        shape = value.shape[0] if value.ndim == 1 else value.shape
        if value.tobytes() == bytes(value.nbytes):
            return f"np.zeros({shape}{kind})"
        first = value[(0,) * value.ndim]
        if value.dtype.kind in "fiu" and value.tobytes() == first.tobytes() * value.size:
            return f"np.full({shape}, {self(value.dtype.type(first).item()).text}{kind})"
        return f"{self(value).text}.copy()"


class Body:
    """The lines of a function, written operation by operation."""

    def __init__(self, buffers: Buffers, constants: Constants, lines: list[str]) -> None:
        self.lines = lines
        self.texts: dict[int, Text] = {}
        self.constants = constants
        self.buffers = buffers

    def text(self, operand: Any) -> Text:
        """How to write an operand."""
        found = self.texts.get(id(operand))
        return self.constants(operand) if found is None else found

    def add(self, term: Term) -> None:
        """Write one operation: as a line, or as a text for the line that will use it."""
        if term.row is None:
            self.texts[id(term)] = Text(term.name)
        elif term.row is SCATTER:
            if self._waits(term):
                self.buffers.postpone(term)
            else:
                self._scatter(term)
        elif type(term.example) is np.ndarray and (
            self._scatter_into(term) or self._overwrite(term)
        ):
            pass
        else:
            self._plainly(term)

    def _plainly(self, term: Term) -> None:
        """Write an operation whose result is a new value."""
        text = self._spelled(term)
        if len(text.text) > LINE:
            self._name_longest(term)
            text = self._spelled(term)
        if self._stands_inside(term, text):
            self.texts[id(term)] = text
            self.buffers.postpone(term)
        else:
            name = self.constants.fresh("v")
            self._line(term, name, f"{name} = {text.text}")

    def _line(self, term: Term, name: str, *lines: str) -> None:
        """Write lines after which the operation's result has this name."""
        self.lines.extend(lines)
        self.texts[id(term)] = Text(name)
        self.buffers.run(term)

    def _spelled(self, term: Term) -> Text:
        return spell(term, [self.text(o) for o in term.operands], self.constants)

    def _name_longest(self, term: Term) -> None:
        """Give the operand with the longest text a line of its own."""
        longest = max(term.operands, key=lambda o: len(self.text(o).text))
        if isinstance(longest, Term) and not self.text(longest).text.isidentifier():
            name = self.constants.fresh("v")
            self._line(longest, name, f"{name} = {self.text(longest).text}")

    def _stands_inside(self, term: Term, text: Text) -> bool:
        """May this text stand where the value is used?"""
        consumer = self.buffers.consumer.get(id(term))
        if self.buffers.uses[id(term)] > 1 or len(text.text) > WIDTH or is_foreign(term):
            return False
        if consumer is None:
            return len(text.text) <= WIDTH // 2
        function = consumer.row.function if consumer.row else None
        return function not in REPEATING and (is_view(term) or not _is_large(term))

    def _overwrite(self, term: Term) -> bool:
        """Write an entrywise operation into an operand that nobody reads afterwards."""
        if not _is_large(term) or term.row not in ENTRYWISE:
            return False
        function = term.row.function
        if not isinstance(function, np.ufunc):
            return False
        parts = [self.text(o) for o in term.operands]
        for k, operand in enumerate(term.operands):
            if not self.buffers.free(operand, term) or not parts[k].text.isidentifier():
                continue
            name, other = parts[k].text, parts[len(parts) - 1 - k].text
            if function in IN_PLACE and (k == 0 or function in (np.add, np.multiply)):
                line = f"{name} {IN_PLACE[function]} {other}"
            elif function is np.square:
                line = f"{name} *= {name}"
            else:
                operands = ", ".join(p.text for p in parts)
                line = f"np.{function.__name__}({operands}, out={name})"
            self._line(term, name, line)
            return True
        return False

    # Arrays that are zero but for some entries

    def _waits(self, term: Term) -> bool:
        """Is this a scatter that will be added to another array, entry by entry?"""
        consumer = self.buffers.consumer.get(id(term))
        if consumer is None or consumer.row is not ADD:
            return False
        if self.buffers.uses[id(term)] > 1 or not shape_of(term.example):
            return False
        other = consumer.operands[consumer.operands[0] is term]
        second = consumer.operands[1] is term
        return _alike(other, term) and (second or other.row is not SCATTER)

    def _scatter_into(self, term: Term) -> bool:
        """Write the sum of an array and of a scatter that has waited for it."""
        if term.row is not ADD:
            return False
        waiting = [o for o in term.operands if isinstance(o, Term) and id(o) not in self.texts]
        if not waiting:
            return False
        scatter = waiting[-1]
        other = term.operands[term.operands[0] is scatter]
        start = self.text(other)
        lines = []
        name = start.text
        if not self.buffers.free(other, term) or not name.isidentifier():
            name = self.constants.fresh("v")
            lines.append(f"{name} = {start.within(ATOM)}.copy()")
        self._line(term, name, *lines, self._scattered(scatter, name, "+="))
        return True

    def _scatter(self, term: Term) -> None:
        """Write zeros of which some are replaced."""
        name = self.constants.fresh("v")
        zeros = self.constants.array(np.zeros_like(term.example))
        self._line(term, name, f"{name} = {zeros}", self._scattered(term, name, "="))

    def _scattered(self, term: Term, name: str, sign: str) -> str:
        """Write how values come to their entries; where they meet, they add up."""
        key, value = term.options["key"], self.text(term.operands[0])
        if is_slice(key) or not (positions := _met_twice(term)).size:
            return f"{name}[{key_text(key, self.constants)}] {sign} {value.text}"
        size = term.example.size
        if term.example.dtype != np.float64:
            return f"np.add.at({name}, {self.constants(key).text}, {value.text})"
        places = self.constants(positions.ravel()).text
        total = f"np.bincount({places}, {value.within(ATOM)}.ravel(), {size})"
        shaped = total if term.example.ndim == 1 else f"{total}.reshape{term.example.shape}"
        return f"{name} += {shaped}"


def _met_twice(term: Term) -> np.ndarray[Any, Any]:
    """The positions to which a key of arrays leads, if it leads to one more than once."""
    size = term.example.size
    positions = np.arange(size).reshape(term.example.shape)[term.options["key"]]
    return positions if np.bincount(positions.ravel(), minlength=1).max() > 1 else positions[:0]


def _is_large(term: Term) -> bool:
    return type(term.example) is np.ndarray and term.example.nbytes >= LARGE


def _alike(other: Any, term: Term) -> bool:
    """Is this an array of the same shape and precision?"""
    a, b = getattr(other, "example", None), term.example
    return type(a) is np.ndarray and a.shape == b.shape and a.dtype == b.dtype
