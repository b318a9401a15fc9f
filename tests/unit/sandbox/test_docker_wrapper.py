"""A container's main process, run on this machine in a folder of its own: files, patch, command, in this order."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker_settings import DockerSettings
from orchestrator.sandbox.docker_wrapper import BYTE_CODE_LIST, MainProcess, main_process, read_status

NONCE = "ab" * 16
PATCH = b"--- a/code.txt\n+++ b/code.txt\n@@ -1 +1 @@\n-old\n+new\n"


def run(main: MainProcess, tmp_path: Path) -> tuple[str, bytes, int]:
    """Run it with its own folder and list below `tmp_path`; what the status is, what else was printed, the exit code."""
    folder = f"/tmp/.ramp-{NONCE}"
    arguments = [
        part.replace(folder, f"{tmp_path}/wrapper").replace(BYTE_CODE_LIST, f"{tmp_path}/listed")
        for part in main.arguments
    ]
    for path, content in main.files.items():
        place = Path(path.replace(folder, f"{tmp_path}/wrapper"))
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    done = subprocess.run(arguments, stdout=subprocess.PIPE, check=False)
    return *read_status(done.stdout, NONCE), done.returncode


def settings(root: Path) -> DockerSettings:
    """With a network, as this machine has one."""
    return DockerSettings(network="bridge", repository_root=str(root))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository root with one file."""
    folder = tmp_path / "the root"
    folder.mkdir()
    (folder / "code.txt").write_text("old\n")
    return folder


def test_files_arrive_byte_for_byte_and_the_patch_is_in_before_the_command_runs(root: Path, tmp_path: Path) -> None:
    """Quotes, dollars, CR, blank ends and what is no shell word: nothing is read as shell, nothing is lost."""
    odd = "'\"$(touch pwned)`\\x %s %n\r\n\n\tü \u2028 -n\n\n".encode()
    files = {f"{tmp_path}/a b/odd": odd, f"{tmp_path}/a b/empty": b"", f"{tmp_path}/-n": b"-n"}
    command = SandboxCommand("cat code.txt; exit 3", patch=PATCH, files=files)
    assert run(main_process(command, NONCE, settings(root)), tmp_path) == ("ready", b"new\n", 3)
    assert {path: Path(path).read_bytes() for path in files} == files
    assert not list(tmp_path.rglob("pwned"))
    assert (tmp_path / "a b/odd").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "content", [b"\xff\xfe not UTF-8", b"a\0b", b"x" * 100_001], ids=["other bytes", "a zero byte", "too long"]
)
def test_what_does_not_fit_in_an_argument_goes_before_the_start(root: Path, tmp_path: Path, content: bytes) -> None:
    """It would be changed or refused on its way; all files go together then."""
    command = SandboxCommand("cat code.txt; exit 3", patch=PATCH, files={f"{tmp_path}/it": content})
    main = main_process(command, NONCE, settings(root))
    assert main.files[f"{tmp_path}/it"] == content
    assert len(main.files) == 3
    assert main.arguments[3:] == ["ramp"]
    assert run(main, tmp_path) == ("ready", b"new\n", 3)


@pytest.mark.parametrize(("count", "carried"), [(5, True), (6, False)])
def test_arguments_stay_below_what_a_process_can_have(tmp_path: Path, count: int, carried: bool) -> None:
    """Many files of a size that fits alone do not fit together; they arrive either way."""
    files = {f"{tmp_path}/{n}": bytes([65 + n]) * 90_000 for n in range(count)}
    main = main_process(SandboxCommand("true", files=files), NONCE, settings(tmp_path))
    assert bool(main.files) is not carried
    assert sum(map(len, main.arguments)) < 510_000
    assert run(main, tmp_path)[0] == "ready"
    assert {path: Path(path).read_bytes() for path in files} == files


@pytest.mark.parametrize(("patch", "status"), [(PATCH.replace(b"-old", b"-other"), "refused"), (b"", "ready")])
def test_a_patch_that_does_not_apply_is_told_and_nothing_runs(
    root: Path, tmp_path: Path, patch: bytes, status: str
) -> None:
    """Git's words follow; no patch is no trouble."""
    said, words, _ = run(main_process(SandboxCommand("echo ran", patch=patch), NONCE, settings(root)), tmp_path)
    assert (said, words == b"ran\n") == (status, status == "ready")


def test_an_image_without_the_root_is_told(tmp_path: Path) -> None:
    """The command does not run elsewhere."""
    assert run(main_process(SandboxCommand("echo ran"), NONCE, settings(tmp_path / "none")), tmp_path)[0] == "nowhere"


def test_only_byte_code_that_the_command_left_is_listed(root: Path, tmp_path: Path) -> None:
    """Not what was there before; the exit code is the command's own."""
    before = root / "pkg/__pycache__/before.cpython-39.pyc"
    before.parent.mkdir(parents=True)
    before.write_bytes(b"")
    command = SandboxCommand("sleep 0.02; touch pkg/__pycache__/after.cpython-39.pyc pkg/other.txt; exit 7")
    assert run(main_process(command, NONCE, settings(root), lists_byte_code=True), tmp_path) == ("ready", b"", 7)
    assert (tmp_path / "listed").read_text() == "./pkg/__pycache__/after.cpython-39.pyc\n"


@pytest.mark.parametrize(("routes", "status"), [("Iface\tDestination\n", "ready"), ("Iface\neth0\t0\n", "networked")])
def test_a_network_that_was_not_asked_for_ends_it(root: Path, tmp_path: Path, routes: str, status: str) -> None:
    """The kernel's own table of routes says whether there is one; `localhost` has a name without one."""
    (tmp_path / "route").write_text(routes)
    main = main_process(SandboxCommand("echo ran"), NONCE, DockerSettings(repository_root=str(root)))
    main.arguments[2] = (
        main.arguments[2].replace("/proc/net/route", f"{tmp_path}/route").replace("/etc/hosts", f"{tmp_path}/hosts")
    )
    said, output, _ = run(main, tmp_path)
    assert (said, output == b"ran\n") == (status, status == "ready")
    assert "127.0.0.1\tlocalhost\n" in (tmp_path / "hosts").read_text()
