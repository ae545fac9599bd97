"""Symbolic mode: run a function on symbols, and differentiate the formula.

There is no second table of derivatives: reverse mode on symbols writes down the formula of the
gradient, because the rules of the table are NumPy programs like any other.

Source: Wengert, 1964; Griewank and Walther, Evaluating Derivatives, 2008, chapter 1; expression
swell is a matter of notation (Laue, arXiv:1904.02990).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from typing import Any

from tinyad.arguments import Call, check_signature, name_of, plain, real_output
from tinyad.errors import ArgumentError, OutputError, SymbolError, unwrapped
from tinyad.modes import reverse
from tinyad.modes.symbolic.expression import Expression, from_formula
from tinyad.modes.symbolic.pruning import NAMES as PRUNING
from tinyad.modes.symbolic.pruning import chosen
from tinyad.modes.symbolic.symbols import Symbols, is_truth, run
from tinyad.rewrite import Terms
from tinyad.rules.primitives import shape_of
from tinyad.trees import flatten

__all__ = ["PRUNING", "Expression", "expression", "from_sympy", "grad"]


def expression(
    function: Callable[..., Any], *names: str, prune: bool | Collection[str] = True
) -> Any:
    """Run a function on symbols and return the formula of what it computes.

    `names` are the symbols, one for each argument; without any, the function's own names. A
    function that returns a list, tuple or dict gives one of expressions. With `prune` False each
    operation stays as the program has it, and so do the derivatives; or name the rules to be used
    (`ad.symbolic.PRUNING` lists them). Rules hold for real numbers: x/x becomes 1.

    Raises BranchError where the program branches on a symbol, MissingRuleError where it calls a
    function of arrays, ArgumentError for names that do not fit.

    >>> import numpy as np
    >>> f = expression(lambda x, y: x**2 * y + y + 2)
    >>> f
    x**2*y + y + 2
    >>> expression(reverse.grad(np.sin), "x")
    cos(x)
    """
    rules = chosen(prune)
    names = _checked(function, names or _own_names(function))
    with Symbols(Terms(rules=rules)) as symbols:
        result = unwrapped(function, *symbols.inputs(names))
        leaves, rebuild = flatten(result)
        outputs = []
        for leaf in leaves:
            value = real_output(leaf, name_of(function))
            if shape_of(value) != () or is_truth(getattr(value, "value", None)):
                raise OutputError(
                    f"{name_of(function)} returned {value!r:.60}, which is no single number.",
                    "Return a number; np.where(condition, 1.0, 0.0) makes one of a comparison.",
                )
            outputs.append(value.value if symbols.owns(value) else plain(value))
    return rebuild([Expression(output, names, rules) for output in outputs])


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the gradient of a scalar function by way of its formula.

    The same call and result as `ad.grad`, on single numbers. Each call writes down the formula of
    the gradient and evaluates it. Pruning here is exact, so infinities and NaN are not hidden.
    Raises BranchError where the function branches on its arguments.

    >>> grad(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3, 4)
    (24.0, 10.0)
    """

    def gradient(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        for leaf in call.leaves:
            if shape_of(leaf) != ():
                raise SymbolError(
                    f"An argument is an array of shape {shape_of(leaf)}; a symbol is one number.",
                    "For arrays, ad.grad(f) gives the gradient, and ad.compile(ad.grad(f), x) "
                    "writes it out as a program.",
                )
        names = [f"x{k}" for k in range(len(call.leaves))]
        with Symbols(Terms(algebraic=False)) as symbols:
            slopes = reverse.grad(call, tuple(range(len(names))))(*symbols.inputs(names))
            outputs = [s.value if symbols.owns(s) else s for s in slopes]
        values = dict(zip(names, call.leaves, strict=True))
        return call.gradient([run(output, values) for output in outputs])

    return gradient


def from_sympy(
    formula: Any, *names: str, functions: Sequence[Callable[..., Any]] = ()
) -> Expression:
    """Return a SymPy expression as an `Expression`.

    `names` are its symbols in order; without any, all of them, sorted. `functions` are those made
    with `ad.with_derivative` that SymPy knows by their names only. Raises SymbolError for what
    tinyad has no counterpart of.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> from_sympy(sympy.cancel((x**2 - 4) / (x - 2))).diff("x")
    1
    """
    import sympy

    if not isinstance(formula, sympy.Expr):
        raise ArgumentError(
            f"{formula!r:.60}, of type {type(formula).__name__}, is no formula of SymPy's.",
            "sympy.sympify makes one of a number or of text.",
        )
    names = _valid(names or sorted(symbol.name for symbol in formula.free_symbols))
    known = {name_of(function): function for function in functions}
    return Expression(from_formula(formula, names, known), names)


def _own_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the arguments that a call must give."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(p.name for p in parameters if p.kind in positional and p.default is p.empty)


def _checked(function: Callable[..., Any], names: Sequence[str]) -> tuple[str, ...]:
    names = _valid(names)
    check_signature(function, names)
    if not names:
        raise ArgumentError(
            f"{name_of(function)} does not tell the names of its arguments.",
            'Name the symbols: ad.expression(f, "x", "y").',
        )
    return names


def _valid(names: Sequence[Any]) -> tuple[str, ...]:
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise ArgumentError(
                f"{name!r:.40} cannot be the name of a symbol.",
                'Names are strings such as "x" or "x1".',
            )
    if len(set(names)) < len(names):
        raise ArgumentError(
            f"The names {', '.join(names)} are not all different.", "Give each symbol its own."
        )
    return tuple(names)
