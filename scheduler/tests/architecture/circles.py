"""No import goes round in a circle."""

from collections.abc import Iterable, Iterator

from scheduler.tests.architecture.source import Breach, Module


def circles(modules: Iterable[Module]) -> Iterator[Breach]:
    """Modules that need each other to load; told once for each circle, at the import that closes it."""
    edges = {
        module.name: {found.target: found.line for found in module.imports_at_start() if found.target != module.name}
        for module in modules
    }
    by_name = {module.name: module for module in modules}
    done: set[str] = set()
    for name in edges:
        yield from _walk(name, [], edges, by_name, done)


def _walk(
    name: str, way: list[str], edges: dict[str, dict[str, int]], by_name: dict[str, Module], done: set[str]
) -> Iterator[Breach]:
    if name in done:
        return
    for target, line in edges[name].items():
        if target in (*way, name):
            circle = [*way, name][[*way, name].index(target) :]
            yield by_name[name].breach(line, "import circle", " -> ".join([*circle, target]))
        elif target in edges:
            yield from _walk(target, [*way, name], edges, by_name, done)
    done.add(name)


RULES = (circles,)
