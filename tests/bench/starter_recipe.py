"""How a starter task's derived files are made from its hand-written ones.

Hand-written: `source/`, `gold.patch`, `test.patch`, `problem_statement.md`, `hints.md`.
Derived: `base_commit` (below), `task.yaml`, `eval.sh`, `Dockerfile`, and `tests.json` (by running, in the preflight).
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STARTER = REPOSITORY / "orchestrator" / "benchmarks" / "starter"
DATASET = "swe-ramp/starter"
IDENTITY = "starter <starter@localhost>"
COMMIT_TIME = "1767225600 +0000"  # 2026-01-01T00:00:00+00:00
PYTEST_PIN = "pytest==9.2.0"
HEREDOC = "EOF_114329324912"
LEFT_OUT = {"__pycache__", ".pytest_cache", ".git"}


def read_tree(source: Path) -> dict[str, tuple[bytes, bool]]:
    """Path (posix, relative) -> (contents, executable) for every file below `source`, caches left out."""
    tree = {}
    for path in sorted(source.rglob("*")):
        if path.is_file() and not LEFT_OUT.intersection(path.parts):
            tree[path.relative_to(source).as_posix()] = (path.read_bytes(), os.access(path, os.X_OK))
    return tree


def commit_stream(instance_id: str, tree: Mapping[str, tuple[bytes, bool]]) -> bytes:
    """The `git fast-import` stream of the one root commit a task starts from.

    Fixed author, committer, date and message, no parent: the same tree always gives the same sha.
    """
    message = f"starter: {instance_id}\n".encode()
    out = [
        b"commit refs/heads/main\n",
        f"author {IDENTITY} {COMMIT_TIME}\ncommitter {IDENTITY} {COMMIT_TIME}\n".encode(),
        b"data %d\n%s" % (len(message), message),
    ]
    for name in sorted(tree):
        data, executable = tree[name]
        mode = b"100755" if executable else b"100644"
        out.append(b"M %s inline %s\ndata %d\n%s\n" % (mode, name.encode(), len(data), data))
    return b"".join(out)


def base_commit(instance_id: str, source: Path) -> str:
    """The sha of the commit made from `source`, computed by git in a scratch bare repository."""
    with tempfile.TemporaryDirectory() as scratch:
        git = ["git", "-C", scratch]
        subprocess.run([*git, "init", "--bare", "--quiet"], check=True)
        stream = commit_stream(instance_id, read_tree(source))
        subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
        done = subprocess.run([*git, "rev-parse", "refs/heads/main"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def patched_files(patch: str) -> list[str]:
    """The paths a git diff touches, as on its `b/` side, in order."""
    return re.findall(r"^diff --git a/.+? b/(.+)$", patch, flags=re.MULTILINE)


def eval_script(commit: str, test_patch: str, existing: set[str]) -> str:
    """`eval.sh` in the shape of the real rows; `existing` are the paths present at base_commit.

    The harness inserts its own `$?` capture before the end marker; `(exit ...)` hands it the tests' status
    again, so that the script records the same code with and without that insertion.
    """
    files = patched_files(test_patch)
    at_base = [f for f in files if f in existing]
    added = [f for f in files if f not in existing]
    reset = [f"git checkout {commit} {' '.join(at_base)}"] if at_base else []
    cleanup = [f"rm -f {' '.join(added)}"] if added else []
    lines = [
        "#!/bin/bash",
        "set -uxo pipefail",
        "cd /testbed",
        "git config --global --add safe.directory /testbed",
        "git status",
        "git show --stat",
        f"git -c core.fileMode=false diff {commit}",
        *reset,
        f"git apply -v - <<'{HEREDOC}'",
        test_patch.rstrip("\n"),
        HEREDOC,
        ": '>>>>> Start Test Output'",
        f"python -m pytest -rA -p no:cacheprovider {' '.join(files)}",
        "SWEBENCH_TEST_EXIT_CODE=$?",
        '(exit "$SWEBENCH_TEST_EXIT_CODE")',
        ": '>>>>> End Test Output'",
        'echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"',
        *reset,
        *cleanup,
    ]
    return "\n".join(lines) + "\n"


def dockerfile(instance_id: str, commit: str) -> str:
    """A Dockerfile whose build context is the task folder; the build fails if the commit comes out different."""
    return f"""FROM python:3.11-slim
RUN apt-get update \\
    && apt-get install -y --no-install-recommends git \\
    && rm -rf /var/lib/apt/lists/*
RUN python -m pip install --no-cache-dir {PYTEST_PIN}
COPY source/ /testbed/
WORKDIR /testbed
ENV GIT_AUTHOR_NAME=starter GIT_AUTHOR_EMAIL=starter@localhost GIT_AUTHOR_DATE=2026-01-01T00:00:00+00:00 \\
    GIT_COMMITTER_NAME=starter GIT_COMMITTER_EMAIL=starter@localhost GIT_COMMITTER_DATE=2026-01-01T00:00:00+00:00
RUN git init --quiet --initial-branch=main \\
    && git add --all --force \\
    && git commit --quiet --message "starter: {instance_id}" \\
    && test "$(git rev-parse HEAD)" = "{commit}"
"""


def task_metadata(instance_id: str, commit: str) -> dict[str, object]:
    """The contents of `task.yaml`."""
    from swebench.task.checks import expected_image

    project = instance_id.split("__")[1].rsplit("-", 1)[0]
    return {
        "instance_id": instance_id,
        "repo": f"starter/{project}",
        "version": "1.0",
        "base_commit": commit,
        "created_at": "2026-01-01T00:00:00Z",
        "split": "test",
        "datasets": [DATASET],
        "image": expected_image(instance_id),
        "log_parser": "parse_log_pytest",
        "eval_type": "pass_and_fail",
    }
