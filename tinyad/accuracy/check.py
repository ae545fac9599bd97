"""Check derivatives against values alone, and say what was compared.

Four witnesses, none of which knows the table of rules: difference quotients for single entries,
the Taylor remainder along a random direction, forward mode against reverse mode, and, for higher
orders, the same again for the derivative itself. Where a function has a kink there is no right
answer but the one-sided slopes; a derivative between them passes, with a note.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.accuracy.judge import entry_verdict, remainder_verdict
from tinyad.accuracy.quotients import Line
from tinyad.accuracy.report import OK, WRONG, Entry, GradientReport, Level, number, power
from tinyad.arguments import Call, name_of, real_output
from tinyad.errors import ArgumentError, GradientCheckError
from tinyad.modes import forward, reverse
from tinyad.rules.primitives import shape_of
from tinyad.trees import flatten

GRADS = {"forward": forward.grad, "reverse": reverse.grad}
ENTRIES = 16  # of one array that are checked one by one

Leaves = list[Any]


def check_grads(
    f: Callable[..., Any],
    args: Any,
    order: int = 2,
    modes: Sequence[str] = ("forward", "reverse"),
) -> GradientReport:
    """Check the derivatives of f at args up to an order, and return a report on it.

    `args` is a tuple of arguments (one alone may stand without a tuple): numbers, arrays, or
    nested lists, tuples and dicts of them. A result that is no single number is multiplied by
    fixed random weights and summed. Of large arrays some entries are checked one by one, all of
    them along a random direction. Raises GradientCheckError, which carries the report, if a
    derivative is wrong or there is nothing to check because f gives NaN or infinity here.

    >>> print(check_grads(lambda x, y: x**2 * y + y + 2, (3.0, 4.0), order=1))
    ✓ the function: derivatives to order 1 agree with differences
    <BLANKLINE>
    Order 1: the gradient
         where       forward  reverse  differences  allowed
      ✓  argument 0       24       24           24    1e-05
      ✓  argument 1       10       10           10    1e-05
      ✓ The Taylor remainder falls like h to the power 2.0; from 2 on the gradient is right.
      ✓ Forward and reverse mode agree along a random direction.
    """
    if unknown := [m for m in modes if m not in GRADS]:
        raise ArgumentError(f"There is no mode {unknown[0]!r}.", f"Choose among {sorted(GRADS)}.")
    args = args if isinstance(args, tuple) else (args,)
    call = Call(f, tuple(range(len(args))), args, {})
    if not call.leaves or order < 1 or not modes:
        raise ArgumentError("There is nothing to check.", "Pass arguments, a mode and order >= 1.")
    name = name_of(f) if name_of(f) != "<lambda>" else "the function"
    random = np.random.default_rng(0)
    checker = _Checker(_paths(args), tuple(modes), random, name)
    checker.check(_projected(call, random, name), call.leaves, "the gradient", 1, order)
    report = GradientReport(name, tuple(checker.levels))
    if not report.passed:
        raise _error(report)
    return report


def _projected(call: Call, random: np.random.Generator, name: str) -> Callable[..., Any]:
    """Return f as a function of its leaves with one number as result."""
    with np.errstate(all="ignore"):
        parts = [real_output(p, name) for p in flatten(call.run(_numpy(call.leaves)))[0]]
    single = len(parts) == 1 and shape_of(parts[0]) == ()
    weights = [
        random.uniform(0.5, 1.5, shape_of(p)).astype(getattr(p, "dtype", float)) for p in parts
    ]

    def scalar(*leaves: Any) -> Any:
        answer = call.run(leaves)
        if single:
            return flatten(answer)[0][0]
        terms = zip(weights, flatten(answer)[0], strict=True)
        return sum((np.sum(w * part) for w, part in terms), start=0.0)

    return scalar


class _Checker:
    """What stays the same through all orders, and the levels found so far."""

    def __init__(
        self, paths: list[str], modes: tuple[str, ...], random: np.random.Generator, name: str
    ) -> None:
        self.paths, self.modes, self.random, self.name = paths, modes, random, name
        self.levels: list[Level] = []

    def check(self, f: Callable[..., Any], leaves: Leaves, of: str, order: int, last: int) -> None:
        """Check the gradient of f, and then the gradients of its directional derivatives."""
        level = Level(f"Order {order}: {of}", order)
        self.levels.append(level)
        value = _number(f, leaves)
        if not math.isfinite(value):
            what = self.name if order == 1 else "the derivative before this one"
            level.lines.append((WRONG, f"{what} gives {value} here: there is nothing to check."))
            return
        argnums = tuple(range(len(leaves)))
        with np.errstate(all="ignore"):  # what is not finite stands in the report
            grads = {m: GRADS[m](f, argnums)(*leaves) for m in self.modes}
        for k, path in enumerate(self.paths):
            self._entries(level, f, leaves, k, path, {m: g[k] for m, g in grads.items()})
        direction = [self._direction(leaf) for leaf in leaves]
        self._along(level, f, leaves, grads, direction)
        if order == last or WRONG in level.verdicts:
            return
        for mode in self.modes:

            def slope(*x: Any, mode: str = mode) -> Any:
                g = GRADS[mode](f, argnums)(*x)
                return sum((np.sum(a * d) for a, d in zip(g, direction, strict=True)), start=0.0)

            inner = f"the gradient of the {mode}-mode derivative along a fixed direction"
            title = inner if order == 1 else f"{inner}, of {of}"
            self.check(slope, leaves, title, order + 1, last)

    def _direction(self, leaf: Any) -> Any:
        size = np.where(np.asarray(leaf) == 0, 1.0, np.abs(leaf))
        signs = self.random.choice([-1.0, 1.0], shape_of(leaf))
        drawn = signs * size * self.random.uniform(0.5, 1.0, shape_of(leaf))
        return drawn.astype(leaf.dtype) if isinstance(leaf, np.ndarray) else float(drawn)

    def _entries(
        self, level: Level, f: Any, leaves: Leaves, k: int, path: str, grads: dict[str, Any]
    ) -> None:
        """Compare single entries of one leaf with difference quotients."""
        places = list(np.ndindex(shape_of(leaves[k])))
        chosen = places
        if len(places) > ENTRIES:
            picks = self.random.choice(len(places), ENTRIES, replace=False)
            chosen = [places[n] for n in sorted(picks)]
        level.left_out += len(places) - len(chosen)
        for place in chosen:
            unit = np.zeros(shape_of(leaves[k]), getattr(leaves[k], "dtype", float))
            unit[place] = 1.0
            line = _line(f, leaves, {k: unit[()]}, abs(float(np.asarray(leaves[k])[place])))
            where = path + (f"[{', '.join(map(str, place))}]" if place else "")
            found = {m: float(np.asarray(g)[place]) for m, g in grads.items()}
            level.entries.append(entry_verdict(where, found, line))

    def _along(
        self, level: Level, f: Any, leaves: Leaves, grads: dict[str, Any], direction: Leaves
    ) -> None:
        """Test the Taylor remainder along a direction, and the modes against each other."""
        pairs = {
            m: [np.vdot(g, d) for g, d in zip(gs, direction, strict=True)]
            for m, gs in grads.items()
        }
        slopes = {m: float(sum(parts)) for m, parts in pairs.items()}
        line = _line(f, leaves, dict(enumerate(direction)), 1.0)
        verdicts = (remainder_verdict(line, mode, s) for mode, s in _different(slopes))
        level.lines += verdicts
        if "forward" in grads and "reverse" in grads:
            # a pass for this one direction, not column by column
            with np.errstate(all="ignore"):
                one = float(forward.jvp(f, leaves, direction)[1])
            size = max(abs(float(p)) for p in pairs["reverse"])
            agree = abs(one - slopes["reverse"]) <= 1e3 * line.u**0.75 * size
            level.lines.append(
                (OK, "Forward and reverse mode agree along a random direction.")
                if agree or one == slopes["reverse"]
                else (
                    WRONG,
                    f"Along a random direction forward mode gives {number(one)}, reverse mode "
                    f"{number(slopes['reverse'])}: one is not the transpose of the other,"
                    " or digits are lost on the way.",
                )
            )


def _different(slopes: dict[str, float]) -> list[tuple[str, float]]:
    """The slopes by mode; one for all, where they agree."""
    (first, s), *others = slopes.items()
    same = all(abs(s - other) <= 1e-12 * abs(s) for _, other in others)
    return [("", s)] if same else [(first, s), *others]


def _line(f: Any, leaves: Leaves, directions: dict[int, Any], scale: float) -> Line:
    """Make the function along a line through the leaves; where it raises, it is NaN."""
    points = _numpy(leaves)
    types = [np.asarray(x).dtype for x in points]
    u = max(float(np.finfo(t).eps) for t in types) / 2
    (lead, along), *_ = directions.items()
    place = np.unravel_index(np.argmax(np.abs(along)), np.shape(along))

    def move(step: float) -> tuple[float, float]:
        moved = list(points)
        for k, d in directions.items():
            moved[k] = points[k] + types[k].type(step) * d
        gone = np.asarray(moved[lead])[place] - np.asarray(points[lead])[place]
        true = float(gone) / float(np.asarray(along)[place])
        try:
            return true, _number(f, moved)
        except (ArithmeticError, ValueError):
            return true, math.nan

    return Line(move, scale, u)


def _number(f: Any, leaves: Leaves) -> float:
    with np.errstate(all="ignore"):
        return float(f(*_numpy(leaves)))


def _numpy(leaves: Sequence[Any]) -> Leaves:
    """Plain floats as NumPy's, which give inf and NaN where Python raises."""
    return [np.float64(x) if type(x) is float else x for x in leaves]


