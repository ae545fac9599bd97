"""Plausible wrong answers to exercise 15b, and what they must hear."""

from __future__ import annotations

from wrong import Wrong

# A sound class for task 3; each wrong answer spoils one line of it.
EXACT = """\
class Exact:
    def __init__(self, value, slope=0):
        self.value, self.slope = Fraction(value), Fraction(slope)

    def __add__(self, other):
        z = as_exact(other)
        return Exact(self.value + z.value, self.slope + z.slope)

    def __sub__(self, other):
        z = as_exact(other)
        return Exact(self.value - z.value, self.slope - z.slope)

    def __mul__(self, other):
        z = as_exact(other)
        return Exact(self.value * z.value, self.slope * z.value + self.value * z.slope)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return as_exact(other) - self

    def __truediv__(self, other):
        z = as_exact(other)
        q = self.value / z.value
        return Exact(q, (self.slope - q * z.slope) / z.value)

    def __rtruediv__(self, other):
        return as_exact(other) / self


def as_exact(z):
    return z if isinstance(z, Exact) else Exact(z)


def exact_forward(f, x):
    result = as_exact(f(Exact(x, 1)))
    return result.value, result.slope
"""

# A sound search for task 4.
SEARCH = """\
def killing_line(program, x):
    exact, true = run(program, x, Fraction)

    def is_right(slope):
        return abs(Fraction(slope) - true) <= abs(true) / 1000

    _, slope = run(program, x, float)
    if is_right(slope):
        return "nobody"
    for name, value in exact.items():
        _, slope = run(program, x, float, **{name: float(value)})
        if is_right(slope):
            return name
    return "several"
"""

FLOATS = """\
class Float:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def of(self, z):
        return z if isinstance(z, Float) else Float(z)

    def __add__(self, other):
        z = self.of(other)
        return Float(self.value + z.value, self.slope + z.slope)

    def __sub__(self, other):
        z = self.of(other)
        return Float(self.value - z.value, self.slope - z.slope)

    def __mul__(self, other):
        z = self.of(other)
        return Float(self.value * z.value, self.slope * z.value + self.value * z.slope)

    def __truediv__(self, other):
        z = self.of(other)
        q = self.value / z.value
        return Float(q, (self.slope - q * z.slope) / z.value)

    __radd__, __rmul__ = __add__, __mul__


def exact_forward(f, x):
    result = f(Float(x, 1.0))
    return Fraction(result.value), Fraction(result.slope)
"""


def spoiled(sound: str, line: str, wrong: str) -> str:
    """Replace one line of a sound answer."""
    assert sound.count(line) == 1, line
    return sound.replace(line, wrong)


