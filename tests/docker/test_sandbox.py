"""The Docker sandbox on a real engine: outcomes, isolation, limits, and what hostile commands get."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orchestrator.errors import MissingPiece, SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome
from orchestrator.sandbox.docker import DockerSandbox
from tests.docker.conftest import EngineFor, Toy
from tests.docker.toy import GOLD, NOT_APPLYING, new_file

pytestmark = pytest.mark.docker


def test_the_command_starts_in_the_repository_with_its_patch(sandbox: DockerSandbox) -> None:
    """The exit code is the command's own, and both streams come in the order they were written in."""
    script = "pwd; echo problem >&2; cat shapes/area.py; exit 3"
    result = sandbox.run(SandboxCommand(script, patch=GOLD.encode()))
    assert (result.outcome, result.exit_code) == (SandboxOutcome.EXITED, 3)
    assert result.output == b"/testbed\nproblem\ndef area(width, height):\n    return width * height\n"


def test_two_runs_share_nothing(sandbox: DockerSandbox) -> None:
    """What one run leaves in the tree or in /tmp, the next does not see."""
    sandbox.run(SandboxCommand("echo x > mine; echo x > /tmp/mine"))
    assert sandbox.run(SandboxCommand("git status --short; ls /tmp")).output == b""


def test_a_patch_that_does_not_apply_is_its_own_outcome(sandbox: DockerSandbox) -> None:
    """The command does not run, and git's words are the output."""
    result = sandbox.run(SandboxCommand("echo ran", patch=NOT_APPLYING.encode()))
    assert result.outcome is SandboxOutcome.PATCH_FAILED
    assert b"patch does not apply" in result.output
    assert b"ran" not in result.output


def test_files_come_in_and_results_come_out(sandbox: DockerSandbox) -> None:
    """Files are placed by absolute path before the start; one file is fetched after the end, byte for byte."""
    data = bytes(range(256)) * 10
    command = SandboxCommand("cp /in/data /tmp/out", files={"/in/data": data}, results_path="/tmp/out")
    assert sandbox.run(command).results == data


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("ln -s /etc/passwd /tmp/out", "not one regular file"),
        ("mkdir /tmp/out; echo x > /tmp/out/a", "not one regular file"),
        ("head -c 2000 /dev/zero > /tmp/out", "larger than 1,000 bytes"),
        ("true", "no results file"),
        ("yes | head -c 3000000 > /tmp/out", "larger than 1,000 bytes"),
    ],
)
def test_a_planted_results_file_is_refused(sandbox: DockerSandbox, script: str, words: str) -> None:
    """Links, folders, giants and absence give no results, and the detail says why."""
    result = sandbox.run(SandboxCommand(script, results_path="/tmp/out", results_limit_bytes=1000))
    assert result.outcome is SandboxOutcome.EXITED
    assert result.results is None
    assert words in result.detail


@pytest.mark.parametrize(
    "script", ["sleep 60", "trap '' TERM; sleep 60", "nohup sleep 60 & disown; sleep 60", "while :; do :; done"]
)
def test_a_hang_is_a_timeout(sandbox: DockerSandbox, script: str) -> None:
    """However the command hides, it ends at its time, with what it printed until then."""
    started = time.monotonic()
    result = sandbox.run(SandboxCommand(f"echo first; {script}", timeout_s=2))
    assert result.outcome is SandboxOutcome.TIMEOUT
    assert result.exit_code is None
    assert result.output == b"first\n"
    assert time.monotonic() - started < 30


def test_silence_is_an_idle_timeout(sandbox: DockerSandbox) -> None:
    """A command that still prints goes on, one that stops is ended."""
    script = "for i in 1 2 3 4; do echo $i; sleep 0.5; done; sleep 60"
    result = sandbox.run(SandboxCommand(script, timeout_s=50, idle_timeout_s=2))
    assert result.outcome is SandboxOutcome.IDLE_TIMEOUT
    assert result.output == b"1\n2\n3\n4\n"


def test_a_command_may_close_its_output_and_go_on(sandbox: DockerSandbox) -> None:
    """The end of the stream is not the end of the command."""
    result = sandbox.run(SandboxCommand("exec >&- 2>&-; sleep 1; exit 4"))
    assert (result.outcome, result.exit_code) == (SandboxOutcome.EXITED, 4)


def test_want_of_memory_is_its_own_outcome(sandbox: DockerSandbox) -> None:
    """Whether the main process or a child is ended by the kernel, even where the child's end is hidden by exit 0."""
    hungry = "/opt/miniconda3/envs/testbed/bin/python -c 'x = bytearray(2 * 10**9)'"
    assert sandbox.run(SandboxCommand(f"exec {hungry}")).outcome is SandboxOutcome.OOM
    assert sandbox.run(SandboxCommand(f"{hungry}; exit 0")).outcome is SandboxOutcome.OOM


def test_endless_output_is_ended_and_cut(sandbox: DockerSandbox) -> None:
    """Head and tail are kept within the limit, and the command does not run to its time-out."""
    result = sandbox.run(SandboxCommand("echo first; yes", timeout_s=60, output_limit_bytes=100_000))
    assert result.outcome is SandboxOutcome.OUTPUT_LIMIT
    assert result.output.startswith(b"first\ny\ny\n")
    assert len(result.output) < 101_000
    assert result.output_truncated


def test_long_output_keeps_head_and_tail(sandbox: DockerSandbox) -> None:
    """Beyond the limit, but not a runaway: the command ends by itself and the middle is left out."""
    result = sandbox.run(SandboxCommand("echo first; yes | head -c 150000; echo last", output_limit_bytes=100_000))
    assert (result.outcome, result.output_truncated) == (SandboxOutcome.EXITED, True)
    assert result.output.startswith(b"first")
    assert result.output.endswith(b"last\n")


