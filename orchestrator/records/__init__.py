"""Frozen records in the order in which they flow through one instance.

    instance       Task, Sealed
    understanding  Reproduction, Localization, Baseline, Context
    generation     ModelRequest, Reply
    edits          Edits, EditRefusal, Candidate
    judgement      Finding, Verdict, Diagnosis, Feedback, Decision
    delivery       Patch, Evaluation, Outcome

A record is data and nothing else: no I/O, no validation (that happens at the edges), tuples instead of
lists. Every step commits the records it made; a journey is the fold of them (`journey.py`). Any `bytes`
and any long text is kept content-addressed by the ledger, so records may hold them whole.
"""

from __future__ import annotations

from orchestrator.records.delivery import Evaluation, Outcome, Patch
from orchestrator.records.edits import (
    Candidate,
    DeleteFile,
    DiffHunks,
    Edit,
    EditRefusal,
    Edits,
    FileChange,
    Landing,
    ReplaceDefinition,
    SearchReplace,
    WriteFile,
)
from orchestrator.records.generation import FinishReason, Message, ModelRequest, Reply, Sampling, Usage
from orchestrator.records.instance import Sealed, Task
from orchestrator.records.judgement import Decision, Diagnosis, Feedback, Finding, Frame, Judgement, Verdict
from orchestrator.records.understanding import (
    Baseline,
    CodeRun,
    Context,
    Evidence,
    Excerpt,
    ExecutedFunction,
    Execution,
    Localization,
    Location,
    RankedLocation,
    Reproduction,
    TestFileBaseline,
    TestFileRun,
    TestRun,
    TestStatus,
)

Record = (
    Task | Reproduction | Localization | Baseline | Context | ModelRequest | Reply | Edits | EditRefusal | Candidate
    | Finding | Verdict | Feedback | Decision | Patch | Evaluation | Outcome
)  # fmt: skip

__all__ = [
    "Baseline",
    "Candidate",
    "CodeRun",
    "Context",
    "Decision",
    "DeleteFile",
    "Diagnosis",
    "DiffHunks",
    "Edit",
    "EditRefusal",
    "Edits",
    "Evaluation",
    "Evidence",
    "Excerpt",
    "ExecutedFunction",
    "Execution",
    "Feedback",
    "FileChange",
    "Finding",
    "FinishReason",
    "Frame",
    "Judgement",
    "Landing",
    "Localization",
    "Location",
    "Message",
    "ModelRequest",
    "Outcome",
    "Patch",
    "RankedLocation",
    "Record",
    "ReplaceDefinition",
    "Reply",
    "Reproduction",
    "Sampling",
    "Sealed",
    "SearchReplace",
    "Task",
    "TestFileBaseline",
    "TestFileRun",
    "TestRun",
    "TestStatus",
    "Usage",
    "Verdict",
    "WriteFile",
]
