"""Evolution traces: every operation of one run in a row of its own, as the literature prints them.

The inputs are v₁₋ₙ … v₀, the operations v₁, v₂, … (Griewank and Walther, Evaluating Derivatives,
2008, chapter 2). Beside each primal stand its tangent, and what it contributes to the adjoints:
forward mode is read from the top down, reverse mode from the bottom up.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from tinyad.arguments import Call, check_signature, plain, promote
from tinyad.errors import ArgumentError, OutputError
from tinyad.modes.tape import filled
from tinyad.picture import Picture
from tinyad.rules.primitives import Shape, ones_like, shape_of
from tinyad.trees import flatten
from tinyad.views.record import Record, Ref, Run, run
from tinyad.views.trace import replay
from tinyad.views.trace.graph import graph
from tinyad.views.trace.rows import Names, TraceRow, adjoint_rows, value_rows, zero_or
from tinyad.views.trace.table import Table


class Trace:
    """The trace of one run. It shows itself as a table, in HTML or as text.

    `rows` holds the inputs, the operations and the outputs, in order of execution, and
    `adjoint_rows` the statements of the reverse pass in theirs. `trace["v1"]` finds a row. The
    methods `forward` and `reverse` return new traces, with the columns they are called for.
    """

    def __init__(
        self,
        run: Run,
        call: Call,
        names: Names,
        tangents: Sequence[Any] | None = None,
        sweep: replay.Sweep | None = None,
    ) -> None:
        self.run, self.call, self.names = run, call, names
        self.tangents, self.sweep = tangents, sweep

    @property
    def record(self) -> Record:
        """The recorded program: its steps, and the guards of the branches that it took."""
        return self.run.record

    def forward(self, *seeds: Any) -> Trace:
        """Return the trace with tangents: the derivative in the direction of the seeds.

        One seed per argument, shaped and nested as it is; a single number has seed 1 if none is
        given. Raises ArgumentError where seeds do not fit.

        >>> trace(lambda x1, x2: x1 * x2, 2, 5).forward(1, 0).tangent
        5.0
        """
        inputs = self.record.inputs
        first = ", ".join(["1", *"0" * (len(inputs) - 1)])
        leaves = _seeds(
            seeds, inputs, "seed", "argument", f".forward({first}) differentiates in the first"
        )
        return Trace(
            self.run, self.call, self.names, replay.tangents(self.record, leaves), self.sweep
        )

    def reverse(self, *adjoints: Any) -> Trace:
        """Return the trace with adjoints: the derivatives of the output in every value.

        A single number as output has adjoint 1 if none is given; otherwise pass one adjoint per
        output, shaped and nested as it is. Raises ArgumentError where they do not fit.

        >>> trace(lambda x1, x2: x1 * x2, 2, 5).reverse().gradient
        (5.0, 2.0)
        """
        outputs = [self._value(o) for o in self.run.outputs]
        leaves = _seeds(
            adjoints, outputs, "adjoint", "output", ".reverse(u) differentiates the sum of u·y"
        )
        sweep = replay.Sweep(self.record, self.run.outputs, leaves)
        return Trace(self.run, self.call, self.names, self.tangents, sweep)

    @cached_property
    def rows(self) -> tuple[TraceRow, ...]:
        """The inputs, the operations and the outputs, in order of execution."""
        return tuple(value_rows(self.run, self.names, self.tangents, self.sweep))

    @cached_property
    def adjoint_rows(self) -> tuple[TraceRow, ...]:
        """The statements of the reverse pass, in order of execution; none before `reverse`."""
        if self.sweep is None:
            return ()
        return tuple(adjoint_rows(self.rows, self.run, self.names, self.sweep))

    def __getitem__(self, name: str) -> TraceRow:
        """Return the row of a value by its name: "v-1", "v1", "y", or an argument's name."""
        known = {_typed(label): self.rows[k] for k, label in enumerate(self.names.inputs)}
        known |= {_typed(row.name): row for row in self.rows}
        if _typed(str(name)) not in known:
            raise ArgumentError(
                f"The trace has no value {name!r}.",
                f"Its values are called {', '.join(list(known)[:6])} and so on.",
            )
        return known[_typed(str(name))]

    @property
    def value(self) -> Any:
        """What the function returned."""
        return self.run.rebuild([plain(self._value(o)) for o in self.run.outputs])

    @property
    def tangent(self) -> Any:
        """The tangent of what the function returned. Raises OutputError before `forward`."""
        if self.tangents is None:
            raise OutputError("This trace has no tangents yet.", "Call .forward(...) first.")
        outputs = self.rows[len(self.record.steps) :]
        return self.run.rebuild([zero_or(row.tangent, row.value) for row in outputs])

    @property
    def gradient(self) -> Any:
        """The adjoint of the argument, or a tuple of them. Raises OutputError before `reverse`."""
        if self.sweep is None:
            raise OutputError("This trace has no adjoints yet.", "Call .reverse() first.")
        inputs = self.record.inputs
        found = [self.sweep.adjoints.get(k) for k in range(len(inputs))]
        return self.call.gradient(filled(found, inputs))

    def _value(self, operand: Any) -> Any:
        return self.record.steps[operand].value if type(operand) is Ref else operand

    # How it looks

    def table(self, digits: int | None = None, rows: slice | None = None) -> Table:
        """Return the trace as a table: with numbers rounded to so many digits, or only some rows.

        Without `rows`, of a long trace the middle is folded.
        """
        return Table(self, digits, rows)

    def latex(self, digits: int | None = None) -> str:
        """Return the table as a LaTeX array."""
        return self.table(digits).latex()

    def graph(self) -> Picture:
        """Return the computational graph: values in the nodes, local partials on the edges.

        Tangents and adjoints join the values once `forward` or `reverse` has run. Raises
        ArgumentError where the output is a constant.
        """
        return graph(self)

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_html_(self) -> str:
        return self.table().html()


