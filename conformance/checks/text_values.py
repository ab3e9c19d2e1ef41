"""Directed checks write text; for a backend that takes other values alone, each text stands for one of those."""

from typing import Any


def speaking_text(backend: "Any", values: "tuple[Any, ...]", texts: "dict[str, Any]") -> "Any":
    """The backend, its methods taking and giving text where it stores one of `values`; `texts` keeps which is which."""

    def stored(text: "Any") -> "Any":
        known = isinstance(text, str) and (text in texts or len(texts) < len(values))
        return texts.setdefault(text, values[len(texts) % len(values)]) if known else text

    def told(value: "Any") -> "Any":
        return next((text for text, held in texts.items() if type(held) is type(value) and held == value), value)

    def writing(method: "Any") -> "Any":
        return lambda key, value, **keywords: method(key, stored(value), **keywords)

    get, get_all = backend.get, getattr(backend, "get_all", None)
    for name in ("set", "add", "update", "add_or_update"):
        if hasattr(backend, name):
            setattr(backend, name, writing(getattr(backend, name)))
    backend.get = lambda key, **keywords: told(get(key, **keywords))
    if get_all is not None:
        backend.get_all = lambda: [told(value) for value in get_all()]
    return backend
