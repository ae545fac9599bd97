"""Manual mode: derivatives that a person worked out, attached to the function they belong to.

`with_derivative` turns a function and its partials into one row of the table, so every mode uses
the hand-written derivative wherever the function is called.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tinyad.arguments import Call, check_signature, name_of
from tinyad.errors import ManualError
from tinyad.interpretation import Box, apply
from tinyad.rules.attached import Attached
from tinyad.trees import flatten


class WithDerivative:
    """A function together with its hand-written partial derivatives."""

    def __init__(self, function: Callable[..., Any], *partials: Callable[..., Any] | None) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._row = Attached(
            function=self, original=function, name=name_of(function), partials=partials
        )
        self.partial = self._row.partial

    def __call__(self, *args: Any) -> Any:
        if not any(isinstance(arg, Box) for arg in args):
            return self.function(*args)
        result = apply(self._row, args)
        inner = result.value if isinstance(result, Box) else None
        if isinstance(inner, Box) and inner.interpretation.level >= result.interpretation.level:
            raise ManualError(
                f"{self._row.name} uses a traced value that is not among its arguments; the "
                "attached derivatives know nothing of it.",
                "Pass the value as an argument, with its own partial derivative.",
            )
        return result


def with_derivative(
    function: Callable[..., Any], *partials: Callable[..., Any] | None
) -> WithDerivative:
    """Attach hand-written partial derivatives to a function; every mode then uses them.

    One partial per argument, in order, each called with all of the function's arguments. None
    says that an argument has no derivative; that raises only if one is asked for. The function is
    elementwise, or gives one number and its partials have the shapes of their arguments. Nobody
    checks the partials here. Raises ManualError if their number does not fit.

    >>> from tinyad.modes.reverse import grad as reverse_grad
    >>> square = with_derivative(lambda x: x * x, lambda x: 2 * x)
    >>> reverse_grad(lambda x: 5 * square(x))(3.0)
    30.0
    """
    if not partials or not all(p is None or callable(p) for p in partials):
        raise ManualError(
            f"The partial derivatives of {name_of(function)} must be functions, one per argument.",
            "Write with_derivative(f, df_dx, df_dy); None marks an argument without derivative.",
        )
    check_signature(function, partials)
    return WithDerivative(function, *partials)


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the gradient of a function from its hand-written partial derivatives.

    The same call as `ad.grad`. Raises ManualError if nobody has attached partials to it.

    >>> f = with_derivative(lambda x, y: x * x * y, lambda x, y: 2 * x * y, lambda x, y: x * x)
    >>> grad(f, argnums=(0, 1))(3.0, 4.0)
    (24.0, 9.0)
    """
    if not isinstance(function, WithDerivative):
        raise ManualError(
            f"{name_of(function)} has no hand-written derivative.",
            "Attach one with ad.with_derivative(f, df_dx, ...), or use ad.grad(f).",
        )

    def gradient(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        point = call.arguments(call.leaves)
        partials = [function.partial(n)(*point, **options) for n in call.argnums]
        return call.gradient(flatten(partials)[0])

    return gradient
