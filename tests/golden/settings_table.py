"""The table of settings, docs/SETTINGS.md: `python -m tests.golden.settings_table` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from orchestrator.settings import Rung, Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SETTINGS.md"
HEAD = """# Settings

Every key of a phase file, an arm in phases/arms.toml, and `-c key.sub=value`. Generated; an unknown key is refused by name.

"""


def draw_settings() -> str:
    """The page as it should be."""
    return HEAD + "\n".join([*_section("", Settings), *_section("ladder[].", Rung)]) + "\n"


def _section(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    nested: list[tuple[str, type[BaseModel]]] = []
    yield f"## {prefix.rstrip('.') or 'the phase'}\n"
    yield f"{(model.__doc__ or '').strip()}\n"
    yield "| key | type | default |\n|---|---|---|"
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            nested.append((f"{prefix}{name}.", kind))
        else:
            yield f"| `{prefix}{name}` | {_type(field)} | {_default(field)} |"
    yield ""
    for deeper, kind in nested:
        yield from _section(deeper, kind)


def _type(field: FieldInfo) -> str:
    kind = field.annotation
    text = kind.__name__ if isinstance(kind, type) else str(kind)
    return (
        text.replace("typing.", "").replace("orchestrator.settings.", "").replace("|", "or").replace("NoneType", "None")
    )


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"


if __name__ == "__main__":
    PAGE.write_text(draw_settings(), encoding="utf-8")
