"""A made-up audience as records, as five sources would tell of it. The one door of this room.

    audience = demo.audience(people=2_000, activities=100_000, seed=7, until=now)
    for record in audience.records(): ...

The same arguments give the same records, on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property

import numpy as np

from courtship.demo import behaviour, traits, voice
from courtship.demo.acts import (
    COMMENT,
    FOLLOW,
    LIKE,
    MENTION,
    MESSAGE,
    OWN,
    QUOTE,
    SHARE,
    VIEW,
    VOTE,
    WORDS,
    Acts,
)
from courtship.demo.bakery import (
    BLOG,
    BRAND,
    DAY,
    ENDED_DAYS_AGO,
    FACEBOOK,
    INSTAGRAM,
    MASTODON,
    MEDIA,
    PLATFORMS,
    POLL,
    SECOND,
    Posts,
    X,
    coverage,
    posts,
)
from courtship.demo.draw import Draws
from courtship.demo.naming import Face, address, faces, page
from courtship.demo.traits import BOT, TEAM, Traits
from courtship.model import Activity, Address, Coverage, Micros, Post, Profile, Record, Total, Undo
from courtship.vocabulary import KINDS

BRAND_NAME = "Kettlewick Bread"
BRAND_PAGES = (
    "https://instagram.example/kettlewickbread",
    "https://crumb.example/@kettlewick",
    "https://facebook.example/kettlewickbread",
    "https://kettlewick.example",
    "https://x.example/kettlewickbread",
)
_ID = ("i", "m", "f", "c", "x")

PROVED, BY_HAND = 0.45, 0.30
"""Of those with two accounts: whose profiles prove it, and whom the owner joins by hand. The rest wait."""


def audience(people: int, activities: int, seed: int, until: Micros) -> Audience:
    """A made-up audience of ``people`` with ``activities`` over the two years before ``until``.

    Raises ``ValueError`` where so few people cannot do so much, or so many so little (6 to 300 activities
    for each are well).
    """
    if people < 10:
        raise ValueError("a made-up audience has at least 10 people")
    end = until // SECOND
    topics = len(voice.TOPICS)
    who = traits.traits(people, end, topics, Draws(seed, "people"))
    published = posts(end, topics, Draws(seed, "posts"))
    town = behaviour.Town(who, published, end, seed)
    made = town.act(activities)
    return Audience(seed, until, who, published, made, faces(people, Draws(seed, "faces")))


class Audience:
    """One made-up audience. Iterators make records as they go; everything may be asked for again."""

    brand: tuple[Address, ...] = BRAND
    """The brand's own accounts, one a platform."""
    name = BRAND_NAME

    def __init__(
        self, seed: int, until: Micros, people: Traits, published: Posts, made: Acts, appear: list[Face]
    ) -> None:
        self.seed = seed
        self.until = until
        self.people = people
        self._posts = published
        self.acts = made
        self.faces = appear

    @property
    def published(self) -> Posts:
        """The brand's posts as a table, in the order in which `posts` tells of them."""
        return self._posts

    # ------------------------------------------------------------------ who is who

    @cached_property
    def _held(self) -> list[list[int]]:
        """The platforms on which each person was seen, first one first."""
        both, first = np.unique(self.acts.person * len(PLATFORMS) + self.acts.platform, return_index=True)
        out: list[list[int]] = [[] for _ in self.faces]
        for key in both[np.argsort(first, kind="stable")].tolist():
            out[key // len(PLATFORMS)].append(key % len(PLATFORMS))
        return out

    @cached_property
    def _address(self) -> list[dict[int, Address]]:
        return [
            {platform: address(face, platform) for platform in held}
            for face, held in zip(self.faces, self._held, strict=True)
        ]

    def accounts(self, person: int) -> tuple[Address, ...]:
        """The accounts of the ``person``-th (from 0), in the order in which they were first seen."""
        return tuple(self._address[person].values())

    @cached_property
    def joined(self) -> dict[int, str]:
        """How it is known that several accounts are one person's: ``proved``, ``by hand`` or ``not yet``."""
        several = [person for person, held in enumerate(self._held) if len(held) > 1]
        dice = Draws(self.seed, "joined").uniform(len(several)).tolist()
        return {
            person: "proved" if die < PROVED else "by hand" if die < PROVED + BY_HAND else "not yet"
            for person, die in zip(several, dice, strict=True)
        }

    def of_temperament(self, temperament: int) -> list[int]:
        """The numbers of the people of one temperament (`traits.TEAM`, `traits.BOT`, …)."""
        return [int(person) for person in np.flatnonzero(self.people.temperament == temperament)]

    def most_talkative(self, n: int) -> list[int]:
        """The numbers of the ``n`` people who used most words, without the team and the bots."""
        words = WORDS[self.acts.kind] & ~self.acts.outbound
        count = np.bincount(self.acts.person[words], minlength=len(self.faces))
        count[self.people.temperament >= TEAM] = 0
        order = np.lexsort((np.arange(len(count)), -count))
        return [int(person) for person in order[:n] if count[person]]

    # ------------------------------------------------------------------ records

    def records(self) -> Iterator[Record]:
        """Everything: what is covered, profiles, posts, totals, then acts in order of time."""
        yield from self.coverage()
        yield from self.profiles()
        yield from self.posts()
        yield from self.totals()
        yield from self.activities()
        yield from self.undos()

    def coverage(self) -> Iterator[Coverage]:
        """What each of the five sources declares."""
        yield from coverage(self.until)

    def profiles(self) -> Iterator[Profile]:
        """The brand's accounts (``own``) and everybody's, with links where these prove who is one."""
        for platform, account in enumerate(BRAND):
            handle = account.partition(":")[2] if platform in (INSTAGRAM, MASTODON) else "kettlewickbread"
            others = tuple(url for i, url in enumerate(BRAND_PAGES) if i != platform)
            yield Profile(
                account,
                name=BRAND_NAME,
                handle=handle,
                url=BRAND_PAGES[platform],
                bio="Bread from Lantern Street, since before you were up.",
                links=others,
                own=True,
            )
        dice = Draws(self.seed, "profiles").below(1 << 30, len(self.faces)).tolist()
        followers = self.people.followers.tolist()
        favourites = self.people.favourites.tolist()
        for person, face in enumerate(self.faces):
            held = self._held[person]
            for place, platform in enumerate(held):
                links, verified, email = self._proof(person, platform)
                yield Profile(
                    self._address[person][platform],
                    name=self._shown(face, platform),
                    handle=self._handle(face, platform),
                    url=page(face, platform) if platform != BLOG or dice[person] % 3 == 0 else "",
                    bio="" if platform == BLOG else voice.bio(favourites[person], dice[person] + place),
                    followers=None if platform in (BLOG, FACEBOOK) else followers[person] // (1 + place),
                    email=email or (self._mail(face) if platform == BLOG else ""),
                    links=links,
                    verified=verified,
                )

    def _shown(self, face: Face, platform: int) -> str:
        # Facebook and the blog ask for a name; elsewhere some leave it out.
        return face.name or (face.handle if platform in (FACEBOOK, BLOG) else "")

    def _handle(self, face: Face, platform: int) -> str:
        if platform == MASTODON:
            return f"{face.handle}@{face.server}"
        return "" if platform in (FACEBOOK, BLOG) else face.handle

    def _mail(self, face: Face) -> str:
        return f"{face.handle}@{face.mailbox}"

    def _proof(self, person: int, platform: int) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        """Links, verified links and e-mail that a profile shows, for those who prove that they are one."""
        if self.joined.get(person) != "proved":
            return (), (), ""
        face, held = self.faces[person], self._held[person]
        if BLOG in held:
            return (), (), self._mail(face)
        others = tuple(page(face, other) for other in held if other != platform)
        return (others, others, "") if platform == MASTODON else (others, (), "")

    def posts(self) -> Iterator[Post]:
        """The brand's posts in order of time, then what people posted themselves and the brand answered."""
        table = self._posts
        for i, (at, platform, topic, media) in enumerate(
            zip(
                table.at.tolist(),
                table.platform.tolist(),
                table.topic.tolist(),
                table.media.tolist(),
                strict=True,
            )
        ):
            text, options = self._told[i]
            tags = voice.tags(topic)
            if platform == BLOG:
                title = text.partition(".")[0].partition(":")[0]
                text = f"{title}\n\n{text}"
            yield Post(
                object=self._object(i),
                author=BRAND[platform],
                at=at * SECOND,
                text=text,
                media=MEDIA[media] if platform != BLOG else "text",
                link=f"https://kettlewick.example/{self._tales[i]:04d}"
                if media == 3 and platform != BLOG
                else "",
                tags=tags,
                poll=options,
                url=self._object(i),
                public=True,
            )
        own = np.flatnonzero(self.acts.manner == OWN)
        for act, person, platform, at in zip(
            own.tolist(),
            self.acts.person[own].tolist(),
            self.acts.platform[own].tolist(),
            self.acts.at[own].tolist(),
            strict=True,
        ):
            if self.acts.kind[act] == FOLLOW:
                continue
            thing = self._own_object(person, platform, at)
            yield Post(
                object=thing,
                author=self._address[person][platform],
                at=(at - 3 * 3600) * SECOND,
                text=voice.own_post(act),
                media="image",
                url=thing,
                public=True,
            )

    @cached_property
    def _tales(self) -> list[int]:
        numbers: list[int] = self._posts.tale.tolist()
        return numbers

    @cached_property
    def _told(self) -> list[tuple[str, tuple[str, ...]]]:
        """Text and poll options of each of the brand's posts; one tale says the same everywhere."""
        said: dict[int, tuple[str, tuple[str, ...]]] = {}
        turns: dict[int, int] = {}
        tales, table = self._tales, self._posts
        dice = Draws(self.seed, "told").below(1 << 30, int(table.tale.max(initial=0)) + 1).tolist()
        out = []
        days = (table.at // DAY).tolist()
        for tale, topic, media, day in zip(
            tales, table.topic.tolist(), table.media.tolist(), days, strict=True
        ):
            if tale not in said:
                key = -1 if media == POLL else topic
                turns[key] = turns.get(key, -1) + 1
                said[tale] = voice.post(topic, turns[key], dice[tale], poll=media == POLL, month=_month(day))
            out.append(said[tale])
        return out

    def _object(self, post: int) -> str:
        platform = int(self._posts.platform[post])
        tale = self._tales[post]
        if platform == BLOG:
            return f"https://kettlewick.example/{tale:04d}"
        return f"{BRAND_PAGES[platform]}/{tale:04d}"

    def _own_object(self, person: int, platform: int, at: int) -> str:
        return f"{page(self.faces[person], platform)}/{at}"

    def totals(self) -> Iterator[Total]:
        """Likes without people, as Instagram's export tells them."""
        likes = np.bincount(
            self.acts.post[(self.acts.kind == LIKE) & (self.acts.post >= 0)], minlength=len(self._posts)
        )
        end = self._end(INSTAGRAM)
        unseen = Draws(self.seed, "totals").below(40, len(self._posts)).tolist()
        for i, (platform, at) in enumerate(
            zip(self._posts.platform.tolist(), self._posts.at.tolist(), strict=True)
        ):
            if platform == INSTAGRAM and at * SECOND < end:
                yield Total(self._object(i), "like", int(likes[i]) + unseen[i], end)

    def _end(self, platform: int) -> Micros:
        return self.until - ENDED_DAYS_AGO[platform] * DAY * SECOND

    def undos(self) -> Iterator[Undo]:
        """Unfollows, unlikes and deletions on Mastodon, which tells of them as acts of their own."""
        gone = np.flatnonzero((self.acts.ended > 0) & (self.acts.platform == MASTODON))
        order = gone[np.argsort(self.acts.ended[gone], kind="stable")]
        for act in order.tolist():
            yield Undo(
                id=f"u{act:07d}",
                undoes=self._id(MASTODON, act),
                at=int(self.acts.ended[act]) * SECOND,
                platform="mastodon",
                blank=int(self.acts.kind[act]) == COMMENT,
            )

    @staticmethod
    def _id(platform: int, act: int) -> str:
        return f"{_ID[platform]}{act:07d}"

    def activities(self) -> Iterator[Activity]:
        """All activities in order of time, exactly as many as were asked for."""
        table = self.acts
        n = len(table)
        draws = Draws(self.seed, "words")
        dice, more = draws.below(1 << 30, n).tolist(), draws.below(1 << 30, n).tolist()
        platforms, kinds, parents = table.platform.tolist(), table.kind.tolist(), table.parent.tolist()
        things = [self._object(i) for i in range(len(self._posts))]
        topics = self._posts.topic.tolist()
        followers = self.people.followers.tolist()
        long_one = self._long_one()
        for act, (person, platform, kind, at, ended, post, parent, outbound, manner) in enumerate(
            zip(
                table.person.tolist(),
                platforms,
                kinds,
                table.at.tolist(),
                table.ended.tolist(),
                table.post.tolist(),
                parents,
                table.outbound.tolist(),
                table.manner.tolist(),
                strict=True,
            )
        ):
            face = self.faces[person]
            theirs, ours = self._address[person][platform], BRAND[platform]
            number = self._id(platform, act)
            answers = self._id(platforms[parent], parent) if parent >= 0 else None
            thing = things[post] if post >= 0 else None
            if manner == OWN and kind != FOLLOW:
                thing = self._own_object(person, platform, at)
            if kind == LIKE and answers:
                thing = answers
            text = None
            if outbound:
                answered = kinds[parent] if parent >= 0 else -1
                text = voice.outbound(kind, manner, answered, face.name.split(" ")[0], dice[act], more[act])
            elif kind == VOTE:
                text = voice.vote(self._turn(post), dice[act])
            elif kind in voice.WORDED:
                language = face.language if more[act] % 10 < face.often else ""
                topic = topics[post] if post >= 0 else 0
                text = voice.inbound(kind, manner, topic, language, dice[act], more[act], returns=parent >= 0)
            if act == long_one:
                text = voice.long_comment()
            yield Activity(
                id=number,
                kind=KINDS[kind],
                actor=ours if outbound else theirs,
                target=theirs if outbound else ours,
                at=at * SECOND,
                ended=ended * SECOND if ended and platform != MASTODON else None,
                precise=not (kind == FOLLOW and platform == X),
                object=thing if kind not in (MESSAGE, MENTION, FOLLOW) else None,
                in_reply_to=(answers or thing) if kind in (COMMENT, MESSAGE, VOTE) else None,
                text=text,
                url=self._url(kind, thing, number, face, platform),
                public=False if kind in (MESSAGE, VIEW) else True if kind in _IN_PUBLIC else None,
                actor_name=BRAND_NAME if outbound else self._shown(face, platform) or None,
                target_name=(self._shown(face, platform) or None) if outbound else BRAND_NAME,
                actor_followers=followers[person] if kind in (SHARE, QUOTE) and not outbound else None,
            )

    def _turn(self, post: int) -> int:
        return self._polls.get(post, 0)

    @cached_property
    def _polls(self) -> dict[int, int]:
        """Which of the poll questions each poll asks."""
        questions = {tuple(options): i for i, options in enumerate(voice.poll_options())}
        return {i: questions[options] for i, (_, options) in enumerate(self._told) if options}

    @staticmethod
    def _url(kind: int, thing: str | None, number: str, face: Face, platform: int) -> str | None:
        if kind in (COMMENT, VOTE):
            return f"{thing}#{number}" if thing else None
        if kind in (MENTION, QUOTE, SHARE):
            return f"{page(face, platform)}/{number}"
        return page(face, platform) if kind == FOLLOW else None

    def _long_one(self) -> int:
        """Who tells a whole life in a comment: somebody in the weeks before the end, on Facebook."""
        table = self.acts
        able = (table.kind == COMMENT) & (table.platform == FACEBOOK) & ~table.outbound & (table.parent < 0)
        able &= (table.ended == 0) & (table.at < self.until // SECOND - 20 * DAY)
        able &= self.people.temperament[table.person] < TEAM
        found = np.flatnonzero(able)
        return int(found[-1]) if len(found) else -1


_IN_PUBLIC = frozenset({LIKE, COMMENT, MENTION, SHARE, QUOTE})
__all__ = ["BOT", "TEAM", "Audience", "audience"]


def _month(day: int) -> int:
    """The month, 1 to 12, of a day counted from 1970."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + day).month
