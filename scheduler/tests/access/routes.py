"""Every route of the site, by name, and addresses for it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

SAMPLES: tuple[Any, ...] = ("00000000-0000-4000-8000-000000000000", "0", "1", "x")


def routes() -> dict[str, list[str]]:
    """Names, with their namespaces, and the names of what is in their addresses. What has no name leads elsewhere."""
    return _all_of(get_resolver())


@lru_cache(maxsize=1)
def _all_of(root: URLResolver) -> dict[str, list[str]]:
    return dict(_below(root, "", []))


def _below(resolver: URLResolver, namespace: str, before: list[str]) -> Iterator[tuple[str, list[str]]]:
    for entry in resolver.url_patterns:
        names = before + list(re.compile(entry.pattern.regex.pattern).groupindex)
        if isinstance(entry, URLResolver):
            yield from _below(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, names)
        elif isinstance(entry, URLPattern) and entry.name:
            yield namespace + entry.name, names


def address(name: str, *things: Any) -> str:
    """Of the route; with the ids of ``things`` in it in their order, or of the only one everywhere, else with the
    first sample that it takes."""
    names = routes()[name]
    for given in [things] if things else [(sample,) for sample in SAMPLES]:
        try:
            return reverse(name, kwargs=dict(zip(names, given if len(given) > 1 else given * len(names), strict=True)))
        except NoReverseMatch:
            continue
    raise LookupError(name)
