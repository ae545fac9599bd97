"""The maintainers' command: it executes, spells, generates and compares, and says what it did."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import compare
import execute
import generate
import matplotlib
import nbformat
import normalize
import notebooks
import pytest
from matplotlib.figure import Figure
from measure import words
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_output
from specimen import code, course, picture, printed, solution, text

COMMAND = str(Path(notebooks.__file__))


def lesson_with_everything_that_varies() -> NotebookNode:
    """Streams in pieces, a picture, a widget, an error inside a library, the environment."""
    draw = """\
import io, os, json, base64
import ipywidgets
from IPython.display import display
from matplotlib.figure import Figure
buffer = io.BytesIO()
figure = Figure((2, 1))
_ = figure.subplots().plot([1, 3, 2])
figure.savefig(buffer)
data = {"image/png": base64.encodebytes(buffer.getvalue()).decode(), "text/plain": "Figure: x"}
display(data, raw=True)"""
    place = "print(os.path.basename(os.getcwd()))\nprint(os.environ['TINYAD_AS_COPY'], flush=True)"
    cells = [
        code(draw, "draw", vscode={"a": 1}, tags=[]),
        code(f"{place}\nprint('end')\n1.5", "place"),
        code("ipywidgets.IntSlider()", "slider"),
        code("json.loads('{')", "raises", tags=["raises-exception"]),
        code("class C: pass\nC()", "address", tags=["nbval-ignore-output"]),
    ]
    return new_notebook(
        cells=cells,
        metadata={"widgets": {}, "kernelspec": {"name": "mine", "display_name": "Mine"}},
    )


def save(path: Path, notebook: NotebookNode) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "lessons" / "01_all.ipynb"
    assert notebooks.main([str(save(path, lesson_with_everything_that_varies()))]) == 0
    return path


def test_executing_twice_gives_the_same_bytes_but_for_the_announced(executed: Path) -> None:
    first = executed.read_text("utf-8")
    assert notebooks.main([str(executed)]) == 0
    second = executed.read_text("utf-8")
    assert normalize_addresses(first) == normalize_addresses(second)
    assert notebooks.main(["--check", str(executed)]) == 0
    assert executed.read_text("utf-8") == second


def test_it_runs_as_a_command_from_anywhere(executed: Path, tmp_path: Path) -> None:
    command = [sys.executable, COMMAND, "--measure", str(executed)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "code cells" in done.stdout
    assert "01_all" in done.stdout


def normalize_addresses(content: str) -> str:
    for regex, replace in compare.sanitizers():
        content = re.sub(regex, replace, content)
    return content


def test_what_is_stored_of_a_run(executed: Path) -> None:
    notebook = nbformat.read(executed, as_version=4)
    draw, place, slider, raises, _ = notebook.cells
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3, 4, 5]
    assert draw.metadata == {}
    assert b"Software" not in base64.b64decode(draw.outputs[0].data["image/png"])
    assert place.outputs[0].text == "lessons\n1\nend\n"
    assert place.outputs[1].data["text/plain"] == "1.5"
    assert normalize.WIDGET_VIEW in slider.outputs[0].data
    traceback = "\n".join(raises.outputs[0].traceback)
    assert traceback.startswith("-----")
    assert "Cell In[4], line 1" in traceback
    assert "File " not in traceback
    assert "\x1b" not in traceback
    assert traceback.endswith("line 1 column 2 (char 1)")
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    assert json.dumps(notebook.metadata.language_info) == '{"name": "python"}'


def test_a_failing_cell_is_named_and_the_file_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = [code("x = 0", "zero"), code("1 / x", "divide")]
    path = save(tmp_path / "lessons" / "01_bad.ipynb", new_notebook(cells=cells))
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    said = capsys.readouterr().out
    assert "01_bad.ipynb" in said
    assert 'cell "divide": ZeroDivisionError: division by zero' in said
    assert path.read_bytes() == before


def test_a_dead_kernel_is_reported(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[code("import os; os._exit(1)", "exit")])
    with pytest.raises(execute.NotebookFailedError, match='cell "exit"'):
        execute.executed(notebook, tmp_path)


def test_the_command_lists_what_is_stale_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = course(tmp_path)
    (folder / "exercises" / "02_second.ipynb").unlink()
    spoiled = folder / "solutions" / "02_second.ipynb"
    spoiled.write_text(spoiled.read_text("utf-8").replace(' "nbformat": 4,', ' "nbformat":4,'))
    before = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    assert notebooks.main(["--check", "--no-run", str(folder / "solutions")]) == 1
    said = capsys.readouterr().out
    assert "[1/2] " in said
    assert "01_first.ipynb is not what the solution generates" in said
    assert "02_second.ipynb is missing" in said
    assert "not normalized" in said
    assert {path: path.read_bytes() for path in folder.rglob("*.ipynb")} == before


def test_bad_paths_end_with_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert notebooks.main([str(tmp_path / "none.ipynb")]) == 2
    assert "neither a notebook nor a folder" in capsys.readouterr().err
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    assert notebooks.main([str(broken)]) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_generated_exercises_are_not_executed(capsys: pytest.CaptureFixture[str]) -> None:
    for path in (notebooks.ROOT / "exercises").glob("*.ipynb"):
        assert notebooks.main([str(path)]) == 2
        assert f"give solutions/{path.name}" in capsys.readouterr().err


def test_what_a_student_receives() -> None:
    source = solution()
    source.cells[1].outputs = [printed("seen")]
    exercise = generate.exercise(source)
    title, answer, graded = exercise.cells
    body = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert answer.source == body
    assert answer.outputs == []
    assert answer.metadata.deletable is False
    assert "editable" not in answer.metadata
    assert graded.metadata.editable is False
    assert len(graded.metadata.nbgrader.checksum) == 32
    assert [cell.id for cell in exercise.cells] == ["title", "f", "f-graded"]
    assert title.source == "# Exercise"
    assert source.cells[1].source != body  # the solution itself stays as it is


def test_a_solution_without_an_end_is_refused() -> None:
    source = solution()
    source.cells[1].source = source.cells[1].source.replace("### END SOLUTION", "")
    with pytest.raises(generate.GenerationError, match="no end solution"):
        generate.exercise(source)


def drawn(values: list[float], *, title: str = "a line") -> str:
    figure = Figure((6, 3), dpi=100)
    axes = figure.subplots()
    axes.plot(values)
    axes.set_title(title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def test_pictures_are_compared_by_what_they_show() -> None:
    line = drawn([0, 1, 2, 3])
    with matplotlib.rc_context({"text.hinting": "no_hinting", "text.antialiased": False}):
        assert compare.pictures_alike(line, drawn([0, 1, 2, 3]))
    assert compare.pictures_alike(line, drawn([0, 1, 2.02, 3]))
    assert not compare.pictures_alike(line, drawn([0, 1, 2.5, 3]))
    assert not compare.pictures_alike(line, drawn([0, 1, 2, 3], title="another"))
    assert not compare.pictures_alike(line, drawn([3, 2, 1, 0]))
    blank = picture()[0].data["image/png"]
    assert not compare.pictures_alike(line, blank)


def test_the_name_of_a_cell_is_cleaned_in_no_time() -> None:
    patterns = compare.sanitizers()
    path = "/tmp/ipykernel_7/123.py"
    for shown in (path, f'File "{path}", line 1', f"({path}:3)"):
        clean = shown.replace(path, "CELL.py")
        assert compare._sanitized(shown, patterns) == normalize._clean(shown) == clean
    before = time.perf_counter()
    compare._sanitized("A" * 200_000, patterns)
    normalize._clean("A" * 200_000)
    assert time.perf_counter() - before < 1.0  # from each letter it would be minutes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ([printed("a\nb\n")], [printed("a\nc\n")], "line 2 is 'b', a run gives 'c'"),
        ([printed("a\n")], [], "stdout is stored, a run gives no output"),
        ([], [printed("a\n")], "no output is stored, a run gives stdout"),
        (picture(), [*picture()[:1], printed("x")], "text/html is stored, a run gives stdout"),
        ([printed("C at 0x7f0000aa")], [printed("C at 0x7f0000bb")], None),
        ([printed("640x480")], [printed("640x481")], "line 1"),
        (
            [new_output("error", ename="E", evalue="one", traceback=["a"])],
            [new_output("error", ename="E", evalue="two", traceback=["a"])],
            "error differs",
        ),
    ],
)
def test_differences_are_told(
    old: list[NotebookNode], new: list[NotebookNode], reason: str | None
) -> None:
    stored, fresh = (new_notebook(cells=[code("x", "x", *o)]) for o in (old, new))
    stored.cells[0].execution_count = fresh.cells[0].execution_count = 1
    found = compare.differences(stored, fresh)
    if reason is None:
        assert found == []
    else:
        assert reason in found[0]
        assert found[0].startswith('cell "x": ')
    stored.cells[0].execution_count = None
    assert "was never executed" in compare.differences(stored, fresh)[0]


@pytest.mark.parametrize(
    ("markdown", "count"),
    [
        ("# One two", 2),
        ("a [link of words](x.ipynb), `x = 1`, and $x + y = z$", 7),
        ("$$\na + b\n$$ and\n\n```python\nx = 1\n```", 1),
        ("<details><summary>Two words</summary>\n\nthree more words\n\n</details>", 5),
        ("![alternative text](x.png) | a | b |\n|---|---|", 2),
    ],
)
def test_words_are_what_a_reader_reads(markdown: str, count: int) -> None:
    assert words(markdown) == count
    assert text(markdown, "x").source == markdown
