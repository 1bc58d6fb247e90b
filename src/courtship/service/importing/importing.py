"""Import: files, folders and archives into the log, and what came of it, in words for the owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from courtship.errors import CourtshipError, StoreFailure
from courtship.model import (
    Activity,
    Appended,
    Coverage,
    Decision,
    Micros,
    Origin,
    Problem,
    Profile,
    Record,
    Snapshot,
)
from courtship.service.importing.imported_decisions import decide_again
from courtship.service.importing.lists import what_they_add
from courtship.service.people.deciding import set_settings
from courtship.sources import registry
from courtship.sources.base import Claim
from courtship.sources.spans import Spans
from courtship.sources.tree import Tree
from courtship.sources.walk import open_tree

if TYPE_CHECKING:
    import pyarrow as pa

    from courtship.store.workspace import Workspace

WAITING: Final = 50_000
"""Single records among tables that wait for each other before they are written."""

LISTED: Final = 1_000
"""Problems of one file that are listed; the rest are counted."""

Progress = Callable[[str, int, int], None]
"""Called as an import goes on: which file, how many bytes of it are read, how many there are."""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What came of one file or archive, as one format. ``read``, ``new`` and ``known`` count activities."""

    path: str
    format: str | None
    read: int = 0
    new: int = 0
    known: int = 0
    problems: int = 0


