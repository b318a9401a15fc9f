"""The messages of an edit request, rendered from a prompt set (`prompt_sets.py`) within a budget of tokens."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.prompt_sets import EDITABLE_ROLES, PromptSet, available_sets
from orchestrator.records import Context, Feedback, Message, Reproduction, Task
from orchestrator.text import CountTokens, clip_columns, clip_lines, clip_tokens, estimate_tokens, first_sentence

__all__ = ["EDIT_CONSTANT_PREFIX", "PROMPT_BUDGET_TOKENS", "PromptSet", "available_sets", "edit_messages"]

EDIT_CONSTANT_PREFIX = 2
"""How many leading messages of an edit request stay the same as long as instance, format and context do."""

PROMPT_BUDGET_TOKENS = 8000  # effective context of an 8B model: beyond it, more text makes the answer worse
SHARE_OF_FEEDBACK_TOKENS = 900
LEAST_ISSUE_TOKENS = 500
# (most attempts in full, lines of each of their parts), tried in this order until the share holds
_FEEDBACK_SIZES = ((10, 40), (10, 20), (1, 40), (1, 20), (1, 8))


def edit_messages(
    prompt_set: PromptSet,
    *,
    task: Task,
    context: Context,
    reproduction: Reproduction | None,
    feedback: tuple[Feedback, ...],
    edit_format: str,
    budget_tokens: int = PROMPT_BUDGET_TOKENS,
    full_attempts: int = 2,
    count_tokens: CountTokens = estimate_tokens,
) -> tuple[Message, ...]:
    """The request for an edit, laid out so that attempts on one instance share the longest prefix.

    Message 1 (system) is the same for a whole run, message 2 (code, then the issue) for an instance and context, message 3
    holds feedback and instruction: the last `full_attempts` attempts in full. The context is shown whole, as its own budget
    was kept by its builder; a long issue and long feedback are cut, on whole lines, to what remains of `budget_tokens`.
    """
    system = prompt_set.render("edit-system.md", format_section=prompt_set.render(f"formats/{edit_format}.md").strip())
    reminder = prompt_set.render(f"reminders/{edit_format}.md").strip()
    spent = count_tokens(system) + count_tokens(reminder) + context.tokens + SHARE_OF_FEEDBACK_TOKENS
    issue = clip_tokens(task.problem_statement.strip(), max(LEAST_ISSUE_TOKENS, budget_tokens - spent), count_tokens)
    shown = reproduction is not None and reproduction.accepted
    ordered = tuple(excerpt for excerpt in context.excerpts if excerpt.text.strip())
    body = prompt_set.render(
        "edit-task.md",
        reference=tuple(excerpt for excerpt in ordered if excerpt.role not in EDITABLE_ROLES),
        editable=tuple(excerpt for excerpt in ordered if excerpt.role in EDITABLE_ROLES),
        issue=issue,
        failure=_clip_output(reproduction.failure) if shown and reproduction else "",
    )
    told = _without_shown_source(feedback, context)
    now = _instruction(prompt_set, told, reminder, full_attempts, count_tokens)
    return (Message("system", system), Message("user", body), Message("user", now))


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


def _without_shown_source(feedback: tuple[Feedback, ...], context: Context) -> tuple[Feedback, ...]:
    """Leave out a place's current source where the code above shows it anyway, and for all but the last attempt."""
    if not feedback:
        return ()
    last = feedback[-1]
    shown = any(last.current_source.strip() in excerpt.text for excerpt in context.excerpts)
    last = replace(last, current_source="") if shown else last
    return (*(replace(told, current_source="") for told in feedback[:-1]), last)


def _clip_output(text: str) -> str:
    return clip_lines(clip_columns(text.strip()), 20, head=0.25)