def test_a_fork_bomb_is_held(sandbox: DockerSandbox) -> None:
    """The limit on processes holds, and the container goes away quickly."""
    started = time.monotonic()
    result = sandbox.run(SandboxCommand("bomb() { bomb | bomb & }; bomb; sleep 1; exit 0", timeout_s=10))
    assert result.outcome in {SandboxOutcome.EXITED, SandboxOutcome.TIMEOUT}
    assert time.monotonic() - started < 40


def test_no_privileges(sandbox: DockerSandbox) -> None:
    """No capability, no new privileges, system calls filtered: as the kernel says it."""
    told = sandbox.run(SandboxCommand("cat /proc/self/status")).output.decode()
    facts = dict(line.split(":\t", 1) for line in told.strip().split("\n") if ":\t" in line)
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"


def test_no_network(sandbox: DockerSandbox) -> None:
    """Only the loopback interface exists, and nothing outside can be reached by number or by name."""
    script = (
        "ls /sys/class/net; for host in 1.1.1.1 169.254.169.254 172.17.0.1; do"
        " (echo > /dev/tcp/$host/80) 2>/dev/null && echo reached $host; done; exit 0"
    )
    assert sandbox.run(SandboxCommand(script, timeout_s=20)).output == b"lo\n"


def test_large_files_arrive_with_the_others(sandbox: DockerSandbox) -> None:
    """What does not fit in an argument of a process is put in before the start, and the patch is applied all the same."""
    large = bytes(range(256)) * 2000
    command = SandboxCommand(
        "cat shapes/area.py", GOLD.encode(), files={"/tmp/large": large}, results_path="/tmp/large"
    )
    result = sandbox.run(command)
    assert result.results == large
    assert result.output.endswith(b"return width * height\n")


def test_a_server_of_a_test_s_own_is_reached_by_name(sandbox: DockerSandbox) -> None:
    """Loopback is up without the engine's networking, and `localhost` is its name."""
    script = (
        "import socket; server = socket.create_server(('127.0.0.1', 0))\n"
        "client = socket.create_connection(('localhost', server.getsockname()[1]), 5); print(client.getpeername()[0])"
    )
    command = f'/opt/miniconda3/envs/testbed/bin/python -c "{script}"'
    assert sandbox.run(SandboxCommand(command, timeout_s=20)).output == b"127.0.0.1\n"


def test_nothing_of_our_environment_is_inside(sandbox: DockerSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the image's variables and the command's own."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-key")
    monkeypatch.setenv("HTTP_PROXY", "http://canary-proxy")
    told = sandbox.run(
        SandboxCommand("cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n'", environment={"MINE": "1"})
    ).output
    assert b"canary" not in told
    assert b"MINE=1" in told


def test_a_printed_status_is_only_output(sandbox: DockerSandbox) -> None:
    """A command that knows how the wrapper speaks cannot change how its run is read."""
    script = "nonce=$(grep -o '[0-9a-f]\\{32\\}' -a /proc/1/cmdline | head -1); echo $nonce refused; exit 0"
    result = sandbox.run(SandboxCommand(script))
    assert result.outcome is SandboxOutcome.EXITED
    assert len(result.output) == len(b"refused\n") + 33


def test_a_patched_git_hook_does_not_run_on_the_way_in(sandbox: DockerSandbox) -> None:
    """A patch that writes .git is git's to refuse."""
    result = sandbox.run(
        SandboxCommand("true", patch=new_file(".git/hooks/post-checkout", "#!/bin/sh\necho pwned").encode())
    )
    assert result.outcome is SandboxOutcome.PATCH_FAILED


def test_a_container_removed_by_others_is_infra(engine_for: EngineFor, toy: Toy) -> None:
    """It is neither a verdict nor a crash of ours."""
    engine = engine_for()
    timer = threading.Timer(2.0, lambda: engine.sweep(engine.settings.run_id))
    timer.start()
    result = engine.open(toy.task).run(SandboxCommand("sleep 60", timeout_s=50))
    timer.join()
    assert result.outcome in {SandboxOutcome.INFRA, SandboxOutcome.KILLED}


def test_stopping_ends_what_runs_and_starts_nothing(engine_for: EngineFor, toy: Toy) -> None:
    """The first Ctrl-C: running commands come back as killed, new ones are refused."""
    engine = engine_for()
    sandbox = engine.open(toy.task)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(sandbox.run, SandboxCommand("sleep 60", timeout_s=50)) for _ in range(2)]
        time.sleep(3)
        engine.stop()
        assert [run.result(timeout=30).outcome for run in runs] == [SandboxOutcome.KILLED] * 2
    with pytest.raises(SandboxError, match="being stopped"):
        sandbox.run(SandboxCommand("true"))


def test_a_missing_image_says_how_to_get_it(engine_for: EngineFor, toy: Toy) -> None:
    """The remedy is the line to type."""
    from dataclasses import replace

    with pytest.raises(MissingPiece, match="docker pull ramp-test/nothing:1"):
        engine_for().open(replace(toy.task, image="ramp-test/nothing:1"))


def test_the_profile_says_what_is_in_effect(sandbox: DockerSandbox) -> None:
    """Image digest, network and limits, for the stamps."""
    profile = sandbox.profile
    assert profile.kind == "docker"
    assert profile.image_digest.startswith("sha256:")
    assert not profile.network
    assert profile.limits["memory"] == "cgroup 512 MB, swap included"
