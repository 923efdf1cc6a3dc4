"""The objects that a Helm release declares, in its manifest and its hooks, as plain data. Pure.

Helm writes `# Source: TEMPLATE` in front of each object; a post-renderer may leave it out (pkg/action/action.go).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from regfix.cluster.objects import flat, mapping, readable
from regfix.errors import SourceError
from regfix.syntax.scalar import is_string
from regfix.syntax.yamltree import data_of, parse_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regfix.cluster.model import ApiObject, Declared
    from regfix.cluster.release import Release
    from regfix.syntax.yamltree import Data

MAX_DOCUMENT = 1536 * 1024
"""Letters of one document; an API server takes 1.5 MiB (`--max-request-bytes` of etcd)."""


class Part(NamedTuple):
    """An object that a release declares, and where."""

    object: ApiObject
    declared: Declared


def parts_of(
    release: Release, is_worth: Callable[[str], bool], failed: Callable[[SourceError], None]
) -> Iterator[Part]:
    """Yield the objects of a release whose text is worth a look; what cannot be read is told to `failed`."""
    texts = [(text, release.declared) for text in _documents().split(release.manifest)]
    texts += [
        (text, release.declared._replace(template=hook.template, events=hook.events))
        for hook in release.hooks
        for text in _documents().split(hook.manifest)
    ]
    for text, declared in texts:
        if not is_worth(text):
            continue
        template = declared.template or _template_of(text)
        try:
            for one in _objects(text, template or "manifest"):
                yield Part(_placed(one, declared.namespace), declared._replace(template=template))
        except SourceError as error:
            failed(error)


@cache
def _documents() -> re.Pattern[str]:
    # YAML 1.2.2, section 9.1.2: `---` at the start of a line ends every construct, block scalars too.
    return re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)


def _template_of(text: str) -> str:
    found = re.search(r"^# Source: ([^\r\n]*)", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _objects(text: str, name: str) -> Iterator[ApiObject]:
    if len(text) > MAX_DOCUMENT:
        why = f"it is larger than {MAX_DOCUMENT / 1024**2:g} MiB, which no API server takes"
        raise SourceError("an object is not read", where=name, why=why)
    tree = parse_tree(readable(text), name)
    for document in tree.documents:
        content = plain(data_of(document, tree.anchors, name))
        if isinstance(content, dict):
            yield from flat(content)


def _placed(one: ApiObject, namespace: str) -> ApiObject:
    """Return an object with its namespace, which is that of the release where it names none."""
    metadata = mapping(one.get("metadata"))
    return one if metadata.get("namespace") else {**one, "metadata": {**metadata, "namespace": namespace}}


def plain(data: Data) -> Any:
    """Return a document as the plain data that the API would make of it, as far as anybody asks for it here."""
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    if data.is_null:
        return None
    if not data.plain or data.tag is not None or is_string(data.value, plain=True):
        return data.value
    if data.value in ("true", "false"):
        return data.value == "true"
    return int(data.value) if re.fullmatch(r"-?[0-9]{1,15}", data.value) else data.value
