"""A child halted before each message that it sends to a server: killed there, or its connection cut."""

import socket
import socketserver
import threading

import pytest

from conformance.probes.syscalls import NETWORK, Continue, Cut, Kill, available, supervised

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "it is available"),
    pytest.mark.usefixtures("nothing_is_left_open"),
]


@pytest.fixture
def server():
    """A server that answers each line with its number, and the lines that it has got."""
    got = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                got.append(line)
                self.wfile.write(b"%d\n" % len(got))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        yield listener.server_address, got
        listener.shutdown()
        thread.join()


def asks(address, *lines):
    """Sends lines to a server, each when the last one is answered, and acknowledges what comes."""

    def run(acknowledge):
        with socket.create_connection(address) as connection, connection.makefile("rb") as answers:
            for line in lines:
                try:
                    connection.sendall(line)
                    acknowledge(answers.readline())
                except OSError as error:
                    acknowledge(type(error).__name__.encode())

    return run


def test_a_child_is_halted_before_each_message_to_a_server(server):
    address, got = server
    seen = []

    def on_stop(stop):
        seen.append((stop.number, stop.text, stop.to_server, list(got)))
        return Continue()

    outcome = supervised(asks(address, b"a\n", b"bc\n"), NETWORK, on_stop)

    assert outcome.acknowledged == (b"1\n", b"2\n")
    assert seen == [
        (1, "sendto(to the server, 2 bytes)", True, []),
        (2, "sendto(to the server, 3 bytes)", True, [b"a\n"]),
    ]


def test_a_child_killed_at_a_message_has_not_sent_it(server):
    address, got = server
    outcome = supervised(
        asks(address, b"a\n", b"b\n"), NETWORK, lambda stop: Kill() if stop.number == 2 else Continue()
    )

    assert (outcome.ended, outcome.acknowledged, got) == ("killed", (b"1\n",), [b"a\n"])


def test_a_connection_that_is_cut_is_closed_for_both_ends(server):
    address, got = server
    outcome = supervised(
        asks(address, b"a\n", b"b\n", b"c\n"), NETWORK, lambda stop: Cut() if stop.number == 2 else Continue()
    )

    assert outcome.acknowledged == (b"1\n", b"BrokenPipeError", b"BrokenPipeError")
    assert got == [b"a\n"]
