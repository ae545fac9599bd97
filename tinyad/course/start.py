"""`tinyad start`: a learner's own copy of the course, opened in JupyterLab."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path

FOLDERS = ("lessons", "exercises")
START_PAGE = "lessons/00_start_here.ipynb"
MARKER = ".tinyad-course"
MARKER_TEXT = (
    "This folder is a learner's copy of the tinyad course. Progress is kept beside this file.\n"
)
DEFAULT = "my-course"


class StartError(Exception):
    """The copy cannot be made or opened; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the console command `tinyad`; return its exit code, 2 for what cannot be done.

    Example:
        >>> main(["--version"])
        Traceback (most recent call last):
        ...
        SystemExit: 0
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        _start(options.folder, lab=options.lab)
    except StartError as error:
        print(f"tinyad start: {error}", file=sys.stderr)
        return 2
    return 0


def copy_course(folder: Path) -> tuple[int, int]:
    """Copy lessons and exercises into `folder`; return how many files were copied and kept.

    Nothing that exists is overwritten. Raises StartError when the folder cannot be used.
    """
    folder = folder.resolve()
    source = material()
    _refuse_the_course_itself(folder, source)
    copied = kept = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in _files(source):
            target = folder / file.relative_to(source)
            if target.exists():
                kept += 1
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            copied += 1
        (folder / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
    except OSError as error:
        raise StartError(_unusable(folder, error)) from error
    return copied, kept


def material() -> Path:
    """Return the folder that holds the course: in a wheel inside the package, else the repository.

    Raises StartError when this installation came without lessons.
    """
    package = Path(str(resources.files("tinyad.course")))
    for folder in (package / "material", package.parents[1]):
        if (folder / START_PAGE).is_file():
            return folder
    raise StartError("this installation of tinyad came without its lessons. Install it again.")


def copy_root(path: Path | str = ".") -> Path | None:
    """Return the learner's copy in which `path` lies, or None outside of any copy."""
    here = Path(path).resolve()
    return next((folder for folder in (here, *here.parents) if (folder / MARKER).is_file()), None)


def inside_repository(path: Path | str = ".") -> bool:
    """Tell whether `path` lies in the course's repository rather than in a learner's copy.

    The outputs that are stored in the lessons speak to the reader of a copy: where they are made,
    the environment variable TINYAD_AS_COPY is set, and the answer is False.
    """
    if os.environ.get("TINYAD_AS_COPY") or copy_root(path) is not None:
        return False
    here = Path(path).resolve()
    return any(_is_repository(folder) for folder in (here, *here.parents))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tinyad",
        description="A course on automatic differentiation.",
        epilog="Begin with: tinyad start",
    )
    parser.add_argument("--version", action="version", version=f"tinyad {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    start = commands.add_parser(
        "start",
        help="make your own copy of the course, or find it again, and open it in JupyterLab",
        description="Make your own copy of the lessons and exercises and open it in JupyterLab. "
        "Run again, it opens what is there, adds what is new, and overwrites nothing.",
    )
    start.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help=f"where (default: {DEFAULT})"
    )
    start.add_argument(
        "--no-lab", dest="lab", action="store_false", help="only copy, do not open JupyterLab"
    )
    return parser


def _version() -> str:
    try:
        return metadata.version("tinyad")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _start(folder: Path | None, *, lab: bool) -> None:
    """Copy, say what was done, and open the start page."""
    if folder is None:
        folder = copy_root() or Path(DEFAULT)
    copied, kept = copy_course(folder)
    print(f"Your copy of the course: {folder.resolve()}")
    if copied:
        print(f"{_count(copied)} copied.")
    if kept:
        print(f"{_count(kept)} kept as you left {'it' if kept == 1 else 'them'}.")
        print("To get a file afresh, rename or delete yours and run this again.")
    if lab:
        _open_lab(folder.resolve())
    else:
        print(f"Begin with {START_PAGE} there.")


def _count(number: int) -> str:
    return f"{number} {'file' if number == 1 else 'files'}"


def _files(source: Path) -> list[Path]:
    """All files of the course; what begins with a dot is an editor's or the system's."""
    found = [file for name in FOLDERS for file in sorted((source / name).rglob("*"))]
    return [
        file
        for file in found
        if file.is_file()
        and not any(part.startswith((".", "__")) for part in file.relative_to(source).parts)
    ]


def _is_repository(folder: Path) -> bool:
    return (folder / "pyproject.toml").is_file() and (folder / "tinyad/course/start.py").is_file()


def _refuse_the_course_itself(folder: Path, source: Path) -> None:
    """A copy inside the original would mix the two."""
    if folder.exists() and not folder.is_dir():
        raise StartError(f"{folder} is a file. Name a folder: tinyad start {DEFAULT}")
    parts = [folder / name for name in FOLDERS if (folder / name).exists()]
    if any(part.exists() and not part.is_dir() for part in parts):
        raise StartError(
            f"{folder} holds a file where the course needs a folder ({FOLDERS[0]}, "
            f"{FOLDERS[1]}). Name another folder."
        )
    own = ("lessons", "exercises", "solutions", "tests", "tools", "tinyad")
    forbidden = [Path(__file__).resolve().parents[1], *(source / name for name in own)]
    if folder == source or any(folder.is_relative_to(part) for part in forbidden):
        raise StartError(
            f"{folder} belongs to the course itself. Name a folder of your own: "
            f"tinyad start {DEFAULT}"
        )


def _unusable(folder: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"cannot write to {folder} ({reason}). Name a folder where you may write."


def prompt_option() -> list[str]:
    """The option by which JupyterLab sends what a slider changes without waiting, if it can."""
    try:
        found = find_spec("jupyter_server.services.kernels.connection.channels")
    except ModuleNotFoundError:  # an older or newer server: sliders move there too, only later
        found = None
    name = "tinyad.course.websocket.PromptConnection"
    return [f"--ServerApp.kernel_websocket_connection_class={name}"] if found else []


def _open_lab(folder: Path) -> None:
    """Run JupyterLab until the learner stops it."""
    if find_spec("jupyterlab") is None:
        raise StartError(
            f"JupyterLab is not installed. Install it: {sys.executable} -m pip install jupyterlab"
        )
    print("Opening JupyterLab in your browser. To stop it, press Ctrl+C here.", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command.append(f"--LabApp.default_url=/lab/tree/{START_PAGE}")
    command += prompt_option()
    # The kernels of this environment come before others of the same name.
    environment = {"JUPYTER_PREFER_ENV_PATH": "1", **os.environ}
    lab = subprocess.Popen(command, cwd=folder, env=environment)
    # Ctrl+C is for JupyterLab, which asks back; this process only waits.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = lab.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if code != 0:
        raise StartError("JupyterLab ended with an error; its own message stands above.")


if __name__ == "__main__":
    sys.exit(main())
