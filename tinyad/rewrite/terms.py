"""Programs as shared graphs: a term is one operation on other terms, on constants, or an input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyad.rules import Row
from tinyad.rules.rows import NO_OPTIONS, Options


class Term:
    """One node of a shared graph: an operation on terms and constants, or an input.

    `row` is None for an input, which has a `name`. `example` is the value seen when the program
    ran, where it ran on values.
    """

    __slots__ = ("example", "name", "operands", "options", "row")

    def __init__(
        self,
        row: Row | None,
        operands: Sequence[Any] = (),
        options: Options = NO_OPTIONS,
        name: str = "",
        example: Any = None,
    ) -> None:
        self.row, self.operands, self.options = row, tuple(operands), options
        self.name = name if row is None else row.name
        self.example = example

    def __repr__(self) -> str:
        return f"Term({self.name})"  # operands may be thousands deep


def is_constant(value: Any, number: float) -> bool:
    """Is this a plain Python number, and this very one? 0.0 and -0.0 are both zero."""
    if isinstance(number, bool):
        return isinstance(value, bool | np.bool_) and bool(value) is number
    return type(value) in (float, int) and value == number


def same(u: Any, v: Any) -> bool:
    """Are these the same term, or constants that may stand for each other?"""
    return u is v or key_of(u) == key_of(v)


def key_of(operand: Any) -> Any:
    """Return the key of an operand: terms count by identity, constants by their value."""
    return id(operand) if isinstance(operand, Term) else constant_key(operand)


def constant_key(value: Any) -> Any:
    """Return a hashable key that is equal for constants that may stand for each other.

    It tells -0.0 from 0.0 and True from 1.0, and finds NaN equal to itself. Arrays count by
    identity.

    >>> constant_key(0.0) == constant_key(-0.0), constant_key(1.0) == constant_key(True)
    (False, False)
    """
    if type(value) in (float, int, bool, str):
        return type(value).__name__, repr(value)
    if isinstance(value, np.generic):
        return value.dtype.str, value.tobytes()
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(map(constant_key, value))
    if isinstance(value, Mapping):
        return "options", tuple((name, constant_key(v)) for name, v in sorted(value.items()))
    if isinstance(value, slice):
        return "slice", constant_key((value.start, value.stop, value.step))
    if value is None or value is Ellipsis or isinstance(value, np.dtype):
        return "special", str(value)
    return type(value).__name__, id(value)


def in_order(outputs: Iterable[Any]) -> list[Term]:
    """Return all terms that these outputs are made of, operands first, each once.

    >>> from tinyad.rules import TABLE
    >>> x = Term(None, name="x")
    >>> in_order([Term(TABLE[np.sin], (x,))])
    [Term(x), Term(sin)]
    """
    ordered: dict[int, Term] = {}
    waiting = [o for o in reversed(list(outputs)) if isinstance(o, Term)]
    while waiting:
        term = waiting[-1]
        missing = [o for o in term.operands if isinstance(o, Term) and id(o) not in ordered]
        if missing:
            waiting.extend(reversed(missing))
        else:
            ordered.setdefault(id(waiting.pop()), term)
    return list(ordered.values())
