"""Which operation to blame: the one that turned small errors into large ones.

An error reaches the answer if, times the derivative of the answer, it exceeds 64 ulps of it.
Among the operations whose error does, the one is to blame that multiplied the relative error of
its operands most. Where NaN or infinity came up, it is the first operation that made one of finite
numbers. For a wrong gradient of a right value the same is asked of the pullbacks: an adjoint's
error reaches the gradient times the tangent of the value that it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinyad.accuracy.diagnose.evidence import Evidence
from tinyad.accuracy.diagnose.measure import Error, all_finite, error, finite, unit
from tinyad.accuracy.shadow.shadowing import bare
from tinyad.rules.joint import Joint
from tinyad.rules.primitives import stop
from tinyad.views.record import Ref, Step, values

GREW = 16  # an operation that multiplies an error by less only passes it on


class Suspect(NamedTuple):
    """An operation, and by how much it multiplied the relative error of what it got.

    For a pullback, `meets` says that its term cancels where it meets others.
    """

    position: int
    factor: float
    meets: bool = False


class Blame:
    """Who spoiled the value, and who the gradient: `worst` is the position of the one to blame.

    `broken` and `broken_pullbacks` made NaN or infinity, the others grew an error; by position.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.values: dict[int, Suspect] = {}
        self.pullbacks: dict[int, Suspect] = {}
        self.broken: list[int] = []
        self.broken_pullbacks: list[int] = []
        self.worst: int | None = None
        if not evidence.value_is_right:
            self.values = {s.position: s for s in value_suspects(evidence)}
            self.broken = _broken(evidence, self.values)
            first = min((k for k in self.broken if got_finite(evidence, k)), default=None)
            self.worst = self._by_values(evidence) if first is None else first
        if not evidence.gradient_is_right:
            for s in pullback_suspects(evidence):
                if s.factor >= self.pullbacks.get(s.position, s).factor:
                    self.pullbacks[s.position] = s
            self.broken_pullbacks = _broken_pullbacks(evidence)
            if evidence.value_is_right:
                self.worst = self._by_pullbacks(evidence)

    def _by_values(self, evidence: Evidence) -> int | None:
        suspects = [*self.values.values()]
        if any(s.row is not None and s.row.function is stop for s in evidence.steps):
            suspects += _factors(evidence)  # no derivative tells what reaches the answer
        return _greatest(suspects, evidence)

    def _by_pullbacks(self, evidence: Evidence) -> int | None:
        if self.broken_pullbacks:
            return self.broken_pullbacks[0]
        suspects = [*self.pullbacks.values()]
        if max((s.factor for s in suspects), default=0.0) < GREW:
            suspects += _read_by_pullbacks(evidence)
        return _greatest(suspects, evidence)


def _greatest(suspects: Iterable[Suspect], evidence: Evidence) -> int | None:
    found = list(suspects) or [s for s in _factors(evidence) if s.factor > 1]
    greatest = max((s.factor for s in found), default=0.0)
    return min((s.position for s in found if s.factor == greatest), default=None)


def reaching(off: Error, weight: Any, limit: float) -> float:
    """The greatest relative error among entries whose error, times a derivative, is beyond a limit.

    0 if there is none.
    """
    if type(off.relative) is float:
        far = off.relative and weight is not None and abs(off.absolute * weight) > limit
        return off.relative if far else 0.0
    if weight is None or off.worst == 0:
        return 0.0
    effect = np.where(off.relative == 0, 0.0, off.absolute * np.asarray(weight))
    large = np.asarray(np.abs(effect) > limit, dtype=bool)
    if not np.any(large) and abs(np.sum(effect)) > limit:
        return off.worst  # none by itself, but all together
    return float(np.max(np.where(large, off.relative, 0.0), initial=0.0))


# The value


def value_suspects(evidence: Evidence) -> Iterator[Suspect]:
    """The operations whose error reaches the answer."""
    for k, step in enumerate(evidence.steps):
        off = evidence.errors[k]
        worst = reaching(off, evidence.adjoint(k), evidence.limit) if off.worst else 0.0
        if worst and step.row is not None:
            yield Suspect(k, _over(worst, evidence.came(step)))


