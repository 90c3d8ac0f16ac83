"""Every route of the site, by name, and addresses for it."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

SAMPLES: tuple[Any, ...] = ("00000000-0000-4000-8000-000000000000", "0", "1", "x")


def routes() -> dict[str, list[str]]:
    """Names, with their namespaces, and the names of what is in their addresses. What has no name leads elsewhere."""
    return dict(_below(get_resolver(), "", []))


def _below(resolver: URLResolver, namespace: str, before: list[str]) -> Iterator[tuple[str, list[str]]]:
    for entry in resolver.url_patterns:
        names = before + list(re.compile(entry.pattern.regex.pattern).groupindex)
        if isinstance(entry, URLResolver):
            yield from _below(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, names)
        elif isinstance(entry, URLPattern) and entry.name:
            yield namespace + entry.name, names


def address(name: str, thing: Any = None) -> str:
    """Of the route; with ``thing``'s id in it, else with the first sample that it takes."""
    names = routes()[name]
    for sample in [thing] if thing is not None else SAMPLES:
        try:
            return reverse(name, kwargs=dict.fromkeys(names, sample))
        except NoReverseMatch:
            continue
    raise LookupError(name)
