"""The table of identities: what equals what in exact arithmetic, though not in floats.

Each line is read from left to right. u, v and w stand for anything; sums and products match in
any order, up to a common factor, inside larger ones, and a product also upside down. A line with
`if` holds under that condition alone. Lines may be true on a part of the real line only (log(u)
wants a positive u): whether a whole program stays the same function is decided by measurement.

Sources: Abramowitz and Stegun, chapter 4; Hamming, Numerical Methods for Scientists and Engineers,
chapter 3; Kahan, Branch Cuts for Complex Elementary Functions, 1987.
"""

IDENTITIES_ROWS = (
    # Exponentials
    "exp(u) - 1 = expm1(u)",
    "exp(u) - exp(v) = exp(v)·expm1(u - v)",
    "exp(u) - exp(v) = 2·sinh(u)  if  u = -v",
    "exp(u) + exp(v) = 2·cosh(u)  if  u = -v",
    "exp(u) + exp(v) - 2 = 4·sinh(u/2)^2  if  u = -v",
    "exp(u)/expm1(u) = -1/expm1(-u)",
    "expm1(u)/expm1(v) = exp(v) + 1  if  u = 2·v",
    "exp2(u) - 1 = expm1(u·log(2))",
    "expm1(u) = 2·exp(u/2)·sinh(u/2)",
    # Logarithms
    "log(1 + u) = log1p(u)",
    "log(u) - log(v) = log1p((u - v)/v)",
    "log(u/v) = log1p((u - v)/v)",
    "log(u/v) = log(u) - log(v)",
    "log(u·v) = log(u) + log(v)",
    "log(u^2) = 2·log(abs(u))",
    "log(sqrt(u)) = log(u)/2",
    "log(u) = log1p(u - 1)",
    "log(cosh(u)) = logaddexp(u, -u) - log(2)",
    "log(sinh(u)) = u + log(-expm1(-2·u)/2)",
    "log(exp(u)) = u",
    "log1p(u) - log1p(v) = log1p((u - v)/(1 + v))",
    "log(u/v) = -2·arctanh(w)  if  u = 1 - w, v = 1 + w",
    "log(u/v) = 2·arctanh(w)  if  u = 1 + w, v = 1 - w",
    "log(u + sqrt(v)) = arcsinh(u)  if  v = u^2 + 1",
    "log(u + sqrt(v)) = arccosh(u)  if  v = u^2 - 1",
    # What overflows on the way
    "log(exp(u) + exp(v)) = logaddexp(u, v)",
    "log(exp(u) + v) = logaddexp(u, log(v))",
    "log(exp(u) + v) = u + log1p(v·exp(-u))",
    "log1p(exp(u)) = logaddexp(0, u)",
    "log(expm1(u)) = u + log(-expm1(-u))",
    "1/(1 + exp(u)) = exp(-logaddexp(0, u))",
    "1/(u + v) = (1/u)/(1 + v/u)",
    "sqrt(u^2 + v^2) = hypot(u, v)",
    "sqrt(u^2 + v) = abs(u)·sqrt(1 + v/u^2)",
    "sqrt(u^2·v) = abs(u)·sqrt(v)",
    "sqrt(u^2) = abs(u)",
    "abs(u)/u = sign(u)",
    # Conjugates
    "sqrt(u) - sqrt(v) = (u - v)/(sqrt(u) + sqrt(v))",
    "sqrt(u) - v = (u - v^2)/(sqrt(u) + v)",
    "cbrt(u) - cbrt(v) = (u - v)/(cbrt(u)^2 + cbrt(u)·cbrt(v) + cbrt(v)^2)",
    "1 - sin(u) = cos(u)^2/(1 + sin(u))",
    "1 + sin(u) = cos(u)^2/(1 - sin(u))",
    # Powers
    "u^w - v^w = v^w·expm1(w·log1p((u - v)/v))",
    "u^w - 1 = expm1(w·log(u))",
    "(1 + u)^w = exp(w·log1p(u))",
    # Half angles
    "1 - cos(u) = 2·sin(u/2)^2",
    "1 + cos(u) = 2·cos(u/2)^2",
    "(1 - cos(u))/sin(u) = tan(u/2)",
    "(1 + cos(u))/sin(u) = 1/tan(u/2)",
    "cosh(u) - 1 = 2·sinh(u/2)^2",
    "arccos(1 - u) = 2·arcsin(sqrt(u/2))",
    # Squares and quotients
    "1 - cos(u)^2 = sin(u)^2",
    "1 - sin(u)^2 = cos(u)^2",
    "sin(u)^2 + cos(u)^2 = 1",
    "cos(u)^2 - sin(u)^2 = cos(2·u)",
    "cosh(u)^2 - 1 = sinh(u)^2",
    "cosh(u)^2 - sinh(u)^2 = 1",
    "1 - tanh(u)^2 = 1/cosh(u)^2",
    "1 - tanh(u) = 2/(1 + exp(2·u))",
    "1 + tanh(u) = 2/(1 + exp(-2·u))",
    "sin(u)/cos(u) = tan(u)",
    "sinh(u)/cosh(u) = tanh(u)",
    # Differences that become products
    "sin(u) - sin(v) = 2·cos((u + v)/2)·sin((u - v)/2)",
    "sin(u) + sin(v) = 2·sin((u + v)/2)·cos((u - v)/2)",
    "cos(u) - cos(v) = -2·sin((u + v)/2)·sin((u - v)/2)",
    "cos(u) + cos(v) = 2·cos((u + v)/2)·cos((u - v)/2)",
    "tan(u) - tan(v) = sin(u - v)/(cos(u)·cos(v))",
    "arctan(u) - arctan(v) = arctan2(u - v, 1 + u·v)",
    "sinh(u) - sinh(v) = 2·cosh((u + v)/2)·sinh((u - v)/2)",
    "cosh(u) - cosh(v) = 2·sinh((u + v)/2)·sinh((u - v)/2)",
    "tanh(u) - tanh(v) = sinh(u - v)/(cosh(u)·cosh(v))",
    "sin(u)·cos(v) - cos(u)·sin(v) = sin(u - v)",
    "cos(u)·cos(v) + sin(u)·sin(v) = cos(u - v)",
)  # fmt: skip
