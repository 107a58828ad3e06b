"""The parts inside an office file (.xlsx, .docx): unpacked within bounds, found by their relations, read as XML.

Used inside the sandbox by the readers of workbooks and documents. Nothing outside the file is ever followed, and
no part that is read may hold a DTD: defusedxml sets up every parser. It does not know what the parts mean.
"""

import posixpath
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from xml.parsers.expat import XMLParserType

from defusedxml.ElementTree import XMLParser

from models.ledger.files.bounds import (
    INFLATED_MOST,
    MEMBERS_MOST,
    RATIO_FROM,
    RATIO_MOST,
    WRITING_INFLATED_MOST,
    WRITING_RATIO_MOST,
    too_dense,
    too_large,
)

_CHUNK = 64 * 1024


Start = Callable[[str, Mapping[str, str]], object]
"""What is told where an element begins: its local name, prefix and namespace taken off, and its attributes."""


class Target(Protocol):
    """What the whole XML of a part is told to, in its order."""

    def start(self, name: str, attributes: Mapping[str, str], /) -> None: ...

    def end(self, name: str, /) -> None: ...

    def data(self, text: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Relation:
    """One part that another names: the id it is named by, the last word of its type, its path in the file."""

    key: str
    kind: str
    path: str


class Root:
    """Hears what the outermost element of a part is called."""

    def __init__(self) -> None:
        self.name = ""

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self.name = self.name or name


class Package:
    """An open office file. Raises zipfile.BadZipFile and the like where it is broken, LedgerRefused beyond bounds."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._archive = zipfile.ZipFile(file)
        self._members = {_plain(member.filename): member for member in self._archive.infolist()}
        file.seek(0, 2)
        self._size = file.tell()
        self._count()

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._members

    def start_of(self, path: str, size: int) -> bytes:
        """The first bytes of a part; none of a part that is not there."""
        if path not in self:
            return b""
        with self._archive.open(self._members[_plain(path)]) as part:
            return part.read(size)

    def related(self, path: str = "") -> tuple[Relation, ...]:
        """The parts that this one names; without a path those of the whole file. What lies outside is left out."""
        folder, _, leaf = path.rpartition("/")
        relations = posixpath.join(folder, "_rels", f"{leaf}.rels")
        if relations not in self:
            return ()
        found = _Relations(folder)
        self.read_starts(relations, found.start)
        return tuple(found.relations)

    def read(self, path: str, target: Target) -> None:
        """Tells the whole part to the target."""
        for _ in self.reading(path, target):
            pass

    def read_starts(self, path: str, start: Start) -> None:
        """Tells where each element of the part begins, and nothing of its text: half the time of `read`."""
        for _ in self._parsed(path, _parser(start)):
            pass

    def reading(self, path: str, target: Target) -> Iterator[None]:
        """Tells the part to the target, a piece for each step. Raises ExpatError, DTDForbidden, KeyError."""
        parser = _parser(target.start)
        names = _Locals()
        parser.EndElementHandler = lambda name: target.end(names[name])
        parser.CharacterDataHandler = target.data
        yield from self._parsed(path, parser)

    def _parsed(self, path: str, parser: XMLParserType) -> Iterator[None]:
        with self._archive.open(self._members[_plain(path)]) as part:
            while chunk := part.read(_CHUNK):
                parser.Parse(chunk)
                yield
        parser.Parse(b"", True)

    def _count(self) -> None:
        """Unpacks every part once, counting, before any is read. A zip bomb raises LedgerRefused."""
        members = self._archive.infolist()
        if len(members) > MEMBERS_MOST:
            raise too_large(self.name)
        most = max(INFLATED_MOST, min(WRITING_INFLATED_MOST, WRITING_RATIO_MOST * self._size))
        size = 0
        for member in members:
            if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise zipfile.BadZipFile("a method no office program uses, and one that unpacks without bounds")
            for chunk in self._unpacked(member):
                size += chunk
                if size > most:
                    raise too_large(self.name)
                if size > RATIO_FROM and size > RATIO_MOST * self._size:
                    raise too_dense(self.name)  # parts that share their bytes are each within the ratio

    def _unpacked(self, member: zipfile.ZipInfo) -> Iterator[int]:
        """How many bytes each step unpacks."""
        packed, size = min(member.compress_size, self._size), 0
        with self._archive.open(member) as part:
            while chunk := part.read(_CHUNK):
                size += len(chunk)
                if size > RATIO_FROM and size > RATIO_MOST * packed:
                    raise too_dense(self.name)
                yield len(chunk)


class _Relations:
    """Collects the relations of one part; those to a place outside the file are not kept."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.relations: list[Relation] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes["Target"].replace("\\", "/")
        path = posixpath.normpath(posixpath.join("/", self._folder, target)).lstrip("/")
        self.relations.append(Relation(attributes["Id"], attributes.get("Type", "").rpartition("/")[2], path))


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


class _Locals(dict[str, str]):
    """Local names by full ones. A sheet says the same few names millions of times; each is cut once."""

    def __missing__(self, name: str) -> str:
        self[name] = cut = local(name)
        return cut


def _plain(path: str) -> str:
    """A path as office programs compare them: without regard to case or to the kind of slash."""
    return path.replace("\\", "/").lstrip("/").lower()


def _parser(start: Start) -> XMLParserType:
    """defusedxml's parser without its tree: what it builds for each element would cost more than reading."""
    parser: XMLParserType = XMLParser(forbid_dtd=True).parser
    parser.ordered_attributes = False
    parser.DefaultHandlerExpand = parser.CommentHandler = parser.ProcessingInstructionHandler = None
    parser.EndElementHandler = parser.CharacterDataHandler = None
    names = _Locals()
    parser.StartElementHandler = lambda name, attributes: start(names[name], attributes)
    return parser
