"""The networks of scalar units whose parameters are counted through.

Each is a function of a ReLU and of its parameters, which may be numbers or arrays of them, one
entry for each vector of parameters.
"""


def one_unit(relu, w, b, v, x=1.0):
    return v * relu(w * x + b)


def one_unit_elsewhere(relu, w, b, v):
    return one_unit(relu, w, b, v, x=1.5)


def two_layers(relu, w1, b1, w2, b2, v):
    return v * relu(w2 * relu(w1 + b1) + b2)


def three_layers(relu, w1, b1, w2, b2, w3, b3, v):
    return v * relu(w3 * relu(w2 * relu(w1 + b1) + b2) + b3)


def two_wide(relu, w1, b1, w2, b2, v1, v2):
    return v1 * relu(w1 + b1) + v2 * relu(w2 + b2)


def two_wide_at_zero(relu, w1, b1, w2, b2, v1, v2):
    return v1 * relu(w1 * 0.0 + b1) + v2 * relu(w2 * 0.0 + b2)


def bare_1(relu, w, v):
    return v * relu(w * 1.0)


def bare_2(relu, w1, w2, v):
    return v * relu(w2 * relu(w1 * 1.0))


def bare_3(relu, w1, w2, w3, v):
    return v * relu(w3 * relu(w2 * relu(w1 * 1.0)))


def shared_bare(relu, w, v1, v2):
    return v1 * relu(w * 1.0) + v2 * relu(w * -1.0)


def shared_bias(relu, w, b, v1, v2):
    return v1 * relu(w * 1.0 + b) + v2 * relu(w * -1.0 + b)


def shared_own_biases(relu, w, b1, b2, v1, v2):
    return v1 * relu(w * 1.0 + b1) + v2 * relu(w * -1.0 + b2)
