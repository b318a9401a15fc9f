"""Import each module in a process of its own and say how it went. Runs in a sandbox; plain Python 3.5."""

# mypy: ignore-errors
import json
import os
import subprocess
import sys

CHILD = """
import sys, importlib
sys.path.insert(0, sys.argv[1])
importlib.import_module(sys.argv[2])
sys.stdout.flush()
sys.stderr.write(sys.stdin.read())
"""


def check(root, module, token):
    """The child echoes a token that it is given after the import, so that a module that ends the process cannot look imported."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, root, module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    err = child.communicate(token.encode())[1]
    text = err.decode("utf-8", "replace")
    if text.endswith(token) and child.returncode == 0:
        return {"imported": True, "exception": "", "text": ""}
    lines = text.strip().splitlines()
    last = lines[-1] if lines else "the process ended with exit code %d" % child.returncode
    print(text)
    return {"imported": False, "exception": last.split(":")[0].strip(), "text": last}


def begin(results_path):
    """Say that the driver runs, before any code of the repository does."""
    if results_path:
        with open(results_path, "w") as stream:
            stream.write("started")


def main():
    nonce = os.environ.pop("RAMP_NONCE")
    results_path = os.environ.pop("RAMP_RESULTS")
    begin(results_path)
    plan = json.loads(os.environ.pop("RAMP_PLAN"))
    found = {}
    for number, (root, module) in enumerate(plan["modules"]):
        found[module] = check(os.path.join(os.getcwd(), root), module, "%s-%d" % (nonce, number))
    with open(results_path, "w") as stream:
        json.dump({"nonce": nonce, "done": True, "modules": found}, stream)


main()
