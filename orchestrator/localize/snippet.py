"""What the code of an issue calls, read off its syntax: functions, methods, base classes, operators as special methods."""

from __future__ import annotations

import ast
import codeop
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.localize.evidence import Clues

_MOST_LINES = 400
_SYNTAX_SO_FAR = ast.PyCF_ONLY_AST | codeop.PyCF_ALLOW_INCOMPLETE_INPUT | codeop.PyCF_DONT_IMPLY_DEDENT  # type: ignore[attr-defined]
_BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.BitOr: "or", ast.BitAnd: "and", ast.BitXor: "xor", ast.LShift: "lshift",
    ast.RShift: "rshift", ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
    ast.In: "contains", ast.NotIn: "contains", ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert",
}  # fmt: skip
_BUILTIN = {
    "str": ("str",), "repr": ("repr",), "len": ("len",), "hash": ("hash",), "iter": ("iter",), "list": ("iter",),
    "tuple": ("iter",), "bool": ("bool",), "int": ("int",), "float": ("float",), "complex": ("complex",), "abs": ("abs",),
    "bytes": ("bytes",), "next": ("next",), "round": ("round",), "reversed": ("reversed",), "dir": ("dir",),
    "set": ("hash", "eq"), "sorted": ("lt",), "print": ("str", "repr"), "format": ("format",), "isinstance": ("instancecheck",),
    "copy": ("copy", "reduce"), "deepcopy": ("deepcopy", "reduce"), "dumps": ("reduce", "getstate"), "loads": ("setstate",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Uses:
    """Names in order of appearance without repeats; `special` are names of special methods, such as `__add__`."""

    called: tuple[str, ...]
    bases: tuple[str, ...]
    special: tuple[str, ...]


def read_uses(clues: Clues) -> Uses:
    """Read the code blocks and the quoted code of an issue; what does not parse is read line by line."""
    called: dict[str, None] = {}
    bases: dict[str, None] = {}
    special: dict[str, None] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an issue's code may hold invalid escapes
        for node in _nodes(clues):
            if isinstance(node, ast.ClassDef):
                bases.update(dict.fromkeys(name for base in node.bases if (name := _last_name(base))))
            elif isinstance(node, ast.Call) and (name := _last_name(node.func)):
                called[name] = None
            special.update(dict.fromkeys(_special(node)))
    return Uses(tuple(called), tuple(bases), tuple(special))


def _nodes(clues: Clues) -> Iterator[ast.AST]:
    for text in (*_pieces(clues.code), *clues.quoted):
        try:
            yield from ast.walk(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue


def _pieces(code: str) -> Iterator[str]:
    """The whole where it parses, else the longest runs of lines that do."""
    lines = textwrap.dedent(code).split("\n")[:_MOST_LINES]
    start = 0
    while start < len(lines):
        end = _longest(lines, start)
        if end > start:
            yield textwrap.dedent("\n".join(lines[start:end]))
        start = max(end, start + 1)


def _longest(lines: list[str], start: int) -> int:
    """The end of the longest of a few runs from `start` that parse."""
    if not _may_begin(lines[start]):
        return start
    for end in dict.fromkeys((len(lines), *(min(start + n, len(lines)) for n in (40, 20, 12, 8, 5, 3, 2, 1)))):
        try:
            ast.parse(textwrap.dedent("\n".join(lines[start:end])))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return end
    return start


def _may_begin(line: str) -> bool:
    """Whether a line is, or can be the first of, something that parses: of a log or a traceback nearly none is."""
    try:
        compile(line.strip() + "\n", "<issue>", "exec", _SYNTAX_SO_FAR)
    except SyntaxError as error:
        return "incomplete input" in str(error)
    except (ValueError, RecursionError, MemoryError):
        return False
    return True


def _special(node: ast.AST) -> Iterator[str]:
    names: tuple[str, ...] = ()
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.AugAssign):
        names = (_BINARY.get(type(node.op), ""),)
    elif isinstance(node, ast.Compare):
        names = tuple(_BINARY.get(type(op), "") for op in node.ops)
    elif isinstance(node, ast.Subscript):
        names = ("getitem",)
    elif isinstance(node, ast.For | ast.comprehension):
        names = ("iter",)
    elif isinstance(node, ast.With):
        names = ("enter", "exit")
    elif isinstance(node, ast.Call):
        names = _BUILTIN.get(_last_name(node.func), ())
    for name in names:
        if name:
            yield f"__{name}__"
            if isinstance(node, ast.BinOp):
                yield f"__r{name}__"


def _last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, or nothing."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
