"""Tools that only remember: a workbench on which nothing can be called, run, opened or graded."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from orchestrator.clock import Clock
from orchestrator.errors import ModelUnavailable, ReplayDiffers
from orchestrator.journey import Journey, Transition
from orchestrator.ledger import Ledger
from orchestrator.memory.recording import RecordingModel, RecordingSandbox, RecordingTree
from orchestrator.prompts import PromptSet
from orchestrator.protocols import Model, ModelIdentity
from orchestrator.records import ModelRequest, Reply, Task
from orchestrator.repo.diff import PatchMaker
from orchestrator.settings import Settings
from orchestrator.steps import Tools, Workbench


class Absent:
    """What a replay does not have. Whoever asks for it goes another way than the run did."""

    name = "replay"
    sha256 = ""

    def __init__(self, what: str) -> None:
        self._what = what

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ReplayDiffers(f"this replay asks for {self._what}, which the run did not ask for here")

    instance_ids = task = sealed = repository = load = grade = open = check = sweep = _refuse


class Recorded:
    """A model of the run: what it said, and that it could not be reached where it could not.

    `transition` is the recorded step in hand. A request in other words still gets the recorded reply: the step's records
    show the difference better than a refusal would.
    """

    def __init__(self, name: str, ledger: Ledger) -> None:
        self._model = RecordingModel(None, name, ledger, Clock().wall)
        self.transition: Transition | None = None

    @property
    def name(self) -> str:
        """The model's name as typed."""
        return self._model.name

    def identify(self) -> ModelIdentity:
        """A name and nothing more."""
        return self._model.identify()

    def count_tokens(self, text: str) -> int:
        """An estimate, for texts that the run never counted."""
        return self._model.count_tokens(text)

    def complete(self, request: ModelRequest) -> Reply:
        """The recorded reply. Raises ModelUnavailable where the run's model was not there, ReplayDiffers where none was asked."""
        recorded = self.transition
        if recorded is not None and recorded.state == "GENERATING":
            replies = [record for record in recorded.records if isinstance(record, Reply)]
            if request.sample >= len(replies):
                raise ModelUnavailable(recorded.note)
            if request.purpose == "edit":
                return replies[request.sample]
        return self._model.complete(request)


def recorded_models(settings: Settings, ledger: Ledger) -> tuple[Recorded, ...]:
    """The models of the ladder as they answered."""
    return tuple(Recorded(rung.model, ledger) for rung in settings.ladder)


def remembering_bench(
    ledger: Ledger,
    instance_id: str,
    *,
    patches: PatchMaker,
    models: tuple[Model, ...],
    settings: Settings,
    prompts: PromptSet | None = None,
) -> Workbench:
    """A workbench on a ledger (open for reading) with nothing behind it; prompts as recorded unless others are given."""
    meta = ledger.meta()
    reviewer = settings.judge.reviewer
    clock = Clock()
    secret = bytes.fromhex(meta["secret"])
    tools = Tools(
        settings=settings,
        ledger=ledger,
        benchmark=Absent("the benchmark"),
        engine_for=_no_engine,
        models=models,
        reviewer=None if reviewer == "none" else Recorded(reviewer, ledger),
        prompts=prompts or PromptSet(settings.prompt_set, dict(meta["prompt_files"])),
        index=cast("Any", Absent("the index of the repository")),
        grader=Absent("grading"),
        patches=patches,
        secret=secret,
        clock=clock,
    )
    return Workbench(
        tools,
        Journey(instance_id, ""),
        tree=RecordingTree(None, instance_id, ledger, clock.wall),
        sandbox=RecordingSandbox(None, instance_id, ledger, secret, clock.wall),
    )


def _no_engine(task: Task) -> NoReturn:
    raise ReplayDiffers(f"{task.instance_id}: this replay opens a sandbox, which the run did not do here")
