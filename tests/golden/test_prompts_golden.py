"""Every rendered prompt is committed text, so that a change of a prompt is seen as one."""

from tests.golden.rendered_prompts import FOLDER, rendered


def test_every_rendered_prompt_is_as_committed() -> None:
    """A prompt that renders otherwise than its golden file fails; `python -m tests.golden.rendered_prompts` rewrites them."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert rendered() == committed
