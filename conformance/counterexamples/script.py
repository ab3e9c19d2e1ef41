"""What every script of a counterexample has."""

NOTE = "This script ends with a status other than 0 while the fault is there."


def quotable(text: str) -> str:
    """Text as it can stand between triple quotes."""
    shown = text.replace("\\", "\\\\").replace('"""', "'''")
    return "".join(one if one == "\n" or one.isprintable() else f"\\x{ord(one):02x}" for one in shown)
