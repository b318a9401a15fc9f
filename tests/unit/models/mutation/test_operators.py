"""Each family of templates makes the repair that it is for, on a bug of its kind."""

from __future__ import annotations

import pytest

from orchestrator.models.mutation.operators import OPERATORS
from orchestrator.models.mutation.priors import PRIORS, SYMPTOMS, WORDS
from orchestrator.records import Context, Excerpt, Location, RankedLocation
from tests.unit.models.mutation.support import lines_of, variants

ROWS = """def f(xs):
    out, row = [], []
    for x in xs:
        row.append(x)
        if x:
            out.append(row)
"""
METHODS = """class A:
    def f(self):
        return self.g()

    def g(self):
        return 1

    def h(self):
        return 2
"""

ONE_LINE = [
    # comparisons
    ("compare.boundary", "def f(a, b):\n    return a < b\n", "return a <= b"),
    ("compare.boundary", "def f(a, b, c):\n    return a <= b < c\n", "return a <= b <= c"),
    ("compare.reverse", "def f(a, b):\n    return a >= b\n", "return a <= b"),
    ("compare.equality", "def f(a, b):\n    return a is not b\n", "return a is b"),
    ("compare.identity", "def f(a, b):\n    return a is b\n", "return a == b"),
    ("compare.identity", "def f(a):\n    return type(a) == int\n", "return isinstance(a, int)"),
    ("compare.membership", "def f(a, b):\n    return a not in b\n", "return a in b"),
    ("compare.relax", "def f(a, b):\n    while a != b:\n        a += 2\n", "while a < b:"),
    ("compare.shift", "def f(i, xs):\n    return i < len(xs)\n", "return i < len(xs) - 1"),
    # conditions
    ("condition.none_test", "def f(x):\n    if x:\n        return 1\n", "if x is not None:"),
    ("condition.none_test", "def f(x):\n    if not x:\n        return 1\n", "if x is None:"),
    ("condition.negate", "def f(x):\n    if x.ok():\n        return 1\n", "if not x.ok():"),
    ("condition.negate", "def f(x):\n    return [a for a in x if a]\n", "return [a for a in x if not a]"),
    ("condition.and_or", "def f(a, b, c):\n    return a and b and c\n", "return a or b or c"),
    ("condition.drop_term", "def f(a, b, c):\n    return a or b or c\n", "return a or c"),
    (
        "condition.add_term",
        "def f(a, limit=None):\n    if a > limit:\n        return 1\n",
        "if limit is not None and a > limit:",
    ),
    ("condition.group", "def f(a, b, c):\n    return a or b and c\n", "return (a or b) and c"),
    ("condition.or_default", "def f(n):\n    n = n or 10\n    return n\n", "n = n if n is not None else 10"),
    ("condition.flag", "def f():\n    return True\n", "return False"),
    # numbers
    ("number.shift", "def f(n):\n    return n - 1\n", "return n - 2"),
    ("number.other", "def f(n):\n    return n * 60\n", "return n * 24", "a day has 24 hours"),
    ("arithmetic.operator", "def f(a, b):\n    return a - b\n", "return a + b"),
    ("arithmetic.division", "def f(a, b):\n    return a // b\n", "return a / b"),
    ("arithmetic.ceiling", "def f(a, b):\n    return a // b\n", "return (-(-a // b))"),
    ("arithmetic.swap", "def f(a, b):\n    return a - (b + 1)\n", "return (b + 1) - (a)"),
    ("arithmetic.group", "def f(a, b, c):\n    return a + b * c\n", "return (a + b) * c"),
    ("arithmetic.augmented", "def f(xs):\n    n = 0\n    for x in xs:\n        n = x\n    return n\n", "n += x"),
    ("arithmetic.plus_one", "def f(a, b):\n    return b - a\n", "return b - a + 1"),
    ("arithmetic.sign", "def f(a, b):\n    return a - b\n", "return abs(a - b)"),
    ("arithmetic.clamp", "def f(a, b):\n    return a - b\n", "return max(0, a - b)"),
    # strings
    ("string.literal", 'def f(s):\n    return s.split(",")\n', 'return s.split(";")'),
    ("string.trim_literal", 'def f(s):\n    return s == "Yes"\n', 'return s == "yes"'),
    ("string.normalise", 'def f(s):\n    return s == "yes"\n', 'return s.lower() == "yes"'),
    ("string.split", 'def f(s):\n    return s.split("=")\n', 'return s.split("=", 1)'),
    ("string.split", 'def f(s):\n    return s.split(" ")\n', "return s.split()"),
    ("string.split", 'def f(s):\n    return s.find(".")\n', 'return s.rfind(".")'),
    ("string.pattern", 'def f(s):\n    return re.match(r"<.*>", s)\n', 'return re.fullmatch(r"<.*>", s)'),
    ("string.pattern", 'def f(s):\n    return re.match(r"<.*>", s)\n', 'return re.match(r"<.*?>", s)'),
    # calls
    ("call.rename", "def f(xs, y):\n    xs.append(y)\n", "xs.extend(y)"),
    ("call.rename", 'def f(s):\n    return s.lstrip("ab")\n', 'return s.removeprefix("ab")'),
    ("call.swap_arguments", "def f(a, b):\n    return g(a, b)\n", "return g(b, a)"),
    ("call.drop_argument", "def f(a, b):\n    return g(a, key=b)\n", "return g(a)"),
    ("call.keyword", "def f(xs):\n    return sorted(xs)\n", "return sorted(xs, reverse=True)"),
    (
        "call.builtin_default",
        "def f(xs):\n    return max(x.n for x in xs)\n",
        "return max((x.n for x in xs), default=0)",
    ),
    ("call.builtin_default", "def f(xs):\n    return next(iter(xs))\n", "return next(iter(xs), None)"),
    ("call.unwrap", "def f(x):\n    return int(x + 1)\n", "return (x + 1)"),
    ("call.wrap", "def f(xs: list):\n    return xs\n", "return sorted(xs)"),
    ("call.convert", 'def f(n):\n    return "n" + n\n', 'return "n" + str(n)'),
    # mappings, copies, defaults
    ("mapping.get", "def f(d, k):\n    return d[k]\n", "return d.get(k)"),
    ("mapping.index", "def f(d, k):\n    return d.get(k)\n", "return d[k]"),
    ("mapping.default", "def f(d, k, default):\n    return d.get(k)\n", "return d.get(k, default)"),
    ("mapping.view", "def f(d: dict):\n    for k, v in d:\n        print(k, v)\n", "for k, v in d.items():"),
    ("copy.value", "def f(xs: list):\n    return xs\n", "return list(xs)"),
    ("copy.loop", "def f(xs):\n    for x in xs:\n        xs.remove(x)\n", "for x in list(xs):"),
    ("copy.shallow", "def f(n):\n    return [[]] * n\n", "return [[] for _ in range(n)]"),
    # names
    ("name.replace", "def f(start, end):\n    return start + start\n", "return start + end"),
    (
        "name.attribute",
        "class A:\n    def f(self):\n        self.a = 1\n        self.b = 2\n        return self.a\n",
        "return self.b",
    ),
    ("name.self", "class A:\n    def f(self):\n        self.a = 1\n        return a\n", "return self.a"),
    ("name.method", METHODS, "return self.h()"),
    # indexes
    ("index.shift", "def f(xs):\n    for i in range(3):\n        print(xs[i + 1])\n", "print(xs[i])"),
    ("index.end", "def f(xs):\n    return xs[0]\n", "return xs[-1]"),
    ("slice.shift", "def f(xs, n):\n    return xs[:n]\n", "return xs[:n + 1]"),
    ("slice.open", "def f(xs, n):\n    return xs[1:n]\n", "return xs[1:]"),
    ("range.bound", "def f(n):\n    return range(1, n)\n", "return range(1, n + 1)"),
    ("range.bound", "def f(n):\n    return range(n - 1)\n", "return range(n)"),
    ("range.start", "def f(n):\n    return range(n)\n", "return range(1, n)"),
    ("range.enumerate", "def f(xs):\n    return enumerate(xs)\n", "return enumerate(xs, 1)"),
    # flow and exceptions
    ("flow.exit", "def f(xs):\n    for x in xs:\n        break\n", "continue"),
    ("flow.repeat", 'def f(s):\n    if s.endswith("/"):\n        s = s[:-1]\n    return s\n', 'while s.endswith("/"):'),
    ("return.value", "def f(a):\n    b = a + 1\n    return a\n", "return b"),
    ("return.missing", "def f(a):\n    b = a + 1\n", "return b"),
    ("return.discarded", "def f(n):\n    f(n - 1)\n", "return f(n - 1)"),
    ("return.discarded", "def f(s):\n    s.strip()\n    return s\n", "s = s.strip()"),
    (
        "exception.broaden",
        "def f(d):\n    try:\n        return d[0]\n    except KeyError:\n        return None\n",
        "except (KeyError, IndexError):",
    ),
    ("exception.raised", 'def f(x):\n    raise KeyError("x")\n', 'raise LookupError("x")', "should be a LookupError"),
    ("exception.to_return", "def f(x):\n    if x:\n        raise KeyError\n    return []\n", "return []"),
    ("exception.reraise", "def f():\n    try:\n        g()\n    except OSError:\n        pass\n", "raise"),
]

