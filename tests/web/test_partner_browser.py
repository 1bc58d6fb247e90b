"""The partner's page used in a second browser while the owner's is open: no account, no cookie, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_partner_nudges_comments_and_writes_and_the_owner_reads_it(
    browser: Browser, running: Running
) -> None:
    owners = browser.new_context()
    owner = owners.new_page()
    owner.goto(f"{running.base}/plan/partners")
    owner.get_by_label("Name", exact=True).fill("Wilhelmina")
    owner.get_by_label("see figures, not only kept or missed").check()
    owner.get_by_role("button", name="Make a link").click()
    link = owner.get_by_label("The address").input_value()

    theirs = browser.new_context(java_script_enabled=False)
    partner = theirs.new_page()
    answer = partner.goto(link)
    assert answer is not None
    assert answer.status == 200
    partner.get_by_role("button", name="Nudge about: 4 posts, each week").click()
    assert partner.get_by_role("status").inner_text() == "It is passed on."
    partner.get_by_label("Your words").fill("How was the market?")
    partner.get_by_role("button", name="Pass it on").click()
    partner.get_by_label("What is next").fill("I ask again on Friday")
    partner.get_by_role("button", name="Write your part").click()
    assert "I ask again on Friday" in partner.content()
    assert theirs.cookies() == []

    owner.goto(f"{running.base}/plan/partners")
    assert "How was the market?" in owner.content()
    assert "gave a nudge" in owner.content()
    owner.goto(f"{running.base}/plan/check-ins")
    assert "I ask again on Friday" in owner.content()

    owner.goto(f"{running.base}/plan/partners")
    owner.get_by_role("button", name="End with Wilhelmina").click()
    answer = partner.goto(link)
    assert answer is not None
    assert answer.status == 404
    assert "opens nothing" in partner.content()
    theirs.close()
    owners.close()


def test_the_report_prints_on_paper(browser: Browser, running: Running) -> None:
    page = browser.new_page()
    page.goto(f"{running.base}/plan/report")
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Main").is_visible()
    assert not page.get_by_role("link", name="As a mail").is_visible()
    assert page.get_by_role("heading", name="Goals").is_visible()
    assert page.pdf().startswith(b"%PDF-")
    page.close()
