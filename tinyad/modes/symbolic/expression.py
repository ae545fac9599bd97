"""Expressions: a program on symbols as a shared graph, with its derivatives.

The derivative of an expression comes from running it in forward or reverse mode on symbols, so it
is made by the rules of the one table. Pruning makes it smaller; SymPy does the real algebra.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinyad.arguments import plain, promote
from tinyad.errors import ArgumentError, SymbolError
from tinyad.interpretation import apply
from tinyad.modes.forward import jvp
from tinyad.modes.reverse import vjp
from tinyad.modes.symbolic import sympy_bridge
from tinyad.modes.symbolic.drawn import drawn
from tinyad.modes.symbolic.formula import latex, length, listing, text, write
from tinyad.modes.symbolic.pruning import Pruning, PruningStep, chosen
from tinyad.modes.symbolic.symbols import Symbols, as_number, run
from tinyad.picture import Picture
from tinyad.rewrite import Terms, rebuilt, shrunk
from tinyad.rewrite.terms import Term, constant_key, in_order, key_of
from tinyad.rules import TABLE

# The operations that a textbook differentiates as if their constants varied too
TEXTBOOK = frozenset(TABLE[f] for f in (np.add, np.subtract, np.multiply, np.divide))
LONGEST = 5_000  # characters of a formula that is shown as one
STEPPED = 300  # operations of an expression whose pruning is shown step by step
SYMPY_NODES = 50_000  # SymPy works on trees


class Size(NamedTuple):
    """How large an expression is, counted in four ways.

    `tree` counts nodes, a part as often as it is written; `graph` counts each part once; `steps`
    counts operations, each a named step; `characters` is the length of the formula as text.
    """

    tree: int
    graph: int
    steps: int
    characters: int


class Expression:
    """A formula of symbols, made by `ad.expression`.

    `names` are its symbols in the order of the function's arguments. It is a shared graph: what
    the program computed once is there once, however often the formula writes it. It can be called
    with a value for each name in order.
    """

    def __init__(
        self, output: Any, names: Sequence[str], rules: Collection[str] | None = None
    ) -> None:
        self.output = output
        self.names = tuple(names)
        self._rules = rules

    # Derivatives

    def diff(
        self, *names: str, mode: str = "forward", prune: bool | Collection[str] | None = None
    ) -> Expression:
        """Return the derivative in the named symbol; with several names, one after the other.

        `mode` says whether forward or reverse mode is run on the symbols. With `prune` False the
        textbook's rules are written out, zeros and ones included: the derivative of a constant is
        a 0 in the formula, that of the symbol a 1. It is as the expression was built, unless said
        otherwise. Raises ArgumentError for an unknown symbol.

        >>> from tinyad.modes.symbolic import expression
        >>> e = expression(lambda x, y: x**2 * y + y + 2)
        >>> e.diff("x"), e.diff("x", "y")
        (2*x*y, 2*x)
        """
        if not names and len(self.names) == 1:
            names = self.names
        if mode not in ("forward", "reverse") or not names:
            raise ArgumentError(
                "diff needs the name of a symbol, and forward or reverse as mode.",
                f"The symbols are {', '.join(self.names) or 'none'}.",
            )
        result = self if prune is None else Expression(self.output, self.names, chosen(prune))
        for name in names:
            result = result._derivatives([self._known(name)], mode)[0]
        return result

    def gradient(self, prune: bool | Collection[str] | None = None) -> tuple[Expression, ...]:
        """Return the derivatives in all symbols, in order: one sweep of reverse mode.

        >>> from tinyad.modes.symbolic import expression
        >>> expression(lambda x, y: x**2 * y + y + 2).gradient()
        (2*x*y, 1 + x**2)
        """
        rules = self._rules if prune is None else chosen(prune)
        return tuple(Expression(self.output, self.names, rules)._derivatives(self.names, "reverse"))

    def _derivatives(self, active: Sequence[str], mode: str) -> list[Expression]:
        """Run forward or reverse mode on symbols."""
        spelled = self._rules is not None  # then zeros, ones and constants take part
        varying = self.names if spelled else active
        with Symbols(Terms(rules=self._rules)) as symbols:
            boxes = dict(zip(self.names, symbols.inputs(self.names), strict=True))
            constants = _constants(self.output) if spelled else []
            as_seed = symbols.symbol if spelled else float
            primals = [*(boxes[name] for name in varying), *map(symbols.symbol, constants)]

            def program(*values: Any) -> Any:
                given = {**boxes, **dict(zip(varying, values, strict=False))}
                step = _spelled_out(iter(values[len(varying) :])) if spelled else None
                return run(self.output, given, step)

            if mode == "reverse":
                adjoints = vjp(program, *primals)[1](as_seed(1.0))
                results = [adjoints[varying.index(name)] for name in active]
            else:
                results = [
                    jvp(program, primals, [as_seed(float(k == i)) for k in range(len(primals))])[1]
                    for i in map(varying.index, active)
                ]
            outputs = [r.value if symbols.owns(r) else r for r in results]
        return [Expression(output, self.names, self._rules) for output in outputs]

    # Smaller and larger

    def prune(self, rules: bool | Collection[str] = True) -> Expression:
        """Return the same expression made smaller by all pruning rules, or by the named ones."""
        (output,) = rebuilt([self.output], Terms(rules=chosen(rules)))
        return Expression(output, self.names, chosen(rules))

    def pruning(self, rules: bool | Collection[str] = True) -> Pruning:
        """Apply the pruning rules one at a time: each step has the rule, the nodes, the expression.

        >>> from tinyad.modes.symbolic import expression
        >>> g = expression(lambda x, y: 5 + x * y, prune=False)
        >>> print(g.diff("x").pruning())
        step  rule       nodes  expression
           0                 9  0 + (y*1 + x*0)
           1  1·u = u        7  0 + (y + x*0)
           2  0·u = 0        5  0 + (y + 0)
           3  0 + u = u      3  0 + y
           4  0 + u = u      1  y
        """
        if self.size.steps > STEPPED:
            raise SymbolError(
                f"The expression has {self.size.steps:,} operations: too many steps to be shown.",
                ".prune() prunes it in one go.",
            )
        terms = Terms(rules=chosen(rules))
        steps = [PruningStep("", self.size.tree, self)]
        while (found := shrunk(steps[-1].expression.output, terms)) is not None:
            smaller = Expression(found[1], self.names, self._rules)
            steps.append(PruningStep(found[0], smaller.size.tree, smaller))
        return Pruning(steps)

    @property
    def size(self) -> Size:
        """Count it as a tree, as a shared graph, as named steps, as characters."""
        terms = in_order([self.output])
        nodes: dict[int, int] = {}
        constants = set()
        for term in terms:
            plain_ones = [o for o in term.operands if not isinstance(o, Term)]
            constants |= {constant_key(o) for o in plain_ones}
            inner = sum(nodes[id(o)] for o in term.operands if isinstance(o, Term))
            nodes[id(term)] = 1 + len(plain_ones) + inner
        tree = nodes[id(self.output)] if terms else 1
        steps = sum(term.row is not None for term in terms)
        return Size(tree, len(terms) + len(constants) or 1, steps, length(self.output))

    def cancel(self) -> Expression:
        """Cancel common factors of the numerator and the denominator, by SymPy.

        >>> from tinyad.modes.symbolic import expression
        >>> expression(lambda x: (x**2 - 4) / (x - 2)).cancel()
        x + 2
        """
        return self._through("cancel")

    def simplify(self) -> Expression:
        """Simplify by SymPy, which tries many forms; large expressions take it long.

        >>> from tinyad.modes.symbolic import expression
        >>> expression(lambda x: np.sin(x) ** 2 + np.cos(x) ** 2).simplify()
        1
        """
        return self._through("simplify")

    def _through(self, action: str) -> Expression:
        import sympy

        formula = self.to_sympy(real=True)
        done = sympy_bridge.guarded(getattr(sympy, action), formula)
        functions = sympy_bridge.attached(self.output)
        return Expression(from_formula(done, self.names, functions), self.names, self._rules)

    def to_sympy(self, real: bool = False) -> Any:
        """Return it as a SymPy expression; with `real`, its symbols are assumed to be real.

        Raises SymbolError where SymPy has no counterpart or the tree is too large for it.
        `ad.symbolic.from_sympy` leads back.
        """
        if self.size.tree > SYMPY_NODES:
            raise SymbolError(
                f"As a tree the expression has {self.size.tree:,} nodes; SymPy works on trees.",
                "Keep it as it is: .diff, .evaluate and .size work on the shared graph.",
            )
        return sympy_bridge.guarded(sympy_bridge.to_sympy, self.output, real)

    # Values

    def evaluate(self, **values: Any) -> Any:
        """Return its value: a number for each symbol, or arrays, then entry by entry.

        Raises ArgumentError if the value of a symbol that occurs is missing, or a name is unknown.

        >>> from tinyad.modes.symbolic import expression
        >>> expression(lambda x, y: x**2 * y + y + 2).evaluate(x=3, y=4)
        42.0
        """
        for name in values:
            self._known(name)
        used = [term.name for term in in_order([self.output]) if term.row is None]
        missing = [name for name in self.names if name in used and name not in values]
        if missing:
            raise ArgumentError(
                f"evaluate was not told the value of {', '.join(missing)}.",
                f"Name each symbol: evaluate({', '.join(f'{n}=...' for n in self.names)}).",
            )
        given = {name: promote(v, f"The value of {name}") for name, v in values.items()}
        return plain(run(self.output, given))

    def __call__(self, *values: Any) -> Any:
        if len(values) != len(self.names):
            raise ArgumentError(
                f"The expression was called with {len(values)} value(s).",
                f"Pass one for each of its symbols: {', '.join(self.names)}.",
            )
        return self.evaluate(**dict(zip(self.names, values, strict=True)))

    def _known(self, name: Any) -> str:
        if name not in self.names:
            raise ArgumentError(
                f"{name!r} is no symbol of this expression.",
                f"Its symbols are {', '.join(self.names) or 'none'}.",
            )
        return str(name)

    def __eq__(self, other: object) -> bool:
        """Are both the same graph? x + x and 2x are equal in value, but not the same graph."""
        if not isinstance(other, Expression):
            return NotImplemented
        first, second = rebuilt([self.output, other.output], Terms(rules=()))
        return bool(key_of(first) == key_of(second))

    __hash__ = None  # type: ignore[assignment]

    # How it looks

    def listing(self) -> str:
        """Return it as named steps, one operation a line."""
        steps = listing(self.output) or [("", write(self.output, text))]
        return "\n".join(f"{name} = {formula}" if name else formula for name, formula in steps)

    def __str__(self) -> str:
        return write(self.output, text) if self._is_short() else self.listing()

    def __repr__(self) -> str:
        if self._is_short():
            return str(self)
        size = self.size
        return (
            f"Expression of {size.steps:,} steps; the formula has {size.characters:,} characters. "
            "print() shows the steps."
        )

    def _is_short(self) -> bool:
        return length(self.output) <= LONGEST

    def latex(self) -> str:
        """Return it as LaTeX; a formula too long to be read comes as named steps."""
        brackets = (r"\left(", r"\right)")
        if self._is_short():
            return write(self.output, latex, brackets)
        lines = (f"{name} &= {formula}" for name, formula in listing(self.output, latex))
        return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"

    def _repr_latex_(self) -> str | None:
        return rf"$\displaystyle {self.latex()}$" if length(self.output) <= LONGEST // 5 else None

    def graph(self, shared: bool = True) -> Picture:
        """Draw it as a shared graph, or, with `shared` False, as a tree.

        Raises SymbolError for a constant, which has no graph, and for a tree too large.
        """
        return drawn(self.output, shared)


def _constants(output: Any) -> list[Any]:
    """The constant operands of sums, differences, products and quotients, in program order."""
    terms = [term for term in in_order([output]) if term.row in TEXTBOOK]
    return [o for term in terms for o in term.operands if not isinstance(o, Term)]


def _spelled_out(constants: Iterator[Any]) -> Callable[[Term, Sequence[Any]], Any]:
    """Do operations as a textbook differentiates them: constants have a derivative too."""

    def step(term: Term, operands: Sequence[Any]) -> Any:
        assert term.row is not None
        if term.row not in TEXTBOOK:
            return apply(term.row, operands, term.options)
        pairs = zip(term.operands, operands, strict=True)
        return apply(term.row, [o if isinstance(t, Term) else next(constants) for t, o in pairs])

    return step


def from_formula(formula: Any, names: Sequence[str], functions: Mapping[str, Any]) -> Any:
    """Return the term of a SymPy formula."""
    with Symbols(Terms()) as symbols:
        boxes = dict(zip(names, symbols.inputs(names), strict=True))
        with np.errstate(all="ignore"):  # constants may have no finite value
            result = sympy_bridge.guarded(sympy_bridge.run_sympy, formula, boxes, functions)
        if symbols.owns(result):
            return as_number(symbols, result.value)
        return plain(result) if not isinstance(result, bool | np.bool_) else float(result)
