"""Plausible wrong answers to each task, as a learner would write them, and what they must hear.

Those of lessons 1 to 7 stand here; those of a later lesson NN in a file wrong_NN.py beside it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from wrong import Wrong

# A recorder with two methods for the minus: `x - other`, and `other - x`.
RECORDER = """\
class Recorder(Node):
    def __add__(self, other):
        return Recorder("+", self, as_recorder(other))

    def __radd__(self, other):
        return Recorder("+", as_recorder(other), self)

    def __mul__(self, other):
        return Recorder("*", self, as_recorder(other))

    def __sub__(self, other):
        return {right}

    def __rsub__(self, other):
        return {left}
"""

# A sound number for the tape of exercise 6; each wrong answer spoils one line of it.
TAPE_NUMBER = """\
class TapeNumber:
    def __init__(self, value, tape, *entry):
        self.value, self.tape, self.position = value, tape, len(tape)
        tape.append(entry)

    def taped(self, other):
        return other if isinstance(other, TapeNumber) else TapeNumber(other, self.tape)

    def pair(self, value, other, dx, dy):
        return TapeNumber(value, self.tape, (self.position, dx), (other.position, dy))

    def __add__(self, other):
        v = self.taped(other)
        return self.pair(self.value + v.value, v, 1.0, 1.0)

    def __mul__(self, other):
        v = self.taped(other)
        return self.pair(self.value * v.value, v, v.value, self.value)

    def __sub__(self, other):
        v = self.taped(other)
        return self.pair(self.value - v.value, v, 1.0, -1.0)

    def __truediv__(self, other):
        v = self.taped(other)
        return self.pair(self.value / v.value, v, 1 / v.value, -self.value / v.value**2)

    def __rsub__(self, other):
        return self.taped(other) - self

    def __rtruediv__(self, other):
        return self.taped(other) / self

    def exp(self):
        value = np.exp(self.value)
        return TapeNumber(value, self.tape, (self.position, value))

    __radd__, __rmul__ = __add__, __mul__
