"""What passes through a subject's code that the subject did not raise.

A subject may raise anything, and whatever it raises is its answer: an Exception, SystemExit, or a class of its own
that is neither (a panic of an extension module written in Rust is such a one). Told apart is what somebody else sends
through its code: the kit's own, which is no Exception so that no `except Exception` of the subject keeps it, and what
Python and its user send.
"""

import contextlib
from collections.abc import Iterator


class Interruption(BaseException):
    """What the kit raises amid a subject's code."""


PASSED_ON = (KeyboardInterrupt, GeneratorExit, Interruption)
"""What to let pass wherever a subject's code is called; every other exception is what the subject has answered."""


@contextlib.contextmanager
def passed_over() -> Iterator[None]:
    """Go on whatever a subject raises: for what is tidied up, and says nothing of the specification."""
    try:
        yield
    except PASSED_ON:
        raise
    except BaseException:
        return
