"""What a sandboxed command finds around it: variables, the few files of /etc, the folders it may read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import orchestrator

HOME = "/tmp/home"  # noqa: S108 - inside the sandbox, where /tmp is private
ETC_FROM_HOST = (
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "ssl/openssl.cnf",
)


def base_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment: nothing of ours is inherited. `extra` is the command's own and wins."""
    path = [
        f"{sys.prefix}/bin",
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
        "/run/ramp/bin",
    ]
    return {
        "PATH": ":".join(path),
        "HOME": HOME,
        "USER": "ramp",
        "LOGNAME": "ramp",
        "SHELL": "/bin/bash",
        "TMPDIR": "/tmp",  # noqa: S108
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        # The plugins of the Python that runs us are not the repository's; `unset` in a task's set-up brings them back.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **extra,
    }


def etc_files(user_id: int, group_id: int) -> dict[str, bytes]:
    """The files of /etc that we write ourselves, by name."""
    passwd = f"root:x:0:0:root:/root:/bin/sh\nramp:x:{user_id}:{group_id}:ramp:{HOME}:/bin/bash\n"
    return {
        "passwd": passwd.encode(),
        "group": f"root:x:0:\nramp:x:{group_id}:\n".encode(),
        "hosts": b"127.0.0.1 localhost ramp\n::1 localhost\n",
        "nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files\n",
        "gitconfig": b"[safe]\n\tdirectory = *\n[user]\n\tname = ramp\n\temail = ramp@localhost\n[gc]\n\tauto = 0\n",
    }


def python_folders() -> tuple[Path, ...]:
    """The folders of the Python that runs us, outside /usr, that a command needs in order to run the same Python."""
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    found = dict.fromkeys(Path(prefix).resolve() for prefix in prefixes)
    found |= dict.fromkeys(Path(prefix) for prefix in prefixes)
    # The interpreter's own file can lie elsewhere still: a virtual environment links to it.
    home = Path(sys.executable).resolve().parent.parent
    outside = [folder for folder in (*found, home) if not folder.is_relative_to("/usr") and folder != Path("/")]
    return tuple(dict.fromkeys(sorted(outside)))


def hidden_folders() -> tuple[Path, ...]:
    """Folders inside the visible ones that no command may see: our own package holds hidden tests and gold patches."""
    package = Path(orchestrator.__file__).parent
    visible = (*python_folders(), Path("/usr"))
    return tuple(p for p in dict.fromkeys((package, package.resolve())) if any(p.is_relative_to(v) for v in visible))
