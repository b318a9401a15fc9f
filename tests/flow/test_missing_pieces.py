"""A run that cannot start says so before anything is made, with all that is missing and the way out of each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def test_without_dataset_model_server_and_key_one_message_names_all_three(tmp_path: Path) -> None:
    """And shows the command that needs none of them; nothing is written."""
    environment = {name: value for name, value in os.environ.items() if name not in KEYS}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub"), "OLLAMA_HOST": "http://127.0.0.1:9"}
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    command = [sys.executable, "-m", "orchestrator", "run", "1", "-c", "models.wait_for_server_s=0"]
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for words in (
        "SWE-bench_Lite",
        ".parquet",
        "ollama serve",
        "Set ANTHROPIC_API_KEY",
        "run 1 -b starter -m mutation",
    ):
        assert words in done.stderr
    assert list(workspace.iterdir()) == []
