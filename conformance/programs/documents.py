"""Whole documents as values, and documents that another key of the store is written in.

A store that reads what it keeps may read more than it wrote: it parses what looks like a document and writes it anew,
merges what looks like a conflict, undoes an encoding that it has not applied. Single marks do not show that (they are
in `changing_values`), only what is a document from its first character to its last:

    value                                  so that this meets
    -------------------------------------  ---------------------------------------------------------------------------
    a document that can be written in      whoever reads and writes it: names given twice, quotes that are not needed,
    another way just as well               white space, escapes, zones, bases, case
    a document of several parts            whoever merges, splits or joins: conflicts, lines, parts, frames
    several documents, one after another   whoever reads the first
    what another key's record looks like   whoever keeps all keys in one text, and looks for a line that begins with one
"""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from conformance.programs.material import Material
from conformance.programs.operations import Get, HasKey, Program, RemoveKey, Reopen, Set, Update
from conformance.programs.pieces import Batch, Piece, packed
from conformance.subject.subject import Subject
from spec_store import Key

DOCUMENTS_OF_A_STORE = 100
"""How many documents are in one store."""

DATA: tuple[str, ...] = (
    *('{"a": 1, "a": 2}', '{"b":1,"a":2}', '{ "a" : 1 }', '{"a": 1}\n', '{"a": 1.0, "b": 1e5}', '{"a": "\\u0041"}'),
    *('{"\\u0061": "\\/"}', '["a",]', "[1,\n 2]", '"\\u00e9"', '{"a": NaN}', '{"a": 1}{"a": 2}'),
    *('{"a": 1}\n{"a": 2}\n', '{"$oid": "a"}', '{"__type__": "a"}', '{"py/object": "a"}', '{"a": {"b": null}}'),
    *("{'a': None}", "{1: 2}", "a: 1\na: 2\n", "a:   1 # b\n", "- a\n- 'b'\n", "--- \na: 1\n...\n", "a: &x 1\nb: *x\n"),
    *("a: |\n  b\n\n", "[a]\nb=1\nb=2\n", "[a]\nB = 1 ; c\n", "a = 1\\\n 2\n", "A=1\nexport B='2'\n", "a.b=1\n#c\n"),
    *('a = "b"\n', 'a,b\r\n"c",d\r\n', '"a","b"\n', 'a,"b ""c"""\n', "a;b\n1;2\n", "a\tb\n1\t2\n", "a,b,\n,,\n"),
    *('"a\nb",c\n', "<a></a>", "<a b='1' c=\"2\"/>", "<a>\n <b/>\n</a>", "<?xml version='1.0'?><a/>"),
    *("<a>&#65;&lt;</a>", "<![CDATA[a]]>", "<!DOCTYPE html><p>a", "<p>a<br>b</p>", "<a xmlns:x='y'><x:b/></a>"),
    *("&lt;a&gt;", "a&nbsp;b"),
)
"""Documents of data that can be written in another way."""

MOMENTS: tuple[str, ...] = (
    *("2024-01-05T10:00:00Z", "2024-01-05T10:00:00.000Z", "2024-01-05T10:00:00+00:00", "2024-01-05T10:00:00+01:00"),
    *("2024-01-05 10:00:00", "2024-01-05T10:00", "2024-01-05T10:00:00.123456789Z", "2024-W01-5", "20240105T100000Z"),
    *("Fri, 05 Jan 2024 10:00:00 GMT", "1704448800", "1704448800.5", "10:00:00", "24:00", "P1DT2H", "05/01/2024"),
)
"""Times, as programs write them."""

