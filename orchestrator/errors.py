"""The error tree. Exceptions are for what broke; a wrong answer of a model is an event.

RampError
├── UserError                 exit 1: the user can fix it
│   ├── SettingsError         a phase file, arms.toml or a -c override (names file and key)
│   ├── MachineError          states/machine.toml does not prove
│   ├── PromptError           a missing or an unused variable, an unknown prompt set
│   ├── BenchmarkError        a dataset row, task or predictions file (names index and field)
│   ├── LedgerError           a damaged, foreign, locked or read-only run
│   └── MissingPiece          no key, no model, no engine, no image: says how to get it
├── InfrastructureError       the environment broke; never counted against the model
│   ├── SandboxError          the isolation asked for cannot be had, or went away
│   ├── ModelUnavailable      the endpoint refuses, stalls or breaks after all retries
│   └── RepositoryError       git data that is missing or damaged
├── BudgetExhausted           a spend or time limit: stop cleanly, resumable
├── Interrupted               SIGINT or SIGTERM: exit 130 or 143, resumable
├── GateRefused               exit 4: the gate says no
└── ReplayDiffers             exit 5: a replay does not come out as recorded
"""

from __future__ import annotations

from signal import Signals


class RampError(Exception):
    """Root of everything that swe-ramp raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 3


class UserError(RampError):
    """Something the user can fix; the message says what is wrong and what to do."""

    exit_code = 1


class SettingsError(UserError):
    """A phase file, arms.toml or a `-c` override is wrong; the message names file and key."""


class MachineError(UserError):
    """The state table cannot be proved; the message names the state or event at fault."""


class PromptError(UserError):
    """A prompt template misses a variable, does not use one, or does not exist."""


class BenchmarkError(UserError):
    """A dataset row, a task or a predictions file is malformed; the message names index and field."""


class LedgerError(UserError):
    """A run's ledger is damaged, foreign, of another version, locked or read-only."""


class MissingPiece(UserError):
    """A model, key, engine, image or program is not there.

    `what` names it, `remedy` is what to type or do; both are shown.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what + ("" if what.endswith("\n") else ". ") + remedy)
        self.what = what
        self.remedy = remedy


class InfrastructureError(RampError):
    """The environment broke. The instance becomes INFRA_FAILED and can be retried apart."""

    exit_code = 1


class SandboxError(InfrastructureError):
    """The isolation that was asked for cannot be had, or the engine went away."""


class ModelUnavailable(InfrastructureError):
    """A model's endpoint refused, stalled or broke, after every allowed retry."""


class RepositoryError(InfrastructureError):
    """Git data is missing, damaged or of a kind we refuse."""


class BudgetExhausted(RampError):
    """A spend or time limit is reached; the run stops cleanly and can be resumed."""

    exit_code = 1


class Interrupted(RampError):
    """A signal asked us to stop; `exit_code` is 130 for SIGINT and 143 for SIGTERM. `runs` are the names to resume."""

    def __init__(self, signal_number: int, *runs: str) -> None:
        commands = " and ".join(f"`ramp resume {run}`" for run in runs)
        super().__init__(f"interrupted by {Signals(signal_number).name}; go on with {commands}")
        self.exit_code = 128 + signal_number


class GateRefused(RampError):
    """The gate of the previous phase said no and no `--override` was given."""

    exit_code = 4


class ReplayDiffers(RampError):
    """A replay came out otherwise than recorded; the message shows the first difference."""

    exit_code = 5
