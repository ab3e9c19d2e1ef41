"""What printed scripts import: the one module of the kit whose names are kept, so that old scripts go on running.

A script of a counterexample that one program shows needs none of it. One of concurrent operations, or of a crash, does:
it has to halt a process at a system call, or to judge a history. Nothing else in the kit imports this module.
"""

from conformance.concurrent.histories.records import Record
from conformance.concurrent.load.counterexample import timeline
from conformance.concurrent.load.pausing import pauses, pausing
from conformance.concurrent.load.recording import received, recorded, sent
from conformance.concurrent.load.rounds import Seen
from conformance.concurrent.load.threads import Gate
from conformance.concurrent.load.verdict import EXPLAINED, UNDECIDED, verdict
from conformance.probes.syscalls import (
    NETWORK,
    Accesses,
    Continue,
    Cut,
    Kill,
    Power,
    Refuse,
    WorthATry,
    killed_at,
    supervised,
)
from conformance.programs.operations import Add, Get, HasKey, ListKeys, Move, RemoveKey, Set
from conformance.subject.subject import Claims

__all__ = [
    "EXPLAINED",
    "NETWORK",
    "UNDECIDED",
    "Accesses",
    "Add",
    "Claims",
    "Continue",
    "Cut",
    "Gate",
    "Get",
    "HasKey",
    "Kill",
    "ListKeys",
    "Move",
    "Power",
    "Record",
    "Refuse",
    "RemoveKey",
    "Seen",
    "Set",
    "WorthATry",
    "killed_at",
    "pauses",
    "pausing",
    "received",
    "recorded",
    "sent",
    "supervised",
    "timeline",
    "verdict",
]
