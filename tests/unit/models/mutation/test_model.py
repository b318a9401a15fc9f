"""The engine as a model: one idea a sample, always the same, none twice, and an honest end."""

from __future__ import annotations

import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.edits import FORMATS
from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.trees import MappingTree
from orchestrator.models import open_model
from orchestrator.models.mutation import MutationModel
from orchestrator.records import Context, Edits, Excerpt, FinishReason, Location, RankedLocation, Reply
from orchestrator.steps.generate import fingerprint_changes
from tests.unit.models.mutation.support import PATH, a_context, a_reproduction, a_request

SOURCE = textwrap.dedent('''
    class Stack:
        """A stack."""

        limit = 10

        def __init__(self, items=[]):
            self.items = items

        @property
        def top(self):
            if not self.items:  # größer
                raise KeyError("empty")
            return self.items[0]

        @top.setter
        def top(self, value):
            self.items[0] = value

    def mean(numbers, start=0):
        total = start
        for number in numbers:
            total += number
            if total > 100:
                return total
        return total / len(numbers)
''').lstrip("\n")
TREE = MappingTree({PATH: SOURCE.encode()})


def replies(context: Context, count: int = 10**6, **changes: object) -> list[Reply]:
    """The model's replies until it is exhausted, at most `count`."""
    model, found = MutationModel(), []
    for ordinal in range(count):
        reply = model.complete(a_request(context, ordinal, **changes))
        if reply.finish is FinishReason.EXHAUSTED:
            break
        found.append(reply)
    return found


@pytest.mark.parametrize("edit_format", ["function", "search-replace"])
def test_every_reply_applies_and_changes_something_new(edit_format: str) -> None:
    """Each reply parses in its format, lands in the file, and gives a result that no other reply gave."""
    seen: set[str] = set()
    for reply in replies(a_context(SOURCE), 100, edit_format=edit_format):
        edits = FORMATS[edit_format].parse(reply.text, TREE, (PATH,))
        assert isinstance(edits, Edits), reply.text
        applied = apply_edits(edits, TREE)
        assert isinstance(applied, Applied), (applied, reply.text)
        assert applied.changes[0].before != applied.changes[0].after
        fingerprint = fingerprint_changes(applied.changes)
        assert fingerprint not in seen, reply.text
        seen.add(fingerprint)
    assert len(seen) == 100


def test_only_what_the_idea_is_about_changes() -> None:
    """A reply is the definition as it was but for a few lines: comments and layout are kept."""
    known = {line.strip() for line in SOURCE.split("\n")}
    for reply in replies(a_context(SOURCE), 60):
        lines = {line.strip() for line in reply.text.split("```python\n")[1].split("\n")}
        assert len(lines - known) <= 4


def test_the_same_request_has_the_same_reply_in_another_process() -> None:
    """A resumed run asks a fresh engine for a later sample and goes on where it was."""
    context = a_context(SOURCE)
    all_texts = [reply.text for reply in replies(context, 40)]
    assert [MutationModel().complete(a_request(context, n)).text for n in (39, 0, 17)] == [
        all_texts[n] for n in (39, 0, 17)
    ]


def test_threads_get_what_one_thread_gets() -> None:
    """Samples asked for at the same time are those asked for in order."""
    context, model = a_context(SOURCE), MutationModel()
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda n: model.complete(a_request(context, n)).text, range(40)))
    assert texts == [reply.text for reply in replies(context, 40)]


def test_a_rotated_context_keeps_the_order_of_ideas() -> None:
    """Scores rank the functions, not their order, so that widening does not offer the same ideas again."""
    context = a_context(SOURCE)
    turned = Context("next-function", context.targets[1:] + context.targets[:1], context.excerpts, 100, 1000, widened=1)
    assert [r.text for r in replies(turned, 20)] == [r.text for r in replies(context, 20)]


def test_the_end_is_said() -> None:
    """After the last pair of changes the reply is EXHAUSTED, empty and free, and stays so."""
    context = a_context("def f(a):\n    pass\n")
    found = replies(context)
    after = MutationModel().complete(a_request(context, len(found) + 5))
    assert 2 < len(found) < 200
    assert (after.finish, after.text, after.cost_usd) == (FinishReason.EXHAUSTED, "", 0.0)
    assert len({r.text for r in found}) == len(found)


def test_pairs_come_last() -> None:
    """Two places are changed together only when every single change was tried."""
    notes = [r.note for r in replies(a_context("def f(a):\n    return not a\n"))]
    pairs = [", " in note for note in notes]
    assert any(pairs)
    assert pairs == sorted(pairs)


