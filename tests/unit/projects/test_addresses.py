"""Addresses of projects, names of branches, patience, and the fields of command templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix.projects.address import BadAddress, parse_address
from regfix.projects.model import Passing, ProjectError
from regfix.projects.network import HostLimits, patiently
from regfix.projects.plan import is_branch
from regfix.projects.request import filled

if TYPE_CHECKING:
    from regfix.errors import RegfixError

SAME = [
    "https://Git.Example.com/team/app.git", "https://git.example.com:443/team/app/", "http://git.example.com/team/app",
    "git@git.example.com:team/app.git", "ssh://git@git.example.com:22/team/app", "https://me:pw@git.example.com/team/app",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_one_project_in_all_ways_to_write_it(text: str) -> None:
    """Scheme, login, default port and ending make no difference."""
    address = parse_address(text, "/x")
    assert (address.identity, address.host) == ("git.example.com/team/app", "git.example.com")
    assert address.slug == parse_address(SAME[0], "/y").slug
    assert "pw" not in address.url


@pytest.mark.parametrize(
    ("text", "url"),
    [("https://t0ken@h.io/a/b", "https://h.io/a/b"), ("https://u:p/w@h.io/a/b", ""), ("ssh://u:pw@h.io/a", "ssh://u@h.io/a")],
)  # fmt: skip
def test_secrets_are_taken_out(text: str, url: str) -> None:
    """A password with a slash that should have been escaped is no host and no path."""
    try:
        found = parse_address(text, "/x")
    except BadAddress:
        assert not url
        return
    assert not url or found == found._replace(url=url, secret=text)
    assert url or "p/w" not in found.url + found.name


@pytest.mark.parametrize(
    "text",
    ["-x", "--upload-pack=x", "ext::sh", "fd::17", "ftp://h/a", "https:///a", "https://h", "a\nb", " a", "", "a\x1b",
     "ssh://-oProxyCommand=x/a", "ssh://-o@h/a", "-o@h:a", "https://h/", "file://", "kind: Pod", "a@h: b"],
)  # fmt: skip
def test_what_git_would_take_for_something_else_is_refused(text: str) -> None:
    """Options, helpers, hosts that are options, control characters."""
    with pytest.raises(BadAddress):
        parse_address(text, "/x")


@pytest.mark.parametrize(
    ("name", "good"),
    [("a", True), ("a/b-c.d", True), ("-a", False), ("a..b", False), ("a/", False), ("/a", False), ("a.lock", False),
     ("a b", False), ("a~1", False), ("@", False), ("a@{1}", False), ("a/.b", False), ("a\\b", False), ("a.", False)],
)  # fmt: skip
def test_names_of_branches(name: str, *, good: bool) -> None:
    """As git-check-ref-format says."""
    assert is_branch(name) is good


def test_patience_is_for_what_passes() -> None:
    """After longer and longer waits; anything else is raised at once."""
    waits: list[float] = []
    errors: list[RegfixError] = [Passing("a"), Passing("b"), ProjectError("c")]

    def call() -> str:
        if errors:
            raise errors.pop(0)
        return "done"

    with pytest.raises(ProjectError, match="c"):
        patiently(call, 5, HostLimits(1), "h", waits.append)
    assert [round(wait) for wait in waits] in ([1, 3], [1, 4], [1, 5])
    assert patiently(call, 1, HostLimits(1), "", waits.append) == "done"
    errors.append(Passing("d"))
    with pytest.raises(Passing):
        patiently(call, 1, HostLimits(1), "h", waits.append)


def test_fields_are_filled_once() -> None:
    """A title that looks like a field stays as it is; braces of others too."""
    assert filled("{title} {branch} {x} {}", {"title": "{branch}", "branch": "b"}) == "{branch} b {x} {}"
