"""Aligning lines that have been wrapped."""


def justify_line(line, width):
    """Spread the words of a line so that it fills ``width``.

    Extra spaces go to the gaps on the left first. A line with a single
    word, or one that is too long already, is returned as it is.
    """
    words = line.split()
    missing = width - sum(len(word) for word in words)
    gaps = len(words) - 1
    if gaps < 1 or missing < gaps:
        return line
    each, extra = divmod(missing, gaps)
    out = words[0]
    for number, word in enumerate(words[1:]):
        out += " " * (each + (1 if number < extra else 0)) + word
    return out


def center_block(lines, width):
    """Move all lines to the right by the same amount, so that the block is centred."""
    longest = max((len(line) for line in lines), default=0)
    margin = max(0, (width - longest) // 2)
    return [" " * margin + line if line else line for line in lines]