WRONG = [
    *[
        Wrong("cubic_plateau", f"def cubic_plateau():\n    return {value}", hears)
        for value, hears in (
            ("3 * 4", "the true slope"),
            ("3 * 4**2", "the value that the quotient has"),
            ("2", "belongs to the square and to the place 2"),
            ("6", "the third derivative"),
            ("48 / 2 * 2.0 + 0", "the value that the quotient has"),
        )
    ],
    Wrong("cubic_plateau", "def cubic_plateau():\n    print(24)", "did you forget", "cannot run"),
    *[
        Wrong("rounded_away", f"def rounded_away(x):\n    return {value}", hears, state)
        for value, hears, state in (
            ("Fraction(x**2) - 4 - Fraction(x**2 - 4)", "was rounded before it became", "not yet"),
            ("Fraction(x**2 - 4) - (Fraction(x) ** 2 - 4)", "The sign is turned round", "not yet"),
            (
                "Fraction(str(x)) ** 2 - 4 - Fraction(x**2 - 4)",
                "decimals that Python prints",
                "not yet",
            ),
            ("Fraction(x) ** 2 - 4", "This is the exact value", "not yet"),
            ("(Fraction(x) - 2) ** 2", "Further out a part of it is kept", "not yet"),
            ("(x - 2) * (x + 2) - (x**2 - 4)", "which has been rounded", "cannot run"),
        )
    ],
    *[
        Wrong("exact_forward", spoiled(EXACT, line, wrong), hears)
        for line, wrong, hears in (
            ("f(Exact(x, 1))", "f(Exact(x))", "No seed arrives"),
            ("(self.slope - q * z.slope) / z.value", "self.slope / z.value", "the divisor moves"),
            (
                "(self.slope - q * z.slope) / z.value",
                "(self.slope + q * z.slope) / z.value",
                "A sign in the quotient",
            ),
            (
                "(self.slope - q * z.slope) / z.value",
                "self.slope - q * z.slope",
                "A factor in the quotient",
            ),
            ("as_exact(other) - self", "self - other", "`__rsub__` has to turn"),
            ("as_exact(other) / self", "self / other", "`__rtruediv__` has to turn"),
        )
    ],
    Wrong("exact_forward", FLOATS, "before the fractions began"),
    Wrong(
        "exact_forward",
        spoiled(EXACT, "return result.value, result.slope", "return result.value, 1.0"),
        "which has been rounded",
        "cannot run",
    ),
    Wrong(
        "exact_forward",
        spoiled(EXACT, "as_exact(f(Exact(x, 1)))", "f(Exact(x, 1))"),
        "returns a plain number",
        "cannot run",
    ),
    Wrong(
        "exact_forward",
        "import tinyad as ad\n\n\ndef exact_forward(f, x):\n"
        "    return Fraction(f(x)), Fraction(ad.derivative(f)(x))",
        "asks you to build it",
        "cannot run",
    ),
    *[
        Wrong("killing_line", spoiled(SEARCH, line, wrong), hears)
        for line, wrong, hears in (
            (
                '    if is_right(slope):\n        return "nobody"\n',
                "",
                "right from the start",
            ),
            ('return "several"', 'return "nobody"', "no line restores it alone"),
            ("            return name\n", "            found = name\n", "No line seems to help"),
            ("in exact.items():", "in reversed(exact.items()):", "an earlier one does, too"),
            (
                "**{name: float(value)}",
                "name=float(value)",
                "No line seems to help",
            ),
        )
    ],
    Wrong(
        "killing_line",
        "def killing_line(program, x):\n"
        "    exact, _ = run(program, x, Fraction)\n"
        "    computed, _ = run(program, x, float)\n"
        "    def error(name):\n"
        "        true = exact[name]\n"
        "        return abs(Fraction(computed[name]) / true - 1) if true else 0\n"
        "    return max(exact, key=error)",
        "A large error may never reach the slope",
    ),
    Wrong(
        "killing_line",
        "def killing_line(program, x):\n"
        "    exact, _ = run(program, x, Fraction)\n"
        "    computed, _ = run(program, x, float)\n"
        "    for name in exact:\n"
        "        if Fraction(computed[name]) != exact[name]:\n"
        "            return name\n"
        "    return 'nobody'",
        "first line that is rounded at all",
    ),
    Wrong(
        "killing_line",
        "def killing_line(program, x):\n"
        "    exact, _ = run(program, x, Fraction)\n"
        "    true = list(exact.values())[-1]\n"
        "    for name, value in exact.items():\n"
        "        values, _ = run(program, x, float, **{name: float(value)})\n"
        "        if abs(Fraction(list(values.values())[-1]) - true) <= abs(true) / 1000:\n"
        "            return name\n"
        "    return 'several'",
        "Always the first line",
    ),
    Wrong(
        "killing_line",
        "def killing_line(program, x):\n    return list(run(program, x, float)[0])[-1]",
        "It shows the damage",
    ),
    Wrong(
        "killing_line",
        "def killing_line(program, x):\n    return 6",
        "A line's name, in quotes",
        "cannot run",
    ),
    *[
        Wrong("plateau_edge", f"def plateau_edge(a, n, bits):\n    return {value}", hears)
        for value, hears in (
            ("a * np.sqrt(2 * 2.0 ** (1 - bits) / (n * (n - 1)))", "*half* a unit"),
            ("a * np.sqrt(2.0 ** -bits / (n * (n - 1)))", "a half too many"),
            ("np.sqrt(2.0 ** (3 - bits) / (n * (n - 1)))", "right for a = 2"),
            ("a * np.sqrt(2.0**-52 / (n * (n - 1)))", "right for 53 bits"),
            ("(a**n * 2.0**-bits) ** (1 / n)", "where γⁿ is lost"),
            ("a * np.sqrt(2.0 ** (1 - bits) / 2)", "grows with n"),
            ("a**2 * 2.0 ** (1 - bits) / (n * (n - 1))", "Its root is asked for"),
        )
    ],
]
