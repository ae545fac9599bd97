"""Where the digits of a program die, found out without tinyad: Python's ast, NumPy and mpmath.

A program's source is read with `ast` and run by a small interpreter that writes a flat list of
operations. The list is run again in mpmath. What an operation's error does to the answer is found
by pushing that error through the list in high precision, so no rule of calculus is needed; for the
gradient a table of textbook partials is swept backward in float64 and in mpmath, and the outcome
in mpmath is held against differences of values. From these numbers the operation to blame follows
by the rule that diagnosis promises: among the operations whose error reaches the answer, the one
that multiplies the relative error of its operands most.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from hamming_reader import Op, Slot, read
from hamming_tables import EXACT, PULL
from mpmath import mpf

DIGITS = 120
LIMIT = 64  # ulps of the answer that count as sound
NEAR = 2  # candidates this close to the first count as equal

quiet = functools.partial(np.errstate, all="ignore")


@dataclass
class Blame:
    """An operation to blame: its position in the list, its factor, and what it is."""

    position: int
    factor: float
    op: str
    line: int
    value: Any


@dataclass
class Finding:
    """What mpmath says of a program at a point.

    `value_ulps` and `gradient_ulps` are errors of the float64 run in ulps of the truth; `blamed`
    lists the operations to blame, the first one first; `branches` the lines of decisions that
    exact numbers take otherwise.
    """

    value: Any
    truth: Any
    gradient_truth: list[Any]
    value_ulps: float
    gradient_ulps: float
    blamed: list[Blame]
    branches: list[int]
    ops: list[Op]

    @property
    def sound(self) -> bool:
        """Is there nothing to blame anything for?"""
        return self.value_ulps <= LIMIT and self.gradient_ulps <= LIMIT


def exactly(ops: list[Op], inputs: list[Any], change: dict[int, Any] | None = None) -> list[Any]:
    """Run the list in mpmath; `change` is added to the values at its positions."""
    found: list[Any] = []
    for k, op in enumerate(ops):
        if op.name == "input":
            value = inputs[k]
        elif op.flat:
            value = _exact(op.value)  # a decision: exact numbers follow the one of float64
        else:
            operands = [found[o.position] if isinstance(o, Slot) else _exact(o) for o in op.args]
            value = EXACT[op.name](*operands, **op.options)
        if change and k in change:
            value = value + change[k]
        found.append(value)
    return found


def truth(f: Callable[..., Any], *args: Any, digits: int = DIGITS) -> tuple[Any, list[Any]]:
    """The exact value of f and its partial derivatives, by differences of exact values."""
    ops, answer = read(f, args)
    with mpmath.workdps(digits):
        inputs = [_exact(a) for a in args]
        values = exactly(ops, inputs)
        slopes = _slopes(ops, inputs, values)
        split = np.cumsum([np.size(a) for a in args])[:-1]
        flat = [s[answer.position] for s in slopes]
        parts = np.split(np.array(flat, dtype=object), split)
        shaped = [p.reshape(np.shape(a)) for p, a in zip(parts, args, strict=True)]
        return values[answer.position], [s[()] if s.ndim == 0 else s for s in shaped]


def find(f: Callable[..., Any], *args: Any) -> Finding:
    """Judge f at args: value, gradient, and the operation to blame."""
    with quiet():
        ops, answer = read(f, args)
    with mpmath.workdps(DIGITS), quiet():
        return _Judge(ops, answer, args).finding()


class _Judge:
    """The numbers that judging a program needs, each made once."""

    def __init__(self, ops: list[Op], answer: Slot, args: Any) -> None:
        self.ops, self.out = ops, answer.position
        self.inputs = [_exact(a) for a in args]
        self.exact = exactly(ops, self.inputs)
        self.float = [op.value for op in ops]
        self.dtype = np.asarray(self.float[self.out]).dtype
        self.u = float(np.finfo(self.dtype).eps) / 2
        self.errors = [_relative(a, e) for a, e in zip(self.float, self.exact, strict=True)]

    def finding(self) -> Finding:
        value, true = self.float[self.out], self.exact[self.out]
        ulps = _ulps(value, true, self.dtype)
        if not _finite(value):
            ulps = np.inf
        blamed = self.by_value() if ulps > LIMIT else []
        computed, adjoints = self.sweep(self.float, float), self.sweep(self.exact, mpf)
        slopes = _slopes(self.ops, self.inputs, self.exact)
        gradient = self.gradient(slopes)
        worst = 0.0
        for k, g in enumerate(gradient):
            worst = max(worst, _ulps(computed.total(k, self.float[k]), g, self.dtype))
        if not blamed and worst > LIMIT:
            blamed = self.by_gradient(computed, adjoints, slopes, gradient)
        flips = [op.line for op in self.ops if self.flipped(op)]
        return Finding(value, true, gradient, ulps, worst, blamed, flips, self.ops)

    def gradient(self, slopes: list[list[Any]]) -> list[Any]:
        """Split the slopes of the answer up into one part per argument."""
        found, first = [], 0
        for a in self.inputs:
            flat = [np.sum(s[self.out]) for s in slopes[first : first + np.size(a)]]
            first += np.size(a)
            found.append(np.array(flat, dtype=object).reshape(np.shape(a))[()])
        return found

    def by_value(self) -> list[Blame]:
        """First what makes NaN or infinity of finite numbers, else the greatest factor."""
        for k, op in enumerate(self.ops):
            if op.name != "input" and not _finite(op.value) and self.matters(k):
                return [self.blame(k, np.inf)]
        limit = LIMIT * _ulp(self.exact[self.out], self.dtype)
        factors = []
        for k, op in enumerate(self.ops):
            if op.name == "input" or op.flat or not np.any(self.errors[k] > 0):
                continue
            effect = self.effect(k)
            if np.any(effect > limit):
                factors.append((self.factor(k, effect > limit), k))
        return self.ranked(factors)

    def matters(self, k: int) -> bool:
        """Did NaN or infinity come in here, of finite operands, and does the answer look at it?"""
        if not all(_finite(self.float[o.position]) for o in self.ops[k].slots):
            return False
        looked_at = {self.out}
        for n in range(self.out, k, -1):
            if n in looked_at:
                looked_at.update(o.position for o in self.taken(self.ops[n]))
        return k in looked_at

    def taken(self, op: Op) -> list[Slot]:
        """The operands that went into the value: of a `where` on one number, the chosen one."""
        if op.name == "where" and np.ndim(mask := self.plain(op.args[0])) == 0:
            return [o for o in [op.args[1 if mask else 2]] if isinstance(o, Slot)]
        return op.slots

    def plain(self, operand: Any) -> Any:
        return self.float[operand.position] if isinstance(operand, Slot) else operand

    def effect(self, k: int) -> Any:
        """For each entry of this value, what its error does to the answer."""
        value = np.asarray(self.exact[k], dtype=object)
        error = np.asarray(_exact(self.float[k]) - self.exact[k], dtype=object)
        found = np.zeros(value.shape, dtype=object)
        for place in np.ndindex(value.shape):
            push = np.zeros(value.shape, dtype=object)
            push[place] = error[place]
            moved = _along(self.ops, self.inputs, self.exact, {k: push[()]})[self.out]
            found[place] = max(abs(m) for m in np.ravel(np.asarray(moved, dtype=object)))
        return found

    def factor(self, k: int, reaching: Any) -> float:
        """By how much this operation multiplies the relative error of what it is given."""
        came = self.u
        for o in self.ops[k].slots:
            came = max(came, float(np.max(self.errors[o.position])))
        return float(np.max(np.where(reaching, self.errors[k], 0.0))) / came

    def sweep(self, values: list[Any], kind: Any) -> _Sweep:
        """Run the list backward with textbook partials, on these values."""
        sweep = _Sweep()
        seed = np.ones(np.shape(values[self.out]), self.dtype)[()]
        sweep.add(self.out, None, seed if kind is float else _exact(seed))
        for k in range(len(self.ops) - 1, -1, -1):
            op = self.ops[k]
            if op.name == "input" or op.flat or k not in sweep.totals:
                continue
            operands = [values[o.position] if isinstance(o, Slot) else o for o in op.args]
            if kind is mpf:
                operands = [_exact(o) for o in operands]
            for n, o in enumerate(op.args):
                if isinstance(o, Slot) and not self.ops[o.position].flat:
                    pull = PULL[op.name]
                    term = pull(n, sweep.totals[k], values[k], operands, op.options, kind)
                    sweep.add(o.position, k, term)
        return sweep

    def by_gradient(
        self, computed: _Sweep, exact: _Sweep, slopes: list[list[Any]], gradient: list[Any]
    ) -> list[Blame]:
        """The same over the backward pass, as the operation whose pullback it is."""
        makers = []
        for k, _, a, before in computed.terms:
            if k is not None and not _finite(a) and _finite(before):
                given = [self.float[k], *(self.float[o.position] for o in self.ops[k].slots)]
                makers.append((all(_finite(g) for g in given), k))
        if makers:  # of finite numbers if there is such a one, else of finite adjoints
            return [self.blame(next((k for strict, k in makers if strict), makers[0][1]), np.inf)]
        limits = np.concatenate([np.ravel(LIMIT * _ulp(g, self.dtype)) for g in gradient])
        factors: list[tuple[float, int]] = []
        error_of: dict[int, float] = {}
        for (k, target, a, before), (_, _, e, exact_before) in zip(
            computed.terms, exact.terms, strict=True
        ):
            error = _relative(a, e)
            if k is not None:
                came = [self.u, float(np.max(_relative(before, exact_before)))]
                came += [float(np.max(self.errors[o.position])) for o in self.ops[k].slots]
                came.append(float(np.max(self.errors[k])))
                if self.carries(target, a, e, slopes, limits):
                    factors.append((float(np.max(error)) / max(came), k))
            error_of[target] = max(error_of.get(target, 0.0), float(np.max(error)))
        for target, terms in computed.givers().items():
            a, e = computed.totals[target], exact.totals[target]
            if len(terms) > 1 and self.carries(target, a, e, slopes, limits):
                found = float(np.max(_relative(a, e))) / max(self.u, error_of[target])
                factors += [(found, k) for k in {*terms, target} if self.ops[k].name != "input"]
        return self.ranked(factors)

    def carries(
        self, target: int, a: Any, e: Any, slopes: list[list[Any]], limits: list[Any]
    ) -> bool:
        """Does the error of this adjoint reach an entry of the gradient?"""
        error = _exact(a) - e
        for slope, limit in zip(slopes, limits, strict=True):
            moved = np.sum(error * slope[target])
            if not abs(moved) <= limit:
                return True
        return False

    def flipped(self, op: Op) -> bool:
        """Would exact numbers decide otherwise?"""
        if not op.flat or op.name == "input":
            return False
        operands = [self.exact[o.position] if isinstance(o, Slot) else _exact(o) for o in op.args]
        return bool(np.any(np.asarray(EXACT[op.name](*operands, **op.options)) != op.value))

    def ranked(self, factors: list[tuple[float, int]]) -> list[Blame]:
        best: dict[int, float] = {}
        for factor, k in factors:
            best[k] = max(best.get(k, 0.0), factor)
        order = sorted(best, key=lambda k: (-best[k], k))
        return [self.blame(k, best[k]) for k in order if best[k] * NEAR >= best[order[0]]]

    def blame(self, k: int, factor: float) -> Blame:
        return Blame(k, factor, self.ops[k].name, self.ops[k].line, self.ops[k].value)


class _Sweep:
    """Adjoints by position, and each term that went into them with the adjoint it came from."""

    def __init__(self) -> None:
        self.totals: dict[int, Any] = {}
        self.terms: list[tuple[int | None, int, Any, Any]] = []

    def add(self, target: int, k: int | None, term: Any) -> None:
        self.terms.append((k, target, term, None if k is None else self.totals[k]))
        self.totals[target] = self.totals[target] + term if target in self.totals else term

    def total(self, k: int, like: Any) -> Any:
        return self.totals.get(k, np.asarray(like) * 0)

    def givers(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for k, target, _, _ in self.terms:
            if k is not None:
                found.setdefault(target, []).append(k)
        return found


def _exact(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "f":
            return value
        return np.frompyfunc(lambda v: mpf(float(v)), 1, 1)(value)
    if isinstance(value, float | np.floating):
        return mpf(float(value))
    return mpf(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _along(ops: list[Op], inputs: list[Any], at: list[Any], change: dict[int, Any]) -> list[Any]:
    """How all values move when those at some positions do, per unit of that change.

    A difference whose step is a third of all digits away is right to another third of them.
    """
    step = mpf(10) ** (-mpmath.mp.dps // 3)
    moved = exactly(ops, inputs, {k: d * step for k, d in change.items()})
    pairs = zip(ops, moved, at, strict=True)
    return [0 if op.flat else (m - v) / step for op, m, v in pairs]


def _slopes(ops: list[Op], inputs: list[Any], at: list[Any]) -> list[list[Any]]:
    """How all values move with each entry of each argument, per unit of that entry."""
    found = []
    smallest = mpf(10) ** (-mpmath.mp.dps // 4)  # what counts as the size of a 0
    for k, a in enumerate(inputs):
        for place in np.ndindex(np.shape(a)):
            entry = a[place] if place else a
            size = abs(entry) if entry else smallest
            change = np.full(np.shape(a), mpf(0), dtype=object)
            change[place] = size
            moved = _along(ops, inputs, at, {k: change if place else size})
            found.append([m / size for m in moved])
    return found


def _finite(value: Any) -> bool:
    flat = np.ravel(np.asarray(value, dtype=object))
    return all(mpmath.isfinite(v) if isinstance(v, mpf) else np.isfinite(v) for v in flat)


def _relative(value: Any, true: Any) -> Any:
    def one(v: Any, t: Any) -> float:
        v, t = _exact(v), _exact(t)
        if v == t or isinstance(v, bool | np.bool_ | int | np.integer):
            return 0.0
        if not mpmath.isfinite(v) or not mpmath.isfinite(t) or t == 0:
            return float("inf")
        return float(abs((v - t) / t))

    return np.asarray(np.frompyfunc(one, 2, 1)(value, true), dtype=float)


def _ulp(true: Any, dtype: Any) -> Any:
    def one(t: Any) -> Any:
        if not mpmath.isfinite(t):
            return mpf(0)
        return mpf(float(np.spacing(np.asarray(abs(float(t)), dtype=dtype))))

    return np.frompyfunc(one, 1, 1)(true)


def _ulps(value: Any, true: Any, dtype: Any) -> float:
    """The greatest error in ulps of the truth; a NaN or a wrong infinity counts as infinite."""

    def one(v: Any, t: Any) -> float:
        v, t = _exact(v), _exact(t)
        if v == t:
            return 0.0
        if not mpmath.isfinite(v) or not mpmath.isfinite(t):
            return float("inf")
        ulp = _ulp(t, dtype)
        return float(abs(v - t) / ulp) if mpmath.isfinite(ulp) and ulp else float("inf")

    return float(np.max(np.asarray(np.frompyfunc(one, 2, 1)(value, true), dtype=float)))
