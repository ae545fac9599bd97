"""The recording interpretation: a program run once, written down operation by operation.

Traces and compiling read the same record. It holds every operation that saw a traced value, those
without a derivative too (comparisons, argmax, floor), and a guard for each place where Python took
a value and acted on it: another value there might have taken the program another way.
"""

from __future__ import annotations

import linecache
import operator
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tinyad.arguments import Call, real_output
from tinyad.arraylike import ArrayBox
from tinyad.errors import is_library, unwrapped
from tinyad.interpretation import Box, Interpretation, apply, escaped_value
from tinyad.rules.rows import NO_OPTIONS, Constant, Options, Row
from tinyad.trees import Rebuild, flatten

Place = tuple[str, int]

# How Python takes a value in: for an `if`, as a count, as a position, as a float, or as it is.
TAKEN: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "int": int,
    "index": operator.index,
    "float": float,
    "value": lambda value: value,
}


class Ref(int):
    """The position of a recorded value, where an operand may also be a plain number."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Ref({int(self)})"


@dataclass(eq=False, slots=True)
class Step:
    """One recorded operation, or (with `row` None) one input.

    `operands` holds a Ref for each recorded value and plain numbers or arrays for constants.
    `flat` says that no derivative passes through; `place` is the learner's file and line.
    """

    row: Row | None
    operands: tuple[Any, ...]
    options: Options
    value: Any
    flat: bool
    place: Place | None = None

    @property
    def line(self) -> str:
        """The learner's line that asked for this operation; '' if it was not in their code."""
        if self.place is None:
            return ""
        name, number = self.place
        source = linecache.getline(name, number).strip()
        where = f"line {number}"
        if not name.startswith("<") and "ipykernel_" not in name:
            where = f"{os.path.basename(name)}, {where}"
        return f"{where}: {source}" if source else where


class Guard(NamedTuple):
    """Python took the value at `position` as the plain `taken`, and went on from there."""

    position: Ref
    taken: Any
    how: str  # a key of TAKEN; "value" is for masks and arrays of positions


class Recorded(ArrayBox):
    """A value with its position in the record."""

    __slots__ = ("position",)

    def __init__(self, value: Any, position: int, interpretation: Interpretation) -> None:
        self.value = value
        self.position = position
        self.interpretation = interpretation


class Record(Interpretation):
    """Compute each operation's value and append a step; the inputs are the first steps.

    `steps[k]` made the value at position k; `guards` are in the order in which they came up.
    """

    def __init__(self, inputs: Sequence[Any]) -> None:
        super().__init__()
        self.inputs = list(inputs)
        self.steps = [Step(None, (), NO_OPTIONS, value, False) for value in inputs]
        self.guards: list[Guard] = []
        self._arrays: dict[int, tuple[Any, Any]] = {}
        self._library: dict[str, bool] = {}

    def boxes(self) -> list[Recorded]:
        """The inputs as boxes."""
        return [Recorded(value, k, self) for k, value in enumerate(self.inputs)]

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.constant = self.decided = _ended  # type: ignore[method-assign, assignment]
        self._arrays.clear()

    def process(self, row: Row, operands: Sequence[Any], options: Options = NO_OPTIONS) -> Recorded:
        """Run one operation and append it."""
        references, primals, flat = self._read(operands)
        return self._append(row, references, options, row.value(primals, options), flat)

    def constant(self, row: Constant, operands: Sequence[Any], options: Options) -> Any:
        """Run an operation without a derivative and append it too.

        Shapes and types are those of the record for good; answers of several parts, such as the
        positions of `np.nonzero`, go to the program as plain values, and a guard holds them.
        """
        if row.static:
            return apply(row, self.primals(operands), options)
        references, primals, _ = self._read(operands)
        answer = row.value(primals, options)
        if isinstance(answer, bool | int):
            answer = np.asarray(answer)[()]
        box = self._append(row, references, options, answer, True)
        if isinstance(answer, tuple) or row.function in DATA_SHAPED:
            return self.decided(box, "value")
        return box

    def decided(self, box: Box, kind: str) -> Any:
        """Give the value away, and note down what was given."""
        assert isinstance(box, Recorded)
        taken = TAKEN[kind](super().decided(box, kind))
        self.guards.append(Guard(Ref(box.position), taken, kind))
        return taken

    def flat(self, box: Box) -> bool:
        """Was this value made without a derivative?"""
        assert isinstance(box, Recorded)
        return self.steps[box.position].flat

    def _read(self, operands: Sequence[Any]) -> tuple[tuple[Any, ...], list[Any], bool]:
        """Take operands apart: where they are from, their values, and whether none varies."""
        references: list[Any] = []
        primals: list[Any] = []
        flat = True
        for operand in operands:
            if type(operand) is Recorded and operand.interpretation is self:
                references.append(Ref(operand.position))
                flat = flat and self.steps[operand.position].flat
                primals.append(operand.value)
            else:
                operand = self._kept(operand)
                references.append(operand)
                primals.append(operand)
        return tuple(references), primals, flat

    def _append(
        self, row: Row, references: tuple[Any, ...], options: Options, answer: Any, flat: bool
    ) -> Recorded:
        self.steps.append(Step(row, references, options, answer, flat, self._place()))
        return Recorded(answer, len(self.steps) - 1, self)

    def _kept(self, operand: Any) -> Any:
        """A constant as it is now: the learner may overwrite an array between two uses.

        An array that has not changed keeps its copy, so that it is one constant in the record.
        """
        if isinstance(operand, list | tuple):
            return np.array(operand)
        if not isinstance(operand, np.ndarray):
            return operand
        known = self._arrays.get(id(operand))
        if known is None or not _same_bits(known[1], operand):
            known = self._arrays[id(operand)] = operand, operand.copy()
        return known[1]

    def _place(self) -> Place | None:
        """The first frame outside tinyad and NumPy, up to the call that runs the program."""
        frame = sys._getframe(3)
        while frame is not None and frame.f_code is not run.__code__:
            name = frame.f_code.co_filename
            library = self._library.get(name)
            if library is None:
                library = self._library[name] = is_library(name)
            if not library:
                return name, frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return None


# The shape of their answers depends on the data.
DATA_SHAPED = (np.flatnonzero, np.argwhere)


def _ended(*_: Any) -> Any:
    raise escaped_value()


def _same_bits(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool(a.tobytes() == b.tobytes())


class Run(NamedTuple):
    """A recorded call: the record, and what the function returned.

    `outputs` has a Ref for each recorded number or array in the result, or the constant that
    stands in its place; `rebuild` puts a list of that length into the result's own nesting.
    """

    record: Record
    outputs: list[Any]
    rebuild: Rebuild


def run(call: Call) -> Run:
    """Run a call on recorded values; each of its results must be a real number or an array."""
    with Record(call.leaves) as record:
        results, rebuild = flatten(unwrapped(call.run, record.boxes()))
        for result in results:
            real_output(result.value if record.owns(result) else result, call.__name__)
    outputs = [Ref(r.position) if record.owns(r) else r for r in results]
    return Run(record, outputs, rebuild)


def values(record: Record, operands: Sequence[Any]) -> list[Any]:
    """The operands of a step as plain values."""
    return [record.steps[o].value if type(o) is Ref else o for o in operands]