def _factors(evidence: Evidence) -> Iterator[Suspect]:
    """All operations, where no error reaches the answer by way of derivatives."""
    for k, step in enumerate(evidence.steps):
        if step.row is not None:
            yield Suspect(k, _over(evidence.errors[k].worst, evidence.came(step)))


def _over(error: float, came: float) -> float:
    return 0.0 if came == np.inf else error / came


def _broken(evidence: Evidence, suspects: Iterable[int]) -> list[int]:
    """The operations by which NaN or infinity spoiled the answer."""
    outputs = zip(evidence.run.outputs, evidence.excess, strict=True)
    spoiled = {int(o) for o, off in outputs if type(o) is Ref and np.any(off > 1)} | {*suspects}
    spoiled = {k for k in spoiled if not all_finite(evidence.steps[k].value)}
    for k in range(len(evidence.steps) - 1, -1, -1):
        if k in spoiled:
            spoiled.update(_broken_operands(evidence, evidence.steps[k]))
    return sorted(k for k in spoiled if evidence.steps[k].row is not None)


def got_finite(evidence: Evidence, k: int) -> bool:
    """Did this operation get nothing but finite numbers?"""
    return all(all_finite(v) for v in values(evidence.run.record, evidence.steps[k].operands))


def _broken_operands(evidence: Evidence, step: Step) -> Iterator[int]:
    """The operands that are not finite, where they are looked at."""
    chosen: Any = None
    if isinstance(step.row, Joint) and step.row.fixed:
        chosen = np.asarray(values(evidence.run.record, step.operands)[0], dtype=bool)
    for n, o in enumerate(step.operands):
        if type(o) is Ref:
            broken = ~np.asarray(finite(evidence.steps[o].value))
            if chosen is not None and n > 0:
                broken = broken & (chosen if n == 1 else ~chosen)
            if np.any(broken):
                yield int(o)


# The gradient


def pullback_suspects(evidence: Evidence) -> Iterator[Suspect]:
    """The operations whose contribution to an adjoint is off, or cancels there."""
    givers: dict[int, list[int]] = {}
    given: dict[int, float] = {}
    exact = evidence.replay.sweep.statements
    for statement, true in zip(evidence.sweep.statements, exact, strict=True):
        k, target = statement.of, statement.target
        off = error(statement.term, bare(true.term))
        if k is not None:
            givers.setdefault(target, []).append(k)
            given[target] = max(given.get(target, 0.0), off.worst)
            came = max(evidence.came(evidence.steps[k]), evidence.errors[k].worst)
            came = max(came, evidence.adjoint_errors[k].worst)
            yield from _suspect(evidence, target, off, came, k)
    for target, sources in givers.items():
        if len(sources) > 1:
            off = evidence.adjoint_errors[target]
            came = max(unit(evidence.steps[target].value), given[target])
            for k in sources:
                yield from _suspect(evidence, target, off, came, k, meets=True)


def _suspect(
    evidence: Evidence, target: int, off: Error, came: float, of: int, meets: bool = False
) -> Iterator[Suspect]:
    if worst := reaching(off, evidence.tangents[target], evidence.gradient_limit):
        yield Suspect(of, _over(worst, came), meets)


def _read_by_pullbacks(evidence: Evidence) -> list[Suspect]:
    """Operations whose value is off enough to explain a gradient that no pullback has spoiled."""
    least = max(off.worst for off in evidence.gradient_errors) / GREW
    return [s for s in _factors(evidence) if evidence.errors[s.position].worst > least]


def _broken_pullbacks(evidence: Evidence) -> list[int]:
    """The pullbacks that made NaN or infinity of a finite adjoint and spoiled the gradient.

    Those that read nothing but finite numbers go before those that read an infinite value.
    """
    gradient = enumerate(evidence.gradient)
    spoiled = {k for k, g in gradient if not all_finite(g)}
    found: list[tuple[bool, int]] = []
    for statement in reversed(evidence.sweep.statements):
        k = statement.of
        if statement.target not in spoiled or k is None or all_finite(statement.term):
            continue
        if not all_finite(evidence.sweep.adjoints[k]):
            spoiled.add(k)
            continue
        found.insert(0, (not (all_finite(evidence.steps[k].value) and got_finite(evidence, k)), k))
    return [k for _, k in sorted(found, key=lambda pair: pair[0])]
