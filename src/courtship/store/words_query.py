"""Who said a word: looked for in the words of activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MOST = 2000


def people_who_said(workspace: Workspace, words: str) -> frozenset[str]:
    """The ids of people who used all of these words in one activity, at most 2,000."""
    from django.db.models import Q

    from courtship.store.models import Account, Membership, Record

    wanted = Q()
    for word in words.split()[:6]:
        wanted &= Q(text__icontains=word)
    if not wanted:
        return frozenset()
    with workspace.chosen():
        accounts = Record.objects.filter(wanted).values_list("actor", flat=True).distinct()[:MOST]
        addresses = Account.objects.filter(id__in=list(accounts)).values_list("address", flat=True)
        return frozenset(
            Membership.objects.filter(account__in=list(addresses)).values_list("person", flat=True)
        )
