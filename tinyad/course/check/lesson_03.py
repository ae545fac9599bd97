"""Checks of exercise 3: graphs of programs, their paths, and an order for their nodes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.kinds import UnfitError, described, number
from tinyad.course.properties import agrees, close, computes, holds, returns
from tinyad.course.task import Exercise, Mistake, Property, Task

# -- the graphs that are handed to the learner's code -------------------------------------------

COMPUTE: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "log": math.log,
    "sin": math.sin,
}
FEW = 500  # looks at the parents; sound code needs a few for each of some twenty nodes


class Knot:
    """A node as the exercise has them; it is its own copy, and looks at its parents count."""

    looks = 0  # of all knots together

    def __init__(self, name: str, operation: str, *parents: Knot, value: float = 0.0) -> None:
        self.name, self.operation, self._parents = name, operation, parents
        self.value: float = COMPUTE[operation](*[p.value for p in parents]) if parents else value

    @property
    def parents(self) -> tuple[Knot, ...]:
        """The nodes that this one was made from."""
        Knot.looks += 1
        return self._parents

    def __repr__(self) -> str:
        return self.name

    def __deepcopy__(self, _memory: dict[int, Any]) -> Knot:
        return self


def knot(operation: str, *parents: Knot) -> Knot:
    """Make an operation, named after what it does."""
    names = [p.name for p in parents]
    name = names[0] + operation + names[1] if len(names) == 2 else f"{operation}({names[0]})"
    return Knot(name if len(names) == 1 else f"({name})", operation, *parents)


def entry(name: str, value: float) -> Knot:
    """Make an input."""
    return Knot(name, "input", value=value)


def notes_graph(rng: np.random.Generator) -> list[Knot]:
    """Return log(x1) + x1*x2 - sin(x2), in order of execution."""
    x1, x2 = (entry(f"x{k}", float(np.round(rng.uniform(1.2, 5.0), 2))) for k in (1, 2))
    log, product, sine = knot("log", x1), knot("*", x1, x2), knot("sin", x2)
    total = knot("+", log, product)
    return [x1, x2, log, product, sine, total, knot("-", total, sine)]


def mixed_graph(rng: np.random.Generator) -> list[Knot]:
    """Return a graph whose values neither rise nor fall along the way, with an unused node."""
    x, y = entry("x", float(np.round(rng.uniform(1.5, 3.0), 2))), entry("y", 4.5)
    difference = knot("-", x, y)
    square = knot("*", difference, difference)
    other, unused = knot("*", y, y), knot("sin", x)
    total = knot("+", square, other)
    return [x, y, difference, square, other, unused, total, knot("-", total, square)]


def doublings(count: int, value: float = 1.5) -> list[Knot]:
    """Return a and so many doublings of it."""
    nodes = [entry("a", value)]
    for k in range(count):
        nodes.append(Knot(f"double{k + 1}", "+", nodes[-1], nodes[-1]))
    return nodes


# -- products_on_paths: the paths from x to u*y - x with u = x*x, at (3, 2) ---------------------

ALONG_X = (-1.0, 6.0, 6.0)  # sorted: x is subtracted, and enters x*x twice, 3 * 2 * 1 each
THROUGH_SINE = 2 * math.cos(3.0)


def numbers(value: Any) -> tuple[float, ...]:
    """Accept a list of numbers, in any order."""
    if not isinstance(value, (list, tuple)) or not value:
        raise UnfitError(f"A list of numbers is needed; {described(value)} came back.")
    return tuple(sorted(number(item) for item in value))


def listed(*products: float) -> Callable[[tuple[float, ...]], bool]:
    """Make a test for just these numbers."""
    wanted = tuple(sorted(products))
    return lambda got: close(got, wanted, 1e-3)


products_on_paths = Task(
    "products_on_paths",
    minutes=9,
    takes="",
    gives=numbers,
    properties=[
        holds(
            "the list has the product of each path from x, and no other number",
            lambda ask, _rng: iter([close(ask(), ALONG_X)]),
            "Draw the graph of this run: a node for each operation that was carried out, an arrow "
            "for each use of a value. Then follow every way from x along the arrows.",
        )
    ],
    mistakes=[
        returns(
            lambda got: any(abs(abs(item) - abs(THROUGH_SINE)) < 0.02 for item in got),
            "One of your paths leads through the sine. At (3, 2), was that line carried out?",
        ),
        returns(
            lambda got: len(got) == 1 and close(sum(ALONG_X), got[0], 1e-3),
            "This is the whole slope along x. The task asks for its parts: one number a path.",
        ),
        returns(
            listed(-1.0, 6.0),
            "`x * x` uses x twice, so two arrows lead from x to it. Each begins a path of its own.",
        ),
        returns(
            listed(-1.0, 12.0),
            "Two paths are thrown together here: each arrow from x to `x * x` begins its own.",
        ),
        returns(
            listed(1.0, 6.0, 6.0),
            "A sign is missing. Which local partial does the second argument of a minus have?",
        ),
        returns(
            listed(6.0, 6.0),
            "A path is missing: x is used once more, after u.",
        ),
    ],
)

# -- recorded_difference: a class that records x - 1 and 1 - x ----------------------------------

Seen = tuple[float, str, tuple[Any, ...]]


def a_node(value: Any) -> Any:
    """Accept what `looked_at` found, which is no node if it is a plain value."""
    if type(value) is not tuple:
        raise UnfitError(f"A Recorder is needed; {described(value)} came back.")
    return value


def looked_at(expression: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Make an action that returns value, operation and parents of what the expression records."""

    def action(recorder: Any) -> Any:
        x, y = recorder("input", value=2.0), recorder("input", value=5.0)
        node = expression(x, y)
        if isinstance(node, (int, float, np.number)):
            return node
        names = {id(x): "x", id(y): "y"}
        parents = tuple(names.get(id(p), float(p.value)) for p in node.parents)
        return float(node.value), str(node.operation), parents

    return action


