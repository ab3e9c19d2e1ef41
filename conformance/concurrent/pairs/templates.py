"""The scripts of races, as templates: one of two operations is stopped where it was stopped when the race was found."""

THREADS = '''"""{docstring}"""

{imports}

FILE, LINE, OCCURRENCE = {file!r}, {line}, {occurrence}


def opened():
    """A new store with what was there before."""
    place = places.enter_context({place})
    backend = {opening}
{initial}
    return backend


def outcome(function):
    """What came of a call, to be compared."""
    try:
        value = function()
    except Exception as error:
        return ("raised", type(error).__name__)
    return ("returned", sorted(value) if isinstance(value, list) else value)


def first(backend):
    {first}


def second(backend):
    {second}


def reads(backend):
    return [
{reads}
    ]


def in_order(one, other):
    backend = opened()
    came = {{one: outcome(lambda: one(backend)), other: outcome(lambda: other(backend))}}
    return [came[first], came[second], *reads(backend)]


def at_once():
    """The second call, run by another thread while the first one is stopped before the line."""
    backend, came, times = opened(), [], [0]
    other = threading.Thread(target=lambda: came.append(outcome(lambda: second(backend))), daemon=True)

    def trace(frame, event, argument):
        if event == "line" and frame.f_lineno == LINE and frame.f_code.co_filename.endswith(FILE):
            times[0] += 1
            if times[0] == OCCURRENCE:
                other.start()
                other.join(1)  # it may wait for a lock that the first one holds
        return trace

    sys.settrace(trace)
    try:
        result = outcome(lambda: first(backend))
    finally:
        sys.settrace(None)
    if not times[0]:
        sys.exit("the line was not reached: is this the same version of the backend?")
    other.join(30)
    return [result, came[0] if came else ("did not end", None), *reads(backend)]


with contextlib.ExitStack() as places:
    came = at_once()
    orders = [in_order(first, second), in_order(second, first)]
    print("at once:       ", came)
    print("first, second: ", orders[0])
    print("second, first: ", orders[1])
if came not in orders:
    sys.exit("{requirement} is violated: no order of the two explains what came of both at once")
print("{requirement} holds here")
'''

OPENINGS = '''"""{docstring}"""

{imports}

FILE, LINE, OCCURRENCE = {file!r}, {line}, {occurrence}


def opened_id(place):
    return str({opening}.store_backend_id)


with {place} as place:
    ids, times = [], [0]
    other = threading.Thread(target=lambda: ids.append(opened_id(place)), daemon=True)

    def trace(frame, event, argument):
        if event == "line" and frame.f_lineno == LINE and frame.f_code.co_filename.endswith(FILE):
            times[0] += 1
            if times[0] == OCCURRENCE:
                other.start()
                other.join(1)  # it may wait for a lock that the first one holds
        return trace

    sys.settrace(trace)
    try:
        first = opened_id(place)
    finally:
        sys.settrace(None)
    if times[0] < OCCURRENCE:
        sys.exit("the line was not reached: is this the same version of the backend?")
    other.join(30)
    ids += [first, opened_id(place)]
print(ids)
if len(set(ids)) != 1:
    sys.exit("ID-9 is violated: these should be one id")
print("ID-9 holds here")
'''

PROCESSES = '''"""{docstring}
It needs conformance for the halting of a process at a system call, and Linux.
"""

{imports}

from conformance.scripting import NETWORK, Continue, supervised

NUMBER = {number}  # of the system call, of those of the first operation {watching}


def opened(place):
    return {opening}


def outcome(function):
    try:
        value = function()
    except Exception as error:
        return ("raised", type(error).__name__)
    return ("returned", sorted(value) if isinstance(value, list) else value)


def prepare(backend):
{initial}


def first(backend):
    {first}


def second(backend):
    {second}


def reads(backend):
    return [
{reads}
    ]


def in_order(place, swapped):
    one, other = opened(place), opened(place)
    prepare(one)
    if swapped:
        late = outcome(lambda: second(other))
    came = outcome(lambda: first(one))
    if not swapped:
        late = outcome(lambda: second(other))
    return repr([came, late, *reads(other)])


def at_once(place):
    other, came, count = opened(place), [], [0]
    prepare(other)
    thread = threading.Thread(target=lambda: came.append(outcome(lambda: second(other))), daemon=True)

    def on_stop(stop):
        if len(stop.acknowledged) == 1:
            count[0] += 1
            if count[0] == NUMBER:
                thread.start()
                thread.join(1)  # it may wait for what the halted process holds
        return Continue()

    def run(acknowledge):
        backend = opened(place)
        acknowledge(b"opened")
        acknowledge(repr(outcome(lambda: first(backend))).encode())

    done = supervised(run, {watched}, on_stop)
    if count[0] < NUMBER:
        sys.exit("there are fewer system calls: is this the same version of the backend?")
    thread.join(30)
    told = done.acknowledged[1].decode() if len(done.acknowledged) > 1 else repr(done)
    return "[" + told + ", " + repr([came[0] if came else "did not end", *reads(other)])[1:]


with contextlib.ExitStack() as places:
    new = lambda: places.enter_context({place})
    came, orders = at_once(new()), [in_order(new(), False), in_order(new(), True)]
    print("at once:       ", came)
    print("first, second: ", orders[0])
    print("second, first: ", orders[1])
if came not in orders:
    sys.exit("{requirement} is violated: no order of the two explains what came of both at once")
print("{requirement} holds here")
'''

PROCESSES_OPEN = '''"""{docstring}
It needs conformance for the halting of a process at a system call, and Linux.
"""

{imports}

from conformance.scripting import NETWORK, Continue, supervised

NUMBER = {number}  # of the system call, of those {watching}


def opened_id(place):
    return str({opening}.store_backend_id)


with {place} as place:
    ids, count = [], [0]
    thread = threading.Thread(target=lambda: ids.append(opened_id(place)), daemon=True)

    def on_stop(stop):
        count[0] += 1
        if count[0] == NUMBER:
            thread.start()
            thread.join(1)  # it may wait for what the halted process holds
        return Continue()

    done = supervised(lambda acknowledge: acknowledge(opened_id(place).encode()), {watched}, on_stop)
    if count[0] < NUMBER:
        sys.exit("there are fewer system calls: is this the same version of the backend?")
    thread.join(30)
    ids += [*(message.decode() for message in done.acknowledged), opened_id(place)]
print(ids)
if len(set(ids)) != 1 or len(ids) < 3:
    sys.exit("ID-9 is violated: these should be one id, read three times")
print("ID-9 holds here")
'''
