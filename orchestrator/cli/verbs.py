"""The table of verbs. Only the verb that is asked for is loaded, and its file imports what it needs when it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module

import typer

VERBS = (
    "run", "resume", "replay", "inspect", "export", "localize", "states", "evaluate", "doctor", "init", "report",
    "compare", "ab", "gate", "prompts",
)  # fmt: skip
"""In the order of `ramp --help`. Each is a file of this package with a function of its name, or with an `app` of its own."""

_HELP = "Repair repositories, SWE-bench instance by instance, under a state machine; and show what that is worth."


def app_of(verbs: Iterable[str]) -> typer.Typer:
    """A command line of these verbs."""
    app = typer.Typer(
        name="ramp",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(help=_HELP)(_ramp)
    for verb in verbs:
        module = import_module(f"orchestrator.cli.{verb}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=verb)
        else:
            app.command(verb)(getattr(module, verb))
    return app


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: one verb where they begin with it, all of them for help and for what is no verb."""
    return app_of(arguments[:1] if arguments[:1] and arguments[0] in VERBS else VERBS)


def _ramp() -> None:
    # With a callback, an app of one verb still takes that verb's name first.
    """Nothing: each verb does its own work."""
