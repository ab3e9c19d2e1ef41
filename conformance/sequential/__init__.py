"""One program at a time, in lock-step with the reference."""
