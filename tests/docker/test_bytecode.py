"""An image's own byte code in its containers: used for what is as in the image, never for what a patch changed."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_bytecode import Bytecode
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


def test_a_patched_source_is_compiled_anew(toy: Toy, tmp_path: Path) -> None:
    """From the second run on the sources are compiled; a patch of the very same size still decides what runs."""
    engine = DockerEngine(DockerSettings(run_id=f"test-{uuid4().hex}", memory_mb=512), bytecode=Bytecode(tmp_path))
    sandbox = engine.open(toy.task)
    said = [sandbox.run(SandboxCommand(_LOOK)).output.decode().split("\n") for _ in range(3)]
    patched = sandbox.run(SandboxCommand(_LOOK, GOLD.encode())).output.decode()
    left = engine.sweep(engine.settings.run_id)
    engine.close()
    assert said[0] == ["0", "compiled __init__.py", "compiled area.py", "7", ""]
    for later in said[1:]:
        assert int(later[0]) >= 2
        assert later[1:] == ["7", ""]
    assert patched.split("\n")[1:] == ["compiled area.py", "10", ""]
    assert left == 0
