"""The same story on each real platform: somebody says something to the brand there.

A scene has everything that is set up at the platform, and one thing that can happen: `Scene.act`.
"""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.connect.acting import Pair
from tests.connect.sessions import clock
from tests.connect.test_mailbox import notification
from tests.connect.test_mailbox import settings as mail_settings
from tests.testbeds.bluesky import BlueskyNetwork
from tests.testbeds.dovecot import Dovecot
from tests.testbeds.jetstream_bridge import JetstreamBridge
from tests.testbeds.mastodon import MastodonMock
from tests.testbeds.wordpress import WordPress

from courtship.service.notices import notices
from courtship.service.people import brand, deciding
from courtship.store.workspace import Workspace


@dataclass(frozen=True)
class Scene:
    """``connector`` and its ``settings``; ``who`` acts (an account).

    ``act`` does it once more and comes back when the platform has it; ``way`` says how it gets here;
    ``brand`` are the brand's accounts beside the one that is connected.
    """

    connector: str
    settings: dict[str, str]
    who: str
    act: Callable[[], object]
    way: str
    brand: tuple[str, ...] = ()


def prepare(workspace: Workspace, scene: Scene, port: int) -> None:
    """What the owner has said: which accounts are theirs, and to be told of everything at any hour."""
    now = clock()
    brand.add(workspace, scene.brand, now=now)
    deciding.set_settings(workspace, {"notices.quiet_from": "00:00", "notices.quiet_to": "00:00"}, now=now)
    for on in ("act", "stage"):
        notices.keep_address(workspace, on, f"json://127.0.0.1:{port}/{on}", now=now)
        notices.set_rule(workspace, {"on": on, "to": on}, now=now)


@contextmanager
def bluesky(network: BlueskyNetwork) -> Iterator[Scene]:
    """Ann answers a post; Jetstream's events come from the real firehose."""
    from atproto import models

    pair, bridge = Pair(network), JetstreamBridge(network.url)
    post = models.create_strong_ref(pair.brand.client.send_post("We bake at night."))
    answer = models.AppBskyFeedPost.ReplyRef(parent=post, root=post)

    def act() -> Any:
        return pair.ann.client.send_post(f"How good {time.time_ns()}", reply_to=answer)

    settings = {**pair.settings, "jetstream": bridge.url}
    try:
        yield Scene("bluesky", settings, pair.ann.address, act, "Jetstream")
    finally:
        bridge.stop()


@contextmanager
def mastodon(mock: MastodonMock) -> Iterator[Scene]:
    """Alan mentions Katherine, whom nobody follows."""
    alan = mock.person("alan")

    def act() -> Any:
        return alan.status_post(f"@katherine How good {time.time_ns()}")

    settings = {"server": mock.url, "token": "katherine_token"}
    yield Scene("mastodon", settings, f"mastodon:alan@localhost:{mock.port}", act, "the stream")


@contextmanager
def mailbox(server: Dovecot) -> Iterator[Scene]:
    """Facebook writes that Ann Bell has commented."""
    done: list[int] = []

    def act() -> None:
        done.append(len(done))
        mail = notification(len(done)).decode()
        head, _, rest = mail.partition("Date: ")
        date = email.utils.formatdate(time.time())
        server.append(f"{head}Date: {date}\n{rest.partition(chr(10))[2]}".encode())

    me = ("facebook:name/mira holt",)
    yield Scene("mailbox", mail_settings(server), "facebook:name/ann bell", act, "IDLE", me)


@contextmanager
def wordpress(blog: WordPress) -> Iterator[Scene]:
    """Ann comments on a post."""
    post = blog.post("New cups")

    def act() -> Any:
        return blog.comment(post, f"How good {time.time_ns()}")

    settings = {"site": blog.url, "user": "mira", "password": blog.passwords["mira"]}
    me = ("wordpress:127.0.0.1/mira",)
    yield Scene("wordpress", settings, "wordpress:127.0.0.1/ann@example.org", act, "a look every 10 s", me)
