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
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from tinyad.errors import (
    ConversionError,
    EscapedValueError,
    InPlaceError,
    MissingRuleError,
    learner_line,
)
from tinyad.rules import TABLE, Row
from tinyad.rules.rows import Constant, Differentiable, Options, Program

_levels = itertools.count()


class Interpretation:
    """A meaning for NumPy programs; a context manager that is open while the program runs."""

    def __init__(self) -> None:
        self.level = next(_levels)
        self.open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.open = False

    def process(self, row: Differentiable, operands: Sequence[Any], options: Options) -> Any:
        """Say what this operation means: compute its value, and whatever travels with it."""
        raise NotImplementedError

    def owns(self, operand: Any) -> bool:
        """Is this operand a box of this very interpretation?"""
        return isinstance(operand, Box) and operand.interpretation is self

    def primals(self, operands: Sequence[Any]) -> list[Any]:
        """Return the operands with this interpretation's own boxes opened."""
        return [o.value if self.owns(o) else o for o in operands]


def apply(row: Row, operands: Sequence[Any], options: Options | None = None) -> Any:
    """Run one operation of the table on operands of which some may be boxes."""
    options = options or {}
    if isinstance(row, Program):
        return row.program(*operands, **options)
    top: Interpretation | None = None
    for operand in operands:
        if isinstance(operand, Box) and (top is None or operand.interpretation.level > top.level):
            top = operand.interpretation
    if top is None:
        return row.value(operands, options)
    if not top.open:
        raise escaped_value()
    if isinstance(row, Constant):
        return apply(row, top.primals(operands), options)
    assert isinstance(row, Differentiable)
    return top.process(row, operands, options)


def _operator(function: Any, swapped: bool = False) -> Callable[..., Any]:
    """Make a Python operator out of a row of the table."""
    row = TABLE[function]
    if swapped:
        return lambda self, other: apply(row, (other, self))
    return lambda self, *other: apply(row, (self, *other))


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
    def ndim(self) -> int:
        """The number of axes of the value."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's type of the value's entries."""
        return getattr(self.value, "dtype", np.dtype(float))

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if options.pop("out", None) is not None:
            raise InPlaceError(
                f"np.{ufunc.__name__} was to write into an array that takes part in a derivative.",
                "Make a new value instead: write y = x + 1, not x += 1 or out=x.",
            )
        if method != "__call__":
            raise missing_rule(f"{ufunc.__name__}.{method}")
        if options:
            raise MissingRuleError(
                f"np.{ufunc.__name__} with the option {sorted(options)[0]!r} has no rule.",
                "Call it without options; choose entries with np.where.",
            )
        return apply(_row(ufunc), inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Options
    ) -> Any:
        row = _row(function)
        if not isinstance(row, Program) and any(isinstance(k, Box) for k in kwargs.values()):
            # an operand given by its name, as in np.round(a=x): find its position
            bound = inspect.signature(function).bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        return apply(row, args, kwargs)

    # Python's operators

    __add__, __radd__ = _operator(np.add), _operator(np.add, swapped=True)
    __sub__, __rsub__ = _operator(np.subtract), _operator(np.subtract, swapped=True)
    __mul__, __rmul__ = _operator(np.multiply), _operator(np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _operator(np.divide), _operator(np.divide, swapped=True)
    __floordiv__ = _operator(np.floor_divide)
    __rfloordiv__ = _operator(np.floor_divide, swapped=True)
    __mod__, __rmod__ = _operator(np.remainder), _operator(np.remainder, swapped=True)
    __pow__, __rpow__ = _operator(np.power), _operator(np.power, swapped=True)
    __neg__, __pos__, __abs__ = _operator(np.negative), _operator(np.positive), _operator(np.abs)
    __eq__, __ne__ = _operator(np.equal), _operator(np.not_equal)
    __lt__, __le__ = _operator(np.less), _operator(np.less_equal)
    __gt__, __ge__ = _operator(np.greater), _operator(np.greater_equal)

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

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


def _row(function: Callable[..., Any]) -> Row:
    """Look up the row of a NumPy function, or raise with the names that come close."""
    row = TABLE.get(function)
    if row is None:
        raise missing_rule(getattr(function, "__name__", str(function)))
    return row


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
