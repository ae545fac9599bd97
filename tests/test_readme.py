"""The README tells the truth: its program runs, its lessons are those that exist."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROGRAM = "\n".join(re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL))
CLAIMS = re.findall(r"^((?:ad|report)\..*?)  # (.*)$", PROGRAM, flags=re.MULTILINE)
RESULT = re.compile(r"[(\d]|array")  # a comment that begins with a result, not with words


def test_program_runs():
    exec(compile(PROGRAM, "README.md", "exec"), {})


@pytest.mark.parametrize(("code", "claim"), [c for c in CLAIMS if RESULT.match(c[1])])
def test_claimed_results(code, claim):
    names: dict[str, object] = {}
    exec(compile(PROGRAM, "README.md", "exec"), names)
    assert claim.startswith(repr(eval(code, names)))


def test_some_results_are_claimed():
    assert sum(bool(RESULT.match(claim)) for _, claim in CLAIMS) >= 6


def test_lessons_are_listed_with_their_titles_and_times():
    listed = re.findall(
        r"\[([^]]+)\]\((lessons/\d\d[^)]*\.ipynb)\).*\| (\d+) \|$", README, flags=re.M
    )
    lessons = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("lessons/*.ipynb"))
    assert [path for _, path, _ in listed] == lessons
    for title, path, minutes in listed:
        opening = "".join(json.loads((ROOT / path).read_text())["cells"][0]["source"])
        assert opening.startswith(f"# {title}\n")
        if time := re.search(r"\*\*Time:\*\* (\d+) minutes", opening):
            assert time[1] == minutes
