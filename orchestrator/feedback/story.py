"""Which of the failed attempts the next one is told of, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.feedback.feedback import Detail
from orchestrator.records import Decision, Feedback


def story(
    told: Sequence[Feedback],
    decision: Decision | None,
    *,
    stage_reached: Mapping[int, int] | None = None,
    detail: Detail = "diagnosed",
) -> tuple[Feedback, ...]:
    """The feedback to show, oldest first; the prompt shows the last two in full and the others as a line each.

    A repair is of the most promising candidate: where the attempt that got furthest (`stage_reached` by attempt) is not
    among the last two, it takes the place before the last. A decision without a story shows nothing.
    """
    if detail == "none" or decision is None or not decision.story:
        return ()
    ordered = list(told)
    if len(ordered) > 2 and stage_reached:
        # The later of two equals is nearer to what the model said last.
        best = max(ordered, key=lambda each: (stage_reached.get(each.attempt, 0), each.attempt))
        if best not in ordered[-2:]:
            ordered.remove(best)
            ordered.insert(len(ordered) - 1, best)
    return tuple(ordered)
