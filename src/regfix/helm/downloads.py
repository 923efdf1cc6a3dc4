"""Charts that the user's Helm brings: from repositories by URL or by name and from registries, into memory.

Helm's configuration, its credentials and those of registries are the user's; the index files and archives go to a
temporary place. What works with Helm 3.19 and 4.3 was tried out: `helm repo update` and `helm pull REPOSITORY/CHART`
use the credentials of a configured repository, `helm pull --repo URL` would not.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.origin import OCI, redacted, repository_name, same_repository
from regfix.errors import SourceError, UsageError
from regfix.helm.run import HelmError, find_helm, run_helm
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.helm.run import Done

MAX_ARCHIVE_BYTES = 64 * 1024 * 1024
"""The largest packaged chart that is taken, in bytes."""


class Download(NamedTuple):
    """A packaged chart: the name of the file that Helm made, and its bytes."""

    name: str
    data: bytes


class _Repository(NamedTuple):
    """A chart repository whose index is at hand: its name to Helm, and the environment in which it has that name."""

    name: str
    env: Mapping[str, str]


@contextmanager
def downloads(named: str | None = None) -> Iterator[Downloads]:
    """Give downloads by the Helm binary that is named, else on the PATH; what it leaves behind is removed at the end.

    Raises UsageError where there is no Helm, or no place for temporary files.
    """
    from tempfile import TemporaryDirectory

    helm = find_helm(named)
    try:
        place = TemporaryDirectory(prefix="regfix-", ignore_cleanup_errors=True)
    except OSError as error:
        raise UsageError("no temporary folder can be made", why=error.strerror or "", hint="set TMPDIR") from None
    with place as folder:
        yield Downloads(helm, folder)


class Downloads:
    """Brings charts and lists versions; what was asked for once is not asked for again."""

    def __init__(self, helm: str, place: str) -> None:
        self._helm = helm
        self._place = place
        self._folders = 0
        self._repositories: dict[str, _Repository | HelmError] = {}
        self._versions: dict[tuple[str, str], tuple[str, ...]] = {}

    def pull(self, repository: str, name: str, wanted: str) -> Download:
        """Return the newest version in a range of the chart `name`; raises HelmError with Helm's reason."""
        if repository.startswith(OCI):
            return self.pull_reference(f"{repository.rstrip('/')}/{name}", wanted)
        known = self._repository(repository)
        return self.pull_reference(f"{known.name}/{name}", wanted, known.env)

    def pull_reference(self, reference: str, wanted: str = "", env: Mapping[str, str] | None = None) -> Download:
        """Return a chart by what `helm pull` takes for one; without a range the newest. Raises HelmError."""
        folder = self._folder()
        version = [f"--version={wanted}"] if wanted else []
        done = self._run(["pull", *version, f"--destination={folder}", "--", reference], env)
        if done.code != 0:
            raise HelmError("not fetched", why=redacted(done.why))
        found = [name for name in sorted(os.listdir(folder)) if not name.endswith(".prov")]
        if len(found) != 1:
            raise HelmError("not fetched", why=f"helm pull brought {len(found)} files")
        path = os.path.join(folder, found[0])
        if os.path.getsize(path) > MAX_ARCHIVE_BYTES:
            raise HelmError("not fetched", why=f"it is larger than {MAX_ARCHIVE_BYTES // (1024 * 1024)} MiB")
        try:
            return Download(found[0], read_file(path)[0])
        except SourceError as error:
            raise HelmError("not fetched", why=f"what helm brought {error.what}: {error.why}") from None
        finally:
            os.unlink(path)

    def versions(self, repository: str, name: str) -> tuple[str, ...] | None:
        """Return the versions of a chart; None for a registry, whose tags Helm does not list. Raises HelmError."""
        if repository.startswith(OCI):
            return None
        known = self._repository(repository)
        if (repository, name) not in self._versions:
            argv = ["search", "repo", f"{known.name}/{name}", "--versions", "--devel", "--output=json"]
            done = self._run(argv, known.env)
            if done.code != 0:
                raise HelmError("its versions cannot be listed", why=redacted(done.why))
            self._versions[repository, name] = tuple(_found(done.stdout, f"{known.name}/{name}"))
        found = self._versions[repository, name]
        if not found:
            raise HelmError("its versions cannot be listed", why="the chart repository has no chart of this name")
        return found

    def _repository(self, repository: str) -> _Repository:
        """Return a chart repository with its index brought up to date, in the temporary place; raises HelmError."""
        if repository not in self._repositories:
            try:
                self._repositories[repository] = self._updated(repository)
            except HelmError as error:  # so that the next dependency does not wait for it again
                self._repositories[repository] = error
        known = self._repositories[repository]
        if isinstance(known, HelmError):
            raise known
        return known

    def _updated(self, repository: str) -> _Repository:
        folder = self._folder()
        env = {"HELM_REPOSITORY_CACHE": folder}
        name = repository_name(repository) or self._configured(repository)
        if not name:
            name, config = "regfix", os.path.join(folder, "repositories.yaml")
            env["HELM_REPOSITORY_CONFIG"] = config
            with open(config, "x", encoding="utf-8") as file:  # not as an argument, which others could see
                json.dump({"apiVersion": "v1", "repositories": [{"name": name, "url": repository}]}, file)
        done = self._run(["repo", "update", "--", name], env)
        if done.code != 0 or not os.path.exists(os.path.join(folder, f"{name}-index.yaml")):
            raise HelmError("the chart repository cannot be read", why=redacted(_reason(done)))
        return _Repository(name, env)

    def _configured(self, repository: str) -> str:
        """Return the name under which the user has configured a URL; empty where he has not."""
        done = self._run(["repo", "list", "--output=json"])
        listed = _objects(done.stdout) if done.code == 0 else []
        return next((str(e.get("name")) for e in listed if same_repository(str(e.get("url")), repository)), "")

    def _run(self, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Done:
        try:
            return run_helm(self._helm, arguments, cwd=self._place, env=env)
        except ValueError as error:  # what no program can be told: a NUL, half a character
            raise HelmError("helm cannot be asked", why=str(error)) from None

    def _folder(self) -> str:
        self._folders += 1
        folder = os.path.join(self._place, str(self._folders))
        os.mkdir(folder, 0o700)
        return folder


def _found(data: bytes, name: str) -> Iterator[str]:
    """Yield the versions of the chart `name` among what a search found."""
    for entry in _objects(data):
        if entry.get("name") == name and isinstance(entry.get("version"), str):
            yield str(entry["version"])


def _objects(data: bytes) -> list[dict[str, object]]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return []
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _reason(done: Done) -> str:
    """Return why an update failed: Helm tells that on standard output, and Helm 3 ends with 0 all the same."""
    lines = [line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines()]
    failed = next((index for index, line in enumerate(lines) if "Unable to get an update" in line), None)
    return done.why if failed is None else (lines[failed + 1] if failed + 1 < len(lines) else lines[failed])[:2000]
