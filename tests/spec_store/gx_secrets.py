"""A Great Expectations project whose stores have secrets, and all that it prints of them.

Run: python -m tests.spec_store.gx_secrets DIRECTORY MARKER
Prints a JSON object: what each thing that shows a project says. The marker is put in by variables of the environment,
for the first project, and stands in the YAML of the second.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from great_expectations.core.yaml_handler import YAMLHandler

from tests.spec_store.gx_project import project

NOWHERE = {"endpoint": "http://127.0.0.1:1", "region": "x", "access_key_id": "a", "allow_http": "true"}
"""An object store that refuses connections."""


def backends(secret: str) -> dict[str, dict[str, Any]]:
    """The backends of a project's stores."""
    return {
        "expectations_store": {
            "class_name": "ObjectStoreBackend",
            "url": "s3://b/p",
            "config": {**NOWHERE, "secret_access_key": secret, "AWS_SESSION_TOKEN": secret},
        },
        "checkpoint_store": {"class_name": "RedisStoreBackend", "url": f"redis://u:{secret}@127.0.0.1:1/0"},
        "validation_results_store": {
            "class_name": "SQLStoreBackend",
            "url": f"postgresql+psycopg://u:{secret}@127.0.0.1:1/x",
        },
        "validation_definition_store": {
            "class_name": "SQLStoreBackend",
            "url": f"mysql+pymysql://u:{secret}@127.0.0.1:1/x",
        },
    }


def shown(directory: Path, secret: str) -> dict[str, str]:
    """What a project with a secret shows."""
    project(directory)
    file = next(directory.rglob("great_expectations.yml"))
    yaml = YAMLHandler()
    config = yaml.load(file.read_text("utf-8"))
    for store, settings in backends(secret).items():
        options = {"module_name": "spec_store.great_expectations", "timeout": 2, "read_only": True}
        config["stores"][store]["store_backend"] = {**options, **settings}
    with file.open("w", encoding="utf-8") as output:
        yaml.dump(config, output)
    context = project(directory)
    found = {
        "str": str(context),
        "repr": repr(context),
        "config": str(context.config),
        "substituted": str(context.project_config_with_variables_substituted),
        "stores": str(context.stores),
        "list": str(context.list_stores()),
        "active": str(context.list_active_stores()),
    }
    for name in backends(secret):
        backend = context.stores[name].store_backend
        found[f"{name}: class"] = type(backend).__name__
        found[f"{name}: repr"] = repr(backend)
        found[f"{name}: config"] = f"{backend.config} {json.dumps(backend.config)}"
        for what, call in {"get": lambda one: one.get(("a",)), "set": lambda one: one.set(("a",), "1")}.items():
            with contextlib.suppress(AssertionError):
                found[f"{name}: {what}"] = _error(call, backend)
    return found


def _error(call: Any, backend: Any) -> str:
    """All that an error has to say."""
    try:
        call(backend)
    except Exception as error:
        texts = []
        one: BaseException | None = error
        while one is not None:
            texts.append(f"{one!r} {one}")
            one = one.__cause__ or one.__context__
        return "; ".join(texts)
    raise AssertionError("it failed not")


def main() -> None:
    directory, marker = sys.argv[1:]
    os.environ["THE_SECRET"] = marker
    by_variable = shown(Path(directory, "by variable"), "${THE_SECRET}")
    print(json.dumps({"by variable": by_variable, "in the YAML": shown(Path(directory, "in the YAML"), marker)}))


if __name__ == "__main__":
    main()
