"""What a learner's own copy of the course needs: checks of exercises, progress, self-check, start.

Nothing here is loaded by `import tinyad`; `check` and `self_check` are loaded when first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["check", "self_check"]


def __getattr__(name: str) -> Any:
    if name == "check":
        return import_module("tinyad.course.check")
    if name == "self_check":
        return import_module("tinyad.course.selfcheck").self_check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
