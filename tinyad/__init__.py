"""tinyad: automatic differentiation, small enough to read in an afternoon.

Functions are written with plain NumPy; the conventions are those of JAX.

>>> import numpy as np
>>> import tinyad as ad
>>> ad.grad(lambda x, y: x**2 * y + y + 2, argnums=(0, 1))(3, 4)
(24.0, 10.0)
>>> ad.derivative(np.sin)(0.0)
1.0
"""

from __future__ import annotations

import importlib
from typing import Any

from tinyad import errors
from tinyad.accuracy.check import check_grads
from tinyad.accuracy.diagnose import diagnose
from tinyad.accuracy.repair import repair
from tinyad.modes import finite, forward, manual, reverse, symbolic
from tinyad.modes.forward import derivative, jacfwd, jvp
from tinyad.modes.manual import with_derivative
from tinyad.modes.reverse import grad, jacrev, value_and_grad, vjp
from tinyad.modes.symbolic import expression
from tinyad.modes.taylor import taylor
from tinyad.transforms import checkpoint, hessian, hvp, stop_gradient
from tinyad.views.compiled import compile
from tinyad.views.trace import trace

__all__ = [
    "check_grads",
    "checkpoint",
    "compile",
    "derivative",
    "diagnose",
    "errors",
    "expression",
    "finite",
    "forward",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacrev",
    "jvp",
    "manual",
    "repair",
    "reverse",
    "stop_gradient",
    "symbolic",
    "taylor",
    "trace",
    "value_and_grad",
    "vjp",
    "with_derivative",
]


def __getattr__(name: str) -> Any:
    # The widgets and the course need more than NumPy; they are loaded when first asked for.
    if name in ("explore", "course"):
        return importlib.import_module(f"tinyad.{name}")
    raise AttributeError(f"module 'tinyad' has no attribute {name!r}")
