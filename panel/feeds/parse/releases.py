"""Releases of projects and versions of packages: which project it is, and which version."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from panel.feeds.parse.items import Channel, RawItem
from panel.feeds.parse.links import host, segments

# Where the page of a package stands at a registry: /project/NAME/VERSION, /package/@SCOPE/NAME.
_SHELVES: Final = frozenset("project package packages crates gems pypi r".split())
_FORGES: Final = frozenset("github.com gitlab.com codeberg.org bitbucket.org gitee.com".split())
_NUMBER: Final = r"\d{1,9}(?:\.\d{1,9}){1,5}(?:[-+._]?[a-zA-Z0-9][\w.+-]{0,40})?"
_VERSION: Final = re.compile(rf"v?(?:{_NUMBER})(?!\w)", re.IGNORECASE)
# A title that is a version and says no more: "v1.4.0", "Release 2.0", "b7170", "2026-11-22".
_BARE: Final = re.compile(
    rf"(?:(?:version|release|ver\.?|tag|build)[\s:/_-]*)?"
    rf"(?P<version>[vbr]?(?:{_NUMBER}|\d{{4}}-\d\d-\d\d|\d{{1,9}}))",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"(?P<name>\S[^\n]{{0,120}}?)(?:\s*[\s:–—@/_-]|==)(?P<version>v?{_NUMBER})(?!\w)",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    r"(?P<package>(?:@[\w.-]{1,80}/)?[a-zA-Z][\w.-]{1,80}?)(?P<mark>@|==|/|-|_)(?P<version>v?\d[^/@]*)"
)
_ADDED: Final = re.compile(r"(\S{1,100}) added to \w{2,30}")
_PACKAGE: Final = re.compile(
    rf"(?:[\w ]{{1,30}}:\s)?(?P<name>@?[^\s@]{{1,100}})(?:[\s@]\(?v?{_NUMBER}\)?)?"
    r"(?: added to \w{2,30})?",
    re.IGNORECASE,
)
_GITHUB_ID: Final = re.compile(r"tag:github\.com,2008:Repository/\d{1,20}/(?P<tag>.{1,200})")
# What a feed of releases says beside the project's name.
_OF_RELEASES: Final = re.compile(
    r"\b(?:release\s+notes|releases?|tags|versions|changelog|change\s+log|changes|updates|downloads)"
    r"(?:\s+(?:from|for|of|in|by))?\b",
    re.IGNORECASE,
)
_EDGES: Final = " \t:·•|–—-/"


@dataclass(frozen=True, slots=True)
class Released:
    """A project's name and page, and a version of it; each of the two None where it is not told."""

    name: str
    version: str | None
    page: str | None


def find_release(item: RawItem, channel: Channel) -> Released | None:
    """Return the project and version that `item` announces, None where it is no release.

    By the path of its link (`/OWNER/PROJECT/releases/tag/TAG`); else by its title, where that is a
    version alone, or a name and a version in a feed that is about releases or about that name.
    """
    if found := _of_path(item, channel):
        return found
    title = item.title or ""
    project, page = _project(channel), channel.link or None
    says_so = _OF_RELEASES.search(channel.title) is not None
    if project and (known := _GITHUB_ID.fullmatch(item.id or "")):
        return _of_tag(known["tag"], project, page)
    bare = _BARE.fullmatch(title)
    if project and bare and (says_so or not bare["version"].isdigit()):
        return Released(project, bare["version"], page)
    if (named := _NAMED.match(title)) is None:
        return None
    name = named["name"].strip(_EDGES)
    is_own = _same(name) == _same(project) and named.end() == len(title)
    return Released(name, named["version"], page) if says_so or is_own else None


def _of_path(item: RawItem, channel: Channel) -> Released | None:
    """Return the release whose page on a forge `item` links to."""
    path = segments(item.link)
    at = next((n for n, part in enumerate(path) if n > 1 and part in ("releases", "tags")), None)
    if at is None:
        return None
    is_forge = (
        host(item.link) in _FORGES or path[at - 1] == "-" or path[at + 1 : at + 2] == ("tag",)
    )
    tag = "/".join(path[at + 1 :]).removeprefix("tag/")
    project = [part for part in path[:at] if part != "-"]
    if not is_forge or not tag:
        return None
    page = f"https://{host(item.link)}/{quote('/'.join(project))}"
    return _of_tag(tag, _spelt(project[-1], channel), page)


def find_package(item: RawItem) -> Released | None:
    """Return the package of a registry that `item` announces, None where it announces none.

    Its link is a package's page (`/project/NAME/VERSION`), and its title that name and no more than a
    version: `NAME 1.2.3`, `NAME added to PyPI`. Without a link the latter will do.
    """
    title = item.title or ""
    if not item.link:
        added = _ADDED.fullmatch(title)
        return Released(added[1], None, None) if added else None
    path = segments(item.link)
    if path[:1] and path[0] in _SHELVES:
        for length in (1, 2):
            name, rest = "/".join(path[1 : 1 + length]), path[1 + length :]
            if len(path) > length and (spelt := _names(title, name)):
                version = next((part for part in rest if part[:1].isdigit()), None)
                found = _VERSION.search(title.removeprefix(spelt))
                page = f"https://{host(item.link)}/{path[0]}/{quote(name, safe='/@')}"
                return Released(spelt, version or (found[0] if found else None), page)
    return None


def _names(title: str, name: str) -> str | None:
    """Return `name` as `title` spells it, None where that says more than a name and a version."""
    if _BARE.fullmatch(title):
        return name
    said = _PACKAGE.fullmatch(title)
    return said["name"] if said and _same(said["name"]) == _same(name) else None


def _of_tag(tag: str, project: str, page: str | None) -> Released:
    """Return the release of a tag; one that names a package of the project is that package's."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return Released(project, tag, page)
    package = found["package"]
    named = found["mark"] in ("@", "==", "/") or _same(project) in _same(package)
    if not named:
        return Released(project, tag, page)
    is_project = _same(package) == _same(project)
    return Released(project if is_project else package, found["version"], page)


def _project(channel: Channel) -> str:
    """Return the project that a feed is about: what its title says beside "releases", else its link."""
    title = _OF_RELEASES.sub(" ", " ".join(channel.title.split())).strip(_EDGES)
    title = " ".join(title.split())
    if title:
        # "inkwell-dev/ledgerline" is the path of a project, not its name.
        return title.rpartition("/")[2].strip(_EDGES) if " " not in title else title
    path = segments(channel.link)
    if len(path) >= 2:  # noqa: PLR2004 - owner, project
        return path[1]
    return host(channel.link).partition(".")[0]


def _spelt(name: str, channel: Channel) -> str:
    """Return the name of a project as its feed spells it, where that is the same name."""
    title = _project(channel)
    return title if title and _same(title) == _same(name) else name


def _same(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
