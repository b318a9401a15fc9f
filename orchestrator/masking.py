"""Masks what differs between two runs of the same failure, so that equal failures have equal signatures."""

from __future__ import annotations

import hashlib
import re

_MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", "<uuid>"),
        (r"\b0[xX][0-9a-fA-F]+\b", "<address>"),
        (r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", "<time>"),
        (r"\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b", "<time>"),
        (r"\b\d+(?:\.\d+)?(?:e[+-]?\d+)? ?(?:ns|us|ms|s|sec|secs|seconds?|minutes?)\b", "<duration>"),
        (r"(?<![\w<])(?:[A-Za-z]:)?(?:[\\/][\w.+@-]+){2,}[\\/]?", "<path>"),
        # A hash has digits and letters; a word such as "deadbeef" or "facade" has to stay.
        (r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b", "<hex>"),
        (r"(?<![\w.<])[-+]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", "<n>"),
    )
)


def mask(text: str) -> str:
    """Replace identifiers of one run: uuids, addresses, times, durations, absolute paths, hashes, numbers."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def signature_of(*parts: str) -> str:
    """Sixteen hex digits of the masked parts; equal for the same failure of two runs."""
    masked = "\x00".join(" ".join(mask(part).split()) for part in parts)
    return hashlib.sha256(masked.encode("utf-8", "surrogatepass")).hexdigest()[:16]
