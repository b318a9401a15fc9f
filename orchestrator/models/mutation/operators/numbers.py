"""Numbers and arithmetic: constants, operators, division, grouping, signs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, is_condition, is_loaded
from orchestrator.models.mutation.scope import Scope
from orchestrator.models.mutation.unit import Change, Splice

_SYMBOL: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_OTHERS: dict[str, tuple[str, ...]] = {
    "+": ("-",), "-": ("+",), "*": ("/", "**", "//"), "/": ("*",), "//": ("%",), "%": ("//",), "**": ("*",),
    "&": ("|",), "|": ("&", "^"), "^": ("|", "&"), "<<": (">>",), ">>": ("<<",),
}  # fmt: skip
_LOOSE = ast.Add | ast.Sub
_TIGHT = ast.Mult | ast.Div | ast.FloorDiv | ast.Mod


def constant_shift(node: ast.Constant, scope: Scope) -> Iterator[Change]:
    """One more, one less."""
    if isinstance(node.value, int) and not isinstance(node.value, bool) and _is_decimal(node, scope):
        near = 1.0 if abs(node.value) < 3 else 0.6
        for value in (node.value + 1, node.value - 1):
            text = f"({value})" if value < 0 and isinstance(scope.unit.parents.get(node), ast.BinOp) else str(value)
            yield scope.unit.swap(node, text, near * (2.0 if value in scope.hints.numbers and value > 2 else 1.0))


def _is_decimal(node: ast.Constant, scope: Scope) -> bool:
    return scope.unit.source(node).replace("_", "").isdigit()


def constant_other(node: ast.Constant, scope: Scope) -> Iterator[Change]:
    """0, 1, -1 and None, the numbers of the issue, ten times more or less."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return
    plain: list[object] = [0, 1] if isinstance(node.value, int) else [0.0, 1.0, node.value * 10, node.value / 10]
    if isinstance(node.value, int) and not isinstance(scope.unit.parents.get(node), ast.BinOp | ast.UnaryOp):
        plain.append(-1)
    for other in plain:
        yield scope.unit.swap(node, repr(other), 0.8)
    if isinstance(node.value, int) and node.value > 1:
        value = node.value
        for number in sorted(scope.hints.numbers - {0, 1}, key=lambda n: (abs(n - value), n))[:4]:
            yield scope.unit.swap(node, str(number), 1.2)
        yield scope.unit.swap(node, str(node.value * 10), 0.4)


