"""The recording interpretation: every operation, every guard, and nothing baked in silently."""

import linecache
import operator

import numpy as np
import pytest

import tinyad as ad
from tinyad.arguments import Call
from tinyad.errors import ConversionError, EscapedValueError, InPlaceError
from tinyad.views.record import Record, Recorded, Ref, run

X = np.array([3.0, -1.0, 2.0])


def recorded(function, *args):
    return run(Call(function, tuple(range(len(args))), args, {}))


def guards(function, *args):
    return [(g.how, g.taken) for g in recorded(function, *args).record.guards]


def operations(function, *args):
    return [step.row.name for step in recorded(function, *args).record.steps if step.row]


def test_steps_replay_to_the_same_values():
    def f(x, y):
        z = np.where(x > y, x * y, np.sort(x)) @ x
        return np.sum(np.concatenate([x, y])[::2]) * z

    record, (output,), _ = recorded(f, X, 2 * X)
    values = [step.value for step in record.steps[: len(record.inputs)]]
    for step in record.steps[len(values) :]:
        operands = [values[o] if type(o) is Ref else o for o in step.operands]
        values.append(step.row.value(operands, step.options))
    for value, step in zip(values, record.steps, strict=True):
        np.testing.assert_array_equal(value, step.value)
    assert values[output] == f(X, 2 * X)


def test_operations_without_a_derivative_are_steps_too():
    def f(x):
        return np.sum(np.where((x > 0) & ~(x > 2.5), x, 0.0)) * np.sign(x[0])

    assert operations(f, X) == [
        *("greater", "greater", "logical_not", "logical_and", "where", "sum", "index", "sign"),
        "multiply",
    ]
    flat = [step.flat for step in recorded(f, X).record.steps]
    assert flat == [False, True, True, True, True, False, False, False, True, False]


def test_shapes_and_types_are_not_steps():
    def f(x):
        return x * np.size(x) + np.zeros_like(x) + x.shape[0] + np.ndim(x)

    assert operations(f, X) == ["multiply", "add", "add", "add"]


@pytest.mark.parametrize("f", [np.bitwise_and, np.bitwise_or, np.bitwise_xor])
def test_masks_combine_as_numpys_do(f):
    sign = {np.bitwise_and: operator.and_, np.bitwise_or: operator.or_}.get(f, operator.xor)
    other = np.array([True, False, True])
    for combine in (f, sign):
        for first, second in ((X > 0, other), (other, X > 0)):
            (value,) = [
                step.value
                for step in recorded(
                    lambda x, c=combine, a=first is not other: np.sum(
                        np.where(c(x > 0, other) if a else c(other, x > 0), x, 0.0)
                    ),
                    X,
                ).record.steps
                if step.row and step.row.name.startswith("logical")
            ]
            np.testing.assert_array_equal(value, f(first, second))
    with pytest.raises(ad.errors.MissingRuleError):
        recorded(lambda x: x & True, 2.0)


# Guards: each way in which Python takes a value in


def test_guard_of_a_branch():
    f = lambda x: x if x < 2 else 2 * x  # noqa: E731
    assert guards(f, 1.0) == [("bool", True)]
    assert guards(f, 3.0) == [("bool", False)]
    assert guards(lambda x: x and 2 * x, 1.0) == [("bool", True)]  # truth of the number itself


def test_guard_of_a_loop_names_every_test():
    def f(x):
        while x < 10:
            x = x * x
        return x

    assert guards(f, 2.0) == [("bool", True)] * 2 + [("bool", False)]


def test_guard_of_a_count():
    assert guards(lambda x: x * int(np.floor(x)), 2.5) == [("int", 2)]
    assert guards(lambda x: sum(x for _ in range(np.argmax(x) + 2)), X) == [("index", 2)]
    assert guards(lambda x: x * float(np.round(x)), 2.4) == [("float", 2.0)]


def test_guard_of_a_position_and_of_a_mask():
    assert guards(lambda x: x[np.argmax(x)], X) == [("value", 0)]
    assert guards(lambda x: x[: np.argmin(x) + 1], X) == [("index", 2)]
    assert guards(lambda x: np.array([1.0, 2.0, 3.0])[np.argmax(x)] * x, X) == [("index", 0)]
    for f in (
        lambda x: x[x > 0],
        lambda x: x[np.nonzero(x > 0)],
        lambda x: x[np.flatnonzero(x > 0)],
    ):
        ((how, taken),) = guards(f, X)
        assert how == "value"
        assert np.array_equal(np.arange(3)[taken], [0, 2])
        np.testing.assert_array_equal(ad.trace(f, X).value, [3.0, 2.0])
    ((how, taken),) = guards(lambda x: np.take(x, np.argsort(x)), X)
    np.testing.assert_array_equal(taken, [1, 2, 0])