def trace(function: Callable[..., Any], *args: Any, names: Sequence[str] | None = None) -> Trace:
    """Run the function once and return the trace of every operation in it.

    The arguments are numbers, arrays, or nested lists, tuples and dicts of them, and so is what
    the function returns. `names` are those of the arguments, or of all numbers and arrays in them;
    without it the function's own parameter names are used. Works on derivatives too: the trace of
    `ad.grad(f)` shows the adjoint program itself. Raises ArgumentError for bad arguments or names,
    OutputError where the function returns no numbers.

    Source: Griewank and Walther, Evaluating Derivatives, 2008, sections 2.2, 3.1 and 3.2.

    >>> import numpy as np
    >>> t = trace(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), 2, 5)
    >>> [row.name for row in t.rows]
    ['v₋₁', 'v₀', 'v₁', 'v₂', 'v₃', 'v₄', 'v₅', 'y']
    >>> t.value, t.reverse().gradient
    (11.652071455223084, (5.5, 1.7163378145367738))
    """
    if not callable(function):
        check_signature(function, args)
    call = Call(function, tuple(range(len(args))) if len(args) != 1 else 0, args, {})
    labels = _leaf_names(function, args, names)
    recorded = run(call)
    return Trace(recorded, call, Names(labels, recorded))


def _seeds(
    seeds: Sequence[Any], values: Sequence[Any], what: str, whose: str, example: str
) -> list[Any]:
    """Check that there is one seed for each of the values, of its shape."""
    shapes = [shape_of(v) for v in values]
    if not seeds and shapes == [()]:
        seeds = (ones_like(plain(values[0])),)
    leaves = [promote(leaf, f"The {what}") for leaf in flatten(tuple(seeds))[0]]
    given = [shape_of(leaf) for leaf in leaves]
    if given != shapes:
        raise ArgumentError(
            f"There are {_count(given, what)}, for {_count(shapes, whose)}.",
            f"Pass one {what} per {whose}, of the same shape: {example}.",
        )
    return leaves


def _count(shapes: Sequence[Shape], what: str) -> str:
    plural = "" if len(shapes) == 1 else "s"
    arrays = f" of shape{plural} {', '.join(map(str, shapes))}" if any(shapes) else ""
    return f"{len(shapes) or 'no'} {what}{plural}{arrays}"


def _leaf_names(
    function: Callable[..., Any], args: Sequence[Any], names: Sequence[str] | None
) -> list[str]:
    """The names of all numbers and arrays among the arguments."""
    leaves = len(flatten(tuple(args))[0])
    if names is None:
        return _paths(args, _parameters(function, len(args)))
    if isinstance(names, str) or not all(isinstance(n, str) and n.strip() for n in names):
        raise ArgumentError(
            f"names is {names!r}, which is not a list of names.",
            'Pass one string per argument, as in names=("x1", "x2").',
        )
    if len(names) not in (len(args), leaves) or len(set(names)) < len(names):
        raise ArgumentError(
            f"names has {len(names)} entries, {len(set(names))} of them different; the function "
            f"was called with {len(args)} argument(s).",
            "Pass one name per argument, each a different one.",
        )
    return list(names) if len(names) == leaves else _paths(args, names)


def _parameters(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the function's parameters; x₁, x₂ … where it has none for some argument."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters[:count] if p.kind in kinds]
    return names if len(names) == count else [f"x{k + 1}" for k in range(count)]


def _paths(args: Sequence[Any], names: Sequence[str]) -> list[str]:
    """One name for each number or array inside the arguments, such as w['bias'][0]."""
    waiting = list(zip(names, args, strict=True))[::-1]
    found = []
    while waiting:
        name, tree = waiting.pop()
        if isinstance(tree, dict):
            waiting += [(f"{name}[{key!r}]", part) for key, part in tree.items()][::-1]
        elif isinstance(tree, list | tuple):
            waiting += [(f"{name}[{k}]", part) for k, part in enumerate(tree)][::-1]
        else:
            found.append(name)
    return found


def _typed(name: str) -> str:
    """A name as one types it: v-1 for v₋₁."""
    return re.sub(r"_(?=\d)", "", name.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉₋", "0123456789-")))
