"""A recorded run comes out again from its ledger alone; a branch goes on from it; new prompts are tried on it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator import __version__
from orchestrator.errors import LedgerError
from orchestrator.ledger import LEDGER
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.replay.drive import Window, difference_of, first_differing, replay_instance, within
from orchestrator.steps import Tools
from tests.flow.lab import BROKEN, HOST_STAGES, PROSE, RIGHT, WRONG, Lab
from tests.flow.recorded import differing, opened, replayed


def sql(folder: Path, statement: str, *values: Any) -> None:
    """Change a ledger behind its back."""
    with contextlib.closing(sqlite3.connect(folder / LEDGER)) as connection, connection:
        connection.execute(statement, values)


# --- as recorded ----------------------------------------------------------------------------------------


def test_a_run_comes_out_as_recorded(lab: Lab) -> None:
    """No step differs, and most are computed, not taken."""
    steps = [step for steps in replayed(lab.run_folder, lab).values() for step in steps]
    assert [step.difference for step in steps if step.difference] == []
    computed = {step.transition.state for step in steps if not step.why_taken}
    assert computed >= {
        "GENERATING",
        "PARSING_EDITS",
        "JUDGE_LINTS",
        "JUDGE_CONSENSUS",
        "DIAGNOSING",
        "DECIDING",
        "EXPORTING_PATCH",
    }


def test_another_prompt_shows_as_the_request_that_differs(lab: Lab, copied: Path) -> None:
    """Prompts are rendered anew from the recorded set: each GENERATING differs, nothing else, and the words are shown."""
    files = dict(lab.prompts.files)
    files["edit-now.md"] = files["edit-now.md"] + "\nTake your time.\n"
    sql(copied, "UPDATE meta SET value = ? WHERE key = 'prompt_files'", json.dumps(files))
    assert {state for _, state in differing(copied, lab)} == {"GENERATING"}
    step = first_differing(replayed(copied, lab)["lab__first-1"])
    assert step is not None
    sql(copied, "UPDATE meta SET value = replace(value, ?, '0.0.1') WHERE key = 'stamps'", __version__)
    with opened(copied) as ledger:
        told = difference_of(ledger, "lab__first-1", step)
    assert told.exit_code == 5
    assert re.search(r"(?s)attempt 1, GENERATING.*messages\[2\].*\+Take your time", str(told))
    assert "made by ramp 0.0.1" in str(told)
    assert f"ramp replay {copied} lab__first-1 --attempt 1 --live-from GENERATING" in str(told)


def test_one_difference_makes_no_other(lab: Lab, copied: Path) -> None:
    """A finding that was recorded otherwise is one difference: the next steps start from what was recorded."""
    where = "instance_id = 'lab__second-1' AND state = 'JUDGE_LINTS' AND event = 'none_left'"
    sql(copied, f"UPDATE transitions SET records = replace(records, '\"fail\"', '\"abstain\"') WHERE {where}")
    found = differing(copied, lab)
    assert found[0] == ("lab__second-1", "JUDGE_LINTS")
    assert {instance for instance, _ in found} == {"lab__second-1"}


def test_another_setting_shows_where_it_decides(lab: Lab, copied: Path) -> None:
    """A policy that decides otherwise differs in DECIDING, with both events."""
    settings = lab.settings.model_dump(mode="json")
    sql(copied, "UPDATE meta SET value = ? WHERE key = 'settings'", json.dumps({**settings, "attempts": 1}))
    step = first_differing(replayed(copied, lab)["lab__second-1"])
    assert step is not None
    assert (step.transition.state, step.attempt) == ("DECIDING", 1)


def test_a_stopped_and_resumed_run_replays(tmp_path: Path) -> None:
    """A stop and a retry in the middle are taken as recorded, and what follows is held against the record."""
    stopping = Lab(tmp_path, scripts={"lab__second-1": (PROSE, BROKEN, RIGHT)})
    seen: list[str] = []

    class Once(Lab):
        def make_tools(self, ledger, settings, switch, observer) -> Tools:
            def reason() -> str:
                return "enough for now" if len(seen) == 0 and list(ledger.transitions("lab__second-1"))[12:] else ""

            return replace(super().make_tools(ledger, settings, switch, observer), stop_reason=reason)

    stopping = Once(tmp_path, scripts=stopping.scripts)
    stopping.start()
    assert stopping.states() == {"lab__second-1": "STOPPED"}
    seen.append("resumed")
    stopping.resume()
    assert stopping.states() == {"lab__second-1": "RESOLVED"}
    assert differing(stopping.run_folder, stopping) == []


# --- sandbox results and token counts -------------------------------------------------------------------


def importing(command: SandboxCommand) -> SandboxResult:
    """A sandbox in which every module imports but one that multiplies by `wrong`."""
    plan = json.loads(command.environment["RAMP_PLAN"])
    said = {"imported": b"wdith" not in command.patch, "exception": "NameError", "text": "NameError: wdith"}
    report = {
        "nonce": command.environment["RAMP_NONCE"],
        "done": True,
        "modules": {name: said for _, name in plan["modules"]},
    }
    return SandboxResult(SandboxOutcome.EXITED, 0, b"", results=json.dumps(report).encode())


@pytest.fixture(scope="module")
def sandboxed(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab that asks a sandbox whether modules import, and finds that one does not."""
    stages = [stage for stage in HOST_STAGES if stage != "lints"] + ["imports"]
    done = Lab(
        tmp_path_factory.mktemp("sandboxed"),
        scripts={"lab__first-1": (BROKEN, RIGHT)},
        changes={"judge": {"stages": stages}},
        answer_run=importing,
    )
    done.start()
    return done


