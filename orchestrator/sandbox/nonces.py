"""Nonces: what marks a result as genuine. The sandbox's own where it makes them, so that a replay can make them again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Protocol, runtime_checkable

from orchestrator.protocols import Sandbox


@runtime_checkable
class MakesNonces(Protocol):
    """A sandbox whose nonces a replay can make again (`recording.RecordingSandbox`)."""

    def nonce(self, label: str) -> str:
        """128 unguessable bits in hex, another one at each call."""


def nonce_of(sandbox: Sandbox, label: str) -> str:
    """A fresh nonce: the sandbox's own where it makes them, so that recorded results are found genuine in a replay too."""
    return sandbox.nonce(label) if isinstance(sandbox, MakesNonces) else secrets.token_hex(16)


def derived(nonce: str, name: str) -> str:
    """128 bits in hex that only who knows `nonce` can make; knowing one of them tells nothing of another."""
    return hmac.new(nonce.encode(), name.encode(), hashlib.sha256).hexdigest()[:32]