SPELLED: tuple[str, ...] = (
    *("1.10", "+1", "1e5", "1E+05", "0x1F", "0b1", "0o7", "1_000", "1,000.00", "1/3", "$1.00", "50%", "Infinity", ".5"),
    *("5f2c7a1e-9b3d-4c6f-8a70-1d2e3f4a5b6c", "5F2C7A1E-9B3D-4C6F-8A70-1D2E3F4A5B6C", "::1", "0:0:0:0:0:0:0:1"),
    *("127.000.000.001", "0B:0C:0D:0E:0F:0A", "v1.0.0", "1.0-rc.1+b", "tel:+1-201", "978-0-306-40615-7"),
)
"""Numbers and identifiers that have more than one spelling."""

ENCODED: tuple[str, ...] = (
    *("a=1&b=2&a=3", "a%20b%2fc", "a+b=c+d", "?a=%7e", "http://A.example:80/b/../c", "HTTP://a/%7Eb#c", "//a//b/"),
    *("aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ", "aGVs\nbG8=\n", "68656c6c6f", "68 65 6C", "=68=65\n", "=?UTF-8?B?YQ==?="),
    *("data:text/plain;base64,YQ==", "\\x68\\x65", "\\u0068\\n", "\\101", "&#104;", "xn--bcher-kva", "+AGE-"),
    *("H4sIAAAA", "b'a'", "u'a'", "'a' 'b'", '"a"', "`a`", "$'a\\n'", 's:1:"a";', "i:1;", "4:spam", "d1:ai1ee"),
    *("$3\r\nfoo\r\n", "(dp0\n.", "N.", "\x80\x04N.", "PK\x03\x04", "\x1f\x8b\x08", "x\x9c\x03", "%PDF-1.4", "GIF89a"),
    *("BZh9", "\x7fELF"),
)
"""What looks encoded, quoted, serialized, or packed."""

RUNS: tuple[str, ...] = (
    *("aaab", "3a1b", "a3b1", "a{3}", "aaaaaaaaaaaaaaaaaaaaaaaab", "abababab", "\x1b3a", "\x1b[1m", "\x1b[31ma\x1b[0m"),
    *(
        "\x903a",
        "=3=",
        "~3a",
        "\\3a",
        "%3a",
        "!3a",
        "#3a",
        "*3a",
        "a*3",
        "\x00\x03a",
        "\x10\x10",
        "}]a",
        "\u00db\u00dc",
    ),
    *("a\x08b", "a\x08\x08  ", "\x0e\x0f", "\x1b]0;a\x07", "\x02a\x03", "\x01a\x04", "\x16a", "\x1ea"),
    *("a\x1fb\x1ec\x1d",),
)
"""Runs and escapes: what compresses, or steers a terminal or a line."""

DIVIDED: tuple[str, ...] = (
    *("<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n", "<<<<<<< a\n1\n||||||| c\n0\n=======\n2\n>>>>>>> b\n", "=======\n"),
    *("a\n=======\nb\n", "--- a\n+++ b\n@@ -1 +1 @@\n-1\n+2\n", "diff --git a/a b/b\n", "1c1\n< a\n---\n> b\n"),
    *("+ a\n- b\n", "> a\n> b\n", "From a\n\nFrom b\n", ">From a\n", ".\n", "..\n", "a\n.\nb\n", "a\r\n.\r\n"),
    *("a\r\n\r\nb", "A: b\r\n c\r\n\r\nd", "--x\n\na\n--x--\n", "-----BEGIN A-----\nYQ==\n-----END A-----\n"),
    *("-- \na\n", "a\x0c\nb", "EOF\n", "<<EOF\na\nEOF\n", "5\r\nhello\r\n0\r\n\r\n", "# a\n\n* b\n", "a  \nb\n"),
    *("a\\\nb", "a\n\n\nb", "a\n b\n  c", "\ta\n", "a \n", " a\n b\n", "\n", "a\n\n", "a\r\nb\n", "a\rb\r", "%%a\n"),
    *("@a\n", ";a\n", "//a\n", "/*a*/", "(*a*)", "{-a-}", "{#a#}", "{%a%}", "<%=a%>", "<?a?>", '"""a"""', "REM a\n"),
)
"""What consists of parts, lines that mean something, and comments."""

