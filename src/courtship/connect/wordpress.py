"""WordPress over its REST API: comments with their moderation, and posts, for a blog of one's own.

Decided here:

- The newest comments of every state are looked at each time (`POLL`), so that what was approved, edited,
  taken for spam or deleted is seen though the API tells no time of a change. Older ones that are remembered
  (`WATCHED`) are looked at in turn (`SWEEP`).
- A comment that waits is told when it is approved. One that leaves the page again (spam, bin, unapproved) is
  ended at the moment at which that was seen; one deleted for good is a Delete.
- An edited comment is told again under its id: the log keeps both wordings.
- A blog without a password gives its comments feed, read as any other (`courtship.connect.feed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx
import orjson

from courtship.connect import feed
from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.http import answered
from courtship.connect.json_api import LOOPBACK
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Guide, Micros, Problem, Profile, Record, Shows, Undo
from courtship.platforms import wordpress_api as api
from courtship.platforms.wordpress import Blog
from courtship.times import to_iso

POLL: Final = 10.0
"""Seconds between two looks at the newest comments."""

SWEEP: Final[Micros] = 300_000_000
"""Microseconds between two looks at older comments, at posts and at who the authors are."""

PAGE: Final = 100
"""Entries of one answer: the most that the API gives."""

WATCHED: Final = 2_000
"""Comments whose changes are noticed: the newest."""

POSTS_WATCHED: Final = 200
BEAT: Final[Micros] = 60_000_000
"""Microseconds after which it is noted that the connection still listens."""

OVERLAP: Final[Micros] = 26 * 3_600_000_000
"""The API compares changes of posts in the blog's own time zone: so much is asked for again."""

SHOWS: Final[Shows] = {
    ("comment", "inbound"): "full",
    ("comment", "outbound"): "full",
    ("quote", "inbound"): "some",
}
_WRONG_PASSWORD: Final = frozenset(
    {
        "rest_not_logged_in",
        "incorrect_password",
        "invalid_username",
        "invalid_email",
        "invalid_application_credentials",
    }
)
_TOO_LITTLE: Final = frozenset(
    {"rest_forbidden", "rest_forbidden_context", "rest_forbidden_param", "rest_forbidden_status"}
)


class _Page(NamedTuple):
    entries: list[Any]
    total: int


class _Site:
    """The blog's API, with the owner's application password."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.address = feed.web_address(session.settings.get("site", ""))
        parts = urlsplit(self.address)
        self.host = parts.netloc
        self.user = session.settings.get("user", "").strip()
        # WordPress shows application passwords in groups, with blanks that do not count.
        self.password = session.settings.get("password", "").replace(" ", "").strip()
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ConnectionRefused(
                f"{self.address} is not encrypted: anybody on the way could read the password; use https"
            )
        self.base = ""

    def find(self) -> Mapping[str, Any]:
        """The API's root, by the address that the blog names (https://developer.wordpress.org/rest-api/
        using-the-rest-api/discovery/), else by ``?rest_route=``, which needs no permalinks."""
        response = answered(self.session.http.get(self.address, headers={"Accept": "text/html"}))
        found = re.search(r'<([^<>]+)>;\s*rel="?https://api\.w\.org/"?', response.headers.get("link", ""))
        same = found is not None and urlsplit(found[1]).netloc == urlsplit(str(response.url)).netloc
        self.base = found[1] if found is not None and same else f"{self.address.rstrip('/')}/?rest_route=/"
        root: Any = None
        try:
            root = self._ask("", {}, signed=False)[0]
        except Unreachable:
            if found is not None:
                raise
        spaces = root.get("namespaces") if isinstance(root, Mapping) else None
        if not isinstance(root, Mapping) or not isinstance(spaces, list) or "wp/v2" not in spaces:
            raise ConnectionRefused(
                f"{self.host} is no WordPress, or its REST API is switched off (security plugins do that)"
            )
        return root

    def one(self, path: str, **query: Any) -> Any:
        """One answer; ``None`` where there is no such thing (404, 410)."""
        return self._ask(path, query)[0]

    def page(self, path: str, **query: Any) -> _Page:
        """One page of a list, and how many entries there are in all."""
        entries, headers = self._ask(path, {"per_page": PAGE, **query})
        if not isinstance(entries, list):
            raise Unreachable(f"{self.host} answered with something else than a list; it is asked again")
        total = headers.get("x-wp-total", "")
        return _Page(entries, int(total) if total.isdigit() else len(entries))

    def _ask(self, path: str, query: Mapping[str, Any], *, signed: bool = True) -> tuple[Any, httpx.Headers]:
        url = httpx.URL(self.base)
        if "rest_route" in url.params:
            route = url.params["rest_route"].rstrip("/") + "/"
            url = url.copy_set_param("rest_route", f"{route}wp/v2/{path}" if path else route)
        elif path:
            url = url.join(f"{url.path.rstrip('/')}/wp/v2/{path}")
        for name, value in query.items():
            url = url.copy_set_param(name, value)
        auth = httpx.BasicAuth(self.user, self.password) if signed else None
        response = self.session.http.get(url, auth=auth, headers={"Accept": "application/json"})
        code = _code(response)
        self._refused(code)
        if code.endswith("_invalid_page_number"):
            return [], response.headers  # the page before was full, and the last
        if response.status_code in (404, 410) and code:
            return None, response.headers  # the API says so, not a cache or a page in front of it
        answered(response, self.session.now())
        try:
            return orjson.loads(response.content), response.headers
        except orjson.JSONDecodeError:
            raise Unreachable(f"{self.host} sent half an answer, or a page instead of JSON") from None

    def _refused(self, code: str) -> None:
        if code in _WRONG_PASSWORD:
            raise ConnectionRefused(
                f"{self.host} refused the user name or application password of {self.user}; make a new one"
                " under Users, Profile, Application Passwords (the password for the pages does not do); if it"
                " is right, the server does not hand on the Authorization header"
            )
        if code in _TOO_LITTLE:
            raise ConnectionRefused(
                f"{self.host} does not let {self.user} see all comments: it must be an editor's or"
                " administrator's account"
            )


def _code(response: httpx.Response) -> str:
    """WordPress's own name for what went wrong; ``""`` where nothing did."""
    if response.status_code < 400:
        return ""
    try:
        told = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""