def test_guards_of_a_derivative_are_those_of_the_program_it_runs():
    def f(x):
        return np.sum(x[x > 0] ** 2) if np.all(np.isfinite(x)) else np.sum(x)

    assert [how for how, _ in guards(ad.grad(f), X)] == ["bool", "value"]
    np.testing.assert_array_equal(ad.trace(ad.grad(f), X).value, [6.0, 0.0, 4.0])
    # the order of a sort decides where its adjoint goes
    weights = np.array([1.0, 10.0, 100.0])
    trace = ad.trace(ad.grad(lambda x: np.sum(np.sort(x) * weights)), X)
    np.testing.assert_array_equal(trace.value, [100.0, 1.0, 10.0])
    assert [g.how for g in trace.record.guards] == ["value"]


def test_guard_points_to_the_value_that_was_taken():
    record = recorded(lambda x: x if x * x > 2 else -x, 3.0).record
    (guard,) = record.guards
    assert record.steps[guard.position].row.name == "greater"


def test_what_has_a_derivative_is_not_turned_into_a_number():
    for f in (lambda x: float(x), lambda x: int(2 * x), lambda x: x.item(), lambda x: [1, 2][x]):
        with pytest.raises((ConversionError, TypeError)):
            recorded(f, 1.0)
    for f in (
        lambda x: np.zeros(3)[x],
        lambda x: x[x],
        lambda x: x.tolist(),
        lambda x: np.array([x]),
    ):
        with pytest.raises((ConversionError, IndexError)):
            recorded(f, X)
    with pytest.raises(InPlaceError):
        recorded(lambda x: x.__setitem__(0, 1.0), X)


def test_what_has_none_may_be():
    assert ad.trace(lambda x: x * np.argmax(x).item(), X).value.tolist() == [0.0, 0.0, 0.0]
    assert ad.trace(lambda x: x * (x > 0).tolist()[1], X).value.tolist() == [0.0, 0.0, 0.0]
    n = ad.trace(lambda x: x * float(np.floor(x) + 1), 2.5)  # plain arithmetic on a plain number
    assert n.value == 7.5


# Constants


def test_learners_arrays_are_kept_as_they_were_at_each_use():
    buffer = np.ones(3)

    def f(x):
        a = np.sum(x * buffer)
        buffer[:] = 5.0
        return a + np.sum(x * buffer)

    trace = ad.trace(f, X).reverse()
    np.testing.assert_array_equal(trace.gradient, [6.0, 6.0, 6.0])


def test_an_array_used_twice_is_one_constant():
    a = np.array([1.0, np.nan, -0.0])
    record = recorded(lambda x: np.sum(x * a + a), X).record
    first, second = (step.operands[1] for step in record.steps[1:3])
    assert first is second is not a
    a2 = np.array([1.0, 2.0, 0.0])

    def g(x):
        y = x * a2
        a2[2] = -0.0  # equal to 0.0, and another number
        return y + a2

    record = recorded(g, X).record
    assert record.steps[1].operands[1] is not record.steps[2].operands[1]


def test_arguments_are_copied():
    x = X.copy()
    trace = ad.trace(lambda x: np.sum(x * x), x)
    x[:] = 0.0
    np.testing.assert_array_equal(trace.reverse().gradient, 2 * X)


# The end of a pass, nesting, source lines


def test_a_recorded_value_that_outlived_its_run_says_so():
    kept = []
    recorded(lambda x: kept.extend([x, x > 1]) or x, 2.0)
    for use in (lambda: kept[0] + 1, lambda: kept[0] > 1, lambda: bool(kept[1])):
        with pytest.raises(EscapedValueError):
            use()


def test_recordings_nest_without_confusion():
    def f(x):
        inner = recorded(lambda y: x * y, 3.0)  # x is a constant to the inner one
        (step,) = [s for s in inner.record.steps if s.row]
        assert isinstance(step.operands[0], Recorded)
        return step.value

    outer = recorded(f, 2.0)
    assert [s.value for s in outer.record.steps] == [2.0, 6.0]


def test_lines_are_the_learners_even_inside_numpys_own_functions():
    name = "<a cell>"
    source = "import numpy as np\ndef f(x):\n    return np.linalg.norm(np.vstack([x, x]))\n"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope = {}
    exec(compile(source, name, "exec"), scope)
    lines = {step.line for step in recorded(scope["f"], X).record.steps if step.row}
    assert lines == {"line 3: return np.linalg.norm(np.vstack([x, x]))"}


def test_a_record_by_hand():
    with Record([2.0, 5.0]) as record:
        x, y = record.boxes()
        z = np.log(x) + x * y
    assert isinstance(z, Recorded)
    assert [s.value for s in record.steps] == [2.0, 5.0, np.log(2.0), 10.0, np.log(2.0) + 10.0]
    assert record.steps[-1].operands == (2, 3)
