"""Splitting text into words."""


def split_words(text, width):
    """Words of ``text``; words longer than ``width`` are cut into pieces."""
    words = []
    for word in text.split():
        while len(word) > width:
            words.append(word[:width])
            word = word[width:]
        words.append(word)
    return words


def paragraphs(text):
    """Blocks of text that are separated by blank lines."""
    blocks, current = [], []
    for line in text.splitlines():
        if line.strip():
            current.append(line)
        elif current:
            blocks.append(" ".join(current))
            current = []
    if current:
        blocks.append(" ".join(current))
    return blocks
