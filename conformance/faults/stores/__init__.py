"""Plain correct stores that faults are planted in."""
