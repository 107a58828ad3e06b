"""佐证材料 in the store: found by hash, one file for one content, whole or absent; and nothing of what was refused."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from models.closure import EvidenceKind
from models.errors import DubanError, HomeError, UsageRefused
from models.evidence import HandedIn, StagedFile, keep, path_of, sha256_of, staged
from models.ladder import EvidenceRules

RULES = EvidenceRules(4 << 20, frozenset({"docx", "jpg", "pdf", "zip"}))
CONTENTS = [b"1", "整改情况报告".encode(), b"\x00\xff" * 1000, b"x" * ((1 << 20) + 1), b"y" * (4 << 20)]


def given_file(folder: Path, content: bytes = b"photo", name: str = "整改报告.docx") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def files_in(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def kept(store: Path, *paths: Path, rules: EvidenceRules = RULES) -> tuple[StagedFile, ...]:
    """As an action does that is allowed: stages all, then keeps all."""
    with staged([HandedIn(path) for path in paths], store, rules) as files:
        for file in files:
            keep(file)
    return files


def place(content: bytes) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    return Path(sha256[:2], sha256)


# What is kept


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_a_file_lies_under_the_hash_of_its_content(tmp_path: Path, content: bytes) -> None:
    store, source = tmp_path / "home" / "evidence", given_file(tmp_path, content)
    (file,) = kept(store, source)
    sha256 = hashlib.sha256(content).hexdigest()
    assert (file.sha256, file.name, file.size) == (sha256, "整改报告.docx", len(content))
    assert files_in(store) == [place(content)]
    assert path_of(sha256, store).read_bytes() == source.read_bytes() == content
    assert sha256_of(path_of(sha256, store)) == sha256


def test_several_files_keep_their_order_names_and_kinds(tmp_path: Path) -> None:
    report, rule = given_file(tmp_path), given_file(tmp_path, b"rule", "制度.pdf")
    given = [HandedIn(rule, EvidenceKind.RULE), HandedIn(report)]
    with staged(given, tmp_path / "evidence", RULES) as files:
        told = [(file.name, file.kind, file.size) for file in files]
    assert told == [("制度.pdf", EvidenceKind.RULE, 4), ("整改报告.docx", EvidenceKind.PROOF, 5)]


def test_before_it_is_kept_a_file_lies_in_no_place_of_its_own(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    with staged([HandedIn(given_file(tmp_path))], store, RULES) as (file,):
        assert not path_of(file.sha256, store).exists()
        assert file.copy.read_bytes() == b"photo"
        keep(file)
        assert files_in(store) == [place(b"photo")]
    assert files_in(store) == [place(b"photo")]


def test_what_is_stored_does_not_follow_the_original(tmp_path: Path) -> None:
    """Not after it is kept, nor between the check and the keeping."""
    store, source = tmp_path / "evidence", given_file(tmp_path, b"as submitted")
    with staged([HandedIn(source)], store, RULES) as (file,):
        source.write_bytes(b"improved meanwhile")
        keep(file)
    source.write_bytes(b"improved later")
    assert path_of(file.sha256, store).read_bytes() == b"as submitted"


def test_a_link_is_stored_as_what_it_points_to(tmp_path: Path) -> None:
    link = tmp_path / "link.pdf"
    link.symlink_to(given_file(tmp_path, b"behind the link"))
    (file,) = kept(tmp_path / "evidence", link)
    assert file.name == "link.pdf"
    assert not path_of(file.sha256, tmp_path / "evidence").is_symlink()


@pytest.mark.parametrize("name", ["照片.JPG", "a.b.Pdf", "压缩包 (1).zip"])
def test_an_ending_counts_in_any_letters(tmp_path: Path, name: str) -> None:
    assert [file.name for file in kept(tmp_path / "evidence", given_file(tmp_path, name=name))] == [name]


# The same content again


def test_the_same_content_twice_is_one_file_and_two_names(tmp_path: Path) -> None:
    """In one action, and in another one later."""
    store, names = tmp_path / "evidence", ["照片1.jpg", "照片2.jpg", "照片3.jpg"]
    first, second, third = (given_file(tmp_path, b"photo", name) for name in names)
    files = kept(store, first, second) + kept(store, third)
    assert [file.name for file in files] == names
    assert {file.sha256 for file in files} == {hashlib.sha256(b"photo").hexdigest()}
    assert files_in(store) == [place(b"photo")]


def test_what_lies_there_sound_is_left_alone(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    kept(store, given_file(tmp_path))
    before = (store / place(b"photo")).stat()
    kept(store, given_file(tmp_path))
    assert (store / place(b"photo")).stat().st_ino == before.st_ino


@pytest.mark.parametrize("broken", [b"", b"phot0", b"photo and more"])
def test_a_stored_file_that_was_spoilt_is_replaced_when_it_is_handed_in_again(tmp_path: Path, broken: bytes) -> None:
    store = tmp_path / "evidence"
    kept(store, given_file(tmp_path))
    (store / place(b"photo")).write_bytes(broken)
    kept(store, given_file(tmp_path))
    assert (store / place(b"photo")).read_bytes() == b"photo"
    assert files_in(store) == [place(b"photo")]


# What is refused

Make = Callable[[Path], Path]


def absent(folder: Path) -> Path:
    return folder / "没有的文件.pdf"


def dangling(folder: Path) -> Path:
    (folder / "link.pdf").symlink_to(folder / "nowhere")
    return folder / "link.pdf"


def a_folder(folder: Path) -> Path:
    (folder / "材料.zip").mkdir()
    return folder / "材料.zip"


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.pdf")
    return folder / "pipe.pdf"


def empty(folder: Path) -> Path:
    return given_file(folder, b"")


def too_large(folder: Path) -> Path:
    return given_file(folder, b"y" * (6 << 20))


def named(name: str) -> Make:
    return lambda folder: given_file(folder, name=name)


TYPES = "可接收：docx、jpg、pdf、zip；如需增加，请修改 policy.yaml 的 evidence.types。"
# fmt: off
REFUSED = [
    (absent, "佐证材料“{path}”不存在或不是文件。", "请检查文件的路径。", "absent"),
    (dangling, "佐证材料“{path}”不存在或不是文件。", "请检查文件的路径。", "a link to nothing"),
    (a_pipe, "佐证材料“{path}”不存在或不是文件。", "请检查文件的路径。", "a pipe, which would be read for ever"),
    (a_folder, "佐证材料“材料.zip”是目录，不是文件。", "请先打包成一个文件（如 zip）再上报。", "a folder"),
    (empty, "佐证材料“整改报告.docx”是空文件。", "请检查文件内容后重新上报。", "empty"),
    (too_large, "佐证材料“整改报告.docx”有6.0MB，超过上限4.0MB。",
     "请压缩或拆分后重新上报；上限由 policy.yaml 的 evidence.max_size 设定。", "too large"),
    (named("run.exe"), "佐证材料“run.exe”“.exe”类型，不在可接收的类型之内。", TYPES, "of a type that is not taken"),
    (named("a.pdf.exe"), "佐证材料“a.pdf.exe”“.exe”类型，不在可接收的类型之内。", TYPES, "the last ending counts"),
    (named("整改报告"), "佐证材料“整改报告”没有扩展名，不在可接收的类型之内。", TYPES, "without an ending"),
    (named(".pdf"), "佐证材料“.pdf”没有扩展名，不在可接收的类型之内。", TYPES, "a name that only looks like an ending"),
    (named("整改报告."), "佐证材料“整改报告.”没有扩展名，不在可接收的类型之内。", TYPES, "a dot and no ending"),
]
# fmt: on


@pytest.mark.parametrize(("make", "zh", "cure", "_"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_is_refused_leaves_nothing(tmp_path: Path, make: Make, zh: str, cure: str, _: str) -> None:
    """Also where a sound file was handed in before it."""
    sound, store = given_file(tmp_path, name="sound.pdf"), tmp_path / "evidence"
    path = make(tmp_path)
    with (
        pytest.raises(UsageRefused) as refusal,
        staged([HandedIn(sound), HandedIn(path)], store, RULES),
    ):
        pytest.fail("it was taken")
    assert (refusal.value.zh, refusal.value.cure) == (zh.format(path=path), cure)
    assert not store.exists()


def test_an_office_decides_how_large_and_of_which_types(tmp_path: Path) -> None:
    small = EvidenceRules(1536, frozenset({"exe"}))
    kept(tmp_path / "evidence", given_file(tmp_path, b"x" * 1536, "a.exe"), rules=small)
    with pytest.raises(UsageRefused, match=r"超过上限1\.5KB"):
        kept(tmp_path / "evidence", given_file(tmp_path, b"x" * 1537, "b.exe"), rules=small)
    with pytest.raises(UsageRefused, match=r"“\.pdf”类型"):
        kept(tmp_path / "evidence", given_file(tmp_path, name="a.pdf"), rules=small)


# What went wrong on the way


class Interrupted(Exception):  # noqa: N818 - any error of the caller's
    """Something that stops an action between staging and keeping."""


@pytest.mark.parametrize("keeping", [0, 1, 2])
def test_after_an_error_only_what_was_kept_is_there(tmp_path: Path, keeping: int) -> None:
    store, contents = tmp_path / "evidence", [b"one", b"two"]
    given = [HandedIn(given_file(tmp_path, content, f"{content!r}.pdf")) for content in contents]
    with pytest.raises(Interrupted), staged(given, store, RULES) as files:
        for file in files[:keeping]:
            keep(file)
        raise Interrupted
    assert files_in(store) == sorted(place(content) for content in contents[:keeping])


def test_what_was_not_kept_is_gone_without_an_error_too(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    with staged([HandedIn(given_file(tmp_path))], store, RULES):
        pass
    assert files_in(store) == []


def test_nothing_handed_in_is_nothing_kept(tmp_path: Path) -> None:
    with staged([], tmp_path / "evidence", RULES) as files:
        assert files == ()
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("in_the_way", ["evidence", "evidence/55"])
def test_where_nothing_can_be_stored_the_office_is_told(tmp_path: Path, in_the_way: str) -> None:
    """A file lies where a folder should be; the SHA-256 of "photo" begins with 55."""
    assert place(b"photo").parts[0] == "55"
    taken = tmp_path / in_the_way
    taken.parent.mkdir(exist_ok=True)
    taken.write_bytes(b"")
    with pytest.raises(HomeError, match=r"佐证材料“整改报告\.docx”未能存入") as refusal:
        kept(tmp_path / "evidence", given_file(tmp_path))
    assert refusal.value.cure
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.name.startswith("tmp")] == []


def test_what_cannot_be_read_takes_back_what_was_copied_before_it(tmp_path: Path) -> None:
    """A file that is there when it is looked at and gone when it is read: as on a share that breaks off."""
    store, good, bad = tmp_path / "evidence", given_file(tmp_path, name="a.pdf"), given_file(tmp_path, name="b.pdf")

    class Vanishing(type(bad)):  # type: ignore[misc]
        """Cannot be opened, whoever asks; taking permissions away would not stop root."""

        def open(self, *args: object, **named: object) -> object:
            raise PermissionError(self)

    with (
        pytest.raises(HomeError, match=r"“b\.pdf”未能存入"),
        staged([HandedIn(good), HandedIn(Vanishing(bad))], store, RULES),
    ):
        pytest.fail("it was taken")
    assert files_in(store) == []


@pytest.mark.parametrize(("make", "_zh", "_cure", "_"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_a_refusal_is_a_sentence_and_a_cure(tmp_path: Path, make: Make, _zh: str, _cure: str, _: str) -> None:
    with pytest.raises(DubanError) as refusal:
        kept(tmp_path / "evidence", make(tmp_path))
    for sentence in (refusal.value.zh, refusal.value.cure):
        assert sentence.endswith("。")
        assert sentence.count("。") == 1
