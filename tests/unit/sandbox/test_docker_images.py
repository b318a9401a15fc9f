"""Images: which are missing, and fetching them ahead."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.errors import MissingPiece
from orchestrator.sandbox.docker_images import PullProgress, missing_images, pull_images, require_disk
from tests.unit.sandbox.fake_engine import FakeApi


def test_missing_images_are_found_by_tag_and_digest() -> None:
    """A name without a tag means latest; each is listed once."""
    api = FakeApi()
    api.images_here = [{"RepoTags": ["a/b:latest", "c:1"], "RepoDigests": ["d@sha256:1"]}, {"RepoTags": None}]
    assert missing_images(api, ["a/b", "c:1", "d@sha256:1", "c:2", "e", "c:2"]) == ("c:2", "e")


class PullingApi(FakeApi):
    """An engine that can pull all but one image."""

    def pull(self, repository: str, **options: Any) -> list[dict[str, Any]]:
        """The lines of a pull."""
        self._ask("pull", f"{repository}:{options['tag']}")
        if repository == "bad":
            return [{"status": "Pulling"}, {"error": "manifest unknown"}]
        return [{"id": "layer", "status": "Downloading", "progress": "1/2"}]


def test_pulling_goes_on_after_a_failure_and_lists_all() -> None:
    """Progress counts images; what failed is one message at the end."""
    api, told = PullingApi(), list[PullProgress]()
    with pytest.raises(MissingPiece, match=r"1 of 3 images.*bad:1 \(manifest unknown\)"):
        pull_images(api, ["good:1", "bad:1", "registry:5000/other"], told.append)
    assert [what for call, what in api.asked if call == "pull"] == ["good:1", "bad:1", "registry:5000/other:latest"]
    assert told[0] == PullProgress("good:1", 0, 3, "layer Downloading 1/2")
    assert told[-1].done == 3


def test_a_full_disk_is_said_before_pulling() -> None:
    """With what is there and what is needed; a remote engine's disk is not judged."""
    api = FakeApi()
    with pytest.raises(MissingPiece, match="GB free"):
        require_disk(api, 10**9)
    require_disk(api, 0)
    api.info_says["DockerRootDir"] = "/not/on/this/machine"
    require_disk(api, 10**9)
