"""Runs the templates of a chart over all values that they may meet, to see what they read. Pure.

Named templates are run for all that they may be given, one after the other, until nothing new turns up; as what is
known only grows, that ends. What cannot be followed is read with all below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.reads.functions import Called, result
from regfix.reads.paths import ANY, Path, Reads
from regfix.reads.program import Body, Program, parsed_body
from regfix.reads.values import ANYTHING, BASE, NOTHING, Context, Derived, Heap, Text, Value
from regfix.syntax.goaction import Dot, Field, Literal, Name, Pipeline, Variable
from regfix.syntax.gotemplate import Block, Call, Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.syntax.goaction import Operand
    from regfix.syntax.gotemplate import Action

MAX_JOBS = 20_000
"""Templates that are run, each for one set of what it may be given; beyond that everything counts as read."""


class _Job(NamedTuple):
    """A template with what it is given, run for the templates of these charts."""

    body: Body
    given: Value
    chains: frozenset[Path]


def reads_of(program: Program) -> Reads:
    """Return all that a program reads."""
    return _Evaluator(program).run()


class _Evaluator:
    """Holds what is known so far."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._heap = Heap()
        self._jobs: dict[tuple[str, Value, frozenset[Path]], _Job] = {}
        self._variables: dict[tuple[str, Value, frozenset[Path]], dict[str, Value]] = {}
        self._known = 0
        self._written: list[Body] | None = None

    def run(self) -> Reads:
        for file in self._program.files:
            self._add(file.body, frozenset({Context(file.chain)}), frozenset({file.chain}))
        before = -1
        while before != (before := self._size()):
            for key, job in list(self._jobs.items()):
                self._run(key, job)
            if len(self._jobs) > MAX_JOBS:
                self._heap.reads.whole.add(())
                break
        return self._heap.reads

    def _size(self) -> int:
        return self._heap.size + len(self._jobs) + self._known

    def _add(self, body: Body, given: Value, chains: frozenset[Path]) -> None:
        self._jobs.setdefault((body.source, given, chains), _Job(body, given, chains))

    def _run(self, key: tuple[str, Value, frozenset[Path]], job: _Job) -> None:
        if job.body.actions is None:
            self._heap.read(job.given)
            return
        scope = _Scope(self, self._heap, job, self._variables.setdefault(key, {"$": job.given}))
        scope.carry_out(job.body.actions, job.given)
        self._known = sum(len(value) for names in self._variables.values() for value in names.values())

    def include(self, names: Value, given: Value, chains: frozenset[Path]) -> None:
        """Run the named templates that may be meant."""
        bodies = list(self._named(names))
        for body in bodies:
            self._add(body, given, chains)
        if not bodies:
            self._heap.read(given)

    def _named(self, names: Value) -> Iterator[Body]:
        texts = [item.text for item in names if isinstance(item, Text)]
        for text in texts if len(texts) == len(names) else ():
            yield from self._program.named.get(text, ())
            if text.startswith(BASE):
                yield from {f.body.source: f.body for f in self._program.files if f.name == text[len(BASE) :]}.values()
        if not names or len(texts) < len(names):
            yield from (body for bodies in self._program.named.values() for body in bodies)
            yield from {file.body.source: file.body for file in self._program.files}.values()

    def tpl(self, texts: Value, given: Value, chains: frozenset[Path]) -> None:
        """Run the texts that may be meant as templates."""
        self._heap.read(texts)
        for item in texts:
            if isinstance(item, Text):
                self._add(parsed_body(f"\0literal {item.text}", item.text), given, chains)
                continue
            for body in self._program.texts:
                self._add(body, given, chains)
            if isinstance(item, Derived) and item.anything:
                self._run_anything(given, chains)

    def _run_anything(self, given: Value, chains: frozenset[Path]) -> None:
        for body in self._program.others:
            self._add(body, given, chains)
        for body in self._literals():
            self._add(body, given, chains)

    def _literals(self) -> Sequence[Body]:
        if self._written is None:
            texts = dict.fromkeys(_literals(self._program))
            self._written = [parsed_body(f"\0literal {text}", text) for text in texts]
        return self._written


