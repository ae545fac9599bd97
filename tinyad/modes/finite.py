"""Finite differences: derivatives from values alone, and a model of what they cost in digits.

Every quotient here trades two errors against each other. Truncation, the bend of the curve
between the two points, shrinks with the step; round-off, the digits that the subtraction loses,
grows as the step shrinks. `ErrorModel` says where they meet. The complex step has no subtraction,
hence no such trade; it needs an analytic function.

Source: Press et al., Numerical Recipes, section 5.7; Squire and Trapp, SIAM Review 40, 1998, for
the complex step.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.arguments import Call, promote, scalar_output
from tinyad.errors import ArgumentError, SchemeError, unwrapped
from tinyad.interpretation import Box
from tinyad.modes.complexstep import imaginary_part
from tinyad.rules.primitives import shape_of

# The function along one input: the value as that input moves by a step.
Line = Callable[[Any], Any]


def _forward(line: Line, step: Any) -> Any:
    return (line(step) - line(0)) / step


def _central(line: Line, step: Any) -> Any:
    return (line(step) - line(-step)) / (2 * step)


def _complex(line: Line, step: Any) -> Any:
    return imaginary_part(line, 0 * step, step) / step


def _richardson(line: Line, step: Any) -> Any:
    # A central difference errs by about c·step², so two steps tell what is left at step 0.
    return (4 * _central(line, step / 2) - _central(line, step)) / 3


QUOTIENTS: dict[str, Callable[[Line, Any], Any]] = {
    "forward": _forward,
    "central": _central,
    "complex": _complex,
    "richardson": _richardson,
}
SCHEMES = tuple(QUOTIENTS)


def difference(f: Callable[[Any], Any], x: Any, eps: float, scheme: str = "forward") -> Any:
    """Return the difference quotient of a function of one number, in the precision of x.

    `eps` is the step, used exactly as given; one too small to change x gives 0. Schemes:
    "forward" (f(x+ε) − f(x))/ε, "central" (f(x+ε) − f(x−ε))/2ε, "complex" Im f(x+iε)/ε,
    "richardson" (two central ones). Raises SchemeError for another scheme or a bad step.

    >>> f = lambda x: x**2 * 4 + 4 + 2
    >>> difference(f, 3.0, 1e-5)
    24.000039999805264
    >>> difference(f, 3.0, 1e-5, "central")
    24.000000000157225
    """
    if shape_of(promote(x)) != ():
        raise ArgumentError(
            f"The argument is an array of shape {shape_of(x)}; difference needs one number.",
            "Use ad.finite.grad for functions of arrays.",
        )
    return grad(f, eps=eps, scheme=scheme)(x)


def grad(
    function: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    eps: float | None = None,
    scheme: str = "central",
) -> Callable[..., Any]:
    """Return the gradient of a scalar function by differences, one input number at a time.

    For n numbers it evaluates the function n + 1 times (forward), 2n times (central), n times
    (complex) or 4n times (richardson). Without `eps` each number gets a step near the best for
    its size, a power of two. Raises as `difference` and `ad.grad` do.

    >>> f = lambda x, y: x**2 * y + y + 2
    >>> grad(f, eps=1e-5, scheme="forward")(3, 4)
    24.000039999805264
    >>> grad(f, argnums=(0, 1), scheme="complex")(3, 4)
    (24.0, 10.0)
    """
    _check(scheme, eps)

    def gradient(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        values = _Values(call)
        partials = []
        for k, leaf in enumerate(call.leaves):
            slopes = [values.slope(k, entry, eps, scheme) for entry in np.ndindex(shape_of(leaf))]
            partials.append(np.reshape(slopes, shape_of(leaf)) if shape_of(leaf) else slopes[0])
        return call.gradient(partials)

    return gradient


class _Values:
    """The function's values as single input numbers move."""

    def __init__(self, call: Call) -> None:
        self.call = call
        # NumPy's floats follow IEEE rules where Python's raise: 1/0 is infinite.
        self.leaves: list[Any] = [np.float64(x) if type(x) is float else x for x in call.leaves]

    def at(self, leaves: list[Any]) -> Any:
        """The value with these leaves."""
        return scalar_output(unwrapped(self.call.run, leaves), self.call.__name__)

    @functools.cached_property
    def here(self) -> Any:
        """The value at the point itself, which all forward quotients share."""
        return self.at(self.leaves)

    def slope(self, k: int, entry: tuple[int, ...], eps: float | None, scheme: str) -> Any:
        """The difference quotient in one entry of leaf k."""
        leaf = self.leaves[k]
        unit = _unit(leaf, entry)
        size = leaf[entry] if entry else leaf
        step = unit.dtype.type(_usual_step(size, scheme) if eps is None else eps)

        def line(distance: Any) -> Any:
            if type(distance) is int:  # line(0)
                return self.here
            return self.at([*self.leaves[:k], leaf + distance * unit, *self.leaves[k + 1 :]])

        return QUOTIENTS[scheme](line, step)


