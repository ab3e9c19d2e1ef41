"""What every counterexample is made of: its words, its timeline, its script."""
