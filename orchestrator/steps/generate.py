"""Generate: replies from the rung's model, and candidates from replies."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from orchestrator import syntax
from orchestrator.edits import FORMATS
from orchestrator.edits.apply import apply_edits
from orchestrator.errors import ModelUnavailable
from orchestrator.feedback.story import story
from orchestrator.journey import Attempt, Journey
from orchestrator.prompts import EDIT_CONSTANT_PREFIX, PROMPT_BUDGET_TOKENS, Opening, edit_messages
from orchestrator.records import (
    Candidate,
    Context,
    EditRefusal,
    FileChange,
    FinishReason,
    ModelRequest,
    Reply,
    Sampling,
)
from orchestrator.steps.said import Said, thought
from orchestrator.steps.workbench import Workbench

_BESIDE_THE_CONTEXT_TOKENS = 2500  # format section, issue, feedback

_UNUSABLE = {
    FinishReason.LENGTH: "The reply was cut off at the output limit; answer with less text, only the edit.",
    FinishReason.REFUSAL: "The model refused to answer.",
    FinishReason.REPETITION: "The reply repeated itself without end; answer briefly, only the edit.",
    FinishReason.CONTEXT_TOO_SMALL: "The prompt does not fit the model's context.",
}

_REPEATED = EditRefusal("repeated", "This repair was tried before and failed; change something else.")


def generating(journey: Journey, bench: Workbench) -> Said:
    """Ask the rung's model for its samples; an engine that is out of ideas is asked no further."""
    request = edit_request(journey, bench)
    model = bench.model(journey.rung)
    replies: list[Reply] = []
    for sample in range(bench.rung(journey.rung).samples):
        seed = request.sampling.seed + sample
        asked = replace(
            request, sample=sample, ordinal=request.ordinal + sample, sampling=replace(request.sampling, seed=seed)
        )
        try:
            reply = model.complete(asked)
        except ModelUnavailable as error:
            if replies:
                break
            if _nobody_answers(journey, bench):
                raise  # the step breaks, and a retry of the instance asks again with nothing used up
            return Said("no_reply", (_kept(request),), note=str(error))
        bench.faults.reach("after_call")
        replies.append(replace(reply, sample=sample))
        if reply.finish is FinishReason.EXHAUSTED:
            break
    spoke = any(reply.finish is not FinishReason.EXHAUSTED for reply in replies)
    return Said("replied" if spoke else "no_reply", (_kept(request), *replies))


def _nobody_answers(journey: Journey, bench: Workbench) -> bool:
    """Whether no model has answered so far and none is left to ask."""
    above = range(journey.rung + 1, len(bench.settings.ladder))
    return not any(attempt.replies for attempt in journey.attempts) and set(above) <= set(journey.unavailable_rungs)


def prompt_budget(context_tokens: int, room_tokens: int) -> int:
    """Tokens for a whole prompt: what an 8B model can follow, more where a phase gives the context more, never past the room."""
    return min(max(PROMPT_BUDGET_TOKENS, context_tokens + _BESIDE_THE_CONTEXT_TOKENS), room_tokens)


def _kept(request: ModelRequest) -> ModelRequest:
    """What the request shows is in the journey already; the ledger keeps only its words."""
    return replace(request, context=None, reproduction=None, problem_statement="", tried=())


def edit_request(journey: Journey, bench: Workbench) -> ModelRequest:
    """The request of the attempt in hand, for its first sample."""
    attempt, rung, decision = journey.attempt, bench.rung(journey.rung), journey.decision
    edit_format = (decision.edit_format if decision else None) or rung.format
    told = story(
        tuple(a.feedback for a in journey.attempts if a.feedback),
        decision,
        stage_reached={a.number: max((a.stages_passed(c) for c in a.candidates), default=0) for a in journey.attempts},
        detail=bench.settings.feedback.detail,
    )
    messages = edit_messages(
        bench.prompts,
        task=journey.the_task,
        context=attempt.context,
        reproduction=journey.reproduction,
        feedback=told,
        edit_format=edit_format,
        opening=Opening(first_context(journey), rung.format),
        budget_tokens=prompt_budget(bench.settings.context.budget_tokens, rung.context_tokens - rung.max_output_tokens),
        full_attempts=bench.settings.feedback.full_attempts,
        count_tokens=bench.model(journey.rung).count_tokens,
    )
    shift = decision.temperature_shift if decision else 0.0
    return ModelRequest(
        model=rung.model,
        purpose="edit",
        instance_id=journey.instance_id,
        attempt=attempt.number,
        sample=0,
        messages=messages,
        sampling=Sampling(
            temperature=None if rung.temperature is None else min(2.0, rung.temperature + shift),
            seed=bench.settings.seed * 10_000 + attempt.number * 100,
            max_output_tokens=rung.max_output_tokens,
            context_tokens=rung.context_tokens,
            effort=rung.effort,
        ),
        edit_format=edit_format,
        constant_prefix=EDIT_CONSTANT_PREFIX,
        context=attempt.context,
        reproduction=journey.reproduction,
        problem_statement=journey.the_task.problem_statement,
        tried=_fingerprints(journey),
        ordinal=sum(len(a.replies) for a in journey.attempts if a.rung == journey.rung),
    )


