"""Plausible wrong answers to the tasks of exercise 18."""

from __future__ import annotations

from wrong import Wrong


def _counts(*counts: object) -> str:
    return f"def failing_counts():\n    return {list(counts)}"


def _format(
    bias: str = "2 ** (exponent_bits - 1) - 1",
    low: str = "(0, 1)",
    codes: str = "2 ** (exponent_bits + fraction_bits) - reserved",
    store: str = "numbers |= {size, -size}",
    result: str = "sorted(numbers)",
) -> str:
    return (
        "def format_members(exponent_bits, fraction_bits, reserved):\n"
        "    numbers, found = {0.0}, []\n"
        f"    for code in range({codes}):\n"
        "        exponent, fraction = divmod(code, 2**fraction_bits)\n"
        f"        lead, power = (1, exponent) if exponent else {low}\n"
        f"        size = (lead + fraction / 2**fraction_bits) * 2.0 ** (power - ({bias}))\n"
        f"        {store}\n"
        f"    return {result}"
    )


def _axes(disagree: str) -> str:
    return (
        "def mended(network, numbers, n):\n"
        "    points = [a.ravel() for a in np.meshgrid(*[numbers] * n, indexing='ij')]\n"
        "    fails = np.zeros(len(points[0]), bool)\n"
        "    for axis in np.eye(n):\n"
        "        there, back = slope(network, points, axis), slope(network, points, -axis)\n"
        f"        fails |= {disagree}\n"
        "    return int(fails.sum())"
    )


def _directions(disagree: str, result: str = "int(fails.sum())") -> str:
    return (
        "def mended(network, numbers, n):\n"
        "    points = [a.ravel() for a in np.meshgrid(*[numbers] * n, indexing='ij')]\n"
        "    along = [slope(network, points, axis) for axis in np.eye(n)]\n"
        "    random = np.random.default_rng(3).integers(-9, 10, (20, n)).astype(float)\n"
        "    fails = np.zeros(len(points[0]), bool)\n"
        "    for d in [*-np.eye(n), *random]:\n"
        "        linear = sum(di * a for di, a in zip(d, along))\n"
        "        here = slope(network, points, d)\n"
        f"        fails |= {disagree}\n"
        f"    return {result}"
    )


def _net(formula: str) -> str:
    return f"def forty_two(relu, w, b, v):\n    return {formula}"


WRONG = [
    Wrong("failing_counts", _counts(0, 0, 0, 0, 0), "hit all the same"),
    Wrong("failing_counts", _counts(1, 6, 6, 0, 13), "one pair"),
    Wrong("failing_counts", _counts(7, 49, 21, 0, 91), "even where v = 0"),
    Wrong("failing_counts", _counts(7, 42, 21, 0, 91), "third line v = 0"),
    Wrong("failing_counts", _counts(7, 42, 42, 0, 91), "harder to meet"),
    Wrong("failing_counts", _counts(7, 42, 18, 7, 91), "by what is s multiplied"),
    Wrong("failing_counts", _counts(7, 42, 18, 0, 98), "counted twice in the last line"),
    Wrong("failing_counts", _counts(7, 42, 18, 0, 84), "one kink is enough"),
    Wrong("failing_counts", _counts(7 / 49, 42, 18, 0, 91), "not shares"),
    Wrong("failing_counts", _counts(7, 42), "5 counts", "cannot run"),
    Wrong("format_members", _format(low="(0, 0)"), "gaps go on evenly"),
    Wrong("format_members", _format(low="(1, 1)"), "no 1 in front"),
    Wrong("format_members", _format(bias="2 ** (exponent_bits - 1)"), "off by one"),
    Wrong("format_members", _format(store="numbers |= {size}"), "both signs"),
    Wrong(
        "format_members",
        _format(codes="2 ** (exponent_bits + fraction_bits)"),
        "last codes are still there",
    ),
    Wrong(
        "format_members",
        _format(store="found += [size, -size]", result="sorted(found)"),
        "Zero is there twice",
    ),
    Wrong("format_members", _format(result="list(numbers)[::-1]"), "not in order"),
    Wrong("format_members", _format(result="None"), "did you forget", "cannot run"),
    Wrong("mended_counter", "mended = failing", "locked program's numbers"),
    Wrong("mended_counter", _axes("back != -there"), "between them"),
    Wrong("mended_counter", _axes("back != there"), "each other's negative"),
    Wrong("mended_counter", _directions("np.abs(here) != np.abs(linear)"), "without their signs"),
    Wrong(
        "mended_counter",
        _directions("here != linear", "int((~fails).sum())"),
        "Turned round",
    ),
    Wrong(
        "mended_counter",
        "def mended(network, numbers, n):\n"
        "    points = [a.ravel() for a in np.meshgrid(*[numbers] * n, indexing='ij')]\n"
        "    hits = []\n"
        "    network(lambda y: hits.append(y == 0) or np.maximum(y, 0), *points)\n"
        "    return int(np.any(hits, axis=0).sum()) if hits else 0",
        "need not have a corner there",
    ),
    Wrong("mended_counter", _directions("here != linear", "fails"), "single number", "cannot run"),
    Wrong("forty_two", _net("v * relu(w + b)"), "lesson's unit"),
    Wrong("forty_two", _net("v * relu(w * 1.5 + b)"), "gives 14 points"),
    Wrong("forty_two", _net("v * relu(w * 42.0 + b)"), "no other pair"),
    Wrong("forty_two", _net("relu(w * 8.0 + b) + v"), "v = 0 too"),
    Wrong("forty_two", _net("v * relu(w * w + b * b + 1.0)"), "No point fails"),
    Wrong("forty_two", _net("v * relu(w * 8.0 + b) + v * relu(b)"), "exactly once", "cannot run"),
    Wrong("forty_two", _net("3.0 * relu(2.0 + 0.0 * w)"), "hardly changes"),
]
