"""A chart rendered before and after with all its values files, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.finding import Action
from regfix.locate.site import Context
from regfix.prove.compare import Cause, compare, document_name, without_random
from regfix.prove.model import Case, Left
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.finding import Finding
    from regfix.outcome import Outcome
    from regfix.prove.compare import Difference, Versions
    from regfix.prove.copies import Copy
    from regfix.prove.naming import Namer
    from regfix.prove.render import Document, Render, Renderer

MAX_CASES = 40
"""Values files that a chart is rendered with."""


class Trial(NamedTuple):
    """How a chart does after a change, over all cases: what differs and what is left; `failed` is a failed render."""

    documents: tuple[tuple[Document, ...], ...] = ()
    differences: tuple[tuple[Case, Difference], ...] = ()
    left: tuple[Left, ...] = ()
    failed: tuple[Case, Render] | None = None

    @property
    def holds(self) -> bool:
        """Whether the chart renders with nothing but references changed, and what follows from these."""
        return self.failed is None and not any(one.cause is Cause.OTHER for _, one in self.differences)

    def reasons(self) -> Iterator[str]:
        """Yield what speaks against the change."""
        if self.failed is not None:
            case, render = self.failed
            yield f"{_with(case)}it does not render any more: {render.why}"
        for case, one in self.differences:
            if one.cause is Cause.OTHER:
                path = f", {format_key_path(one.key_path)}" if one.key_path else ""
                yield f"{_with(case)}{one.document}{path}: {_said(one.before)} became {_said(one.after)}"


def _with(case: Case) -> str:
    return f"with {case.values}: " if case.values else ""


def _said(text: str) -> str:
    return repr(text if len(text) < 200 else text[:200] + " ...") if text else "nothing"


class Judge:
    """Renders the two copies of a chart and compares them."""

    def __init__(self, before: Copy, after: Copy, renderer: Renderer, namer: Namer) -> None:
        self.before = before
        self.after = after
        self._renderer = renderer
        self._namer = namer
        self.cases: list[Case] = []
        self.skipped: list[Case] = []
        self._old: list[tuple[Document, ...]] = []
        self._again: dict[int, tuple[Document, ...]] = {}

    def begin(self, values: Sequence[str]) -> None:
        """Render the chart as it is, with its own values and with each of `values`. Raises HelmError."""
        for path in ["", *values[:MAX_CASES]]:
            render = self._render(self.before, path)
            if render.why:
                self.skipped.append(Case(path, render.why))
            else:
                self.cases.append(Case(path))
                self._old.append(render.documents)
        self.skipped += [Case(path, f"more than {MAX_CASES} values files") for path in values[MAX_CASES:]]

    def _render(self, copy: Copy, path: str, more: Sequence[str] = ()) -> Render:
        files = copy.in_copy(path)[:1] if path else []
        return self._renderer.render(copy.path, [*files, *more])

    def render(self, case: Case, values: str) -> Sequence[Document] | None:
        """Render the chart as it is now with one more values file; None where that fails. Raises HelmError."""
        render = self._render(self.after, case.values, [values])
        return None if render.why else render.documents

    def trial(self, outcomes: Iterable[Outcome], more: Sequence[str] = ()) -> Trial:
        """Make the outcomes in the copy and see; `more` are values files laid over all. Raises HelmError."""
        planned = list(outcomes)
        self.after.apply(planned)
        versions = tuple(_raised(planned))
        documents: list[tuple[Document, ...]] = []
        differences: list[tuple[Case, Difference]] = []
        left: list[Left] = []
        for number, case in enumerate(self.cases):
            render = self._render(self.after, case.values, more)
            if render.why:
                return Trial(failed=(case, render))
            documents.append(render.documents)
            differences += [(case, one) for one in self._compared(number, case, render.documents, versions)]
            left += self._left(case, render.documents)
        return Trial(tuple(documents), tuple(differences), tuple(left))

    def _compared(self, number: int, case: Case, new: Sequence[Document], versions: Versions) -> Sequence[Difference]:
        old = self._old[number]
        found = compare(old, new, self._namer, versions)
        if all(one.cause is Cause.REFERENCE for one in found):
            return found
        if number in self._again:
            told = without_random(found, old, self._again[number])
            if not any(one.cause is Cause.OTHER for one in told):
                return told
        self._again[number] = self._render(self.before, case.values).documents  # anew, since time goes on
        return without_random(found, old, self._again[number])

    def moving(self, namer: Namer) -> Iterator[Finding]:
        """Yield the references that the rules of `namer` would move in the renders of the chart as it is."""
        for documents in self._old:
            for document in documents:
                yield from namer.forecast(document.text).findings

    def vetoed(self, trial: Trial) -> Iterator[Left]:
        """Yield the images that stay because the veto of the rules forbids their move."""
        for case, documents in zip(self.cases, trial.documents, strict=False):
            for number, document in enumerate(documents):
                for finding in self._namer.forecast(document.text).vetoed:
                    yield _left(case, number, document, finding)

    def _left(self, case: Case, documents: Sequence[Document]) -> Iterator[Left]:
        for number, document in enumerate(documents):
            for finding in self._namer.forecast(document.text).findings:
                if finding.action is Action.REWRITE and finding.result is not None:
                    yield _left(case, number, document, finding)


def _left(case: Case, number: int, document: Document, finding: Finding) -> Left:
    return Left(
        case.values, number, document_name(document.text), document.template, finding.key_path, finding.reference,
        finding.result or "", finding.rule, finding.why,
    )  # fmt: skip


def _raised(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, str]]:
    """Yield the versions of charts that outcomes raise."""
    for outcome in outcomes:
        for finding in outcome.findings:
            if finding.context is Context.VERSION and finding.result:
                yield finding.reference, finding.result
