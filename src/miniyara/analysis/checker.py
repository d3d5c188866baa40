"""Rules as the parser hands them over -> a :class:`Program`.

The parser calls the :class:`Checker` for each rule as soon as it is read, because
whether a rule is good decides what the parser says about the text behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.analysis import catalog
from miniyara.analysis.fragments import check_fragments
from miniyara.analysis.operators import check_boolean
from miniyara.analysis.origin import ImportedModule, Located, RuleText
from miniyara.analysis.program import CheckedRule, CheckedString, Program
from miniyara.analysis.scope import CheckError, RuleScope
from miniyara.analysis.strings import check_strings
from miniyara.errors import Error
from miniyara.modules import find as find_module
from miniyara.modules.interface import Structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.analysis.condition import Condition
    from miniyara.analysis.scope import Names
    from miniyara.diagnostics import Diagnostic
    from miniyara.syntax import nodes
    from miniyara.syntax.nodes import Span
    from miniyara.syntax.parser import BrokenRule, Place, TextError


class Checker:
    """Checks rules in the order of their text; a :class:`~miniyara.syntax.parser.RuleHandler`."""

    def __init__(
        self,
        names: Names,
        *,
        strict_escape: bool,
        max_strings_per_rule: int,
        strings_before: int = 0,
    ) -> None:
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.imports: list[ImportedModule] = []
        self.texts: list[RuleText] = []
        """By rule, where it stands."""
        self.first_rules: list[Located] = []
        """The rules with which a text begins or goes on after an include."""
        self._names = names
        self._strings_before = strings_before
        self._strict_escape = strict_escape
        self._max_strings_per_rule = max_strings_per_rule
        self._rules: list[CheckedRule] = []
        self._conditions: list[Condition] = []
        self._strings: list[CheckedString] = []
        self._modules: list[str] = []

    def program(self) -> Program:
        """What has been checked; to be asked for if there are no errors."""
        return Program(
            tuple(self._rules),
            tuple(self._conditions),
            tuple(self._strings),
            tuple(self._modules),
            dict(self._names.externals),
            tuple(self.warnings),
        )

    # -- what the parser calls -------------------------------------------------------

    def report(self, diagnostic: Diagnostic) -> None:
        """Take an error in the text."""
        self.errors.append(diagnostic)

    def add_import(self, statement: nodes.Import, place: Place) -> bool:
        """Take an import; whether it is good."""
        text, _, rest = statement.module.partition(b"\0")
        name = text.decode("utf-8", "replace")
        kind, reason = None, ""
        imports = self._names.imports.setdefault(place.source.namespace, {})
        if not text or rest or statement.module.endswith(b"\0"):
            kind = catalog.INVALID_MODULE_NAME
        elif name not in imports:
            try:
                module = find_module(name)
            except Error as error:
                module, reason = None, str(error)
            if module is None:
                # libyara knows the name from now on, as that of an empty structure.
                imports[name] = Structure({})
                kind = catalog.BROKEN_MODULE if reason else catalog.UNKNOWN_MODULE
            else:
                imports[name] = module.declaration
                self._modules.append(name)
                self.imports.append(ImportedModule(place.source.namespace, name, len(self._rules)))
        if kind is not None:
            self.report(place.diagnostic(kind, statement.span, name=name, reason=reason))
        return kind is None

    def add_rule(self, rule: nodes.Rule, place: Place, text_errors: Sequence[TextError]) -> bool:
        """Take a rule; whether it is good."""
        scope = self._scope(rule.name, place)
        try:
            self._declare(scope, rule.name, rule.name_span, place)
            first = self._strings_before + len(self._strings)
            check_strings(scope, rule.strings, first)
            condition = check_boolean(scope, rule.condition)
            self._check_whole(scope, rule)
        except CheckError as error:
            self._report_in_order(error, text_errors)
            return False
        self._report_all(text_errors)
        self._strings += [
            CheckedString(
                string.name,
                string.declaration,
                string.pattern,
                string.fixed_offset if string.is_fixed and string.is_referenced else None,
                string.single_match,
            )
            for string in scope.strings
        ]
        self._conditions.append(condition.step)
        self._rules.append(
            CheckedRule(
                rule.name,
                place.source.namespace,
                rule.is_private,
                rule.is_global,
                rule.tags,
                rule.meta,
                range(first, self._strings_before + len(self._strings)),
                condition.required > 0,
                scope.has_effect,
            )
        )
        self._note_place(rule, place)
        return True

    def _note_place(self, rule: nodes.Rule, place: Place) -> None:
        text = RuleText(place.source.text, rule.name_span.start, rule.span.end)
        if not self.texts or self.texts[-1].text is not text.text:
            self.first_rules.append(Located(rule, text))
        self.texts.append(text)

    def add_broken_rule(self, rule: BrokenRule, place: Place) -> bool:
        """Take what was read of a rule; whether it has no error before that of the parser."""
        scope = self._scope(rule.name, place)
        try:
            self._declare(scope, rule.name, rule.name_span, place)
            check_strings(scope, rule.strings, len(self._strings))
            check_fragments(scope, rule.condition)
        except CheckError as error:
            self._report_in_order(error, rule.text_errors)
            return False
        self._report_all(rule.text_errors)
        return True

    def _report_in_order(self, error: CheckError, text_errors: Sequence[TextError]) -> None:
        """Report an error among those of the lexer: libyara checks while it reads."""
        # At the end of the source it has read everything.
        before = [one for one in text_errors if not 0 <= error.reached < one.reached]
        self._report_all(before)
        self.report(error.diagnostic)
        self._report_all(text_errors[len(before) :])

    def _report_all(self, errors: Iterable[TextError]) -> None:
        for error in errors:
            self.report(error.diagnostic)

    # -- rules -------------------------------------------------------------------------

    def _scope(self, name: str, place: Place) -> RuleScope:
        return RuleScope(
            self._names,
            place.source.namespace,
            name,
            place,
            self.warnings.append,
            self._strict_escape,
        )

    def _declare(self, scope: RuleScope, name: str, span: Span, place: Place) -> None:
        """Make the rule's name known (``yr_parser_reduce_rule_declaration_phase_1``)."""
        names, namespace = self._names, place.source.namespace
        if (namespace, name) in names.rules or name in names.externals:
            scope.fail(catalog.DUPLICATED_IDENTIFIER, span, name=name)
        if any(name.startswith(prefix) for prefix in names.prefixes.get(namespace, ())):
            scope.fail(catalog.MATCHES_WILDCARD, span, name=name)
        names.rules[namespace, name] = len(names.rule_order)
        names.rule_order.append(name)

    def _check_whole(self, scope: RuleScope, rule: nodes.Rule) -> None:
        """What can be checked only at the end (``..._declaration_phase_2``)."""
        patterns = [string.pattern for string in scope.strings]
        if sum([pattern.atom_count for pattern in patterns]) > (
            limits.ATOMS_PER_RULE_WARNING_THRESHOLD
        ):
            scope.warn(catalog.SLOW_RULE, rule.span)
        count = 0
        for string in scope.strings:
            if not string.is_referenced and not string.name.startswith("$_"):
                scope.fail(
                    catalog.UNREFERENCED_STRING,
                    rule.span,
                    shown=string.declaration.span,
                    name=string.name,
                )
            count += string.pattern.part_count
            if count > self._max_strings_per_rule:
                limit = self._max_strings_per_rule
                scope.fail(catalog.TOO_MANY_STRINGS, rule.span, name=rule.name, limit=limit)
