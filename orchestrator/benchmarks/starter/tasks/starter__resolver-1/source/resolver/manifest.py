"""Reading the manifest format.

One package per line: ``name: dependency dependency``. ``#`` starts a comment.
"""


def parse_manifest(text):
    """A mapping from package name to the list of its direct dependencies."""
    packages = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        name, colon, rest = line.partition(":")
        if not colon or not name.strip():
            raise ValueError(f"line {number}: expected 'name: dependencies'")
        name = name.strip()
        if name in packages:
            raise ValueError(f"line {number}: {name} is described twice")
        packages[name] = rest.split()
    return packages
