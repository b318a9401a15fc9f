"""From an issue's blocks to drafts of a reproduction: what to run, and what the issue says should come out.

Only drafts: whether one is right is decided by running it at base_commit (`reproduction.confirm`). Conservative on
purpose, since a wrong reproduction refuses every right repair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from orchestrator.judge.snippets import Block, Example, blocks, raised, session_examples, stance

_MAX_DRAFTS = 6
_MAX_TEXT = 60_000
# Here the exception is meant to stay, and only what it says (or that it comes) is to change.
_ABOUT_MESSAGES = re.compile(
    r"(error|exception|warning)[ -](message|text)|misleading|confusing|cryptic|unhelpful|uninformative|"
    r"(better|clearer|nicer|useful|helpful|informative|descriptive|proper|sensible|explicit|meaningful)( \w+)? "
    r"(error|message|exception|warning)|should (still )?(raise|throw|fail|error|warn)|"
    r"(raise|throw)s? (a|an|the) (\w+ )?(wrong|different|other)|raise .{1,40} instead of",
    re.IGNORECASE,
)
_MEANT = re.compile(r"should (?:still )?(?:raise|throw) (?:an? |the )?`?([A-Z]\w+)\b`?")
_INLINE = re.compile(r"(expect(?:ed|s)?|should)\b(?P<between>[^`\n.;]{0,60}?)`(?P<value>[^`\n]+)`", re.IGNORECASE)
_SHELL = re.compile(r"^\s*[$%!] |\bpip install\b|django-admin|manage\.py", re.MULTILINE)
_OF_THE_MACHINE = re.compile(r"__version__|sys\.version|\bplatform\.|show_versions|\bid\(|\brandom\b")
_A_TEST_FILE = re.compile(r"^\s*(def test_|@pytest\.|class Test)|\bmanage\.py\b|^# conf\.py", re.MULTILINE)
_EXCEPTION_NAME = re.compile(r"`?\b([A-Z]\w+(?:Error|Exception))\b`?")


@dataclass(frozen=True, slots=True)
class ReproductionDraft:
    """Something to run. `kind` is doctest, expected_output or traceback; the last example is the one that the issue is about.

    `marked`: the issue says in so many words that what is shown is what is wanted. `exception` is the reported one, `meant`
    are those that the issue asks for instead. `actual` is the output that the issue complains of, where it shows it.
    `exact`: the order of the output's parts matters. `issue` is the text that the draft was made from.
    """

    kind: str
    examples: tuple[Example, ...]
    issue: str
    marked: bool = False
    exception: str = ""
    actual: str = ""
    meant: tuple[str, ...] = ()
    exact: bool = False


def extract_reproduction(problem_statement: str) -> tuple[ReproductionDraft, ...]:
    """Drafts for an issue, the most telling first: outputs that are said to be wanted, then exceptions that should not occur.

    Pure, and at most six; empty where the text has no Python that could be run by itself.
    """
    text = problem_statement[:_MAX_TEXT]
    found = blocks(text)
    drafts: list[ReproductionDraft] = []
    context: tuple[Example, ...] = ()
    for index, block in enumerate(found):
        own = _examples_of(block)
        if not own or _SHELL.search(block.text) or _A_TEST_FILE.search(block.text):
            continue
        made = list(_drafts_of(block, own, _until_next_code(found, index), text))
        # A snippet often goes on where an earlier one ended; alone first, since the earlier one may be what is broken.
        for prefix in ((), context) if context else ((),):
            drafts.extend(replace(draft, examples=(*prefix, *draft.examples)) for draft in made)
        context = (
            *context,
            *(replace(example, want=None, want_exception="") for example in own if not example.want_exception),
        )
    order = {"expected_output": 0, "doctest": 1, "traceback": 2}
    drafts.sort(key=lambda draft: (order[draft.kind], not draft.marked, len(draft.examples)))
    return tuple(dict.fromkeys(drafts))[:_MAX_DRAFTS]


def _examples_of(block: Block) -> tuple[Example, ...]:
    if block.kind == "session":
        return tuple(example for example in session_examples(block.text) if not _OF_THE_MACHINE.search(example.source))
    return (Example(block.text + "\n", "exec"),) if block.kind == "python" else ()


def _until_next_code(found: tuple[Block, ...], index: int) -> tuple[Block, ...]:
    """The blocks between this piece of code and the next one: what is said about it."""
    rest = found[index + 1 :]
    ends = next((n for n, block in enumerate(rest) if block.kind in ("python", "session")), len(rest))
    return rest[:ends]


def _drafts_of(
    block: Block, own: tuple[Example, ...], said: tuple[Block, ...], text: str
) -> Iterator[ReproductionDraft]:
    if block.kind == "session":
        yield from _from_session(block, own, text)
    yield from _from_expected(block, own, said, text)
    yield from _from_traceback(block, own, said, text)


def _from_session(block: Block, own: tuple[Example, ...], text: str) -> Iterator[ReproductionDraft]:
    """The session's own outputs as what is wanted; `confirm` sorts out those that show the bug, as they match at base_commit."""
    marks = {stance(block.lead), stance(block.follow)}
    regretted = "actual" in marks and "expected" not in marks
    raising = any(example.want_exception for example in own)
    telling = raising or any(example.want for example in own)
    if telling and not regretted and (not raising or "expected" in marks):
        yield ReproductionDraft("doctest", own, text, marked="expected" in marks)


