"""From an API object to the verdicts of the rules: the locators and the plan of a file do it, on compact JSON.

Most pods of a cluster are copies of few specifications. A text that was located once is known by its digest.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING

from regfix.locate.analysis import analyse
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import Policy, plan
from regfix.text.source import Source

if TYPE_CHECKING:
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.fields import FieldFinder


class Locator:
    """Finds the references of texts; `every` asks for those that no rule concerns, too."""

    def __init__(self, rules: RuleSet, fields: FieldFinder | None = None, *, every: bool = False) -> None:
        self.rules = rules.with_veto(None)
        self.hosts = HostFinder(rules, fields)
        self._every = every
        self._known: dict[bytes, tuple[Finding, ...]] = {}

    def findings(self, text: str, name: str) -> tuple[Finding, ...]:
        """Return the references in compact JSON, with what the rules say; raises SourceError for what is not read."""
        data = text.encode()
        key = blake2b(data, digest_size=16).digest()
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._located(text, name, every=self._every) if self._is_worth(data) else ()
        return found

    def is_worth(self, text: str) -> bool:
        """Tell, fast and never wrongly in the negative, whether a text may hold a reference."""
        return self._is_worth(text.encode("utf-8", "replace"))

    def _is_worth(self, data: bytes) -> bool:
        return self._every or self.hosts.may_concern(data)

    def verdict(self, reference: str) -> Finding | None:
        """Return what the rules say of one image, whether they concern it or not; None where it is no reference."""
        if not reference.isprintable():
            return None
        text = json.dumps({"image": reference}, ensure_ascii=False)
        key = text.encode()
        if key not in self._known:
            self._known[key] = self._located(text, reference, every=True)
        return next(iter(self._known[key]), None)

    def _located(self, text: str, name: str, *, every: bool) -> tuple[Finding, ...]:
        analysis = analyse(text, Kind.YAML, self.hosts, name, every=every)
        findings = plan(Source(name, text), analysis, self.rules, Policy())
        return tuple(finding._replace(edits=()) for finding in findings)
