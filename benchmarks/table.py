"""Turn measurements into the tables of README.md."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Any

from benchmarks.peers import COMPILED, PEERS

Row = dict[str, Any]
START, END = "<!-- measured -->", "<!-- end of measured -->"


def times_table(rows: list[Row]) -> str:
    """The ratios to the hand-written derivative; the best without a compiler in bold."""
    names = [n for n in PEERS if any(n in row["columns"] for row in rows)]
    lines = [_line(["workload", "by hand", "f alone", *names])]
    lines.append(_line(["---", *["---:"] * (len(names) + 2)]))
    for row in rows:
        columns = row["columns"]
        plain = [columns[n]["ratio"] for n in names if n in columns and n not in COMPILED]
        cells = [row["title"], seconds(columns["by hand"]["seconds"])]
        cells.append(ratio(columns["f alone"]["ratio"]))
        for name in names:
            value = columns[name]["ratio"] if name in columns else None
            best = value is not None and name not in COMPILED and value == min(plain)
            cells.append("–" if value is None else f"**{ratio(value)}**" if best else ratio(value))
        lines.append(_line(cells))
    return "\n".join(lines)


def growth_table(rows: list[Row]) -> str:
    """Nanoseconds per scalar operation as the loop grows, and the quotient of the two."""
    loops = sorted((row for row in rows if row["operations"]), key=lambda row: row["operations"])
    if len(loops) < 2:
        return ""
    short, long = loops[0], loops[-1]
    head = [f"ns an operation, {row['operations']:,}" for row in (short, long)]
    lines = [_line(["", *head, "growth"]), _line(["---", "---:", "---:", "---:"])]
    for name in ["by hand", "f alone", *PEERS]:
        if name in short["columns"] and name in long["columns"]:
            a, b = (1e9 * r["columns"][name]["seconds"] / r["operations"] for r in (short, long))
            lines.append(_line([name, f"{a:,.0f}", f"{b:,.0f}", f"{b / a:.2f}"]))
    return "\n".join(lines)


def compile_table(rows: list[Row]) -> str:
    """How long it takes from a function to the first answer of its compiled derivative."""
    names = [n for n in COMPILED if any(n in row.get("compiling", {}) for row in rows)]
    if not names:
        return ""
    lines = [_line(["first answer, compiling included", *names])]
    lines.append(_line(["---", *["---:"] * len(names)]))
    for row in rows:
        times = row.get("compiling", {})
        cells = [seconds(times[n]) if n in times else "–" for n in names]
        lines.append(_line([row["title"], *cells]))
    return "\n".join(lines)


def memory_table(rows: list[Row]) -> str:
    """Peak memory in MB above what the process held before the call."""
    names = [n for n in ["by hand", *PEERS] if any(n in row["columns"] for row in rows)]
    lines = [_line(["peak memory, MB", *names]), _line(["---", *["---:"] * len(names)])]
    for row in rows:
        cells = [f"{row['columns'][n]:.3g}" if n in row["columns"] else "–" for n in names]
        lines.append(_line([row["title"], *cells]))
    return "\n".join(lines)


def diagnosing_table(times: dict[str, float]) -> str:
    """How long a diagnosis takes."""
    head = [f"{int(operations):,} scalar operations" for operations in times]
    lines = [_line(["", *head]), _line(["---", *["---:"] * len(head)])]
    return "\n".join([*lines, _line(["`ad.diagnose`", *map(seconds, times.values())])])


def conditions(rounds: int) -> str:
    """Say on what, with what and how the numbers were measured."""
    versions = [f"Python {platform.python_version()}"]
    for package in ("numpy", "autograd", "micrograd", "torch", "jax"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    return (
        f"Measured on {processor()}, {os.cpu_count()} cores, {platform.system()}; "
        f"{', '.join(versions)}. One thread for everybody, float64, {rounds} rounds."
    )


def processor() -> str:
    """The name of the processor."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found[1] if found else platform.processor() or "an unnamed processor"


def seconds(value: float) -> str:
    """A time to three digits, in a fitting unit."""
    units = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
    scale, unit = next((u for u in units if value >= u[0]), units[-1])
    return f"{value / scale:.3g} {unit}"


def ratio(value: float) -> str:
    """A ratio to three digits at most, without exponents."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def report(
    times: list[Row], memory: list[Row], rounds: int, diagnosing: dict[str, float] | None = None
) -> str:
    """All tables with their conditions, as Markdown."""
    parts = [conditions(rounds), times_table(times), compile_table(times), growth_table(times)]
    parts += [memory_table(memory)] if memory else []
    parts += [diagnosing_table(diagnosing)] if diagnosing else []
    return "\n\n".join(part for part in parts if part)


def put_into(page: str, tables: str) -> str:
    """Replace what stands between the two marks of a page."""
    head, _, rest = page.partition(START)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise ValueError(f"the page needs the lines {START} and {END}")
    return f"{head}{START}\n\n{tables}\n\n{END}{tail}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
