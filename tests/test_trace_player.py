"""The trace player: what is known at each step, what lights up, what is left without a kernel."""

import base64
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import tinyad as ad
from tinyad.errors import ArgumentError, TinyadError
from tinyad.explore import trace_player
from tinyad.explore.trace_model import MISSING, TraceModel
from tinyad.picture import LIT_FILL
from tinyad.picture.drawing import text_width

SVG = "{http://www.w3.org/2000/svg}"
FORWARD, STEPS = 8, 19  # two inputs, five operations and y; eleven statements about adjoints


def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


@pytest.fixture
def model():
    return TraceModel(f, (2, 5))


@pytest.fixture
def player():
    return trace_player(f, 2, 5)


def screen(player):
    """What moves."""
    return player.children[1].children[1].value


def drawing(player):
    return ElementTree.fromstring(re.search(r"<svg.*</svg>", screen(player), re.DOTALL).group())


def boxes(player):
    """The nodes, each as (label, rectangle, fill, lines)."""
    found = []
    for element in drawing(player):
        if element.tag == f"{SVG}rect" and element.get("stroke") not in (None, "none"):
            place = tuple(float(element.get(name)) for name in ("x", "y", "width", "height"))
            found.append((place, element.get("fill"), []))
        elif element.tag == f"{SVG}text" and found:
            found[-1][2].append(element.text)
    return [(words[0], place, fill, words[1:]) for place, fill, words in found]


def rows_lit(player):
    table = re.search(r"<table.*</table>", screen(player), re.DOTALL).group()
    return re.findall(r'class="now"[^>]*>([^<]+)<', table)


# The model


def test_each_row_is_a_step_and_each_statement(model):
    assert (model.turn, model.last) == (FORWARD, STEPS)


def test_values_come_one_by_one(model):
    values = ["2", "5", "0.69315", "10", "10.693", "-0.95892", "11.652"]
    for step in range(FORWARD):
        shown = [model.lines(step)[k][0] for k in range(7)]
        assert shown == values[:step] + [MISSING] * (7 - step)
    assert model.lines(FORWARD)[6][0] == "y = 11.652"


def test_no_adjoint_is_known_before_the_reverse_pass(model):
    for step in range(FORWARD + 1):
        assert model.adjoints(step) == {}
        assert all(lines[1].endswith(f" = {MISSING}") for lines in model.lines(step).values())


def test_adjoints_arrive_and_add_up(model):
    # Worked by hand: ∂y/∂x₂ = x₁ − cos x₂ comes in two parts, and so does ∂y/∂x₁ = 1/x₁ + x₂.
    history = {k: [] for k in range(7)}
    for step in range(FORWARD, STEPS + 1):
        for position, adjoint in model.adjoints(step).items():
            if history[position][-1:] != [adjoint]:
                history[position].append(adjoint)
    cosine = math.cos(5)
    wanted = [[5, 5.5], [-cosine, 2 - cosine], [1], [1], [1], [-1], [1]]
    for position, adjoints in enumerate(wanted):
        assert history[position] == pytest.approx(adjoints, abs=1e-15)


def test_what_is_zero_is_not_what_is_missing():
    model = TraceModel(lambda x, y: x * y, (0.0, 3.0))
    lines = [model.lines(step)[1][1] for step in range(model.last + 1)]
    assert lines[0] == "v̄₀ = –"
    assert lines[-1] == "v̄₀ = 0"
    assert set(lines) == {"v̄₀ = –", "v̄₀ = 0"}


def test_each_step_changes_one_node(model):
    for step in range(STEPS):
        before, after = model.lines(step), model.lines(step + 1)
        changed = [k for k in before if before[k] != after[k]]
        handed_on = step + 1 > STEPS - 2  # x̄ = v̄: the argument gets what its node has
        assert len(changed) == (0 if handed_on else 1)
        assert set(changed) <= set(model.lit(step + 1))


def test_in_the_forward_pass_a_value_lights_up_with_its_operands(model):
    for step, sources in ((1, []), (3, [0]), (4, [0, 1]), (6, [1]), (7, [4, 5])):
        node, *edges = model.lit(step)
        assert node == step - 1
        assert [(edge.source, edge.target) for edge in edges] == [(s, node) for s in sources]
    assert model.lit(0) == []
    assert model.lit(FORWARD) == [6]


