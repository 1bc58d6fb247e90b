"""Two accounts on Bluesky's own servers, and everything that one can do towards the other."""

from __future__ import annotations

import uuid
from typing import Any

from tests.testbeds.bluesky import BlueskyAccount, BlueskyNetwork


class Pair:
    """The brand and somebody, both new."""

    def __init__(self, network: BlueskyNetwork) -> None:
        self.follows = False
        name = uuid.uuid4().hex[:10]
        self.brand = BlueskyAccount(network, f"brand{name}")
        self.ann = BlueskyAccount(network, f"ann{name}")
        self.settings = {
            "handle": self.brand.handle,
            "password": self.brand.app_password(),
            "server": network.url,
        }


def all_acts(pair: Pair) -> dict[str, str]:
    """Ann does everything there is to do towards the brand: the id of each act, with its kind."""
    from atproto import models

    brand, ann = pair.brand.client, pair.ann.client
    post = brand.send_post("We bake at night.")
    ref = models.create_strong_ref(post)
    done = {
        ann.like(post.uri, post.cid).uri: "like",
        ann.repost(post.uri, post.cid).uri: "share",
        ann.send_post(
            "How good", reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref)
        ).uri: "comment",
        ann.send_post("Look at this", embed=models.AppBskyEmbedRecord.Main(record=ref)).uri: "quote",
    }
    mention: Any = models.AppBskyRichtextFacet.Main(
        index=models.AppBskyRichtextFacet.ByteSlice(byte_start=0, byte_end=6),
        features=[models.AppBskyRichtextFacet.Mention(did=pair.brand.did)],
    )
    done[ann.send_post("@brand hello", facets=[mention]).uri] = "mention"
    if not pair.follows:  # of a follow that is there already, Bluesky tells nothing
        pair.follows = True
        done[ann.follow(pair.brand.did).uri] = "follow"
    return done
