"""The measure of a candidate: its digits at points where the truth is known.

Three sets of points: the point itself, an interval around it, and the whole domain, as far as
random points tell. At each, mpmath says what the original program would be without rounding, value
and derivatives. Where the original has a hole (0/0), the truth is the limit of both sides.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tinyad.accuracy.shadow import truth
from tinyad.accuracy.shadow.shadowing import Shadowing, bare
from tinyad.modes.reverse import vjp

Floats = np.ndarray[Any, Any]
FULL = 16.0  # digits of a float
TINY = 2e-323  # what has so few digits is as good as any neighbor
STEPS = (1e-40, 1e-70)  # how near a hole is looked at
AROUND = (1e-12, -1e-9, 1e-6, -1e-4, 1e-3, -1e-2, 0.05, -0.1, 0.3)
RANDOM = 48  # points across the domain
GROUP = 8  # points whose truth is found together
PRECISIONS = (60, 500)  # digits to compare two programs; most are settled by the first
SAME = 1e-12  # a candidate that differs by more, where nothing is rounded, is another function


class Digits(NamedTuple):
    """How many digits are right: of the value, and of the worst derivative."""

    value: float
    derivative: float


@dataclass
class Measure:
    """Points, one in each column of `points`, with the truth there.

    The first is the point to be repaired, those up to `near` are around it, the others are
    anywhere, the last `single` ones with an argument of 0 or ±1. `value` and `slopes` are the truth
    as floats, `hole` says where it is a limit.
    """

    points: Floats
    near: int
    value: Floats
    slopes: Floats
    hole: Floats
    single: int

    def digits(self, program: Callable[..., Any], some: slice = slice(None)) -> Floats:
        """Right digits of a program's value (first row) and worst slope, at some of the points."""
        value, slopes = evaluated(program, self.points[:, some])
        first = right_digits(value, self.value[some])
        return np.stack([first, right_digits(slopes, self.slopes[:, some]).min(axis=0)])

    def wrong(self, program: Callable[..., Any], slope: int | None = None) -> Floats:
        """Where a program, without rounding, is not what the original is (or one of its slopes)."""
        true = self.value if slope is None else self.slopes[slope]
        # what a change of each argument in its last digits could explain
        with np.errstate(all="ignore"):
            slack = 4 * np.spacing(1.0) * np.abs(self.points * self.slopes).sum(axis=0)
            slack = SAME * np.abs(true) + (np.nan_to_num(slack) if slope is None else 0.0)
        off = np.ones(true.shape, bool)
        for digits in PRECISIONS:
            value = in_digits(program, self.points[:, off], digits)
            with np.errstate(all="ignore"):
                apart = np.abs(value - true[off]) > slack[off]
            off[off] = apart | (np.isnan(value) != np.isnan(true[off]))
        # at a single point, such as x = 0, only what is computed counts, not what is meant
        single = np.arange(off.size) >= off.size - self.single
        computed = evaluated(program, self.points)[0]
        return np.where(single, right_digits(computed, true) < 1, off)


def in_digits(program: Callable[..., Any], points: Floats, digits: int) -> Floats:
    """The value of a program at points, computed with that many digits."""
    with Shadowing(digits) as shadowing, np.errstate(all="ignore"):
        value = bare(program(*(shadowing.shadow(x) for x in points)))
    return np.broadcast_to(value, points.shape[1:]).astype(float)


def right_digits(computed: Floats, true: Floats) -> Floats:
    """How many digits are right, between 0 and 16; all of them where both are NaN."""
    with np.errstate(all="ignore"):
        error = np.abs(computed - true)
        digits = -np.log10(np.where(error <= TINY, 0.0, error) / np.abs(true))
    digits = np.where(np.isnan(digits), 0.0, np.clip(digits, 0.0, FULL) + 0.0)
    same = (computed == true) | (np.isnan(computed) & np.isnan(true)) | (error <= TINY)
    return np.where(same, FULL, digits)


def evaluated(program: Callable[..., Any], points: Floats) -> tuple[Floats, Floats]:
    """The value and the slopes of a program at points, in floating point."""
    size = points.shape[1]
    with np.errstate(all="ignore"):
        value, pullback = vjp(program, *points)
        slopes = pullback(np.ones(size)) if np.ndim(value) else np.zeros_like(points)
    return np.broadcast_to(value, (size,)), np.stack(list(slopes))


def measure(
    program: Callable[..., Any], args: Sequence[float], centers: Sequence[float]
) -> Measure:
    """Choose points and find the truth there; `centers` are numbers of the program."""
    rng = np.random.default_rng(0)
    point = np.array(args)
    near = _near(point, centers, rng)
    single = _single(point)
    points = np.concatenate([near, _far(point, rng), single], axis=1)
    parts = [_truth(program, part) for part in _grouped(points, near.shape[1])]
    value = np.concatenate([v for v, _ in parts])
    slopes = np.concatenate([g for _, g in parts], axis=1)
    hole = np.isnan(value)
    if hole.any():
        value[hole], slopes[:, hole] = _limits(program, points[:, hole])
        hole &= np.isfinite(value)
    return Measure(points, near.shape[1], value, slopes, hole, single.shape[1])


