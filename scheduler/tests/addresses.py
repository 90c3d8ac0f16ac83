"""Every address of the site, with something in the place of each of its parameters."""

from collections.abc import Iterator
from functools import lru_cache

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404
from django.utils.regex_helper import normalize

SAMPLES = ("00000000-0000-4000-8000-000000000000", "0", "x", "/")


def addresses() -> list[str]:
    """One path for each pattern of the URL configuration, in its order."""
    return list(_all_of(get_resolver()))


@lru_cache(maxsize=1)
def _all_of(root: URLResolver) -> tuple[str, ...]:
    """Reckoned once: filling the patterns in tries each sample against all of them."""
    return tuple(dict.fromkeys(_below(root, "/")))


def _below(resolver: URLResolver, prefix: str, before: tuple[str, ...] = ()) -> Iterator[str]:
    for entry in resolver.url_patterns:
        for text, names in normalize(entry.pattern.regex.pattern)[:1]:
            if isinstance(entry, URLResolver):
                yield from _below(entry, prefix + text, (*before, *names))
            elif isinstance(entry, URLPattern):
                yield _filled(prefix + text, [*before, *names])


def _filled(form: str, names: list[str]) -> str:
    """The form with the first sample that the pattern takes."""
    for sample in SAMPLES:
        path = form % dict.fromkeys(names, sample) if names else form.replace("%%", "%")
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    raise LookupError(form)
