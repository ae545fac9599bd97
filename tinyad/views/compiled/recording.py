"""Recording a call for compiling: what varies, what is constant, and whether it can be relied on.

Floats and arrays of floats vary. All other arguments, such as counts, labels and flags, are
constants: a program is made for their values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tinyad.errors import OutputError, unwrapped
from tinyad.interpretation import Box
from tinyad.trees import flatten
from tinyad.views.compiled.captured import same_bits, same_value
from tinyad.views.record import Record, Ref, Step

MAX_OPERATIONS = 20_000
LITERALS = (int, bool, str, bytes, complex, type(None))
KEYS = (str, int, bool, type(None))


class TooLong(BaseException):
    """The program has more operations than it pays to compile; caught in `compile`."""

    def __str__(self) -> str:
        return f"it has more than {MAX_OPERATIONS:,} operations"


class UnreliableError(Exception):
    """A program could not be relied on; caught in `compile`."""


class Quiet(Record):
    """A record of bounded length, without the learner's lines."""

    def _place(self) -> None:
        if len(self.steps) > MAX_OPERATIONS:
            raise TooLong


def varies(leaf: Any) -> bool:
    """Is this a float or an array of floats?"""
    if type(leaf) is np.ndarray:
        return leaf.dtype.kind == "f" and leaf.ndim > 0
    return isinstance(leaf, float | np.floating)


def kind_of(tree: Any) -> Any:
    """Return what a program relies on in an argument besides its numbers: types, shapes, nesting.

    Raises UnreliableError for what it cannot rely on.

    >>> kind_of(2.0), kind_of([1.0, 3])
    ('float', (<class 'list'>, ('float', <class 'int'>)))
    """
    if type(tree) is np.ndarray and tree.dtype != object and (tree.ndim or tree.dtype.kind != "f"):
        return tree.dtype, tree.shape
    if isinstance(tree, float | np.generic):
        return "float" if isinstance(tree, float) else type(tree).__name__
    if type(tree) is dict and all(type(key) in KEYS for key in tree):
        return dict, tuple((type(k), k) for k in tree), tuple(map(kind_of, tree.values()))
    if type(tree) in (list, tuple) or (isinstance(tree, tuple) and hasattr(tree, "_fields")):
        return type(tree), tuple(map(kind_of, tree))
    if type(tree) in LITERALS or (callable(tree) and not isinstance(tree, Box)):
        return type(tree)
    raise UnreliableError(f"an argument of type {type(tree).__name__}")


def plain_floats(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return the arguments with Python's floats in place of NumPy's, which are subclasses."""
    leaves, rebuild = flatten(tuple(args))
    return tuple(rebuild([float(x) if isinstance(x, np.float64) else x for x in leaves]))


def promoted(args: Sequence[Any]) -> tuple[Any, ...]:
    """Return the arguments with floats in place of integers: 3 means the real number 3."""
    leaves, rebuild = flatten(tuple(args))
    return tuple(rebuild([_promoted(leaf) for leaf in leaves]))


def _promoted(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        return leaf.astype(float) if leaf.dtype.kind in "iu" else leaf
    return float(leaf) if type(leaf) is int or isinstance(leaf, np.integer) else leaf


@dataclass(frozen=True)
class Point:
    """The arguments of one call, taken apart: the leaves, and how each is reached from them."""

    names: Sequence[str]
    args: Sequence[Any]

    @property
    def leaves(self) -> list[tuple[str, Any]]:
        """Each leaf with its place as source, in the order of `flatten`."""
        pairs = zip(self.names, self.args, strict=True)
        return [leaf for name, arg in pairs for leaf in _leaves(name, arg)]

    def varying(self) -> list[tuple[str, Any]]:
        """The leaves that vary."""
        return [(path, leaf) for path, leaf in self.leaves if varies(leaf)]

    def with_varying(self, values: Sequence[Any]) -> Any:
        """The arguments with other values for the leaves that vary."""
        new = iter(values)
        leaves, rebuild = flatten(tuple(self.args))
        return rebuild([next(new) if varies(leaf) else leaf for leaf in leaves])


def _leaves(path: str, tree: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(tree, list | tuple | dict):
        yield path, tree
        return
    for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from _leaves(f"{path}[{quoted(key)}]", child)


def quoted(key: Any) -> str:
    """Write a key of a dict or list, a string in double quotes."""
    return f'"{key}"' if isinstance(key, str) and key.isidentifier() else repr(key)


class Recording(NamedTuple):
    """What a function did, and what it returned: references into the record, or constants."""

    record: Record
    result: Any
    outputs: list[Any]


def recorded(function: Callable[..., Any], point: Point) -> Recording:
    """Run the function on recorded values in place of the leaves that vary."""
    with Quiet([leaf for _, leaf in point.varying()]) as record:
        result = unwrapped(function, *point.with_varying(record.boxes()))
    return Recording(record, result, [_output(record, leaf) for leaf in flatten(result)[0]])


def _output(record: Record, leaf: Any) -> Any:
    if record.owns(leaf):
        return Ref(leaf.position)
    if isinstance(leaf, np.ndarray) and leaf.dtype != object:
        return leaf.copy()
    if leaf is None or isinstance(leaf, int | float | complex | np.generic):
        return leaf
    what = "a value of another pass" if isinstance(leaf, Box) else f"{leaf!r:.60}"
    raise OutputError(
        f"The function returned {what}, of type {type(leaf).__name__}.",
        "Return numbers and arrays, or lists, tuples and dicts of them.",
    )


def repeats(recording: Recording, result: Any) -> bool:
    """Is this what the recorded run has returned, up to rounding?"""
    values = [recording.record.steps[o].value if type(o) is Ref else o for o in recording.outputs]
    leaves = flatten(result)[0]
    return len(leaves) == len(values) and all(map(_near, leaves, values))


def _near(a: Any, b: Any) -> bool:
    if a is None or b is None or np.shape(a) != np.shape(b):
        return a is b
    with np.errstate(all="ignore"):
        tolerance = 1e-3 if np.result_type(a, b) == np.float32 else 1e-6
        size = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
        return bool(np.allclose(a, b, tolerance, tolerance * size, equal_nan=True))


def agree(a: Recording, b: Recording) -> bool:
    """Did the function do the same twice: the same operations on the same constants?"""
    steps, others = a.record.steps, b.record.steps
    return (
        len(steps) == len(others)
        and all(map(_same_step, steps, others))
        and _same(a.record.guards, b.record.guards)
        and _same(a.outputs, b.outputs)
    )


def _same_step(a: Step, b: Step) -> bool:
    if a.row is not b.row:
        return False
    return _same(a.operands, b.operands) and (not a.options or _same(a.options, b.options))


def _same(a: Any, b: Any) -> bool:
    """Are two constants the same, whatever they are nested in?"""
    if type(a) is Ref or isinstance(a, slice):
        return type(a) is type(b) and bool(a == b)
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and same_bits(a, b)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return _same(tuple(a.items()), tuple(b.items()))
    return same_value(a, b)
