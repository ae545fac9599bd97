"""What differs between a stored notebook and a fresh run of it, cell by cell."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode
from PIL import Image

SANITIZERS = Path(__file__).parents[1] / "tests" / "notebooks" / "nbval.cfg"
# Another version of matplotlib draws letters and edges a pixel beside; a curve that moved is
# farther off. So each pixel must find its gray nearby, up to a small share of them.
REACH = 2
GRAY = 40.0  # of 255
STRANGE = 0.0005
MISSING = "(nothing)"


def differences(stored: NotebookNode, fresh: NotebookNode) -> list[str]:
    """One line for each cell whose stored outputs are not those of the fresh run."""
    patterns = sanitizers()
    found = []
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        if old.cell_type != "code" or "nbval-ignore-output" in old.metadata.get("tags", []):
            continue
        reason = _cell_difference(old, new, patterns)
        if reason:
            found.append(f'cell "{old.get("id")}": {reason}')
    return found


def sanitizers(path: Path = SANITIZERS) -> list[tuple[str, str]]:
    """The patterns that nbval applies to both sides before it compares."""
    if not path.exists():
        return []
    pairs = re.findall(r"^regex: (.*)$\n^replace: (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return [(regex, replace) for regex, replace in pairs]


def _cell_difference(
    old: NotebookNode, new: NotebookNode, patterns: list[tuple[str, str]]
) -> str | None:
    if old.execution_count is None:
        return "was never executed"
    if old.execution_count != new.execution_count:
        return f"was executed as number {old.execution_count}, not {new.execution_count}"
    left, right = _parts(old, patterns), _parts(new, patterns)
    for index in range(max(len(left), len(right))):
        name, value = left[index] if index < len(left) else ("", MISSING)
        new_name, new_value = right[index] if index < len(right) else ("", MISSING)
        if name != new_name:
            return f"{name or 'no output'} is stored, a run gives {new_name or 'no output'}"
        if name == "image/png" and pictures_alike(value, new_value):
            continue
        if value != new_value:
            return f"{name} differs: {_first_difference(name, str(value), str(new_value))}"
    return None


def _parts(cell: NotebookNode, patterns: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """A cell's outputs as a flat list of (name, value)."""
    parts: list[tuple[str, Any]] = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append((output.name, _sanitized(output.text, patterns)))
        elif output.output_type == "error":
            parts.append(("error", _sanitized(f"{output.ename}: {output.evalue}", patterns)))
        else:
            for mime in sorted(output.data):
                value = output.data[mime]
                text = not mime.startswith("image/")
                parts.append((mime, _sanitized(value, patterns) if text else value))
            parts.append(("output metadata", dict(output.metadata)))
    return parts


def _sanitized(value: Any, patterns: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        for regex, replace in patterns:
            value = re.sub(regex, replace, value)
    return value


def _first_difference(name: str, old: str, new: str) -> str:
    if name == "image/png":
        return "the picture changed"
    left, right = old.splitlines(), new.splitlines()
    for index in range(max(len(left), len(right))):
        a = left[index] if index < len(left) else MISSING
        b = right[index] if index < len(right) else MISSING
        if a != b:
            return f"line {index + 1} is {_short(a)}, a run gives {_short(b)}"
    return "only in the line ends"


def _short(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:97] + "...")


def pictures_alike(old: str, new: str) -> bool:
    """Whether two PNGs (base64) show the same thing, give or take the drawing of letters."""
    if old == new:
        return True
    a, b = _gray(old), _gray(new)
    if a.shape != b.shape:
        return False
    return bool(max(_strange(a, b), _strange(b, a)) <= STRANGE)


def _gray(encoded: str) -> np.ndarray:
    picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("L")
    return np.asarray(picture, dtype=float)


def _strange(a: np.ndarray, b: np.ndarray) -> float:
    """The share of pixels of `a` whose gray is not found near their place in `b`."""
    padded = np.pad(b, REACH, mode="edge")
    low, high = b.copy(), b.copy()
    for down in range(2 * REACH + 1):
        for right in range(2 * REACH + 1):
            shifted = padded[down : down + b.shape[0], right : right + b.shape[1]]
            np.minimum(low, shifted, out=low)
            np.maximum(high, shifted, out=high)
    return float(np.mean((a < low - GRAY) | (a > high + GRAY)))