class _Scope:
    """One run of a template."""

    def __init__(self, evaluator: _Evaluator, heap: Heap, job: _Job, variables: dict[str, Value]) -> None:
        self._evaluator = evaluator
        self._heap = heap
        self._job = job
        self._variables = variables

    def carry_out(self, actions: Sequence[Action], dot: Value) -> None:
        for action in actions:
            if isinstance(action, Output):
                value = self._pipeline(action.pipeline, dot)
                if not action.pipeline.variables:
                    self._heap.read(value)
            elif isinstance(action, Block):
                self._block(action, dot)
            elif isinstance(action, Call):
                given = NOTHING if action.given is None else self._pipeline(action.given, dot)
                self._evaluator.include(frozenset({Text(action.name)}), given, self._chains(given))

    def _block(self, block: Block, dot: Value) -> None:
        loop = block.kind == "range"
        value = self._pipeline(block.pipeline._replace(variables=()) if loop else block.pipeline, dot)
        self._heap.test(value)
        inner = dot
        if block.kind == "with":
            inner = value
        elif loop:
            inner = self._heap.field(value, ANY)
            self._heap.test(inner)
            self._assign(block.pipeline.variables[-1:], inner)
        self.carry_out(block.body, inner)
        self.carry_out(block.otherwise, dot)

    def _assign(self, names: Sequence[str], value: Value) -> None:
        for name in names:
            self._variables[name] = self._variables.get(name, NOTHING) | value

    def _pipeline(self, pipeline: Pipeline, dot: Value) -> Value:
        value: Value | None = None
        for command in pipeline.commands:
            value = self._command(command, value, dot)
        self._assign(pipeline.variables, value or NOTHING)
        return value or NOTHING

    def _command(self, operands: Sequence[Operand], last: Value | None, dot: Value) -> Value:
        arguments = [self._operand(operand, dot) for operand in operands[1:]]
        if last is not None:
            arguments.append(last)
        first = operands[0]
        if isinstance(first, Name):
            return self._function(first, arguments)
        for argument in arguments:  # of a method, as `.Files.Get`
            self._heap.read(argument)
        return self._operand(first, dot)

    def _operand(self, operand: Operand, dot: Value) -> Value:
        match operand:
            case Dot():
                return dot
            case Variable(name):
                return self._variables.get(name, NOTHING)
            case Name():
                return self._function(operand, [])
            case Literal(value, is_text):
                return frozenset({Text(value)}) if is_text else NOTHING
            case Field(of, name):
                return self._heap.field(self._operand(of, dot), name)
            case _:
                return self._pipeline(operand, dot)

    def _function(self, function: Name, arguments: list[Value]) -> Value:
        called = Called(function.name, arguments, self._job.body.source, function.at, self._job.chains)
        if function.name in ("include", "tpl"):
            first, given = called.argument(0), called.argument(1)
            run = self._evaluator.include if function.name == "include" else self._evaluator.tpl
            run(first, given, self._chains(given))
            return ANYTHING
        return result(called, self._heap)

    def _chains(self, given: Value) -> frozenset[Path]:
        """Return the charts that a template is run for: those whose contexts it is given, else those of this one."""
        chains = frozenset(item.chain for item in given if isinstance(item, Context))
        return chains or self._job.chains


def _literals(program: Program) -> Iterator[str]:
    """Yield the texts in templates that may be, or become, templates."""
    bodies = [file.body for file in program.files]
    todo: list[object] = [body.actions for body in bodies]
    while todo:
        here = todo.pop()
        if isinstance(here, Literal):
            if "{{" in here.value:
                yield here.value
        elif isinstance(here, tuple):
            todo += here
