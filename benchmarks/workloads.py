"""What is measured: a program, its hand-written derivative, and inputs from a fixed seed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks import by_hand, programs


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    `kind` is "gradient" (value and gradient), "directional" (value and tangent), "jacobian",
    "hessian" or "hvp" (the derivative alone). The first `varying` inputs are differentiated in;
    `direction` is a tangent or the vector of a product. `without` names peers that are left out
    because they take minutes here, or have not the operations.
    """

    title: str
    kind: str
    program: Callable[[Any], Callable[..., Any]]
    hand: Callable[..., Any]
    inputs: tuple[Any, ...]
    varying: int = 1
    direction: Any = None
    operations: int = 0
    without: tuple[str, ...] = ("micrograd",)

    def by_hand(self) -> Any:
        """Run the hand-written derivative."""
        extra = () if self.direction is None else (self.direction,)
        return self.hand(*self.inputs, *extra)


def polynomial() -> Workload:
    """Two numbers, four operations: what a call costs before any work is done."""
    return Workload(
        "x²y + y + 2",
        "gradient",
        programs.polynomial,
        by_hand.polynomial,
        (3.0, 4.0),
        2,
        without=(),
    )


def loop(operations: int, without: tuple[str, ...] = ()) -> Workload:
    """A long chain of operations on numbers."""
    steps = round(operations / 3)
    return Workload(
        f"{operations:,} scalar operations",
        "gradient",
        partial(programs.loop, steps=steps),
        by_hand.loop(steps),
        (0.5,),
        operations=3 * steps,
        without=without,
    )


def rosenbrock(n: int, kind: str = "gradient", title: str = "Rosenbrock") -> Workload:
    """A cheap function of n numbers, in every kind of derivative."""
    random = np.random.default_rng(n)
    x, v = random.normal(size=(2, n))
    hand = {
        "gradient": by_hand.rosenbrock,
        "directional": by_hand.rosenbrock_directional,
        "hessian": by_hand.rosenbrock_hessian,
        "hvp": by_hand.rosenbrock_hvp,
    }[kind]
    direction = v if kind in ("directional", "hvp") else None
    return Workload(
        f"{title}, n = {n:,}", kind, programs.rosenbrock, hand, (x,), direction=direction
    )


def tanh_layer(n: int) -> Workload:
    """A map from n numbers to n numbers."""
    A = np.random.default_rng(n).normal(size=(n, n)) / n**0.5
    x = np.linspace(-1.0, 1.0, n)
    return Workload(
        f"Jacobian, {n} × {n}", "jacobian", programs.tanh_layer, by_hand.tanh_layer, (x, A)
    )


def network(sizes: tuple[int, int, int, int], batch: int) -> Workload:
    """A small network on a batch of images, gradient in all its parameters."""
    random = np.random.default_rng(0)
    parameters: list[Any] = []
    for n, m in itertools.pairwise(sizes):
        parameters += [random.normal(size=(n, m)) / n**0.5, 0.1 * random.normal(size=m)]
    x = random.random((batch, sizes[0]))
    labels = np.eye(sizes[-1])[random.integers(sizes[-1], size=batch)]
    title = f"network {'-'.join(map(str, sizes))}, batch {batch}"
    inputs = (*parameters, x, labels)
    return Workload(title, "gradient", programs.network, by_hand.network, inputs, len(parameters))


def mixture(d: int, k: int, n: int) -> Workload:
    """The log-likelihood of n points in d dimensions under k Gaussians."""
    random = np.random.default_rng(d)
    place = np.zeros((d, d), dtype=int)
    place[np.tril_indices(d, -1)] = range(d * (d - 1) // 2)
    below = np.tril(np.ones((d, d)), -1)
    parameters = (
        random.normal(size=k),
        random.normal(size=(k, d)),
        0.3 * random.normal(size=(k, d)),
        0.3 * random.normal(size=(k, d * (d - 1) // 2)),
    )
    inputs = (*parameters, random.normal(size=(n, d)), place, below, np.eye(d))
    title = f"Gaussian mixture, d = {d}, k = {k}, n = {n:,}"
    return Workload(title, "gradient", programs.mixture, by_hand.mixture, inputs, len(parameters))


def scalar_memory(steps: int) -> Workload:
    """Peak memory of a long scalar loop."""
    program = partial(programs.loop, steps=steps)
    # JAX runs for a minute, its compiler for many; tinyad says that compiling would not pay
    slow = ("tinyad compiled", "micrograd", "JAX", "jax.jit")
    title = f"scalar loop, {steps:,} steps"
    return Workload(title, "gradient", program, by_hand.loop_backward(steps), (0.5,), without=slow)


def array_memory(steps: int, size: int) -> Workload:
    """Peak memory of a loop over arrays."""
    x = np.random.default_rng(0).normal(size=size)
    program = partial(programs.array_loop, steps=steps)
    title = f"{steps} steps over {size:,} numbers"
    return Workload(title, "gradient", program, by_hand.array_loop(steps), (x,))


TIMED: dict[str, Callable[[], Workload]] = {
    "polynomial": polynomial,
    "loop-1e3": lambda: loop(1_000),
    "loop-1e5": lambda: loop(100_000, without=("tinyad compiled", "JAX", "jax.jit")),
    "rosenbrock-10": lambda: rosenbrock(10),
    "rosenbrock-1e3": lambda: rosenbrock(1_000),
    "rosenbrock-1e6": lambda: rosenbrock(1_000_000),
    "network": lambda: network((784, 128, 64, 10), 128),
    "mixture": lambda: mixture(10, 25, 1_000),
    "directional": lambda: rosenbrock(1_000, "directional", "directional derivative"),
    "jacobian": lambda: tanh_layer(20),
    "hessian": lambda: rosenbrock(50, "hessian", "Hessian"),
    "hvp": lambda: rosenbrock(10_000, "hvp", "Hessian-vector product"),
}
MEMORY: dict[str, Callable[[int], Workload]] = {
    "scalar-loop": lambda small=0: scalar_memory(10 if small else 100_000),
    "array-loop": lambda small=0: array_memory(2 if small else 200, 100_000),
}
