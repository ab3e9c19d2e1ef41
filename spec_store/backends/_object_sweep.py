"""Deleting the objects of removed keys, where a store deletes an object only if it still has a certain ETag.

obstore has no such request, but sends headers of one's own with every one. On S3 the ETag of an object is the MD5 of
its content, unless the bucket encrypts by KMS or a key of one's own; so a client that sends the ETag of `GONE` as
`If-Match` deletes that and nothing else. A server that does not know the condition would delete whatever is there:
that is tried once a process, on an object of its own, and nothing is deleted on such a server.
"""

import contextlib
import hashlib
import uuid
from collections.abc import Callable

from spec_store.backends._object_markers import GONE, Version
from spec_store.backends._object_requests import Requests, Task
from spec_store.errors import StoreBackendError

GONE_TAG = f'"{hashlib.md5(GONE, usedforsecurity=False).hexdigest()}"'

WHAT = "delete what is left of a removed key"

_honoured: dict[str, bool] = {}
"""Of each place, the host and the bucket, whether its server deletes by ETag."""


class Sweep:
    """What deletes objects that are `GONE`.

    Args:
        requests: to the store.
        place: the host and the bucket.
        conditional: opens a client all of whose requests are carried out only on an object whose ETag is `GONE_TAG`;
            None where there are no such requests.
    """

    def __init__(self, requests: Requests, place: str, conditional: Callable[[], Requests] | None) -> None:
        self._requests = requests
        self._place = place
        self._open = conditional
        self._client: Requests | None = None

    def delete(self, task: Task, name: str, version: Version) -> bool:
        """Delete an object that is `GONE`, if that can be done, and tell whether; no failure is one of the caller's."""
        if self._open is None or version.get("e_tag") != GONE_TAG:
            return False
        own = Task(WHAT, task.end)
        with contextlib.suppress(StoreBackendError):
            if self._client is None:
                self._client = self._open()
            if self._place not in _honoured:
                _honoured[self._place] = self._tried(own, self._client)
            if _honoured[self._place]:
                self._client.delete(own, name)
                return True
        return False

    def _tried(self, own: Task, client: Requests) -> bool:
        """Whether a server lets an object be that has another ETag."""
        name = f"try-{uuid.uuid4().hex}"
        self._requests.put(own, name, b"")
        with contextlib.suppress(StoreBackendError):
            client.delete(own, name)
        honoured = self._requests.head(own, name) is not None
        self._requests.delete(own, name)
        return honoured
