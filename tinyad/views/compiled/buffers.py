"""Which operations share memory, and when an array may be overwritten.

An array that a program makes is a buffer. Reshaped, transposed or sliced it is the same buffer
still. A buffer that nobody will read any more may take the next result of its size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyad.rewrite import Term
from tinyad.rules import TABLE
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import index
from tinyad.views.compiled.lowering import BROADCAST, RESHAPE

FOREVER = 1 << 30
INDEX, VIEWS = TABLE[index], (RESHAPE, BROADCAST, TABLE[np.transpose])


class Buffers:
    """Counts, for each buffer, how often it is yet to be read.

    `terms` are all operations in order, `kept` those whose values are asked for in the end.
    """

    def __init__(self, terms: Sequence[Term], kept: Sequence[Any]) -> None:
        self.uses = Counter[int]()
        self.consumer: dict[int, Term] = {}
        self._readers = Counter[int]()
        self._root: dict[int, int | None] = {}
        self._waiting: dict[int, list[int]] = {}
        for term in terms:
            self._root[id(term)] = self._buffer(term)
            for operand in term.operands:
                if isinstance(operand, Term):
                    self.uses[id(operand)] += 1
                    self.consumer[id(operand)] = term
                    if (root := self._root[id(operand)]) is not None:
                        self._readers[root] += FOREVER if is_foreign(term) else 1
        for term in kept:
            if isinstance(term, Term):
                self.uses[id(term)] += 1
                if (root := self._root[id(term)]) is not None:
                    self._readers[root] += FOREVER

    def _buffer(self, term: Term) -> int | None:
        if type(term.example) is not np.ndarray or term.row is None or is_foreign(term):
            return None
        if not is_view(term):
            return id(term)
        operand = term.operands[0]
        return self.root(operand) if isinstance(operand, Term) else None

    def root(self, term: Term) -> int | None:
        """The buffer that holds this value; None if it is not the program's own."""
        return self._root[id(term)]

    def reads(self, term: Term) -> list[int]:
        """The buffers that are read when this operation is run."""
        found: list[int] = []
        if self._readers:  # there are none in a program of numbers
            for operand in term.operands:
                if isinstance(operand, Term):
                    root = self._root[id(operand)]
                    found += [
                        *([] if root is None else [root]),
                        *self._waiting.get(id(operand), ()),
                    ]
        return found

    def postpone(self, term: Term) -> None:
        """This operation is run as a part of the one that uses it."""
        if self._readers:
            self._waiting[id(term)] = self.reads(term)

    def run(self, term: Term) -> None:
        """This operation is run now."""
        if self._readers:  # a program of numbers has none
            for buffer in self.reads(term):
                self._readers[buffer] -= 1
            self._waiting.pop(id(term), None)

    def free(self, operand: Any, term: Term) -> bool:
        """May this operation put its result where that operand is?"""
        if not isinstance(operand, Term) or self.root(operand) != id(operand):
            return False
        a, b = operand.example, term.example
        last = self._readers[id(operand)] == self.reads(term).count(id(operand))
        return last and a.shape == b.shape and a.dtype == b.dtype


def is_view(term: Term) -> bool:
    """Does this operation only show its operand's entries in another way?"""
    if term.row is INDEX:
        return is_slice(term.options["key"])
    return term.row in VIEWS or (term.name == "einsum" and len(term.operands) == 1)


def is_slice(key: Any) -> bool:
    """Does this index key hold no arrays?"""
    keys = key if isinstance(key, tuple) else (key,)
    return not any(isinstance(k, np.ndarray | list | bool) for k in keys)


def is_foreign(term: Term) -> bool:
    """Does the learner's own code run here? It may keep or hand back what it is given."""
    return isinstance(term.row, Attached)
