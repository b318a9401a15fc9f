"""Model names as the user types them, and what is wrong with the ones that are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from orchestrator.errors import SettingsError

URL_START = re.compile(r"@(?=[A-Za-z][A-Za-z0-9+.-]*://)")
FORMS = {
    "ollama": "ollama/NAME",
    "anthropic": "anthropic/NAME",
    "openai": "openai/NAME@URL",
    "scripted": "scripted:FILE",
    "replay": "replay:RUN",
    "mutation": "mutation",
}


@dataclass(frozen=True, slots=True)
class ModelName:
    """A parsed model name. `rest` is the provider's own name, the file or the run; `url` is set for openai only."""

    text: str
    provider: str
    rest: str = ""
    url: str = ""


def parse_model_name(text: str) -> ModelName:
    """Read a model name. Raises SettingsError that names the fault and the forms there are."""
    if text == "mutation":
        return ModelName(text, "mutation")
    for provider in ("scripted", "replay"):
        if text.startswith(f"{provider}:"):
            return ModelName(text, provider, _not_empty(text, text.partition(":")[2]))
    provider, slash, rest = text.partition("/")
    if not slash or provider not in ("ollama", "anthropic", "openai"):
        known = ", ".join(FORMS.values())
        meant = f"; did you mean ollama/{text}?" if text and "/" not in text else ""
        raise SettingsError(f"{text!r} is not a model name{meant}; the forms are {known}")
    if provider == "openai":
        marked = URL_START.search(rest)
        name, url = (rest[: marked.start()], rest[marked.end() :]) if marked else rest.rpartition("@")[::2]
        return ModelName(text, provider, _not_empty(text, name), check_url(name, url))
    return ModelName(text, provider, _not_empty(text, rest))


def check_url(owner: str, url: str) -> str:
    """Return `url` without a trailing slash; `owner` says in messages whose it is. Raises SettingsError on no http(s) address.

    An address with a password, query or fragment is refused without being shown: it may hold a key.
    """
    try:
        parts = urlsplit(url)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise SettingsError(f"the URL of {owner} is malformed: {error}") from error
    if not plain or "@" in url:
        raise SettingsError(f"the URL of {owner} carries more than an address; keys go in OPENAI_API_KEY")
    if not address or any(map(str.isspace, url)):
        raise SettingsError(f"{url!r} is no URL for {owner}; write it like openai/NAME@http://127.0.0.1:8000/v1")
    return url.rstrip("/")


def check_ladder(models: Sequence[str]) -> tuple[ModelName, ...]:
    """Parse the models of a ladder, in order. Raises SettingsError on a bad name, no model, or one that comes twice."""
    if not models:
        raise SettingsError("the ladder has no model; add a [[ladder]] entry with a model")
    names = tuple(parse_model_name(model) for model in models)
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SettingsError(
                f"ladder[{index}].model = {name.text!r} comes twice; give it more attempts in one place"
            )
    return names


def _not_empty(text: str, part: str) -> str:
    if not part or (any(map(str.isspace, part)) and not text.startswith(("scripted:", "replay:"))):
        forms = FORMS[text.replace(":", "/").partition("/")[0]]
        raise SettingsError(f"{text!r} is not a model name; write it as {forms}")
    return part
