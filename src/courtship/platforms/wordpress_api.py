"""WordPress's REST API (``wp/v2``) -> the fields of an export, so that both tell of one act alike.

Fields and what they mean: https://developer.wordpress.org/rest-api/reference/. What is read in the context
``edit`` (with an application password) has the words as they were written and e-mail addresses, as the export
has; everything after that is `courtship.platforms.wordpress`.

Decided here:

- The blog's own are those who have published posts, as in the export, by login. Others of its staff are known
  by e-mail address, as in the export, and offered as the owner's.
- Product reviews are left out: the API does not say how many stars they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from courtship.model import Problem, Profile, Record
from courtship.platforms import words
from courtship.platforms.wordpress import NO_POSTS, Author, Blog, Fields, Item

STATES: Final[Mapping[str, str]] = {
    "approved": "1",
    "approve": "1",
    "hold": "0",
    "spam": "spam",
    "trash": "trash",
}
"""The API's word for a comment's state, and the export's."""

_STAFF: Final = frozenset({"administrator", "editor", "author", "contributor", "shop_manager"})


def blog(root: Any, authors: Sequence[Any]) -> Blog:
    """The blog that the API's root describes, with those who have published posts."""
    told = root if isinstance(root, Mapping) else {}
    channel = {
        "base_blog_url": _text(told.get("home")) or _text(told.get("url")),
        "title": _text(told.get("name")),
    }
    return Blog(channel, [author(one) for one in authors if isinstance(one, Mapping)])


def author(user: Mapping[str, Any]) -> Author:
    """One user. The login is there in the context ``edit`` only; else its form in addresses."""
    return Author(
        _text(user.get("username")) or _text(user.get("slug")),
        str(_number(user.get("id"))),
        _text(user.get("email")),
        _text(user.get("name")),
    )


def staff(blog: Blog, users: Sequence[Any]) -> Iterator[Profile]:
    """Whoever else works on the blog, by e-mail address: what they write is the brand's."""
    for user in users:
        if not isinstance(user, Mapping) or blog.by(str(_number(user.get("id")))) is not None:
            continue
        email = _text(user.get("email")).strip().casefold()
        roles = user.get("roles")
        if "@" in email and any(
            one in _STAFF for one in map(_text, roles if isinstance(roles, list) else ())
        ):
            yield Profile(
                f"{blog.account}/{email}", name=words.plain(_text(user.get("name"))), email=email, own=True
            )


def number_of(entry: Any) -> int:
    """The number of a comment, post or user; 0 where it has none."""
    return _number(entry.get("id")) if isinstance(entry, Mapping) else 0


def parent_of(entry: Mapping[str, Any]) -> int:
    """The number of the comment that a comment answers; 0 where it answers the post."""
    return _number(entry.get("parent"))


def state(entry: Mapping[str, Any]) -> str:
    """A comment's state and a digest of what it says: differs when anybody has changed it."""
    said = "\0".join(comment_fields(entry).values())
    return (
        f"{STATES.get(_text(entry.get('status')), '?')}:{blake2b(said.encode(), digest_size=4).hexdigest()}"
    )


def comment_fields(entry: Mapping[str, Any]) -> Fields:
    """A comment as the export has it."""
    return {
        "comment_id": str(_number(entry.get("id"))),
        "comment_author": _text(entry.get("author_name")),
        "comment_author_email": _text(entry.get("author_email")),
        "comment_author_url": _text(entry.get("author_url")),
        "comment_date": _text(entry.get("date")),
        "comment_date_gmt": _text(entry.get("date_gmt")),
        "comment_content": _words(entry.get("content")),
        "comment_approved": STATES.get(_text(entry.get("status")), "0"),
        "comment_type": _text(entry.get("type")),
        "comment_parent": str(_number(entry.get("parent"))),
        "comment_user_id": str(_number(entry.get("author"))),
    }


def comment(
    blog: Blog, entry: Mapping[str, Any], above: Mapping[str, Any] | None, path: str
) -> Iterator[Record | Problem]:
    """Records of one approved comment. ``above`` is the comment that it answers, if it could be read."""
    fields = comment_fields(entry)
    where = f"comment {fields['comment_id']}"
    if fields["comment_type"].casefold() == "review":
        return
    post = _post_of(entry)
    if post is None:
        yield Problem(path, where, "is about something that this user may not read; left out")
        return
    owner = _owner(blog, post)
    answered = owner
    if fields["comment_parent"] != "0":
        # What it answers is in the bin, or gone: nobody can say whom it was towards.
        gone = above is None or STATES.get(_text(above.get("status")), "0") in {"spam", "trash"}
        answered = "" if gone or above is None else blog.who(comment_fields(above), owner)
    yield from blog.comment(fields, _text(post.get("link")), owner, answered, path, where)


def _post_of(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The post, as embedded in the comment (``_embed=up``); ``None`` where it may not be read."""
    embedded = entry.get("_embedded")
    above = embedded.get("up") if isinstance(embedded, Mapping) else None
    for one in above if isinstance(above, list) else ():
        if isinstance(one, Mapping) and _text(one.get("link")):
            return one
    return None


def _owner(blog: Blog, post: Mapping[str, Any]) -> str:
    found = blog.by(str(_number(post.get("author"))))
    return f"{blog.account}/{found.login.strip().casefold()}" if found is not None else blog.account


def post(blog: Blog, entry: Mapping[str, Any], path: str) -> Iterator[Record | Problem]:
    """A published post or page."""
    kind = _text(entry.get("type")) or "post"
    if kind in NO_POSTS:
        return
    by = blog.by(str(_number(entry.get("author"))))
    item = Item(
        {
            "post_id": str(_number(entry.get("id"))),
            "link": _text(entry.get("link")),
            "creator": by.login if by is not None else "",
            "post_date": _text(entry.get("date")),
            "post_date_gmt": _text(entry.get("date_gmt")),
            "status": _text(entry.get("status")),
            "post_type": kind,
            "title": _words(entry.get("title")),
            "encoded": _words(entry.get("content")),
            "post_password": _text(entry.get("password")),
        },
        _terms(entry),
    )
    yield from blog.item(item, path, f"post {item.fields['post_id']}")


def _terms(entry: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    embedded = entry.get("_embedded")
    terms = embedded.get("wp:term") if isinstance(embedded, Mapping) else None
    for group in terms if isinstance(terms, list) else ():
        found += [
            (_text(one.get("taxonomy")), _text(one.get("slug")), _text(one.get("name")))
            for one in (group if isinstance(group, Sequence) else ())
            if isinstance(one, Mapping) and _text(one.get("name"))
        ]
    found.sort(key=lambda term: term[2].casefold())  # as the export sorts them, over all taxonomies
    form = _text(entry.get("format"))
    if form and form != "standard":
        found.append(("post_format", f"post-format-{form}", form))
    return found


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return _text(value.get("raw")) or _text(value.get("rendered"))
    return _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
