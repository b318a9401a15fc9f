"""The messages of an edit request, rendered from a prompt set (`tuning/sets.py`) within a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from orchestrator.records import Context, Excerpt, Feedback, Message, Reproduction, Task
from orchestrator.text import CountTokens, clip_columns, clip_lines, clip_tokens, estimate_tokens, first_sentence
from orchestrator.tuning.sets import EDITABLE_ROLES, PromptSet, available_sets

__all__ = ["EDIT_CONSTANT_PREFIX", "PROMPT_BUDGET_TOKENS", "PromptSet", "available_sets", "edit_messages"]

EDIT_CONSTANT_PREFIX = 2
"""How many leading messages of an edit request stay the same as long as instance, format and context do."""

PROMPT_BUDGET_TOKENS = 8000  # effective context of an 8B model: beyond it, more text makes the answer worse
SHARE_OF_FEEDBACK_TOKENS = 900
LEAST_ISSUE_TOKENS = 500
ELSEWHERE = "edit-elsewhere.md"
_PLACES = 3
_NEW_CODE_TOKENS = 1500  # a fifth of the prompt that it is added to
# (most attempts in full, lines of each of their parts), tried in this order until the share holds
_FEEDBACK_SIZES = ((10, 40), (10, 20), (1, 40), (1, 20), (1, 8))


@dataclass(frozen=True, slots=True)
class Opening:
    """How a rung's first prompt for an instance began. Later ones begin the same, so that a server's prompt cache holds."""

    context: Context
    edit_format: str


def edit_messages(
    prompt_set: PromptSet,
    *,
    task: Task,
    context: Context,
    reproduction: Reproduction | None,
    feedback: tuple[Feedback, ...],
    edit_format: str,
    opening: Opening | None = None,
    budget_tokens: int = PROMPT_BUDGET_TOKENS,
    full_attempts: int = 2,
    count_tokens: CountTokens = estimate_tokens,
) -> tuple[Message, ...]:
    """The request for an edit, laid out so that attempts on one instance share the longest prefix.

    Message 1 (system) is the same for a whole run, message 2 (code, then the issue) for an instance, message 3 holds what
    is new: where else to look, another format, feedback (the last `full_attempts` attempts in full), instruction. With
    `opening` the first two are those of the rung's first prompt, and a context or format that differs from it is told in
    message 3. The context is shown whole, as its own budget was kept by its builder; a long issue and long feedback are cut,
    on whole lines, to what remains of `budget_tokens`, the issue by a fixed estimate, so that it is cut alike each time.
    """
    begun = opening if opening and ELSEWHERE in prompt_set.files else Opening(context, edit_format)
    system = prompt_set.render("edit-system.md", format_section=_section(prompt_set, begun.edit_format))
    spent = estimate_tokens(system) + begun.context.tokens + SHARE_OF_FEEDBACK_TOKENS
    issue = clip_tokens(task.problem_statement.strip(), max(LEAST_ISSUE_TOKENS, budget_tokens - spent), estimate_tokens)
    shown = reproduction is not None and reproduction.accepted
    reference, editable = _parted(begun.context.excerpts)
    body = prompt_set.render(
        "edit-task.md",
        reference=reference,
        editable=editable,
        issue=issue,
        failure=_clip_output(reproduction.failure) if shown and reproduction else "",
    )
    elsewhere = _elsewhere(prompt_set, begun, context, edit_format, count_tokens)
    reminder = prompt_set.render(f"reminders/{edit_format}.md").strip()
    seen = (*begun.context.excerpts, *context.excerpts)
    now = _instruction(prompt_set, _without_shown_source(feedback, seen), reminder, full_attempts, count_tokens)
    return (Message("system", system), Message("user", body), Message("user", elsewhere + now))


def _section(prompt_set: PromptSet, edit_format: str) -> str:
    return prompt_set.render(f"formats/{edit_format}.md").strip()


def _parted(excerpts: Iterable[Excerpt]) -> tuple[tuple[Excerpt, ...], tuple[Excerpt, ...]]:
    """What is for reference, and what may be changed; empty excerpts are left out."""
    shown = [excerpt for excerpt in excerpts if excerpt.text.strip()]
    reference = tuple(excerpt for excerpt in shown if excerpt.role not in EDITABLE_ROLES)
    return reference, tuple(excerpt for excerpt in shown if excerpt.role in EDITABLE_ROLES)


def _elsewhere(
    prompt_set: PromptSet, begun: Opening, context: Context, edit_format: str, count_tokens: CountTokens
) -> str:
    """What differs from how the prompt begins: places, the code of them that is not shown yet, the format."""
    moved = context.excerpts != begun.context.excerpts or context.targets != begun.context.targets
    if not moved and edit_format == begun.edit_format:
        return ""
    reference, editable = _parted(_new_excerpts(begun.context, context, count_tokens) if moved else ())
    places = [ranked.location for ranked in context.targets[:_PLACES]] if moved else []
    text = prompt_set.render(
        ELSEWHERE,
        places=tuple(f"{at.path} :: {at.qualified_name}" if at.qualified_name else at.path for at in places),
        reference=reference,
        editable=editable,
        format_section="" if edit_format == begun.edit_format else _section(prompt_set, edit_format),
    )
    return f"{text}\n" if text.strip() else ""


def _new_excerpts(base: Context, context: Context, count_tokens: CountTokens) -> Iterator[Excerpt]:
    """The code of `context` that `base` does not show (or only for reference), the targets first, up to a limit."""
    ranks = {(ranked.location.path, ranked.location.start_line): rank for rank, ranked in enumerate(context.targets)}
    wanted = [excerpt for excerpt in context.excerpts if not any(_covers(other, excerpt) for other in base.excerpts)]
    wanted.sort(key=lambda e: (e.role not in EDITABLE_ROLES, ranks.get((e.location.path, e.location.start_line), 99)))
    left = _NEW_CODE_TOKENS
    for excerpt in wanted:
        cost = count_tokens(excerpt.text)
        if cost <= left:
            left -= cost
            yield excerpt


def _covers(shown: Excerpt, wanted: Excerpt) -> bool:
    a, b = shown.location, wanted.location
    whole = a.path == b.path and a.start_line <= b.start_line and b.end_line <= a.end_line
    return whole and (shown.role in EDITABLE_ROLES or wanted.role not in EDITABLE_ROLES)


def _instruction(
    prompt_set: PromptSet, feedback: tuple[Feedback, ...], reminder: str, full_attempts: int, count_tokens: CountTokens
) -> str:
    """The last message: the last attempts in full, older ones as one line each, cut further where that is too long."""
    text = ""
    for most, lines in _FEEDBACK_SIZES:
        first_full = max(0, len(feedback) - min(most, full_attempts))
        older, recent = feedback[:first_full], feedback[first_full:]
        recent = tuple(_shortened(told, lines) for told in recent)
        text = prompt_set.render("edit-now.md", older=older, recent=recent, reminder=reminder)
        if count_tokens(text) <= SHARE_OF_FEEDBACK_TOKENS:
            break
    return text


def _shortened(feedback: Feedback, lines: int) -> Feedback:
    diagnosis = feedback.diagnosis
    return replace(
        feedback,
        tried=clip_lines(clip_columns(feedback.tried), lines),
        reason=clip_columns(clip_lines(feedback.reason, lines)),
        current_source=clip_lines(clip_columns(feedback.current_source), lines),
        diagnosis=replace(
            diagnosis,
            message=first_sentence(diagnosis.message),
            left=first_sentence(diagnosis.left),
            right=first_sentence(diagnosis.right),
            frames=diagnosis.frames[-3:],
            excerpt=clip_lines(clip_columns(diagnosis.excerpt), lines),
        ),
    )


def _without_shown_source(feedback: tuple[Feedback, ...], seen: tuple[Excerpt, ...]) -> tuple[Feedback, ...]:
    """Leave out a place's current source where the code above shows it anyway, and for all but the last attempt."""
    if not feedback:
        return ()
    last = feedback[-1]
    shown = any(last.current_source.strip() in excerpt.text for excerpt in seen)
    last = replace(last, current_source="") if shown else last
    return (*(replace(told, current_source="") for told in feedback[:-1]), last)


def _clip_output(text: str) -> str:
    return clip_lines(clip_columns(text.strip()), 20, head=0.25)
