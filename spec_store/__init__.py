"""What a tuple-key store backend is: the interface, the in-memory reference, and the requirements as data."""
