"""The parts of a parsed template. Each renders itself for a scope."""

from stencil.values import lookup, truth


class Text:
    """Text that is copied as it is."""

    def __init__(self, text):
        self.text = text

    def render(self, scope):
        """The text."""
        return self.text


class Value:
    """``{{ path | filter }}``"""

    def __init__(self, expression):
        self.expression = expression

    def render(self, scope):
        """The value as text; None becomes the empty string."""
        value = lookup(self.expression, scope)
        return "" if value is None else str(value)


class If:
    """``{% if path %}`` with an optional ``{% else %}``."""

    def __init__(self, expression, body, otherwise):
        self.expression = expression
        self.body = body
        self.otherwise = otherwise

    def render(self, scope):
        """One of the two branches."""
        chosen = self.body if truth(self.expression, scope) else self.otherwise
        return "".join(node.render(scope) for node in chosen)


class For:
    """``{% for name in path %}``; inside, ``loop`` counts from 1."""

    def __init__(self, name, expression, body):
        self.name = name
        self.expression = expression
        self.body = body

    def render(self, scope):
        """The body once per item."""
        out = []
        for number, item in enumerate(lookup(self.expression, scope), start=1):
            scope[self.name] = item
            scope["loop"] = number
            out += [node.render(scope) for node in self.body]
        return "".join(out)
