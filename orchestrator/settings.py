"""What a run is told: a phase file, an arm laid over it, flags and `-c` overrides; unknown keys are refused by file and key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from orchestrator.errors import SettingsError
from orchestrator.gate_rules import GateSettings, Section

Format = Literal["function", "search-replace", "whole-file", "unified-diff"]
Strategy = Literal[
    "functions", "next-function", "next-file", "whole-file", "only-functions", "with-tests", "with-imports",
    "keyword-files", "first-bytes",
]  # fmt: skip
StageName = Literal[
    "applies", "scope", "parses", "lints", "imports", "reproduction", "regression", "review", "consensus"
]


class Rung(Section):
    """One rung of the ladder: a model, how many attempts it gets, and how it is asked.

    `prices_usd_per_mtok` (input, output, and cache_read, cache_write) goes before the price table: dollars per million tokens.
    """

    model: str
    attempts: int = Field(default=4, ge=1, le=10)
    format: Format = "function"
    fallback_format: Format | None = "search-replace"
    samples: int = Field(default=1, ge=1, le=64)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_output_tokens: int = Field(default=2048, ge=64)
    context_tokens: int = Field(default=16384, ge=1024)
    effort: str | None = None
    prices_usd_per_mtok: dict[str, float] = Field(default_factory=dict)


class LocalizeSettings(Section):
    """How the place is found. `execution` lets what the issue's code runs through join the ranking."""

    localizer: Literal["ours", "plain-bm25"] = "ours"
    execution: bool = True


class ContextSettings(Section):
    """What the model is shown: the strategy of the first attempt, and the budget in the model's tokens."""

    strategy: Strategy = "functions"
    budget_tokens: int = Field(default=6000, ge=500)


class JudgeSettings(Section):
    """Which stages judge, and how strictly. `stages` is "all", "none" or a list of stage names; `waivers` switch rules off."""

    stages: Literal["all", "none"] | tuple[StageName, ...] = "all"
    reviewer: str = "none"
    veto: bool = False
    confidence: float = Field(default=0.0, ge=0, le=1)
    regression_budget_s: float = Field(default=120.0, gt=0)
    max_files: int = Field(default=10, ge=1)
    max_changed_lines: int = Field(default=600, ge=1)
    waivers: tuple[str, ...] = ()


class FeedbackSettings(Section):
    """What the next attempt is told: none, raw-tail (the last 40 lines) or diagnosed."""

    detail: Literal["none", "raw-tail", "diagnosed"] = "diagnosed"
    full_attempts: int = Field(default=2, ge=0, le=10)


class PolicySettings(Section):
    """When the next attempt repairs, starts afresh, or goes up the ladder."""

    repairs: int = Field(default=2, ge=0, le=10)
    story_for_next_rung: bool = True
    hard_case_escalation: bool = False


class SandboxSettings(Section):
    """Isolation and limits. `kind` auto is bubblewrap for tasks without an image and Docker for tasks with one."""

    kind: Literal["auto", "docker", "bubblewrap", "unsafe-local"] = "auto"
    memory_mb: int = Field(default=2048, ge=64)
    pids: int = Field(default=256, ge=8)
    cpus: float = Field(default=1.0, gt=0)
    timeout_s: float = Field(default=600.0, gt=0)
    idle_timeout_s: float | None = Field(default=None, gt=0)
    docker_host: str | None = None
    pool: int = Field(default=2, ge=1, le=64)


class EvaluateSettings(Section):
    """Official grading. `network` and `capabilities` weaken the isolation of grading only, and are stamped."""

    network: Literal["none", "bridge"] = "none"
    capabilities: tuple[str, ...] = ()
    memory_mb: int = Field(default=4096, ge=64)
    lean: bool = False
    repeat: int = Field(default=1, ge=1, le=20)
    timeout_s: float = Field(default=1800.0, gt=0)
    grade_all: bool = False


class BudgetSettings(Section):
    """Limits that stop a run cleanly and resumably. Dollars count per instance, phase and day; None is no limit."""

    usd_per_instance: float | None = Field(default=None, ge=0)
    usd_per_phase: float | None = Field(default=None, ge=0)
    usd_per_day: float | None = Field(default=None, ge=0)
    minutes: float | None = Field(default=None, gt=0)


class ModelsSettings(Section):
    """Endpoints and their limits; keys come from the environment and are never written anywhere.

    A local server is asked one thing at a time unless `concurrency` says otherwise. The first-token clock spans loading the
    model and reading the prompt. A refused connection to a local server is tried again for `wait_for_server_s`.
    """

    ollama_host: str | None = None
    keep_alive: str = "30m"
    wait_for_server_s: float = Field(default=60.0, ge=0)
    concurrency: int | None = Field(default=None, ge=1)
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    connect_timeout_s: float = Field(default=5.0, gt=0)
    first_token_timeout_s: float = Field(default=600.0, gt=0)
    stall_timeout_s: float = Field(default=60.0, gt=0)
    total_timeout_s: float = Field(default=900.0, gt=0)
    cache: bool = True