WHOLE = [
    (
        "default.mutable",
        'def f(x, xs=[]):\n    """Doc."""\n    xs.append(x)\n    return xs\n',
        'def f(x, xs=None):\n    """Doc."""\n    if xs is None:\n        xs = []\n    xs.append(x)\n    return xs\n',
    ),
    (
        "guard.entry",
        "def f(xs):\n    total = 0\n    total += xs[0]\n    return total\n",
        "def f(xs):\n    if not xs:\n        return 0\n    total = 0\n    total += xs[0]\n    return total\n",
    ),
    (
        "guard.zero",
        "def f(a, b):\n    c = a / b\n    return c\n",
        "def f(a, b):\n    if b == 0:\n        return 0\n    c = a / b\n    return c\n",
    ),
    (
        "guard.statement",
        "def f(a, out):\n    out.write(a)\n",
        "def f(a, out):\n    if out is not None:\n        out.write(a)\n",
    ),
    (
        "guard.loop",
        "def f(xs):\n    for x in xs:\n        print(x)\n",
        "def f(xs):\n    for x in xs:\n        if not x:\n            continue\n        print(x)\n",
    ),
    (
        "guard.member",
        "def f(d, k, v):\n    d[k].append(v)\n",
        "def f(d, k, v):\n    d.setdefault(k, [])\n    d[k].append(v)\n",
    ),
    ("statement.delete", "def f(a):\n    a += 1\n    return a\n", "def f(a):\n    return a\n"),
    (
        "statement.swap",
        "def f(a):\n    print(a)  # first\n    a += 1\n    return a\n",
        "def f(a):\n    a += 1\n    print(a)  # first\n    return a\n",
    ),
    (
        "statement.dedent",
        "def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n        return n\n",
        "def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n    return n\n",
    ),
    (
        "statement.indent",
        "def f(xs):\n    n = 0\n    for x in xs:\n        y = x\n    n += y\n    return n\n",
        "def f(xs):\n    n = 0\n    for x in xs:\n        y = x\n        n += y\n    return n\n",
    ),
    ("statement.unwrap", "def f(a):\n    if a:\n        a = 1\n    return a\n", "def f(a):\n    a = 1\n    return a\n"),
    (
        "statement.copy",
        ROWS + "    return out\n",
        ROWS + "        out.append(row)\n    return out\n",
    ),
    (
        "statement.reset",
        "def f(rows):\n    row = []\n    for r in rows:\n        row.append(r)\n        yield row\n",
        "def f(rows):\n    for r in rows:\n        row = []\n        row.append(r)\n        yield row\n",
    ),
    (
        "flow.add_exit",
        "def f(xs):\n    for x in xs:\n        if x:\n            print(x)\n",
        "def f(xs):\n    for x in xs:\n        if x:\n            print(x)\n            break\n",
    ),
    (
        "flow.else",
        "def f(a, b):\n    if a:\n        b = 1\n    elif b:\n        b = 2\n    return b\n",
        "def f(a, b):\n    if a:\n        b = 1\n    if b:\n        b = 2\n    return b\n",
    ),
    (
        "flow.drop_else",
        "def f(a, b):\n    if a:\n        b = 1\n    else:\n        b = 2\n    return b\n",
        "def f(a, b):\n    if a:\n        b = 1\n    b = 2\n    return b\n",
    ),
    (
        "exception.wrap",
        "def f(s):\n    return int(s)\n",
        "def f(s):\n    try:\n        return int(s)\n    except ValueError:\n        return 0\n",
        "it raises ValueError: bad",
    ),
    (
        "default.class_attribute",
        "class A:\n    items = []\n\n    def __init__(self):\n        self.n = 0\n",
        "class A:\n\n    def __init__(self):\n        self.items = []\n        self.n = 0\n",
    ),
]


