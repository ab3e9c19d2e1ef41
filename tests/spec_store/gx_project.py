"""A Great Expectations project whose stores are on an engine of ours, made or read by a process of its own.

Run: python -m tests.spec_store.gx_project write|read|read_only DIRECTORY ENGINE...
Prints a JSON object, by engine. It needs nothing newer than Great Expectations 1.12.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.core.yaml_handler import YAMLHandler

SUITE = "My Suite: \u00fcn\u00efcode"

BACKENDS: dict[str, dict[str, str]] = {
    "filesystem": {"class_name": "FilesystemStoreBackend", "root": "kept/{store}"},
    "sqlite": {"class_name": "SQLStoreBackend", "url": "sqlite:///{directory}/db.sqlite", "name": "{store}"},
    "postgresql": {"class_name": "SQLStoreBackend", "url": "${POSTGRESQL_URL}", "name": "{unique}-{store}"},
    "mariadb": {"class_name": "SQLStoreBackend", "url": "${MARIADB_URL}", "name": "{unique}-{store}"},
    "redis": {"class_name": "RedisStoreBackend", "url": "${REDIS_URL}", "name": "{unique}-{store}"},
    "objects": {"class_name": "ObjectStoreBackend", "url": "file://{directory}/objects/{store}"},
}


def project(directory: Path) -> Any:
    return gx.get_context(mode="file", project_root_dir=str(directory))


def unique(directory: Path) -> str:
    """What the names of a project's stores on a server begin with: other test workers use the same server."""
    return f"{directory.parent.name}-{directory.name}"


def configure(directory: Path, engine: str, **options: Any) -> None:
    """Switch every store of a project to an engine, in its YAML."""
    file = next(directory.rglob("great_expectations.yml"))
    yaml = YAMLHandler()
    config = yaml.load(file.read_text("utf-8"))
    for store, settings in config["stores"].items():
        names = {"store": store, "directory": str(directory), "unique": unique(directory)}
        arguments = {
            name: value if value.startswith("$") else value.format(**names) for name, value in BACKENDS[engine].items()
        }
        settings["store_backend"] = {"module_name": "spec_store.great_expectations", **arguments, **options}
        if engine == "objects":
            Path(directory, "objects", store).mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as output:
        yaml.dump(config, output)


def write(directory: Path, engine: str) -> dict[str, Any]:
    """Make a project, with a suite, a checkpoint, a validation definition and the results of a run."""
    directory.mkdir(parents=True)
    project(directory)
    configure(directory, engine)
    context = project(directory)
    batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    suite = context.suites.add(gx.ExpectationSuite(name=SUITE))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column="x"))
    suite.save()
    definition = gx.ValidationDefinition(name="definition", data=batch, suite=suite)
    definition = context.validation_definitions.add(definition)
    checkpoint = context.checkpoints.add(gx.Checkpoint(name="checkpoint", validation_definitions=[definition]))
    result = checkpoint.run(batch_parameters={"dataframe": pd.DataFrame({"x": [1, None]})})
    return {"success": result.success, **_ids(context)}


def read(directory: Path, engine: str) -> dict[str, Any]:
    """Read it all back, then delete it."""
    configure(directory, engine)  # as it was before `read_only`
    context = project(directory)
    results = context.stores["validation_results_store"]
    keys = results.list_keys()
    found = {
        "suites": [suite.name for suite in context.suites.all()],
        "expectations": len(context.suites.get(SUITE).expectations),
        "checkpoints": [one.name for one in context.checkpoints.all()],
        "definitions": [one.name for one in context.checkpoints.get("checkpoint").validation_definitions],
        "results": [results.get(key).success for key in keys],
        "modules": sorted({type(store.store_backend).__module__ for store in context.stores.values()}),
        **_ids(context),
    }
    context.checkpoints.delete("checkpoint")
    context.validation_definitions.delete("definition")
    context.suites.delete(SUITE)
    for key in keys:
        results.remove_key(key)  # an identifier, as Great Expectations itself passes it on
    left = [context.suites.all(), context.checkpoints.all(), results.list_keys()]
    return {**found, "left": sum(map(len, left))}


def read_only(directory: Path, engine: str) -> dict[str, Any]:
    """Read it with stores that are only read, and try to change it."""
    configure(directory, engine, read_only=True, timeout=20)
    context = project(directory)
    backends = [store.store_backend for store in context.stores.values()]
    options = {(one.config["read_only"], float(one.config["timeout"])) for one in backends}
    return {
        "suites": [suite.name for suite in context.suites.all()],
        "options": sorted(options),
        "added": _refusal(lambda: context.suites.add(gx.ExpectationSuite(name="another"))),
        "deleted": _refusal(lambda: context.suites.delete(SUITE)),
        "suites after": [suite.name for suite in context.suites.all()],
    }


def _refusal(change: Callable[[], object]) -> str:
    try:
        change()
    except Exception as error:
        return f"{error} {error.__cause__} {error.__context__}"
    return "it was not refused"


def _ids(context: Any) -> dict[str, str]:
    return {"id": str(context.stores["expectations_store"].store_backend_id)}


def main() -> None:
    what, directory, *engines = sys.argv[1:]
    function = {"write": write, "read": read, "read_only": read_only}[what]
    print(json.dumps({engine: function(Path(directory, engine), engine) for engine in engines}))


if __name__ == "__main__":
    main()
