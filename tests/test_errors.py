"""Bad input gets an error that names the learner's line, the cause and the remedy."""

import math
from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

import tinyad as ad
from tinyad import errors


def returns_array(x):
    return x * np.ones(3)


def returns_text(x):
    return "six"


def returns_nothing(x):
    x * x


def returns_truth(x):
    return x > 0


def returns_list(x):
    return [x, x]


def uses_math(x):
    return math.sin(x)


def uses_bare_math(x):
    return sqrt(x)


def assigns_entry(x):
    x[0] = 1.0
    return x


def assigns_into(x):
    a = np.zeros(2)
    a[0] = x
    return a[0]


def adds_in_place(x):
    a = np.zeros(2)
    a += x
    return a


def builds_array(x):
    return np.array([x, x])[0]


def converts(x):
    return float(x) * 2


def counts(x):
    return sum(1.0 for _ in range(int(x)))


def unknown_function(x):
    return np.nextafter(x, 1.0)


def near_miss(x):
    return np.power.reduce(x)


def two_arguments(x, y):
    return x * y


def square(x):
    return x * x


# what is called, the error, a phrase of the cause, a phrase of the remedy
GRAD_OF = [
    (returns_array, errors.OutputError, "returned an array of shape (3,)", "Return one number"),
    (returns_text, errors.OutputError, "returned six, of type str", "Return a number"),
    (returns_nothing, errors.OutputError, "returned None", "return statement"),
    (returns_truth, errors.OutputError, "returned True", "the number that is compared"),
    (returns_list, errors.OutputError, "of type list", "Return one number"),
    (uses_math, errors.ConversionError, "math.sin wants a plain number", "Write np.sin"),
    (uses_bare_math, errors.ConversionError, "math.sqrt wants a plain number", "Write np.sqrt"),
    (assigns_entry, errors.InPlaceError, "changed in place", "np.where"),
    (assigns_into, errors.ConversionError, "array of plain numbers", "np.stack"),
    (adds_in_place, errors.InPlaceError, "np.add was to write into", "y = x + 1"),
    (builds_array, errors.ConversionError, "put into a NumPy array", "np.stack"),
    (converts, errors.ConversionError, "plain number (float)", "stop_gradient"),
    (counts, errors.ConversionError, "plain number (int)", "stop_gradient"),
    (unknown_function, errors.MissingRuleError, "no derivative rule for np.nextafter", "attach"),
    (near_miss, errors.MissingRuleError, "power.reduce", "np.power"),
]

MODES = [ad.reverse.grad, ad.forward.grad]


@pytest.mark.parametrize("grad", MODES, ids=["reverse", "forward"])
@pytest.mark.parametrize(
    ("f", "kind", "cause", "remedy"), GRAD_OF, ids=lambda v: getattr(v, "__name__", "")
)
def test_function_that_cannot_be_differentiated(grad, f, kind, cause, remedy):
    with pytest.raises(kind) as caught:
        grad(f)(2.0)
    _says(caught.value, cause, remedy)
    # Errors inside f point into f; errors about what f returned point to the call.
    inside = kind is not errors.OutputError
    line = caught.value.line.partition(": ")[2]
    source = "\n".join(_lines_of(f)) if inside else "grad(f)(2.0)"
    assert line in source


@pytest.mark.parametrize("grad", [*MODES, ad.finite.grad], ids=["reverse", "forward", "finite"])
@pytest.mark.parametrize(
    ("call", "cause", "remedy"),
    [
        (lambda grad: grad(square)(True), "True, a truth value", "1.0 or 0.0"),
        (lambda grad: grad(square)(np.True_), "a truth value", "1.0 or 0.0"),
        (lambda grad: grad(square)("3"), "'3', of type str", "Pass a float"),
        (lambda grad: grad(square)(None), "None", "forget its return"),
        (lambda grad: grad(square)(2j), "2j", "real and the imaginary part"),
        (lambda grad: grad(square)(np.array([1j])), "complex128", "real and the imaginary"),
        (lambda grad: grad(square)(np.array([True])), "array of type bool", "astype(float)"),
        (lambda grad: grad(square)(np.array([None])), "array of type object", "astype(float)"),
        (lambda grad: grad(square)(np.array(["a"])), "array of type <U1", "astype(float)"),
        (lambda grad: grad(two_arguments)(1.0), "missing a required argument: 'y'", "same arg"),
        (lambda grad: grad(square)(1.0, 2.0), "too many positional", "same arguments"),
        (lambda grad: grad(square)(1.0, n=2), "unexpected keyword argument 'n'", "same arg"),
        (lambda grad: grad(square, argnums=1)(1.0), "argnums is 1", "the last one is 0"),
        (lambda grad: grad(square, argnums=-2)(1.0), "argnums is -2", "the last one is 0"),
        (lambda grad: grad(square, argnums="x")(1.0), "argnums is 'x'", "Count arguments from 0"),
        (lambda grad: grad(square, argnums=True)(1.0), "argnums is True", "from 0"),
        (lambda grad: grad(square(3.0))(1.0), "9.0 is not a function", "without calling it"),
    ],
)
def test_bad_argument(grad, call, cause, remedy):
    with pytest.raises(errors.ArgumentError) as caught:
        call(grad)
    _says(caught.value, cause, remedy)
    assert "(lambda grad: " in caught.value.line