# ---------------------------------------------------------------- reading


class _Reader:
    """One run: what is known of the blog, and the cursor."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.site = _Site(session)
        self.root = self.site.find()
        self.cursor: dict[str, Any] = {
            "page": 1,
            "total": 0,
            "top": 0,
            "watched": {},
            "posts": {},
            "post_page": {"posts": 1, "pages": 1},
            "changed": 0,
            "swept": 0,
            "seen": None,
            **session.cursor,
        }
        self.watched: dict[str, str] = dict(self.cursor["watched"])
        self.profiles: set[Profile] = set()
        self.blog, self.staff = self._people()
        self.path = f"WordPress {self.blog.site}"

    def _people(self) -> tuple[Blog, list[Profile]]:
        """The blog with its authors. An administrator sees logins and addresses, an editor names only."""
        me = self.site.one("users/me", context="edit")
        if not isinstance(me, Mapping):
            raise Unreachable(f"{self.site.host} does not say who {self.site.user} is; it is asked again")
        may = me.get("capabilities") or {}
        context = "edit" if isinstance(may, Mapping) and may.get("list_users") else "view"
        authors = self.site.page("users", context=context, has_published_posts="true").entries
        authors = [me if api.number_of(one) == api.number_of(me) else one for one in authors]
        blog = api.blog(self.root, authors)
        users = [me]
        if context == "edit":
            roles = "administrator,editor,author,contributor"
            users += self.site.page("users", context=context, roles=roles).entries
        self.me = me
        return blog, list(dict.fromkeys(api.staff(blog, users)))

    def all(self) -> Iterator[Batch]:
        """Back-fill, then listening."""
        yield self._batch([*self.blog.profiles(), *self.staff], note=self._note())
        while not self.session.stopping():
            began = self.session.now()
            records = self._newest()
            if self.cursor["page"]:
                yield self._batch([*records, *self._older()], note=self._note())
                continue
            for kind in ("posts", "pages"):
                while self.cursor["post_page"][kind] and not self.session.stopping():
                    yield self._batch([*records, *self._old_posts(kind)], note=self._note())
                    records = []
            if began - self.cursor["swept"] >= SWEEP:
                records += self._sweep()
                records += self._changed_posts()
                self.cursor["swept"] = began
            seen = self.cursor["seen"]
            if records or seen is None or began - seen >= BEAT:
                self.cursor["seen"] = began
                yield self._batch(records, seen, began, "listening")
            if self.session.wait(POLL):
                return

    def _note(self) -> str:
        if self.cursor["page"]:
            return f"older comments: {(self.cursor['page'] - 1) * PAGE:,} of {self.cursor['total']:,} so far"
        return "older posts"

    def _batch(
        self,
        records: Sequence[Record | Problem],
        seen: Micros | None = None,
        to: Micros | None = None,
        note: str = "",
    ) -> Batch:
        newest = sorted(self.watched, key=int)[-WATCHED:]
        self.watched = {number: self.watched[number] for number in newest}
        self.cursor["watched"] = dict(self.watched)
        fresh = [one for one in records if not (isinstance(one, Profile) and one in self.profiles)]
        self.profiles.update(one for one in fresh if isinstance(one, Profile))
        own = [*self.blog.own, *(one.account for one in self.staff)]
        cursor = orjson.loads(orjson.dumps(self.cursor))
        if to is not None and seen is None:
            return Batch(fresh, cursor, 0, to, note, own)  # the back-fill reached the beginning
        return Batch(fresh, cursor, seen, to, note, own)

    # ------------------------------------------------------------ comments

    def _ask_comments(self, **query: Any) -> _Page:
        return self.site.page("comments", context="edit", status="any", type="all", _embed="up", **query)

    def _newest(self) -> list[Record | Problem]:
        """The newest page, and further ones as long as they hold only what was not seen before."""
        records: list[Record | Problem] = []
        top: int = self.cursor["top"]
        first = top
        backfilled = not self.cursor["page"]
        page = 1
        while not self.session.stopping():
            found = self._ask_comments(orderby="id", order="desc", page=page).entries
            numbers = [api.number_of(one) for one in found]
            first = max([first, *numbers])
            if backfilled:
                records += self._told(found)
                records += self._missing(numbers, first if page == 1 else None)
            if not backfilled or len(found) < PAGE or min(numbers, default=0) <= top:
                break
            page += 1
        self.cursor["top"] = first
        return records

    def _older(self) -> list[Record | Problem]:
        """The next page of the back-fill, oldest first. Where some were deleted meanwhile, it begins anew:
        the pages have shifted."""
        page = self._ask_comments(orderby="id", order="asc", page=self.cursor["page"])
        if page.total < self.cursor["total"] and self.cursor["page"] > 1:
            self.cursor |= {"page": 1, "total": page.total}
            return []
        self.cursor["total"] = page.total
        self.cursor["page"] = self.cursor["page"] + 1 if len(page.entries) == PAGE else 0
        return self._told(page.entries)

    def _told(self, entries: Sequence[Any]) -> list[Record | Problem]:
        """What is new about comments."""
        there = {api.number_of(one): one for one in entries if isinstance(one, Mapping)}
        changed = [
            one
            for number, one in sorted(there.items())
            if number and self.watched.get(str(number)) != api.state(one)
        ]
        parents = {api.parent_of(one) for one in changed} - {0, *there}
        if parents:
            asked = ",".join(str(one) for one in sorted(parents))
            there |= {api.number_of(one): one for one in self._ask_comments(include=asked).entries}
        records: list[Record | Problem] = []
        for one in changed:
            records += self._one(one, there.get(api.parent_of(one)))
        return records

    def _one(self, entry: Mapping[str, Any], above: Mapping[str, Any] | None) -> Iterator[Record | Problem]:
        number = str(api.number_of(entry))
        before, now = self.watched.get(number, ""), api.state(entry)
        was, ended = before.startswith("1:"), before.startswith("ended:")
        self.watched[number] = now
        if now.startswith("1:"):
            if ended:
                self.watched[number] = before
                yield Problem(
                    self.path,
                    f"comment {number}",
                    "was ended when it left the page, and is approved again; its end stays: log it by hand",
                )
                return
            yield from api.comment(self.blog, entry, above, self.path)
        elif was:
            yield from self._end(number, blank=False)
        elif ended:
            self.watched[number] = before

    def _end(self, number: str, *, blank: bool) -> Iterator[Undo]:
        undoes = self.blog.comment_id(number)
        self.watched[number] = "ended:"
        yield Undo(f"{undoes}/end", undoes, self.session.now(), "wordpress", blank)

    def _missing(self, numbers: Sequence[int], top: int | None) -> Iterator[Record | Problem]:
        """Comments that ought to be on a page and are not: deleted for good, if the API says so."""
        lowest = min(numbers, default=0) if len(numbers) == PAGE else 0
        highest = top if top is not None else max(numbers, default=0)
        there = {str(number) for number in numbers}
        for number in [one for one in self.watched if lowest <= int(one) <= highest and one not in there]:
            yield from self._if_gone(number)

    def _if_gone(self, number: str) -> Iterator[Record | Problem]:
        if self.site.one(f"comments/{number}", context="edit") is not None:
            return
        if self.watched.pop(number).startswith("1:"):
            yield from self._end(number, blank=True)
            del self.watched[number]

    def _sweep(self) -> list[Record | Problem]:
        """Every remembered comment, in pages."""
        records: list[Record | Problem] = []
        every = sorted((one for one in self.watched), key=int, reverse=True)[PAGE:]
        for start in range(0, len(every), PAGE):
            if self.session.stopping():
                break
            asked = every[start : start + PAGE]
            found = self._ask_comments(include=",".join(asked)).entries
            records += self._told(found)
            there = {str(api.number_of(one)) for one in found}
            for number in asked:
                if number not in there:
                    records += self._if_gone(number)
        return records

    # ------------------------------------------------------------ posts

    def _old_posts(self, kind: str) -> list[Record | Problem]:
        number = self.cursor["post_page"][kind]
        found = self._ask_posts(kind, orderby="id", order="asc", page=number)
        self.cursor["post_page"][kind] = number + 1 if len(found) == PAGE else 0
        self.cursor["changed"] = self.cursor["changed"] or self.session.now()
        return self._posts(found)

    def _changed_posts(self) -> list[Record | Problem]:
        now = self.session.now()
        after = to_iso(max(0, self.cursor["changed"] - OVERLAP))[:19]
        found = [
            *self._ask_posts("posts", orderby="modified", modified_after=after),
            *self._ask_posts("pages", orderby="modified", modified_after=after),
        ]
        self.cursor["changed"] = now
        return self._posts(found)

    def _ask_posts(self, kind: str, **query: Any) -> list[Any]:
        return self.site.page(
            kind, context="edit", status="publish,private", _embed="wp:term", **query
        ).entries

    def _posts(self, entries: Sequence[Any]) -> list[Record | Problem]:
        known: dict[str, str] = self.cursor["posts"]
        records: list[Record | Problem] = []
        for entry in entries:
            number = str(api.number_of(entry))
            changed = str(entry.get("modified_gmt", "")) if isinstance(entry, Mapping) else ""
            if number == "0" or known.get(number) == changed:
                continue
            known.pop(number, None)
            known[number] = changed
            if self.blog.by(str(entry.get("author"))) is None:
                self._new_author(entry.get("author"))
            records += api.post(self.blog, entry, self.path)
        for number in list(known)[:-POSTS_WATCHED]:
            del known[number]
        return records

    def _new_author(self, number: Any) -> None:
        """Somebody's first post: from now on they are an author."""
        if isinstance(number, int) and number:
            self.blog, self.staff = self._people()