@pytest.mark.parametrize("case", ONE_LINE, ids=lambda case: f"{case[0]}: {case[2]}")
def test_a_line_is_repaired(case: tuple[str, ...]) -> None:
    """Among what the operator proposes is the line that the bug needs."""
    assert case[2] in lines_of(variants(case[1], case[0], *case[3:]))


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case[0])
def test_a_definition_is_repaired(case: tuple[str, ...]) -> None:
    """Among what the operator proposes is exactly this text: layout and comments stay."""
    if case[0] == "default.class_attribute":
        context = class_context(case[1])
        assert case[2] in variants("", case[0], context=context)
    else:
        assert case[2] in variants(case[1], case[0], *case[3:])


def test_every_operator_has_a_case_and_a_prior() -> None:
    """An operator without an example, or whose weight nobody wrote down, is not finished."""
    names = {operator.name for operator in OPERATORS}
    assert names == {case[0] for case in [*ONE_LINE, *WHOLE]}
    assert names | {"twins"} == set(PRIORS)


def test_symptoms_and_words_speak_of_operators_that_exist() -> None:
    """A misspelt operator in the tables would go unnoticed otherwise."""
    known = set(PRIORS) | {name.partition(".")[0] for name in PRIORS}
    assert {name for row in [*SYMPTOMS.values(), *(row for _, row in WORDS)] for name in row} <= known


def test_comments_strings_and_columns_beyond_ascii_survive() -> None:
    """Positions count bytes in the tree and characters in the text."""
    source = 'def f(s, n):\n    """Größe."""\n    é = "äöü" ; return s == "ß" and n < 3  # ≤?\n'
    found = variants(source, "compare.boundary")
    assert found == [source.replace("n < 3", "n <= 3")]


def test_docstrings_annotations_and_decorators_are_left_alone() -> None:
    """Changing them changes nothing that a test could see."""
    source = '@cache(1)\ndef f(a: "int" = None) -> "x":\n    """1 is True."""\n    return a\n'
    assert all(
        text.startswith('@cache(1)\ndef f(a: "int" = ') and '"""1 is True."""' in text for text in variants(source)
    )


def class_context(source: str) -> Context:
    """A class shown whole as one target."""
    where = Location("pkg/mod.py", "A", 1, source.count("\n"))
    return Context("functions", (RankedLocation(where, 1.0),), (Excerpt(where, source, "target"),), 10, 100)
