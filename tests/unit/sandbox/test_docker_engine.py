"""The Docker engine against an engine that answers what we say: isolation, outcomes and outages."""

from __future__ import annotations

import re
from typing import Any

import docker
import pytest
import requests

from orchestrator.errors import MissingPiece, SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Task
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors, require_isolation, unreachable
from orchestrator.sandbox.docker_settings import DockerSettings
from tests.unit.sandbox.fake_engine import GONE, FakeApi, not_found

TASK = Task("a__b-1", "lite", "a/b", "0" * 40, "", image="img:1")


def run(api: FakeApi, command: SandboxCommand = SandboxCommand("echo hello"), **settings: Any) -> SandboxResult:  # noqa: B008
    """One command through an engine on that api."""
    return DockerEngine(DockerSettings(**settings), api=api).open(TASK).run(command)


def created_with(api: FakeApi) -> tuple[str, dict[str, Any]]:
    """The image and the options that the container was created with."""
    image, options = dict(api.asked)["create"]
    return image, options


def test_every_container_is_hardened() -> None:
    """Created from the image's id, with everything that a sandbox promises."""
    api = FakeApi()
    run(api, memory_mb=100, pids=7, cpus=0.5, run_id="r1")
    image, options = created_with(api)
    host = options["host_config"]
    assert image == "sha256:abc"
    assert (host["network_mode"], host["cap_drop"], host["cap_add"]) == ("none", ["ALL"], None)
    assert host["security_opt"] == ["no-new-privileges"]
    assert host["mem_limit"] == host["memswap_limit"] == 100 * 1024 * 1024
    assert (host["pids_limit"], host["nano_cpus"], host["init"]) == (7, 500_000_000, True)
    assert host["log_config"]["Config"]["max-size"]
    assert "binds" not in host
    assert "privileged" not in host
    assert options["use_config_proxy"] is False
    assert options["network_disabled"] is True
    assert options["labels"]["ramp.run"] == "r1"
    assert options["labels"]["ramp.instance"] == "a__b-1"


def test_a_network_that_is_asked_for_is_the_engine_s() -> None:
    """Then nothing of it is left out, and the wrapper does not refuse it."""
    api = FakeApi()
    run(api, network="bridge")
    _image, options = created_with(api)
    assert options["network_disabled"] is False
    assert options["host_config"]["network_mode"] == "bridge"
    assert "/proc/net/route" not in options["command"][2]


@pytest.mark.parametrize(("status", "told"), [("nowhere", "no repository root"), ("networked", "has a network")])
def test_a_container_that_runs_nothing_says_why(status: str, told: str) -> None:
    """In the words of the cause, not as a wrapper that never spoke."""
    result = run(FakeApi(f"{{nonce}} {status}\n".encode(), ExitCode=1))
    assert result.outcome is SandboxOutcome.INFRA
    assert told in result.detail


LARGE = SandboxCommand("echo hello", files={"/tmp/large": b"x" * 200_000})
"""A command with a file that does not fit in an argument."""


def test_files_go_in_before_the_start_and_the_container_goes_away() -> None:
    """In this order, whatever happens; a file put in after the start would be too late."""
    api = FakeApi()
    result = run(api, LARGE)
    assert (result.outcome, result.exit_code, result.output) == (SandboxOutcome.EXITED, 0, b"hello\n")
    calls = api.calls()
    assert calls.index("put_archive") < calls.index("attach") < calls.index("start") < calls.index("remove")
    assert dict(api.asked)["remove"] == ("c1", {"force": True, "v": True})


@pytest.mark.parametrize(
    ("output", "state", "outcome"),
    [
        (b"{nonce} ready\n", {"ExitCode": 3}, SandboxOutcome.EXITED),
        (b"{nonce} ready\n", {"ExitCode": 0, "OOMKilled": True}, SandboxOutcome.OOM),
        (b"{nonce} ready\n", {"ExitCode": 137}, SandboxOutcome.KILLED),
        (b"{nonce} refused\nerror: x\n", {"ExitCode": 1}, SandboxOutcome.PATCH_FAILED),
        (b"{nonce} nowhere\n", {"ExitCode": 1}, SandboxOutcome.INFRA),
        (b"OCI runtime exec failed\n", {"ExitCode": 127}, SandboxOutcome.INFRA),
        (b"", {"ExitCode": 0}, SandboxOutcome.INFRA),
        (b"11111111111111111111111111111111 refused\n", {"ExitCode": 0}, SandboxOutcome.INFRA),
    ],
)
def test_outcomes_are_told_apart(output: bytes, state: dict[str, Any], outcome: SandboxOutcome) -> None:
    """By the engine's word and the wrapper's first line, never by what else is printed."""
    result = run(FakeApi(output, **state))
    assert result.outcome is outcome
    assert (result.exit_code is not None) is (outcome is SandboxOutcome.EXITED)


def test_a_later_status_line_does_not_count() -> None:
    """Once the wrapper has said `ready`, its words are output."""
    result = run(FakeApi(b"{nonce} ready\n{nonce} refused\n"))
    assert result.outcome is SandboxOutcome.EXITED


def test_a_stream_that_was_cut_is_read_again_from_the_log() -> None:
    """The engine keeps the whole output; a stream joined too late has lost its head."""
    api = FakeApi(b"lo\n")
    api.log = b"{nonce} ready\nhello\n"
    assert run(api).output == b"hello\n"


