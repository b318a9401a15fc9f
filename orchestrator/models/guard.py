"""The repetition guard: a reply that loops is ended on our side and is an outcome of its own."""

from __future__ import annotations

IDENTICAL_TOKENS = 30  # Ollama ends a stream, without a word, after more than 30 identical trimmed tokens
CHECK_EVERY = 1_000
TAIL = 2_400
LONGEST_PERIOD = 600
PROBE = 48


class RepetitionGuard:
    """Watches the tokens of one reply as they come."""

    __slots__ = ("_last", "_pending", "_run", "_size", "_tail")

    def __init__(self) -> None:
        self._last: str | None = None
        self._run = 0
        self._tail = ""
        self._pending: list[str] = []
        self._size = 0

    def looping(self, token: str) -> bool:
        """Take the next token; True once the reply repeats one token, or one passage, over and over."""
        trimmed = token.strip()
        self._run = self._run + 1 if trimmed == self._last else 1
        self._last = trimmed
        self._pending.append(token)
        self._size += len(token)
        if self._run > IDENTICAL_TOKENS:
            return True
        return self._size >= CHECK_EVERY and self._tail_loops()

    @property
    def was_repeating(self) -> bool:
        """Whether the reply ended in at least 30 identical tokens: the reason for a stream that just stops."""
        return self._run >= IDENTICAL_TOKENS

    def _tail_loops(self) -> bool:
        self._tail = (self._tail + "".join(self._pending))[-TAIL:]
        self._pending, self._size = [], 0
        return len(self._tail) == TAIL and is_periodic(self._tail)


def is_periodic(text: str) -> bool:
    """Whether `text` is one passage of at most LONGEST_PERIOD characters written over and over, four times or more."""
    period = len(text) - PROBE - text.rfind(text[-PROBE:], 0, len(text) - 1)
    return period <= min(LONGEST_PERIOD, len(text) // 4) and text[period:] == text[:-period]
