"""The whole catalogue, by room, the plainest relations first."""

from collections.abc import Mapping

from conformance.programs.transformations.cutting import CUTTING
from conformance.programs.transformations.dates import DATES
from conformance.programs.transformations.encodings import ENCODINGS
from conformance.programs.transformations.folding import FOLDING
from conformance.programs.transformations.forms import FORMS
from conformance.programs.transformations.hashing import HASHING
from conformance.programs.transformations.joining import JOINING
from conformance.programs.transformations.names import NAMES
from conformance.programs.transformations.numbers import NUMBERS_AND_WORDS
from conformance.programs.transformations.patterns import PATTERNS
from conformance.programs.transformations.quoting import QUOTING
from conformance.programs.transformations.siblings import SIBLINGS
from conformance.programs.transformations.spaces import SPACES
from conformance.programs.transformations.transformation import Relation, Transformation

ROOMS: Mapping[str, tuple[Relation, ...]] = {
    "folding": FOLDING,
    "forms": FORMS,
    "spaces": SPACES,
    "joining": JOINING,
    "numbers": NUMBERS_AND_WORDS,
    "dates": DATES,
    "names": NAMES,
    "quoting": QUOTING,
    "encodings": ENCODINGS,
    "patterns": PATTERNS,
    "siblings": SIBLINGS,
    "cutting": CUTTING,
    "hashing": HASHING,
}
"""Every relation, by room."""

RELATIONS: tuple[Relation, ...] = tuple(one for room in ROOMS.values() for one in room)
"""Every relation; of several that explain two keys, the first is the plainest."""

TRANSFORMATIONS: tuple[Transformation, ...] = tuple(one for one in RELATIONS if isinstance(one, Transformation))
"""Those that turn a key into another."""