@pytest.mark.parametrize("grad", [*MODES, ad.finite.grad], ids=["reverse", "forward", "finite"])
def test_exception_inside_f_reaches_the_learner_and_the_next_call_works(grad):
    def picky(x):
        if x > 2:
            raise KeyError("too big")
        return x * x

    with pytest.raises(KeyError, match="too big"):
        grad(picky)(3.0)
    assert grad(picky)(1.0) == pytest.approx(2.0, rel=1e-9)


def test_interrupt_leaves_nothing_behind():
    def interrupted(x):
        ad.grad(square)(x)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ad.grad(interrupted)(1.0)
    assert ad.grad(square)(3.0) == 6.0


def test_value_that_outlives_its_pass():
    kept = []

    def leak(x):
        kept.append(x)
        return x * x

    ad.grad(leak)(1.0)
    with pytest.raises(errors.EscapedValueError, match="after the pass that made it had ended"):
        kept[0] * 2.0


def test_differences_refuse_a_bad_scheme_or_step():
    for call, phrase in [
        (lambda: ad.finite.grad(square, scheme="left"), "no difference scheme 'left'"),
        (lambda: ad.finite.difference(square, 1.0, 0.0), "eps is 0.0"),
        (lambda: ad.finite.difference(square, 1.0, -1e-3), "eps is -0.001"),
        (lambda: ad.finite.difference(square, 1.0, math.nan), "eps is nan"),
        (lambda: ad.finite.grad(lambda x: np.cbrt(x), scheme="complex")(2.0), "np.cbrt does not"),
        (lambda: ad.finite.ErrorModel("richardson", 1.0, 1.0, 1.0), "no error model"),
    ]:
        with pytest.raises(errors.SchemeError) as caught:
            call()
        assert phrase in str(caught.value)
        assert "Remedy" in str(caught.value)


def test_manual_mode_needs_a_derivative():
    with pytest.raises(errors.ManualError, match="square has no hand-written derivative"):
        ad.manual.grad(square)
    half = ad.with_derivative(two_arguments, None, lambda x, y: x)
    assert ad.grad(half, argnums=1)(2.0, 5.0) == 2.0
    with pytest.raises(errors.ManualError, match="argument 1"):
        ad.grad(half)(2.0, 5.0)
    with pytest.raises(errors.ManualError, match="must be functions"):
        ad.with_derivative(square, 2.0)


def test_all_errors_share_one_base():
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert len(kinds) >= 8
    assert all(issubclass(kind, errors.TinyadError) for kind in kinds)


def _says(error: errors.TinyadError, cause: str, remedy: str) -> None:
    assert cause in error.what
    assert remedy in error.remedy
    assert error.line.startswith("test_errors.py, line ")
    assert str(error) == f"{error.what}\n  Where: {error.line}\n  Remedy: {error.remedy}"


def _lines_of(f: Callable[..., object]) -> list[str]:
    import inspect

    return [line.strip() for line in inspect.getsource(f).splitlines()]


def test_jupyter_shows_the_learners_own_lines_only():
    def outer(x):
        return converts(x)

    with pytest.raises(errors.ConversionError) as caught:
        ad.grad(outer)(3.0)
    (shown,) = caught.value._render_traceback_()
    first, *rest = shown.splitlines()
    assert first.startswith("ConversionError: A traced value was to become a plain number")
    calls = [line for line in rest if "Called by" in line]
    assert [c.split(": ", 1)[1] for c in calls] == ["return converts(x)", "ad.grad(outer)(3.0)"]
    assert "tinyad" not in "".join(calls)
