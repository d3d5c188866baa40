"""What libyara's matchers do that no theory of matching would.

Each line was found by comparing engines; both must go on agreeing about it.
"""

from __future__ import annotations

import pytest

from miniyara.testing import assert_agrees

HABITS = {
    # A repetition is begun anew behind what is optional at its start.
    "restart": ["/x(a?b)+c/", "/x(a?b)+?c/", "/x(a{0,1}b)+c/", "/x(a{0,2}b)+c/", "/x(a?b)*c/"],
    # A split that a thread comes to for the second time ends it.
    "empty rounds": ["/x(a?){4}y/", "/x(a*)+y/", "/x(a|)*y/", "/x(a??){3,}?y/", "/x(b|a?){2,3}y/"],
    # Loops that take nothing use up the threads.
    "too many threads": [r"/x(\b)*y/", "/(.{0,7})+y/", "/a.{0,600}.{0,600}d/", "/x(a?.{0,3})*y/"],
    # Short lazy repetitions are all tried before any long one.
    "lazy": ["/x(ab|a|bbb){0,3}?c/", "/x(a|ab){1,3}?(bc|c)/", "/x(a|ab){2}?b/", "/a(b|bb)??c?/"],
    # The first hit at an offset stays, or of a greedy expression the last.
    "order": ["/abc|ab/", "/ab|abc/", "/a(bb|b)b/", "/xab(bb|b)b/", "/(a|ab)(bc|c)?/", "/ab|a/"],
    # Atoms decide where a match is looked for.
    "atoms": ["/(abc|b)c/", "/a.c|.bc/", "/(a|b)bcx/", "/a[bc]+x|bcx/i", "/(ab|ab)c/", "/(ab)+/"],
    # At the edges.
    "edges": ["/^xa/", "/a$/", "/^$/", "/x*$/", r"/\bx\b/", r"/\Bb\B/", "/(^|a)b/", "/b($|c)/"],
    # A list of places that several jumps have mixed up.
    "jumps": [
        "{ 61 [1-4] 62 [2-5] 63 }",
        "{ 61 [0-3] ?? [3-9] 62 [1-4] 63 }",
        "{ 61 62 [1-4] ?? [1-1] ~62 [2-5] 63 }",
        "{ 61 [2-6] [1-3] [2-4] 63 }",
    ],
    "words": ["/ab+/ fullword", "/ab+?/ fullword", '"ab" fullword', '"ab" wide ascii fullword'],
    "wide": ["/a.c/ wide", "/[^x]b/ wide", "/ab+/ wide ascii", r"/\bab/ wide", "/a$/ wide"],
}
DATA = [
    b"xabcxbbcxababcxbc xaaabbc",
    b"xy xay xaaaay xbay xa y",
    b"abbbbc xabbbb xabbbbc abcabcx ababab",
    b"axbxxcbxcaabxbbccbcxabcbabccabxccbbabcbcaaccbbcc",
    b"a\0b\0c\0 xa\0b\0\0ba\0b\0b\0x ab_ab ab\0",
    b"x" + b"ab" * 30 + b"c",
    b"ab\nabc\nb",
    b"a",
]


@pytest.mark.parametrize("string", [string for strings in HABITS.values() for string in strings])
@pytest.mark.parametrize("data", DATA, ids=range(len(DATA)))
def test_habits_are_libyaras(string: str, data: bytes) -> None:
    assert_agrees(f"rule a {{ strings: $a = {string} condition: #a >= 0 }}", data)


WINDOWS = ["/abcd.*efgh/s", "/abcd.*/s", "/.*abcd/s", r"/abcdx*\b/", "/abcdx*$/", "/^x*abcd/"]


@pytest.mark.parametrize("modifiers", ["", "wide", "wide ascii"])
@pytest.mark.parametrize("string", WINDOWS)
@pytest.mark.parametrize("length", [1015, 1016, 1017, 1019, 1020, 1021, 1023, 1024, 1025])
def test_a_match_goes_so_far_and_no_further(string: str, modifiers: str, length: int) -> None:
    rule = f"rule a {{ strings: $a = {string} {modifiers} condition: #a >= 0 }}"
    narrow = b"x" * length + b"abcd" + b"x" * length + b"efgh"
    wide = b"".join(bytes([byte, 0]) for byte in narrow[length // 2 : -length // 2])
    for data in (narrow, narrow[:-4], wide, wide + b"x"):
        assert_agrees(rule, data)


@pytest.mark.parametrize(
    "body", ["a", "x*$", "^x*b", "^$", "", "b.*$", r"\bb", "a{3}$", "(.{0,3})+", r"\Bx", ".{200}"]
)
def test_conditions_look_at_the_start_of_a_text(body: str) -> None:
    for length in (0, 1, 3, 1022, 1023, 1024, 1025, 2048):
        for text in ("x" * length + "b", "a" + "x" * length, "x" * length):
            rule = f"rule a {{ condition: text matches /{body}/ }}"
            assert_agrees(rule, b"", externals={"text": text})
