"""YouTube: Takeouts of all languages and recorded answers of the API, ours and those made by others."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.errors import UnknownFormat
from courtship.model import Activity, Coverage, Post, Problem, Profile, Record, Snapshot, Total
from courtship.platforms.youtube import moment, said, table, watch
from courtship.testing import check_fixture, check_golden, golden_path, read_fixture
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent / "fixtures/youtube"
TAKEOUT = FIXTURES / "takeout-20260504T060708Z-001"
API = FIXTURES / "api"
ME, ANN, BO, CY = (
    "youtube:UCteaRoomOfMiraHolt00001",
    "youtube:UCannBellOfTheBakery0002",
    "youtube:UCboLeeAndHisKettles0003",
    "youtube:UCcyMoonListensOnly00004",
)
RECORDED = 1_777_874_400
COMMENT = "UgwTeaAndCakesFirst01AaABAg"
THREAD = "UgwAnnOnTheVideo000001AaABAg"


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    return {record.id: record for record in read_fixture(TAKEOUT) if isinstance(record, Activity)}


@pytest.fixture(scope="module")
def told() -> dict[str, Activity]:
    return {record.id: record for record in read_fixture(API) if isinstance(record, Activity)}


def test_golden() -> None:
    check_fixture(TAKEOUT)


def test_golden_of_the_api(tmp_path: Path) -> None:
    """Counts are as of the moment at which the file was written."""
    shutil.copytree(API, tmp_path / API.name)
    for path in (tmp_path / API.name).iterdir():
        os.utime(path, (RECORDED, RECORDED))
    check_golden(read_fixture(tmp_path / API.name), golden_path(API))


# ---------------------------------------------------------------- Takeout


def test_a_comment_is_towards_nobody_unless_it_begins_with_a_mention(acts: dict[str, Activity]) -> None:
    first, answer = acts[f"own:{COMMENT}"], acts[f"own:{COMMENT}.9abcDEFghij1"]
    assert (first.kind, first.actor, first.target) == ("comment", ME, "")
    assert first.text == "Lovely crumb, @annbell!"
    assert first.in_reply_to == watch("annBakes001")
    assert (answer.target, answer.text) == (BO, "@bo.lee and what\nflour?")
    assert answer.in_reply_to == first.object == watch("annBakes001", COMMENT)
    (mention,) = [act for act in acts.values() if act.kind == "mention"]
    assert (mention.target, mention.object) == (ANN, first.object)


def test_under_ones_own_video_and_on_posts(acts: dict[str, Activity]) -> None:
    assert acts["own:UgxOnMyOwnVideo000003AaABAg"].target == ME
    about = acts["own:UgzOnACommunityPost04AaABAg"].in_reply_to
    assert about == "https://www.youtube.com/post/UgkxABCDEFGHIJKLMNOPQRSTUVWX"


def test_text_of_before_june_2024_and_chats(acts: dict[str, Activity]) -> None:
    assert acts["own:UgyOldWrapping0000007AaABAg"].text == "Which kettle is it?"
    chats = [act for act in acts.values() if act.id.startswith("chat:")]
    assert [act.text for act in chats] == ["Hello from the tea room", "Bye"]
    assert {act.in_reply_to for act in chats} == {watch("annBakes002")}


def test_liked_videos_and_no_other_playlist(acts: dict[str, Activity]) -> None:
    liked = {act.object: act.at for act in acts.values() if act.kind == "like"}
    assert liked == {
        watch("annBakes001"): parse_iso("2026-02-01T09:58:00Z"),
        watch("boKettles01"): parse_iso("2026-02-10T19:00:00Z"),
    }


def test_subscriptions_owner_and_videos() -> None:
    records = read_fixture(TAKEOUT)
    (listed,) = [r for r in records if isinstance(r, Snapshot)]
    assert (listed.account, listed.direction, listed.members) == (ME, "outbound", (ANN, BO))
    assert listed.at == parse_iso("2026-05-04T06:07:08Z"), "the day in the archive's name"
    (own,) = [r for r in records if isinstance(r, Profile) and r.own]
    assert (own.account, own.name) == (ME, "Tea Room")
    posts = {r.object: r for r in records if isinstance(r, Post)}
    assert [(post.public, post.tags) for post in posts.values()] == [(True, ("tea",)), (False, ())]
    shown = {(r.kind, r.direction): r.seen for r in records if isinstance(r, Coverage)}
    assert shown == {
        ("follow", "outbound"): "full",
        ("comment", "outbound"): "some",
        ("mention", "outbound"): "full",
    }, "likes and most comments are towards nobody that is known: that is not to see them"


def test_faults_are_problems() -> None:
    problems = [r for r in read_fixture(TAKEOUT) if isinstance(r, Problem)]
    assert [(p.where, p.reason.split(":")[0]) for p in problems] == [
        ("line 7", "has no date that can be believed (1990 to 2100); left out"),
        ("line 8", "has no channel's id (UC…)"),
    ]


LANGUAGES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "es": {
        "comments/comments.csv": (
            "comentarios/comentarios.csv",
            "ID de canal,Marca de tiempo de creación del comentario,Precio,ID de comentario,"
            "ID de comentario principal,ID de publicación,ID de vídeo,Texto del comentario,"
            "ID de comentario de nivel superior",
        ),
        "subscriptions/subscriptions.csv": (
            "suscripciones/suscripciones.csv",
            "ID del canal,URL del canal,Título del canal",
        ),
        "live chats/live chats.csv": (
            "mensajes del chat en directo/mensajes del chat en directo.csv",
            "ID del mensaje del chat en directo,ID de canal,"
            "Marca de tiempo de creación del mensaje del chat en directo,Precio,ID de vídeo,"
            "Texto del mensaje del chat en directo",
        ),
        "playlists/Liked videos.csv": ("listas de reproducción/Vídeos que me gustan-vídeos.csv", ""),
    },
    "nl": {
        "comments/comments.csv": (
            "reacties/reacties.csv",
            "Kanaal-ID,Aanmaaktijdstempel reactie,Prijs,Reactie-ID,Bovenliggende reactie-ID,Post-ID,Video-ID,"
            "Reactietekst,Hoofdreactie-ID",
        ),
        "subscriptions/subscriptions.csv": (
            "abonnementen/abonnementen.csv",
            "Kanaal-ID,Kanaal-URL,Kanaaltitel",
        ),
        "playlists/Liked videos.csv": ("afspeellijsten/Video's die ik leuk vind.csv", ""),
    },
    "ro": {
        "comments/comments.csv": ("comentarii/comentarii.csv", ""),
        "subscriptions/subscriptions.csv": (
            "abonamente/abonamente.csv",
            "ID-ul canalului,Adresa URL a canalului,Titlul canalului",
        ),
    },
    "lt": {
        "comments/comments.csv": ("komentarai/komentarai.csv", ""),
        "subscriptions/subscriptions.csv": (
            "prenumeratos/prenumeratos.csv",
            "Kanalo ID,Kanalo URL,Kanalo pavadinimas",
        ),
    },
    "de": {
        "comments/comments.csv": ("Kommentare/Kommentare.csv", ""),
        "subscriptions/subscriptions.csv": ("Abos/Abos.csv", "Kanal-ID,Kanal-URL,Kanaltitel"),
        "playlists/Liked videos.csv": ("Playlists/„Mag ich“-Videos.csv", ""),
    },
    "ja": {
        "comments/comments.csv": ("コメント/コメント.csv", ""),
        "subscriptions/subscriptions.csv": (
            "登録チャンネル/登録チャンネル.csv",
            "チャンネル ID,URL,タイトル",
        ),
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_language(language: str, tmp_path: Path) -> None:
    """Other names of files, folders and columns; ``""``: columns that nobody can read."""
    inside = "Takeout/YouTube and YouTube Music"
    root = tmp_path / TAKEOUT.name
    shutil.copytree(TAKEOUT, root)
    for name, (new, header) in LANGUAGES[language].items():
        old = root / inside / name
        lines = old.read_text(encoding="utf-8").split("\n")
        if not name.startswith("playlists"):
            lines[0] = header or ",".join(f"x{number}" for number in range(lines[0].count(",") + 1))
        (root / inside / new).parent.mkdir(parents=True, exist_ok=True)
        (root / inside / new).write_text("\n".join(lines), encoding="utf-8")
        old.unlink()
    (root / inside).rename(root / "Takeout/YouTube, anders")

    def bare(records: list[Record | Problem]) -> list[str]:
        return sorted(str(record) for record in records if not isinstance(record, Problem))

    assert bare(read_fixture(root)) == bare(read_fixture(TAKEOUT))


def test_columns_in_another_order(tmp_path: Path) -> None:
    shutil.copytree(TAKEOUT, tmp_path / TAKEOUT.name)
    for path in (tmp_path / TAKEOUT.name).rglob("comments*.csv"):
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [row[::-1] for row in csv.reader(stream)]
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)
    assert tally(read_fixture(tmp_path / TAKEOUT.name)) == tally(read_fixture(TAKEOUT))


def test_old_takeouts_json(tmp_path: Path) -> None:
    item = {
        "kind": "youtube#playlistItem",
        "snippet": {
            "publishedAt": "2016-08-08T21:57:03.000Z",
            "channelId": ME.partition(":")[2],
            "title": "Scones",
            "resourceId": {"kind": "youtube#video", "videoId": "annBakes001"},
        },
    }
    path = tmp_path / "Takeout/YouTube/playlists/likes.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(orjson.dumps([item, {"kind": "youtube#playlistItem"}]))
    records = read_fixture(tmp_path)
    assert tally(records) == {"out like?": 1, "Profile": 1, "Problem": 1}
    (like,) = [r for r in records if isinstance(r, Activity)]
    assert (like.actor, like.object, like.at) == (ME, watch("annBakes001"), parse_iso("2016-08-08T21:57:03Z"))


def test_somebody_else_s_tables_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "videos.csv").write_text("id,when\nabcdefghijk,2026-01-01T00:00:00Z\n")
    (tmp_path / "channels.csv").write_text(f"id,name\n{ME.partition(':')[2]},x\n")
    with pytest.raises(UnknownFormat):
        read_fixture(tmp_path)


@pytest.mark.parametrize(
    ("cell", "text", "mentioned"),
    [
        ('{"text":"a"},{"text":"b"}', "ab", [""]),
        ('[{"text":"a"},{"text":"b"}]', "ab", [""]),
        ('{"takeoutSegments":[{"text":"a"},{"text":"b"}]}', "ab", [""]),
        (f'{{"text":"@ann","mention":{{"externalChannelId":"{ANN[8:]}"}}}}', "@ann", [ANN, ANN]),
        (
            f'{{"text":"hi "}},{{"text":"@a","mention":{{"externalChannelId":"{ANN[8:]}"}}}}',
            "hi @a",
            ["", ANN],
        ),
        ('{"text":"a"', '{"text":"a"', [""]),
        ("just words", "just words", [""]),
        ("", "", [""]),
    ],
)
def test_what_is_said(cell: str, text: str, mentioned: list[str]) -> None:
    assert said(cell) == (text, mentioned)


def test_small_parts() -> None:
    assert moment("2021-09-10 10:02:08 UTC") == parse_iso("2021-09-10T10:02:08Z")
    assert moment("0") is None
    assert table(["a"], [["b"]]) == ("", {})


# ---------------------------------------------------------------- API


def test_who_is_answered(told: dict[str, Activity]) -> None:
    towards = {
        id.removeprefix(f"comment:{THREAD}.9reply0000000"): (act.actor, act.target)
        for id, act in told.items()
        if id.startswith(f"comment:{THREAD}.")
    }
    assert towards == {
        "1": (ME, ANN),
        "2": (BO, ME),
        "3": (ME, BO),
        "4:of-somebody": (BO, ""),
        "5": (BO, ANN),
        "6": (ANN, ANN),
    }, "the author of the parent, unless another is named by handle; who is not in the files is nobody"
    first = told[f"comment:{THREAD}"]
    assert (first.actor, first.target, first.text) == (ANN, ME, "How long do you steep it? <3")
    assert told[f"comment:{THREAD}.9reply00000006"].in_reply_to == first.object


def test_comments_of_the_gone_and_on_channels(told: dict[str, Activity]) -> None:
    gone = told["comment:UgzSomebodyGone0000004AaABAg"]
    assert (gone.actor, gone.target) == ("", ME)
    channel = told["comment:UgxCyOnTheChannel00003AaABAg"]
    assert (channel.actor, channel.target) == (CY, ME)
    assert "comment:UgwNotInTheseFiles0006AaABAg.9x:of-somebody" in told


def test_who_subscribes(told: dict[str, Activity]) -> None:
    follows = {(act.actor, act.target, act.precise) for act in told.values() if act.kind == "follow"}
    assert follows == {(ANN, ME, False), (ME, BO, True), (BO, ME, True)}
    (listed,) = [r for r in read_fixture(API) if isinstance(r, Snapshot)]
    assert (listed.account, listed.members, listed.complete) == (ME, (CY,), False)


def test_posts_totals_and_coverage() -> None:
    records = read_fixture(API)
    totals = {r.kind: r.amount for r in records if isinstance(r, Total)}
    assert totals == {"view": 120, "like": 14, "comment": 8}
    assert {r.object for r in records if isinstance(r, Post)} == {watch("teaVideo001"), watch("teaVideo003")}
    shown = {(r.kind, r.direction): r for r in records if isinstance(r, Coverage)}
    assert {r.account for r in shown.values()} == {ME}
    assert {r.seen for r in shown.values()} == {"some"}
    assert ("like", "inbound") not in shown
    problems = [(r.where, r.reason[:12]) for r in records if isinstance(r, Problem)]
    assert problems == [("line 3", "is a refusal"), ("item 3", "is a comment")]


# ---------------------------------------------------------------- made by others


def test_the_takeout_made_by_others_has_no_ids() -> None:
    theirs = shared("youtube") / "what-if-horizon+what-if-data-donation/pytests/public_testfiles"
    records = read_fixture(theirs / "YT_public_test_file.zip")
    assert tally(records) == {"Problem": 8}, "its ids are single digits: nobody can be made of them"


def test_an_emptied_takeout_is_no_format() -> None:
    theirs = shared("youtube") / "d3i-infra+ddp-inspector/ddpinspect/tests/data/youtube"
    with pytest.raises(UnknownFormat):
        read_fixture(theirs / "takeout-20220921T133717Z-001_2022_09_22.zip")


def test_headers_of_donated_takeouts_are_told_apart() -> None:
    """With values put into the columns that real exports have, in their order and language."""
    lines = (
        (shared("youtube") / "what-if-horizon+what-if-data-donation/derived/YT_column_names.csv")
        .read_text(encoding="utf-8")
        .splitlines()[1:]
    )
    values = {
        "Comment_ID": COMMENT,
        "Channel_ID": ME[8:],
        "Channel_Id": ME[8:],
        "Channel_Url": f"http://www.youtube.com/channel/{ME[8:]}",
        "Comment_Create_Timestamp": "2026-01-01T00:00:00+00:00",
        "Video_ID": "annBakes001",
        "Comment_Text": '{"text":"a"}',
        "Video_Create_Timestamp": "2026-01-01T00:00:00+00:00",
    }
    files: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line in lines:
        name, column, _, meant = line.split(",")[:4]
        part, _, role = meant.partition(":")
        if part in {"comments", "subscriptions", "videos"}:
            files.setdefault((name, part), []).append((column, values.get(role, "")))
    seen = {
        (name, part): table([column for column, _ in cells], [[value for _, value in cells]])[0]
        for (name, part), cells in files.items()
    }
    assert len(seen) == 15
    assert {key for key, found in seen.items() if found != key[1]} == set()


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        ("comment_threads", {"other comment?": 13, "other comment": 8, "Profile": 12}),
        ("comments", {"other comment?": 7, "Profile": 4}),
        ("members", {"Problem": 2}),
        ("subscriptions", {"other follow": 29, "Profile": 25}),
        ("activities", {"Post": 15}),
        (
            "",
            {
                "other comment?": 17,
                "other comment": 11,
                "other follow": 29,
                "Post": 15,
                "Profile": 37,
                "Problem": 2,
            },
        ),
    ],
)
def test_recordings_made_by_others(folder: str, wanted: dict[str, int]) -> None:
    counts = tally(read_fixture(shared("youtube") / "sns-sdks+python-youtube/testdata/apidata" / folder))
    counts.pop("Coverage", 0)
    assert counts == wanted


def test_a_recording_of_all_that_concerns_one_channel(tmp_path: Path) -> None:
    theirs = shared("youtube") / "sns-sdks+python-youtube/testdata/apidata"
    for name in ("comment_threads/comment_threads_all_to_me", "comments/comments_by_parent_paged_1"):
        shutil.copy(theirs / f"{name}.json", tmp_path)
    records = read_fixture(tmp_path)
    own = [r.account for r in records if isinstance(r, Profile) and r.own]
    assert set(own) == {"youtube:UCa-vrCLQHviTOVnEKDOdetQ"}
    counts = tally(records)
    assert counts["in comment"] == 4
    assert counts["other comment"] == 2, "answers to the one who wrote them"


PAGES = FIXTURES / "takeout-20190506T143207Z-001"


def test_comments_and_chats_as_web_pages() -> None:
    assert tally(check_fixture(PAGES)) == {
        "out comment?": 3,
        "Profile": 1,
        "Coverage": 1,
        "Problem": 1,
    }
    acts = [record for record in read_fixture(PAGES) if isinstance(record, Activity)]
    assert [act.text for act in acts] == ["Lovely & slow", "And warm", "Hello all"]
    assert acts[1].in_reply_to is not None
    assert "Ugzabcdefghijklmnopqrst4AaABAg" in acts[1].in_reply_to


def test_a_page_of_comments_alone_is_nobodys(tmp_path: Path) -> None:
    page = "Takeout/YouTube/my-comments/my-comments.html"
    (tmp_path / "my-comments").mkdir()
    shutil.copy(PAGES / page, tmp_path / "my-comments")
    (problem,) = read_fixture(tmp_path)
    assert isinstance(problem, Problem)
    assert "whose" in problem.reason