def _unit(leaf: Any, entry: tuple[int, ...]) -> Any:
    """1 in one entry of the leaf's shape and 0 in the others, in its precision."""
    unit = np.zeros(shape_of(leaf), dtype=leaf.dtype)
    unit[entry] = 1
    return unit[()]


def _usual_step(size: Any, scheme: str) -> float:
    """Return a power of two near the best step for a function that varies over about |x|."""
    while isinstance(size, Box):
        size = size.value
    if not isinstance(size, float | np.floating | np.ndarray):
        raise SchemeError(
            "The usual step depends on how large the argument is, and a symbol has no size.",
            "Say which step to take: eps=1e-5.",
        )
    info = np.finfo(np.asarray(size).dtype)
    u = float(info.eps) / 2
    step = {"forward": 2 * u**0.5, "central": (3 * u) ** (1 / 3), "complex": 2.0**-66}
    # without a subtraction, a step that is small beside a tiny x costs nothing
    least = float(info.tiny) ** 0.4 if scheme == "complex" and size else 1.0
    scale = max(abs(float(size)), least) if math.isfinite(size) else 1.0
    return float(2.0 ** round(math.log2(step.get(scheme, 2 * u**0.2) * scale)))


def _check(scheme: str, eps: float | None) -> None:
    if scheme not in SCHEMES:
        raise SchemeError(
            f"There is no difference scheme {scheme!r}.",
            f"Choose one of {', '.join(map(repr, SCHEMES))}.",
        )
    if eps is not None and not (isinstance(eps, int | float | np.floating) and eps > 0):
        raise SchemeError(
            f"The step eps is {eps!r}; it must be a positive number.",
            "Pass something like eps=1e-6, or leave it out for a step near the best.",
        )


@dataclass(frozen=True)
class ErrorModel:
    """What a difference quotient is expected to err by, as a function of the step.

    `value`, `second` and `third` are f(x), f''(x) and f'''(x), `u` the relative rounding error of
    one operation (2⁻⁵³ for float64, 2⁻²⁴ for float32). All errors are absolute and worst cases:
    truncation from the next term of Taylor's series, round-off from u·|f| in each value.

    >>> model = ErrorModel("forward", value=math.e, second=math.e, third=math.e)
    >>> f"{model.best_step:.1e} {model.best_error:.1e}"
    '2.1e-08 5.7e-08'
    """

    scheme: str
    value: float
    second: float
    third: float
    u: float = 2.0**-53

    def __post_init__(self) -> None:
        if self.scheme not in ("forward", "central", "complex"):
            raise SchemeError(
                f"There is no error model for the scheme {self.scheme!r}.",
                'Choose "forward", "central" or "complex".',
            )

    def truncation(self, eps: Any) -> Any:
        """The error that a straight line makes on a bent curve: grows with the step."""
        eps = np.asarray(eps, dtype=float)[()]
        if self.scheme == "forward":
            return eps * abs(self.second) / 2
        return eps**2 * abs(self.third) / 6

    def roundoff(self, eps: Any) -> Any:
        """The error of subtracting nearly equal values: grows as the step shrinks."""
        eps = np.asarray(eps, dtype=float)[()]
        subtractions = {"forward": 2.0, "central": 1.0, "complex": 0.0}[self.scheme]
        return subtractions * self.u * abs(self.value) / eps

    @property
    def best_step(self) -> float:
        """The step at which the sum of both errors is least; infinite where nothing bends.

        The complex step has no round-off to balance: below this step, truncation is lost in the
        value's own rounding, and nothing more is to be gained.
        """
        bend = abs(self.second) if self.scheme == "forward" else abs(self.third)
        if bend == 0:
            return math.inf
        if self.scheme == "forward":
            return 2 * math.sqrt(self.u * abs(self.value) / bend)
        if self.scheme == "central":
            return math.cbrt(3 * self.u * abs(self.value) / bend)
        return math.sqrt(6 * self.u * abs(self.value) / bend)

    @property
    def best_error(self) -> float:
        """The error at the best step; 0 where nothing bends."""
        if math.isinf(self.best_step) or self.best_step == 0:
            return 0.0
        return float(self.truncation(self.best_step) + self.roundoff(self.best_step))
