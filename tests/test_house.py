"""The house rules: what an import loads, which floor may import which, style, sizes, types."""

import ast
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tinyad"

# Bottom up: a floor imports only from the floors before it.
FLOORS = [
    "errors",
    "picture",
    "rules",
    "interpretation",
    "arraylike",
    "rewrite",
    "trees",
    "arguments",
    "modes",
    "transforms",
    "views",
    "accuracy",
    "explore",
    "course",
]
# A mode does not know the other modes, except for the ones named here.
MODES_THAT_KNOW = {
    "finite": {"complexstep"},
    "reverse": {"tape"},
    "symbolic": {"forward", "reverse"},
}
FIRST_MODES = ("manual", "finite", "complexstep", "forward", "reverse", "tape")
HEAVY = [
    "matplotlib",
    "IPython",
    "ipywidgets",
    "sympy",
    "mpmath",
    "scipy",
    "nbformat",
    "jupyterlab",
]
TABLES = ("ROWS", "PROGRAMS", "FUNCTIONS", "COMPLEX", "METHODS")
MAX_CODE_LINES = 200
MAX_FUNCTION_LINES = 30


def test_import_loads_numpy_and_nothing_heavier():
    code = (
        "import sys, numpy; before = {m.partition('.')[0] for m in sys.modules}; import tinyad;"
        "after = {m.partition('.')[0] for m in sys.modules};"
        "print(*sorted(m for m in after - before if m not in sys.stdlib_module_names))"
    )
    loaded = _run([sys.executable, "-c", code]).stdout.split()
    assert set(loaded) - {"_sysconfigdata__linux_x86_64-linux-gnu"} == {"tinyad"}
    code = "import sys, tinyad; print(*[m for m in " + repr(HEAVY) + " if m in sys.modules])"
    assert _run([sys.executable, "-c", code]).stdout.split() == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_floors(path):
    here = path.relative_to(PACKAGE).with_suffix("").parts
    if here == ("__init__",):
        return
    floor = FLOORS.index(here[0])
    for module in _tinyad_imports(path):
        parts = module.split(".")[1:]
        if not parts:  # `import tinyad` as a whole: only for those above the engine
            assert here[0] in ("explore", "course"), f"{path.name} imports tinyad as a whole"
            continue
        assert FLOORS.index(parts[0]) <= floor, f"{path.name} looks up at {module}"
        if here[0] == parts[0] == "modes" and len(parts) > 1 and parts[1] != here[1]:
            assert parts[1] in MODES_THAT_KNOW.get(here[1], set()), f"{here[1]} knows {module}"


@pytest.mark.parametrize(
    "path",
    sorted([*PACKAGE.rglob("*.py"), *(ROOT / "tools").rglob("*.py")]),
    ids=lambda p: f"{p.parent.name}/{p.stem}",
)
def test_sizes(path):
    code = _code_lines(path)
    size = len(code - _table_rows(path))
    if path.parent.name != "check":  # a lesson's checks are one table
        assert size <= MAX_CODE_LINES, f"{path.name} has {size} code lines"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = [n for n in code if node.lineno <= n <= (node.end_lineno or 0)]
            assert len(body) <= MAX_FUNCTION_LINES, f"{path.name}: {node.name} has {len(body)}"


def test_engine_stays_small():
    # Interpretation and the modes that compute numbers: "about 700" lines in the design.
    names = ["interpretation", *(f"modes/{mode}" for mode in FIRST_MODES)]
    paths = [PACKAGE / f"{name}.py" for name in names]
    assert sum(len(_code_lines(path) - _table_rows(path)) for path in paths) <= 725


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--no-cache", "--check", "."],
        ["mypy"],
    ],
    ids=["ruff-lint", "ruff-format", "mypy-strict"],
)
def test_style_and_types(command):
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True)


def _tinyad_imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tinyad":
            module = node.module or ""
            # `from tinyad import errors` names a module; `from tinyad import grad` does not
            found += [f"tinyad.{a.name}" for a in node.names] if module == "tinyad" else [module]
        elif isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] == "tinyad"]
    return found


def _table_rows(path: Path) -> set[int]:
    """Numbers of the lines between the brackets of a table, which may grow: ROWS = (...)."""
    rows: set[int] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            name = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(name, ast.Name) and name.id.endswith(TABLES):
                rows |= set(range(node.lineno + 1, node.end_lineno or 0))
    return rows


def _code_lines(path: Path) -> set[int]:
    """Numbers of the lines that hold code: no blanks, comments or docstrings."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings |= set(range(node.lineno, (node.end_lineno or 0) + 1))
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines: set[int] = set()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in skip | {tokenize.ENCODING, tokenize.ENDMARKER}:
                lines |= set(range(token.start[0], token.end[0] + 1))
    return lines - docstrings