def first_context(journey: Journey) -> Context:
    """The context with which the rung's first attempt on this instance began."""
    return next(attempt.context for attempt in journey.attempts if attempt.rung == journey.rung)


def parsing_edits(journey: Journey, bench: Workbench) -> Said:
    """Read each reply; a repair that was tried before, in whatever words, is no new candidate."""
    attempt = journey.attempt
    known = {c.fingerprint: c.candidate_id for a in journey.attempts for c in a.candidates if c.fingerprint}
    made: list[Candidate] = []
    refused: list[EditRefusal] = []
    for reply in attempt.replies:
        if reply.finish is FinishReason.EXHAUSTED:
            continue
        candidate = read_candidate(reply, attempt, bench, first_context(journey))
        if isinstance(candidate, EditRefusal):
            refused.append(replace(candidate, sample=reply.sample))
        elif candidate.fingerprint and candidate.fingerprint in known:
            refused.append(replace(_REPEATED, sample=reply.sample, same_as=known[candidate.fingerprint]))
        else:
            known[candidate.fingerprint] = candidate.candidate_id
            made.append(candidate)
    diffs = bench.patches.make([candidate.changes for candidate in made])
    candidates = [replace(candidate, diff=diff) for candidate, diff in zip(made, diffs, strict=True)]
    return thought("parsed" if made else "nothing_new", *candidates, *refused)


def read_candidate(
    reply: Reply, attempt: Attempt, bench: Workbench, opening: Context | None = None
) -> Candidate | EditRefusal:
    """A reply as a candidate without its diff yet, or why it is none. Edits that do not apply are for JUDGE_APPLIES to refuse.

    `opening` is what the prompt showed beside the attempt's own context.
    """
    if reply.finish in _UNUSABLE:
        return EditRefusal(str(reply.finish), _UNUSABLE[reply.finish])
    request = attempt.requests[-1]
    seen = (*attempt.context.excerpts, *(opening.excerpts if opening else ()))
    shown = tuple(dict.fromkeys(excerpt.location.path for excerpt in seen))
    edits = FORMATS[request.edit_format].parse(reply.text, bench.tree, shown)
    if isinstance(edits, EditRefusal):
        return edits
    candidate = Candidate(
        candidate_id=f"{attempt.number}.{reply.sample}",
        attempt=attempt.number,
        sample=reply.sample,
        rung=attempt.rung,
        model=reply.model,
        edits=edits,
        strategy=attempt.context.strategy,
    )
    applied = apply_edits(edits, bench.tree)
    if isinstance(applied, EditRefusal):
        return replace(candidate, refusal=applied)
    return replace(
        candidate,
        changes=applied.changes,
        landings=applied.landings,
        fingerprint=fingerprint_changes(applied.changes),
    )


def fingerprint_changes(changes: tuple[FileChange, ...]) -> str:
    """Hash of the normalised result: equal for repairs that differ only in comments, formatting or local names."""
    parts = []
    for change in sorted(changes, key=lambda c: c.path):
        if change.after is None:
            normal = "deleted"
        elif change.path.endswith(".py"):
            normal = syntax.fingerprint(syntax.decode_source(change.after)[0])
        else:
            normal = hashlib.sha256(change.after).hexdigest()
        parts.append(f"{change.path}:{normal}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _fingerprints(journey: Journey) -> tuple[str, ...]:
    return tuple(c.fingerprint for a in journey.attempts for c in a.candidates if c.fingerprint)
