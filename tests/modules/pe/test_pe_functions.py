"""The functions of the module pe give what libyara's give, with every overload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.testing import assert_agrees
from miniyara.testing.interrogation import fields_of
from miniyara.testing.subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Ask: TypeAlias = Callable[..., dict[str, str]]

(SUBJECT,) = (subject for subject in SUBJECTS if subject.module == "pe")


def test_every_function_with_arguments_of_the_file(data: bytes, ask: Ask) -> None:
    fields, _ = fields_of("miniyara", "pe", data)
    answers = ask(data, *dict.fromkeys(SUBJECT.questions(fields)))
    functions = {question.partition("(")[0] for question in answers}
    assert len(functions) >= 17, "each has an answer that is not undefined"


def test_without_a_pe_file_nothing_is_defined(data: bytes, ask: Ask) -> None:
    fields, _ = fields_of("miniyara", "pe", data)
    questions = [q for q in SUBJECT.questions(fields) if "valid_on" not in q]
    assert ask(b"MZ", *dict.fromkeys(questions)) == {}


def test_imports_by_name(data: bytes, ask: Ask) -> None:
    answers = ask(
        data,
        'pe.imports("kernel32.dll", "readfile")',
        'pe.imports("kernel32.dll", "ReadFileEx")',
        'pe.imports("kernel32.dll")',
        'pe.imports("kernel32.dll\\x00more", "readfile\\x00more")',
        'pe.import_rva("kernel32.dll\\x00more", "readfile")',
        'pe.imports(pe.IMPORT_DELAYED, "user32.dll", "messageboxa")',
        'pe.imports("user32.dll", "messageboxa")',
        'pe.imports("ws2_32.dll", "accept")',
        'pe.imports("ws2_32.dll", 2)',
        'pe.imports("ws2_32.dll", 3)',
        'pe.imports("odd.ocx", "ord7")',
    )
    assert list(answers.values()) == ["1", "0", "4", "1", "1", "0", "1", "1", "0", "1"]


def test_imports_by_regular_expression(data: bytes, ask: Ask) -> None:
    answers = ask(
        data,
        "pe.imports(/kernel/i, /./)",
        "pe.imports(/kernel/i, /^ReadFile$/)",
        "pe.imports(/^/, /./)",  # a match of nothing at the start counts for none
        "pe.imports(/$/, /./)",
        "pe.imports(pe.IMPORT_ANY, /./, /a/i)",
        "pe.imports(0, /./, /./)",
        "pe.exports(/^/)",  # here it counts
        "pe.exports_index(/^f/)",
        "pe.exports(/^F.*t$/)",
    )
    assert list(answers.values()) == ["4", "2", "0", "0", "7", "0", "1", "3", "1"]


def test_a_regular_expression_with_too_many_ways_matches_nothing(data: bytes, ask: Ask) -> None:
    answers = ask(data, "pe.exports(/(a|.|F|i|.){0,50}(b|.|i){0,300}x/)", "pe.exports(/Fir/)")
    assert list(answers.values()) == ["0", "1"]


def test_ordinals_beyond_the_number_of_exports(data: bytes, ask: Ask) -> None:
    answers = ask(
        data, "pe.exports(5)", "pe.exports(4)", "pe.exports_index(5)", "pe.exports_index(1)"
    )
    # The base is 5, and there are 4 exports, so libyara denies all of them.
    assert answers == {"pe.exports(5)": "0", "pe.exports(4)": "0"}


def test_a_resource_without_a_language_has_one(data: bytes, ask: Ask) -> None:
    assert ask(data, "pe.language(9)", "pe.language(0xFF)", "pe.locale(0x409)") == {
        "pe.language(9)": "1",
        "pe.language(0xFF)": "0",
        "pe.locale(0x409)": "1",
    }


def test_loops_over_the_tables(data: bytes) -> None:
    questions = (
        'for any s in pe.sections : (s.name == ".rdata")',
        "for all s in pe.sections : (s.virtual_address > 0x1000)",
        'for any k, v in pe.version_info : (v == "miniyara")',
        "for any l in pe.import_details : (for any f in l.functions : (f.ordinal == 500))",
        'for any e in pe.export_details : (e.forward_name == "other.Function")',
        "for any s in pe.signatures : (s.valid_on(1))",
        "for all s in pe.signatures : (s.valid_on(1))",
    )
    rules = [f"rule r{n} {{ condition: {text} }}" for n, text in enumerate(questions)]
    source = 'import "pe" ' + " ".join(rules)
    assert len(assert_agrees(source, data).rules) == 4
    assert_agrees(source, b"MZ")
