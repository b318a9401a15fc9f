"""Filling lines with words."""

from wrapper.words import paragraphs, split_words


def wrap(text, width=72, hanging=0):
    """Lines of at most ``width`` characters.

    Every line but the first of a paragraph is indented by ``hanging``
    spaces, which count towards the width. Paragraphs are separated by an
    empty line.
    """
    if hanging < 0 or width <= hanging:
        raise ValueError("width must be larger than the hanging indent")
    lines = []
    for paragraph in paragraphs(text):
        if lines:
            lines.append("")
        lines += _fill(split_words(paragraph, width - hanging), width, hanging)
    return lines


def _fill(words, width, hanging):
    lines = []
    line = ""
    for word in words:
        candidate = f"{line} {word}" if line.strip() else line + word
        if len(candidate) < width or not line.strip():
            line = candidate
        else:
            lines.append(line)
            line = " " * hanging + word
    if line.strip():
        lines.append(line)
    return lines


def indent(lines, prefix):
    """``lines`` with a prefix; empty lines get none of its trailing spaces."""
    return [(prefix + line) if line else prefix.rstrip() for line in lines]
