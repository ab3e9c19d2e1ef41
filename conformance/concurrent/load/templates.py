"""The scripts of races under load, as templates: the same operations again and again, until no order explains them."""

COMMON = '''"""{docstring}
It needs conformance to judge what came; it may need many tries, and on another machine more.
"""

{imports}

from conformance.scripting import EXPLAINED, UNDECIDED, Add, Claims, Get, HasKey, ListKeys, Move, RemoveKey, Seen, Set
from conformance.scripting import {further}, recorded, timeline, verdict

SECONDS, TRIES = 60, 5000
CLAIMS = {claims}
INITIAL = [
{initial}]
SIDES = [
{sides}]
READS = [
{reads}]


def judge(seen):
    """End with what came if no order explains it."""
    if verdict(seen, CLAIMS, "{who}") not in (EXPLAINED, UNDECIDED):
        print("\\n".join(timeline(seen, "{who}")))
        sys.exit("{requirement} is violated: no order of these explains what came")

'''

THREADS = """
def side(number, backend, gate, seen, paused):
    if paused:
        with installing:
            sys.settrace(pausing(random.Random()))
    gate.pass_through(awake=not paused)
    for operation in SIDES[number - 1]:
        seen.append(Seen(number, recorded(operation, backend)))


def at_once(backend, paused):
    seen = [Seen(0, recorded(operation, backend)) for operation in INITIAL]
    gate, numbers = Gate(len(SIDES)), range(1, len(SIDES) + 1)
    threads = [threading.Thread(target=side, args=(n, backend, gate, seen, paused), daemon=True) for n in numbers]
    for thread in threads:
        thread.start()
    gate.open.set()
    for thread in threads:
        thread.join(30)
        if thread.is_alive():
            sys.exit("{requirement} is violated: a thread did not end within 30 s")
    return [*seen, *(Seen(0, recorded(operation, backend)) for operation in READS)]


installing = threading.Lock()
sys.setswitchinterval(1e-6)
until = time.monotonic() + SECONDS
for count in range(TRIES):
    with {place} as place:
        backend = {opening}
        judge(at_once(backend, pauses(count)))
        if callable(getattr(backend, "close", None)):
            backend.close()
    if time.monotonic() > until:
        break
print("{requirement} holds here, in", count + 1, "tries")
"""

PROCESSES = '''
def performed(operations, place, start, paused):
    """What a process does: it opens, waits for the moment to start, awake, and gives what it sees."""
    backend = {opening}
    while time.monotonic_ns() < start:
        pass
    sys.settrace(pausing(random.Random()) if paused else None)
    return [recorded(operation, backend) for operation in operations]


def forked(number, operations, place, start=0, paused=False):
    """Have a process do operations; what is given waits for its end and gives what it has seen."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(theirs, sent(performed(operations, place, start, paused)))
        finally:
            os._exit(0)
    os.close(theirs)

    def seen():
        ended = select.select([ours], [], [], 60)[0]
        message = ended and os.read(ours, 1 << 20)
        os.close(ours)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if not message:
            sys.exit("{requirement} is violated: a process died, or did not end within 60 s")
        return [Seen(number, record) for record in received(message, operations)]

    return seen


def at_once(place, paused):
    begin = time.monotonic_ns()
    before = forked(0, INITIAL, place)()
    now = time.monotonic_ns()
    start = now + 2 * (now - begin) + 20_000_000
    processes = [forked(number, side, place, start, paused) for number, side in enumerate(SIDES, 1)]
    came = [one for seen in processes for one in seen()]
    return [*before, *came, *forked(0, READS, place)()]


until = time.monotonic() + SECONDS
for count in range(TRIES):
    with {place} as place:
        judge(at_once(place, pauses(count)))
    if time.monotonic() > until:
        break
print("{requirement} holds here, in", count + 1, "tries")
'''
