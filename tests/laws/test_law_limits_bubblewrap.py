"""The law of limits: what runs in a bubblewrap sandbox cannot outgrow what it was given, and ends when its time is over."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from orchestrator.protocols import Sandbox, SandboxOutcome, SandboxResult
from orchestrator.records import Task
from orchestrator.repo.objects import GitRepository
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from tests.laws.bubblewrapped import processes_named, say
from tests.laws.conftest import RUN_ID


def test_a_fork_bomb_is_held(sandbox: Sandbox) -> None:
    """The process limit holds, the run ends, and no process is left."""
    marker = f"bomb{os.getpid()}"
    script = f"bomb() {{ for i in $(seq 40); do (exec -a {marker} sleep 60) & (bomb) & done; wait; }}; bomb 2>/dev/null"
    result = say(sandbox, script, timeout_s=3.0)
    assert result.outcome in {
        SandboxOutcome.TIMEOUT,
        SandboxOutcome.EXITED,
        SandboxOutcome.OUTPUT_LIMIT,
        SandboxOutcome.OOM,
    }
    assert processes_named(marker) == []
    assert say(sandbox, "true").exit_code == 0


def test_memory_is_limited(sandbox: Sandbox) -> None:
    """A command that takes too much memory is OOM where a control group holds, else it gets a MemoryError."""
    result = say(sandbox, "python -c 'x = bytearray(1 << 30); print(len(x))'; exit 3")
    if sandbox.profile.limits["memory"].startswith("cgroup"):
        assert result.outcome is SandboxOutcome.OOM
        assert "memory limit" in result.detail
    assert b"1073741824" not in result.output


def test_disk_and_files_are_limited(sandbox: Sandbox) -> None:
    """Neither one file nor the working copy nor shared memory can grow past its limit."""
    one = say(sandbox, "head -c 40000000 /dev/zero > /testbed/big; stat -c %s big")
    assert int(one.output.split()[-1]) <= 32 * 2**20
    for folder, size in (("/tmp", 64), ("/testbed", 64), ("/dev/shm", 64)):
        many = say(
            sandbox,
            f"for i in 1 2 3 4; do head -c 30000000 /dev/zero > {folder}/f$i 2>/dev/null; done; du -xsm {folder} | cut -f1",
        )
        assert many.outcome is SandboxOutcome.OOM or int(many.output.split()[-1]) <= size + 1


@pytest.mark.parametrize(
    "script",
    ["sleep 60", "while :; do :; done", "trap '' TERM INT; sleep 60 & wait; sleep 60", "setsid sleep 60 & wait"],
)
def test_a_hang_is_a_timeout_and_leaves_nothing(sandbox: Sandbox, script: str) -> None:
    """Whatever ignores signals or leaves its group dies with the sandbox; what was printed is kept."""
    marker = f"hang-{os.getpid()}"
    result = say(sandbox, f"echo before; (exec -a {marker} sleep 60) & {script}", timeout_s=1.0)
    assert result.outcome is SandboxOutcome.TIMEOUT
    assert result.exit_code is None
    assert result.output == b"before\n"
    assert result.duration_s < 5
    assert processes_named(marker) == []


def test_silence_is_an_idle_timeout(sandbox: Sandbox) -> None:
    """A command that prints now and then lives on; one that falls silent does not."""
    talks = say(sandbox, "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done", idle_timeout_s=0.9)
    assert talks.outcome is SandboxOutcome.EXITED
    silent = say(sandbox, "echo one; sleep 30", idle_timeout_s=0.5)
    assert silent.outcome is SandboxOutcome.IDLE_TIMEOUT


def test_endless_output_is_cut_and_killed(sandbox: Sandbox) -> None:
    """Head and tail of what was printed are kept, within the limit."""
    result = say(sandbox, "echo first; yes", output_limit_bytes=10_000)
    assert result.outcome is SandboxOutcome.OUTPUT_LIMIT
    assert result.output_truncated
    assert result.output.startswith(b"first\n")
    assert len(result.output) < 10_100


def test_a_daemon_dies_with_the_script(sandbox: Sandbox) -> None:
    """The run ends when the script ends, not when its last child does, and the child is gone."""
    marker = f"daemon-{os.getpid()}"
    started = time.monotonic()
    result = say(sandbox, f"(setsid bash -c 'exec -a {marker} sleep 60' &) ; sleep 0.1; exit 5")
    assert (result.outcome, result.exit_code) == (SandboxOutcome.EXITED, 5)
    assert time.monotonic() - started < 5
    assert processes_named(marker) == []


def test_many_sandboxes_at_once(sandbox: Sandbox) -> None:
    """Runs at the same time get their own output and results."""
    seen: dict[int, SandboxResult] = {}

    def one(number: int) -> None:
        seen[number] = say(
            sandbox, f"echo {number}; echo {number} > /tmp/n/out; touch f{number}; ls f*", results_path="/tmp/n/out"
        )

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: (r.output, r.results) for n, r in seen.items()} == {
        n: (f"{n}\nf{n}\n".encode(), f"{n}\n".encode()) for n in range(6)
    }


def test_no_descriptors_or_groups_stay_behind(engine: BubblewrapEngine, sandbox: Sandbox) -> None:
    """After many runs, also failed ones, we hold as many descriptors as before, and nothing is left to sweep."""
    say(sandbox, "true")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for script, more in (
        ("true", {}),
        ("sleep 9", {"timeout_s": 0.2}),
        ("true", {"patch": b"nonsense"}),
        ("true", {"results_path": "/tmp/n/x"}),
    ):
        say(sandbox, script, **more)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert engine.sweep(RUN_ID) == 0


def test_without_control_groups_resource_limits_hold(task: Task, toy: GitRepository, engine: BubblewrapEngine) -> None:
    """Where no group can be made, address space and process count are limited instead, and the profile says so."""
    from tests.laws.conftest import SMALL

    sandbox = BubblewrapEngine(SMALL, cgroup_parents=()).open(task, toy)
    assert sandbox.profile.limits["memory"].startswith("rlimit_as")
    taken = say(sandbox, "python -c 'bytearray(1 << 30)'")
    assert b"MemoryError" in taken.output
    forked = say(sandbox, "for i in $(seq 100); do sleep 5 & done; echo $(jobs -p | wc -l)", timeout_s=10.0)
    assert forked.exit_code != 0 or int(forked.output.split()[-1]) <= 64
