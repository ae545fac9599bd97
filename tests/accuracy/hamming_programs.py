"""The programs of the cases: Hamming's expressions, and others that lose digits or only seem to.

Plain NumPy, as a learner writes it. Which of them goes wrong where stands in hamming_cases.py.
"""

from __future__ import annotations

import numpy as np

# Hamming, Numerical Methods for Scientists and Engineers, chapter 3, as FPBench lists it


def example_31(x):
    return np.sqrt(x + 1) - np.sqrt(x)


def example_33(x, eps):
    return np.sin(x + eps) - np.sin(x)


def example_34(x):
    return (1 - np.cos(x)) / np.sin(x)


def example_35(n):
    return np.arctan(n + 1) - np.arctan(n)


def example_36(x):
    return 1 / np.sqrt(x) - 1 / np.sqrt(x + 1)


def problem_331(x):
    return 1 / (x + 1) - 1 / x


def problem_332(x, eps):
    return np.tan(x + eps) - np.tan(x)


def problem_333(x):
    return 1 / (x + 1) - 2 / x + 1 / (x - 1)


def problem_334(x):
    return (x + 1) ** (1 / 3) - x ** (1 / 3)


def problem_335(x, eps):
    return np.cos(x + eps) - np.cos(x)


def problem_336(n):
    return np.log(n + 1) - np.log(n)


def problem_337(x):
    return np.exp(x) - 2 + np.exp(-x)


def p42_positive(a, b, c):
    return (-b + np.sqrt(b * b - 4 * (a * c))) / (2 * a)


def p42_negative(a, b, c):
    return (-b - np.sqrt(b * b - 4 * (a * c))) / (2 * a)


def problem_321(a, b2, c):
    return (-b2 + np.sqrt(b2 * b2 - a * c)) / a


def example_37(x):
    return np.exp(x) - 1


def example_38(n):
    return (n + 1) * np.log(n + 1) - n * np.log(n) - 1


def example_39(x):
    return 1 / x - 1 / np.tan(x)


def example_310(x):
    return np.log(1 - x) / np.log(1 + x)


def problem_341(x):
    return (1 - np.cos(x)) / (x * x)


def problem_342(a, b, eps):
    return eps * (np.exp((a + b) * eps) - 1) / ((np.exp(a * eps) - 1) * (np.exp(b * eps) - 1))


def problem_343(eps):
    return np.log((1 - eps) / (1 + eps))


def problem_344(x):
    return np.sqrt((np.exp(2 * x) - 1) / (np.exp(x) - 1))


def problem_345(x):
    return (x - np.sin(x)) / (x - np.tan(x))


def problem_346(x, n):
    return (x + 1) ** (1 / n) - x ** (1 / n)


def section_35(a, x):
    return np.exp(a * x) - 1


def section_311(x):
    return np.exp(x) / (np.exp(x) - 1)


# Further programs: numbers


def paper_h(x):
    f = x * x - 4
    g = x - 2
    return f / g


def square_minus_one(x):
    return x * x - 1


def factored(x):
    return (x - 1) * (x + 1)


def through_large(x):
    shifted = x + 1e8
    return shifted - 1e8


def small_addend(x):
    return x + 1e-20


def fraction_part(x):
    whole = np.floor(x)
    return x - whole


def difference(x, y):
    return x - y


def length_by_squares(x, y):
    xx = x * x
    yy = y * y
    return np.sqrt(xx + yy)


def length_by_hypot(x, y):
    return np.hypot(x, y)


def softplus(x):
    return np.log(1 + np.exp(x))


