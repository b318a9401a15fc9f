"""Every rendered prompt, for `test_prompts_golden.py`. Rewrite them with `python -m tests.golden.rendered_prompts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from orchestrator.judge.review import review_messages
from orchestrator.prompts import Opening, PromptSet, available_sets, edit_messages
from orchestrator.records import Excerpt, Location, Message, RankedLocation
from orchestrator.tuning.examples import CONTEXT, DIFF, FEEDBACK, REPRODUCTION, TASK

FOLDER = Path(__file__).parent / "prompts"
PROMPTS = Path(__file__).parents[2] / "prompts"
FORMATS = ("function", "search-replace", "whole-file", "unified-diff")


def rendered() -> Mapping[str, str]:
    """Every prompt by the name of its golden file."""
    found = {}
    for name in available_sets(PROMPTS):
        prompts = PromptSet.load(PROMPTS, name)
        for edit_format in FORMATS:
            for label, told in (("first", ()), ("fourth", FEEDBACK)):
                messages = edit_messages(
                    prompts,
                    task=TASK,
                    context=CONTEXT,
                    reproduction=REPRODUCTION if told else None,
                    feedback=told,
                    edit_format=edit_format,
                )
                found[f"{name}-{edit_format}-{label}.md"] = _text(messages)
        found[f"{name}-elsewhere.md"] = _text(_elsewhere(prompts))
        review = review_messages(prompts, problem_statement=TASK.problem_statement, diff=DIFF, nonce="5eed")
        found[f"{name}-review.md"] = _text(review)
    return found


def _elsewhere(prompts: PromptSet) -> tuple[Message, ...]:
    """An attempt that looks at another place, in another format than its rung began with."""
    at = Location("berths/lock.py", "Lock.enter", 3, 5)
    new = Excerpt(at, "    def enter(self, boat: Boat) -> None:\n        self.boats.append(boat)\n", "target")
    moved = replace(CONTEXT, targets=(RankedLocation(at, 1.0),), excerpts=(*CONTEXT.excerpts, new))
    return edit_messages(
        prompts,
        task=TASK,
        context=moved,
        reproduction=REPRODUCTION,
        feedback=(),
        edit_format="search-replace",
        opening=Opening(CONTEXT, "function"),
    )


def _text(messages: tuple[Message, ...]) -> str:
    return "\n".join(f"<!-- {message.role} -->\n{message.content}" for message in messages)


def main() -> None:
    """Write every golden file again, and remove those that no prompt has any more."""
    wanted = rendered()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
