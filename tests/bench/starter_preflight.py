"""Prove the starter benchmark: gold resolves, empty does not, twice each; `python -m tests.bench.starter_preflight`.

Every run happens in bubblewrap, without a network, on a fresh copy of the repository bound at /testbed. The first of
the two runs executes `eval.sh` as it stands, the second the script swebench makes from it; swebench grades both.
`--rewrite` first derives task.yaml, eval.sh, Dockerfile and tests.json again from the hand-written files.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import starter_recipe as recipe
from tests.bench.starter_snippets import Runner, find_snippet, shows_the_bug

TIMEOUT_S = 120
GIT_SETTINGS = ("-c", "user.name=starter", "-c", "user.email=starter@localhost", "-c", "core.autocrlf=false")


@dataclass(frozen=True)
class Row:
    """What the preflight found out about one task."""

    instance_id: str
    gold_resolved: int
    empty_resolved: int
    own_tests_pass: bool
    commit_agrees: bool
    exit_codes_recorded: bool
    snippet: str
    lines: int
    files: int
    fail_to_pass: int
    pass_to_pass: int

    @property
    def good(self) -> bool:
        """Whether the task is fit for use."""
        return (
            (self.gold_resolved, self.empty_resolved) == (2, 0)
            and self.own_tests_pass
            and self.commit_agrees
            and self.exit_codes_recorded
            and not self.snippet.endswith("!")
            and 80 <= self.lines <= 600
            and 2 <= self.files <= 8
        )


def in_sandbox(workdir: Path, *argv: str) -> tuple[int, str]:
    """Run a command in bubblewrap with `workdir` as /testbed; exit code and combined output."""
    roots = [p for p in sorted(Path("/").iterdir()) if p.name not in {"proc", "dev", "tmp", "testbed", "sys"}]
    binds = [arg for p in roots for arg in ("--ro-bind", str(p), str(p))]
    prefixes = [arg for p in {sys.prefix, sys.base_prefix} for arg in ("--ro-bind", p, p)]
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": "/testbed",
        # The image of a task has no pytest plugins; this keeps out those of the environment we run in.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    settings = [arg for name, value in environment.items() for arg in ("--setenv", name, value)]
    command = [
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", *settings),
        *(*binds, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", *prefixes),
        *("--bind", str(workdir), "/testbed", "--chdir", "/testbed", *argv),
    ]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S, check=False
    )
    return done.returncode, done.stdout


def make_repository(task: Path, target: Path) -> str:
    """Build the repository the way the Dockerfile does; the sha of its commit."""
    shutil.copytree(task / "source", target, ignore=shutil.ignore_patterns("__pycache__"))
    git = ["git", *GIT_SETTINGS, "-C", str(target)]
    moment = "2026-01-01T00:00:00+00:00"
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "--all", "--force"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", f"starter: {task.name}"], env=dates, check=True)
    done = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Bench:
    """One task with its repository in a scratch folder."""

    def __init__(self, task: Path, scratch: Path) -> None:
        self.task = task
        self.scratch = scratch
        self.base = scratch / "base"
        self.head = make_repository(task, self.base)
        self.gold = scratch / "gold"
        shutil.copytree(self.base, self.gold)
        subprocess.run(["git", "-C", str(self.gold), "apply", str(task / "gold.patch")], check=True)

    def evaluate(self, tree: Path, script: str) -> Path:
        """Run an eval script on a fresh copy of `tree`; the path of its log."""
        copy = Path(tempfile.mkdtemp(dir=self.scratch)) / "testbed"
        shutil.copytree(tree, copy)
        _, output = in_sandbox(copy, "bash", "-c", script)
        log = copy.parent / "test_output.txt"
        log.write_text(output)
        return log

    def runner(self, tree: Path) -> Runner:
        """Runs Python source with `tree` importable."""
        return lambda code: in_sandbox(tree, "python", "-c", code)

    def snippet_verdict(self) -> str:
        """The kind of the issue's snippet, `prose` where there is none, and a `!` where it does not show the bug."""
        snippet = find_snippet((self.task / "problem_statement.md").read_text())
        if snippet is None:
            return "prose"
        holds = shows_the_bug(snippet, self.runner(self.base), self.runner(self.gold))
        return snippet.kind if holds else snippet.kind + "!"


