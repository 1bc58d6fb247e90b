"""Exact proofs: what is one, and what looks like one and is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.model import Profile
from courtship.people.proofs import email_of_one, page_of, prove

ANN = Profile("mastodon:ann@a.example", None, name="Ann", url="https://a.example/@ann")
BLOG = Profile("blog:ann.example", None, name="Ann's pages", url="https://www.ann.example/")


def rules(*profiles: Profile, accounts: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    return [(one.a, one.b, one.rule) for one in prove(profiles, accounts)]


def test_links_both_ways_are_a_proof_that_names_both_records() -> None:
    a = ANN._replace(links=("http://ann.example",))
    b = BLOG._replace(links=("https://a.example/@ann/",))
    [found] = prove([a, b])
    assert found[:3] == ("blog:ann.example", "mastodon:ann@a.example", "rel-me")
    assert found.records == (
        "blog:ann.example links to a.example/@ann",
        "mastodon:ann@a.example links to ann.example",
    )


def test_a_link_one_way_is_none() -> None:
    assert rules(ANN._replace(links=("https://ann.example",)), BLOG) == []


def test_a_verified_field_is_a_proof() -> None:
    assert rules(ANN._replace(verified=("https://ann.example",)), BLOG) == [
        ("blog:ann.example", "mastodon:ann@a.example", "verified")
    ]


def test_a_page_of_two_accounts_proves_nothing() -> None:
    other = BLOG._replace(account="blog:bob")
    assert rules(ANN._replace(verified=("https://ann.example",)), BLOG, other) == []


def test_a_company_page_does_not_make_its_people_one() -> None:
    bob = Profile("mastodon:bob@a.example", None, name="Bob", url="https://a.example/@bob")
    page = BLOG._replace(links=("https://a.example/@ann", "https://a.example/@bob"))
    mine = ("https://ann.example",)
    assert rules(ANN._replace(verified=mine), bob._replace(verified=mine), page) == []
    assert rules(ANN._replace(links=mine), bob._replace(links=mine), page) == []
    both_ann = bob._replace(name="ann ")
    assert len(rules(ANN._replace(links=mine), both_ann._replace(links=mine), page)) == 2


def test_one_email_of_one_person_is_a_proof() -> None:
    a = Profile("wordpress:1", None, name="Ann", email="Ann@Example.org ")
    b = Profile("mastodon:ann", None, name="Ännchen", email="ann@example.org")
    assert rules(a, b) == [("mastodon:ann", "wordpress:1", "email")]
    assert rules(a, accounts=("email:ann@example.org",)) == [
        ("email:ann@example.org", "wordpress:1", "email")
    ]


@pytest.mark.parametrize(
    "email",
    [
        "info@example.org",
        "No-Reply@example.org",
        "support+ann@example.org",
        "ann",
        "a b@example.org",
        "@x.org",
    ],
)
def test_a_role_and_a_broken_address_prove_nothing(email: str) -> None:
    assert email_of_one(email) is None
    assert rules(Profile("x:1", None, email=email), Profile("y:1", None, email=email)) == []


def test_one_email_with_two_names_on_one_platform_is_a_household() -> None:
    shared = "family.baker@example.org"
    ann = Profile("wordpress:1", None, name="Ann", email=shared)
    bob = Profile("wordpress:2", None, name="Bob", email=shared)
    other = Profile("mastodon:ann", None, name="Ann", email=shared)
    assert rules(ann, bob, other) == []
    assert len(rules(ann, bob._replace(name="ANN"), other)) == 2


@pytest.mark.parametrize("url", ["", "mailto:ann@example.org", "https://", "//[", "ann.example"])
def test_what_is_no_page(url: str) -> None:
    assert page_of(url) is None


@given(
    st.permutations(
        [
            ANN._replace(links=("https://ann.example",)),
            ANN._replace(name="", email="ann@example.org", links=()),
            BLOG._replace(links=("https://a.example/@ann",)),
            Profile("x:1", None, email="ann@example.org", verified=("https://ann.example",)),
        ]
    )
)
def test_the_order_of_profiles_does_not_matter(profiles: list[Profile]) -> None:
    assert len(rules(*profiles)) == 3
    assert prove(profiles) == prove(sorted(profiles))


def test_a_handle_that_one_account_alone_bore_is_that_account() -> None:
    ann = Profile("x:8001", None, name="Ann", handle="Ann_Bell")
    assert rules(ann, accounts=("x:@ann_bell",)) == [("x:8001", "x:@ann_bell", "handle")]
    vanity = Profile("googleplus:1", None, handle="+BoLee")
    assert rules(vanity, accounts=("googleplus:+bolee",)) == [("googleplus:+bolee", "googleplus:1", "handle")]


def test_a_handle_that_two_accounts_bore_proves_nothing() -> None:
    before = Profile("x:8001", None, handle="ann_bell")
    after = Profile("x:9009", None, handle="ann_bell")
    assert rules(before, after, accounts=("x:@ann_bell",)) == []


def test_a_handle_on_another_platform_is_somebody_else_s() -> None:
    assert rules(Profile("x:8001", None, handle="ann"), accounts=("instagram:ann", "x:@anna")) == []


def test_an_account_is_not_proved_by_its_own_handle() -> None:
    assert rules(Profile("instagram:ann", None, handle="ann"), accounts=("instagram:ann",)) == []


_url = st.builds(
    "".join,
    st.lists(
        st.sampled_from(
            [
                "http",
                "https",
                "://",
                "www.",
                "WWW.",
                "a.example",
                "B",
                "/",
                "/x",
                "?q",
                "#f",
                ":443",
                ":80",
                "@",
                " ",
            ]
        ),
        max_size=7,
    ),
)


@given(_url)
def test_a_plain_address_is_read_as_any_other(url: str) -> None:
    # what is in capitals is never plain
    scheme, mark, rest = url.partition("://")
    assert page_of(url) == page_of(scheme.upper() + mark + rest)
