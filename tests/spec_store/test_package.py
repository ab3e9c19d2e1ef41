"""What `import spec_store` gives, and what it costs."""

import subprocess
import sys
from pathlib import Path

import spec_store

ROOT = Path(spec_store.__file__).parents[1]

IMPORT_WITH_ATTRS_ALONE = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("attr", "attrs", "spec_store"):
            raise ImportError(f"{{name}} is not to be imported")

sys.meta_path.insert(0, Blocker())
sys.path.insert(0, {str(ROOT)!r})
before = set(sys.modules)
import spec_store, spec_store.specification
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(loaded - set(sys.stdlib_module_names)))
"""


def test_it_needs_attrs_alone():
    run = subprocess.run(
        [sys.executable, "-I", "-c", IMPORT_WITH_ATTRS_ALONE], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert run.stdout.split() == ["attr", "attrs", "spec_store"]


def test_all_public_names_are_there():
    assert all(hasattr(spec_store, name) for name in spec_store.__all__)
    assert set(spec_store.__all__) >= {
        "InMemoryStoreBackend",
        "InvalidKeyError",
        "Key",
        "REQUIREMENTS",
        "StoreBackend",
        "StoreBackendError",
        "StoreError",
        "requirement",
    }


def test_the_constants_are_those_of_the_interface():
    for name in spec_store.__all__:
        if name.startswith("STORE_BACKEND_"):
            assert getattr(spec_store, name) == getattr(spec_store.StoreBackend, name)


def test_it_says_that_it_is_typed():
    assert (Path(spec_store.__file__).parent / "py.typed").exists()
