"""A branch goes on only in the image that its parent used; on a real engine, through the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orchestrator.cli import guarded
from orchestrator.cli.verbs import app_for
from orchestrator.sandbox.docker import DockerEngine
from tests.docker.host_image import build_image
from tests.docker.toy import make_repository, make_row

pytestmark = pytest.mark.docker

REPLY = "### shapes/area.py :: area\n```python\ndef area(width, height):\n    return width * height\n```\n"


@pytest.fixture
def image(docker_is_here: None, tmp_path: Path) -> Iterator[str]:
    """The toy's image under a name of its own, which is gone afterwards, whatever it stands for then."""
    base = make_repository(tmp_path / "toy")
    name = f"ramp-test/branch-{uuid4().hex[:12]}"
    engine = DockerEngine()
    engine.api.tag(build_image(engine.api, tmp_path / "toy"), name, "latest")
    (tmp_path / "rows.jsonl").write_text(json.dumps(make_row(base, f"{name}:latest")) + "\n")
    (tmp_path / "replies.jsonl").write_text(json.dumps({"text": REPLY}) + "\n")
    yield name
    engine.api.remove_image(f"{name}:latest", force=True)
    engine.close()


def ramp(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and all that is said."""
    capsys.readouterr()
    code = guarded(app_for(arguments), arguments)
    said = capsys.readouterr()
    return code, said.out + said.err


def replace_image(name: str) -> None:
    """Another image under the same name: the old one and one layer with nothing in it."""
    engine = DockerEngine()
    container = engine.api.create_container(f"{name}:latest", "true")["Id"]
    engine.api.commit(container, repository=name, tag="latest", changes="LABEL other=yes")
    engine.api.remove_container(container)
    engine.close()


def test_another_image_under_the_same_name_is_refused(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both digests and the way back are named, and no branch is made; with the image of the run it goes on."""
    run = ("run", "1", "-b", str(tmp_path / "rows.jsonl"), "-m", f"scripted:{tmp_path / 'replies.jsonl'}")
    output = ("-o", str(tmp_path / "runs"))
    few = ("-c", "judge.stages=['applies','imports']", "-c", "attempts=1")
    assert ramp(capsys, *run, "--run-id", "toy", *output, *few)[0] == 0
    live = ("replay", "toy", "ramp__toy-1", "--live-from", "GENERATING", *output)
    code, said = ramp(capsys, *live)
    assert (code, "ramp__toy-1-1-generating-1: RESOLVED" in said) == (0, True), said

    replace_image(image)
    code, said = ramp(capsys, *live)
    assert code == 1
    assert f"the image {image}:latest is now sha256:" in said
    assert "docker tag sha256:" in said
    assert sorted(path.name for path in (tmp_path / "runs").glob("*/")) == ["toy", "toy+ramp__toy-1-1-generating-1"]
    assert ramp(capsys, "replay", "toy", *output)[0] == 0
