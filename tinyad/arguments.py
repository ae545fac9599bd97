"""The door: what may come in to be differentiated, and in what shape its gradient goes out.

A gradient has the type, the shape and the precision of its argument. Integers are promoted to
floats, because 3 means the real number 3 in a derivative. What is no real number is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyad.errors import ArgumentError, OutputError
from tinyad.interpretation import Box, escaped_value
from tinyad.rules.primitives import broadcast_to, cast, shape_of
from tinyad.rules.rows import FLOAT64
from tinyad.trees import flatten


def promote(value: Any, position: str = "The argument") -> Any:
    """Return a number or array as floats, a copy of the learner's own array; refuse the rest.

    >>> promote(3), promote(np.float32(3)).dtype
    (3.0, dtype('float32'))
    >>> promote(True)
    Traceback (most recent call last):
    ...
    tinyad.errors.ArgumentError: The argument is True, a truth value; derivatives need a number.
    ...
    """
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return np.array(value)
    if isinstance(value, Box) or type(value) is float:
        return value
    if isinstance(value, bool | np.bool_):
        raise _refusal(position, f"{value}, a truth value", "Pass 1.0 or 0.0.")
    if isinstance(value, int | float | np.integer):
        return float(value)
    if isinstance(value, np.floating):
        return value
    if isinstance(value, np.ndarray):
        return _promote_array(value, position)
    remedy = "Pass a float, a NumPy array, or lists, tuples and dicts of them."
    if isinstance(value, complex | np.complexfloating):
        remedy = "Pass the real and the imaginary part as two arguments."
    elif value is None:
        remedy = "Did a function before this one forget its return?"
    raise _refusal(position, f"{value!r:.60}, of type {type(value).__name__}", remedy)


def _promote_array(value: np.ndarray[Any, Any], position: str) -> np.ndarray[Any, Any]:
    if type(value) is not np.ndarray and isinstance(value, np.ma.MaskedArray | np.matrix):
        remedy = "Pass a plain array, np.asarray(x); choose entries with np.where."
        raise _refusal(position, f"a {type(value).__name__}", remedy)
    if np.issubdtype(value.dtype, np.floating):
        return np.array(value)
    if np.issubdtype(value.dtype, np.integer):
        return value.astype(float)
    remedy = "Convert it first, as in x.astype(float)."
    if value.dtype == object:
        remedy = "Give it a number type with x.astype(float); collect traced values by np.stack."
    elif np.issubdtype(value.dtype, np.complexfloating):
        remedy = "Pass the real and the imaginary part as two arguments."
    raise _refusal(position, f"an array of type {value.dtype}", remedy)


def _refusal(position: str, what: str, remedy: str) -> ArgumentError:
    return ArgumentError(f"{position} is {what}; derivatives need a number.", remedy)


class Call:
    """A call of the learner's function, taken apart into what varies and what does not.

    `leaves` are the promoted numbers and arrays of the arguments that `argnums` names, in order.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: int | tuple[int, ...],
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> None:
        if not callable(function):
            check_signature(function, args, options)
        self.function, self.args, self.options = function, args, options
        self.single = not isinstance(argnums, tuple)
        self.argnums = [
            n if type(n) is int and 0 <= n < len(args) else _position(n, function, args)
            for n in (argnums if isinstance(argnums, tuple) else (argnums,))
        ]
        if not self.single and len(set(self.argnums)) < len(self.argnums):
            raise ArgumentError(
                f"argnums is {argnums}, which names an argument twice.",
                "Name each argument once; its derivative holds all its effects.",
            )
        self.originals, self._rebuild = flatten(tuple([self.args[n] for n in self.argnums]))
        self.leaves = [
            leaf if type(leaf) is float else promote(leaf, f"Argument {self._owner(k)}")
            for k, leaf in enumerate(self.originals)
        ]

    @property
    def __name__(self) -> str:
        """What messages call the function."""
        return name_of(self.function)

    def _owner(self, k: int) -> int:
        """Which argument leaf k belongs to."""
        if len(self.originals) == len(self.argnums):
            return self.argnums[k]
        return [n for n in self.argnums for _ in flatten(self.args[n])[0]][k]

    def arguments(self, leaves: Sequence[Any]) -> list[Any]:
        """Return all arguments, with these leaves in place of the original ones."""
        args = list(self.args)
        for n, argument in zip(self.argnums, self._rebuild(leaves), strict=True):
            args[n] = argument
        return args

    def __call__(self, *leaves: Any) -> Any:
        """Call the function with these leaves in place of the original ones."""
        return self.run(leaves)

    def run(self, leaves: Sequence[Any]) -> Any:
        """Call the function with a sequence of leaves."""
        try:
            return self.function(*self.arguments(leaves), **self.options)
        except TypeError:
            check_signature(self.function, self.args, self.options)  # if that was the reason
            raise

    def gradient(self, leaves: Sequence[Any]) -> Any:
        """Put partial derivatives into the arguments' own shapes and types.

        An array that the pass made for one leaf alone is handed over as it is; all else is copied,
        so that the learner may write into a gradient without a second one changing.
        """
        handed: set[int] = set()
        finished: list[Any] = []
        for g, o in zip(leaves, self.originals, strict=True):
            if type(g) is float and type(o) is float:
                finished.append(g)
            elif type(g) is np.ndarray and type(o) is np.ndarray:
                fresh = g.base is None and id(g) not in handed
                handed.add(id(g))
                fits = fresh and g.shape == o.shape and g.dtype == o.dtype
                finished.append(g if fits else finish(g, o))
            else:
                finished.append(finish(g, o))
        built = self._rebuild(finished)
        return built[0] if self.single else built

    def collect(self, leaves: Sequence[Any]) -> Any:
        """Put results, one a leaf, into the arguments' nesting, whatever their shapes."""
        built = self._rebuild([plain(leaf) for leaf in leaves])
        return built[0] if self.single else built


