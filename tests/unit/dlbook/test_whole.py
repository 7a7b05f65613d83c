"""Files that later builds lean on: whole or not at all."""

from pathlib import Path

import pytest

from dlbook.sphinx import live
from dlbook.whole import write_whole


@pytest.fixture
def full_disk(monkeypatch):
    """From now on half of what is written fits."""
    write = Path.write_bytes

    def half(path, data):
        write(path, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)


def test_text_and_bytes_are_written_and_folders_made(tmp_path):
    write_whole(tmp_path / "new" / "text", "naïve")
    write_whole(tmp_path / "new" / "bytes", b"\0\1")
    assert (tmp_path / "new" / "text").read_text("utf-8") == "naïve"
    assert (tmp_path / "new" / "bytes").read_bytes() == b"\0\1"


def test_where_there_is_no_room_what_was_there_stays(tmp_path, full_disk, monkeypatch):
    path = tmp_path / "file"
    path.write_text("before", "utf-8")
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "afterwards")
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [("file", "before")]


def test_a_figure_that_could_not_be_kept_is_made_again(tmp_path, full_disk):
    path = tmp_path / "live" / "figure-0123.js"
    with pytest.raises(OSError, match="No space"):
        live.keep(path, "figure", "<live-figure>", "dlbook.frames(…)")
    assert not path.exists()
