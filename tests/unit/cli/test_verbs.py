"""The table of verbs: each is there, and only the one that is asked for is loaded."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.testing import CliRunner

from orchestrator.cli.app import app
from orchestrator.cli.verbs import VERBS, app_for


def loaded(*arguments: str) -> set[str]:
    """The verbs that a fresh interpreter has loaded when `ramp` with these arguments is ready to run."""
    code = (
        "import sys; from orchestrator.cli.verbs import VERBS, app_for; app_for(sys.argv[1:]);"
        "print(*(v for v in VERBS if f'orchestrator.cli.{v}' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_a_file_of_its_own(verb: str) -> None:
    """With a function of its name, or a group of further verbs; and the whole command line has it."""
    module = import_module(f"orchestrator.cli.{verb}")
    assert callable(getattr(module, verb, None)) or isinstance(module.app, typer.Typer)
    done = CliRunner().invoke(app, [verb, "--help"])
    assert (done.exit_code, "Usage:" in done.output) == (0, True)


def test_one_verb_loads_one_file() -> None:
    """So that what other verbs are made of costs no time."""
    assert loaded("states", "--check") == {"states"}
    assert loaded("--help") == loaded() == loaded("nope") == set(VERBS)


def test_a_line_of_one_verb_takes_the_verb_first() -> None:
    """Usage and unknown options read as they do in the whole command line."""
    for whole in (app, app_for(["states"])):
        done = CliRunner().invoke(whole, ["states", "--nope"])
        assert (done.exit_code, "No such option: --nope" in done.output) == (2, True)
