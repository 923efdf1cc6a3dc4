"""What the functions of templates do with values: hand them on, take parts of them, or read them. Pure.

Sources: https://helm.sh/docs/chart_template_guide/function_list/, https://masterminds.github.io/sprig/,
https://pkg.go.dev/text/template#hdr-Functions. A function that is not listed reads all that it is given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from regfix.reads.paths import ANY, Path
from regfix.reads.values import ANYTHING, NOTHING, Derived, Heap, Made, Place, Text, Value, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Called(NamedTuple):
    """A call of a function: its arguments, and what tells it from other calls, for the mappings that it makes."""

    name: str
    arguments: Sequence[Value]
    source: str
    at: int
    chains: frozenset[Path]

    def made(self) -> Made:
        return Made(self.source, self.at, self.name, self.chains)

    def argument(self, index: int) -> Value:
        return self.arguments[index] if -len(self.arguments) <= index < len(self.arguments) else NOTHING


def result(called: Called, heap: Heap) -> Value:
    """Return what a function gives back, and note what it reads and changes."""
    name = called.name.removeprefix("must")
    known = _KNOWN.get(name[:1].lower() + name[1:])
    return known(called, heap) if known is not None else _unknown(called, heap)


def _unknown(called: Called, heap: Heap) -> Value:
    for argument in called.arguments:
        heap.read(argument)
    items = [item for argument in called.arguments for item in argument]
    if any(isinstance(item, Derived) and item.anything for item in items) or any(
        isinstance(item, Text) and "{{" in item.text for item in items
    ):
        return ANYTHING
    from_values = any(isinstance(item, Derived | Place | Made) for item in items)
    return frozenset({Derived(anything=False)}) if from_values else NOTHING


def _choice(called: Called, heap: Heap) -> Value:
    """`default`, `coalesce`, `ternary` and the like: one of the arguments."""
    for argument in called.arguments:
        heap.test(argument)
    return NOTHING.union(*called.arguments)


def _same(called: Called, heap: Heap) -> Value:
    """`pick`, `omit`, `deepCopy` and the like: the mapping or list that is given, or a part of it."""
    for argument in called.arguments[1:]:
        heap.read(argument)
    return _choice(called, heap)


def _tested(called: Called, heap: Heap) -> Value:
    for argument in called.arguments:
        heap.test(argument)
        heap.test(heap.field(argument, ANY))
    return NOTHING


def _element(called: Called, heap: Heap) -> Value:
    _tested(called, heap)
    return heap.field(called.argument(0), ANY)


def _index(called: Called, heap: Heap) -> Value:
    found = called.argument(0)
    for keys in called.arguments[1:]:
        found = _under(found, keys, heap)
    return found


def _under(value: Value, keys: Value, heap: Heap) -> Value:
    heap.read(keys)
    return NOTHING.union(*(heap.field(value, key) for key in keys_of(keys)))


def _dig(called: Called, heap: Heap) -> Value:
    found = called.argument(-1)
    for keys in called.arguments[:-2]:
        found = _under(found, keys, heap)
    heap.test(found)
    return found | called.argument(-2)


def _has_key(called: Called, heap: Heap) -> Value:
    heap.test(_under(called.argument(0), called.argument(1), heap))
    return NOTHING


def _pluck(called: Called, heap: Heap) -> Value:
    found = [_under(value, called.argument(0), heap) for value in called.arguments[1:]]
    return _list_of(called, heap, found)


def _values(called: Called, heap: Heap) -> Value:
    return _list_of(called, heap, [heap.field(value, ANY) for value in called.arguments])


def _list(called: Called, heap: Heap) -> Value:
    return _list_of(called, heap, called.arguments)


def _list_of(called: Called, heap: Heap, items: Sequence[Value]) -> Value:
    made = frozenset({called.made()})
    heap.put(made, ANY, NOTHING.union(*items))
    return made


def _appended(called: Called, heap: Heap) -> Value:
    made = _list_of(called, heap, called.arguments[1:])
    heap.merge(made, called.arguments[:1])
    return made


def _concatenated(called: Called, heap: Heap) -> Value:
    made = frozenset({called.made()})
    heap.merge(made, called.arguments)
    return made


def _dict(called: Called, heap: Heap) -> Value:
    made = frozenset({called.made()})
    for number in range(0, len(called.arguments) - 1, 2):
        heap.read(called.arguments[number])
        for key in keys_of(called.arguments[number]):
            heap.put(made, key, called.arguments[number + 1])
    return made


def _set(called: Called, heap: Heap) -> Value:
    for key in keys_of(called.argument(1)):
        heap.put(called.argument(0), key, called.argument(2))
    heap.read(called.argument(1))
    return called.argument(0)


def _merged(called: Called, heap: Heap) -> Value:
    heap.merge(called.argument(0), called.arguments[1:])
    return NOTHING.union(*called.arguments)


def _printed(called: Called, heap: Heap) -> Value:
    """`print` and `printf`, of which the result is known where each argument is one text."""
    texts = [item.text for argument in called.arguments for item in argument if isinstance(item, Text)]
    if len(texts) == len(called.arguments) == sum(map(len, called.arguments)):
        if called.name == "print":
            return frozenset({Text("".join(texts))})
        rest = iter(texts[1:])
        return frozenset({Text(re.sub("%[sv]", lambda found: next(rest, found[0]), texts[0]))})
    return _unknown(called, heap)


_KNOWN: dict[str, Callable[[Called, Heap], Value]] = {
    **dict.fromkeys(("default", "coalesce", "ternary", "or", "and", "required"), _choice),
    **dict.fromkeys(("deepCopy", "pick", "omit", "unset", "rest", "initial", "reverse", "slice"), _same),
    **dict.fromkeys(("not", "empty", "kindIs", "kindOf", "typeIs", "typeOf", "typeIsLike", "len", "keys"), _tested),
    **dict.fromkeys(("first", "last"), _element),
    **dict.fromkeys(("append", "push", "prepend"), _appended),
    **dict.fromkeys(("merge", "mergeOverwrite"), _merged),
    **dict.fromkeys(("list", "tuple"), _list),
    **dict.fromkeys(("print", "printf"), _printed),
    "index": _index,
    "get": lambda called, heap: _under(called.argument(0), called.argument(1), heap),
    "dig": _dig,
    "hasKey": _has_key,
    "pluck": _pluck,
    "values": _values,
    "concat": _concatenated,
    "dict": _dict,
    "set": _set,
}
