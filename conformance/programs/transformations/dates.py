"""Texts that are dates, times and ids, and are written in several ways."""

import re
import uuid

from conformance.programs.transformations.transformation import Transformation, of_texts


def as_uuid(text: str) -> str:
    """The id that a text is, as it is usually written."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return text


def with_two_digits(text: str) -> str:
    """A date with two digits for its month and its day."""
    found = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", text, re.ASCII)
    return f"{found[1]}-{found[2]:>02}-{found[3]:>02}" if found else text


_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"

DATES: tuple[Transformation, ...] = (
    of_texts("hyphens in dates", lambda text: re.sub(r"^(\d{4})-(\d\d)-(\d\d)", r"\1\2\3", text), "2024-05-06"),
    of_texts("zeros in dates", with_two_digits, "2024-5-6", "2024-05-7"),
    of_texts("slashes in dates", lambda text: re.sub(r"^(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", text), "2024/05/06"),
    of_texts("the order of dates", lambda text: re.sub(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1", text), "06.05.2024"),
    of_texts("the letter in times", lambda text: re.sub(r"(\d)T(\d)", r"\1 \2", text), "2024-05-06T07:08"),
    of_texts(
        "the zone of times",
        lambda text: re.sub(r"(\d)(Z|[+-]00:?00)$", r"\1", text),
        "2024-05-06T07:08Z",
        "07:08+00:00",
    ),
    of_texts("the zone of times", lambda text: re.sub(r"(\d)Z$", r"\1+00:00", text), "2024-05-06T07:08Z"),
    of_texts(
        "midnight", lambda text: re.sub(r"(\d)[T ]00:00(:00)?$", r"\1", text), "2024-05-06T00:00", "2024-05-06 00:00:00"
    ),
    of_texts("fractions of seconds", lambda text: re.sub(r"(:\d\d)\.\d+", r"\1", text), "07:08:09.5", "07:08:09.500"),
    of_texts(
        "zeros after fractions", lambda text: re.sub(r"(:\d\d\.\d*?)0+$", r"\1", text), "07:08:10.50", "07:08:10.100"
    ),
    of_texts("seconds that are zero", lambda text: re.sub(r"^(\d\d:\d\d):00$", r"\1", text), "07:08:00"),
    of_texts("how an id is written", as_uuid, _ID.upper(), _ID.replace("-", ""), f"{{{_ID}}}", f"urn:uuid:{_ID}"),
    of_texts("a letter before a version", lambda text: re.sub(r"^v(?=\d)", "", text), "v1", "v1.2"),
)
