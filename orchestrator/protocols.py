"""The interchangeable parts: Model, Sandbox, Tree and Repository, EditFormat, Benchmark.

Each is a Protocol with one literal dict of implementations in its own package. Fakes are part of the package and go in by
the constructor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from orchestrator.records import EditRefusal, Edits, ModelRequest, Reply, Sealed, Task

# --- models ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What exactly answers: stamped on every result. Unknown fields are empty or None, never guessed."""

    name: str
    provider: str
    digest: str = ""
    quantization: str = ""
    context_tokens: int | None = None
    takes_temperature: bool = True
    is_llm: bool = True


class Model(Protocol):
    """Anything that answers a request. Implementations are safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name as the user typed it, such as `ollama/llama3.1:8b` or `mutation`."""

    def identify(self) -> ModelIdentity:
        """Check that the model can be used and say what it is. Raises MissingPiece with the remedy."""

    def complete(self, request: ModelRequest) -> Reply:
        """Answer one request. Wrong answers come back as a Reply; raises ModelUnavailable, BudgetExhausted or MissingPiece."""

    def count_tokens(self, text: str) -> int:
        """Estimate the tokens of `text` for this model, erring on the high side."""


# --- sandboxes ------------------------------------------------------------------------------------


class SandboxOutcome(StrEnum):
    """How a sandboxed command ended. Only EXITED has an exit code that was the command's own."""

    EXITED = "exited"
    TIMEOUT = "timeout"
    IDLE_TIMEOUT = "idle_timeout"
    OOM = "oom"
    KILLED = "killed"
    OUTPUT_LIMIT = "output_limit"
    PATCH_FAILED = "patch_failed"
    INFRA = "infra"


@dataclass(frozen=True, slots=True)
class SandboxCommand:
    """One command in a fresh working copy: the pristine tree at base_commit with `patch` applied.

    `script` is a bash script, the sandbox's main process, started in the repository's root (/testbed). `files` are placed
    by absolute path outside the repository before it starts (results drivers, nonces). `results_path` (absolute) is
    fetched after the end, at most `results_limit_bytes`. `purpose` and `key` say what it is for (ledger, labels).
    """

    script: str
    patch: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    results_path: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 300.0
    idle_timeout_s: float | None = None
    output_limit_bytes: int = 2_000_000
    results_limit_bytes: int = 20_000_000
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """What came back. `output` is head and tail where `output_truncated`; `detail` explains anything but EXITED."""

    outcome: SandboxOutcome
    exit_code: int | None
    output: bytes
    results: bytes | None = None
    output_truncated: bool = False
    duration_s: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SandboxProfile:
    """The isolation in effect, recorded with every result. `limits` say what really applied, e.g. memory: cgroup or rlimit_as."""

    kind: str
    image_digest: str = ""
    network: bool = False
    isolated: bool = True
    limits: Mapping[str, str] = field(default_factory=dict)


class Sandbox(Protocol):
    """Runs commands for one task, each in a working copy of its own; nothing is shared between two runs."""

    @property
    def profile(self) -> SandboxProfile:
        """The effective isolation."""

    def run(self, command: SandboxCommand) -> SandboxResult:
        """Run one command to its end. Raises SandboxError only where the engine itself is gone."""


class SandboxEngine(Protocol):
    """Opens sandboxes for tasks, and clears up after runs that were killed."""

    def check(self) -> None:
        """Raise MissingPiece (with the remedy) where this engine cannot give the isolation it promises."""

    def open(self, task: Task, repository: Repository) -> Sandbox:
        """Prepare the task's environment. Raises SandboxError or MissingPiece (an image that is not there)."""

    def sweep(self, run_id: str) -> int:
        """Remove what a killed run left behind; returns how many things were removed."""


# --- the repository -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One entry of a git tree: mode 100644, 100755, 120000 (symlink) or 160000 (submodule), and its blob id."""

    path: str
    mode: str
    blob_id: str
    size_bytes: int = -1


class Tree(Protocol):
    """Files by path, as bytes. A candidate is a Tree laid over another."""

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every entry by path, in git's order. Paths are str decoded with surrogateescape."""

    def read(self, path: str) -> bytes:
        """A regular file's content. Raises KeyError where there is none (symlinks and submodules count as none)."""


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A past commit: its id, message, author time (seconds since the epoch) and the paths it touched."""

    commit_id: str
    message: str
    time_s: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that a past commit modified: the last names of the definitions around its changed lines, and those lines' text."""

    commit_id: str
    path: str
    names: tuple[str, ...]
    text: str


class Repository(Tree, Protocol):
    """A repository at base_commit, read from git objects; there is no working tree on the host."""

    @property
    def base_commit(self) -> str:
        """The full commit id."""

    def read_blobs(self, blob_ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents of many blobs in one pass, in the order asked for."""

    def history(self, limit: int) -> tuple[CommitInfo, ...]:
        """Up to `limit` ancestors of base_commit, newest first; empty where the clone is shallow."""

    def changes(self, commit_ids: Sequence[str]) -> tuple[FileChange, ...]:
        """The Python files that commits modified; merges give none, and what the clone lacks is left out."""

    def archive(self) -> bytes:
        """A tar of the tree, for sandboxes without an image; made by `git archive`, never unpacked on the host."""


# --- edits ----------------------------------------------------------------------------------------


class EditFormat(Protocol):
    """One way for a model to write edits: its section of the prompt and its parser. Applying is common to all (`edits.apply`)."""

    @property
    def name(self) -> str:
        """function, search-replace, whole-file or unified-diff."""

    @property
    def prompt_section(self) -> str:
        """The template, within a prompt set, that teaches the format with one worked example."""

    def parse(self, reply_text: str, tree: Tree, targets: tuple[str, ...] = ()) -> Edits | EditRefusal:
        """Read a reply. `targets` are the paths that were shown, used to resolve misspelt paths. Never raises on any text."""


# --- benchmarks -----------------------------------------------------------------------------------


class Benchmark(Protocol):
    """A set of instances. The only place where a row is split into a Task and a Sealed."""

    @property
    def name(self) -> str:
        """The name as given with -b."""

    @property
    def sha256(self) -> str:
        """Hash of the rows, stamped on results."""

    def instance_ids(self) -> tuple[str, ...]:
        """All ids, in the benchmark's own order."""

    def task(self, instance_id: str) -> Task:
        """What the loop may know. Raises BenchmarkError on an unknown id."""

    def sealed(self, instance_id: str) -> Sealed:
        """What grades it; only `evaluate/` calls this."""

    def repository(self, task: Task) -> Repository:
        """The repository at base_commit. Raises RepositoryError or MissingPiece."""
