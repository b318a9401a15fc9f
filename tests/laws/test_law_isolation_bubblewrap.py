"""The law of isolation: what runs in a bubblewrap sandbox reaches nothing, keeps nothing, and cannot outgrow its limits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import orchestrator
from orchestrator.errors import MissingPiece, SandboxError
from orchestrator.protocols import Sandbox, SandboxOutcome
from orchestrator.records import Task
from orchestrator.repo.objects import GitRepository
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from tests.laws.bubblewrapped import say

CANARY = "sk-canary-7f3a9"


def test_the_working_copy_is_the_base_commit_with_the_patch(sandbox: Sandbox, toy: GitRepository) -> None:
    """Files and modes are the tree's, the patch is applied, and git knows the base commit and nothing else."""
    patch = b"--- a/toy/core.py\n+++ b/toy/core.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
    script = (
        "pwd; git status --porcelain; git rev-parse HEAD; git log --format=%s; "
        "git checkout -q $(git rev-parse HEAD) toy/core.py; cat toy/core.py; test -x run.sh"
    )
    result = say(sandbox, script, patch=patch)
    assert result.exit_code == 0, result
    expected = f"/testbed\n M toy/core.py\n{toy.base_commit}\nstarter: toy\ndef add(a, b):\n    return a - b\n"
    assert result.output.decode() == expected


def test_nothing_is_shared_between_two_runs(sandbox: Sandbox) -> None:
    """What one run writes, the next does not find."""
    say(sandbox, "touch /tmp/left /testbed/left; echo broken > toy/core.py")
    assert say(sandbox, "test ! -e /tmp/left && test ! -e left && git diff --quiet").exit_code == 0


def test_there_is_no_network(sandbox: Sandbox) -> None:
    """Only the loopback exists; connecting out and resolving names fail."""
    script = (
        "import socket\n"
        "for host, port in (('1.1.1.1', 53), ('172.17.0.1', 80), ('169.254.169.254', 80), ('localhost.example', 80)):\n"
        "    try:\n        socket.create_connection((host, port), timeout=2)\n"
        "    except OSError:\n        continue\n    raise SystemExit(f'reached {host}')\n"
        "print([name for _, name in socket.if_nameindex()])\n"
    )
    result = say(sandbox, f'python -c "{script}"')
    assert result.output == b"['lo']\n"


def test_no_secret_of_ours_is_inside(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither environment, nor any process's environment or arguments, hold what our own environment holds."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    script = "env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"
    result = say(sandbox, script)
    assert b"PYTHONHASHSEED=0" in result.output
    assert CANARY.encode() not in result.output
    assert b"ANTHROPIC" not in result.output


def test_the_hosts_files_are_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    """Temporary folders, home, this checkout and the sockets of daemons are absent; /etc has our own few files."""
    secret = tmp_path / "secret"
    secret.write_text(CANARY)
    checkout = Path(orchestrator.__file__).parent
    absent = [
        str(secret),
        str(checkout / "errors.py"),
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/etc/shadow",
        "/sys/kernel",
        "/root/.ssh",
    ]
    result = say(sandbox, "; ".join(f"test ! -e {path} || echo {path}" for path in absent) + "; wc -l < /etc/passwd")
    assert result.output == b"2\n"


def test_our_own_package_is_hidden_where_it_is_installed(sandbox: Sandbox) -> None:
    """Hidden tests and gold patches of the bundled benchmark are package data; no sandbox sees them."""
    assert say(sandbox, "cd /; python -c 'import orchestrator.benchmarks'").exit_code != 0


def test_the_system_is_read_only(sandbox: Sandbox) -> None:
    """Only the working copy, /tmp and /dev/shm can be written."""
    tried = [
        "/x",
        "/usr/x",
        "/etc/x",
        "/dev/x",
        "/run/x",
        "/run/ramp/x",
        "/proc/sys/kernel/core_pattern",
        "/root/x",
        f"{os.sys.prefix}/x",
    ]  # type: ignore[attr-defined]
    result = say(
        sandbox,
        "; ".join(f"(echo 1 > {path}) 2>/dev/null && echo {path}" for path in tried)
        + "; touch /tmp/x /testbed/x /dev/shm/x && echo written",
    )
    assert result.output == b"written\n"


def test_no_privileges(sandbox: Sandbox) -> None:
    """Not root, no capabilities, no new privileges, a system call filter; mounting, new namespaces and tracing fail."""
    result = say(
        sandbox, "id -u; grep -E '^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -s '\\t ' ' '"
    )
    uid, *fields = result.output.decode().split("\n")
    assert int(uid) > 0
    assert {
        "CapEff: 0000000000000000",
        "CapPrm: 0000000000000000",
        "CapBnd: 0000000000000000",
        "NoNewPrivs: 1",
        "Seccomp: 2",
    } <= set(fields)
    for command in (
        "unshare -U true",
        "unshare -m true",
        "mount -t tmpfs x /tmp",
        "setpriv --reuid=0 true",
        "chroot /tmp true",
    ):
        assert say(sandbox, command).exit_code != 0, command
    traced = "import ctypes; libc = ctypes.CDLL(None); print(libc.ptrace(16, 1, 0, 0), libc.unshare(0x10000000))"
    assert say(sandbox, f'python -c "{traced}"').output == b"-1 -1\n"


def test_no_descriptor_of_ours_leaks_in(sandbox: Sandbox) -> None:
    """The script has stdin from nowhere and its output; nothing else is open."""
    assert (
        say(
            sandbox, "for fd in /proc/$$/fd/*; do n=${fd##*/}; [ $n -lt 3 ] || [ $n = 255 ] || readlink $fd; done"
        ).output
        == b""
    )


def test_the_exit_code_is_the_commands_own(sandbox: Sandbox) -> None:
    """Codes and signals come through; SIGKILL of the main process is an outcome of its own."""
    assert say(sandbox, "exit 7").exit_code == 7
    assert say(sandbox, "kill -SEGV $$").exit_code == 139
    assert say(sandbox, "kill -9 $$").outcome is SandboxOutcome.KILLED


def test_a_patch_that_does_not_apply_is_its_own_outcome(sandbox: Sandbox) -> None:
    """The script does not run, and git's words are kept."""
    result = say(sandbox, "echo ran", patch=b"--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-a\n+b\n")
    assert result.outcome is SandboxOutcome.PATCH_FAILED
    assert "none.py" in result.detail
    assert result.output == b""


def test_a_patch_cannot_leave_the_working_copy(sandbox: Sandbox) -> None:
    """Paths that climb out or go through a link are refused by git apply."""
    for path in ("../tmp/out", ".git/hooks/post-checkout"):
        added = f"diff --git a/{path} b/{path}\nnew file mode 100755\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
        assert say(sandbox, "true", patch=added.encode()).outcome is SandboxOutcome.PATCH_FAILED


def test_files_are_placed_and_cannot_be_replaced(sandbox: Sandbox) -> None:
    """Files lie where they should, and the command can neither change nor remove nor move them."""
    files = {"/tmp/n/driver.py": b"print('driver')\n"}
    result = say(
        sandbox,
        "(echo 1 > /tmp/n/driver.py || rm -f /tmp/n/driver.py || mv /tmp/n/driver.py /tmp/m) 2>/dev/null; python /tmp/n/driver.py",
        files=files,
    )
    assert result.output == b"driver\n"
    with pytest.raises(SandboxError, match="under /tmp"):
        say(sandbox, "true", files={"/testbed/toy/core.py": b""})


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo fine > /tmp/n/out", b"fine\n"),
        ("head -c 100 /dev/zero | tr '\\0' x > /tmp/n/out", b"x" * 10),
        ("true", None),
        ("ln -s /etc/passwd /tmp/n/out", None),
        ("mkfifo /tmp/n/out", None),
        ("mkdir /tmp/n/out", None),
    ],
)
def test_results_are_read_from_the_one_file_only(sandbox: Sandbox, script: str, expected: bytes | None) -> None:
    """A regular file up to its limit; links, pipes and folders in its place are no results and hang nothing (T12)."""
    result = say(sandbox, script, results_path="/tmp/n/out", results_limit_bytes=10)
    assert result.outcome is SandboxOutcome.EXITED
    assert result.results == expected