def records(says: str, diagnosis: str, *cases: tuple[str, Any, Seen]) -> Property:
    """Make the property that each of these expressions leaves the right node."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool]:
        for text, expression, expected in cases:
            given = f"{text}, where x is 2 and y is 5"
            yield ask.use(looked_at(expression), given, args=(expected,)) == expected

    return Property(says, test, diagnosis)


def compared(test: Callable[[Seen, Seen], bool], says: str) -> Mistake:
    """Recognize a mistake by what was recorded last, and what should have been."""
    return Mistake(lambda calls: test(calls[-1].value, calls[-1].args[0]), says)


recorded_difference = Task(
    "recorded_difference",
    minutes=8,
    takes="operation",
    gives=a_node,
    properties=[
        records(
            "x - y has both nodes as parents, in this order",
            "",
            ("x - y", lambda x, y: x - y, (-3.0, "-", ("x", "y"))),
            ("x - x", lambda x, y: x - x, (0.0, "-", ("x", "x"))),
        ),
        records(
            "x - 0.5 has x and a node for the number as parents",
            "A parent must be a node. `as_recorder` makes one of a number.",
            ("x - 0.5", lambda x, y: x - 0.5, (1.5, "-", ("x", 0.5))),
        ),
        records(
            "0.5 - x has them the other way round",
            "A parent must be a node. `as_recorder` makes one of a number.",
            ("0.5 - x", lambda x, y: 0.5 - x, (-1.5, "-", (0.5, "x"))),
            ("7 - y", lambda x, y: 7 - y, (2.0, "-", (7.0, "y"))),
        ),
        records(
            "differences of differences work, too",
            "The result must be a Recorder, so that it can be used again.",
            ("1 - (2 - x)", lambda x, y: 1 - (2 - x), (1.0, "-", (1.0, 0.0))),
            ("(x - 1) + 3", lambda x, y: (x - 1) + 3, (4.0, "+", (1.0, 3.0))),
        ),
    ],
    mistakes=[
        compared(
            lambda got, expected: got[1] != expected[1],
            "The value may be right, but another operation is recorded. Whoever reads the graph "
            "should find what the program did.",
        ),
        compared(
            lambda got, expected: got[2] == expected[2][::-1],
            "The parents are exchanged. For `a - b` Python calls `a.__sub__(b)`; only if a knows "
            "no answer does it call `b.__rsub__(a)`. Which of the two is `self` in each of them?",
        ),
        compared(
            lambda got, expected: any(
                isinstance(e, str) and not isinstance(g, str)
                for g, e in zip(got[2], expected[2], strict=True)
            ),
            "A parent has the right value, but it is a copy: the way back to x is cut. Use the "
            "node itself.",
        ),
    ],
)

# -- parents_first: a topological order of all nodes --------------------------------------------


def knots(value: Any) -> tuple[Knot, ...]:
    """Accept a list of nodes."""
    if not isinstance(value, (list, tuple)):
        raise UnfitError(f"A list of nodes is needed; {described(value)} came back.")
    for item in value:
        if type(item) is not Knot:
            raise UnfitError(f"The list should hold nodes, but {described(item)} is in it.")
    return tuple(value)


def is_ordered(order: Sequence[Knot]) -> bool:
    """Does each node stand after its parents?"""
    place = {node: k for k, node in enumerate(order)}
    return all(place.get(p, -1) < place[node] for node in order for p in node.parents)


def shuffled(rng: np.random.Generator, *graphs: list[Knot]) -> Iterator[list[Knot]]:
    """Shuffle each graph until it is not in order, and the reverse neither."""
    for graph in graphs:
        nodes = list(graph)
        while is_ordered(nodes) or is_ordered(nodes[::-1]):
            nodes = [graph[k] for k in rng.permutation(len(graph))]
        yield nodes


def on_graphs(
    says: str, verdict: Callable[[Sequence[Knot], list[Knot]], bool], diagnosis: str = ""
) -> Property:
    """Make the property that the order of three shuffled graphs is as the verdict says."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for nodes in shuffled(rng, notes_graph(rng), mixed_graph(rng), doublings(6)):
            yield verdict(ask(nodes), nodes)

    return Property(says, test, diagnosis)


