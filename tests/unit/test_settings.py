"""Settings: layers, overrides, and errors that name file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import SettingsError
from orchestrator.settings import load_settings, parse_override

ROOT = Path(__file__).resolve().parents[2]
PHASE = ROOT / "phases" / "1-micro.toml"


@pytest.mark.parametrize(("number", "size"), [(1, 5), (2, 10), (3, 30), (4, 100), (5, 300)])
def test_the_shipped_phases_grow_from_5_to_300(number: int, size: int) -> None:
    """Each shipped phase file is valid and has the size of the plan."""
    (path,) = (ROOT / "phases").glob(f"{number}-*.toml")
    settings = load_settings(path)
    assert (settings.phase, settings.size) == (number, size)
    assert [rung.model for rung in settings.ladder] == ["ollama/llama3.1:8b", "anthropic/claude-haiku-5-5"]
    assert [rung.attempts for rung in settings.ladder] == [4, 2]


def test_later_layers_win_key_by_key() -> None:
    """An arm lies over the file, an override over the arm; other keys of a table stay."""
    arm = ("arms.toml", {"judge": {"veto": True, "max_files": 3}})
    settings = load_settings(PHASE, [arm, ("-c", parse_override("judge.max_files=5"))])
    assert (settings.judge.veto, settings.judge.max_files, settings.judge.stages) == (True, 5, "all")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=1", {"a": 1}),
        ("a.b=true", {"a": {"b": True}}),
        ("a=x y", {"a": "x y"}),
        ('a=["p"]', {"a": ["p"]}),
        ("a=", {"a": ""}),
    ],
)
def test_override_values_are_toml_or_plain_words(text: str, value: object) -> None:
    """`-c key.sub=value` reads numbers, booleans and lists, and takes anything else as text."""
    assert parse_override(text) == value


@pytest.mark.parametrize("text", ["novalue", "=1", "a..b=1", ".a=1"])
def test_a_malformed_override_is_refused(text: str) -> None:
    """The message shows the form."""
    with pytest.raises(SettingsError, match=r"key\.sub=value"):
        parse_override(text)


def test_an_unknown_key_is_named_with_its_file(tmp_path: Path) -> None:
    """A misspelt key in a phase file does not pass silently."""
    path = tmp_path / "mine.toml"
    path.write_text(PHASE.read_text() + "\n[sandbox]\nmemory_gb = 4\n")
    with pytest.raises(SettingsError, match=r"mine\.toml: sandbox\.memory_gb: unknown key"):
        load_settings(path)


def test_a_bad_override_is_named_as_such() -> None:
    """The layer at fault is named, not the file beneath it."""
    with pytest.raises(SettingsError, match=r"^-c: attempts: .*less than or equal to 10"):
        load_settings(PHASE, [("-c", {"attempts": 11})])


def test_a_ladder_with_one_model_twice_is_refused() -> None:
    """Two rungs of the same model would be one rung that forgets."""
    rung = {"model": "mutation", "attempts": 1}
    with pytest.raises(SettingsError, match="mutation stands on two rungs"):
        load_settings(PHASE, [("arms.toml", {"ladder": [rung, rung]})])


def test_a_phase_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    """So is one that does not exist."""
    broken = tmp_path / "broken.toml"
    broken.write_text("phase = ")
    with pytest.raises(SettingsError, match=r"broken\.toml: is not TOML"):
        load_settings(broken)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("policy.repair=3", "did you mean repairs?"),
        ("polcy.repairs=3", "did you mean policy?"),
        ("zzz=3", "docs/SETTINGS.md"),
    ],
)
def test_an_unknown_key_names_the_one_that_was_meant(override: str, words: str) -> None:
    """Or else the page that lists them all."""
    with pytest.raises(SettingsError) as refused:
        load_settings(PHASE, [(f"-c {override}", parse_override(override))])
    assert words in str(refused.value)
