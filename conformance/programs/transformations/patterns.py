"""Keys that are taken for patterns: of SQL, of the shell, of regular expressions, of a template.

Nothing is lost by that as long as no other key matches: it takes both in one store, with the pattern listed as a
prefix, removed and moved.
"""

import fnmatch
import re
from functools import cache

from conformance.programs.transformations.transformation import Match, match


@cache
def _compiled(pattern: str) -> "re.Pattern[str] | None":
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        return None


def matches_regex(pattern: str, text: str) -> bool:
    """Whether a regular expression matches a whole text."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(text) is not None


def matches_like(pattern: str, text: str) -> bool:
    """Whether a pattern of LIKE matches a text, without regard to ASCII case."""
    parts = ("." if one == "_" else ".*" if one == "%" else re.escape(one) for one in pattern)
    return matches_regex(f"(?i:{''.join(parts)})", text)


def matches_glob(pattern: str, text: str) -> bool:
    """Whether a pattern of the shell matches a text."""
    return matches_regex(fnmatch.translate(pattern), text)


def matches_braces(pattern: str, text: str) -> bool:
    """Whether a text is one of those that the braces of a pattern give."""
    parts = re.split(r"\{([^{}]*)\}", pattern)
    choices = ("|".join(map(re.escape, part.split(","))) for part in parts[1::2])
    rest = map(re.escape, parts[2::2])
    pairs = zip(choices, rest, strict=True)
    return matches_regex(re.escape(parts[0]) + "".join(f"(?:{one}){after}" for one, after in pairs), text)


def matches_fields(pattern: str, text: str) -> bool:
    """Whether a text is what a template gives for some arguments."""
    parts = re.split(r"\{\w*\}|%[sd]|\$\w+", pattern)
    return len(parts) > 1 and matches_regex(".*".join(map(re.escape, parts)), text)


PATTERNS: tuple[Match, ...] = (
    match(
        "a wildcard of LIKE",
        matches_like,
        ("a_", "ab", "ac"),
        ("_", "b"),
        ("%", "b", "ab"),
        ("a%", "abc"),
        ("%c", "bc"),
    ),
    match("an escape of LIKE", lambda one, other: one.replace("\\", "") == other, ("d\\_", "d_"), ("d\\%", "d%")),
    match(
        "a wildcard of the shell",
        matches_glob,
        ("*", "b", "bc"),
        ("e*", "e", "ef"),
        ("?", "b"),
        ("e?", "ef"),
        ("*f", "ef"),
    ),
    match("a class of characters", matches_glob, ("[gh]", "g", "h"), ("[!g]", "h"), ("i[0-9]", "i1"), ("[*]", "*")),
    match("braces of the shell", matches_braces, ("{j,k}", "j", "k"), ("l{m,n}", "lm", "ln")),
    match("a dot of regular expressions", matches_regex, (".", "b"), ("o.", "op"), ("o.*", "opq"), (".*", "b", "op")),
    match("a sign of regular expressions", matches_regex, ("r+", "r", "rr"), ("s?", "s"), ("s*", "ss"), ("t{2}", "tt")),
    match("an end of regular expressions", matches_regex, ("^u$", "u"), ("u$", "u"), ("^u", "u"), ("\\Au", "u")),
    match(
        "a choice of regular expressions", matches_regex, ("v|w", "v", "w"), ("(v)", "v"), ("[vw]", "v"), ("[^v]", "w")
    ),
    match("a class of regular expressions", matches_regex, ("\\d", "1"), ("\\w", "x"), ("\\w+", "xy"), ("\\.", ".")),
    match(
        "a field of a template", matches_fields, ("{0}", "b"), ("x{}", "xy"), ("%s", "b"), ("$x", "y"), ("{name}", "y")
    ),
)