"""


def spoiled(sound: str, wrong: str) -> str:
    """Return the sound number with one line spoiled."""
    assert TAPE_NUMBER.count(sound) == 1, sound
    return TAPE_NUMBER.replace(sound, wrong)


# A sweep for exercise 4, to be filled with statements.
_ADJOINTS = (
    "def trace_adjoints(x1, x2):\n"
    "    v = {{-1: x1, 0: x2, 1: x1 * x2, 2: np.exp(x1 * x2)}}\n"
    "    v[3] = v[1] + v[2]\n"
    "    bar = dict.fromkeys([*v, 4], 0.0)\n"
    "    bar[4] = 1.0\n"
    "    {}\n"
    "    return bar"
)


def _derivers() -> list[tuple[str, ...]]:
    """Rules for exercise 7, each list with one that is wrong: leaf, number, *, sin, cos."""
    sound = {
        "leaf": "1 if formula == name else 0",
        "plain": "0",
        "product": "('+', ('*', slopes[0], parts[1]), ('*', parts[0], slopes[1]))",
        "sine": "('*', ('cos', *parts), *slopes)",
        "cosine": "('*', ('*', -1, ('sin', *parts)), *slopes)",
    }
    changes: list[tuple[dict[str, str], str, str]] = [
        ({"product": "('*', *slopes)"}, "not the product of the derivatives", "not yet"),
        (
            {"sine": "('cos', *parts)", "cosine": "('*', -1, ('sin', *parts))"},
            "inner derivative is missing",
            "not yet",
        ),
        (
            {"sine": "('cos', *slopes)", "cosine": "('*', -1, ('sin', *slopes))"},
            "taken at the derivative",
            "not yet",
        ),
        ({"cosine": "('*', ('sin', *parts), *slopes)"}, "rise or fall", "not yet"),
        ({"leaf": "1"}, "which are held still", "not yet"),
        ({"plain": "1"}, "A number never moves", "not yet"),
        ({"sine": "np.cos(parts[0]) * slopes[0]"}, "TypeError", "cannot run"),
        ({"product": "('+', slopes[0] * parts[1], parts[0])"}, "not the name", "cannot run"),
    ]
    return [(*(sound | wrong).values(), hears, state) for wrong, hears, state in changes]


WRONG = [
    # -- exercise 1 ----------------------------------------------------------------------------
    Wrong("same_slope", "def same_slope():\n    return []", "is a number"),
    Wrong("same_slope", "def same_slope():\n    return ['b', 'c', 'e']", "slope of e itself"),
    Wrong("same_slope", "def same_slope():\n    return ['b', 'd']", "rise equally fast"),
    Wrong("same_slope", "def same_slope():\n    return ('c',)", "Not all of them yet"),
    Wrong("same_slope", "def same_slope():\n    return 6", "list of letters", "cannot run"),
    Wrong("power_term", "def power_term(x, y):\n    return 3 * x**2 + 4", "y is gone"),
    Wrong("power_term", "def power_term(x, y):\n    return 3 * x**3 * y + 4", "lowers it by one"),
    Wrong("power_term", "def power_term(x, y):\n    return x**2 * y + 4", "in front as a factor"),
    Wrong("power_term", "def power_term(x, y):\n    return x**3 + 4", "the other way round"),
    Wrong("power_term", "def power_term(x, y):\n    3 * x**2 * y + 4", "return", "cannot run"),
    Wrong(
        "gradient_by_hand",
        "def gradient_by_hand(x, y):\n"
        "    return 2 * x * np.sin(x * y) + x**2 * np.cos(x * y), x**3 * np.cos(x * y)",
        "Along x, the inner derivative is missing",
    ),
    Wrong(
        "gradient_by_hand",
        "def gradient_by_hand(x, y):\n"
        "    along_x = 2 * x * np.sin(x * y) + x**2 * y * np.cos(x * y)\n"
        "    return along_x, x**2 * np.cos(x * y)",
        "Along y, the inner derivative is missing",
    ),
    Wrong(
        "gradient_by_hand",
        "def gradient_by_hand(x, y):\n    return 2 * x * np.cos(x * y) * y, x**3 * np.cos(x * y)",
        "two derivatives are multiplied",
    ),
    Wrong(
        "gradient_by_hand",
        "def gradient_by_hand(x, y):\n"
        "    along_x = 2 * x * np.sin(x * y) + x**2 * y * np.cos(x * y)\n"
        "    return x**3 * np.cos(x * y), along_x",
        "look exchanged",
    ),
    Wrong(
        "gradient_by_hand",
        "def gradient_by_hand(x, y):\n    return math.sin(x), 0.0",
        "NameError",
        "cannot run",
    ),
    Wrong("mended_chain", "mended = gradient_of_q", "locked program's numbers"),
    Wrong(
        "mended_chain",
        "def mended(x, y):\n"
        "    inner = x**2 + y\n"
        "    return 2 * x * (3 * inner**2 + y), 3 * inner**2 + x",
        "multiplies too much",
    ),
    Wrong(
        "mended_chain",
        "def mended(x, y):\n"
        "    inner = x**2 + y\n"
        "    return 3 * inner**2 * 2 * x + y, 3 * inner**2 * 2 * x + x",
        "Along y it was sound",
    ),
    Wrong(
        "mended_chain",
        "def mended(x, y):\n"
        "    inner = x**2 + y\n"
        "    return 3 * inner**2 * (2 * x + 1) + y, 3 * inner**2 + x",
        "lets y move as well",
    ),
    Wrong(
        "slope_of_product",
        "def slope_of_product(values, slopes):\n    return np.prod(slopes)",
        "multiplies the slopes",
    ),
    Wrong(
        "slope_of_product",
        "def slope_of_product(values, slopes):\n"
        "    product, total = 1.0, 0.0\n"
        "    for value in values:\n"
        "        product = product * value\n"
        "    for value, slope in zip(values, slopes):\n"
        "        total = total + slope * product / value\n"
        "    return total",
        "fails where that factor is zero",
        "cannot run",
    ),
    Wrong(
        "slope_of_product",
        "def slope_of_product(values, slopes):\n"
        "    return sum(np.prod(values) * s / v for v, s in zip(values, slopes))",
        "fails where that factor is zero",
    ),
    Wrong(
        "slope_of_product",
        "def slope_of_product(values, slopes):\n    return sum(slopes)",
        "rule for a sum",
    ),
    # -- exercise 2 ----------------------------------------------------------------------------
    Wrong(
        "order_of_steps",
        "def order_of_steps():\n    return ['e', 'd', 'c', 'b', 'a']",
        "Smaller is not always better",
    ),
    Wrong(
        "order_of_steps",
        "def order_of_steps():\n    return ['a', 'b', 'c', 'd', 'e']",
        "Larger is not always better",
    ),
    Wrong(
        "order_of_steps",
        "def order_of_steps():\n    return ['c', 'e', 'd', 'b', 'a']",
        "step e once more",
    ),
    Wrong(
        "order_of_steps",
        "def order_of_steps():\n    return ['b', 'c', 'd', 'a', 'e']",
        "Two errors add up",
    ),
    Wrong(
        "order_of_steps",
        "def order_of_steps():\n    return ['c', 'b']",
        "each of",
        "cannot run",
    ),
    Wrong(
        "central_difference",
        "def central_difference(f, x, eps=1e-5):\n    return (f(x + eps) - f(x - eps)) / eps",
        "How far is it",
    ),
    Wrong(
        "central_difference",
        "def central_difference(f, x, eps=1e-5):\n    return (f(x + eps) - f(x - eps)) / 2 * eps",
        "brackets",
    ),
    Wrong(
        "central_difference",
        "def central_difference(f, x, eps=1e-5):\n    return (f(x + eps) - f(x)) / eps",
        "Newton's quotient",
    ),
    Wrong(
        "central_difference",
        "import tinyad as ad\n\n\n"
        "def central_difference(f, x, eps=1e-5):\n"
        "    return ad.finite.difference(f, x, eps, 'central')",
        "This task asks you to build it",
        "cannot run",
    ),
    Wrong(
        "forward_gradient",
        "def forward_gradient(f, x):\n"
        "    eps = 1e-8\n"
        "    return np.array([(f(x + eps) - f(x)) / eps for _ in x])",
        "moves all parameters at once",
    ),
    Wrong(
        "forward_gradient",
        "def forward_gradient(f, x):\n"
        "    base, slopes = f(x), np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        eps = 1e-8 * max(1.0, abs(x[i]))\n"
        "        x[i] += eps\n"
        "        slopes[i] = (f(x) - base) / eps\n"
        "    return slopes",
        "not put back",
    ),
    Wrong(
        "forward_gradient",
        "def forward_gradient(f, x):\n"
        "    base, slopes = f(x), np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        moved = x.astype(float)\n"
        "        moved[i] += 1e-8\n"
        "        slopes[i] = (f(moved) - base) / 1e-8\n"
        "    return slopes",
        "cannot tell a tiny step from none",
    ),
    Wrong(
        "forward_gradient",
        "def forward_gradient(f, x):\n"
        "    base, slopes = f(x), np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        moved = x.astype(float)\n"
        "        moved[i] += 1e-8 * abs(x[i])\n"
        "        slopes[i] = (f(moved) - base) / (1e-8 * abs(x[i]))\n"
        "    return slopes",
        "vanishes with it",
    ),
    Wrong(
        "forward_gradient",
        "def forward_gradient(f, x):\n"
        "    slopes = np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        eps = 1e-8 * max(1.0, abs(x[i]))\n"
        "        moved = x.astype(float)\n"
        "        moved[i] += eps\n"
        "        slopes[i] = (f(moved) - f(x)) / eps\n"
        "    return slopes",
        "one call serves them all",
    ),
    Wrong("mended_checker", "mended = accepts", "the sum of all partial derivatives"),
    Wrong(
        "mended_checker",
        "def mended(f, gradient, x):\n"
        "    near = []\n"
        "    for i in range(len(x)):\n"
        "        moved = x.copy()\n"
        "        moved[i] += 1e-6\n"
        "        near.append(abs((f(moved) - f(x)) / 1e-6 - gradient(x)[i]) < 1e-3)\n"
        "    return np.any(near)",
        "All of them must agree",
    ),
    Wrong(
        "mended_checker",
        "def mended(f, gradient, x):\n"
        "    for i in range(len(x)):\n"
        "        moved = x.copy()\n"
        "        moved[i] += 1e-6\n"
        "        if (f(moved) - f(x)) / 1e-6 - gradient(x)[i] > 1e-3:\n"
        "            return False\n"
        "    return True",
        "absolute value",
    ),
    Wrong(
        "mended_checker",
        "def mended(f, gradient, x):\n"
        "    for i in range(len(x)):\n"
        "        moved = x.copy()\n"
        "        moved[i] += 1e-6\n"
        "        return abs((f(moved) - f(x)) / 1e-6 - gradient(x)[i]) < 1e-3",
        "Only the first",
    ),
    Wrong(
        "complex_gradient",
        "def complex_gradient(f, x):\n"
        "    slopes = np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        moved = x.astype(complex)\n"
        "        moved[i] += 1e-20j\n"
        "        slopes[i] = f(moved).real\n"
        "    return slopes",
        "real part",
    ),
    Wrong(
        "complex_gradient",
        "def complex_gradient(f, x):\n"
        "    slopes = np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        moved = x.astype(complex)\n"
        "        moved[i] += 1e-20j\n"
        "        slopes[i] = f(moved).imag\n"
        "    return slopes",
        "divide the imaginary part",
    ),
    Wrong(
        "complex_gradient",
        "def complex_gradient(f, x):\n"
        "    slopes, here = np.zeros(len(x)), f(x)\n"
        "    for i in range(len(x)):\n"
        "        moved = x.astype(float)\n"
        "        moved[i] += 1e-8\n"
        "        slopes[i] = (f(moved) - here) / 1e-8\n"
        "    return slopes",
        "without a subtraction",
    ),
    Wrong(
        "complex_gradient",
        "def complex_gradient(f, x):\n"
        "    slopes = np.zeros(len(x))\n"
        "    for i in range(len(x)):\n"
        "        moved = x.copy()\n"
        "        moved[i] += 1e-20j\n"
        "        slopes[i] = f(moved).imag / 1e-20\n"
        "    return slopes",
        "drops the imaginary part",
    ),
    # -- exercise 3 ----------------------------------------------------------------------------
    Wrong(
        "products_on_paths",
        "def products_on_paths():\n    return [6, -1]",
        "two arrows lead from x",
    ),
    Wrong(
        "products_on_paths", "def products_on_paths():\n    return [6, 6, 1]", "A sign is missing"
    ),
    Wrong(
        "products_on_paths",
        "def products_on_paths():\n    return [6, 6, -1, 2 * np.cos(3)]",
        "leads through the sine",
    ),
    Wrong("products_on_paths", "def products_on_paths():\n    return [11]", "the whole slope"),
    Wrong("products_on_paths", "def products_on_paths():\n    return [6, 6]", "A path is missing"),
    Wrong(
        "products_on_paths",
        "def products_on_paths():\n    return 11",
        "A list of numbers is needed",
        "cannot run",
    ),
    Wrong(
        "recorded_difference",
        RECORDER.format(
            right='Recorder("-", self, as_recorder(other))',
            left='Recorder("-", self, as_recorder(other))',
        ),
        "The parents are exchanged",
    ),
    Wrong(
        "recorded_difference",
        RECORDER.format(
            right='Recorder("-", as_recorder(other), self)',
            left='Recorder("-", as_recorder(other), self)',
        ),
        "The parents are exchanged",
    ),
    Wrong(
        "recorded_difference",
        RECORDER.format(
            right='Recorder("-", self, as_recorder(other))',
            left='Recorder("*", self - other, as_recorder(-1))',
        ),
        "another operation is recorded",
    ),
    Wrong(
        "recorded_difference",
        RECORDER.format(
            right='Recorder("-", as_recorder(self.value), as_recorder(other))',
            left='Recorder("-", as_recorder(other), as_recorder(self.value))',
        ),
        "it is a copy",
    ),
    Wrong(
        "recorded_difference",
        RECORDER.format(
            right='Recorder("-", self, other)',
            left='Recorder("-", as_recorder(other), self)',
        ),
        "A parent must be a node",
        "cannot run",
    ),
    Wrong(
        "recorded_difference",
        RECORDER.format(right="self.value - as_recorder(other).value", left="other - self.value"),
        "A Recorder is needed",
        "cannot run",
    ),
    Wrong("parents_first", "def parents_first(nodes):\n    return nodes", "the list as it came"),
    Wrong(
        "parents_first",
        "def parents_first(nodes):\n    return sorted(nodes, key=lambda node: node.value)",
        "sorted by their values",
    ),
    Wrong(
        "parents_first",
        "def parents_first(nodes):\n"
        "    inputs = [node for node in nodes if not node.parents]\n"
        "    return inputs + [node for node in nodes if node.parents]",
        "The inputs come first, and that is right",
    ),
    Wrong(
        "parents_first",
        "def parents_first(nodes):\n"
        "    order = []\n"
        "    for node in nodes:\n"
        "        if all(parent in order for parent in node.parents):\n"
        "            order.append(node)\n"
        "    return order",
        "One sweep over the list is seldom enough",
    ),
    Wrong(
        "parents_first",
        "def parents_first(nodes):\n"
        "    order = []\n"
        "    while len(order) < len(nodes):\n"
        "        for node in nodes:\n"
        "            if node not in order and all(p in order for p in node.parents):\n"
        "                order.append(node)\n"
        "    return order[::-1]",
        "read from its end",
    ),
    Wrong(
        "parents_first",
        "def parents_first(nodes):\n"
        "    order = []\n"
        "    while nodes:\n"
        "        for node in list(nodes):\n"
        "            if all(p in order for p in node.parents):\n"
        "                order.append(node)\n"
        "                nodes.remove(node)\n"
        "    return order",
        "removing from it inside removes outside",
    ),
    Wrong("mended_evaluation", "mended = evaluate", "Each path is still walked"),
    Wrong(
        "mended_evaluation",
        "def mended(result, inputs):\n    return result.value",
        "the value of the recorded run",
    ),
    Wrong(
        "mended_evaluation",
        "def mended(result, inputs):\n"
        "    values = {}\n"
        "\n"
        "    def value(node):\n"
        "        if node in inputs:\n"
        "            return inputs[node]\n"
        "        if node.operation not in values:\n"
        "            known = [value(p) for p in node.parents]\n"
        "            values[node.operation] = compute[node.operation](*known)\n"
        "        return values[node.operation]\n"
        "\n"
        "    return value(result)",
        "by node, not by operation",
    ),
    Wrong(
        "mended_evaluation",
        "def mended(result, inputs):\n"
        "    if result not in inputs:\n"
        "        known = [mended(p, inputs) for p in result.parents]\n"
        "        inputs[result] = compute[result.operation](*known)\n"
        "    return inputs[result]",
        "Something of the first call is still remembered",
    ),
    Wrong(
        "mended_evaluation",
        "def mended(result, inputs, values={}):\n"
        "    if result in inputs:\n"
        "        return inputs[result]\n"
        "    if result not in values:\n"
        "        known = [mended(p, inputs) for p in result.parents]\n"
        "        values[result] = compute[result.operation](*known)\n"
        "    return values[result]",
        "Something of the first call is still remembered",
    ),
    Wrong(
        "count_paths",
        "def count_paths(result, source):\n"
        "    if result is source:\n"
        "        return 1\n"
        "    return sum(count_paths(p, source) for p in result.parents)",
        "The paths are counted one by one",
    ),
    Wrong(
        "count_paths",
        "def count_paths(result, source):\n"
        "    if result is source:\n"
        "        return 1\n"
        "    return sum(count_paths(p, source) for p in set(result.parents))",
        "moves twice as fast",
    ),
    Wrong(
        "count_paths",
        "def count_paths(result, source):\n"
        "    if not result.parents:\n"
        "        return 1\n"
        "    return sum(count_paths(p, source) for p in result.parents)",
        "Only those that begin at `source`",
    ),
    Wrong(
        "count_paths",
        "def count_paths(result, source):\n"
        "    if result is source:\n"
        "        return 0\n"
        "    return max([1 + count_paths(p, source) for p in result.parents], default=0)",
        "the length of the longest path",
    ),
    # -- exercise 4 ----------------------------------------------------------------------------
    Wrong(
        "adjoint_column",
        "def adjoint_column():\n    return [1, 0, 2, 24, 24]",
        "when the first input moves",
    ),
    Wrong(
        "adjoint_column",
        "def adjoint_column():\n    return (12, 17, 6, 1, 1)",
        "uses v₁ twice",
    ),
    Wrong(
        "adjoint_column",
        "def adjoint_column():\n    return [24, 36, 12, 1, 1]",
        "Line 3 uses v₀ as well",
    ),
    Wrong(
        "adjoint_column",
        "def adjoint_column():\n    return np.array([1.0, 1.0, 12.0, 35.0, 24.0])",
        "from the top row down",
    ),
    Wrong(
        "adjoint_column",
        "def adjoint_column():\n    return [24, 35]",
        "A list of 5 numbers",
        "cannot run",
    ),
    Wrong(
        "quotient_tangent",
        "def quotient_tangent(x1, x2, seed1, seed2):\n"
        "    slope = seed1 * x2 + x1 * seed2\n"
        "    return np.cos(x1 * x2) * slope / x2",
        "v₀ moves as well",
    ),
    Wrong(
        "quotient_tangent",
        "def quotient_tangent(x1, x2, seed1, seed2):\n"
        "    u, du = np.sin(x1 * x2), np.cos(x1 * x2) * (seed1 * x2 + x1 * seed2)\n"
        "    return (du * x2 + u * seed2) / x2**2",
        "makes a quotient smaller",
    ),
    Wrong(
        "quotient_tangent",
        "def quotient_tangent(x1, x2, seed1, seed2):\n"
        "    u, du = np.sin(x1 * x2), np.cos(x1 * x2) * (seed1 * x2 + x1 * seed2)\n"
        "    return (du * x2 - u * seed2) / x2",
        "its denominator is a square",
    ),
    Wrong(
        "quotient_tangent",
        "import tinyad as ad\n\n\n"
        "def quotient_tangent(x1, x2, seed1, seed2):\n"
        "    def y(x1, x2):\n"
        "        return np.sin(x1 * x2) / x2\n\n"
        "    return ad.trace(y, x1, x2).forward(seed1, seed2).tangent",
        "This task asks you to build it",
        "cannot run",
    ),
    Wrong(
        "trace_adjoints",
        _ADJOINTS.format(
            "bar[3] = v[0]\n    bar[0] = v[3]\n    bar[1] = bar[3]\n    bar[2] = bar[3]\n"
            "    bar[1] = bar[2] * v[2]\n    bar[-1] = bar[1] * v[0]\n    bar[0] = bar[1] * v[-1]"
        ),
        "kept its last share alone",
    ),
    Wrong(
        "trace_adjoints",
        _ADJOINTS.format(
            "bar[-1] += bar[1] * v[0]\n    bar[0] += bar[1] * v[-1]\n    bar[1] += bar[2] * v[2]\n"
            "    bar[1] += bar[3]\n    bar[2] += bar[3]\n"
            "    bar[3] += bar[4] * v[0]\n    bar[0] += bar[4] * v[3]"
        ),
        "Zeros were handed on",
    ),
    Wrong(
        "trace_adjoints",
        _ADJOINTS.format(
            "bar[3] += v[0]\n    bar[0] += v[3]\n    bar[1] += bar[3]\n    bar[2] += bar[3]\n"
            "    bar[-1] += bar[1] * v[0]\n    bar[0] += bar[1] * v[-1]\n"
            "    bar[1] += bar[2] * v[2]"
        ),
        "before line 2 had added its share",
    ),
    Wrong(
        "trace_adjoints",
        _ADJOINTS.format(
            "bar[3] += v[0]\n    bar[0] += v[3]\n    bar[1] += bar[3]\n    bar[2] += bar[3]\n"
            "    bar[1] += bar[2] * v[2]\n    bar[-1] += bar[1] * v[0]\n    bar[0] = bar[1] * v[-1]"
        ),
        "lost the share of line 4",
    ),
    Wrong(
        "trace_adjoints",
        "def trace_adjoints(x1, x2):\n"
        "    e = np.exp(x1 * x2)\n"
        "    return {-1: 1.0, 0: 0.0, 1: x2, 2: x2 * e, 3: x2 * (1 + e), 4: x2**2 * (1 + e)}",
        "These are tangents",
    ),
    Wrong(
        "trace_adjoints",
        "def trace_adjoints(x1, x2):\n    return 1.0",
        "The dict `bar` is needed",
        "cannot run",
    ),
    Wrong("mended_trace", "mended = gradient", "These are the locked program's numbers"),
    Wrong(
        "mended_trace",
        "def mended(x1, x2):\n    return 1 / x1 + x2, x1",
        "before the share of line 2 has arrived",
    ),
    Wrong(
        "mended_trace",
        "def mended(x1, x2):\n    both = 1 - np.cos(x1 * x2)\n    return both * x2, both * x1",
        "one share still wipes out another",
    ),
    Wrong(
        "mended_trace",
        "bar = dict.fromkeys([-1, 0, 1], 0.0)\n\n\n"
        "def mended(x1, x2):\n"
        "    bar[1] = 1 - np.cos(x1 * x2)\n"
        "    bar[-1] += 1 / x1 + bar[1] * x2\n"
        "    bar[0] = bar[1] * x1\n"
        "    return bar[-1], bar[0]",
        "the slope along x1",
    ),
    Wrong(
        "trace_loop",
        "def trace_loop(x, n):\n"
        "    dot = [1.0]\n"
        "    for _ in range(n):\n"
        "        dot.append(dot[-1] * np.cos(x))\n"
        "        x = np.sin(x)\n"
        "    return dot",
        "These are tangents",
    ),
    Wrong(
        "trace_loop",
        "def trace_loop(x, n):\n"
        "    v = [x]\n"
        "    for _ in range(n):\n"
        "        v.append(np.sin(v[-1]))\n"
        "    bar = [1.0]\n"
        "    for k in range(n, 0, -1):\n"
        "        bar.append(bar[-1] * np.cos(v[k - 1]))\n"
        "    return bar",
        "the adjoint of x comes first",
    ),
    Wrong(
        "trace_loop",
        "def trace_loop(x, n):\n"
        "    v = [x]\n"
        "    for _ in range(n):\n"
        "        v.append(np.sin(v[-1]))\n"
        "    bar = [0.0] * n + [1.0]\n"
        "    for k in range(n, 0, -1):\n"
        "        bar[k - 1] = bar[k] * np.cos(v[k])\n"
        "    return bar",
        "not at the one that comes out",
    ),
    # -- exercise 5 ----------------------------------------------------------------------------
    Wrong("dual_pencil", "def dual_pencil():\n    return -2", "product of the two tangents"),
    Wrong("dual_pencil", "def dual_pencil():\n    return 13.0", "A sign got lost"),
    Wrong("dual_pencil", "def dual_pencil():\n    return 11", "adds to the value only"),
    Wrong("dual_pencil", "def dual_pencil():\n    return 5", "as if it were ε"),
    Wrong("dual_pencil", "def dual_pencil():\n    return '10ε'", "single number", "cannot run"),
    Wrong(
        "dual_quotient",
        "def dual_quotient(a, a_dot, b, b_dot):\n    return a / b, (a_dot * b - a * b_dot) / b",
        "two divisions",
    ),
    Wrong(
        "dual_quotient",
        "def dual_quotient(a, a_dot, b, b_dot):\n"
        "    return a / b, (a_dot * b + a * b_dot) / (b * b)",
        "those of a product",
    ),
    Wrong(
        "dual_quotient",
        "def dual_quotient(a, a_dot, b, b_dot):\n    return a / b, a_dot / b",
        "the divisor moves, too",
    ),
    Wrong(
        "dual_quotient",
        "def dual_quotient(a, a_dot, b, b_dot):\n    return a / b, a_dot / b_dot",
        "never divided by a tangent",
        "cannot run",
    ),
    Wrong(
        "passes_gradient",
        "def passes_gradient(f, x):\n    return [f([Dual(v, 1) for v in x]).tangent for _ in x]",
        "Seed one",
    ),
    Wrong(
        "passes_gradient",
        "def passes_gradient(f, x):\n"
        "    duals, slopes = [Dual(v, 0) for v in x], []\n"
        "    for dual in duals:\n"
        "        dual.tangent = 1\n"
        "        slopes.append(f(duals).tangent)\n"
        "    return slopes",
        "A seed of an earlier pass",
    ),
    Wrong(
        "passes_gradient",
        "def passes_gradient(f, x):\n"
        "    slopes = []\n"
        "    for i in range(len(x)):\n"
        "        moved = [v + 1e-7 * (j == i) for j, v in enumerate(x)]\n"
        "        slopes.append((f(moved) - f(x)) / 1e-7)\n"
        "    return slopes",
        "a step was taken",
    ),
    Wrong(
        "passes_gradient",
        "def passes_gradient(f, x):\n"
        "    n, slopes = len(x), []\n"
        "    for i in range(n):\n"
        "        slopes.append(f([Dual(x[j], int(i == j)) for j in range(n)]).tangent)\n"
        "    return np.array(slopes)",
        "which has no tangent to read",
        "cannot run",
    ),
    Wrong(
        "passes_gradient",
        "def passes_gradient(f, x):\n"
        "    return [f([Dual(x[j], i == j) for j in range(len(x))]) for i in range(len(x))]",
        "A single number is needed",
        "cannot run",
    ),
    Wrong("tagged_derivative", "mended = derivative", "the same tag"),
    Wrong(
        "tagged_derivative",
        "def mended(f, x):\n    return f(Tagged(x, 1, next(fresh_tags))).tangent",
        "without a look at its tag",
    ),
    Wrong(
        "tagged_derivative",
        "def mended(f, x):\n"
        "    while isinstance(x, Tagged):\n"
        "        x = x.value\n"
        "    tag = next(fresh_tags)\n"
        "    return parts(f(Tagged(x, 1, tag)), tag)[1]",
        "stripped off",
    ),
    Wrong(
        "tagged_derivative",
        "def mended(f, x):\n"
        "    tag = 10**6 - next(fresh_tags)\n"
        "    return parts(f(Tagged(x, 1, tag)), tag)[1]",
        "run the wrong way",
    ),
    Wrong(
        "curvature",
        "class Jet:\n"
        "    def __init__(self, a, b=0, c=0):\n"
        "        self.a, self.b, self.c = a, b, c\n"
        "    def __add__(self, other):\n"
        "        other = as_jet(other)\n"
        "        return Jet(self.a + other.a, self.b + other.b, self.c + other.c)\n"
        "    def __mul__(self, other):\n"
        "        other = as_jet(other)\n"
        "        b = self.a * other.b + self.b * other.a\n"
        "        c = self.a * other.c + self.b * other.b + self.c * other.a\n"
        "        return Jet(self.a * other.a, b, c)\n"
        "    __radd__, __rmul__ = __add__, __mul__\n"
        "def as_jet(z):\n"
        "    return z if isinstance(z, Jet) else Jet(z)\n"
        "def curvature(f, x):\n"
        "    return as_jet(f(Jet(x, 1))).c",
        "A factor is missing",
    ),
    Wrong(
        "curvature",
        "class Jet:\n"
        "    def __init__(self, a, b=0, c=0):\n"
        "        self.a, self.b, self.c = a, b, c\n"
        "    def __add__(self, other):\n"
        "        other = as_jet(other)\n"
        "        return Jet(self.a + other.a, self.b + other.b, self.c + other.c)\n"
        "    def __mul__(self, other):\n"
        "        other = as_jet(other)\n"
        "        b = self.a * other.b + self.b * other.a\n"
        "        c = self.a * other.c + self.b * other.b + self.c * other.a\n"
        "        return Jet(self.a * other.a, b, c)\n"
        "    __radd__, __rmul__ = __add__, __mul__\n"
        "def as_jet(z):\n"
        "    return z if isinstance(z, Jet) else Jet(z)\n"
        "def curvature(f, x):\n"
        "    return as_jet(f(Jet(x, 1))).b",
        "in front of ε²",
    ),
    Wrong(
        "curvature",
        "class Jet:\n"
        "    def __init__(self, a, b=0, c=0):\n"
        "        self.a, self.b, self.c = a, b, c\n"
        "    def __add__(self, other):\n"
        "        other = as_jet(other)\n"
        "        return Jet(self.a + other.a, self.b + other.b, self.c + other.c)\n"
        "    def __mul__(self, other):\n"
        "        other = as_jet(other)\n"
        "        b = self.a * other.b + self.b * other.a\n"
        "        c = self.a * other.c + self.c * other.a\n"
        "        return Jet(self.a * other.a, b, c)\n"
        "    __radd__, __rmul__ = __add__, __mul__\n"
        "def as_jet(z):\n"
        "    return z if isinstance(z, Jet) else Jet(z)\n"
        "def curvature(f, x):\n"
        "    return 2 * as_jet(f(Jet(x, 1))).c",
        "meet there, too",
    ),
    # -- exercise 6 ----------------------------------------------------------------------------
    Wrong(
        "pencil_sweep",
        "def pencil_sweep():\n    return [8, 4, 4, 1]",
        "replaces an earlier one",
    ),
    Wrong("pencil_sweep", "def pencil_sweep():\n    return [40, 10, 4, 1]", "uses it, too"),
    Wrong("pencil_sweep", "def pencil_sweep():\n    return [24, 10, 4, 1]", "uses x twice"),
    Wrong(
        "pencil_sweep", "def pencil_sweep():\n    return [28, 10, 4, 1]", "before it has received"
    ),
    Wrong("pencil_sweep", "def pencil_sweep():\n    return [2, 4, 6, 24]", "values of the run"),
    Wrong("pencil_sweep", "def pencil_sweep():\n    return (1056, 240, 96, 24)", "begins with 1"),
    Wrong("pencil_sweep", "def pencil_sweep():\n    return [7]", "four numbers", "cannot run"),
    *[
        Wrong(
            "hand_back",
            "def hand_back(tape, output):\n"
            "    adjoints = [0.0] * len(tape)\n"
            "    adjoints[output] = 1.0\n"
            "    for position in reversed(range(len(tape))):\n"
            "        for parent, partial in tape[position]:\n"
            f"            {line}\n"
            "    return adjoints",
            hears,
        )
        for line, hears in (
            ("adjoints[parent] = adjoints[position] * partial", "share replaces the earlier"),
            ("adjoints[parent] += partial", "arrives alone"),
            ("adjoints[parent] += adjoints[position]", "The adjoint arrives as it is"),
            ("adjoints[position] += adjoints[parent] * partial", "Nothing arrives"),
            ("adjoints[parent] *= adjoints[position] * partial", "zero times anything"),
        )
    ],
    Wrong(
        "hand_back",
        "import tinyad as ad\n\n\n"
        "def hand_back(tape, output):\n"
        "    return ad.reverse.sweep(tape, output, 1.0, len(tape))",
        "This task asks you to build it",
        "cannot run",
    ),
    Wrong(
        "tape_number",
        spoiled("v, v.value, self.value)", "v, self.value, v.value)"),
        "are exchanged",
    ),
    Wrong("tape_number", spoiled("v, 1.0, -1.0)", "v, 1.0, 1.0)"), "when y grows"),
    Wrong(
        "tape_number", spoiled("-self.value / v.value**2", "self.value / v.value**2"), "The sign"
    ),
    Wrong(
        "tape_number", spoiled("-self.value / v.value**2", "-self.value / v.value"), "right size"
    ),
    Wrong(
        "tape_number",
        spoiled("self.taped(other) - self", "self - other"),
        "the argument comes first",
    ),
    Wrong(
        "tape_number", spoiled("(self.position, value))", "(self.position, 1.0))"), "taken to be 1"
    ),
    Wrong(
        "tape_number",
        spoiled("self.value + v.value", "self.value * v.value"),
        "not that of the program",
    ),
    Wrong(
        "tape_number",
        spoiled("v, v.value, self.value)", "v, v, self)"),
        "with a plain number as local partial",
        "cannot run",
    ),
    Wrong("fresh_sweeps", "mended = sweeps", "the locked program's rows"),
    *[
        Wrong(
            "fresh_sweeps",
            "def mended(tape, outputs):\n"
            "    rows, adjoints = [], [0.0] * len(tape)\n"
            "    for output in outputs:\n"
            f"        {first}\n"
            "        adjoints[output] = 1.0\n"
            "        for position in reversed(range(len(tape))):\n"
            "            for parent, partial in tape[position]:\n"
            f"                adjoints[parent] {sign} adjoints[position] * partial\n"
            f"        {last}\n"
            "    return rows",
            hears,
        )
        for first, sign, last, hears in (
            ("", "+=", "rows.append(adjoints[:]); adjoints[output] = 0.0", "is cleared after"),
            ("", "+=", "rows.append(adjoints)", "All rows are equal"),
            ("", "+=", "rows.append(adjoints); adjoints[:] = [0.0] * len(tape)", "rows are zero"),
            ("adjoints = [0.0] * len(tape)", "=", "rows.append(adjoints)", "replace each other"),
        )
    ],
    *[
        Wrong(
            "units_in_a_row",
            "def units_in_a_row(weights, x, target):\n"
            "    h = [x]\n"
            "    for w in weights:\n"
            "        h.append(np.tanh(w * h[-1]))\n"
            f"    arriving = {start}\n"
            "    slopes = []\n"
            "    for k in reversed(range(len(weights))):\n"
            f"        delta = arriving{slope}\n"
            f"        slopes.insert(0, delta * h[{index}])\n"
            f"        arriving = delta{weight}\n"
            f"    return slopes{order}",
            hears,
        )
        for start, slope, index, weight, order, hears in (
            ("2 * (h[-1] - target)", "", "k", " * weights[k]", "", "as if its slope were 1"),
            ("2 * (h[-1] - target)", " * (1 - h[k + 1] ** 2)", "k", "", "", "weight between them"),
            (
                "2 * (h[-1] - target)",
                " * (1 - h[k + 1] ** 2)",
                "k + 1",
                " * weights[k]",
                "",
                "not with what comes out",
            ),
            ("h[-1] - target", " * (1 - h[k + 1] ** 2)", "k", " * weights[k]", "", "half of what"),
            (
                "2 * (h[-1] - target)",
                " * (1 - h[k + 1] ** 2)",
                "k",
                " * weights[k]",
                "[::-1]",
                "wrong order",
            ),
        )
    ],
    # -- exercise 7 ----------------------------------------------------------------------------
    *[
        Wrong("runs_on_names", f"def runs_on_names():\n    return {letters!r}", hears)
        for letters, hears in (
            (["c", "e", "f"], "A loop alone is no obstacle"),
            (["a", "c", "f"], "Not every `if` asks a name"),
            (["a", "e"], "To choose is not yet to ask"),
            (["a", "b", "c", "e", "f"], "A name cannot answer"),
            (["a", "c", "d", "e", "f"], "A name cannot answer"),
        )
    ],
    Wrong("runs_on_names", "def runs_on_names():\n    return 4", "list of letters", "cannot run"),
    *[
        Wrong(
            "steady_slopes",
            f"def steady_slopes(x):\n    e = np.exp(-2 * {size})\n    return {first}, {second}",
            hears,
        )
        for size, first, second, hears in (
            ("abs(x)", "np.expm1(x) + 1", "1 - np.tanh(x) ** 2", "still value + 1"),
            ("abs(x)", "np.expm1(x) + 1", "4 * e / (1 + e) ** 2", "still value + 1"),
            ("abs(x)", "np.exp(x)", "1 - np.tanh(x) ** 2", "still 1 − tanh²"),
            ("abs(x)", "np.exp(x)", "4 * e / (1 + e)", "the denominator"),
            ("abs(x)", "np.exp(x)", "1 - ((1 - e) / (1 + e)) ** 2", "nothing is subtracted"),
            ("abs(x)", "np.exp(x)", "e / (1 + e) ** 2", "a quarter"),
            ("x", "np.exp(x)", "4 * e / (1 + e) ** 2", "grows without bound"),
            ("abs(x)", "4 * e / (1 + e) ** 2", "np.exp(x)", "look exchanged"),
        )
    ],
    *[
        Wrong(
            "derive_formula",
            "def derive(formula, name):\n"
            "    if isinstance(formula, str):\n"
            f"        return {leaf}\n"
            "    if not isinstance(formula, tuple):\n"
            f"        return {plain}\n"
            "    operation, *parts = formula\n"
            "    slopes = [derive(part, name) for part in parts]\n"
            "    if operation == '+':\n"
            "        return ('+', *slopes)\n"
            "    if operation == '*':\n"
            f"        return {product}\n"
            "    if operation == 'sin':\n"
            f"        return {sine}\n"
            f"    return {cosine}",
            hears,
            state,
        )
        for leaf, plain, product, sine, cosine, hears, state in _derivers()
    ],
    Wrong(
        "derive_formula",
        "def derive(formula, name):\n    return formula",
        "comes back as it was",
    ),
    Wrong(
        "derive_formula",
        "import tinyad as ad\n\n\n"
        "def derive(formula, name):\n"
        "    return float(ad.derivative(lambda x: value(formula, x=x, y=1.0))(1.0))",
        "This task asks you to build it",
        "cannot run",
    ),
    Wrong("sound_complaints", "mended = complaints", "complains about nothing"),
    *[
        Wrong(
            "sound_complaints",
            "def mended(f, gradient, x):\n"
            "    found, claimed = [], gradient(x)\n"
            "    for i in range(len(x)):\n"
            "        step = np.zeros(len(x))\n"
            "        step[i] = 1e-6\n"
            "        measured = (f(x + step) - f(x - step)) / 2e-6\n"
            f"{judged}"
            "    return found",
            hears,
        )
        for judged, hears in (
            (
                "        if claimed[i] - measured > 1e-4:\n            found.append(i)\n",
                "absolute value",
            ),
            (
                "        if measured - claimed[i] > 1e-4:\n            found.append(i)\n",
                "absolute value",
            ),
            (
                "        if abs(claimed[i] - measured) > 1e-4:\n            found.append(i)\n",
                "comparison with NaN is False",
            ),
            (
                "    if not abs(claimed[i] - measured) <= 1e-4:\n        found.append(i)\n",
                "Only the last entry",
            ),
            (
                "        if not abs(claimed[i] - measured) <= 1e-4:\n            return [i]\n",
                "stops at the first complaint",
            ),
            (
                "        if abs(claimed[i] - measured) <= 1e-4:\n            found.append(i)\n",
                "Turned round",
            ),
            ("        found.append(i)\n", "complains about everything"),
        )
    ],
    *[
        Wrong(
            "named_steps",
            "def named_steps(formula):\n"
            "    steps, known = [], {}\n\n"
            "    def visit(part):\n"
            "        if not isinstance(part, tuple):\n"
            f"            return {leaf}\n"
            f"        if {seen}:\n"
            f"            return known[{key}]\n"
            "        operation = (part[0], *map(visit, part[1:]))\n"
            "        name = f'v{len(steps) + 1}'\n"
            "        steps.append((name, operation))\n"
            f"        known[{key}] = name\n"
            "        return name\n\n"
            "    visit(formula)\n"
            f"    return {result}",
            hears,
            state,
        )
        for leaf, seen, key, result, hears, state in (
            ("part", "False", "part", "steps", "this is the swell", "not yet"),
            (
                "part",
                "id(part) in known",
                "id(part)",
                "steps",
                "Two tuples can be equal",
                "not yet",
            ),
            (
                "part",
                "part in known",
                "part",
                "[*steps, ('last', ('*', 1, steps[-1][0]))]",
                "one step too many",
                "not yet",
            ),
            ("part", "part in known", "part", "steps[::-1]", "not the name", "cannot run"),
            ("part", "part in known", "part", "[s[1] for s in steps]", "A step is", "cannot run"),
        )
    ],
]

for path in sorted(Path(__file__).parent.glob("wrong_[0-9]*.py")):
    WRONG += import_module(path.stem).WRONG