@pytest.mark.parametrize("call", ["create", "put_archive", "start", "inspect"])
def test_an_outage_at_any_point_is_a_sandbox_error(call: str) -> None:
    """docker-py raises errors of `requests` there; removal was tried, and the message says what to do."""
    api = FakeApi()
    api.raises = {call: GONE}
    with pytest.raises(SandboxError, match="docker_host"):
        run(api, LARGE)
    assert call == "create" or "remove" in api.calls()


@pytest.mark.parametrize("call", ["put_archive", "start", "inspect"])
def test_a_container_that_vanished_is_infra(call: str) -> None:
    """The engine is there, so it is no outage; nor is it a verdict."""
    api = FakeApi()
    api.raises = {call: not_found()}
    assert run(api, LARGE).outcome is SandboxOutcome.INFRA


def test_a_container_that_vanished_before_its_removal_is_no_problem() -> None:
    """Gone is gone."""
    api = FakeApi()
    api.raises = {"remove": not_found()}
    assert run(api).outcome is SandboxOutcome.EXITED


def test_a_weakened_limit_is_an_error_and_nothing_starts() -> None:
    """An engine that warns that it leaves a limit out does not get to run the command."""
    api = FakeApi()
    api.warnings = ["Your kernel does not support swap limit capabilities. Limitation discarded."]
    with pytest.raises(SandboxError, match="swap"):
        run(api)
    assert "start" not in api.calls()
    assert "remove" in api.calls()


@pytest.mark.parametrize(
    ("says", "lacks"),
    [
        ({"MemoryLimit": False}, "memory limits"),
        ({"PidsLimit": False}, "process limits"),
        ({"CpuCfsQuota": False}, "CPU limits"),
        ({"SwapLimit": False, "CgroupVersion": "1"}, "swap limits"),
        ({"SecurityOptions": []}, "seccomp"),
    ],
)
def test_an_engine_without_a_limit_is_refused(says: dict[str, Any], lacks: str) -> None:
    """What cannot be enforced is named; a capable engine passes."""
    api = FakeApi()
    require_isolation(api)
    api.info_says |= says
    with pytest.raises(MissingPiece, match=lacks):
        require_isolation(api)


def test_an_image_that_is_not_there_or_for_another_machine_is_a_missing_piece() -> None:
    """With the line that fetches it, or both architectures."""
    api = FakeApi()
    api.raises = {"inspect_image": not_found()}
    with pytest.raises(MissingPiece, match="docker pull img:1"):
        DockerEngine(api=api).open(TASK)
    api = FakeApi()
    api.architecture = "arm64"
    with pytest.raises(MissingPiece, match=r"arm64.*amd64"):
        DockerEngine(api=api).open(TASK)


def test_a_task_without_an_image_says_what_to_use() -> None:
    """Starter tasks run in another sandbox."""
    with pytest.raises(SandboxError, match="bubblewrap"):
        DockerEngine(api=FakeApi()).open(Task("a__b-1", "starter", "a/b", "0" * 40, ""))


def test_the_digest_is_the_registry_s_where_there_is_one() -> None:
    """So the same image has the same digest on every machine."""
    assert DockerEngine(api=FakeApi()).open(TASK).profile.image_digest == "sha256:registry"


def test_adoption_needs_the_same_command() -> None:
    """Another script, patch, file or limit is another key; the finished container stays for `sweep`."""
    api = FakeApi()
    engine = DockerEngine(DockerSettings(run_id="r"), api=api)
    engine.open(TASK).run(SandboxCommand("echo hello"))
    _, options = created_with(api)
    finished = {"Id": "c9", "State": "exited", "Labels": options["labels"]}
    for command in (
        SandboxCommand("echo other"),
        SandboxCommand("echo hello", patch=b"x"),
        SandboxCommand("echo hello", files={"/x": b""}),
    ):
        later = FakeApi()
        later.listed = [finished]
        engine = DockerEngine(DockerSettings(run_id="r"), api=later)
        assert engine.adopt("r") == 1
        engine.open(TASK).run(command)
        assert "create" in later.calls()
    later = FakeApi()
    later.listed, later.labels, later.log = [finished], options["labels"], b"{nonce} ready\nkept\n"
    engine = DockerEngine(DockerSettings(run_id="r"), api=later)
    engine.adopt("r")
    assert engine.open(TASK).run(SandboxCommand("echo hello")).output == b"kept\n"
    assert "create" not in later.calls()
    assert dict(later.asked)["remove"][0] == "c9"


@pytest.mark.parametrize(
    ("told", "remedy"),
    [
        ("('Connection aborted.', PermissionError(13, 'Permission denied'))", "usermod -aG docker"),
        ("('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))", "systemctl start docker"),
        ("('Connection aborted.', ConnectionRefusedError(111, 'Connection refused'))", "systemctl start docker"),
    ],
)
def test_why_no_engine_answers_decides_the_remedy(told: str, remedy: str) -> None:
    """No permission on the socket is another problem than no engine."""
    missing = unreachable("unix:///x.sock", docker.errors.DockerException(told))
    assert remedy in missing.remedy
    assert "unix:///x.sock" in missing.what


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("removal of container c1 is already in progress", ContainerVanished),
        ("Container c1 is not running", ContainerVanished),
        ("preparing container c1 for attach: crun: setrlimit RLIMIT_NOFILE: Operation not permitted", SandboxError),
    ],
)
def test_a_conflict_is_a_vanished_container_only_where_it_says_so(told: str, kind: type[Exception]) -> None:
    """Podman answers 409 for any trouble with a start, which is a refusal with its own words."""
    response = requests.Response()
    response.status_code = 409
    with pytest.raises(kind, match=re.escape(told)), engine_errors("starting a container"):
        raise docker.errors.APIError("conflict", response, told)
