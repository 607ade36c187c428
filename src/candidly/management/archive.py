"""A back-up is one tar file: the database, the attachments, the key that signs links, and at its end a manifest.

Without a manifest it was cut off. What opens members' own mailboxes is not in it: that is kept in another place.
"""

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ValidationError

from candidly.config import Config
from candidly.management.databases import Database

DATABASE, ATTACHMENTS, KEY, MANIFEST = "database", "attachments", "secret_key", "manifest.json"


class NoArchive(Exception):
    """In words for the person who runs the server."""


class Manifest(BaseModel):
    """`migrations` are those that the database had; `key` tells whether a key is the one that signed its links."""

    made_at: datetime
    database: str
    migrations: list[str]
    key: str
    files: int


def write(path: Path, database: Database, migrations: list[str], settings: Config) -> Manifest:
    """Make the new file `path`, readable by us alone. Whatever goes wrong, no half of one has its name.

    Raises FileExistsError, other OSErrors, and DumpFailed.
    """
    made_at = datetime.now(UTC)
    with _new_file(path) as tar, TemporaryDirectory(dir=path.parent, prefix=".candidly-") as folder:
        dump = Path(folder) / DATABASE
        database.dump(dump)
        _add(tar, dump, DATABASE)
        # After the database: a file without its row does no harm.
        files = sum(_add(tar, file, f"{ATTACHMENTS}/{name}") for name, file in _files_in(settings.attachments_dir))
        if not settings.secret_key:
            _add_text(tar, KEY, settings.signing_key())
        manifest = Manifest(
            made_at=made_at,
            database=database.name,
            migrations=migrations,
            key=fingerprint(settings.signing_key()),
            files=files,
        )
        _add_text(tar, MANIFEST, manifest.model_dump_json())
    return manifest


@dataclass(frozen=True)
class Archive:
    """One that is open to be read."""

    manifest: Manifest
    _tar: tarfile.TarFile

    def take_out(self, settings: Config, load: Callable[[Path], None]) -> None:
        """Put everything in its place, the database last: what was broken off before can be begun again."""
        folder = settings.data_dir
        folder.mkdir(parents=True, exist_ok=True)
        kept = [member for member in self._tar if member.name.startswith(f"{ATTACHMENTS}/")]
        self._tar.extractall(folder, kept, filter="data")
        if KEY in self._tar.getnames() and not settings.secret_key:
            self._tar.extract(KEY, folder, filter="data")
        with TemporaryDirectory(dir=folder, prefix=".restoring-") as place:
            self._tar.extract(DATABASE, place, filter="data")
            load(Path(place) / DATABASE)


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """Raises NoArchive where `path` is none, or not all of one; OSError."""
    try:
        with tarfile.open(path, "r:") as tar:
            yield Archive(_manifest(tar, path), tar)
    except tarfile.TarError as error:
        raise NoArchive(f"{path} is no back-up of Candidly, or damaged: {error}") from error


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    try:
        held = tar.extractfile(MANIFEST)
    except KeyError as error:
        raise NoArchive(f"{path} is no back-up of Candidly, or it was cut off: it has no {MANIFEST}.") from error
    try:
        return Manifest.model_validate_json(held.read() if held else b"")
    except ValidationError as error:
        raise NoArchive(f"What {path} says of itself cannot be read.") from error


def fingerprint(key: str) -> str:
    """What tells two keys apart and gives neither away."""
    return sha256(f"back-up:{key}".encode()).hexdigest()[:16]


@contextmanager
def _new_file(path: Path) -> Iterator[tarfile.TarFile]:
    if path.exists():
        raise FileExistsError(path)
    coming = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                yield tar
            file.flush()
            os.fsync(file.fileno())
        coming.rename(path)
    finally:
        coming.unlink(missing_ok=True)


def _files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, _, names in folder.walk():
        for name in names:
            yield (place / name).relative_to(folder).as_posix(), place / name


def _add(tar: tarfile.TarFile, file: Path, name: str) -> bool:
    """Says whether it was still there."""
    try:
        tar.add(file, name, recursive=False, filter=_of_nobody)
    except FileNotFoundError:
        return False
    return True


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    raw = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(raw), 0o600
    tar.addfile(entry, io.BytesIO(raw))


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    return entry.replace(uid=0, gid=0, uname="", gname="", mode=0o600, deep=False)
