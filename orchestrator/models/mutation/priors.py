"""How likely each kind of change is to be a repair, as data.

The weights are our own and relative: per proposal, so that an operator with many proposals at one place has a low one.
Their order follows the published studies of bug fixes: Pan, Kim and Whitehead 2009 (conditions, calls and assignments lead),
Karampatsis and Sutton 2020 and Kamienski et al. 2021 (single statements: another name, call, constant, argument), Sobreira et
al. 2018 and Liu et al. 2019, TBar (guards, null checks, added conditions, moved statements). They were not fitted to any
benchmark.
"""

from __future__ import annotations

PRIORS: dict[str, float] = {
    # comparisons
    "compare.boundary": 1.0,
    "compare.equality": 0.45,
    "compare.reverse": 0.35,
    "compare.relax": 0.3,
    "compare.identity": 0.6,
    "compare.membership": 0.4,
    "compare.shift": 0.3,
    # conditions
    "condition.none_test": 0.7,
    "condition.negate": 0.45,
    "condition.and_or": 0.6,
    "condition.drop_term": 0.35,
    "condition.add_term": 0.22,
    "condition.group": 0.4,
    "condition.or_default": 0.55,
    "condition.flag": 0.5,
    # numbers
    "number.shift": 0.5,
    "number.other": 0.2,
    "arithmetic.operator": 0.5,
    "arithmetic.division": 0.6,
    "arithmetic.swap": 0.3,
    "arithmetic.group": 0.35,
    "arithmetic.augmented": 0.55,
    "arithmetic.plus_one": 0.3,
    "arithmetic.sign": 0.3,
    "arithmetic.clamp": 0.15,
    "arithmetic.ceiling": 0.25,
    # strings
    "string.literal": 0.25,
    "string.normalise": 0.3,
    "string.split": 0.55,
    "string.pattern": 0.4,
    "string.trim_literal": 0.3,
    # calls
    "call.rename": 0.5,
    "call.swap_arguments": 0.45,
    "call.drop_argument": 0.2,
    "call.keyword": 0.35,
    "call.unwrap": 0.3,
    "call.wrap": 0.15,
    "call.convert": 0.2,
    "call.builtin_default": 0.4,
    # mappings, copies, defaults
    "mapping.get": 0.45,
    "mapping.index": 0.25,
    "mapping.default": 0.3,
    "mapping.view": 0.3,
    "copy.value": 0.4,
    "copy.loop": 0.7,
    "copy.shallow": 0.5,
    "default.mutable": 3.0,
    "default.class_attribute": 0.9,
    # names
    "name.replace": 0.22,
    "name.attribute": 0.25,
    "name.self": 0.6,
    "name.method": 0.2,
    # indexes
    "index.shift": 0.45,
    "index.end": 0.5,
    "slice.shift": 0.45,
    "slice.open": 0.25,
    "range.bound": 0.6,
    "range.start": 0.3,
    "range.enumerate": 0.5,
    # guards
    "guard.entry": 0.35,
    "guard.zero": 0.5,
    "guard.statement": 0.25,
    "guard.loop": 0.25,
    "guard.member": 0.4,
    # statements
    "statement.delete": 0.4,
    "statement.swap": 0.35,
    "statement.dedent": 0.6,
    "statement.indent": 0.35,
    "statement.unwrap": 0.2,
    "statement.copy": 0.1,
    "statement.reset": 0.3,
    # control flow
    "flow.exit": 0.4,
    "flow.add_exit": 0.25,
    "flow.else": 0.35,
    "flow.repeat": 0.3,
    "flow.drop_else": 0.2,
    "return.value": 0.25,
    "return.missing": 0.8,
    "return.discarded": 0.5,
    # exceptions
    "exception.broaden": 0.5,
    "exception.raised": 0.5,
    "exception.wrap": 0.2,
    "exception.reraise": 0.25,
    "exception.to_return": 0.2,
    # several places at once
    "twins": 1.0,
}

_NONE = {
    "guard": 1.8,
    "condition.none_test": 1.8,
    "condition.or_default": 1.5,
    "condition.add_term": 1.5,
    "mapping": 1.3,
}
_MISSING_KEY = {"mapping": 2.2, "guard.member": 2.5, "exception": 1.4, "compare.membership": 1.5}
_POSITION = {"index": 2.0, "slice": 1.8, "range": 2.0, "compare.boundary": 1.8, "guard.entry": 1.6, "number.shift": 1.3}

