"""No prompt, feedback or decision has a way in for what is sealed, and prompts are strict in every shipped set."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass

import pytest

from orchestrator.feedback import diagnosis, feedback, policy, story, summary
from orchestrator.judge import review
from orchestrator.prompts import PromptSet, available_sets, edit_messages
from orchestrator.records import Evaluation, Outcome, Patch, Sealed, Task
from tests.golden.rendered_prompts import PROMPTS, rendered

FORBIDDEN_TYPES = (Sealed, Evaluation, Outcome, Patch)
FORBIDDEN_NAMES = {
    "patch",
    "test_patch",
    "fail_to_pass",
    "pass_to_pass",
    "hints_text",
    "eval_script",
    "resolved",
    "verified",
}
FUNCTIONS: tuple[Callable[..., object], ...] = (
    edit_messages,
    review.review_messages,
    diagnosis.diagnose,
    diagnosis.explain_place,
    feedback.make_feedback,
    feedback.make_refusal_feedback,
    story.story,
    policy.decide,
    policy.opening,
    summary.summarise,
)


def mentioned(annotation: object, seen: set[object] | None = None) -> set[object]:
    """Every type that an annotation can hold, records followed into their fields."""
    seen = set() if seen is None else seen
    for part in typing.get_args(annotation) or (annotation,):
        if typing.get_args(part):
            mentioned(part, seen)
        elif isinstance(part, type) and part not in seen:
            seen.add(part)
            if is_dataclass(part):
                for hint in typing.get_type_hints(part).values():
                    mentioned(hint, seen)
    return seen


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_no_parameter_can_carry_what_is_sealed(function: Callable[..., object]) -> None:
    """Neither a parameter nor any field of any record it takes is, or is named like, something sealed or graded."""
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    assert not FORBIDDEN_NAMES & set(inspect.signature(function).parameters)
    for hint in hints.values():
        types = mentioned(hint)
        assert not types & set(FORBIDDEN_TYPES)
        for record in filter(is_dataclass, types):
            assert not FORBIDDEN_NAMES & {field.name for field in fields(typing.cast("type[Task]", record))}


@pytest.mark.parametrize("name", available_sets(PROMPTS))
def test_no_template_names_what_is_sealed(name: str) -> None:
    """A template cannot ask for a field that a record does not have; none even tries."""
    prompts = PromptSet.load(PROMPTS, name)
    for text in prompts.files.values():
        assert not any(word in text for word in FORBIDDEN_NAMES - {"patch", "resolved", "verified"})


def test_no_rendered_prompt_holds_a_control_character() -> None:
    """The golden prompts are made from a hostile issue; what a terminal or a chat template acts on is escaped in all."""
    for text in rendered().values():
        assert not {character for character in text if ord(character) < 32} - {"\n", "\t"}
        assert "\x9b" not in text
        assert "<|" not in text
