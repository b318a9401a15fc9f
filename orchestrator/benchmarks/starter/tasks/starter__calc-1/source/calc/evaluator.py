"""A syntax tree to a number."""

import math
import operator

from calc.lexer import CalcError
from calc.nodes import Binary, Call, Name, Number, Unary
from calc.parser import Parser

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "**": operator.pow,
}
FUNCTIONS = {"sqrt": math.sqrt, "abs": abs, "max": max, "min": min}


def evaluate(text, names=None):
    """The value of the expression, with ``names`` giving the variables."""
    return _value(Parser(text).parse(), names or {})


def _value(node, names):
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        if node.name not in names:
            raise CalcError(f"unknown name: {node.name}")
        return names[node.name]
    if isinstance(node, Unary):
        value = _value(node.operand, names)
        return -value if node.op == "-" else value
    if isinstance(node, Call):
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise CalcError(f"unknown function: {node.name}")
        return function(*(_value(arg, names) for arg in node.args))
    assert isinstance(node, Binary)
    try:
        return OPERATORS[node.op](_value(node.left, names), _value(node.right, names))
    except ZeroDivisionError:
        raise CalcError("division by zero") from None
