"""Where operations were; printed scripts of version 0.1 import them from here."""

from conformance.scripting import Add, Get, HasKey, ListKeys, Move, RemoveKey, Set

__all__ = ["Add", "Get", "HasKey", "ListKeys", "Move", "RemoveKey", "Set"]
