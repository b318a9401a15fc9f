"""Models and sandboxes that remember: what was paid for once is read from the ledger ever after.

A crash between an answer and the commit of its step costs at most that one answer; a replay runs on the recordings alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from orchestrator.errors import ReplayDiffers
from orchestrator.ledger import Ledger
from orchestrator.protocols import (
    Model,
    ModelIdentity,
    Sandbox,
    SandboxCommand,
    SandboxProfile,
    SandboxResult,
    Tree,
    TreeEntry,
)
from orchestrator.records import ModelRequest, Reply

CALLS = "call"
SANDBOX_RUNS = "run"
FILES = "file"
TOKEN_COUNTS = "tokens"
TESTS_REACHING = "tests"
CALL_RECORDS = "call_record"


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A reply with the hash of the request that it answers, and the instance's attempt and sample that asked."""

    request_sha256: str
    reply: Reply
    attempt: int
    sample: int
    purpose: str


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A sandbox's result, with what it was run for and the isolation that was in effect."""

    purpose: str
    result: SandboxResult
    profile: SandboxProfile


def request_hash(request: ModelRequest) -> str:
    """Hash of what a model is asked: messages, sampling and format. Structure beside the prose is derived from the same."""
    asked = [request.model, request.purpose, request.edit_format, asdict(request.sampling), request.ordinal]
    text = json.dumps([*asked, [(m.role, m.content) for m in request.messages]])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class RecordingModel:
    """A Model in front of the ledger. With `model` None it only replays, and a missing recording is a ReplayDiffers."""

    def __init__(self, model: Model | None, name: str, ledger: Ledger, wall_clock: Callable[[], float]) -> None:
        self._model = model
        self._name = name
        self._ledger = ledger
        self._wall_clock = wall_clock

    @property
    def name(self) -> str:
        """The model's name as typed."""
        return self._name

    def identify(self) -> ModelIdentity:
        """Who answers; a replay has nobody to ask."""
        return self._model.identify() if self._model else ModelIdentity(self._name, "replay")

    def count_tokens(self, text: str) -> int:
        """The model's own estimate; in a replay, four characters a token."""
        return self._model.count_tokens(text) if self._model else len(text) // 4 + 1

    def complete(self, request: ModelRequest) -> Reply:
        """The recorded reply where there is one to this very request, else the model's, committed before it is returned."""
        sha256 = request_hash(request)
        key = f"{request.instance_id}/{request.attempt}/{request.sample}/{request.purpose}/{request.model}"
        recorded: RecordedCall | None = self._ledger.recall(CALLS, key, RecordedCall)
        if recorded is not None and recorded.request_sha256 == sha256:
            return recorded.reply
        if self._model is None:
            what = "the request differs from the recorded one" if recorded else "no reply was recorded"
            raise ReplayDiffers(f"{key}: {what}; --live-from GENERATING asks the model again")
        reply = self._model.complete(request)
        call = RecordedCall(sha256, reply, request.attempt, request.sample, request.purpose)
        self._ledger.remember(CALLS, key, request.instance_id, call, self._wall_clock())
        return reply


class CountingModel:
    """One step's view of a model: how many tokens it said that each text has is kept before a request is sent.

    An estimator learns as a run goes on. Only with the counts of that moment is a prompt cut at the same line again, in a
    replay or when a killed step is taken anew.
    """

    def __init__(
        self, model: Model, instance_id: str, step: int, ledger: Ledger, wall_clock: Callable[[], float]
    ) -> None:
        self._model = model
        self._instance_id = instance_id
        self._ledger = ledger
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._key = f"{instance_id}/{step}/{model.name}"
        self._counts: dict[str, int] = ledger.recall(TOKEN_COUNTS, self._key, dict[str, int]) or {}
        self._kept = len(self._counts)

    @property
    def name(self) -> str:
        """The model's name as typed."""
        return self._model.name

    def identify(self) -> ModelIdentity:
        """Who answers."""
        return self._model.identify()

    def count_tokens(self, text: str) -> int:
        """What the model said of this text in this step; one that it was not asked about is asked now."""
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        with self._lock:
            if key not in self._counts:
                self._counts[key] = self._model.count_tokens(text)
            return self._counts[key]

    def complete(self, request: ModelRequest) -> Reply:
        """The model's answer; the counts that shaped the request are kept first."""
        with self._lock:
            counts = dict(self._counts) if len(self._counts) > self._kept else None
            self._kept = len(self._counts)
        if counts is not None and not self._ledger.read_only:
            self._ledger.remember(TOKEN_COUNTS, self._key, self._instance_id, counts, self._wall_clock(), wait=False)
        return self._model.complete(request)


