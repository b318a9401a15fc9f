"""Prepared images: made once, on the second use, never in the way of the run that wanted one, and removed in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand
from orchestrator.records import Task
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_connection import ContainerVanished
from orchestrator.sandbox.docker_prepared import PreparedImages
from orchestrator.sandbox.docker_settings import DockerSettings
from tests.unit.sandbox.fake_engine import GONE, FakeApi

TASK = Task("a__b-1", "lite", "a/b", "0" * 40, "", image="img:1", setup_script="activate")


class Removed(list[str]):
    """The ids that were removed."""

    def __call__(self, image_ids: Iterable[str]) -> None:
        self.extend(image_ids)


def test_one_is_made_on_the_second_use_and_removed_in_the_end() -> None:
    """One for each thing that it is made from."""
    removed = Removed()
    images, made = PreparedImages(2, removed), iter(["sha256:p", "sha256:q"])
    assert [images.find("a", lambda: next(made)) for _ in range(4)] == [None, "sha256:p", "sha256:p", "sha256:p"]
    assert [images.find("b", lambda: next(made)) for _ in range(2)] == [None, "sha256:q"]
    images.close()
    assert removed == ["sha256:p", "sha256:q"]
    assert images.find("a", lambda: None) is None


@pytest.mark.parametrize("trouble", [SandboxError("no engine"), ContainerVanished("gone")])
def test_one_that_cannot_be_made_is_not_tried_again(trouble: Exception) -> None:
    """The runs go on in the image as it is."""
    images, asked = PreparedImages(2, Removed()), []

    def make() -> str | None:
        asked.append(1)
        raise trouble

    assert [images.find("a", make) for _ in range(4)] == [None] * 4
    assert len(asked) == 1


def test_nobody_waits_for_one_and_a_late_one_is_removed() -> None:
    """While a thread makes it the others run without, and after the end nobody is left to remove it but us."""
    removed, entered, leave = Removed(), threading.Event(), threading.Event()
    images = PreparedImages(2, removed)

    def slow() -> str | None:
        entered.set()
        assert leave.wait(10)
        return "sha256:late"

    images.find("a", slow)
    maker = threading.Thread(target=images.find, args=("a", slow))
    maker.start()
    assert entered.wait(10)
    assert images.find("a", slow) is None
    images.close()
    leave.set()
    maker.join(10)
    assert removed == ["sha256:late"]


def test_later_commands_run_in_the_prepared_image() -> None:
    """It is labelled as the run's, made of a container without a patch, and gone when the engine has stopped."""
    api = FakeApi()
    engine = DockerEngine(DockerSettings(run_id="r"), api=api, prepare_on_use=2)
    sandbox = engine.open(TASK)
    for _ in range(3):
        sandbox.run(SandboxCommand("echo hello", patch=b"x"))
    created = [what[0] for call, what in api.asked if call == "create"]
    assert created == ["sha256:abc", "sha256:abc", "sha256:prepared", "sha256:prepared"]
    (changes,) = [what for call, what in api.asked if call == "commit"]
    assert 'LABEL "ramp.run"="r"' in changes
    engine.stop()
    assert ("remove_image", "sha256:prepared") in api.asked


def test_an_engine_that_cannot_make_images_is_no_trouble() -> None:
    """The command's result is what counts."""
    api = FakeApi()
    api.raises["commit"] = GONE
    sandbox = DockerEngine(DockerSettings(run_id="r"), api=api, prepare_on_use=2).open(TASK)
    assert [sandbox.run(SandboxCommand("echo hello")).exit_code for _ in range(3)] == [0, 0, 0]
    assert {what[0] for call, what in api.asked if call == "create"} == {"sha256:abc"}


def test_what_a_killed_run_prepared_is_found_by_its_label() -> None:
    """With its containers, at the next start."""
    api = FakeApi()
    api.prepared_here = [{"Id": "sha256:left", "Labels": {"ramp.run": "r"}}]
    engine = DockerEngine(DockerSettings(run_id="r"), api=api)
    engine.adopt("r")
    assert ("remove_image", "sha256:left") in api.asked