def test_a_class_and_its_method_are_not_rewritten_in_one_reply() -> None:
    """Of a class shown whole, every reply applies, the pairs at the end too."""
    source = "class A:\n    n = 1\n\n    def f(self):\n        return self.n\n"
    where, tree = Location(PATH, "A", 1, 5), MappingTree({PATH: source.encode()})
    context = Context("functions", (RankedLocation(where, 1.0),), (Excerpt(where, source, "target"),), 10, 100)
    found = replies(context, 200)
    assert any(reply.text.startswith(f"### {PATH} :: A\n") for reply in found)
    for reply in found:
        edits = FORMATS["function"].parse(reply.text, tree, (PATH,))
        assert isinstance(edits, Edits)
        assert isinstance(apply_edits(edits, tree), Applied), reply.text


@pytest.mark.parametrize(
    "context",
    [
        Context("functions", (), (), 0, 100),
        Context("functions", (), (Excerpt(Location("a.py", "f", 1, 1), "def f(:\n", "target"),), 0, 100),
        Context("functions", (), (Excerpt(Location("a.py", "f", 1, 1), "def f(): ...\n", "test"),), 0, 100),
        Context(
            "first-bytes", (), (Excerpt(Location("README", None, 1, 1), "Once upon\na time\r\f\x00", "file"),), 0, 100
        ),
    ],
    ids=["nothing", "no Python", "only a test", "no code"],
)
def test_nothing_to_change_is_no_idea(context: Context) -> None:
    """Whatever is shown, the engine answers; where it can change nothing it says so."""
    assert replies(context) == []


def test_it_says_that_it_is_no_llm() -> None:
    """Identity, name and notes carry it into every result."""
    model = open_model("mutation")
    identity = model.identify()
    reply = model.complete(a_request(a_context(SOURCE)))
    assert (identity.is_llm, identity.provider, identity.name) == (False, "mutation", "mutation")
    assert reply.note.startswith("no LLM")
    assert (reply.cost_usd, reply.usage.input_tokens, reply.usage.output_tokens) == (0.0, 0, 0)


@pytest.mark.parametrize("change", [{"purpose": "review"}, {"edit_format": "whole-file"}, {"context": None}])
def test_what_it_cannot_do_it_says(change: dict[str, object]) -> None:
    """No review, no whole files, nothing without a context: the note has the reason."""
    request = a_request(a_context(SOURCE))
    fields = {name: getattr(request, name) for name in request.__slots__} | change
    reply = MutationModel().complete(type(request)(**fields))
    assert reply.finish is FinishReason.EXHAUSTED
    assert len(reply.note) > len("no LLM: ")


def test_a_whole_file_is_read_definition_by_definition() -> None:
    """Where whole files are shown, their definitions are rewritten one at a time, under their qualified names."""
    context = Context("whole-file", (), (Excerpt(Location(PATH, None, 1, 30), SOURCE, "file"),), 10, 100)
    headers = {reply.text.split("\n")[0] for reply in replies(context, 80)}
    assert {f"### {PATH} :: Stack.__init__", f"### {PATH} :: mean"} <= headers


names = st.sampled_from(["a", "b", "items", "self.x", "n"])
expressions = st.recursive(
    names | st.sampled_from(["1", "0", "None", '"x, y"', "[]", "True"]),
    lambda inner: st.one_of(
        st.builds(
            "{} {} {}".format, inner, st.sampled_from(["+", "-", "<", "==", "and", "or", "//", "in", "is"]), inner
        ),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("len({})".format, inner),
        st.builds("a.get({}, {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
statements = st.one_of(
    st.builds("x = {}\n".format, expressions),
    st.builds("x += {}  # é\n".format, expressions),
    st.builds("if {}:\n    return {}\n".format, expressions, expressions),
    st.builds("for i, c in enumerate(items):\n    b = {}\n    if b:\n        continue\n".format, expressions),
    st.builds("try:\n    {}\nexcept KeyError:\n    raise ValueError({})\n".format, expressions, expressions),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(statements, min_size=1, max_size=4), st.booleans())
def test_no_function_makes_it_repeat_or_break(body: list[str], method: bool) -> None:
    """On any small function: replies apply, change something, and no result comes twice."""
    function = "def f(self, a, b=None, items=(), n=0):\n" + textwrap.indent("".join(body), "    ")
    source = "class A:\n" + textwrap.indent(function, "    ") if method else function
    tree, seen = MappingTree({PATH: source.encode()}), set()
    found = replies(a_context(source), 20)
    for reply in found:
        edits = FORMATS["function"].parse(reply.text, tree, (PATH,))
        assert isinstance(edits, Edits)
        applied = apply_edits(edits, tree)
        assert isinstance(applied, Applied), (applied, reply.text)
        seen.add(fingerprint_changes(applied.changes))
    assert len(seen) == len(found)


def test_the_failing_run_leads() -> None:
    """Where a reproduction ran, only what it passed through is changed first."""
    line = SOURCE.split("\n").index("    total = start") + 1
    reproduction = a_reproduction(("mean", (line, line + 1, line + 2, line + 3, line + 5)))
    found = replies(a_context(SOURCE), 20, reproduction=reproduction)
    assert all(f"{PATH} :: mean" in reply.text for reply in found)