def rewrite(task: Path) -> None:
    """Derive task.yaml, eval.sh, Dockerfile and tests.json from the hand-written files."""
    from swebench.harness.grading import get_logs_eval
    from swebench.harness.utils import make_test_spec
    from swebench.task.repo import dump_tests, dump_yaml, load_task

    commit = recipe.base_commit(task.name, task / "source")
    tree = set(recipe.read_tree(task / "source"))
    test_patch = (task / "test.patch").read_text()
    (task / "task.yaml").write_text(dump_yaml(recipe.task_metadata(task.name, commit)))
    (task / "eval.sh").write_text(recipe.eval_script(commit, test_patch, tree))
    (task / "Dockerfile").write_text(recipe.dockerfile(task.name, commit))
    (task / "tests.json").write_text(dump_tests({"FAIL_TO_PASS": [], "PASS_TO_PASS": []}))
    spec = make_test_spec(load_task(task))
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(task, Path(scratch))
        before, _ = get_logs_eval(spec, str(bench.evaluate(bench.base, spec.eval_script)))
        after, _ = get_logs_eval(spec, str(bench.evaluate(bench.gold, spec.eval_script)))
    passing = sorted(name for name, status in after.items() if status == "PASSED")
    tests = {
        "FAIL_TO_PASS": [name for name in passing if before.get(name) != "PASSED"],
        "PASS_TO_PASS": [name for name in passing if before.get(name) == "PASSED"],
    }
    (task / "tests.json").write_text(dump_tests(tests))


def check(task: Path) -> Row:
    """Run everything about one task."""
    from swebench.harness.grading import get_eval_report, parse_test_exit_code
    from swebench.harness.utils import make_test_spec
    from swebench.task.repo import load_task

    instance: dict[str, Any] = load_task(task)
    spec = make_test_spec(instance)
    resolved = {"gold": 0, "empty": 0}
    codes_agree = True
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(task, Path(scratch))
        for label, tree, patch in (("gold", bench.gold, instance["patch"]), ("empty", bench.base, "")):
            for script in (instance["eval_script"], spec.eval_script):
                log = bench.evaluate(tree, script)
                prediction = {"instance_id": task.name, "model_name_or_path": label, "model_patch": patch}
                report = get_eval_report(spec, prediction, str(log), include_tests_status=True)
                resolved[label] += bool(report[task.name]["resolved"])
                wanted = 0 if label == "gold" else 1
                codes_agree = codes_agree and parse_test_exit_code(log.read_text()) == wanted
        own, _ = in_sandbox(bench.base, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
        snippet = bench.snippet_verdict()
        commit_agrees = bench.head == instance["base_commit"]
    sources = [p for p in (task / "source").rglob("*.py") if "__pycache__" not in p.parts]
    return Row(
        instance_id=task.name,
        gold_resolved=resolved["gold"],
        empty_resolved=resolved["empty"],
        own_tests_pass=own == 0,
        commit_agrees=commit_agrees,
        exit_codes_recorded=codes_agree,
        snippet=snippet,
        lines=sum(len(p.read_text().splitlines()) for p in sources),
        files=len(sources),
        fail_to_pass=len(instance["FAIL_TO_PASS"]),
        pass_to_pass=len(instance["PASS_TO_PASS"]),
    )


def print_row(row: Row) -> None:
    """One line of the table."""
    print(
        f"{row.instance_id:<28} {row.gold_resolved}/2  {row.empty_resolved}/2   "
        f"{'yes' if row.own_tests_pass else 'NO':<5}{'yes' if row.commit_agrees else 'NO':<7}"
        f"{'yes' if row.exit_codes_recorded else 'NO':<6}{row.snippet:<11}{row.lines:>5}{row.files:>6}"
        f"{row.fail_to_pass:>5}{row.pass_to_pass:>5}{'' if row.good else '   <-- NOT FIT'}",
        flush=True,
    )


def main(argv: list[str] | None = None) -> int:
    """Print the table; 0 if every task is fit for use."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-i", "--instance", action="append", help="only this task (repeatable)")
    parser.add_argument("--rewrite", action="store_true", help="derive the derived files again first")
    options = parser.parse_args(argv)
    tasks = sorted(p for p in (recipe.STARTER / "tasks").iterdir() if p.is_dir())
    tasks = [t for t in tasks if not options.instance or t.name in options.instance]
    print(f"{'instance':<28} gold empty own  commit exit  snippet    lines files  f2p  p2p")
    rows = []
    for task in tasks:
        if options.rewrite:
            rewrite(task)
        rows.append(check(task))
        print_row(rows[-1])
    fit = sum(row.good for row in rows)
    counts = {kind: sum(row.snippet == kind for row in rows) for kind in sorted({row.snippet for row in rows})}
    print(f"\n{fit} of {len(rows)} fit; snippets: {json.dumps(counts)}; lines: {sum(row.lines for row in rows)}")
    return 0 if fit == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
