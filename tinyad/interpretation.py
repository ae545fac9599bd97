"""One program, many meanings: boxes, and the interpretation that each NumPy call is handed to.

A learner's function is plain NumPy. Run it on a `Box` instead of a number, and every operation in
it lands in `apply`, which hands it to the interpretation that made the box. Forward mode, reverse
mode and the others are interpretations: each says in `process` what an operation means to it.

Interpretations nest: each has a level, later ones a higher level, and an operation belongs to the
highest level among its operands. To that interpretation everything below is a constant. Levels
are the whole cure for perturbation confusion (Siskind and Pearlmutter, 2005).
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from tinyad.errors import (
    ConversionError,
    EscapedValueError,
    InPlaceError,
    MissingRuleError,
    TinyadError,
    learner_line,
)
from tinyad.rules import METHODS, TABLE, Row
from tinyad.rules.primitives import cast, index, shape_of
from tinyad.rules.rows import NO_OPTIONS, Constant, Differentiable, Options, Program

_levels = itertools.count()


class Interpretation:
    """A meaning for NumPy programs; a context manager that is open while the program runs."""

    def __init__(self) -> None:
        self.level = next(_levels)
        self.open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # From now on an operation on a box of this pass is a mistake, and says so.
        self.open = False
        self.process = _ended  # type: ignore[method-assign]

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Any:
        """Say what this operation means: compute its value, and whatever travels with it."""
        raise NotImplementedError

    def owns(self, operand: Any) -> bool:
        """Is this operand a box of this very interpretation?"""
        return isinstance(operand, Box) and operand.interpretation is self

    def primals(self, operands: Sequence[Any]) -> list[Any]:
        """Return the operands with this interpretation's own boxes opened."""
        return [o.value if self.owns(o) else o for o in operands]


def _ended(*_: Any) -> NoReturn:
    raise escaped_value()


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a NumPy function on arguments of which some may be boxes."""
    row = TABLE.get(function)
    if row is None:
        raise missing_rule(getattr(function, "__name__", str(function)))
    if isinstance(row, Program):
        try:
            return row.program(*args, **kwargs)
        except TinyadError:
            raise
        except TypeError as error:
            raise row.refusal(error) from error
    if row.read is None and any(isinstance(k, Box) for k in kwargs.values()):
        # an operand given by its name, as in np.round(a=x): find its position
        bound = inspect.signature(function).bind(*args, **kwargs)
        args, kwargs = bound.args, bound.kwargs
    operands, options = row.bind(args, kwargs)
    return apply(row, operands, options)


def apply(row: Row, operands: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
    """Run one operation of the table on operands of which some may be boxes."""
    top: Interpretation | None = None
    for operand in operands:
        if isinstance(operand, Box) and (top is None or operand.interpretation.level > top.level):
            top = operand.interpretation
    if top is None:
        return row.value(operands, options)
    if isinstance(row, Constant):
        return apply(row, top.primals(operands), options)
    assert isinstance(row, Differentiable)
    return top.process(row, operands, options)


def _operator(function: Any, swapped: bool = False) -> Callable[..., Any]:
    """Make a Python operator out of a row of the table."""
    row = TABLE[function]
    if isinstance(row, Constant):
        if swapped:
            return lambda self, other: apply(row, (other, self))
        return lambda self, other: apply(row, (self, other))

    # Most often the other operand is a number or of the same pass; then nobody need be asked.
    def unary(self: Box) -> Any:
        return self.interpretation.process(row, (self,))

    def binary(self: Box, other: Any) -> Any:
        if isinstance(other, Box) and other.interpretation is not self.interpretation:
            return apply(row, (self, other))
        return self.interpretation.process(row, (self, other))

    def mirrored(self: Box, other: Any) -> Any:
        if isinstance(other, Box) and other.interpretation is not self.interpretation:
            return apply(row, (other, self))
        return self.interpretation.process(row, (other, self))

    return (
        unary if function in (np.negative, np.positive, np.abs) else mirrored if swapped else binary
    )


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make an array method out of a NumPy function."""
    return lambda self, *args, **kwargs: call(function, self, *args, **kwargs)


