"""Reverse mode: write every operation on a tape, then read the tape backward.

The reverse sweep starts with adjoint 1 at the output and ends with the adjoints of the inputs.
One sweep gives the derivatives in all of them.

Source: Linnainmaa, 1970; Griewank and Walther, Evaluating Derivatives, 2008, section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import (
    Call,
    plain,
    promote,
    real_output,
    scalar_output,
)
from tinyad.errors import ArgumentError, unwrapped
from tinyad.modes.tape import INACTIVE, Reverse, filled, sweep
from tinyad.rules.primitives import ones_like, shape_of

Pullback = Callable[[Any], tuple[Any, ...]]


def vjp(function: Callable[..., Any], *primals: Any) -> tuple[Any, Pullback]:
    """Return the value and the pullback, which carries an adjoint of the output to the inputs.

    `pullback(u)` gives a tuple, one entry a primal: the vector-Jacobian product u·J. It may be
    called any number of times. Raises ArgumentError where u has not the output's shape.

    >>> value, pullback = vjp(lambda x, y: x * x * y + y + 2, 3.0, 4.0)
    >>> value, pullback(1.0)
    (42.0, (24.0, 10.0))
    """
    call = Call(function, tuple(range(len(primals))), primals, {})
    with Reverse(call.leaves) as reverse:
        result = real_output(unwrapped(call.run, reverse.inputs()), call.__name__)
    output = reverse.position(result)
    value = result if output == INACTIVE else result.value
    if isinstance(value, np.ndarray):
        value = value.copy()  # the tape may have kept it, and the caller may write into this one

    def pullback(u: Any) -> tuple[Any, ...]:
        seed = promote(u, "The adjoint")
        if shape_of(seed) != shape_of(value):
            raise ArgumentError(
                f"The adjoint has shape {shape_of(seed)}, the output {shape_of(value)}.",
                "Pass an adjoint of the output's shape.",
            )
        adjoints = sweep(reverse.tape, output, seed, len(call.leaves))
        gradients: tuple[Any, ...] = call.gradient(filled(adjoints, call.leaves))
        return gradients

    return plain(value), pullback


def value_and_grad(
    function: Callable[..., Any], argnums: int | tuple[int, ...] = 0
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value and the gradient of a scalar function in one go.

    `argnums` names the arguments to differentiate in; the gradient has their types and shapes,
    and is a tuple if `argnums` is one.

    >>> value_and_grad(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3, 4)
    (42.0, (24.0, 10.0))
    """

    def both(*args: Any, **options: Any) -> tuple[Any, Any]:
        call = Call(function, argnums, args, options)
        with Reverse(call.leaves) as reverse:
            result = scalar_output(unwrapped(call.run, reverse.inputs()), call.__name__)
        output = reverse.position(result)
        value = result if output == INACTIVE else result.value
        adjoints = sweep(reverse.tape, output, ones_like(value), len(call.leaves), free=True)
        return plain(value), call.gradient(filled(adjoints, call.leaves))

    return both


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the gradient of a scalar function: one sweep, however many inputs.

    `argnums` names the arguments to differentiate in: a position, or a tuple of positions (then
    a tuple comes back). The others, and keyword arguments, go to the function as they are.
    Integers are promoted to floats; NaN and infinity pass through. Raises ArgumentError for
    arguments that are no numbers, OutputError for a result that is not one.

    >>> def f(x, y):
    ...     return x**2 * y + y + 2
    >>> grad(f)(3, 4)
    24.0
    >>> grad(f, argnums=(0, 1))(3, 4)
    (24.0, 10.0)
    >>> grad(grad(f))(3.0, 4.0)
    8.0
    """
    both = value_and_grad(function, argnums)

    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient


def jacrev(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the Jacobian by reverse mode: one sweep per output entry, whatever the inputs.

    Shapes are as for `ad.jacfwd`. Best for many inputs and few outputs.

    >>> jacrev(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))(np.array([3.0, 4.0]))
    array([[4., 3.],
           [1., 1.]])
    """

    def jacobians(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        with Reverse(call.leaves) as reverse:
            result = real_output(unwrapped(call.run, reverse.inputs()), call.__name__)
        output = reverse.position(result)
        value = result if output == INACTIVE else result.value
        shape = shape_of(value)
        rows = []
        for entry in np.ndindex(shape):
            seed = np.zeros(shape, getattr(value, "dtype", float))
            seed[entry] = 1
            swept = sweep(reverse.tape, output, seed[()], len(call.leaves))
            rows.append(filled(swept, call.leaves))
        if not rows:
            return call.collect([np.zeros(shape + shape_of(leaf)) for leaf in call.leaves])
        return call.collect([_stacked(column, shape) for column in zip(*rows, strict=True)])

    return jacobians


def _stacked(rows: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Put the gradients of all output entries into one array of shape output + input."""
    return np.reshape(np.stack(rows), shape + shape_of(rows[0])) if shape else rows[0]