SYMPTOMS: dict[str, dict[str, float]] = {
    "KeyError": _MISSING_KEY,
    "IndexError": _POSITION,
    "StopIteration": {"call.builtin_default": 2.5, "guard.entry": 1.5, "exception": 1.5},
    "ZeroDivisionError": {"guard.zero": 3.0, "guard.entry": 1.8, "arithmetic.clamp": 1.5},
    "TypeError": {**_NONE, "call.convert": 1.6, "call.swap_arguments": 1.5, "return": 1.5, "call.wrap": 1.4},
    "AttributeError": {**_NONE, "name": 1.7, "return": 1.4},
    "NameError": {"name": 3.0},
    "UnboundLocalError": {"statement": 1.8, "name": 1.5, "statement.reset": 2.0},
    "ValueError": {
        "exception": 1.4,
        "call.convert": 1.5,
        "string": 1.3,
        "guard": 1.3,
        "call.builtin_default": 1.5,
        "string.split": 1.5,
    },
    "RecursionError": {"compare": 1.4, "guard": 1.6, "number": 1.3, "arithmetic": 1.3, "guard.member": 1.5},
    "RuntimeError": {"copy.loop": 3.0, "copy": 1.3},
    "UnicodeDecodeError": {"call.keyword": 2.0},
    "UnicodeEncodeError": {"call.keyword": 2.0},
}
"""By exception: factors for an operator, or for a family."""

_CASE = {"string.normalise": 2.2, "string.pattern": 1.5}
_SPACE = {"string": 1.6, "string.normalise": 1.4, "string.split": 1.6}
_ORDER = {
    "call.keyword": 2.2,
    "call.rename": 1.4,
    "statement.swap": 1.3,
    "arithmetic.sign": 1.4,
    "compare.reverse": 1.3,
}
_SHARED = {"copy": 2.5, "default": 2.0, "call.wrap": 1.3, "statement.reset": 1.5}
_EDGE = {"compare.boundary": 1.8, "range": 1.5, "slice": 1.5, "index": 1.4, "number.shift": 1.4, "compare.shift": 1.5}

WORDS: tuple[tuple[str, dict[str, float]], ...] = (
    (r"empty|no items|nothing in", {"guard.entry": 1.8, "call.builtin_default": 1.8, "condition.none_test": 1.4}),
    (r"none\b|null\b|missing|absent", {"guard": 1.3, "condition.none_test": 1.6, "mapping": 1.4}),
    (
        r"falsy|zero\b|\b0 is|set to 0|false is",
        {"condition.none_test": 2.0, "condition.or_default": 2.0, "guard.zero": 1.5},
    ),
    (r"negative|minus|sign\b", {"arithmetic.sign": 1.8, "arithmetic": 1.3, "compare": 1.2, "arithmetic.division": 1.4}),
    (r"upper ?case|lower ?case|case[- ]?(?:in)?sensitiv|capital", _CASE),
    (r"white ?space|trailing|leading|blank|spaces\b|stripp", _SPACE),
    (r"sort|order\b|reverse|descending|ascending|stable|newest|oldest", _ORDER),
    (
        r"boundar|off by one|off-by-one|inclusive|exclusive|exactly|at the end|last\b|first\b|edge|limit|too (?:many|few)|one more",
        _EDGE,
    ),
    (r"mutat|modif|shared|same (?:list|dict|object)|side effect|second call|called twice|changes the", _SHARED),
    (
        r"round|truncat|decimal|fraction|half\b",
        {"arithmetic.division": 1.8, "call.rename": 1.4, "call.unwrap": 1.3, "arithmetic.ceiling": 1.6},
    ),
    (
        r"duplicate|twice|repeated",
        {"compare.membership": 1.6, "statement": 1.3, "condition.add_term": 1.3, "flow": 1.2, "guard.member": 1.5},
    ),
    (
        r"only the (?:first|last)|only one|stops? after|ignor(?:es|ed)|skips?\b|skipped",
        {"flow": 1.6, "statement.dedent": 2.0, "range": 1.3},
    ),
    (
        r"overwrit|accumulat|keeps? growing|grows|stale|reset|not cleared",
        {"arithmetic.augmented": 1.8, "statement": 1.4, "mapping": 1.2},
    ),
    (
        r"infinite|hangs?|never (?:ends|returns)|for ?ever",
        {"statement": 1.4, "arithmetic.augmented": 1.4, "compare": 1.3, "flow": 1.3},
    ),
    (r"nested|deep(?:ly)?\b|recurs", {"copy": 1.4, "return.discarded": 1.5}),
    (r"prefix|suffix|separator|delimiter|comma|colon|equals sign|quot", {"string": 1.5}),
    (r"regex|pattern|match(?:es|ed)?\b", {"string.pattern": 1.8}),
    (r"returns? none|got none|nothing is returned", {"return": 2.0}),
    (
        r"swapp|wrong way|mixed up|the other way",
        {"call.swap_arguments": 1.8, "arithmetic.swap": 1.8, "name.replace": 1.3, "compare.reverse": 1.3},
    ),
)
"""Words in the issue's lower-case text (patterns from a word's start): factors for an operator, or for a family."""
