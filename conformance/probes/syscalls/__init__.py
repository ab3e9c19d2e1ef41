"""Halting a child process before each system call that changes a directory. It knows nothing of stores.

A child is forked from this process and runs a Python function; a seccomp filter, installed in the child by ctypes,
halts it (every thread of it, and every process that it starts) before each call that changes something under one
directory, the place. No root, no compiler and no tracer is needed, and native writers such as SQLite are seen as
Python's are. While the child is halted, the place holds what it would hold after a `kill -9` at that moment.

Given `Accesses` of the place, it is halted before each call that reads something there as well, for what happens
between two reads is seen by neither.

Where the place is on a server, `NETWORK` stands for it, and the child is halted before each message that it sends.

What is not seen: writing through a shared memory map (`mmap`), cloning by `ioctl`, and changes of times, owners and
extended attributes. `io_uring` would pass by the filter, so the child is told that the kernel has none of it.
A 32-bit program that the child starts is ended by SIGSYS, because its calls have other numbers.
"""

from conformance.probes.syscalls.connections import UnreachableError
from conformance.probes.syscalls.power import Power
from conformance.probes.syscalls.snapshots import fingerprint, snapshot
from conformance.probes.syscalls.stops import Accesses, Action, Continue, Cut, Kill, Network, Refuse, Stop, WorthATry
from conformance.probes.syscalls.supervision import NETWORK, OnStop, available, supervised
from conformance.system.children import MESSAGE_BYTES, Acknowledge, ChildEnd, ChildWork, killed_at

__all__ = [
    "MESSAGE_BYTES",
    "NETWORK",
    "Accesses",
    "Acknowledge",
    "Action",
    "ChildEnd",
    "ChildWork",
    "Continue",
    "Cut",
    "Kill",
    "Network",
    "OnStop",
    "Power",
    "Refuse",
    "Stop",
    "UnreachableError",
    "WorthATry",
    "available",
    "fingerprint",
    "killed_at",
    "snapshot",
    "supervised",
]