def test_sandbox_results_are_read_again_and_found_genuine(sandboxed: Lab) -> None:
    """Nonces are made again from the run's secret, so a recorded report still carries the right one."""
    steps = replayed(sandboxed.run_folder, sandboxed)["lab__first-1"]
    judged = [step for step in steps if step.transition.state == "JUDGE_IMPORTS"]
    assert [(s.transition.event, s.difference, s.why_taken) for s in judged] == [
        ("none_left", None, ""),
        ("passed", None, ""),
    ]


def test_with_another_secret_nothing_is_genuine(sandboxed: Lab, tmp_path: Path) -> None:
    """The nonces do count: a replay that makes others refuses the recorded reports."""
    folder = Path(shutil.copytree(sandboxed.run_folder, tmp_path / "run"))
    sql(folder, "UPDATE meta SET value = ? WHERE key = 'secret'", json.dumps("00" * 32))
    assert ("lab__first-1", "JUDGE_IMPORTS") in differing(folder, sandboxed)


def test_a_result_that_was_not_recorded_is_a_difference(sandboxed: Lab, tmp_path: Path) -> None:
    """A replay never runs anything: a missing result is named with the step."""
    folder = Path(shutil.copytree(sandboxed.run_folder, tmp_path / "run"))
    sql(folder, "DELETE FROM memos WHERE kind = 'run'")
    step = first_differing(replayed(folder, sandboxed)["lab__first-1"])
    assert step is not None
    assert step.difference is not None
    assert "no sandbox result was recorded" in step.difference.now


class Drifting(Lab):
    """A lab whose models count more tokens each time, as an estimator that learns may."""

    def make_tools(self, *args: Any) -> Tools:
        """The lab's tools with drifting counts."""
        tools = super().make_tools(*args)

        class Drift:
            def __init__(self, model: Any) -> None:
                self._model, self._asked = model, 0

            def __getattr__(self, name: str) -> Any:
                return getattr(self._model, name)

            def count_tokens(self, text: str) -> int:
                self._asked += 1
                return len(text) * (1 + self._asked)

        return replace(tools, models=[Drift(model) for model in tools.models])


def test_prompts_are_cut_at_the_same_line_again(tmp_path: Path) -> None:
    """Token counts of the moment are in the ledger: without them the same prompts could not be made."""
    drifting = Drifting(tmp_path, scripts={"lab__second-1": (BROKEN, WRONG, BROKEN.replace("wdith", "hieght"), RIGHT)})
    drifting.start()
    assert differing(drifting.run_folder, drifting) == []
    sql(drifting.run_folder, "DELETE FROM memos WHERE kind = 'tokens'")
    assert {state for _, state in differing(drifting.run_folder, drifting)} == {"GENERATING"}


# --- windows and bad input ------------------------------------------------------------------------------


def test_a_window_shows_part_of_a_journey(lab: Lab) -> None:
    """One attempt, from one state to another."""
    steps = iter(replayed(lab.run_folder, lab)["lab__second-1"])
    shown = within(steps, Window(2, "PARSING_EDITS", "JUDGE_LINTS"), lab.machine)
    assert [step.transition.state for step in shown] == [
        "PARSING_EDITS", "JUDGE_APPLIES", "JUDGE_SCOPE", "JUDGE_PARSES", "JUDGE_LINTS",
    ]  # fmt: skip
    assert {step.attempt for step in shown} == {2}


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (Window(start="JUDGE_REVEIW"), "no state JUDGE_REVEIW"),
        (Window(start="ESCALATING"), "ESCALATING was never reached here; reached were: QUEUED"),
        (Window(attempt=9), "attempt 9 was never reached; this instance made 1 attempts"),
        (Window(start="EVALUATING", end="LOADING"), "swap them"),
    ],
)
def test_what_was_never_reached_is_named(lab: Lab, window: Window, told: str) -> None:
    """A state or an attempt that is not there is a message with what there is."""
    with pytest.raises(LedgerError, match=told):
        within(iter(replayed(lab.run_folder, lab)["lab__first-1"]), window, lab.machine)


def test_a_run_of_another_machine_is_refused(lab: Lab) -> None:
    """Steps of another table cannot be taken again; both hashes are named."""
    with opened(lab.run_folder) as ledger, pytest.raises(LedgerError, match=r"another states/machine\.toml"):
        next(replay_instance(ledger, replace(lab.machine, sha256="f" * 64), "lab__first-1"))


def test_an_instance_that_is_not_of_the_run_is_named(lab: Lab) -> None:
    """So is the way to see those that are."""
    with opened(lab.run_folder) as ledger, pytest.raises(LedgerError, match=r"no instance lab__ninth-1.*ramp inspect"):
        next(replay_instance(ledger, lab.machine, "lab__ninth-1"))


def test_a_damaged_step_is_named(lab: Lab, copied: Path) -> None:
    """Rows that are no longer what was written end in a message with the step, not in a trace."""
    sql(
        copied,
        "UPDATE transitions SET records = substr(records, 1, 60) WHERE instance_id = 'lab__first-1' AND state = 'GENERATING'",
    )
    with opened(copied) as ledger, pytest.raises(LedgerError, match=r"step \d+ of lab__first-1 is damaged; restore"):
        list(replay_instance(ledger, lab.machine, "lab__first-1"))


def test_a_damaged_blob_is_named(lab: Lab, copied: Path) -> None:
    """A blob that is no longer what its hash says is refused."""
    sql(copied, "UPDATE blobs SET data = x'00'")
    with opened(copied) as ledger, pytest.raises(LedgerError, match=r"blob .* is missing or damaged"):
        list(replay_instance(ledger, lab.machine, "lab__first-1"))
