"""What Ollama accepts, strictly: its own API description where that is at hand, and always a hand-written model.

Neither `truncate` nor `shift` is in the description; both are in the server's types.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class Strict(BaseModel):
    """Unknown fields are refused, and numbers are not made from text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Options(Strict):
    """The options that a run may send."""

    num_ctx: int
    num_predict: int
    seed: int
    temperature: float
    repeat_penalty: float
    stop: list[str] | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None


class ChatMessage(Strict):
    """One message."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str


class ChatRequest(Strict):
    """The body of /api/chat."""

    model: str
    messages: list[ChatMessage]
    options: Options
    stream: bool
    keep_alive: str | float
    truncate: bool
    shift: bool
    format: Literal["json"] | dict[str, Any] | None = None
    think: bool | Literal["high", "medium", "low", "max"] | None = None


class NamedModel(Strict):
    """The body of /api/show."""

    model: str
    verbose: bool | None = None


class PullRequest(Strict):
    """The body of /api/pull."""

    model: str
    insecure: bool | None = None
    stream: bool | None = None


MODELS: dict[str, tuple[type[Strict], str]] = {
    "/api/chat": (ChatRequest, "ChatRequest"),
    "/api/show": (NamedModel, "ShowRequest"),
    "/api/pull": (PullRequest, "PullRequest"),
}


def fault(path: str, body: Any) -> str:
    """What is wrong with a request's body; empty where nothing is."""
    model, schema_name = MODELS[path]
    try:
        model.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    description = api_description()
    if description is None:
        return ""
    import jsonschema

    validator = jsonschema.Draft202012Validator({**description, "$ref": f"#/components/schemas/{schema_name}"})
    found = next(iter(validator.iter_errors(body)), None)
    return "" if found is None else f"{found.json_path}: {found.message}"


@functools.cache
def api_description() -> dict[str, Any] | None:
    """Ollama's openapi.yaml made strict, with truncate and shift; None where it is not at hand."""
    shared = Path(os.environ.get("RAMP_SHARED") or Path(__file__).parents[2].parent / "shared")
    path = shared / "ollama" / "openapi.yaml"
    if not path.is_file():
        return None
    description: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    schemas: Mapping[str, Any] = description["components"]["schemas"]
    for schema in schemas.values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    schemas["ChatRequest"]["properties"] |= {"truncate": {"type": "boolean"}, "shift": {"type": "boolean"}}
    return {"components": description["components"]}
