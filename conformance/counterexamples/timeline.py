"""Who did what from when to when: a line for each, on which time goes to the right.

    thread 1  backend.move(('a',), ('b',))  |============..............============|
    thread 2  backend.get(('a',))                         |============|

`=` is where it runs, `.` where it is stopped, or waits, and the bars are where it is called and where it returns.
"""

from collections.abc import Sequence

import attrs


@attrs.frozen
class Span:
    """One call on a timeline; its times are whole numbers of any unit.

    Args:
        who: who made the call: "thread 1".
        what: the call.
        begin: when it was made.
        end: when it returned, or was given up.
        rest: from when to when it was stopped, or waited; from a time to the same is never.
        outcome: what came of it, to stand at the end of the line.
    """

    who: str
    what: str
    begin: int
    end: int
    rest: tuple[int, int] = (0, 0)
    outcome: str = ""


def timeline_lines(spans: Sequence[Span], width: int) -> list[str]:
    """The lines of a timeline, in which the first begin and the last end are `width` characters apart."""
    if not spans:
        return []
    first = min(span.begin for span in spans)
    whole = max(max(span.end for span in spans) - first, 1)
    who, what = (max(len(getattr(span, name)) for span in spans) for name in ("who", "what"))

    def column(moment: int) -> int:
        return (moment - first) * width // whole

    lines = []
    for span in spans:
        pause, resume = map(column, span.rest)
        signs = ("." if pause <= at < resume else "=" for at in range(column(span.begin), column(span.end)))
        bar = f"{' ' * column(span.begin)}|{''.join(signs)}|"
        call = f"  {span.what:{what}}" if what else ""
        lines.append(f"    {span.who:{who}}{call}  {bar:{width + 2}}  {span.outcome}".rstrip())
    return lines