class Settings(Section):
    """Everything a run is told; recorded whole in its ledger."""

    phase: int = Field(ge=1)
    name: str
    size: int = Field(ge=1)
    benchmark: str
    arm: str = "cascade"
    ladder: tuple[Rung, ...] = Field(min_length=1)
    attempts: int = Field(default=6, ge=1, le=10)
    disclosure: Literal["repo-tests", "oracle"] = "repo-tests"
    prompt_set: str = "default"
    workers: int = Field(default=1, ge=1, le=256)
    seed: int = 0
    notes: str = ""
    mirrors: tuple[str, ...] = ()
    localize: LocalizeSettings = LocalizeSettings()
    context: ContextSettings = ContextSettings()
    judge: JudgeSettings = JudgeSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    policy: PolicySettings = PolicySettings()
    sandbox: SandboxSettings = SandboxSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    budget: BudgetSettings = BudgetSettings()
    models: ModelsSettings = ModelsSettings()
    gate: GateSettings = GateSettings()


def load_settings(phase_file: Path, layers: Sequence[tuple[str, Mapping[str, Any]]] = ()) -> Settings:
    """Read a phase file and lay (source, values) layers over it, later ones winning. Raises SettingsError naming source and key.

    Tables are merged key by key; lists (the ladder) are replaced whole.
    """
    return settings_from(read_toml(phase_file), str(phase_file), layers)


def settings_from(base: Mapping[str, Any], base_name: str, layers: Sequence[tuple[str, Mapping[str, Any]]]) -> Settings:
    """`load_settings` for a base that is read already."""
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for source, values in ((base_name, base), *layers):
        _merge(merged, values, source, origin, "")
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        source = _origin_of(key, origin, base_name)
        what = _unknown(str(first["loc"][-1])) if first["type"] == "extra_forbidden" else first["msg"]
        raise SettingsError(f"{source}: {key}: {what}") from error
    _check_ladder(settings.ladder, origin.get("ladder", base_name))
    return settings


def change_settings(settings: Settings, layers: Sequence[tuple[str, Mapping[str, Any]]]) -> Settings:
    """A run's settings with (source, values) layers over them. Raises SettingsError naming source and key."""
    return settings_from(settings.model_dump(mode="json"), "the run's own settings", layers)


def recorded_settings(meta: Mapping[str, Any], run: Path) -> Settings:
    """The settings in a ledger's own facts. Raises SettingsError where they are of another version of the program."""
    try:
        return Settings.model_validate(meta.get("settings", {}))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{run} was made with settings of another version ({key}: {first['msg']}); use the ramp that made it"
        ) from error


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict. Raises SettingsError naming the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from error


def parse_override(text: str) -> dict[str, Any]:
    """`a.b=value` as nested tables; the value is TOML, or a plain string where it is no TOML. Raises SettingsError."""
    key, equals, value = text.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise SettingsError(f"-c {text!r}: write it as key.sub=value")
    try:
        parsed: Any = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    for part in reversed(parts):
        parsed = {part: parsed}
    result: dict[str, Any] = parsed
    return result


def _merge(into: dict[str, Any], values: Mapping[str, Any], source: str, origin: dict[str, str], prefix: str) -> None:
    for key, value in values.items():
        origin[f"{prefix}{key}"] = source
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value, source, origin, f"{prefix}{key}.")
        elif isinstance(value, Mapping):
            into[key] = {}
            _merge(into[key], value, source, origin, f"{prefix}{key}.")
        else:
            into[key] = value


def _unknown(key: str) -> str:
    """What to say of a key that its section does not have."""
    known = {name for section in Section.__subclasses__() for name in section.model_fields}
    meant = "".join(f"; did you mean {name}?" for name in difflib.get_close_matches(key, sorted(known), 1))
    return f"unknown key{meant or '; every key is in docs/SETTINGS.md'}"


def _origin_of(key: str, origin: Mapping[str, str], default: str) -> str:
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        if source := origin.get(".".join(parts[:length])):
            return source
    return default


def _check_ladder(ladder: Sequence[Rung], source: str) -> None:
    seen: set[str] = set()
    for rung in ladder:
        if rung.model in seen:
            raise SettingsError(
                f"{source}: ladder: {rung.model} stands on two rungs; give one rung more attempts instead"
            )
        seen.add(rung.model)