def test_in_the_reverse_pass_giver_and_taker_light_up(model):
    assert model.lit(FORWARD + 1) == [6, 6]  # the output starts with 1
    givers = {0: {2, 3}, 1: {3, 5}, 2: {4}, 3: {4}, 4: {6}, 5: {6}}  # who uses whose value
    for step in range(FORWARD + 2, STEPS - 1):
        giver, taker, edge = model.lit(step)
        assert giver in givers[taker]
        assert (edge.source, edge.target) == (taker, giver)
        givers[taker].remove(giver)
    assert not any(givers.values())


def test_statements_are_those_of_the_trace(model):
    assert model.statement(4) == ("v₂ = v₋₁ × v₀", "10")
    assert model.statement(12) == ("v̄₀ = v̄₄ × cos v₀", "-0.28366218546322625")
    assert model.statement(16) == ("v̄₀ += v̄₂ × v₋₁", "1.7163378145367738")
    assert (model.before(12), model.before(16)) == ("", "-0.28366218546322625")


def test_a_comparison_has_a_value_but_never_an_adjoint():
    model = TraceModel(lambda x: np.where(x > 0, x * x, -x), (3.0,))
    for step in range(model.last + 1):
        lines = model.lines(step)
        assert [len(lines[k]) for k in lines] == [2, 1, 2, 2, 2]
    assert lines[1] == ("True",)
    assert lines[0] == ("3", "v̄₀ = 6")
    assert lines[3][1] == "v̄₃ = 0"  # the branch not taken


def test_an_adjoint_may_end_at_zero_which_is_more_than_a_dash():
    # at (1, 0), where lesson 4 lets the learner work in the head: x₁ − cos x₂ is 1 − 1
    model = TraceModel(f, (1.0, 0.0))
    lines = [model.lines(step)[1][1] for step in range(model.last + 1)]
    assert list(dict.fromkeys(lines)) == ["v̄₀ = –", "v̄₀ = -1", "v̄₀ = 0"]
    assert model.trace.gradient == (1.0, 0.0)


def test_the_telling_step_is_the_first_addition(model):
    assert model.events[model.telling - 1].op == "+="
    assert all(event.op != "+=" for event in model.events[: model.telling - 1])
    straight = TraceModel(np.sin, (1.0,))
    assert straight.turn < straight.telling <= straight.last


def test_every_line_fits_into_its_node(player):
    for step in range(STEPS + 1):
        player.set(step=step)
        for label, (_, _, width, _), _, lines in boxes(player):
            assert text_width(label, 14) < width
            assert all(text_width(line, 12) < width for line in lines)


# What is shown


def test_node_and_row_light_up_together(player):
    for step in range(1, STEPS + 1):
        player.set(step=step)
        names = [label.split(" ")[0] for label, _, fill, _ in boxes(player) if fill == LIT_FILL]
        statement, value = player._scene.model.statement(step)
        lit = rows_lit(player)
        assert statement in lit
        assert value in lit
        event = player._scene.model.events[step - 1]
        at_work = event.of or event
        name = player._scene.model.trace.names.value(at_work.position)
        assert name in names


def test_nothing_moves_from_step_to_step(player):
    places = set()
    for step in range(STEPS + 1):
        player.set(step=step)
        places.add(tuple(place for _, place, _, _ in boxes(player)))
        assert screen(player).count("<tr>") == 9
    assert len(places) == 1


def test_the_style_is_sent_once(player):
    before = player.children[1].children[0].value
    assert "<style>" in before
    player.set(step=9)
    assert player.children[1].children[0].value == before
    assert "<style" not in screen(player)


def test_the_readout_says_what_happens(player):
    assert player.readout == "step        0 of 19: nothing is computed yet"
    player.set(step=16)
    lines = player.readout.splitlines()
    assert lines[0] == "step        16 of 19, reverse pass"
    assert lines[1] == "statement   v̄₀ += v̄₂ × v₋₁"
    assert lines[2] == "value       1.7163378145367738 (before: -0.28366218546322625)"
    assert lines[3].endswith("return np.log(x1) + x1 * x2 - np.sin(x2)")


