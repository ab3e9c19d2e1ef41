"""Two operations, one halted at each of its steps while the other runs whole."""
