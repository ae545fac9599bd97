"""Plausible wrong answers to exercise 16b: cures, series division, a repair, orders, poles."""

from __future__ import annotations

from wrong import Wrong

DIVISION = """\
    q = []
    for n in range({count}):
        rest = a[n] - sum(q[j] * b[n - j] for j in range(n))
        q.append(rest / b[0])
    return {result}
"""


def orders(lines: str, count: str = "count") -> str:
    return f"def mended(f, g, count):\n{lines}" + DIVISION.format(count=count, result="q")


def laurent(lines: str, result: str, count: str = "min(len(a), len(b))") -> str:
    return f"def laurent_quotient(f, g):\n{lines}" + DIVISION.format(count=count, result=result)


DROP_ALL = """\
    a, b, start = list(f), list(g), 0
    while a[0] == 0:
        a, start = a[1:], start + 1
    while b[0] == 0:
        b, start = b[1:], start - 1
"""
DROP_SHARED = """\
    while a[0] == 0 and b[0] == 0:
        a, b = a[1:], b[1:]
"""

WRONG = [
    *[
        Wrong("cured_regions", f"def cured_regions():\n    return {letters}", hears, state)
        for letters, hears, state in (
            ("['a', 'b', 'c', 'd', 'f']", "another look at b", "not yet"),
            ("['a', 'c', 'd', 'e', 'f']", "another look at e", "not yet"),
            ("['a', 'c', 'd']", "another look at f", "not yet"),
            ("['a', 'd', 'f']", "another look at c", "not yet"),
            ("['c', 'd', 'f']", "another look at a", "not yet"),
            ("['a', 'c', 'f']", "another look at d", "not yet"),
            ("['red', 'green']", "A list of some of", "cannot run"),
        )
    ],
    *[
        Wrong(
            "next_coefficient",
            f"def next_coefficient(f, g, q):\n    n = len(q)\n    {lines}",
            hears,
            state,
        )
        for lines, hears, state in (
            ("return f[n] / g[0]", "not subtracted yet", "not yet"),
            (
                "return f[n] - sum(q[j] * g[n - j] for j in range(n))",
                "This is the remainder",
                "not yet",
            ),
            (
                "return (f[n] + sum(q[j] * g[n - j] for j in range(n))) / g[0]",
                "taken away, not added",
                "not yet",
            ),
            (
                "return (f[n] - sum(q[j] * g[j] for j in range(n))) / g[0]",
                "The powers do not match",
                "not yet",
            ),
            (
                "return (f[n] - sum(q[j] * g[n - j] for j in range(n)) / g[0]) / g[0]",
                "it is so for other divisions",
                "not yet",
            ),
            (
                "return (f[n] - q[-1] * g[1]) / g[0]",
                "it is so for other divisions",
                "not yet",
            ),
            ("f[n] / g[0]", "return", "cannot run"),
        )
    ],
    *[
        Wrong("series_repair", source, hears, state)
        for source, hears, state in (
            ("repaired = surge", "The hole is still there", "not yet"),
            (
                "def repaired(x):\n    return 0.5 if x == 0 else surge(x)",
                "a constant has slope 0",
                "not yet",
            ),
            (
                "def repaired(x):\n    return (np.exp(x) - 1 - x) / (x**2 + 1e-12)",
                "another function",
                "not yet",
            ),
            (
                "def repaired(x):\n    return 0.5 + x / 6 if x == 0 else surge(x)",
                "its neighbors still",
                "not yet",
            ),
            (
                "def repaired(x):\n    return 0.5 + x / 6 if abs(x) < 1e-3 else surge(x)",
                "a straight line",
                "not yet",
            ),
            (
                "few = ad.taylor(surge, 0.0, 3)\n\n\n"
                "def repaired(x):\n    return few(x) if abs(x) < 0.05 else surge(x)",
                "the series ends too early",
                "not yet",
            ),
            (
                "line = ad.taylor(surge, 0.0, 14)\n\n\n"
                "def repaired(x):\n    return line(x) if abs(x) < 1e-4 else surge(x)",
                "lost too many digits",
                "not yet",
            ),
            (
                "def repaired(x):\n    return ad.taylor(surge, 0.0, 16)(x)",
                "So far out",
                "not yet",
            ),
            (
                "def repaired(x):\n    return ad.taylor(surge, 0.0, 16)",
                "OutputError",
                "cannot run",
            ),
        )
    ],
    *[
        Wrong("orders_paid", source, hears, state)
        for source, hears, state in (
            ("mended = quotient_coefficients", "still made up", "not yet"),
            (
                orders(f"    a, b = f(count), g(count)\n{DROP_SHARED}", "len(a)"),
                "these coefficients are missing",
                "not yet",
            ),
            (
                orders(
                    "    zeros = 0 if g(1)[0] else 1\n"
                    "    a, b = f(count + zeros)[zeros:], g(count + zeros)[zeros:]\n"
                    f"{DROP_SHARED}"
                    "    missing = [0.0] * (count - len(a))\n"
                    "    a, b = a + missing, b + missing\n"
                ),
                "One order is paid back",
                "not yet",
            ),
            (
                orders(
                    "    zeros = 0\n"
                    "    while abs(g(zeros + 1)[zeros]) < 1e-6:\n"
                    "        zeros += 1\n"
                    "    a, b = f(count + zeros)[zeros:], g(count + zeros)[zeros:]\n"
                ),
                "as if it were 0",
                "not yet",
            ),
            (
                orders(f"    a, b = f(count + 1), g(count + 1)\n{DROP_SHARED}", "len(a)"),
                "asked for were",
                "not yet",
            ),
            (
                orders(
                    "    a, b = f(count), g(count)\n"
                    "    while a[0] == 0 and b[0] == 0:\n"
                    "        a, b = a[1:] + [0.0], b[1:] + [0.0]\n"
                ),
                "still made up",
                "not yet",
            ),
        )
    ],
    *[
        Wrong("laurent_quotient", source, hears, state)
        for source, hears, state in (
            (laurent(DROP_ALL, "-start, q"), "turned round", "not yet"),
            (
                laurent(f"    a, b = f, g\n{DROP_SHARED}", "0, q"),
                "ZeroDivisionError",
                "cannot run",
            ),
            (
                laurent(DROP_ALL, "0, q"),
                "says where the quotient begins",
                "not yet",
            ),
            (
                laurent(
                    f"{DROP_ALL}    a = a + [0.0] * len(f)\n    b = b + [0.0] * len(f)\n",
                    "start, q",
                    "len(f)",
                ),
                "More coefficients came back",
                "not yet",
            ),
            (laurent(DROP_ALL, "start, q[:-1]"), "fewer than f and g determine", "not yet"),
            (laurent(DROP_ALL, "q"), "A pair is needed", "cannot run"),
        )
    ],
]
