"""Is everything here that the lessons need? The first cell that a learner runs."""

from __future__ import annotations

import re
import sys
from importlib import metadata

REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*>=\s*(?P<least>[0-9.]+)\s*$")


def self_check(versions: bool = False) -> None:
    """Print whether all packages of the course are here, and if not, how to install them.

    What is needed is read from the installed package, so it cannot differ from it. With
    `versions=True` the versions are listed too.

    Example:
        >>> self_check()
        Python and all 6 packages of the course are here.
    """
    needed = requirements()
    found = {name: installed(name) for name in needed}
    wrong = problems(needed, found)
    if not needed:
        print("tinyad is not installed in this Python.")
        print("Install it as the README says, and start the course with: tinyad start")
    elif wrong:
        print("Something is missing:")
        print("\n".join(f"  {line}" for line in wrong))
        print("To install it, run this line in a cell of its own, then restart the kernel:")
        print(f"  {remedy(needed, found)}")
    else:
        print(f"Python and all {len(needed)} packages of the course are here.")
    if versions or wrong:
        print(f"Python {'.'.join(map(str, sys.version_info[:3]))}")
        print("\n".join(f"{name} {found[name] or '(missing)'}" for name in needed))


def requirements() -> dict[str, str]:
    """Return each package that a learner needs and its least version, extras left out."""
    try:
        lines = metadata.requires("tinyad") or []
    except metadata.PackageNotFoundError:
        return {}
    matches = [REQUIREMENT.match(line) for line in lines if "extra ==" not in line]
    return {match["name"]: match["least"] for match in matches if match}


def installed(name: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def problems(needed: dict[str, str], found: dict[str, str | None]) -> list[str]:
    """Return one line for each package that is missing or too old.

    Example:
        >>> problems({"numpy": "2.0", "sympy": "1.13"}, {"numpy": "1.26.4", "sympy": None})
        ['numpy 1.26.4 is too old, 2.0 or newer is needed', 'sympy is missing']
    """
    lines = []
    for name, least in needed.items():
        version = found[name]
        if version is None:
            lines.append(f"{name} is missing")
        elif _numbers(version) < _numbers(least):
            lines.append(f"{name} {version} is too old, {least} or newer is needed")
    return lines


def remedy(needed: dict[str, str], found: dict[str, str | None]) -> str:
    """Return the notebook line that installs what is missing or too old."""
    wanted = [name for name in needed if problems({name: needed[name]}, found)]
    return " ".join(["%pip install", *(f'"{name}>={needed[name]}"' for name in wanted)])


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version without zeros at the end: 3.10.0rc1 is 3, 10."""
    match = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in match.group().split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
