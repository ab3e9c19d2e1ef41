"""Where the state machine was, by the documentation of version 0.1."""

from conformance.sequential.machine import StoreMachine, machine_of

__all__ = ["StoreMachine", "machine_of"]