def test_an_engine_that_cannot_isolate_says_so(task: Task, toy: GitRepository, tmp_path: Path) -> None:
    """No bubblewrap, an old one or one that fails: an error with a remedy, never a weaker run (T26)."""
    with pytest.raises(MissingPiece, match=r"not installed.*apt-get install bubblewrap"):
        BubblewrapEngine(program=str(tmp_path / "bwrap")).open(task, toy)
    for name, words, text in (
        ("old", "bubblewrap 0.4.0", "too old"),
        ("bad", "bubblewrap 0.8.0", "cannot isolate here: no namespaces"),
    ):
        fake = tmp_path / name
        fake.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {words} && exit 0\necho no namespaces >&2; exit 1\n')
        fake.chmod(0o755)
        with pytest.raises(MissingPiece, match=text):
            BubblewrapEngine(program=str(fake)).open(task, toy)


def test_the_profile_says_what_holds(sandbox: Sandbox) -> None:
    """Each limit names its mechanism."""
    profile = sandbox.profile
    assert (profile.kind, profile.network, profile.isolated) == ("bubblewrap", False, True)
    assert profile.limits["memory"].startswith(("cgroup1 ", "cgroup2 ", "rlimit_as "))
    assert profile.limits["disk"] == f"tmpfs {64 * 2**20}"


def test_an_interpreter_below_tmp_is_found(task: Task, toy: GitRepository, tmp_path: Path) -> None:
    """A checkout with its virtual environment may lie in /tmp, which is another one inside."""
    if not str(tmp_path).startswith("/tmp/"):
        pytest.skip("the temporary folder of this machine is not in /tmp")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(tmp_path / "venv")], check=True
    )
    code = (
        "import sys\nfrom tests.laws.conftest import FILES\nfrom orchestrator.protocols import SandboxCommand\n"
        "from orchestrator.repo.seed import commit_tree\nfrom orchestrator.records import Task\n"
        "from orchestrator.sandbox.bubblewrap import BubblewrapEngine\n"
        "toy = commit_tree(FILES, 'toy', 'toy <toy@localhost>', '2026-01-01T00:00:00+00:00')\n"
        "task = Task('toy__toy-1', 'starter', 'toy/toy', toy.base_commit, 'broken')\n"
        "said = BubblewrapEngine().open(task, toy).run(SandboxCommand('python -c \"import sys; print(sys.prefix)\"; ls /tmp'))\n"
        "sys.stdout.buffer.write(said.output)\n"
    )
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *(p for p in sys.path if "site-packages" in p)])
    done = subprocess.run(
        [str(tmp_path / "venv" / "bin" / "python"), "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[0] == str(tmp_path / "venv"), done.stderr