def _paths(args: tuple[Any, ...]) -> list[str]:
    """Name every leaf of the arguments, in the order of `flatten`."""

    def walk(tree: Any, path: str) -> list[str]:
        if isinstance(tree, dict):
            return [p for k, v in tree.items() for p in walk(v, f"{path}[{k!r}]")]
        if isinstance(tree, list | tuple):
            return [p for k, v in enumerate(tree) for p in walk(v, f"{path}[{k}]")]
        return [path]

    return [p for k, arg in enumerate(args) for p in walk(arg, f"argument {k}")]


def _error(report: GradientReport) -> GradientCheckError:
    """Say the first thing that is wrong, and what it may come from."""
    level = next(level for level in report.levels if WRONG in level.verdicts)
    wrong = [e for e in level.entries if e.verdict == WRONG]
    sentences = [sentence for verdict, sentence in level.lines if verdict == WRONG]
    if wrong:
        e = wrong[0]
        values = ", ".join(f"{mode} mode gives {number(v)}" for mode, v in e.derivatives.items())
        what = (
            f"{report.name}, order {level.order}, {e.where}: {values}, differences give "
            f"{number(e.difference)} (allowed {power(e.tolerance)})."
        )
        sentences = [e.note, *sentences] if e.note else sentences
    else:
        what = f"{report.name}, order {level.order}: something is wrong."
    return GradientCheckError(" ".join([what, *sentences]), _remedy(level, wrong), report)


def _remedy(level: Level, wrong: list[Entry]) -> str:
    if not level.entries:
        return "Choose arguments at which the function and its derivatives are finite."
    for e in wrong:
        values = list(e.derivatives.values())
        if not all(map(math.isfinite, values)):
            return "Look for 0 times infinity, as in sqrt at 0; choose another point or formula."
        if max(values) - min(values) > 1e-6 * max(map(abs, values)):
            return "The modes differ: a rule's pullback is not the transpose of its tangent."
    if level.order > 1:
        return (
            "Lower orders are right: does a hand-written partial itself have a derivative? "
            "Constants, stop_gradient and branches in it have none."
        )
    return (
        "Both modes share the rules: look at the partials of the operations on this argument. If "
        "they are right, digits are lost on the way: ad.diagnose says where."
    )
