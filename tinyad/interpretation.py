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
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

from tinyad.errors import EscapedValueError, MissingRuleError, TinyadError
from tinyad.rules import TABLE, Row
from tinyad.rules.rows import NO_OPTIONS, Constant, Differentiable, Options, Program

_levels = itertools.count()


class Box:
    """A value on its way through a program, with the interpretation that put it there."""

    __slots__ = ("interpretation", "value")

    def __init__(self, value: Any, interpretation: Interpretation) -> None:
        self.value = value
        self.interpretation = interpretation

    def decided(self, kind: str = "value") -> Any:
        """The plain value behind this box, which Python itself is about to act on."""
        return self.interpretation.decided(self, kind)


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
        self.process = _ended  # type: ignore[method-assign, assignment]

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Any:
        """Say what this operation means: compute its value, and whatever travels with it."""
        raise NotImplementedError

    def constant(self, row: Constant, operands: Sequence[Any], options: Options) -> Any:
        """Say what an operation without a derivative means: here, the value one level down."""
        return apply(row, self.primals(operands), options)

    def decided(self, box: Box, kind: str) -> Any:
        """Hand a value to Python: to an `if` ("bool"), a count ("int"), an index ("value").

        From then on the program's course depends on it. Who records programs makes a note.
        """
        return box.value.decided(kind) if isinstance(box.value, Box) else box.value

    def flat(self, box: Box) -> bool:
        """Does this box hold what has no derivative anyway, such as a mask or a position?"""
        return False

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
    if kwargs and row.read is None and any(isinstance(k, Box) for k in kwargs.values()):
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
        return top.constant(row, operands, options)
    assert isinstance(row, Differentiable)
    return top.process(row, operands, options)


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
