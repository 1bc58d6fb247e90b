"""Gifts, acts and steps of a commitment in plain words."""

from __future__ import annotations

GIFT_WORDS = {
    "like": "like it",
    "comment": "comment on it",
    "share": "share it",
    "reply": "reply to others under it",
    "live": "come to a live",
}
DOES = {
    "like": "a like",
    "comment": "a comment",
    "share": "a share",
    "reply": "a reply",
    "live": "coming to a live",
}
KIND_WORDS = {
    "view": "looks",
    "like": "likes",
    "vote": "votes",
    "comment": "comments",
    "mention": "mentions",
    "message": "messages",
    "share": "shares",
    "quote": "shares with words",
    "endorse": "recommendations",
}
DID = {
    "view": "looked",
    "like": "liked it",
    "vote": "voted",
    "comment": "commented",
    "mention": "mentioned it",
    "message": "wrote",
    "share": "shared it",
    "quote": "shared it with words",
    "endorse": "recommended you",
}
STEP_WORDS = {
    "offer": "Offer it",
    "accept": "They said yes",
    "decline": "They said no",
    "pause": "Pause",
    "resume": "Go on",
    "end": "End it",
}
STATE_WORDS = {
    "drafted": "a draft, not offered yet",
    "offered": "offered, waiting for an answer",
    "accepted": "in force",
    "paused": "paused",
    "declined": "declined",
    "ended": "ended",
}
SAID = {
    "offer": "Offered.",
    "accept": "Agreed, and in force from now on.",
    "decline": "Declined.",
    "pause": "Paused. What was open is let go.",
    "resume": "In force again.",
    "end": "Ended. What was open is let go.",
}
