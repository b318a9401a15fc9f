"""Prepared images: made once, of what a run tells, never in the way of the run that wanted one, and removed in the end."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand
from orchestrator.records import Task
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_connection import ContainerVanished
from orchestrator.sandbox.docker_prepared import PreparedImages, compiling, runs_before_preparing
from orchestrator.sandbox.docker_settings import DockerSettings
from tests.unit.sandbox.fake_engine import GONE, FakeApi, tar_of

TASK = Task("a__b-1", "lite", "a/b", "0" * 40, "", image="img:1", setup_script="activate")


class Removed(list[str]):
    """The ids that were removed."""

    def __call__(self, image_ids: Iterable[str]) -> None:
        self.extend(image_ids)


LIST = b"./pkg/__pycache__/core.cpython-39.pyc\n"


def used(
    images: PreparedImages, origin: str, make: Callable[[bytes], str | None], says: bytes | None = LIST
) -> str | None:
    """One use: a run in the prepared image, or one in the image as it is, which tells if it is asked."""
    found = images.find(origin, make)
    if found is None and images.asks(origin):
        images.told(origin, says)
    return found


def test_one_is_made_of_what_a_run_tells_and_removed_in_the_end() -> None:
    """One for each origin, on the use after the run that told."""
    removed, made_of = Removed(), []
    images, ids = PreparedImages(2, removed), iter(["sha256:p", "sha256:q"])

    def make(byte_code: bytes) -> str:
        made_of.append(byte_code)
        return next(ids)

    assert [used(images, "a", make) for _ in range(5)] == [None, None, "sha256:p", "sha256:p", "sha256:p"]
    assert [used(images, "b", make, b"other.pyc\n") for _ in range(3)] == [None, None, "sha256:q"]
    assert made_of == [LIST, b"other.pyc\n"]
    images.close()
    assert removed == ["sha256:p", "sha256:q"]
    assert used(images, "a", make) is None


@pytest.mark.parametrize(("expected", "awaited"), [(1.0, 3), (3.9, 3), (4.0, 1), (50.0, 1)])
def test_an_image_is_prepared_at_once_only_for_many_runs(expected: float, awaited: int) -> None:
    """It would not pay for one or two."""
    assert runs_before_preparing(expected) == awaited


def test_none_is_made_where_none_is_wanted_or_nothing_was_compiled() -> None:
    """With 0 no run is asked; a run without byte code is asked once."""
    asked = []

    def make(byte_code: bytes) -> str:
        asked.append(byte_code)
        return "sha256:p"

    never = PreparedImages(0, Removed())
    assert not any(never.asks("a") for _ in range(5))
    nothing = PreparedImages(1, Removed())
    assert [used(nothing, "a", make, b"\n") for _ in range(4)] == [None] * 4
    assert not nothing.asks("a")
    assert asked == []


def test_a_run_that_cannot_tell_leaves_it_to_the_next() -> None:
    """One that ran into its time limit has no list."""
    images = PreparedImages(1, Removed())
    assert images.asks("a")
    assert not images.asks("a"), "one is asked at a time"
    images.told("a", None)
    assert images.asks("a")


@pytest.mark.parametrize("trouble", [SandboxError("no engine"), ContainerVanished("gone")])
def test_one_that_cannot_be_made_is_not_tried_again(trouble: Exception) -> None:
    """The runs go on in the image as it is."""
    images, asked = PreparedImages(1, Removed()), []

    def make(_: bytes) -> str | None:
        asked.append(1)
        raise trouble

    assert [used(images, "a", make) for _ in range(4)] == [None] * 4
    assert len(asked) == 1


def test_nobody_waits_for_one_and_a_late_one_is_removed() -> None:
    """While a thread makes it the others run without, and after the end nobody is left to remove it but us."""
    removed, entered, leave = Removed(), threading.Event(), threading.Event()
    images = PreparedImages(1, removed)

    def slow(_: bytes) -> str | None:
        entered.set()
        assert leave.wait(10)
        return "sha256:late"

    used(images, "a", slow)
    maker = threading.Thread(target=used, args=(images, "a", slow))
    maker.start()
    assert entered.wait(10)
    assert used(images, "a", slow) is None
    images.close()
    leave.set()
    maker.join(10)
    assert removed == ["sha256:late"]


def prepared_by(api: FakeApi, runs: int, prepare_after: int = 1) -> list[str]:
    """The images of all containers of some runs of one task."""
    engine = DockerEngine(DockerSettings(run_id="r"), api=api, prepare_after=prepare_after)
    sandbox = engine.open(TASK)
    assert [sandbox.run(SandboxCommand("echo hello", patch=b"x")).exit_code for _ in range(runs)] == [0] * runs
    engine.stop()
    return [what[0] for call, what in api.asked if call == "create"]


def test_later_commands_run_in_the_prepared_image() -> None:
    """It is labelled as the run's, made of a container without a patch, and gone when the engine has stopped."""
    api = FakeApi()
    api.archive = tar_of((tarfile.TarInfo("ramp-byte-code"), LIST))
    assert prepared_by(api, 3) == ["sha256:abc", "sha256:abc", "sha256:prepared", "sha256:prepared"]
    (changes,) = [what for call, what in api.asked if call == "commit"]
    assert 'LABEL "ramp.run"="r"' in changes
    assert ("remove_image", "sha256:prepared") in api.asked
    told, compiled, *_ = [what[1]["command"] for call, what in api.asked if call == "create"]
    assert "ramp-byte-code" in told[2]
    assert LIST.decode() in compiled


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.DIRTYPE])
def test_a_list_that_is_no_file_is_no_trouble(kind: bytes) -> None:
    """What a command puts in its place is not followed; nothing is prepared."""
    api, odd = FakeApi(), tarfile.TarInfo("ramp-byte-code")
    odd.type, odd.linkname = kind, "/etc/passwd"
    api.archive = tar_of((odd, b""))
    assert prepared_by(api, 3) == ["sha256:abc"] * 3