def finish(derivative: Any, argument: Any) -> Any:
    """Give a derivative the type, shape and precision of its argument."""
    if type(derivative) is float and type(argument) is float:
        return derivative
    if isinstance(derivative, Box) or isinstance(argument, Box):
        wanted = getattr(argument, "dtype", FLOAT64)
        same = wanted.kind != "f" or getattr(derivative, "dtype", FLOAT64) == wanted
        return derivative if same else cast(derivative, wanted)
    if isinstance(argument, np.ndarray):
        dtype = argument.dtype if argument.dtype.kind == "f" else float
        return np.array(broadcast_to(derivative, argument.shape), dtype=dtype)
    if isinstance(argument, np.floating) and not isinstance(argument, float):
        return type(argument)(derivative)
    return float(derivative)


def plain(value: Any) -> Any:
    """Return a float64 scalar as a Python float; anything else as it is."""
    if type(value) is float or type(value) is np.ndarray:
        return value
    return float(value) if isinstance(value, (float, int)) and type(value) is not bool else value


def check_signature(
    function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any] | None = None
) -> None:
    """Raise at once if the function cannot take this many arguments."""
    if not callable(function):
        raise ArgumentError(
            f"{function!r:.60} is not a function.",
            "Pass the function itself, without calling it: ad.grad(f), not ad.grad(f(x)).",
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # some builtins have no readable signature; the call itself will tell
    try:
        signature.bind(*args, **(options or {}))
    except TypeError as error:
        name = getattr(function, "__name__", "the function")
        raise ArgumentError(
            f"{name}{signature} was called with {len(args)} argument(s): {error}.",
            f"Call the derivative with the same arguments as {name} itself.",
        ) from None


def _position(argnum: Any, function: Callable[..., Any], args: Sequence[Any]) -> int:
    count = len(args)
    if isinstance(argnum, bool) or not isinstance(argnum, int | np.integer):
        raise ArgumentError(
            f"argnums is {argnum!r}, which is no position.",
            "Count arguments from 0: argnums=0, or argnums=(0, 1) for both.",
        )
    if not -count <= argnum < count:
        check_signature(function, args)  # an argument may be missing
        raise ArgumentError(
            f"argnums is {argnum}, but the function was called with {count} argument(s).",
            f"Positions count from 0: the last one is {count - 1}.",
        )
    return int(argnum) % count


def scalar_output(value: Any, name: str) -> Any:
    """Check that a function returned one real number, and return it."""
    if not is_real(value):
        raise _no_number(value, name)
    if shape := shape_of(value):
        raise OutputError(
            f"{name} returned an array of shape {shape}; a gradient needs a single number.",
            "Return one number, for example a sum; for the derivatives of every entry use "
            "ad.derivative (entry by entry) or ad.jvp.",
        )
    return value


def is_real(value: Any) -> bool:
    """Is this a real number, an array of real numbers, or a traced one?"""
    if isinstance(value, Box):
        if not value.interpretation.open:
            raise escaped_value()  # say, from a cache that outlived an earlier pass
        return True
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fiu"
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _no_number(value: Any, name: str) -> OutputError:
    remedy = "Return a number computed with NumPy's functions."
    if value is None:
        remedy = "Did you forget the return statement?"
    elif isinstance(value, bool | np.bool_):
        remedy = "A comparison has no slope; return the number that is compared."
    elif isinstance(value, list | tuple | dict):
        remedy = "Return one number, not a collection; np.stack joins numbers into an array."
    return OutputError(f"{name} returned {value!s:.60}, of type {type(value).__name__}.", remedy)


def real_output(value: Any, name: str) -> Any:
    """Check that a function returned a real number or array, and return it."""
    if is_real(value):
        return value
    raise _no_number(value, name)


def name_of(function: Callable[..., Any]) -> str:
    """Return what to call this function in a message."""
    return getattr(function, "__name__", "the function")
