"""A small system call filter: what test suites never need and kernel exploits like.

Container engines filter in the same spirit; bubblewrap leaves it to its caller. Refused calls return EPERM. `clone3` returns
ENOSYS, because its flags lie in memory where a filter cannot look and the C library then falls back to `clone`.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD, _EQUAL, _GREATER_EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
# CLONE_NEWTIME cannot be asked of clone; NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET and NEWNS can.
_NAMESPACE_FLAGS = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
_X32_BIT = 0x40000000


@dataclass(frozen=True, slots=True)
class _Abi:
    """System call numbers of one architecture (from its unistd.h)."""

    audit_id: int
    clone: int
    refused: tuple[int, ...]


# On both: io_uring_setup/enter/register, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, pidfd_getfd, mount_setattr.
_NEW_NUMBERS = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442)
_CLONE3 = 435
_ABIS = {
    # ptrace pivot_root chroot acct mount umount2 swapon swapoff reboot init_module delete_module quotactl kexec_load add_key
    # request_key keyctl unshare perf_event_open open_by_handle_at setns process_vm_readv process_vm_writev kcmp finit_module
    # kexec_file_load bpf userfaultfd
    "x86_64": _Abi(
        0xC000003E,
        56,
        (101, 155, 161, 163, 165, 166, 167, 168, 169, 175, 176, 179, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311, 312,
         313, 320, 321, 323),
    ),
    "aarch64": _Abi(
        0xC00000B7,
        220,
        (117, 41, 51, 89, 40, 39, 224, 225, 142, 105, 106, 60, 104, 217, 218, 219, 97, 241, 265, 268, 270, 271, 272, 273, 294,
         280, 282),
    ),
}  # fmt: skip


def filter_program(machine: str = "") -> bytes:
    """The filter as bubblewrap's --seccomp reads it; b"" for an architecture that we have no numbers for."""
    abi = _ABIS.get(machine or platform.machine())
    if abi is None:
        return b""
    refuse, missing = _instruction(_RETURN, _ERRNO | errno.EPERM), _instruction(_RETURN, _ERRNO | errno.ENOSYS)
    program = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_EQUAL, abi.audit_id, if_true=1),
        missing,
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_GREATER_EQUAL, _X32_BIT, if_false=1),
        missing,
        _instruction(_EQUAL, _CLONE3, if_false=1),
        missing,
    ]
    for number in (*abi.refused, *_NEW_NUMBERS):
        program += [_instruction(_EQUAL, number, if_false=1), refuse]
    program += [
        _instruction(_EQUAL, abi.clone, if_false=3),
        _instruction(_LOAD, _FIRST_ARGUMENT_AT),
        _instruction(_ANY_BIT, _NAMESPACE_FLAGS, if_false=1),
        refuse,
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(program)


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One `struct sock_filter`; jumps count the instructions that are skipped."""
    return struct.pack("=HBBI", code, if_true, if_false, operand)
