"""The packages side by side: each turns a workload into a call without arguments.

Every package gets its own kind of numbers beforehand, and its result stays in that kind, so that
nobody pays for conversions. A package that is not installed is left out.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import Workload

Thunk = Callable[[], Any]


def tinyad(work: Workload) -> Thunk:
    """This package."""
    import tinyad as ad

    f, args, v = work.program(np), work.inputs, work.direction
    argnums = 0 if work.varying == 1 else tuple(range(work.varying))
    if work.kind == "gradient":
        both = ad.value_and_grad(f, argnums)
        return lambda: both(*args)
    if work.kind == "directional":
        return lambda: ad.jvp(f, args, (v,))
    if work.kind == "hvp":
        return lambda: ad.hvp(f, args[0], v)
    d = (ad.hessian if work.kind == "hessian" else ad.jacfwd)(f)
    return lambda: d(*args)


def tinyad_compiled(work: Workload) -> Thunk:
    """This package, its derivative turned into source beforehand."""
    run, args = compiled(work)
    return lambda: run(*args)


def compiled(work: Workload) -> tuple[Any, tuple[Any, ...]]:
    """Compile the derivative of a workload; return it with its arguments."""
    import tinyad as ad

    f, args, v = work.program(np), work.inputs, work.direction
    argnums = 0 if work.varying == 1 else tuple(range(work.varying))
    if v is not None:
        args = (*args, v)
    derivative = {
        "gradient": ad.value_and_grad(f, argnums),
        "directional": lambda x, v: ad.jvp(f, (x,), (v,)),
        "jacobian": ad.jacfwd(f),
        "hessian": ad.hessian(f),
        "hvp": lambda x, v: ad.hvp(f, x, v),
    }[work.kind]
    return ad.compile(derivative, *args), args


def autograd(work: Workload) -> Thunk:
    """HIPS autograd."""
    import autograd as ag
    import autograd.numpy as agnp
    from autograd.differential_operators import make_jvp

    f, args, v = work.program(agnp), work.inputs, work.direction
    if work.kind == "gradient" and work.varying == 1:
        both = ag.value_and_grad(f)
        return lambda: both(*args)
    if work.kind == "gradient":
        constants, parameters = args[work.varying :], args[: work.varying]
        both = ag.value_and_grad(lambda p: f(*p, *constants))
        return lambda: both(parameters)
    if work.kind == "directional":
        return lambda: make_jvp(f)(*args)(v)
    if work.kind == "hvp":
        product = ag.hessian_vector_product(f)
        return lambda: product(args[0], v)
    d = (ag.hessian if work.kind == "hessian" else ag.jacobian)(f)
    return lambda: d(*args)


def _tensors(work: Workload) -> tuple[Any, Any, list[Any]]:
    import torch

    torch.set_num_threads(1)
    args = [torch.as_tensor(np.asarray(a)) for a in work.inputs]
    v = None if work.direction is None else torch.as_tensor(work.direction)
    return work.program(torch), v, args


def torch(work: Workload) -> Thunk:
    """PyTorch, by its tape."""
    import torch as pt

    f, v, args = _tensors(work)
    leaves = [a.requires_grad_() for a in args[: work.varying]]
    functional = pt.autograd.functional

    def gradient() -> Any:
        value = f(*args)
        return value, pt.autograd.grad(value, leaves)

    def product() -> Any:
        (g,) = pt.autograd.grad(f(*args), leaves, create_graph=True)
        return pt.autograd.grad(g, leaves, v)[0]

    return {
        "gradient": gradient,
        "hvp": product,
        "directional": lambda: functional.jvp(f, args[0], v),
        "jacobian": lambda: functional.jacobian(lambda x: f(x, *args[1:]), args[0]),
        "hessian": lambda: functional.hessian(f, args[0]),
    }[work.kind]


def torch_func(work: Workload) -> Thunk:
    """PyTorch, by its function transforms."""
    import torch.func as tf

    f, v, args = _tensors(work)
    argnums = 0 if work.varying == 1 else tuple(range(work.varying))
    if work.kind == "gradient":
        both = tf.grad_and_value(f, argnums)
        return lambda: both(*args)[::-1]
    if work.kind == "directional":
        return lambda: tf.jvp(f, tuple(args), (v,))
    if work.kind == "hvp":
        return lambda: tf.jvp(tf.grad(f), tuple(args), (v,))[1]
    d = (tf.hessian if work.kind == "hessian" else tf.jacfwd)(f)
    return lambda: d(*args)


def jax(work: Workload, compiled: bool = False) -> Thunk:
    """JAX, one operation after the other."""
    import jax as jx
    import jax.numpy as jnp

    jx.config.update("jax_enable_x64", True)
    f, args = work.program(jnp), [jnp.asarray(a) for a in work.inputs]
    if work.direction is not None:
        args.append(jnp.asarray(work.direction))
    argnums = 0 if work.varying == 1 else tuple(range(work.varying))
    call = {
        "gradient": jx.value_and_grad(f, argnums),
        "directional": lambda x, v: jx.jvp(f, (x,), (v,)),
        "jacobian": jx.jacfwd(f),
        "hessian": jx.hessian(f),
        "hvp": lambda x, v: jx.jvp(jx.grad(f), (x,), (v,))[1],
    }[work.kind]
    run = jx.jit(call) if compiled else call
    return lambda: jx.block_until_ready(run(*args))


def jit(work: Workload) -> Thunk:
    """JAX, compiled beforehand."""
    return jax(work, compiled=True)


def micrograd(work: Workload) -> Thunk:
    """micrograd, with the sine that it lacks and Python's recursion limit lifted."""
    from micrograd.engine import Value

    sys.setrecursionlimit(10_000_000)

    class Scalars:
        @staticmethod
        def sin(x: Any) -> Any:
            out = Value(math.sin(x.data), (x,), "sin")

            def backward() -> None:
                x.grad += math.cos(x.data) * out.grad

            out._backward = backward
            return out

    f = work.program(Scalars)

    def gradient() -> Any:
        leaves = [Value(x) for x in work.inputs]
        result = f(*leaves)
        result.backward()
        return result.data, tuple(x.grad for x in leaves)

    return gradient


# Column of the table: the package that must be there, and how it runs.
PEERS: dict[str, tuple[str, Callable[[Workload], Thunk]]] = {
    "tinyad": ("tinyad", tinyad),
    "tinyad compiled": ("tinyad", tinyad_compiled),
    "autograd": ("autograd", autograd),
    "micrograd": ("micrograd", micrograd),
    "torch": ("torch", torch),
    "torch.func": ("torch", torch_func),
    "JAX": ("jax", jax),
    "jax.jit": ("jax", jit),
}
COMPILED = ("tinyad compiled", "jax.jit")


def installed() -> list[str]:
    """Return the columns whose package is there."""
    return [name for name, (package, _) in PEERS.items() if importlib.util.find_spec(package)]


def numbers(result: Any) -> list[Any]:
    """Take a result apart into NumPy arrays, whatever package made it."""
    if isinstance(result, tuple | list):
        return [array for part in result for array in numbers(part)]
    return [np.asarray(result.detach() if hasattr(result, "detach") else result)]
