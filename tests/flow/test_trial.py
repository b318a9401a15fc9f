"""New prompts on recorded inputs: nothing that was recorded is asked again, and what comes out is paired."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.clock import Clock
from orchestrator.errors import LedgerError, ModelUnavailable, PromptError, UserError
from orchestrator.launch.session import StopSwitch
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.prompts import PromptSet
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply
from orchestrator.replay.campaign import Ask, Trial, log_trial, run_trial, trial_lines
from orchestrator.replay.trial import compare_states
from orchestrator.steps import Tools
from orchestrator.steps.workbench import Silent
from orchestrator.tuning.checks import read_log
from orchestrator.tuning.tiers import tuned_instances
from tests.flow.lab import BROKEN, PROSE, RIGHT, Lab
from tests.flow.recorded import make_set


class Scribe:
    """A model that answers by a rule and remembers what it was asked."""

    name = "scribe"

    def __init__(self, rule: Mapping[str, str]) -> None:
        self._rule = rule
        self.requests: list[ModelRequest] = []

    def identify(self) -> ModelIdentity:
        """A name."""
        return ModelIdentity(self.name, "scripted")

    def count_tokens(self, text: str) -> int:
        """Four characters a token."""
        return len(text) // 4 + 1

    def complete(self, request: ModelRequest) -> Reply:
        """What the rule says of the first phrase that the prompt holds."""
        self.requests.append(request)
        prompt = request.messages[-1].content
        text = next((text for phrase, text in self._rule.items() if phrase in prompt), PROSE)
        return Reply(text, FinishReason.STOP, self.name)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A run with one instance that is repaired at once and two that are not read or not clean at first."""
    done = Lab(
        tmp_path_factory.mktemp("lab"),
        scripts={"lab__first-1": (RIGHT,), "lab__second-1": (PROSE, RIGHT), "lab__third-1": (BROKEN, RIGHT)},
    )
    done.start()
    return done


def tried(lab: Lab, prompt_set: PromptSet, model: Any, ask: Ask = Ask()) -> Trial:  # noqa: B008 - frozen
    """A trial with `model` on every rung, and nothing else that could be opened."""

    class Nothing:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} is not needed before JUDGE_IMPORTS")

    def make_tools(ledger: Ledger, settings: Any) -> Tools:
        tools = lab.make_tools(ledger, settings, StopSwitch(Clock()), Silent())
        nothing: Any = Nothing()
        models = [model for _ in settings.ladder]
        return replace(tools, models=models, benchmark=nothing, engine_for=nothing, grader=nothing, index=nothing)

    return run_trial(lab.run_folder, prompt_set, ask, make_tools=make_tools, machine=lab.machine)


def test_what_was_recorded_is_not_asked_again(lab: Lab) -> None:
    """The same set on the same inputs spends no call, opens nothing, and comes out the same."""
    scribe = Scribe({})
    trial = tried(lab, replace(lab.prompts, folder=None), scribe)
    assert scribe.requests == []
    assert [p.old == p.new for p in trial.pairings] == [True, True, True]
    assert [p.old[0].passed for p in trial.pairings] == [6, 1, 5]


def test_new_prompts_are_asked_once_for_each_input(lab: Lab, tmp_path: Path) -> None:
    """Only the new side is asked; what it gained and lost is counted by instance, with reasons."""
    mine = PromptSet.load(make_set(tmp_path, "mine", "Take your time.").parent, "mine")
    scribe = Scribe({"Take your time.": RIGHT})
    trial = tried(lab, mine, scribe)
    assert [(r.instance_id, r.attempt) for r in scribe.requests] == [(i, 1) for i in lab.benchmark.instance_ids()]
    compared = {c.state: c for c in compare_states(trial.pairings, "JUDGE_LINTS")}
    goal = compared["JUDGE_LINTS"]
    assert [p.instance_id for p in goal.better] == ["lab__second-1", "lab__third-1"]
    assert goal.worse == ()
    applies = compared["JUDGE_APPLIES"]
    assert (applies.old_rate, applies.new_rate) == (pytest.approx(2 / 3), 1.0)
    assert [p.instance_id for p in applies.better] == ["lab__second-1"]
    lines = "\n".join(map(str, trial_lines(trial)))
    assert "better on 2, worse on 0 instances" in lines
    assert "default: lints: shapes.py" in lines
    assert "0 model calls (3 as recorded)" in lines
    assert "3 model calls (0 as recorded)" in lines


def test_the_inputs_are_those_of_the_attempt(lab: Lab, tmp_path: Path) -> None:
    """Attempt 2 sees the recorded feedback of attempt 1; instances without one are left out."""
    mine = PromptSet.load(make_set(tmp_path, "mine", "Take your time.").parent, "mine")
    scribe = Scribe({"wdith": RIGHT})
    trial = tried(lab, mine, scribe, Ask(attempt=2))
    assert [p.instance_id for p in trial.pairings] == ["lab__second-1", "lab__third-1"]
    assert "wdith" in scribe.requests[1].messages[-1].content