def softplus_stable(x):
    return np.logaddexp(0.0, x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cross_entropy(logit):
    p = 1 / (1 + np.exp(-logit))
    q = 1 - p
    return -np.log(q)


def cross_entropy_stable(logit):
    return np.logaddexp(0.0, logit)


def hyperbolic_sine(x):
    up = np.exp(x)
    down = np.exp(-x)
    return (up - down) / 2


def sinh(x):
    return np.sinh(x)


def one_minus_tanh_squared(x):
    t = np.tanh(x)
    return 1 - t * t


def tanh(x):
    return np.tanh(x)


def expm1_over(x):
    return np.expm1(x) / x


def log1p_over(x):
    return np.log1p(x) / x


def sine_over(x):
    return np.sin(x) / x


def expm1_form(x):
    return np.exp(x) / np.expm1(x)


def half_angle(x):
    s = np.sin(x / 2)
    return 2 * s * s


def saturating(x):
    return x / (1 + x)


def fast_turns(x):
    angle = np.pi * x
    return np.sin(angle)


def there_and_back(x):
    return np.arccos(np.cos(x))


def compound(n):
    return (1 + 1 / n) ** n


def compound_stable(n):
    return np.exp(n * np.log1p(1 / n))


def determinant(a, b, c, d):
    left = a * d
    right = b * c
    return left - right


def circle(x):
    return np.sqrt(1 - x * x)


def circle_factored(x):
    return np.sqrt((1 - x) * (1 + x))


def heron(a, b, c):
    s = (a + b + c) / 2
    return np.sqrt(s * (s - a) * (s - b) * (s - c))


def heron_kahan(a, b, c):
    p = (a + (b + c)) * (c - (a - b))
    q = (c + (a - b)) * (a + (b - c))
    return np.sqrt(p * q) / 4


def quotient_of_differences(x):
    step = 1e-12
    ahead = np.exp(x + step)
    here = np.exp(x)
    return (ahead - here) / step


def small_root_stable(a, b, c):
    root = np.sqrt(b * b - 4 * (a * c))
    return -2 * c / (b + root)


def tenth_root_of_tenth_power(x):
    power = x**10
    return power**0.1


def exponential(x):
    return np.exp(x)


def square_root(x):
    return np.sqrt(x)


def zero_times_infinity(x, y):
    large = 1 / y
    return x * large


def infinity_minus_infinity(x):
    a = np.exp(x)
    b = np.exp(x / 2)
    return a - b * b


def reciprocal_of_overflow(x):
    large = np.exp(x)
    return 1 / large


def scaled_underflow(x):
    small = np.exp(-x)
    return small * np.exp(x)


# Further programs: branches, kinks, and the branch not taken


def log_or_zero(x):
    return np.where(x > 0, np.log(x), 0.0)


def root_or_zero(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


def root_or_zero_safe(x):
    inside = np.where(x > 0, x, 1.0)
    return np.where(x > 0, np.sqrt(inside), 0.0)


def three_thirds(x):
    s = x + x + x
    if s < 1:
        return s * s
    return 5 * s


def steps_to_one(x):
    total = x * 0
    while total < 1:
        total = total + x
    return total * x


def magnitude(x):
    return abs(x)


def relu(x):
    return np.maximum(x, 0.0)


# Further programs: loops


def archimedes(t):
    for _ in range(16):
        t = (np.sqrt(1 + t * t) - 1) / t
    return t


def archimedes_stable(t):
    for _ in range(16):
        t = t / (np.sqrt(1 + t * t) + 1)
    return t


def integral_recurrence(y):
    for n in range(1, 19):
        y = 1 - n * y
    return y


def exponential_series(x):
    term = 1 + 0 * x
    total = term
    for n in range(1, 46):
        term = term * x / n
        total = total + term
    return total


def seventh_power_expanded(x):
    y = x - 7
    y = y * x + 21
    y = y * x - 35
    y = y * x + 35
    y = y * x - 21
    y = y * x + 7
    return y * x - 1


def horner(x):
    y = 0.5 * x + 1
    for c in (2.0, 3.0, 4.0, 5.0):
        y = y * x + c
    return y


def newton_root(a):
    y = a
    for _ in range(12):
        y = 0.5 * (y + a / y)
    return y


def tenths(x):
    total = x
    for _ in range(99):
        total = total + x
    return total


# Further programs: arrays


def variance_of_squares(x):
    mean = np.mean(x)
    mean_of_squares = np.mean(x * x)
    return mean_of_squares - mean * mean


def variance_two_passes(x):
    mean = np.mean(x)
    apart = x - mean
    return np.mean(apart * apart)


def variance(x):
    return np.var(x)


def log_sum_exp(x):
    return np.log(np.sum(np.exp(x)))


def log_sum_exp_stable(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def first_of_softmax(x):
    e = np.exp(x)
    p = e / np.sum(e)
    return p[0]


def first_of_softmax_stable(x):
    e = np.exp(x - np.max(x))
    p = e / np.sum(e)
    return p[0]


def total(x):
    return np.sum(x)


def total_by_loop(x):
    total = x[0]
    for k in range(1, len(x)):
        total = total + x[k]
    return total


def total_compensated(x):
    total = x[0]
    lost = 0.0
    for k in range(1, len(x)):
        new = total + x[k]
        back = new - total
        lost = lost + ((total - (new - back)) + (x[k] - back))
        total = new
    return total + lost


def inner_product(x, y):
    return np.dot(x, y)


def entropy(p):
    return -np.sum(p * np.log(p))


def geometric_mean(x):
    return np.prod(x) ** (1 / len(x))


def geometric_mean_by_logs(x):
    return np.exp(np.mean(np.log(x)))


def norm(x):
    return np.sqrt(np.sum(x * x))


def angle(x, y):
    lengths = np.sqrt(np.dot(x, x) * np.dot(y, y))
    return np.arccos(np.dot(x, y) / lengths)


# Further programs: longer ones


def kinetic_energy(speed):
    beta = speed / 299792458.0
    gamma = 1 / np.sqrt(1 - beta * beta)
    return gamma - 1


def kinetic_energy_stable(speed):
    beta = speed / 299792458.0
    squared = beta * beta
    root = np.sqrt(1 - squared)
    return squared / (root * (1 + root))


def great_circle(apart):
    here = 0.75
    there = here + apart
    c = np.sin(here) * np.sin(there) + np.cos(here) * np.cos(there)
    return np.arccos(c)


def haversine(apart):
    half = apart / 2
    s = np.sin(half)
    return 2 * np.arcsin(np.sqrt(s * s))


def small_eigenvalue(a, b, c):
    middle = (a + c) / 2
    apart = (a - c) / 2
    radius = np.sqrt(apart * apart + b * b)
    return middle - radius


def small_eigenvalue_stable(a, b, c):
    middle = (a + c) / 2
    apart = (a - c) / 2
    radius = np.hypot(apart, b)
    return (a * c - b * b) / (middle + radius)


def network_loss(w):
    first = np.array([[0.5, -0.25], [1.5, 0.75], [-1.0, 2.0]])
    hidden = np.tanh(np.matmul(first, w) + 0.1)
    output = np.sum(hidden * np.array([0.3, -0.7, 1.1]))
    error = output - 0.4
    return error * error


def surface(x):
    """Twenty lines, of which one ruins the answer."""
    a = x + 0.5
    b = np.exp(-a)
    c = np.sin(a) * b
    d = np.sqrt(a * a + 1)
    e = d + c
    f = np.log(e)
    g = f * f + 1
    h = g / d
    k = 1 / (h + 2)
    m = k * x
    n = np.cos(m * 1e-6)
    p = 1 - n
    q = p * 3
    r = q + p
    s = np.sqrt(r)
    t = s * a
    u = t * 2
    v = np.arctan(u)
    w = v / k
    return w * 1e6


def surface_mended(x):
    """Twenty lines, none of which ruins the answer."""
    a = x + 0.5
    b = np.exp(-a)
    c = np.sin(a) * b
    d = np.sqrt(a * a + 1)
    e = d + c
    f = np.log(e)
    g = f * f + 1
    h = g / d
    k = 1 / (h + 2)
    m = k * x
    n = np.sin(m * 5e-7)
    p = 2 * n * n
    q = p * 3
    r = q + p
    s = np.sqrt(r)
    t = s * a
    u = t * 2
    v = np.arctan(u)
    w = v / k
    return w * 1e6
