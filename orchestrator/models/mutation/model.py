"""The model that is none: it answers a request's n-th sample with the n-th best idea for its context."""

from __future__ import annotations

import threading
from collections import OrderedDict

from orchestrator.models.mutation.hints import Hints
from orchestrator.models.mutation.ideas import Ideas
from orchestrator.models.mutation.reading import read_scopes
from orchestrator.models.mutation.render import render
from orchestrator.models.mutation.suspicion import suspect
from orchestrator.protocols import ModelIdentity
from orchestrator.records import Context, FinishReason, ModelRequest, Reply, Reproduction, Usage

NAME = "mutation"
_REMEMBERED = 8
_Key = tuple[Context, Reproduction | None, str]


class MutationModel:
    """Template-based program repair behind the Model protocol: no LLM, no cost, the same reply for the same request.

    It answers from `context`, `reproduction` and `problem_statement`; the number of the idea is the request's `ordinal`.
    Ideas of a context are worked out once and remembered, which changes nothing but the time that it takes.
    """

    def __init__(self) -> None:
        self._ideas: OrderedDict[_Key, Ideas] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """See Model."""
        return NAME

    def identify(self) -> ModelIdentity:
        """Always ready; says that it is no LLM."""
        return ModelIdentity(NAME, NAME, takes_temperature=False, is_llm=False)

    def count_tokens(self, text: str) -> int:
        """Four characters a token: it reads no prompt, but contexts are cut by this count like an LLM's."""
        return len(text) // 4 + 1

    def complete(self, request: ModelRequest) -> Reply:
        """The next idea in the request's edit format; EXHAUSTED where there is none, with the reason as its note."""
        if request.purpose != "edit":
            return self._none(request, "there is no LLM here to review")
        if request.context is None or not request.context.excerpts:
            return self._none(request, "no source was shown")
        proposal = self._ideas_for(request.context, request).proposal(request.ordinal)
        if proposal is None:
            return self._none(request, f"no idea is left after {request.ordinal}")
        text = render(proposal, request.edit_format)
        if text is None:
            return self._none(
                request, f"the format {request.edit_format} needs whole files; use function or search-replace"
            )
        return self._reply(request, text, FinishReason.STOP, ", ".join(proposal.operators))

    def _ideas_for(self, context: Context, request: ModelRequest) -> Ideas:
        key = (context, request.reproduction, request.problem_statement)
        with self._lock:
            if key not in self._ideas:
                self._ideas[key] = think(context, request.reproduction, request.problem_statement)
            self._ideas.move_to_end(key)
            while len(self._ideas) > _REMEMBERED:
                self._ideas.popitem(last=False)
            return self._ideas[key]

    def _none(self, request: ModelRequest, why: str) -> Reply:
        return self._reply(request, "", FinishReason.EXHAUSTED, why)

    def _reply(self, request: ModelRequest, text: str, finish: FinishReason, note: str) -> Reply:
        return Reply(
            text, finish, request.model, usage=Usage(), cost_usd=0.0, sample=request.sample, note=f"no LLM: {note}"
        )


def think(context: Context, reproduction: Reproduction | None, problem_statement: str) -> Ideas:
    """The ideas for a context, in their order; they are made as they are asked for."""
    failing = reproduction if reproduction is not None and reproduction.accepted else None
    hints = Hints(problem_statement, failing.failure if failing else "")
    scopes = read_scopes(context, hints)
    executed = failing.executed if failing else ()
    return Ideas(scopes, suspect([scope.unit for scope in scopes], context.targets, executed, hints))