def test_samples_ask_the_old_set_too(lab: Lab, tmp_path: Path) -> None:
    """With --repeat the first old sample is the recorded one, the others are asked, each with its own seed."""
    mine = PromptSet.load(make_set(tmp_path, "mine", "Take your time.").parent, "mine")
    scribe = Scribe({"Take your time.": RIGHT})
    trial = tried(lab, mine, scribe, Ask(repeat=2, limit=1))
    assert [r.asked for r in trial.pairings[0].old] == [0, 1]
    assert [r.asked for r in trial.pairings[0].new] == [1, 1]
    assert len({r.sampling.seed for r in scribe.requests}) == 2


def test_only_what_failed(tmp_path: Path) -> None:
    """--only-failed leaves resolved instances out, -n takes the first of the rest."""
    lab = Lab(tmp_path, scripts={"lab__first-1": (RIGHT,), "lab__fourth-1": (PROSE, PROSE, PROSE, PROSE)})
    lab.start()
    trial = tried(lab, lab.prompts, Scribe({}), Ask(only_failed=True))
    assert [p.instance_id for p in trial.pairings] == ["lab__fourth-1"]
    assert lab.grader.graded == ["lab__first-1"]


def test_a_trial_is_written_into_the_sets_log(lab: Lab, tmp_path: Path) -> None:
    """Its instances are tuned on from then on, for this set and for those that inherit it; the hash stays."""
    folder = make_set(tmp_path, "mine", "Take your time.")
    mine = PromptSet.load(tmp_path, "mine")
    log_trial(tried(lab, mine, Scribe({})), "patience")
    (entry,) = read_log(folder)
    assert (entry.changed, entry.sha256) == ("patience", mine.sha256)
    assert "worse on 1 of 3" in entry.result
    (tmp_path / "heir").mkdir()
    (tmp_path / "heir" / "set.toml").write_text('name = "heir"\ninherits = "mine"\n')
    assert tuned_instances(tmp_path, "heir") == frozenset(lab.benchmark.instance_ids())
    assert PromptSet.load(tmp_path, "mine").sha256 == mine.sha256


def test_a_file_that_the_run_never_read_comes_from_the_repository(lab: Lab, tmp_path: Path) -> None:
    """A new reply may edit another file: the repository is opened then, and only then."""
    from orchestrator.memory.recording import RecordingTree
    from orchestrator.replay.trial import RecordedFirst
    from tests.flow.lab import SOURCE, make_repository

    opened: list[str] = []

    def open_tree() -> Any:
        opened.append("repository")
        return make_repository(SOURCE.encode())

    with contextlib.closing(Ledger(lab.run_folder / LEDGER, read_only=True)) as ledger:
        tree = RecordedFirst(RecordingTree(None, "lab__second-1", ledger, Clock().wall), open_tree)
        assert b"def area" in tree.read("shapes.py")
        assert opened == []
        unread = RecordedFirst(RecordingTree(None, "lab__ninth-1", ledger, Clock().wall), open_tree)
        assert b"def area" in unread.read("shapes.py")
        assert opened == ["repository"]
        with pytest.raises(KeyError):
            unread.read("nowhere.py")


def test_a_model_that_is_gone_says_nothing_of_the_prompts(lab: Lab, tmp_path: Path) -> None:
    """The trial ends with its message instead of counting a failure."""

    class Gone(Scribe):
        def complete(self, request: ModelRequest) -> Reply:
            raise ModelUnavailable("connection refused")

    mine = PromptSet.load(make_set(tmp_path, "mine", "Take your time.").parent, "mine")
    with pytest.raises(ModelUnavailable, match="connection refused"):
        tried(lab, mine, Gone({}))


@pytest.mark.parametrize(
    ("ask", "error", "told"),
    [
        (Ask(until="JUDGE_LINT"), UserError, "--until JUDGE_LINT: a trial can go up to .*JUDGE_LINTS"),
        (Ask(attempt=7), LedgerError, "no instance with an attempt 7"),
    ],
)
def test_what_cannot_be_tried_is_named(lab: Lab, ask: Ask, error: type[UserError], told: str) -> None:
    """With what can be."""
    with pytest.raises(error, match=told):
        tried(lab, lab.prompts, Scribe({}), ask)


def test_a_set_with_an_unknown_variable_costs_no_token(lab: Lab, tmp_path: Path) -> None:
    """The template and the variable are named before a model is asked."""
    folder = make_set(tmp_path, "mine", "{{ moood }}")
    scribe = Scribe({})
    with pytest.raises(PromptError, match=r"edit-now\.md uses moood, which it is not given.*ramp prompts check"):
        tried(lab, PromptSet.load(folder.parent, "mine"), scribe)
    assert scribe.requests == []


def test_a_set_that_quotes_an_issue_is_refused(lab: Lab, tmp_path: Path) -> None:
    """Eight words of a problem statement in a prompt are refused before a model is asked; the instance can be allowed by name."""
    quote = "Calling `area(2, 5)` in shapes.py gives 7, I expected 10."
    folder = make_set(tmp_path, "mine", quote)
    scribe = Scribe({})
    with pytest.raises(PromptError, match=r"(?s)shares words with 3.*allow_overlap"):
        tried(lab, PromptSet.load(tmp_path, "mine"), scribe)
    assert scribe.requests == []
    ids = json.dumps(list(lab.benchmark.instance_ids()))
    (folder / "set.toml").write_text(f'name = "mine"\ninherits = "default"\nallow_overlap = {ids}\n')
    tried(lab, PromptSet.load(tmp_path, "mine"), scribe)
    assert len(scribe.requests) == 3