def list_stays(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
    """Test that the list which was handed over is left alone."""
    for nodes in shuffled(rng, notes_graph(rng)):
        ask(nodes)
        yield "nodes is not what it was before the call" if ask.changed else True


def long_chain(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Test a long program, and one that is in order already."""
    for nodes in (*shuffled(rng, doublings(300, 0.0)), doublings(12)):
        order = ask(nodes)
        yield len(order) == len(nodes) == len(set(order)) and is_ordered(order)


def ordering(rule: Callable[[list[Knot]], Sequence[Knot]], says: str) -> Mistake:
    """Recognize another order."""

    def matches(calls: Sequence[Call]) -> bool:
        return all(call.value == tuple(rule(list(call.args[0]))) for call in calls)

    return Mistake(matches, says)


def backward(calls: Sequence[Call]) -> bool:
    """Is each list a topological order read from its end?"""
    return all(is_ordered(call.value[::-1]) for call in calls)


parents_first = Task(
    "parents_first",
    minutes=14,
    takes="nodes",
    gives=knots,
    properties=[
        on_graphs(
            "the list has each node once",
            lambda order, nodes: len(order) == len(nodes) and set(order) == set(nodes),
            "Some nodes are missing, or stand there twice. One sweep over the list is seldom "
            "enough: a node whose parents come later in it must wait for another sweep.",
        ),
        on_graphs(
            "each node stands after all its parents",
            lambda order, nodes: is_ordered(order),
            "Before a node is put into the list, all its parents must be there already.",
        ),
        holds(
            "the list that was handed over stays as it was",
            list_stays,
            "A list is handed over, not copied: removing from it inside removes outside.",
        ),
        holds("it is so for a long program, and for one that is in order already", long_chain),
    ],
    mistakes=[
        ordering(lambda nodes: nodes, "This is the list as it came, and it came in a mixed order."),
        ordering(
            lambda nodes: sorted(nodes, key=lambda node: node.value),
            "The nodes are sorted by their values. A value says nothing about the order: a "
            "difference can be smaller than what it was made from.",
        ),
        ordering(
            lambda nodes: sorted(nodes, key=lambda node: len(node.parents)),
            "Nodes with few parents come first here. But a node with one parent may have to wait "
            "for a node with two.",
        ),
        ordering(
            lambda nodes: sorted(nodes, key=lambda node: bool(node.parents)),
            "The inputs come first, and that is right. The operations behind them depend on one "
            "another, too.",
        ),
        Mistake(
            backward,
            "This is the right order, read from its end: the result first, the inputs last.",
        ),
    ],
)

# -- mended_evaluation: compute a graph at other inputs, each node once -------------------------


def value_at(result: Knot, inputs: dict[Knot, float]) -> float:
    """Compute the result, each node once, without recursion."""
    values = dict(inputs)
    waiting = [result]
    while waiting:
        missing = [p for p in waiting[-1].parents if p not in values]
        if missing:
            waiting += missing
        else:
            node = waiting.pop()
            if node not in values:
                values[node] = COMPUTE[node.operation](*[values[p] for p in node.parents])
    return values[result]


def at_new_inputs(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw some graphs, with inputs that differ from those of the recorded run."""
    for nodes in (notes_graph(rng), mixed_graph(rng), doublings(4)):
        fresh = rng.uniform(1.1, 5.9, len(nodes))
        inputs = {
            node: float(np.round(new, 2))
            for node, new in zip(nodes, fresh, strict=True)
            if node.operation == "input"
        }
        yield nodes[-1], inputs


def by_operation(result: Knot, inputs: dict[Knot, float]) -> float:
    """Compute with one value for each kind of operation, which is one of the mistakes."""
    values: dict[str, float] = {}

    def value(node: Knot) -> float:
        if node in inputs:
            return inputs[node]
        if node.operation not in values:
            values[node.operation] = COMPUTE[node.operation](*[value(p) for p in node.parents])
        return values[node.operation]

    return value(result)


def few_looks(*graphs: Callable[[], tuple[Any, ...]]) -> Any:
    """Make a test of how often the learner's code looks at the parents of the nodes."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
        for graph in graphs:
            arguments = graph()
            Knot.looks = 0
            ask(*arguments)
            seen = f"it looked {Knot.looks} times at the parents of a node"
            yield seen if Knot.looks > FEW else True

    return test


def doubled_input() -> tuple[Knot, dict[Knot, float]]:
    """Return fifteen doublings and a new value of their input."""
    nodes = doublings(15)
    return nodes[-1], {nodes[0]: 0.75}


def second_call(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Compute one graph twice, with one dictionary whose input changes between the calls."""
    nodes = notes_graph(rng)
    first, second = {nodes[0]: 2.5, nodes[1]: 0.5}, {nodes[0]: 1.5, nodes[1]: 3.5}

    def twice(evaluation: Any) -> Any:
        inputs = dict(first)
        evaluation(nodes[-1], inputs)
        inputs.update(second)
        return evaluation(nodes[-1], inputs)

    given = f"result = {nodes[-1]!r}, first with inputs = {first}, then with inputs = {second}"
    got = ask.use(twice, given, args=(nodes[-1], second))
    yield close(got, value_at(nodes[-1], second))


mended_evaluation = Task(
    "mended_evaluation",
    minutes=12,
    takes="result, inputs",
    gives=number,
    properties=[
        agrees("it is the value of the program at the new inputs", value_at, at_new_inputs),
        agrees(
            "an input that is the result itself has its new value",
            value_at,
            lambda rng: ((x := entry("x", 1.5), {x: 4.25}) for _ in range(1)),
        ),
        holds(
            "fifteen doublings need few looks",
            few_looks(doubled_input),
            "Each path is still walked on its own. Remember the value of a node when it is known, "
            "and ask whether it is known before its parents are asked.",
        ),
        holds(
            "a second call with other inputs is computed anew",
            second_call,
            "Something of the first call is still remembered: in a dictionary that is made outside "
            "of the function, in a default argument, or in `inputs`, which belongs to the caller.",
        ),
    ],
    mistakes=[
        computes(
            lambda result, inputs: result.value,
            "This is the value of the recorded run. The inputs have other values now.",
        ),
        computes(
            by_operation,
            "Two nodes with the same operation seem to share one value. Remember values by node, "
            "not by operation.",
        ),
    ],
)

# -- count_paths: how many paths lead from one node to another ----------------------------------


def paths_between(result: Knot, source: Knot) -> int:
    """Count paths by pushing counts through the nodes in their order of execution."""
    order: dict[Knot, None] = {}
    waiting = [result]
    while waiting:
        missing = [p for p in waiting[-1].parents if p not in order]
        if missing:
            waiting += missing
        else:
            order[waiting.pop()] = None
    counts: dict[Knot, int] = {}
    for node in order:
        counts[node] = 1 if node is source else sum(counts[p] for p in node.parents)
    return counts[result]


def ends(rng: np.random.Generator) -> Iterator[tuple[Knot, Knot]]:
    """Draw graphs with several paths."""
    nodes = notes_graph(rng)
    yield nodes[-1], nodes[0]
    yield nodes[-1], nodes[1]
    nodes = mixed_graph(rng)
    yield nodes[-1], nodes[0]
    yield nodes[-1], nodes[2]


def corners() -> list[tuple[Knot, Knot]]:
    """Return a node with itself, and nodes between which no path leads."""
    nodes = notes_graph(np.random.default_rng(0))
    return [(nodes[2], nodes[2]), (nodes[0], nodes[0]), (nodes[2], nodes[1]), (nodes[0], nodes[4])]


def ends_of(count: int) -> tuple[Knot, Knot]:
    """Return the ends of so many doublings."""
    nodes = doublings(count)
    return nodes[-1], nodes[0]


def distinct(result: Knot, source: Knot) -> int:
    """Count paths as if two arrows between the same nodes were one: a mistake."""
    if result is source:
        return 1
    return sum(distinct(p, source) for p in dict.fromkeys(result.parents))


def longest(result: Knot, source: Knot) -> int:
    """Count the arrows of the longest path: a mistake."""
    if result is source:
        return 0
    return max((1 + longest(p, source) for p in result.parents), default=0)


def all_ends(result: Knot, _source: Knot) -> int:
    """Count the paths to all inputs: a mistake."""
    return sum(all_ends(p, _source) for p in result.parents) if result.parents else 1


count_paths = Task(
    "count_paths",
    minutes=12,
    takes="result, source",
    gives=number,
    stretch=True,
    properties=[
        agrees("both arrows of a doubling count", paths_between, [ends_of(1), ends_of(3)]),
        agrees("it is right for other graphs", paths_between, ends),
        agrees(
            "one path leads from a node to itself, none from a node it does not depend on",
            paths_between,
            corners(),
        ),
        holds(
            "fifteen doublings need few looks",
            few_looks(lambda: ends_of(15)),
            "The paths are counted one by one. How many lead to a node follows from how many lead "
            "to its parents: remember that number for each node.",
        ),
        agrees("it counts the paths through ninety doublings", paths_between, [ends_of(90)]),
    ],
    mistakes=[
        computes(
            distinct,
            "Two arrows between the same nodes are two paths: `a + a` moves twice as fast as a.",
        ),
        computes(longest, "This is the length of the longest path, not the number of paths."),
        computes(
            all_ends,
            "These are the paths from all inputs. Only those that begin at `source` count.",
        ),
    ],
)

EXERCISE = Exercise(
    "03_computational_graphs",
    "Exercise 3 · Follow the paths of a program",
    [products_on_paths, recorded_difference, parents_first, mended_evaluation, count_paths],
)
