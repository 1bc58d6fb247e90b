"""What one line of a notification says, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.platforms.notification_mail import sentence
from courtship.platforms.notification_mail.sentences import words
from courtship.platforms.notification_mail.tables import LANGUAGES, PLATFORMS, table
from courtship.vocabulary import KINDS


def read(platform: str, text: str, language: str | None = None) -> str:
    """A sentence in short: event, people, how many more, about what, the words."""
    said = sentence(platform, text, language)
    if said is None:
        return ""
    people = ",".join(one.name + (f"@{one.handle}" if one.handle else "") for one in said.people)
    return f"{said.event} {people} +{said.others} {said.what} {said.text}".rstrip()


@pytest.mark.parametrize(
    ("platform", "line", "wanted"),
    [
        ("facebook", "Ann Bell commented on your post.", "comment Ann Bell +0 post"),
        ("facebook", "\N{BELL} Ann Bell  commented\non your post", "comment Ann Bell +0 post"),
        ("facebook", "Ann Bell commented on your post in Tea lovers.", "comment Ann Bell +0 post"),
        ("facebook", 'Ann Bell likes your post : "Tea". May 4 View', "reaction Ann Bell +0 post Tea"),
        ("facebook", "Ann Bell and 3 others reacted to your photo", "reaction Ann Bell +3 photo"),
        (
            "facebook",
            "Ann Bell, Bo Lee and 1,203 others like your post.",
            "reaction Ann Bell,Bo Lee +1203 post",
        ),
        ("facebook", "Ann Bell and Bo Lee like your post.", "reaction Ann Bell,Bo Lee +0 post"),
        ("facebook", "Ann Bell, PhD commented on your post.", "comment Ann Bell, PhD +0 post"),
        ("facebook", "Ann Bell likes your Page Tea Room.", "page-like Ann Bell +0"),
        ("facebook", 'Ann Bell replied to your comment on Bo Lee\'s post: "yes"', "reply Ann Bell +0  yes"),
        ("facebook", "Ann Bell hat deinen Beitrag kommentiert: „Toll“", "comment Ann Bell +0 Beitrag Toll"),
        ("facebook", "Ann Bell gefällt dein Beitrag.", "reaction Ann Bell +0 Beitrag"),
        ("facebook", "Ann Bell vindt je bericht leuk", "reaction Ann Bell +0 bericht"),
        ("facebook", "A Ann Bell y 2 personas más les gusta tu foto.", "reaction Ann Bell +2 foto"),
        ("facebook", "Ann Bell et 4 autres personnes aiment votre photo", "reaction Ann Bell +4 photo"),
        ("facebook", "Ann Bell vous a mentionné(e) dans un commentaire", "mention Ann Bell +0 commentaire"),
        ("facebook", "Ann Bell sent you a friend request.", "request Ann Bell +0"),
        ("facebook", "Ann Bell also commented on Bo Lee's photo", "elsewhere  +0"),
        ("linkedin", "Ann Bell endorsed you for Tea", "endorsement Ann Bell +0 Tea"),
        ("linkedin", "Mira, Ann Bell accepted your invitation", "connected Ann Bell +0"),
        (
            "linkedin",
            "Mira, start a conversation with your new connection, Ann Bell",
            "connected Ann Bell +0",
        ),
        ("linkedin", "Ann Bell wrote you a recommendation", "recommendation Ann Bell +0"),
        ("linkedin", "Owner, please add me to your LinkedIn network", "invitation  +0"),
        ("x", "Ann Bell (@ann_b) liked your post", "reaction Ann Bell@ann_b +0 post"),
        ("x", "Bell, Ann (@Ann_B) and 2 others liked your post", "reaction Bell, Ann@ann_b +2 post"),
        ("x", "Ann Bell (@ann) is now following you on Twitter!", "follow Ann Bell@ann +0"),
        ("x", "Ann (@ann) and Bo (@bo) reposted your post", "share Ann@ann,Bo@bo +0 post"),
        ("instagram", "ann_b and bo.lee started following you.", "follow @ann_b,@bo.lee +0"),
        ("instagram", 'ann_b mentioned you in a comment: "hello"', "mention @ann_b +0 comment hello"),
        ("youtube", "Ann Bell subscribed to you on YouTube!", "subscriber Ann Bell +0"),
        ("youtube", 'Ann Bell replied to your comment on "Tea"', "reply Ann Bell +0"),
        ("pinterest", "Ann Bell saved your Pin", "share Ann Bell +0"),
    ],
)
def test_known_wordings(platform: str, line: str, wanted: str) -> None:
    assert read(platform, line) == wanted


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("facebook", "Someone likes your post"),
        ("facebook", "Salt and Pepper like your post."),
        ("facebook", "Ann and 3 others and Bo Lee like your post."),
        ("facebook", "Ann Bell commented on your friend's post"),
        ("facebook", "Ann Bell heeft gereageerd op je bericht"),
        ("facebook", "Mira Holt: Ann Bell commented on your post. Reply"),
        ("instagram", "Ann Bell started following you"),
        ("instagram", "Ann Bell shared your post"),
        ("linkedin", "LinkedIn Member endorsed you for Tea"),
        ("linkedin", "30 new jobs for you"),
        ("facebook", ""),
        ("facebook", "\N{BELL}\u200b"),
    ],
)
def test_what_is_not_certain_is_not_guessed(platform: str, line: str) -> None:
    assert sentence(platform, line) is None


def test_who_is_known_to_be_one_or_two() -> None:
    two = sentence("facebook", "Ann and Bo like your post", known=["Ann", "Bo"])
    assert two is not None
    assert [one.name for one in two.people] == ["Ann", "Bo"]
    one = sentence("facebook", "Salt and Pepper like your post", known=["Salt and Pepper"])
    assert one is not None
    assert [one.name for one in one.people] == ["Salt and Pepper"]


def test_the_owner_who_is_spoken_to_is_nobody_that_did_it() -> None:
    said = sentence("linkedin", "Mira Holt, Ann Bell endorsed you for Tea", me="Mira Holt")
    assert said is not None
    assert [one.name for one in said.people] == ["Ann Bell"]


def test_the_language_may_be_said() -> None:
    assert read("facebook", "Ann Bell gefällt dein Beitrag", "de")
    assert not read("facebook", "Ann Bell gefällt dein Beitrag", "fr")


def test_quoted_words() -> None:
    line = 'Ann Bell wrote: "So good"  -  Reply to this email to comment on this post.'
    assert words("facebook", line) == ("Ann Bell", "So good")
    assert words("facebook", "Ann Bell is well") is None
    assert words("x", line) is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_tables_are_sound(platform: str) -> None:
    rules = table(platform)
    assert rules.platform == platform
    assert bool(rules.domains) is (platform != "mastodon"), "its domains are those of the brand's servers"
    assert rules.senders
    assert rules.kinds <= set(KINDS)
    for wording in (*rules.wordings, *rules.words):
        assert wording.language in LANGUAGES
        assert not wording.kind or "who" in wording.pattern.groupindex, wording.pattern.pattern


@given(st.text(max_size=80), st.sampled_from(PLATFORMS))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_no_line_breaks_it(text: str, platform: str) -> None:
    for line in (text, f"{text} likes your post", f"Ann Bell, {text} and 3 others like your post: {text}"):
        said = sentence(platform, line)
        assert said is None or all(one.name or one.handle for one in said.people)


def test_unknown_platform() -> None:
    with pytest.raises(KeyError):
        sentence("myspace", "Ann Bell likes your post")


def test_long_and_odd_lines_take_no_time() -> None:
    lines = ["a and " * 50_000, "Ann Bell likes your " * 9_000, "(" * 9_000, "Ann, " * 200 + "like your post"]
    for line in lines:
        for platform in PLATFORMS:
            assert sentence(platform, line) is None