# ---------------------------------------------------------------- the connector


def check(session: Session) -> Profile:
    """The blog's own account, if the password opens its comments."""
    if not session.settings.get("user", "").strip():
        return feed.check(session)
    site = _Site(session)
    root = site.find()
    site.one("users/me", context="edit")
    site.page("comments", context="edit", status="any", type="all", per_page=1)
    blog = api.blog(root, [])
    return next(blog.profiles())


def run(session: Session) -> Iterator[Batch]:
    """Comments and posts; without a user name, what the comments feed holds."""
    if session.settings.get("user", "").strip():
        yield from _Reader(session).all()
    else:
        yield from feed.run(session)


CONNECTOR = Connector(
    name="wordpress",
    title="WordPress",
    platforms=("wordpress",),
    settings=(
        Setting("site", "The blog's address", "Such as https://tearoom.example.com."),
        Setting(
            "user",
            "User name",
            "An administrator's or editor's. Left empty: its comments feed is read.",
            optional=True,
        ),
        Setting(
            "password",
            "Application password",
            "Not the one you sign in with.",
            secret=True,
            optional=True,
        ),
    ),
    guide=Guide(
        steps=(
            "In your blog's administration open Users, then Profile.",
            "Under Application Passwords write Courtship as the name and press Add New Application Password.",
            "Copy the password that is shown once; blanks in it do not matter.",
            "The section is missing where the site has no https, or a security plugin hides it.",
        ),
        wait="At once.",
        link="https://developer.wordpress.org/rest-api/using-the-rest-api/authentication/",
    ),
    permission="An application password has all rights of its user; Courtship only reads. Withdraw it on the"
    " same page. An editor's account is enough; an administrator's also tells who else writes here.",
    shows=SHOWS,
    check=check,
    run=run,
    can_say="Every comment, pingback and trackback once it is approved, edits, spam and deletions, your"
    " replies, your posts, within some ten seconds.",
    cannot_say="Likes, shares, visits, subscribers, the stars of product reviews; changes of comments older"
    " than the newest 2,000.",
    verified="real server",
)
