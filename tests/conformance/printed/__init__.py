"""Scripts as version 0.1 printed them, kept as text: they have to go on running with every later kit."""
