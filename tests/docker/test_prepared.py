"""Images prepared with byte code: used for what is as in the image, never for what a patch changed, and gone afterwards."""

from __future__ import annotations

from uuid import uuid4

import pytest

from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_settings import DockerSettings
from tests.docker.conftest import Toy
from tests.docker.toy import GOLD

pytestmark = pytest.mark.docker

_PYTHON = "/opt/miniconda3/envs/testbed/bin/python"
# A loader says what it took a module from: a source, or byte code.
_LOOK = f"""\
find . -name '*.pyc' | wc -l
{_PYTHON} -v -c 'import shapes; print(shapes.area(2, 5))' > /tmp/said 2>&1
sed -n 's/.*code object from .testbed.shapes.\\(.*[.]py\\)$/compiled \\1/p' /tmp/said
grep -E '^[0-9]+$' /tmp/said
"""


def test_a_patched_source_is_compiled_anew(toy: Toy) -> None:
    """From the second run on the sources that the first one loaded are compiled; a patch of the very same size still decides."""
    engine = DockerEngine(DockerSettings(run_id=f"test-{uuid4().hex}", memory_mb=512), prepare_after=1)
    sandbox = engine.open(toy.task)
    said = [sandbox.run(SandboxCommand(_LOOK)).output.decode().split("\n") for _ in range(3)]
    patched = sandbox.run(SandboxCommand(_LOOK, GOLD.encode())).output.decode()
    mine = {"label": f"ramp.run={engine.settings.run_id}"}
    prepared = len(engine.api.images(all=True, filters=mine))
    own = sandbox.run(SandboxCommand("ls -A /tmp | grep ramp")).output.decode().split()
    engine.stop()
    left = engine.api.images(all=True, filters=mine) + engine.api.containers(all=True, filters=mine)
    engine.close()
    assert said[0] == ["0", "compiled __init__.py", "compiled area.py", "7", ""]
    for later in said[1:]:
        assert later == ["2", "7", ""], "what nothing loaded is not compiled"
    assert patched.split("\n")[1:] == ["compiled area.py", "10", ""]
    assert prepared == 1
    assert len(own) == 1, "only the command's own folder is there"
    assert left == []