@dataclass(slots=True)
class ImportResult:
    """What came of an import. ``offered`` are accounts that the files say are the owner's own."""

    files: list[ImportedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    offered: list[Profile] = field(default_factory=list)
    dry_run: bool = False

    @property
    def new(self) -> int:
        """Activities that were not in the log."""
        return sum(file.new for file in self.files)

    @property
    def known(self) -> int:
        """Activities that were."""
        return sum(file.known for file in self.files)

    @property
    def exit_status(self) -> int:
        """1 where any of the input was at fault."""
        return 1 if self.problems else 0

    def as_json(self) -> dict[str, Any]:
        """The shape that ``courtship import --json`` promises."""
        return {
            "files": [
                {
                    "path": file.path,
                    "format": file.format,
                    "read": file.read,
                    "new": file.new,
                    "known": file.known,
                    "problems": file.problems,
                }
                for file in self.files
            ],
            "new": self.new,
            "known": self.known,
            "problems": [problem._asdict() for problem in self.problems],
            "offered": [{"account": own.account, "name": own.name} for own in self.offered],
            "dry_run": self.dry_run,
        }


class _TakenBack(Exception):
    """Ends a trial import: everything it wrote is rolled back."""


def import_paths(
    workspace: Workspace,
    paths: Iterable[Path],
    *,
    now: Micros,
    format: str | None = None,
    source: str = "",
    progress: Progress | None = None,
    dry_run: bool = False,
    settings: Mapping[str, str] | None = None,
) -> ImportResult:
    """Reads files, folders and archives into the workspace; told again, nothing counts twice.

    ``settings`` of the owner's are set first, and remembered.
    ``source`` is the namespace of the ids. Bad input never raises: it becomes problems of the result, and
    whatever could be read is in. With ``dry_run`` all happens inside one transaction that is taken back.
    """
    run = _Import(workspace, now, format, source, progress)
    if not dry_run:
        set_settings(workspace, settings or {}, now=now)
        run.all(paths)
        return run.result
    run.result.dry_run = True
    try:
        with workspace.transaction():
            set_settings(workspace, settings or {}, now=now)
            run.all(paths)
            raise _TakenBack
    except _TakenBack:
        return run.result


class _Import:
    def __init__(
        self, workspace: Workspace, now: Micros, format: str | None, source: str, progress: Progress | None
    ) -> None:
        self.workspace = workspace
        self.now = now
        self.format = format
        self.source = source
        self.progress = progress
        self.result = ImportResult()

    def all(self, paths: Iterable[Path]) -> None:
        """Every path; a full disk or a lost database ends it, nothing else does."""
        try:
            for path in paths:
                self._path(path)
        except StoreFailure as error:
            self._failed(str(getattr(self, "at", "")), error)

    def _path(self, path: Path) -> None:
        self.at = path
        try:
            with open_tree(path) as tree:
                for claim in registry.claims(
                    tree,
                    now=self.now,
                    format=self.format,
                    settings=self._settings(),
                    brand=self.workspace.brand(),
                ):
                    self._claim(claim)
                self._left_over(tree)
                archives = list(tree.archives)
        except StoreFailure:
            raise
        except CourtshipError as error:
            self._failed(str(path), error)
            return
        except OSError as error:
            self._failed(str(path), CourtshipError(f"could not be read: {error.strerror or error}"))
            return
        for archive in archives:
            self._path(archive)

    def _settings(self) -> dict[str, str]:
        """What the owner has set, by name, as text."""
        return {
            decision.subject: str(decision.detail.get("value", ""))
            for decision in self.workspace.decisions("setting.set")
        }

    def _failed(self, path: str, error: CourtshipError) -> None:
        problem = Problem(path, "", str(error).removeprefix(f"{path}: "))
        self.result.problems.append(problem)
        self.result.files.append(ImportedFile(path, None, problems=1))

    def _left_over(self, tree: Tree) -> None:
        """Problems of the container that no claim has reported."""
        left = list(tree.take_problems())
        if left:
            self.result.problems += left
            self.workspace.add_problems(left, Origin(str(tree.path), "", self.source, self.now))

    def _claim(self, claim: Claim) -> None:
        path = str(claim.tree.path)
        origin = Origin(path, claim.source.name, self.source, self.now)
        self._watch(claim, path)
        stream = _Stream(claim, Spans(self.workspace.brand()))
        appended = _append(self.workspace, stream, origin)
        for problem in claim.tree.take_problems():
            stream.note(problem)
        stream.problems += appended.problems
        stream.count += len(appended.problems)
        read, new, known = appended.read, appended.new, appended.known
        more = [*self._derived(stream)]
        if more:
            derived = self.workspace.append(more, origin)
            read, new, known = read + derived.read, new + derived.new, known + derived.known
        for problem in decide_again(self.workspace, stream.decisions, path):
            stream.note(problem)
        listed = stream.listed(path)
        self.workspace.add_problems(listed, origin)
        self.result.problems += listed
        self._offer(stream.own)
        self.result.files.append(ImportedFile(path, claim.source.name, read, new, known, stream.count))

    def _watch(self, claim: Claim, path: str) -> None:
        if self.progress is None:
            return
        progress, total, done = self.progress, claim.size, 0

        def read(count: int) -> None:
            nonlocal done
            done += count
            progress(path, min(done, total), total)

        claim.tree.watch(read)

    def _derived(self, stream: _Stream) -> Iterator[Record]:
        """What follows from the file as a whole: coverage, and who came and went between two lists."""
        if stream.claim.source.generic and not stream.declared:
            yield from stream.spans.coverage()
        if stream.lists:
            yield from what_they_add(self.workspace, stream.lists)

    def _offer(self, own: Sequence[Profile]) -> None:
        if not own:
            return
        declined = {decision.subject for decision in self.workspace.decisions("brand.decline")}
        known = self.workspace.brand() | declined | {profile.account for profile in self.result.offered}
        for profile in own:
            if profile.account not in known:
                known |= {profile.account}
                self.result.offered.append(profile)


def _append(workspace: Workspace, stream: _Stream, origin: Origin) -> Appended:
    """Everything that a source tells; tables by the fast way, and what stands between them by the other."""
    if stream.claim.source.tables is None:
        return workspace.append(stream, origin)
    import pyarrow as pa

    from courtship.tables import activity_batch

    activities: list[Activity] = []
    others: list[Record] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for told in stream.tables():
            if isinstance(told, Activity):
                activities.append(told)
                if len(activities) >= WAITING:
                    yield activity_batch(activities)
                    activities.clear()
            elif isinstance(told, pa.RecordBatch):
                yield told
            else:
                others.append(told)
                if len(others) >= WAITING:
                    workspace.append(others, origin)
                    others.clear()
        if activities:
            yield activity_batch(activities)

    done = workspace.append_table(batches(), origin)
    rest = workspace.append(others, origin)
    return done._replace(problems=(*done.problems, *rest.problems))


class _Stream:
    """What a source tells on its way to the store: notes what the import needs to know of it."""

    def __init__(self, claim: Claim, spans: Spans) -> None:
        self.claim = claim
        self.spans = spans
        self.problems: list[Problem] = []
        self.count = 0
        self.decisions: list[Decision] = []
        self.lists: list[Snapshot] = []
        self.own: list[Profile] = []
        self.declared = False

    def __iter__(self) -> Iterator[Record | Origin]:
        return self._noted(self.claim.source.read)

    def tables(self) -> Iterator[pa.RecordBatch | Record]:
        """The same by the source's faster way."""
        assert self.claim.source.tables is not None
        return self._noted(self.claim.source.tables)

    def _noted(self, read: Callable[[Claim], Iterator[Any]]) -> Iterator[Any]:
        generic = self.claim.source.generic
        for told in self._told(read):
            if isinstance(told, Activity):
                if generic:
                    self.spans.add(told)
            elif isinstance(told, Problem):
                self.note(told)
                continue
            elif isinstance(told, Decision):
                self.decisions.append(told)
                continue
            elif isinstance(told, Snapshot):
                self.lists.append(told)
            elif isinstance(told, Coverage):
                self.declared = True
            elif isinstance(told, Profile) and told.own:
                self.own.append(told)
            elif not isinstance(told, tuple):
                self.spans.add_table(told)
            yield told

    def _told(self, read: Callable[[Claim], Iterator[Any]]) -> Iterator[Any]:
        try:
            yield from read(self.claim)
        except CourtshipError:
            raise
        except (OSError, MemoryError) as error:
            self.note(Problem(str(self.claim.tree.path), "", f"could not be read to its end ({error})"))
        except Exception as error:  # a mistake of ours in one format must not cost the other files
            reason = f"the reader of {self.claim.source.name} stumbled ({error!r:.120}); please report it"
            self.note(Problem(str(self.claim.tree.path), "", reason))

    def note(self, problem: Problem) -> None:
        """Lists a problem, while there are not too many of them."""
        self.count += 1
        if len(self.problems) < LISTED:
            self.problems.append(problem)

    def listed(self, path: str) -> list[Problem]:
        """The problems to show: the first `LISTED`, and how many more there are."""
        more = self.count - len(self.problems)
        if more <= 0:
            return self.problems
        return [*self.problems, Problem(path, "", f"{more:,} more problems like these are not listed")]
