"""Where the tests keep their data. A pytest plugin (`-p`): this must be settled before Django reads its settings.

The controlling process makes one temporary folder and, for `--database=postgresql`, one private PostgreSQL; each
xdist worker takes a folder and a database of its own in them.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from candidly.config import Config
from tests.support.postgresql import Server

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default=os.environ.get("CANDIDLY_TEST_DATABASE", "sqlite"),
        help="what the tests run on (or CANDIDLY_TEST_DATABASE); a private PostgreSQL is started for the run",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Runs before pytest-django loads the settings."""
    if WORKER:
        _enter_folder(Path(os.environ["CANDIDLY_DATA_DIR"]) / WORKER)
    else:
        _start(early_config)
    return (yield)


def _start(config: pytest.Config) -> None:
    """Forget the developer's own settings, and set those of the tests."""
    for name in [name for name in os.environ if name.startswith("CANDIDLY_")]:
        del os.environ[name]
    root = Path(tempfile.mkdtemp(prefix="candidly-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    _enter_folder(root / "data")
    if config.known_args_namespace.database == "postgresql":
        server = Server.start(root)
        config.add_cleanup(server.stop)
        os.environ["CANDIDLY_DATABASE_URL"] = server.url("postgres")


def _enter_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    Config.model_config["env_file"] = None
    os.environ["CANDIDLY_DATA_DIR"] = str(folder)