def worst_entry(program: Callable[..., Any], points: Floats) -> list[float]:
    """Of points in columns, at most some tens of them, the one with the fewest digits."""
    size = points.shape[1]
    points = points[:, np.unique(np.linspace(0, size - 1, RANDOM, dtype=int))]
    if size > 1:
        value, slopes = _truth(program, points)
        found = Measure(points, 0, value, slopes, np.isnan(value), 0)
        points = points[:, [int(np.argmin(found.digits(program).min(axis=0)))]]
    worst: list[float] = points[:, 0].tolist()
    return worst


def _near(point: Floats, centers: Sequence[float], rng: Any) -> Floats:
    """The point itself, and points around it; nearer and farther from centers that are close."""
    columns = [point]
    for step in AROUND:
        signs = rng.choice([-1.0, 1.0], point.size)
        columns.append(point + step * signs * np.where(point == 0, 1.0, np.abs(point)))
    for k, c in itertools.product(range(point.size), {0.0, *centers}):
        gap = point[k] - c
        if 0 < abs(gap) < 0.1 * max(1.0, abs(c)):
            for factor in (-1.0, 0.1, 3.0, 10.0):
                columns.append(np.where(np.arange(point.size) == k, c + factor * gap, point))
    return np.stack(columns, axis=1)


def _far(point: Floats, rng: Any) -> Floats:
    """Points anywhere, of any sign: of the size of the point, of about 1, and of all sizes."""
    shape = (point.size, RANDOM)
    signs = rng.choice([-1.0, 1.0], shape)
    size = np.where(point == 0, 1.0, np.abs(point))[:, None]
    like = size * 10.0 ** rng.uniform(-1, 0.5, shape)
    usual = rng.uniform(0, 4, shape)
    any_size = 10.0 ** rng.uniform(-5, 2, shape)
    kind = np.arange(RANDOM) % 3
    found: Floats = signs * np.where(kind == 0, like, np.where(kind == 1, usual, any_size))
    return found


def _single(point: Floats) -> Floats:
    """The point with one argument replaced by 0, 1 or -1: where programs have their holes."""
    columns = []
    for k, v in itertools.product(range(point.size), (0.0, 1.0, -1.0)):
        columns.append(np.where(np.arange(point.size) == k, v, point))
    return np.stack(columns, axis=1)


def _grouped(points: Floats, near: int) -> list[Floats]:
    """Points in groups: one that takes many digits should not slow down all the others."""
    size = points.shape[1]
    edges = [0, near, *range(near + GROUP, size, GROUP), size]
    return [points[:, a:b] for a, b in itertools.pairwise(edges)]


def _truth(program: Callable[..., Any], points: Floats) -> tuple[Floats, Floats]:
    found = truth(program, *points)
    slopes = np.stack([np.broadcast_to(g, points.shape[1:]) for g in found.gradient])
    value = np.broadcast_to(found.value, points.shape[1:])
    return value.astype(float), slopes.astype(float)


def _limits(program: Callable[..., Any], points: Floats) -> tuple[Floats, Floats]:
    """Value and slopes beside points, where both sides agree or one side is all there is."""
    values, slopes = [], []
    for h, side in itertools.product(STEPS, (1.0, -1.0)):
        shift = side * h * np.sqrt(np.arange(1.0, len(points) + 1))
        moved = [(lambda x, s=s: x + s) for s in shift]
        v, g = _truth(
            lambda *x, m=moved: program(*(a(b) for a, b in zip(m, x, strict=True))), points
        )
        values.append(v)
        slopes.append(g)
    return _settled(np.stack(values)), _settled(np.stack(slopes))


def _settled(found: Floats) -> Floats:
    """The limit of four values: far right, far left, near right, near left; else NaN."""
    far, near = found[:2], found[2:]
    near = np.where(np.isnan(near), near[::-1], near)  # where one side is all there is
    far = np.where(np.isnan(far), far[::-1], far)
    with np.errstate(all="ignore"):
        calm = (np.abs(near - far) <= 1e-14 * np.abs(near)).all(axis=0)
        vanishes = (np.abs(near) <= 1e-25).all(axis=0) & (np.abs(near) <= np.abs(far)).all(axis=0)
        level = np.abs(near[0] - near[1]) <= 1e-14 * np.abs(near[0])
        grows = (np.abs(near) > 1.5 * np.abs(far)).all(axis=0) & (near[0] * near[1] > 0)
    limit = np.where(calm & level, near[0], np.nan)
    limit = np.where(grows, np.sign(near[0]) * np.inf, limit)
    return np.where(vanishes, 0.0, limit)
