"""Replay an issue's own snippet and say whether it now does what the issue asks for. Runs in a sandbox; plain Python 3.5.

`PLAN_TEXT` (JSON) is put before this text. Exit codes are for people; what counts is the results file, which carries
the nonce of the run.
"""

# mypy: ignore-errors
import ast
import contextlib
import io
import json
import os
import re
import runpy
import sys
import traceback
import types

MOST = 200000

# What a clumsy repair puts in the place of the reported exception; anything else may be the project's deliberate answer.
CLUMSY = (
    "NameError",
    "UnboundLocalError",
    "AttributeError",
    "ImportError",
    "ModuleNotFoundError",
    "SyntaxError",
    "IndentationError",
    "TypeError",
    "IndexError",
    "KeyError",
    "RecursionError",
    "ZeroDivisionError",
    "SystemExit",
)


def compiled(source, mode):
    """Code objects for a source text; in mode exec a last expression is echoed as the prompt would."""
    if mode == "single":
        return [compile(source, "<issue>", "single")]
    tree = ast.parse(source, "<issue>")
    codes = []
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    if last is not None:
        tree.body.pop()
    codes.append(compile(tree, "<issue>", "exec"))
    if last is not None:
        codes.append(compile(ast.Interactive([last]), "<issue>", "single"))
    return codes


def run_one(example, space):
    stream = io.StringIO()
    raised = None
    sys.stdin = io.StringIO()
    with contextlib.redirect_stdout(stream):
        try:
            for code in compiled(example["source"], example["mode"]):
                exec(code, space)
        except BaseException as error:
            raised = error
    seen = {"output": stream.getvalue()[-MOST:], "exception": "", "message": "", "bases": []}
    if raised is not None:
        kind = type(raised)
        seen.update(exception=kind.__name__, message=str(raised)[:MOST], bases=[base.__name__ for base in kind.__mro__])
        text = "".join(traceback.format_exception(kind, raised, raised.__traceback__))
        sys.stdout.write(text)
    sys.stdout.write(seen["output"])
    return seen, raised


def normal(text):
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip()


def matches(example, seen):
    if example.get("want_exception"):
        return seen["exception"] == example["want_exception"]
    if seen["exception"]:
        return False
    return example.get("want") is None or normal(seen["output"]) == normal(example["want"])


def same_parts(want, got):
    """The same words and signs in another order or layout: an issue's expected output is often typed from memory."""
    return sorted(re.findall(r"\w+|[^\w\s]", want)) == sorted(re.findall(r"\w+|[^\w\s]", got))


def judge(plan, seen):
    """(verdict, detail): passed, failed, or changed where something else happens that may be meant."""
    last = seen[-1]
    if plan["kind"] == "traceback":
        if not last["exception"]:
            return "passed", "%s no longer occurs" % plan["exception"]
        said = "%s: %s" % (last["exception"], last["message"])
        if last["exception"] in plan["meant"]:
            return "changed", said
        if plan["exception"] in last["bases"] or last["exception"] in CLUMSY:
            return "failed", said
        return "changed", said
    for example, one in zip(plan["examples"], seen):
        if not matches(example, one):
            wanted = example.get("want_exception") or normal(example.get("want") or "")
            got = "%s: %s" % (one["exception"], one["message"]) if one["exception"] else normal(one["output"])
            alike = not one["exception"] and not plan["exact"] and same_parts(wanted, got)
            return "changed" if alike else "failed", "%s\nexpected: %s\ngot: %s" % (
                example["source"].strip()[-400:],
                wanted,
                got,
            )
    return "passed", "every output is the expected one"


def begin(results_path):
    """Say that the driver runs, before any code of the repository does."""
    if results_path:
        with open(results_path, "w") as stream:
            stream.write("started")


def main():
    nonce = os.environ.pop("RAMP_NONCE", "")
    results_path = os.environ.pop("RAMP_RESULTS", "")
    begin(results_path)
    plan = json.loads(PLAN_TEXT)
    here = os.getcwd()
    sys.path[0:0] = [folder for folder in (here, os.path.join(here, "src")) if os.path.isdir(folder)]
    sys.argv = ["issue.py"]
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    tracer = runpy.run_path(os.environ["RAMP_TRACER"]) if os.environ.get("RAMP_TRACER") else None
    recorder = tracer["Recorder"](here, 30.0, 4000) if tracer else None
    seen, executed, raised = [], [], None
    for example in plan["examples"]:
        if recorder is not None and example is plan["examples"][-1]:
            recorder.start()
        one, raised = run_one(example, module.__dict__)
        seen.append(one)
        if seen[-1]["exception"] and seen[-1]["exception"] != example.get("want_exception"):
            break
    if recorder is not None and len(seen) == len(plan["examples"]):
        recorder.stop()
        executed = recorder.functions(tracer["failing_frames"](raised) if raised is not None else [])
    verdict, detail = judge(plan, seen)
    print("\n%s: %s" % (verdict.upper(), detail))
    if results_path:
        with open(results_path, "w") as stream:
            json.dump(
                {
                    "nonce": nonce,
                    "done": True,
                    "verdict": verdict,
                    "detail": detail,
                    "seen": seen,
                    "executed": executed,
                },
                stream,
            )
    sys.stdout.flush()
    os._exit(0 if verdict == "passed" else 1)


main()