def operator(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """Another operator of the same rank."""
    symbol = _SYMBOL.get(type(node.op), "")
    strings = any(isinstance(side, ast.JoinedStr) or _is_string(side) for side in (node.left, node.right))
    for other in () if strings else _OTHERS.get(symbol, ()):
        yield from scope.unit.between(node.left, node.right, symbol, other)


def _is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def division(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """`/` and `//`; `//` that should round towards zero or up."""
    if isinstance(node.op, ast.Div):
        yield from scope.unit.between(node.left, node.right, "/", "//")
    elif isinstance(node.op, ast.FloorDiv):
        yield from scope.unit.between(node.left, node.right, "//", "/")
        left, right = scope.unit.operand(node.left), scope.unit.operand(node.right)
        yield scope.unit.swap(node, f"int({left} / {right})", 0.5)


def ceiling(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """Division that rounds up."""
    if isinstance(node.op, ast.FloorDiv):
        left, right = scope.unit.operand(node.left), scope.unit.operand(node.right)
        yield scope.unit.swap(node, f"(-(-{left} // {right}))")
        yield scope.unit.swap(node, f"max(1, {left} // {right})", 0.3)


def swap(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """The operands of what does not commute, in the other order."""
    text = isinstance(node.op, ast.Add) and any(
        _is_string(n) or isinstance(n, ast.List | ast.Call) for n in (node.left, node.right)
    )
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow) or text:
        if _is_string(node.left) and isinstance(node.op, ast.Mod):
            return
        left, right = scope.unit.span(node.left), scope.unit.span(node.right)
        splices = (Splice(*left, scope.unit.operand(node.right)), Splice(*right, scope.unit.operand(node.left)))
        yield Change(splices, scope.unit.line_of(node))


def group(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """`a + b * c` as `(a + b) * c`, `a - b - c` as `a - (b - c)`, and the parentheses of either taken away."""
    for side in (node.left, node.right):
        if isinstance(side, ast.BinOp):
            yield from _regrouped(node, side, scope)


def _regrouped(node: ast.BinOp, side: ast.BinOp, scope: Scope) -> Iterator[Change]:
    unit = scope.unit
    start, end = unit.span(side)
    if unit.text[start - 1 : start] == "(" and unit.text[end : end + 1] == ")":
        yield Change((Splice(start - 1, start, ""), Splice(end, end + 1, "")), unit.line_of(node))
    elif side is node.right:
        first, last = unit.span(node.left)[0], unit.span(side.left)[1]
        yield Change((Splice(first, first, "("), Splice(last, last, ")")), unit.line_of(node))
    elif isinstance(node.op, _LOOSE | _TIGHT):
        first, last = unit.span(side.right)[0], unit.span(node.right)[1]
        yield Change((Splice(first, first, "("), Splice(last, last, ")")), unit.line_of(node), 0.7)


def augmented(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """`+=`, `-=` and `=`."""
    if isinstance(node, ast.AugAssign):
        symbol = _SYMBOL[type(node.op)]
        for other in _OTHERS.get(symbol, ()):
            yield from scope.unit.between(node.target, node.value, f"{symbol}=", f"{other}=")
        yield from scope.unit.between(node.target, node.value, f"{symbol}=", "=", 0.8)
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and scope.unit.loop_of(node):
        target = scope.unit.source(node.targets[0])
        if not isinstance(node.targets[0], ast.Tuple) and scope.holds(target, "number", "string", "sequence"):
            yield from scope.unit.between(node.targets[0], node.value, "=", "+=")


def plus_one(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """One more or one less for what is returned, assigned or passed as a number."""
    parent = scope.unit.parents.get(node)
    used = isinstance(parent, ast.Return) or (isinstance(parent, ast.Assign | ast.AugAssign) and parent.value is node)
    count = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("len", "sum", "int")
    number = isinstance(node, ast.BinOp) and isinstance(node.op, _LOOSE | _TIGHT)
    named = isinstance(node, ast.Name) and scope.holds(node.id, "number")
    if used and (count or number or named):
        strings = any(
            isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str))
            for n in ast.walk(node)
        )
        for sign in () if strings else "+-":
            yield scope.unit.swap(node, f"{scope.unit.source(node)} {sign} 1")


def sign(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """A sign taken away or put before what is returned or is a key; a distance without its sign."""
    parent = scope.unit.parents.get(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield scope.unit.swap(node, scope.unit.source(node.operand))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        text = scope.unit.source(node)
        yield scope.unit.swap(node, f"abs({text})", 0.6 if is_condition(node, scope) else 1.0)
    elif (
        isinstance(parent, ast.Return | ast.Lambda)
        and is_loaded(node)
        and scope.holds(scope.unit.source(node), "number")
    ):
        yield scope.unit.swap(node, f"-{scope.unit.operand(node)}")


def clamp(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """A difference that may not fall below nothing."""
    if isinstance(node.op, ast.Sub):
        yield scope.unit.swap(node, f"max(0, {scope.unit.source(node)})")
    if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and not isinstance(node.right, ast.Constant):
        yield scope.unit.swap(node.right, f"max(1, {scope.unit.source(node.right)})", 0.6)


OPERATORS = (
    Operator("number.shift", (ast.Constant,), constant_shift),
    Operator("number.other", (ast.Constant,), constant_other),
    Operator("arithmetic.operator", (ast.BinOp,), operator),
    Operator("arithmetic.division", (ast.BinOp,), division),
    Operator("arithmetic.ceiling", (ast.BinOp,), ceiling),
    Operator("arithmetic.swap", (ast.BinOp,), swap),
    Operator("arithmetic.group", (ast.BinOp,), group),
    Operator("arithmetic.augmented", (ast.AugAssign, ast.Assign), augmented),
    Operator("arithmetic.plus_one", (ast.BinOp, ast.Call, ast.Name), plus_one),
    Operator("arithmetic.sign", (ast.UnaryOp, ast.BinOp, ast.Name, ast.Attribute, ast.Subscript), sign),
    Operator("arithmetic.clamp", (ast.BinOp,), clamp),
)
