"""The chapter of the book on Python does what it says: its blocks run in order and print what stands below them."""

import contextlib
import io
import re
from pathlib import Path

CHAPTER = Path(__file__).parents[3] / "book" / "src" / "python.md"


def test_the_chapter_prints_what_it_shows():
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", CHAPTER.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 10
    scope = {}
    shown = None
    for kind, text in blocks:
        if kind == "python":
            assert shown in (None, ""), f"the chapter does not show {shown!r}"
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, CHAPTER.name, "exec"), scope)
            shown = out.getvalue()
        else:
            assert (kind, shown) == ("text", text)
            shown = None