def test_without_a_kernel_there_are_a_picture_and_a_fixed_sentence(player):
    data, metadata = player._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "v̄₀ = 1.7163" in metadata["image/png"]["alt"]  # the telling step
    assert "v̄₋₁ = 5\n" in metadata["image/png"]["alt"] + "\n"
    plain = data["text/plain"]
    player.set(step=12)
    moved, described = player._repr_mimebundle_()
    assert moved["text/plain"] == plain
    assert moved["image/png"] != data["image/png"]
    assert "v̄₀ = -0.28366" in described["image/png"]["alt"]
    assert player._repr_mimebundle_()[0]["image/png"] == moved["image/png"]


def test_a_derivative_can_be_played():
    player = trace_player(ad.grad(lambda x: np.sin(x) * x), 2.0)
    player.set(step=player._scene.model.last)
    second = 2 * math.cos(2) - 2 * math.sin(2)
    assert float(player.readout.splitlines()[2].split()[1]) == pytest.approx(second, rel=1e-14)


def test_arrays_can_be_played():
    player = trace_player(lambda w, x: np.sum(np.tanh(w @ x)), np.eye(2), np.array([1.0, 2.0]))
    player.set(step=player._scene.model.last)
    assert "(2, 2)" in player.readout


def test_arguments_may_be_named():
    player = trace_player(lambda a, b: a * b, 2, 5, names=("u", "w"))
    assert [label for label, *_ in boxes(player)][:2] == ["v₋₁ = u", "v₀ = w"]


def test_a_long_program_is_folded_but_every_step_is_there():
    def long(x):
        for _ in range(200):
            x = np.sin(x)
        return x

    player = trace_player(long, 1.0)
    assert player._scene.model.last == 202 + 202
    for step in (0, 100, 202, 300, 404):
        player.set(step=step)
        lit = [label for label, _, fill, _ in boxes(player) if fill == LIT_FILL]
        assert len(lit) == (step > 0)
        assert player.readout.startswith(f"step        {step} of 404")
    assert len(boxes(player)) == 40


# Bad input


@pytest.mark.parametrize("step", [-1, 20, 1.5, True, "3", None])
def test_only_steps_that_exist_can_be_set(player, step):
    with pytest.raises(ArgumentError, match="from 0 to 19"):
        player.set(step=step)


def test_an_unknown_control_is_refused(player):
    with pytest.raises(ArgumentError, match="There are: step"):
        player.set(eps=1e-3)


@pytest.mark.parametrize(
    ("function", "args", "what"),
    [
        (lambda x: x * np.ones(2), (1.0,), "walks back from one number"),
        (lambda x: (x, x * x), (1.0,), "walks back from one number"),
        (lambda x: 3.0, (1.0,), "constant"),
        (3.0, (1.0,), "not a function"),
        (np.sin, ("a",), "str"),
        (f, (1.0,), "argument"),
    ],
)
def test_what_cannot_be_played_says_so(function, args, what):
    with pytest.raises(TinyadError, match=what):
        trace_player(function, *args)


def test_without_the_reverse_pass_nothing_is_said_about_adjoints():
    player = trace_player(f, 2, 5, reverse=False)
    player.set(step=FORWARD)
    assert player.readout.startswith(f"step        {FORWARD} of {FORWARD}\n")
    with pytest.raises(ArgumentError, match="There is no step 9"):
        player.set(step=FORWARD + 1)
    data, metadata = player._repr_mimebundle_()
    shown = [screen(player), data["text/plain"], metadata["image/png"]["alt"]]
    assert not re.search("adjoint|reverse|forward|v\u0304", " ".join(shown))
    assert next(lines for _, _, _, lines in boxes(player)) == ["2"]
    player.set(step=3)
    assert rows_lit(player)
    assert TraceModel(f, (2, 5), reverse=False).telling == 4


def test_the_table_takes_no_color_from_the_theme(player):
    used = set(re.findall(r"var\((--jp-[\w-]+)", player.children[1].children[0].value))
    given = set(re.findall(r"(--jp-[\w-]+):", screen(player)))
    colors = {name for name in used if "color" in name}
    assert colors
    assert colors <= given