def _from_expected(
    block: Block, own: tuple[Example, ...], said: tuple[Block, ...], text: str
) -> Iterator[ReproductionDraft]:
    """Code with a block that is said to be what should come out, or with one such value between backticks."""
    if block.kind == "python" and _OF_THE_MACHINE.search(block.text):
        return
    outputs = [b for b in said if b.kind in ("output", "traceback")]
    wanted = [b.text for b in outputs if b.kind == "output" and stance(b.lead) == "expected"]
    actual = next((b.text for b in outputs if stance(b.lead) == "actual"), "")
    if not wanted:
        inline = {m["value"] for m in _INLINE.finditer(text) if not re.search(r"\bnot\b|n't", m["between"])}
        wanted = [
            value for value in inline if len(inline) == 1 and value not in block.text and not value.endswith("Error")
        ]
    if block.kind == "session":
        actual = actual or own[-1].want or ""
    if len(wanted) == 1 and wanted[0].strip():
        last = replace(own[-1], want=wanted[0] + "\n", want_exception="")
        earlier = tuple(replace(example, want=None) for example in own[:-1])
        reported = raised("\n".join(b.text for b in said if b.kind == "traceback"))[0]
        yield ReproductionDraft(
            "expected_output", (*earlier, last), text, marked=True, actual=actual, exception=reported
        )


def _from_traceback(
    block: Block, own: tuple[Example, ...], said: tuple[Block, ...], text: str
) -> Iterator[ReproductionDraft]:
    """Code that is reported to raise: the exception must no longer occur."""
    meant = tuple(_MEANT.findall(text))
    if _ABOUT_MESSAGES.search(_MEANT.sub("", text)) or "expected" in (stance(block.lead), stance(block.follow)):
        return
    for draft in _raising(block, own, said, text):
        if draft.exception not in meant:
            yield replace(draft, meant=meant)


def _raising(block: Block, own: tuple[Example, ...], said: tuple[Block, ...], text: str) -> Iterator[ReproductionDraft]:
    if block.kind == "session":
        raising = [number for number, example in enumerate(own) if example.want_exception]
        if raising:
            first = raising[0]
            examples = tuple(replace(example, want=None) for example in own[:first])
            name = own[first].want_exception
            yield ReproductionDraft(
                "traceback", (*examples, replace(own[first], want_exception="")), text, exception=name
            )
            return
    plain = tuple(replace(example, want=None) for example in own)
    names = [name for b in said if b.kind == "traceback" and (name := raised(b.text)[0])]
    mentioned = set(_EXCEPTION_NAME.findall(text))
    if names:
        yield ReproductionDraft("traceback", plain, text, exception=names[0])
    elif len(mentioned) == 1:
        yield ReproductionDraft("traceback", plain, text, exception=mentioned.pop())
    elif block.kind == "python" and re.search(r"^\s*assert ", block.text, re.MULTILINE):
        yield ReproductionDraft("traceback", plain, text, exception="AssertionError")
