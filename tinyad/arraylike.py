"""The face of a box: to the learner's code it looks like the number or array it holds.

Python's operators, NumPy's functions (NEP 13 and NEP 18) and NumPy's array methods all lead to
`apply` or `call`. What would lose the derivative silently is refused here, with the remedy.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Self

import numpy as np

from tinyad.errors import ConversionError, InPlaceError, MissingRuleError, no_conversion
from tinyad.interpretation import Box, apply, call, missing_rule
from tinyad.rules import METHODS, TABLE
from tinyad.rules.primitives import cast, index, settled
from tinyad.rules.rows import Differentiable, Options, Program

# They write into their first argument.
WRITERS = (np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal)


def _operator(function: Any, swapped: bool = False) -> Callable[..., Any]:
    """Make a Python operator out of a row of the table."""
    row = TABLE[function]
    if not isinstance(row, Differentiable):
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

    if function in (np.negative, np.positive, np.absolute):
        return unary
    return mirrored if swapped else binary


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make an array method out of a NumPy function."""
    return lambda self, *args, **kwargs: call(function, self, *args, **kwargs)


INDEX: Any = TABLE[index]
SQUARE: Any = TABLE[np.square]
POWER = TABLE[np.power]
PLAIN = frozenset({int, type(None)})


class ArrayBox(Box):
    """A box that passes for a number or an array."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

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
        if not options and method == "__call__":
            row = TABLE.get(ufunc)
            if len(inputs) == 1 and isinstance(row, Differentiable):
                return self.interpretation.process(row, inputs)
            if row is not None and not isinstance(row, Program):
                return apply(row, inputs)
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
        if function in WRITERS:
            raise InPlaceError(
                f"np.{function.__name__} was to write a traced value into an array.",
                "Make a new array: with np.where or np.stack; x * np.ones(shape) in place of "
                "np.full(shape, x).",
            )
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

    __and__, __rand__ = _method(np.bitwise_and), _method(np.bitwise_and)
    __or__, __ror__ = _method(np.bitwise_or), _method(np.bitwise_or)
    __xor__, __rxor__ = _method(np.bitwise_xor), _method(np.bitwise_xor)
    __invert__ = _method(np.invert)

    def __pow__(self, other: Any) -> Any:
        # As NumPy does for arrays: a square is a product, quicker than a power and as exact.
        if type(other) in (int, float) and other == 2:
            return self.interpretation.process(SQUARE, (self,))
        return apply(POWER, (self, other))

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    __matmul__, __rmatmul__ = _operator(np.matmul), _operator(np.matmul, swapped=True)

    def __getitem__(self, key: Any) -> Any:
        if self.shape == () and isinstance(key, int):
            raise TypeError(f"a traced number has no entries, so [{key!r}] finds nothing")
        return self.interpretation.process(INDEX, (self,), {"key": _kept(key)})

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a traced number has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    # NumPy's array methods that need more than their name; the others follow the class

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """The same entries in another shape."""
        return call(np.reshape, self, shape[0] if len(shape) == 1 else shape, **options)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order; reversed, if none is given."""
        return call(np.transpose, self, (axes[0] if len(axes) == 1 else axes) or None)

    def flatten(self, order: str = "C") -> Any:
        """All entries along one axis."""
        return self.reshape(-1, order=order)

    @property
    def T(self) -> Any:  # NumPy's name
        """The axes reversed."""
        return call(np.transpose, self)

    def astype(self, dtype: Any) -> Any:
        """The same value in another precision; a type without derivatives is refused."""
        if not np.issubdtype(dtype, np.floating):
            raise no_conversion(str(np.dtype(dtype)))
        return apply(TABLE[cast], (self,), {"dtype": np.dtype(dtype)})

    def _in_place(self, other: Any) -> Any:
        # On an array `x += 1` would change what other names see; on a number it rebinds x.
        if self.shape:
            raise InPlaceError(
                "A traced array was to be changed in place; its history would be lost.",
                "Make a new value instead: write x = x + 1, not x += 1.",
            )
        return NotImplemented

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = _in_place
    __imod__ = __ifloordiv__ = __imatmul__ = _in_place

    def __round__(self, digits: int = 0) -> Any:
        return apply(TABLE[np.round], (self, digits))

    # What takes a value into Python: the interpretation is told

    def __bool__(self) -> bool:
        return bool(self.decided("bool"))

    def __int__(self) -> int:
        return int(self.settled("int"))

    def __index__(self) -> int:
        return operator.index(self.settled("an index", "index"))

    def __float__(self) -> float:
        return float(self.settled("float"))

    def item(self, *args: Any) -> Any:
        """Refuse, unless it has no derivative: a plain number would lose it."""
        return np.asarray(self.settled("item()", "value")).item(*args)

    def tolist(self) -> Any:
        """Refuse, unless they have no derivative: plain numbers would lose it."""
        return np.asarray(self.settled("tolist()", "value")).tolist()

    def settled(self, target: str, kind: str | None = None) -> Any:
        """Return the plain value of what has no derivative; for all else, raise."""
        if not self.interpretation.flat(self):
            raise no_conversion(target)
        return self.decided(kind or target)

    def __copy__(self) -> Self:
        return self  # boxes do not change, and a copy of the tape would record for nobody

    def __deepcopy__(self, _: Any) -> Self:
        return self

    # What would lose the derivative silently is refused

    def __complex__(self) -> NoReturn:
        raise no_conversion("complex")

    def __array__(self, *_: Any, **__: Any) -> Any:
        if self.interpretation.flat(self):
            return np.asarray(self.decided())
        raise ConversionError(
            "A traced value was to be put into a NumPy array, which holds plain numbers only.",
            "Build the array with np.stack([...]) or np.concatenate([...]).",
        )

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise InPlaceError(
            "A traced array was to be changed in place; its history would be lost.",
            "Make a new array: np.where(mask, new, x), or np.concatenate of the parts.",
        )


for _name in (
    *("sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "cumprod", "round", "clip"),
    *("ravel", "squeeze", "swapaxes", "repeat", "take", "diagonal", "trace", "dot", "copy"),
    *("any", "all", "argmax", "argmin", "argsort", "nonzero"),
):
    setattr(ArrayBox, _name, _method(getattr(np, _name)))


def _run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _kept(key: Any) -> Any:
    """Copy a learner's index arrays: they may change before the key is used again."""
    if type(key) is slice and {type(key.start), type(key.stop), type(key.step)} <= PLAIN:
        return key  # most often
    if isinstance(key, tuple):
        return tuple(_kept(k) for k in key)
    if isinstance(key, ArrayBox | slice):
        return settled(key)
    return np.array(key) if isinstance(key, (np.ndarray, list)) else key
