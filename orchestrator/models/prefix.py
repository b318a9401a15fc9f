"""How much of a prompt the server has seen just before: what a prompt cache can reuse."""

from __future__ import annotations

import threading
from collections import OrderedDict

from orchestrator.records import Message


def render(messages: tuple[Message, ...]) -> str:
    """The messages as one text, with role marks, in the order in which a server reads them."""
    return "".join(f"<|{message.role}|>\n{message.content}\n" for message in messages)


def shared_prefix(previous: str, current: str) -> int:
    """Characters that two prompts have in common from the start."""
    low, high = 0, min(len(previous), len(current))
    while low < high:
        middle = (low + high + 1) // 2
        if current.startswith(previous[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


class PrefixMeter:
    """Compares each prompt with the previous one of the same instance; remembers the last `instances` of them."""

    def __init__(self, instances: int = 64) -> None:
        self._last: OrderedDict[str, str] = OrderedDict()
        self._instances = instances
        self._lock = threading.Lock()

    def share(self, instance_id: str, messages: tuple[Message, ...]) -> float | None:
        """The share (0..1) of this prompt that repeats the previous one from its start; None for the first prompt.

        Measured in characters, which stand for tokens: within one prompt both are spread alike.
        """
        prompt = render(messages)
        with self._lock:
            previous = self._last.pop(instance_id, None)
            self._last[instance_id] = prompt
            while len(self._last) > self._instances:
                self._last.popitem(last=False)
        return None if previous is None else shared_prefix(previous, prompt) / max(1, len(prompt))
