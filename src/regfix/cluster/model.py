"""What is said of one image in a cluster: which object names it, who owns that, and what the rules say."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from regfix.errors import RegfixError
from regfix.finding import Action
from regfix.locate.site import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from regfix.finding import Finding
    from regfix.syntax.keypath import KeyPath

    ApiObject = dict[str, Any]


class ClusterError(RegfixError):
    """A cluster, one list of it, or a dump could not be read; the rest of the run goes on."""


class Identity(NamedTuple):
    """An API object: its cluster (a context, or the name of a dump), type, place and name; `uid` where it is known."""

    cluster: str
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Origin(StrEnum):
    """Where a reference was read: in what is asked for, in what was really pulled, or in a Helm release."""

    SPEC = "spec"
    STATUS = "status"
    RELEASE = "release"


class Condition(StrEnum):
    """Why nothing of an object may run right now."""

    NONE = ""
    SUSPENDED = "suspended"
    ZERO = "scaled to zero"
    FINISHED = "finished"
    OLD = "old revision"
    """A ReplicaSet that a Deployment keeps for a rollback."""
    HOOK = "hook"
    """It comes and goes with Helm's next command."""
    VALUES = "in values only"
    """No object of the release shows it."""


class Declared(NamedTuple):
    """Where a Helm release declares something: the release, its chart, and the template that Helm names.

    `events` are those of a hook (`pre-install`).
    """

    namespace: str
    release: str
    revision: int
    chart: str
    version: str
    template: str = ""
    events: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f"release {self.namespace}/{self.release}, chart {self.chart} {self.version}"
        template = f", template {self.template}" if self.template else ""
        return said + template + (f", hook {' '.join(self.events)}" if self.events else "")


class Provenance(NamedTuple):
    """One thing known of where a hit comes from, and what to change there.

    `by` names who knows it (`source`, `chart`, `helm`, `argo-cd`, `flux`), `what` says it in words, `path` and `line`
    (from 1) are the file to change, `key` the values key or key path in it, and `value` what it is to be.
    """

    by: str
    what: str
    path: str = ""
    line: int = 0
    key: str = ""
    value: str = ""


APART = frozenset({
    Reason.KEPT, Reason.IGNORED, Reason.LABEL, Reason.PROSE, Reason.URL, Reason.OTHER_HOST, Reason.CREDENTIALS,
    Reason.MIRROR, Reason.PATTERN,
})  # fmt: skip
"""Reasons that say of an occurrence that nothing is pulled by it, or that it is as it should be."""


class Hit(NamedTuple):
    """One reference in one object, and what the rules say of it.

    `owners` leads from the nearest owner to the top controller; it is empty where the object itself is the top.
    `key_path` is that in the object, `container` the name of the container around it. `finding` is the verdict: its
    reference, action, result, rule and reason; its position means nothing. A hit of `Origin.STATUS` has the image that
    was pulled in `finding`, and in `spec` what the specification asks for. `copies` objects of one top controller
    (the pods of a Deployment) say the same, and are this one hit. `release` is the Helm release that declares this very
    reference, of which the object may be gone; `managers` are the objects of Argo CD or Flux that bring it. `place` is
    the key path as a template and its pods share it, with names of containers for indexes.
    """

    object: Identity
    key_path: KeyPath
    finding: Finding
    container: str = ""
    owners: tuple[Identity, ...] = ()
    condition: Condition = Condition.NONE
    origin: Origin = Origin.SPEC
    spec: str = ""
    copies: int = 1
    provenance: tuple[Provenance, ...] = ()
    release: Declared | None = None
    managers: tuple[Identity, ...] = ()
    place: KeyPath = ()

    @property
    def top(self) -> Identity:
        """The controller at the end of the chain: what a person would change."""
        return self.owners[-1] if self.owners else self.object

    @property
    def concerned(self) -> bool:
        """Tell whether this still refers to a source registry."""
        return self.finding.action is not Action.NONE and self.finding.reason not in APART

    @property
    def counts(self) -> bool:
        """Tell whether something will pull it from there: not what is over, and no release brings again."""
        over = self.condition is Condition.FINISHED and self.release is None
        return self.concerned and not over and self.condition not in (Condition.OLD, Condition.VALUES)


class Objects(Protocol):
    """Where the API objects of one cluster come from: the cluster itself, or a dump."""

    @property
    def name(self) -> str:
        """The context, or the name of the dump."""

    @property
    def problems(self) -> list[ClusterError]:
        """What could not be read so far."""

    def workloads(self) -> Iterator[ApiObject]:
        """Yield what may name images, owners before what they own; only a page of them is there at a time."""

    def releases(self) -> Iterator[ApiObject]:
        """Yield the Secrets and ConfigMaps in which Helm keeps its releases."""


class Report(NamedTuple):
    """What one cluster holds: its hits, how many objects and Helm releases were looked at, what could not be read."""

    name: str
    hits: tuple[Hit, ...]
    objects: int
    problems: tuple[ClusterError, ...] = ()
    releases: int = 0
