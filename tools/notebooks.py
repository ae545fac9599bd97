"""Execute and normalize notebooks in place, and generate the exercises.

    python tools/notebooks.py [--check] [--no-run] [--measure] [PATH ...]

Without paths: all of lessons/ and solutions/. A path is a notebook or a folder. A notebook of
solutions/ also writes the exercise of the same name. With --check nothing is written; stale
notebooks are listed with the reason, and the exit code is 1. With --no-run nothing is executed:
only spelling and exercises are looked after. --measure counts words, cells and lines instead.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import nbformat
from compare import differences
from execute import NotebookFailedError, executed
from generate import GenerationError, exercise
from measure import Page, table
from nbformat import NotebookNode
from normalize import normalized, text_of

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("lessons", "solutions")
LONGEST_RUN = 15  # seconds, from a cold kernel


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 if all is well, 1 if something is stale or fails, 2 for bad input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--check", action="store_true", help="change nothing, list what is stale")
    parser.add_argument("--no-run", action="store_true", help="do not execute")
    parser.add_argument("--measure", action="store_true", help="count words, cells, lines")
    options = parser.parse_args(arguments)
    try:
        paths = notebooks_of(options.paths)
    except ValueError as error:
        print(f"notebooks: {error}", file=sys.stderr)
        return 2
    if options.measure:
        print(table([Page.read(path) for path in paths]))
        return 0
    problems = _treat_all(paths, check=options.check, run=not options.no_run)
    if not options.paths:
        problems += _report_orphans()
    if problems:
        print(f"{len(problems)} problem(s).", file=sys.stderr)
    return 1 if problems else 0


def _treat_all(paths: list[Path], *, check: bool, run: bool) -> list[str]:
    """Treat one notebook after the other, and say so."""
    problems: list[str] = []
    for number, path in enumerate(paths, start=1):
        print(f"[{number}/{len(paths)}] {shown(path)} ", end="", flush=True)
        start = time.perf_counter()
        found = _treat(path, check=check, run=run)
        word = "" if found else ("  current" if check else "  done")
        seconds = time.perf_counter() - start
        slow = f"  slow: a lesson may take {LONGEST_RUN} s" if seconds > LONGEST_RUN else ""
        print(f"{seconds:.1f} s{word}{slow}", flush=True)
        for problem in found:
            print(f"      {problem}", flush=True)
        problems += found
    return problems


def notebooks_of(paths: list[Path]) -> list[Path]:
    """The notebooks that the paths name, in reading order; ValueError for a path that is none."""
    found: list[Path] = []
    for path in paths or [ROOT / folder for folder in FOLDERS]:
        path = path.resolve()
        if path.is_dir():
            found += sorted(path.glob("*.ipynb"))
        elif path.suffix == ".ipynb" and path.is_file():
            found.append(path)
        else:
            raise ValueError(f"{path} is neither a notebook nor a folder")
    generated = [path for path in found if path.parent == ROOT / "exercises"]
    if generated:
        name = generated[0].name
        raise ValueError(f"exercises are generated: give solutions/{name}, not exercises/{name}")
    return found


def shown(path: Path) -> str:
    """The path as a reader of the messages knows it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def exercise_path(path: Path) -> Path | None:
    """Where the exercise of a solution stands; None for a notebook that is no solution."""
    folder = path.parent
    return folder.parent / "exercises" / path.name if folder.name == "solutions" else None


def _treat(path: Path, *, check: bool, run: bool) -> list[str]:
    """Bring one notebook and its exercise up to date, or list what is not."""
    try:
        stored_text = path.read_text("utf-8")
        stored = nbformat.reads(stored_text, as_version=4)
        fresh = normalized(executed(stored, path.parent) if run else stored)
    except NotebookFailedError as error:
        return [f"failed, file left as it is: {error}"]
    except (OSError, UnicodeDecodeError, nbformat.reader.NotJSONError) as error:
        return [f"cannot be read: {error}"]
    if check:
        return stale(stored_text, fresh) + stale_exercise(path, fresh)
    try:
        _write(path, text_of(fresh))
        target = exercise_path(path)
        if target is not None:
            _write(target, text_of(exercise(fresh)))
    except GenerationError as error:
        return [f"no exercise: {error}"]
    return []


def stale(stored_text: str, fresh: NotebookNode) -> list[str]:
    """Why the stored text is not what a run would write; empty if it is current."""
    stored = normalized(nbformat.reads(stored_text, as_version=4))
    reasons = differences(stored, fresh)
    if text_of(stored) != stored_text:
        reasons.append("not normalized")
    return reasons


def stale_exercise(path: Path, solution: NotebookNode) -> list[str]:
    """Why the exercise of this solution is not current; empty if it is, or if there is none."""
    target = exercise_path(path)
    if target is None:
        return []
    try:
        text = text_of(exercise(solution))
    except GenerationError as error:
        return [f"no exercise: {error}"]
    if not target.exists():
        return [f"{shown(target)} is missing"]
    if target.read_text("utf-8") != text:
        return [f"{shown(target)} is not what the solution generates"]
    return []


def orphans(root: Path = ROOT) -> list[Path]:
    """Exercises without a solution."""
    names = {path.name for path in (root / "solutions").glob("*.ipynb")}
    return [p for p in sorted((root / "exercises").glob("*.ipynb")) if p.name not in names]


def _report_orphans() -> list[str]:
    found = [f"{shown(path)} has no solution to be generated from" for path in orphans()]
    for line in found:
        print(line, flush=True)
    return found


def _write(path: Path, text: str) -> None:
    """Write only what changes, and never half a file."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8", newline="\n")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
