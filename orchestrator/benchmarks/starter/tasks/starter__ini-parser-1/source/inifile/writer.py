"""From a Document to text."""


def dumps(document):
    """INI text that ``loads`` turns into an equal document."""
    blocks = []
    for name, values in document.items():
        lines = [f"[{name}]"] if name else []
        lines += [f"{key} = {_quote(value)}" for key, value in values.items()]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _quote(value):
    needs_quotes = value != value.strip() or value == ""
    return f'"{value}"' if needs_quotes else value
