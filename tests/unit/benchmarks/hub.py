"""A dataset hub on loopback: one dataset, served as the real hub's API does it, strict about everything else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from urllib.parse import unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

REVISION = "6ec7bb89b9342f664a54a6e0a6ea6501d3437cc2"


def serve_dataset(server: HTTPServer, name: str, files: Mapping[str, bytes]) -> list[str]:
    """Serve `files` (by path) as dataset `name` at REVISION; returns the list that each request's line goes into."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        path = unquote(request.path)
        asked.append(f"{request.method} {path}")
        if request.method == "POST" and path == f"/api/datasets/{name}/paths-info/{REVISION}":
            wanted = request.get_json(silent=True) or {"paths": request.form.getlist("paths")}
            return _json([_entry(each, files[each]) for each in wanted["paths"] if each in files])
        if request.method in {"GET", "HEAD"}:
            if path in {f"/api/datasets/{name}", f"/api/datasets/{name}/revision/{REVISION}"}:
                siblings = [{"rfilename": each} for each in sorted(files)]
                return _json(
                    {"_id": "1", "id": name, "sha": REVISION, "private": False, "tags": [], "siblings": siblings}
                )
            if path.startswith(f"/api/datasets/{name}/tree/{REVISION}"):
                below = path.removeprefix(f"/api/datasets/{name}/tree/{REVISION}").strip("/")
                return _tree(below, files, whole=request.args.get("recursive", "").lower() == "true")
            if path.startswith(f"/datasets/{name}/resolve/{REVISION}/"):
                return _file(path.removeprefix(f"/datasets/{name}/resolve/{REVISION}/"), files)
        known = path.startswith((f"/api/datasets/{name}/", f"/datasets/{name}/"))
        return _json({"error": "not found"}, 404, {"X-Error-Code": "EntryNotFound" if known else "RepoNotFound"})

    server.expect_request(re.compile(".*")).respond_with_handler(answer)
    return asked


def _tree(below: str, files: Mapping[str, bytes], *, whole: bool) -> Response:
    inside = {path: data for path, data in files.items() if not below or path.startswith(f"{below}/")}
    if below and not inside:
        return _json({"error": "no such folder"}, 404, {"X-Error-Code": "EntryNotFound"})
    start = len(below) + 1 if below else 0
    folders = {path[: path.index("/", start)] for path in inside if "/" in path[start:]}
    listed = [_entry(path, data) for path, data in inside.items() if whole or "/" not in path[start:]]
    return _json([*({"type": "directory", "path": each, "oid": "0" * 40, "size": 0} for each in folders), *listed])


def _file(path: str, files: Mapping[str, bytes]) -> Response:
    if path not in files:
        return _json({"error": "no such file"}, 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": REVISION})
    data = files[path]
    headers = {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
    return Response(data, headers=headers, content_type="application/octet-stream")


def _entry(path: str, data: bytes) -> dict[str, object]:
    return {"type": "file", "path": path, "oid": _oid(data), "size": len(data)}


def _oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, dict(headers or {}), content_type="application/json")