_SQUARE, _POWER = TABLE[np.square], TABLE[np.power]


class Box:
    """A value on its way through a program, with the interpretation that put it there.

    To the learner's code a box looks like the number or array it holds. Python's operators and
    NumPy's functions come to it through `__array_ufunc__` and `__array_function__` (NEP 13 and
    NEP 18) and leave through `apply`.
    """

    __slots__ = ("interpretation", "value")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any, interpretation: Interpretation) -> None:
        self.value = value
        self.interpretation = interpretation

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value; () for a number."""
        return getattr(self.value, "shape", ())

    @property
    def size(self) -> int:
        """The number of entries of the value."""
        return math.prod(self.shape)

    @property
    def ndim(self) -> int:
        """The number of axes of the value."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's type of the value's entries."""
        return getattr(self.value, "dtype", np.dtype(float))

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if len(inputs) == 1 and not options and method == "__call__":
            row = TABLE.get(ufunc)
            if isinstance(row, Differentiable):
                return self.interpretation.process(row, inputs)
        if options.pop("out", None) is not None:
            raise InPlaceError(
                f"np.{ufunc.__name__} was to write into an array that takes part in a derivative.",
                "Make a new value instead: write y = x + 1, not x += 1 or out=x.",
            )
        if method != "__call__":
            function = METHODS.get((ufunc, method))
            if function is None:
                raise missing_rule(f"{ufunc.__name__}.{method}")
            options.setdefault("axis", 0)
            return (call if function in TABLE else _run)(function, *inputs, **options)
        if options:
            raise MissingRuleError(
                f"np.{ufunc.__name__} with the option {sorted(options)[0]!r} has no rule.",
                "Call it without options; choose entries with np.where.",
            )
        return call(ufunc, *inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Options
    ) -> Any:
        return call(function, *args, **kwargs)

    # Python's operators

    __add__, __radd__ = _operator(np.add), _operator(np.add, swapped=True)
    __sub__, __rsub__ = _operator(np.subtract), _operator(np.subtract, swapped=True)
    __mul__, __rmul__ = _operator(np.multiply), _operator(np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _operator(np.divide), _operator(np.divide, swapped=True)
    __floordiv__ = _operator(np.floor_divide)
    __rfloordiv__ = _operator(np.floor_divide, swapped=True)
    __mod__, __rmod__ = _operator(np.remainder), _operator(np.remainder, swapped=True)
    __rpow__ = _operator(np.power, swapped=True)
    __neg__, __pos__, __abs__ = _operator(np.negative), _operator(np.positive), _operator(np.abs)
    __eq__, __ne__ = _operator(np.equal), _operator(np.not_equal)
    __lt__, __le__ = _operator(np.less), _operator(np.less_equal)
    __gt__, __ge__ = _operator(np.greater), _operator(np.greater_equal)

    def __pow__(self, other: Any) -> Any:
        # As NumPy does for arrays: a square is a product, quicker than a power and as exact.
        if type(other) in (int, float) and other == 2:
            return self.interpretation.process(_SQUARE, (self,))
        return apply(_POWER, (self, other))

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    __matmul__, __rmatmul__ = _operator(np.matmul), _operator(np.matmul, swapped=True)

    def __getitem__(self, key: Any) -> Any:
        if shape_of(self) == ():
            raise TypeError(f"a traced number has no entries, so [{key!r}] finds nothing")
        return apply(TABLE[index], (self,), {"key": _kept(key)})

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a traced number has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    # NumPy's array methods

    sum, mean, prod, max, min = map(_method, (np.sum, np.mean, np.prod, np.max, np.min))
    var, std, cumsum, cumprod = map(_method, (np.var, np.std, np.cumsum, np.cumprod))
    ravel, squeeze, swapaxes, copy = map(_method, (np.ravel, np.squeeze, np.swapaxes, np.copy))
    repeat, take, diagonal, trace = map(_method, (np.repeat, np.take, np.diagonal, np.trace))
    dot, clip, round, any, all = map(_method, (np.dot, np.clip, np.round, np.any, np.all))
    argmax, argmin, argsort, nonzero = map(_method, (np.argmax, np.argmin, np.argsort, np.nonzero))
    flatten = ravel

    def reshape(self, *shape: Any) -> Any:
        """The same entries in another shape."""
        return call(np.reshape, self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order; reversed, if none is given."""
        return call(np.transpose, self, (axes[0] if len(axes) == 1 else axes) or None)

    @property
    def T(self) -> Any:  # noqa: N802 (NumPy's name)
        """The axes reversed."""
        return call(np.transpose, self)

    def astype(self, dtype: Any) -> Any:
        """The same value in another precision; a type without derivatives is refused."""
        if not np.issubdtype(dtype, np.floating):
            raise _no_conversion(str(np.dtype(dtype)))
        return apply(TABLE[cast], (self,), {"dtype": np.dtype(dtype)})

    def _in_place(self, other: Any) -> Any:
        # On an array `x += 1` would change what other names see; on a number it rebinds x.
        if self.shape:
            raise InPlaceError(
                "A traced array was to be changed in place; its history would be lost.",
                "Make a new value instead: write x = x + 1, not x += 1.",
            )
        return NotImplemented

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imod__ = _in_place

    def __round__(self, digits: int = 0) -> Any:
        return apply(TABLE[np.round], (self, digits))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __copy__(self) -> Self:
        return self  # boxes do not change, and a copy of the tape would record for nobody

    def __deepcopy__(self, _: Any) -> Self:
        return self

    # What would lose the derivative silently is refused

    def __float__(self) -> NoReturn:
        raise _no_conversion("float")

    def __int__(self) -> NoReturn:
        raise _no_conversion("int")

    def __complex__(self) -> NoReturn:
        raise _no_conversion("complex")

    def __index__(self) -> NoReturn:
        raise _no_conversion("an index")

    def item(self, *_: Any) -> NoReturn:
        """Refuse: a plain number would have no derivative."""
        raise _no_conversion("item()")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise ConversionError(
            "A traced value was to be put into a NumPy array, which holds plain numbers only.",
            "Build the array with np.stack([...]) or np.concatenate([...]).",
        )

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise InPlaceError(
            "A traced array was to be changed in place; its history would be lost.",
            "Make a new array: np.where(mask, new, x), or np.concatenate of the parts.",
        )


def _no_conversion(target: str) -> ConversionError:
    """Make the error for a box that was to become a plain number; the line tells what for."""
    line = learner_line()
    if math_function := re.search(r"\bmath\.(\w+)\(", line):
        what = f"math.{math_function[1]} wants a plain number, which has no derivative."
        remedy = f"Write np.{math_function[1]}: NumPy's functions can be differentiated."
    elif re.search(r"\]\s*=[^=]", line):
        what = "A traced value was put into an array of plain numbers, which has no derivative."
        remedy = "Collect the values in a list and join them with np.stack."
    else:
        what = f"A traced value was to become a plain number ({target}) without a derivative."
        remedy = (
            "Leave the conversion out; where the derivative is meant to stop here, "
            "say ad.stop_gradient(x)."
        )
    return ConversionError(what, remedy, line)


def _run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _kept(key: Any) -> Any:
    """Copy a learner's index arrays: they may change before the key is used again."""
    if isinstance(key, tuple):
        return tuple(_kept(k) for k in key)
    return np.array(key) if isinstance(key, np.ndarray | list) else key


def escaped_value() -> EscapedValueError:
    """Make the error for a box whose pass is over: nothing records its derivative any more."""
    return EscapedValueError(
        "A traced value was used after the pass that made it had ended.",
        "Return it from the function instead of storing it outside; to keep a number, "
        "differentiate a function that returns it.",
    )


def missing_rule(name: str) -> MissingRuleError:
    """Make the error for a function that is not in the table."""
    import difflib  # wanted only here

    known = [row.name for row in TABLE.values()]
    close = difflib.get_close_matches(name.split(".")[0], known, n=3, cutoff=0.75)
    hint = f"Close names that have one: {', '.join('np.' + c for c in close)}. " if close else ""
    return MissingRuleError(
        f"The table has no derivative rule for np.{name}.",
        f"{hint}Write it with functions that have a rule, or attach its derivative with "
        "ad.with_derivative.",
    )