class RecordingSandbox:
    """A Sandbox in front of the ledger. Results are known by step, purpose and patch, in the order they were asked for."""

    def __init__(
        self,
        sandbox: Sandbox | None,
        instance_id: str,
        ledger: Ledger,
        secret: bytes,
        wall_clock: Callable[[], float],
    ) -> None:
        self._sandbox = sandbox
        self._instance_id = instance_id
        self._ledger = ledger
        self._secret = secret
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()
        self._nonces: Counter[str] = Counter()
        self._step = 0

    def enter_step(self, seq: int) -> None:
        """Begin a step: what is run from now on belongs to it."""
        self._step = seq
        self._asked.clear()
        self._nonces.clear()

    @property
    def profile(self) -> SandboxProfile:
        """The isolation in effect; a replay has none."""
        return self._sandbox.profile if self._sandbox else SandboxProfile("replay")

    def nonce(self, label: str) -> str:
        """128 bits that nothing in a sandbox can guess and that a replay can make again: keyed by the run's own secret."""
        with self._lock:
            self._nonces[label] += 1
            message = f"{self._instance_id}/{self._step}/{label}/{self._nonces[label]}"
        return hmac.new(self._secret, message.encode(), hashlib.sha256).hexdigest()[:32]

    def run(self, command: SandboxCommand) -> SandboxResult:
        """The recorded result of this run where there is one, else the sandbox's, kept before the step commits."""
        patch = hashlib.sha256(command.patch).hexdigest()[:16]
        asked = f"{command.purpose}/{patch}"
        with self._lock:
            self._asked[asked] += 1
            key = f"{self._instance_id}/{self._step}/{asked}/{self._asked[asked]}"
        recorded: RecordedRun | None = self._ledger.recall(SANDBOX_RUNS, key, RecordedRun)
        if recorded is not None:
            return recorded.result
        if self._sandbox is None:
            raise ReplayDiffers(f"{key}: no sandbox result was recorded; --live-from the state runs it again")
        result = self._sandbox.run(command)
        kept = RecordedRun(command.purpose, result, self._sandbox.profile)
        self._ledger.remember(SANDBOX_RUNS, key, self._instance_id, kept, self._wall_clock(), wait=False)
        return result


class RecordingTree:
    """A Tree in front of the ledger: the listing and each file that was read are kept. With `tree` None it only replays."""

    def __init__(self, tree: Tree | None, instance_id: str, ledger: Ledger, wall_clock: Callable[[], float]) -> None:
        self._tree = tree
        self._instance_id = instance_id
        self._ledger = ledger
        self._wall_clock = wall_clock
        self._entries: Mapping[str, TreeEntry] | None = None
        self._read: dict[str, bytes | None] = {}
        self._lock = threading.Lock()

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every entry by path."""
        with self._lock:
            return self._entries_now()

    def read(self, path: str) -> bytes:
        """A regular file's content. Raises KeyError where there is none, and ReplayDiffers where a replay never saw it."""
        with self._lock:
            if path not in self._read:
                self._read[path] = self._content(path)
            content = self._read[path]
        if content is None:
            raise KeyError(path)
        return content

    def _listing(self) -> Mapping[str, TreeEntry]:
        key = f"{self._instance_id}/entries"
        if self._tree is not None:
            entries = self._tree.entries()
            text = "\0".join(f"{e.mode} {e.blob_id} {e.size_bytes} {path}" for path, e in entries.items())
            data = text.encode("utf-8", "surrogateescape")
            self._ledger.remember(FILES, key, self._instance_id, data, self._wall_clock(), wait=False)
            return entries
        recorded: bytes | None = self._ledger.recall(FILES, key, bytes)
        if recorded is None:
            raise ReplayDiffers(f"{key}: the listing of the repository was not recorded")
        rows = (row.split(" ", 3) for row in recorded.decode("utf-8", "surrogateescape").split("\0") if row)
        return {path: TreeEntry(path, mode, blob, int(size)) for mode, blob, size, path in rows}

    def _content(self, path: str) -> bytes | None:
        key = f"{self._instance_id}/{path}".encode("utf-8", "surrogateescape").hex()
        if self._tree is not None:
            try:
                content = self._tree.read(path)
            except KeyError:
                return None
            self._ledger.remember(FILES, key, self._instance_id, content, self._wall_clock(), wait=False)
            return content
        recorded: bytes | None = self._ledger.recall(FILES, key, bytes)
        if recorded is None and path in self._entries_now():
            raise ReplayDiffers(f"{path}: this replay reads a file that the run did not read")
        return recorded

    def _entries_now(self) -> Mapping[str, TreeEntry]:
        if self._entries is None:
            self._entries = self._listing()
        return self._entries
