"""`python -m conformance` is `conformance`; without the extra, either says in one line what to install."""

import sys
from importlib.util import find_spec

NEEDS = ("attrs", "click", "hypothesis", "jinja2", "rich")


def main() -> None:
    """Run the command, where all that it needs is installed."""
    lacking = [name for name in NEEDS if find_spec(name) is None]
    if lacking:
        what = "is" if len(lacking) == 1 else "are"
        install = "pip install 'spec-store[conformance]'"
        print(f"conformance: {', '.join(lacking)} {what} not installed: {install}", file=sys.stderr)
        sys.exit(2)
    from conformance.cli import main as command

    command()


if __name__ == "__main__":
    main()
