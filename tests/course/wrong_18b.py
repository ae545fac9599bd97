"""Plausible wrong answers to exercise 18b, and what they must hear."""

from __future__ import annotations

from wrong import Wrong

# A sound sweep for task 2; each wrong answer spoils one line of it.
SWEEP = """\
def lacks_derivative(w, b, v):
    sums, z = [], 1.0
    for wk, bk in zip(w, b):
        sums.append(wk * z + bk)
        z = max(sums[-1], 0.0)
    adjoint = v
    for wk, y in zip(reversed(w), reversed(sums)):
        if y == 0 and adjoint != 0:
            return True
        adjoint = adjoint * (y > 0) * wk
    return False
"""

# A sound auditor for task 4.
AUDIT = """\
def mended(f, numbers):
    h, wrong = 2.0**-20, []
    for x in numbers:
        left, right = (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h
        if abs(left - right) < 1e-3 and abs(ad.grad(f)(x) - right) > 1e-3:
            wrong.append(x)
    return wrong
"""


def spoiled(sound: str, line: str, wrong: str) -> str:
    """Replace one line of a sound answer."""
    assert sound.count(line) == 1, line
    return sound.replace(line, wrong)


WRONG = [
    *[
        Wrong("slope_of_three", f"def slope_of_three():\n    return {value}", hears)
        for value, hears in (
            ("1", "the true slope"),
            ("(252 + 3 / 4) / 253", "two relus in a row"),
            ("(252 + 3 / 2 + 1 / 2) / 253", "are multiplied: it is the chain rule"),
            ("(252 + 1 / 8 - 1 / 2) / 253", "two signs meet"),
            ("1 / 8 + 1 / 2", "the one bracket on its kink"),
            ("252 / 253", "the answer for s = 0"),
        )
    ],
    Wrong(
        "slope_of_three",
        "def slope_of_three():\n    print(252 / 253)",
        "did you forget",
        "cannot run",
    ),
    *[
        Wrong("lacks_derivative", spoiled(SWEEP, line, wrong), hears)
        for line, wrong, hears in (
            ("if y == 0 and adjoint != 0:", "if y == 0:", "whether some unit sits on its kink"),
            (
                "if y == 0 and adjoint != 0:",
                "if y == 0 and adjoint * (y > 0) != 0:",
                "Always False",
            ),
            ("    adjoint = v\n", "    adjoint = 1.0\n", "v times that unit"),
            ("adjoint * (y > 0) * wk", "adjoint * wk", "One that is off lets nothing"),
            ("adjoint * (y > 0) * wk", "adjoint * (y > 0)", "One of them is 0 here"),
            ("sums.append(wk * z + bk)", "sums.append(wk * z)", "biases do not seem to arrive"),
            ("            return True\n", "            return False\n", "Always False"),
        )
    ],
    Wrong(
        "lacks_derivative",
        SWEEP.replace("True", "no").replace("False", "True").replace("no", "False"),
        "Turned round",
    ),
    Wrong(
        "lacks_derivative",
        "def lacks_derivative(w, b, v):\n"
        "    z = 1.0\n"
        "    for wk, bk in zip(w, b):\n"
        "        y = wk * z + bk\n"
        "        z = max(y, 0.0)\n"
        "    return y == 0 and v != 0",
        "looks at the last unit alone",
    ),
    Wrong(
        "lacks_derivative",
        "def lacks_derivative(w, b, v):\n    return 1",
        "True or False is needed",
        "cannot run",
    ),
    *[
        Wrong("ordered", f"def ordered(x, bad, relu):\n    return {value}", hears)
        for value, hears in (
            ("x", "right everywhere"),
            (
                "x + sum(relu(x - c) - relu(c - x) - (x - c) for c in M)",
                "Only some of them are ordered",
            ),
            (
                "x + sum(relu(x - c) - relu(c - x) - (x - c) for c in bad) / max(len(bad), 1)",
                "but only by a part",
            ),
            ("x - sum(relu(x - c) - relu(c - x) - (x - c) for c in bad)", "by one too much"),
            ("x + sum(relu(x - c) - relu(c - x) for c in bad)", "grows with each ordered"),
            ("sum(relu(x - c) - relu(c - x) for c in bad)", "This is the sum of the pairs"),
            ("sum(relu(x - c) - relu(c - x) - (x - c) for c in bad)", "x itself is missing"),
            ("next((c for c in bad if c == x), x)", "not the kink of relu that makes"),
        )
    ],
    *[
        Wrong("mended_audit", spoiled(AUDIT, line, wrong), hears)
        for line, wrong, hears in (
            ("abs(left - right) < 1e-3 and ", "", "cries wolf"),
            (
                "abs(left - right) < 1e-3 and abs(ad.grad(f)(x) - right) > 1e-3",
                "abs(left - right) > 1e-3",
                "Turned round",
            ),
            ("abs(ad.grad(f)(x) - right) > 1e-3", "abs(left - right) > 1e-3", "Nothing is ever"),
            (
                "abs(left - right) < 1e-3 and abs(ad.grad(f)(x) - right) > 1e-3",
                "abs(ad.grad(f)(x) - (left + right) / 2) > 1e-3",
                "cries wolf",
            ),
            (
                "abs(left - right) < 1e-3 and abs(ad.grad(f)(x) - right) > 1e-3",
                "abs(left - right) < 1e-3 and abs(ad.grad(f)(x) - right) > 2",
                "Nothing is ever",
            ),
            ("(x) - right) > 1e-3", "(x) - right) > 1e-9", "How exact can a difference be"),
        )
    ],
    Wrong(
        "mended_audit",
        "def mended(f, numbers):\n    return len(numbers)",
        "A list of numbers is needed",
        "cannot run",
    ),
]
