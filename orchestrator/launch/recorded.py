"""What `replay:RUN` answers with: the replies that another run was given, by instance, attempt, sample and purpose."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from orchestrator.errors import MissingPiece
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.memory.recording import CALLS, RecordedCall
from orchestrator.models.opening import Recorded
from orchestrator.records import FinishReason, ModelRequest, Reply

_NO_FURTHER = "the recorded run asked nothing of the kind"


def recorded_replies(run: str, runs: Path) -> Recorded:
    """The replies of a run, by its name in `runs` or its path, held in memory. Raises MissingPiece where there is none.

    A reply is found by its place and not by its prompt, which differs as soon as anything before it does; where the recorded
    run has none, the answer is that of an engine without a further idea.
    """
    folder = next((folder for folder in (runs / run, Path(run)) if (folder / LEDGER).is_file()), None)
    if folder is None:
        raise MissingPiece(f"replay:{run} names no run: neither {runs / run} nor {run} has a ledger", "Check the name.")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True, whole=False)) as ledger:
        replies = {
            (instance_id, call.attempt, call.sample, call.purpose): call.reply
            for _, instance_id, call in ledger.memos(CALLS, RecordedCall)
        }

    def look_up(request: ModelRequest) -> Reply:
        reply: Reply | None = replies.get((request.instance_id, request.attempt, request.sample, request.purpose))
        if reply is None:
            return Reply("", FinishReason.EXHAUSTED, request.model, note=_NO_FURTHER)
        return replace(reply, model=request.model, from_cache=False, retries=0)

    return Recorded(look_up)
