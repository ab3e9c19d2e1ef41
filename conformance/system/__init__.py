"""This machine: time, signals, processes, temporary files. It knows nothing of stores."""
