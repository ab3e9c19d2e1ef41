"""`python -m spec_store` is the command `spec-store`."""

from spec_store.cli import main

main()
