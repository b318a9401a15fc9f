"""Parsing and rendering."""

import re

from stencil.errors import TemplateError
from stencil.nodes import For, If, Text, Value

_TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})")
_FOR = re.compile(r"for (\w+) in (.+)")


class Template:
    """A parsed template that can be rendered many times."""

    def __init__(self, text):
        self._tokens = [token for token in _TOKEN.split(text) if token]
        self._index = 0
        self._nodes, _ = self._parse_until(())

    def render(self, **values):
        """The text with all tags replaced."""
        scope = dict(values)
        return "".join(node.render(scope) for node in self._nodes)

    def _parse_until(self, closers):
        nodes = []
        while self._index < len(self._tokens):
            token = self._tokens[self._index]
            self._index += 1
            if token.startswith("{{"):
                nodes.append(Value(token[2:-2].strip()))
            elif token.startswith("{%"):
                tag = token[2:-2].strip()
                if tag in closers:
                    return nodes, tag
                nodes.append(self._parse_tag(tag))
            else:
                nodes.append(Text(token))
        if closers:
            raise TemplateError(f"missing {closers[-1]}")
        return nodes, None

    def _parse_tag(self, tag):
        if tag.startswith("if "):
            body, closer = self._parse_until(("else", "endif"))
            otherwise = []
            if closer == "else":
                otherwise, _ = self._parse_until(("endif",))
            return If(tag[3:].strip(), body, otherwise)
        match = _FOR.fullmatch(tag)
        if match:
            body, _ = self._parse_until(("endfor",))
            return For(match.group(1), match.group(2).strip(), body)
        raise TemplateError(f"unknown tag: {tag}")


def render(text, **values):
    """Parse and render in one go."""
    return Template(text).render(**values)