CODE: tuple[str, ...] = (
    *("select 'a' from b; --", "insert into a values ('b''c')", "'); drop table a; --", "NULL", ":a", "?1", "@a"),
    *("a\\'b", "$1", "${a}", "$(a)", "`a`", "a && b", "a | b", "!a", "~/a", "C:\\a\\b", "\\\\a\\b", "file:///a"),
    *("/a/./b", "a/../b", "%(a)s", "%s %d", "{a}", "{0}", "{{a}}", "#{a}", "<a>", "[[a]]", "(?i)a", "^a$", "s/a/b/"),
    *("\\1", "\\g<0>", "&", "a.*", "lambda: 0", "__import__('os')", "function(){}", "=SUM(A1)", "+1+1", "-1+1"),
    *("@SUM(1)", "'1", "import a\n", "a = 1\n"),
)
"""What somebody runs, or puts into a template."""

DOCUMENTS: tuple[str, ...] = tuple(dict.fromkeys((*DATA, *MOMENTS, *SPELLED, *ENCODED, *RUNS, *DIVIDED, *CODE)))
"""Every document."""

RECORDS: tuple[Callable[[str, str], str], ...] = (
    lambda key, value: f"{key}: {value}",
    lambda key, value: f"{key}={value}",
    lambda key, value: f"{key} = {value}",
    lambda key, value: f"{key}\t{value}",
    lambda key, value: f"{key} {value}",
    lambda key, value: f"{key},{value}",
    lambda key, value: f"{json.dumps(key)}: {json.dumps(value)}",
    lambda key, value: f"{json.dumps([key])} {value}",
    lambda key, value: json.dumps({key: value}),
    lambda key, value: json.dumps([[key], value]),
    lambda key, value: json.dumps({"key": [key], "value": value}),
    lambda key, value: f"[{key}]\n{value}",
    lambda key, value: f"{key}\n{value}",
    lambda key, value: f"{key}\0{value}",
    lambda key, value: f"set {key} {value}",
    lambda key, value: f"{base64.b64encode(key.encode()).decode()}: {base64.b64encode(value.encode()).decode()}",
)
"""Notations of a key and its value: those of lines, of lines of JSON, of pairs of lines, of logs."""


def documents_as_values(subject: Subject, material: Material) -> Iterator[Batch]:
    """The batches of documents for a subject that takes any text; one whose storage is kept is opened again."""
    if subject.claims.values is not None:
        return
    pieces: list[Piece] = [_stored(text, _key(f"d{number}", material)) for number, text in enumerate(DOCUMENTS)]
    yield from packed(pieces, DOCUMENTS_OF_A_STORE, (Reopen(),) if subject.claims.durable else ())
    if subject.claims.elements is None:
        yield Batch(tuple(_records(number, record, material) for number, record in enumerate(RECORDS)))


def _key(name: str, material: Material) -> Key:
    return (*(material.elements[0],) * (max(1, material.lengths[0]) - 1), name)


def _stored(text: str, key: Key) -> Piece:
    twice = f"{text}\n{text}"
    return Piece((), (Set(key, text), Get(key), Update(key, twice), Get(key), Update(key, text), Get(key)))


def _records(number: int, record: Callable[[str, str], str], material: Material) -> Piece:
    """A key, another one that is removed, and others whose values have records of both: amid them, first, and last."""
    key, gone, *others = (_key(f"{name}{number}", material) for name in ("k", "g", "amid", "first", "last"))
    both = "\n".join(record("/".join(one), value) for one, value in ((key, "2"), (gone, "3")))
    values: tuple[Any, ...] = (f"x\n{both}\nx", f"{both}\nx", f"x\n{both}")
    filling: Program = (Set(key, "1"), Set(gone, "1"), *map(Set, others, values))
    return Piece(filling, (Get(key), RemoveKey(gone), HasKey(gone), Get(gone), *map(Get, others)))
