"""Journeys in the shape of mini-swe-agent's `.traj.json` (format mini-swe-agent-1.1), so that its viewers open them; and as text.

The shape is documented at mini-swe-agent.com, "Output files". Each attempt is its request, its replies, and a user message
that says what the judge found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator import __version__
from orchestrator.journey import Attempt, Journey
from orchestrator.report.outcomes import cost_of
from orchestrator.report.timeline import finding_lines
from orchestrator.text import visible

FORMAT = "mini-swe-agent-1.1"


def trajectory(journey: Journey, settings: Mapping[str, Any]) -> dict[str, Any]:
    """One instance's trajectory. Costs are dollars, an unknown price is None; `info.extra` says which program it is from."""
    replies = [reply for attempt in journey.attempts for reply in attempt.replies]
    return {
        "info": {
            "model_stats": {"instance_cost": cost_of(replies, []), "api_calls": len(replies)},
            "config": {"agent": dict(settings), "agent_type": "swe-ramp", "model": {"model_name": _models(journey)}},
            "mini_version": "",
            "exit_status": journey.state,
            "submission": journey.patch.diff.decode("utf-8", "replace") if journey.patch else "",
            "extra": {"program": f"swe-ramp {__version__}"},
        },
        "messages": list(_messages(journey)),
        "trajectory_format": FORMAT,
        "instance_id": journey.instance_id,
    }


def as_text(journey: Journey) -> str:
    """The same trajectory as Markdown, for a leaderboard submission."""
    parts = [f"# {journey.instance_id}: {journey.state}"]
    parts += [f"## {message['role']}\n\n{visible(message['content'])}" for message in _messages(journey)]
    return "\n\n".join(parts) + "\n"


def _messages(journey: Journey) -> Iterator[dict[str, Any]]:
    for attempt in journey.attempts:
        for request in attempt.requests:
            for message in request.messages:
                yield {"role": message.role, "content": message.content, "extra": {"attempt": attempt.number}}
        for reply in attempt.replies:
            extra = {"attempt": attempt.number, "sample": reply.sample, "model": reply.model, "cost": reply.cost_usd}
            yield {"role": "assistant", "content": reply.text, "extra": extra}
        if told := "\n".join(_judged(attempt)):
            yield {"role": "user", "content": told, "extra": {"attempt": attempt.number, "from": "judge"}}
    yield {"role": "exit", "content": journey.state, "extra": {"exit_status": journey.state}}


def _judged(attempt: Attempt) -> Iterator[str]:
    for refusal in attempt.refusals:
        yield f"refused: {refusal.code}: {refusal.message}"
    for finding in attempt.findings:
        yield from finding_lines(finding)


def _models(journey: Journey) -> str:
    return " → ".join(dict.fromkeys(reply.model for attempt in journey.attempts for reply in attempt.replies))
