"""What holds for every test."""

import signal

collect_ignore = ["user_project"]  # a project of its own, run by test_user_project.py

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background; tests interrupt what they start
    signal.signal(signal.SIGINT, signal.default_int_handler)