def test_an_engine_that_cannot_make_images_is_no_trouble() -> None:
    """The command's result is what counts, whether fetching the list or making the image fails."""
    for call in ("commit", "get_archive"):
        api = FakeApi()
        api.archive = tar_of((tarfile.TarInfo("ramp-byte-code"), LIST))
        api.raises[call] = GONE
        assert set(prepared_by(api, 3)) == {"sha256:abc"}


def test_what_is_compiled_is_only_what_the_repository_has(tmp_path: Path) -> None:
    """Names come from a run that may lie: paths elsewhere, unknown files and other caches count nothing."""
    for name in ("core.py", "pkg/deep.py", "pkg/idle.py", "odd name.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "untracked.py").write_text("x = 1\n")
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "core.py", "pkg", "odd name.py"], check=True)
    names = [
        "./__pycache__/core.cpython-39.pyc",
        "./pkg/__pycache__/deep.cpython-39.pyc",
        "./__pycache__/odd name.cpython-39.pyc",
        "./pkg/__pycache__/deep.cpython-39-pytest-7.4.pyc",
        "./__pycache__/untracked.cpython-39.pyc",
        "../../etc/__pycache__/evil.cpython-39.pyc",
        "$(touch evil)/__pycache__/x.cpython-39.pyc",
    ]
    said = "".join(f"{name}\n" for name in names).encode()
    script = compiling(f"cd {tmp_path}", said).script.replace("rm -rf /tmp/ramp-names* /tmp/.ramp-*", "")
    listed = str(tmp_path / "listed")
    (tmp_path / "listed").write_bytes(said)
    subprocess.run(
        ["bash", "-c", script.replace("/tmp/ramp-names", listed).replace("python ", f"{sys.executable} ")], check=True
    )
    made = {path.relative_to(tmp_path).as_posix().split(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert made == {"__pycache__/core", "pkg/__pycache__/deep", "__pycache__/odd name"}
    assert not (tmp_path / "evil").exists()


def test_what_a_killed_run_prepared_is_found_by_its_label() -> None:
    """With its containers, at the next start."""
    api = FakeApi()
    api.prepared_here = [{"Id": "sha256:left", "Labels": {"ramp.run": "r"}}]
    engine = DockerEngine(DockerSettings(run_id="r"), api=api)
    engine.adopt("r")
    assert ("remove_image", "sha256:left") in api.asked
