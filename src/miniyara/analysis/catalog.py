"""Every error and warning that checking rules can have, with libyara's text for it.

The texts are those of libyara (``compiler.c``, ``grammar.y``, ``parser.c``), down
to their slips, since programs look for them.
"""

from __future__ import annotations

from typing import Final

from miniyara.diagnostics import Kind


def _error(code: str, title: str, message: str, example: str) -> Kind:
    return Kind(code, title, message, example)


def _warning(code: str, title: str, message: str, example: str) -> Kind:
    return Kind(code, title, message, example, is_warning=True)


# -- names -----------------------------------------------------------------------

DUPLICATED_IDENTIFIER: Final = _error(
    "duplicated-identifier",
    "a rule with the name of another rule or of an external variable",
    'duplicated identifier "{name}"',
    "rule a { condition: true } rule a { condition: true }",
)
MATCHES_WILDCARD: Final = _error(
    "rule-matches-wildcard",
    "a rule that would have belonged to a set of rules used before it",
    'rule identifier "{name}" matches previously used wildcard rule set',
    "rule a1 { condition: any of (a*) } rule a2 { condition: true }",
)
UNDEFINED_IDENTIFIER: Final = _error(
    "undefined-identifier",
    "a name that is nothing",
    'undefined identifier "{name}"',
    "rule a { condition: b }",
)
UNKNOWN_MODULE: Final = _error(
    "unknown-module",
    "an import of a module that does not exist",
    'unknown module "{name}"',
    'import "nothing"',
)
BROKEN_MODULE: Final = _error(
    "broken-module",
    "an import of a module of another package that cannot be loaded; ours alone",
    "{reason}",
    'import "..."',
)
INVALID_MODULE_NAME: Final = _error(
    "invalid-module-name",
    "an import of something that cannot be a module",
    'invalid module name "{name}"',
    'import ""',
)
NOT_A_STRUCTURE: Final = _error(
    "not-a-structure",
    "a field of something that has no fields",
    '"{name}" is not a structure',
    "rule a { condition: a.x }",
)
INVALID_FIELD: Final = _error(
    "invalid-field",
    "a field that a structure does not have",
    'invalid field name "{name}"',
    'import "math" rule a { condition: math.nothing }',
)
NOT_INDEXABLE: Final = _error(
    "not-indexable",
    "an index into something that is no array or dictionary",
    '"{name}" is not an array or dictionary',
    'import "math" rule a { condition: math[0] }',
)
NOT_A_FUNCTION: Final = _error(
    "not-a-function",
    "a call of something that is no function",
    '"{name}" is not a function',
    'import "math" rule a { condition: math() }',
)
WRONG_ARGUMENTS: Final = _error(
    "wrong-arguments",
    "arguments that a function does not take",
    'wrong arguments for function "{name}"',
    'import "math" rule a { condition: math.abs("x") }',
)
UNKNOWN_ARGUMENT: Final = _error(
    "unknown-argument",
    "an argument whose type is not known yet",
    "unknown type for argument {number} in function call",
    'import "math" rule a { condition: for any i in (math.abs(i)..1) : (true) }',
)
WRONG_USAGE: Final = _error(
    "wrong-usage",
    "a structure, array, dictionary or function where a value is needed",
    'wrong usage of identifier "{name}"',
    'import "math" rule a { condition: math }',
)

# -- types and values ----------------------------------------------------------------

WRONG_TYPE: Final = _error(
    "wrong-type",
    "an operand of a type that the operator does not take",
    'wrong type "{type}" for {operator} operator',
    'rule a { condition: 1 contains "x" }',
)
WRONG_TYPE_UNNAMED: Final = _error(
    "wrong-type-unnamed",
    "as wrong-type, where libyara finds no words",
    "",
    'rule a { condition: /a/ contains "x" }',
)
TYPE_MISMATCH: Final = _error(
    "type-mismatch",
    "operands of types that do not go together",
    "type mismatch",
    'rule a { condition: 1 == "a" }',
)
STRING_OPERATION: Final = _error(
    "string-operation",
    "arithmetic with strings",
    'strings don\'t support "{operator}" operation',
    'rule a { condition: "a" + "b" == "ab" }',
)
ARRAY_INDEX: Final = _error(
    "array-index",
    "an array index that is no integer",
    "array indexes must be of integer type",
    'import "pe" rule a { condition: pe.sections["x"].name == "x" }',
)
DICTIONARY_KEY: Final = _error(
    "dictionary-key",
    "a dictionary key that is no string",
    "dictionary keys must be of string type",
    'import "pe" rule a { condition: pe.version_info[0] == "x" }',
)
RANGE_LOW: Final = _error(
    "range-low",
    "the start of a range is no integer",
    "wrong type for range's lower bound",
    "rule a { condition: for any i in (a..3) : (true) }",
)
RANGE_HIGH: Final = _error(
    "range-high",
    "the end of a range is no integer",
    "wrong type for range's upper bound",
    'rule a { condition: for any i in (1.."a") : (true) }',
)
ENUMERATION_ITEM: Final = _error(
    "enumeration-item",
    "an item that cannot be iterated over",
    "wrong type for enumeration item",
    "rule a { condition: for any i in (1.5, 2) : (true) }",
)
ENUMERATION_TYPES: Final = _error(
    "enumeration-types",
    "items of different types",
    "enumerations must be all the same type",
    'rule a { condition: for any i in (1, "a") : (true) }',
)
INVALID_VALUE: Final = _error(
    "invalid-value",
    "a value that makes no sense where it stands",
    'invalid value in condition: "{value}"',
    'rule a { strings: $a = "xyz" condition: -1 of them }',
)
INVALID_PERCENTAGE: Final = _error(
    "invalid-percentage",
    "a percentage that is not between 1 and 100",
    "percentage must be between 1 and 100 (inclusive)",
    'rule a { strings: $a = "xyz" condition: 101% of them }',
)
CONSTANT_OVERFLOW: Final = _error(
    "constant-overflow",
    "constants whose result does not fit 64 bits",
    'integer overflow in "{left} {operator} {right}"',
    "rule a { condition: 9223372036854775807 + 1 == 0 }",
)
DIVISION_BY_ZERO: Final = _error(
    "division-by-zero",
    "a division by the constant 0",
    "division by zero",
    "rule a { condition: 1 \\ 0 == 0 }",
)
NEGATIVE_SHIFT: Final = _error(
    "negative-shift",
    "a shift by a negative constant, for which libyara finds no words",
    "",
    "rule a { condition: 1 << -1 == 0 }",
)
TOO_DEEP: Final = _error(
    "condition-too-deep",
    "a condition nested more deeply than this engine follows",
    "condition is nested too deeply (limit: {limit})",
    "rule a { condition: not not not ... true }",
)

LONG_SETS: Final = _error(
    "long-sets",
    "sets of a rule that name more strings and rules than this engine keeps",
    "sets name too many strings or rules (limit: {limit})",
    "rule a { strings: ... condition: any of ($*, $*, $*, ...) }",
)

# -- loops --------------------------------------------------------------------------------

LOOP_NESTING: Final = _error(
    "loop-nesting",
    "more than four loops inside each other",
    "loop nesting limit exceeded",
    "rule a { condition: for any i in (1..2) : (for any j in (1..2) : (...)) }",
)
NESTED_FOR_OF: Final = _error(
    "nested-for-of",
    "a loop over strings inside another one",
    "'for <quantifier> of <string set>' loops can't be nested",
    'rule a { strings: $a = "xyz" condition: for any of them : (for any of them : (true)) }',
)
DUPLICATED_LOOP_VARIABLE: Final = _error(
    "duplicated-loop-variable",
    "a loop variable with the name of another one",
    'duplicated loop identifier "{name}"',
    "rule a { condition: for any i in (1..2) : (for any i in (1..2) : (true)) }",
)
NOT_ITERABLE: Final = _error(
    "not-iterable",
    "a loop over something that has no items",
    'identifier "{name}" is not iterable',
    'import "math" rule a { condition: for any i in math : (true) }',
)
ARRAY_VARIABLES: Final = _error(
    "array-variables",
    "a loop over an array with more than one variable",
    'iterator for "{name}" yields a single item on each iteration, but the loop expects {count}',
    'import "pe" rule a { condition: for any i, j in pe.sections : (true) }',
)
DICTIONARY_VARIABLES: Final = _error(
    "dictionary-variables",
    "a loop over a dictionary without exactly two variables",
    'iterator for "{name}" yields a key,value pair item on each iteration',
    'import "pe" rule a { condition: for any i in pe.version_info : (true) }',
)
ITEM_VARIABLES: Final = _error(
    "item-variables",
    "a loop over values with more than one variable",
    "iterator yields one value on each iteration , but the loop expects {count}",
    "rule a { condition: for any i, j in (1..2) : (true) }",
)

# -- strings ------------------------------------------------------------------------------

DUPLICATED_STRING: Final = _error(
    "duplicated-string",
    "two strings of one name",
    'duplicated string identifier "{name}"',
    'rule a { strings: $a = "abc" $a = "def" condition: $a }',
)
EMPTY_STRING: Final = _error(
    "empty-string",
    "a string of no characters",
    'empty string "{name}"',
    'rule a { strings: $a = "" condition: $a }',
)
MODIFIER_COMBINATION: Final = _error(
    "modifier-combination",
    "modifiers that do not go together",
    "invalid modifier combination: {first} {second}",
    'rule a { strings: $a = "abc" xor nocase condition: $a }',
)
INVALID_PATTERN: Final = _error(
    "invalid-pattern",
    "a hex string or regular expression that is none",
    "{message}",
    "rule a { strings: $a = { 0 } condition: $a }",
)
UNDEFINED_STRING: Final = _error(
    "undefined-string",
    "a string that the rule does not have",
    'undefined string "{name}"',
    "rule a { condition: $a }",
)
UNREFERENCED_STRING: Final = _error(
    "unreferenced-string",
    "a string that the condition does not use",
    'unreferenced string "{name}"',
    'rule a { strings: $a = "abc" condition: true }',
)
ANONYMOUS_STRING: Final = _error(
    "anonymous-string",
    "a bare $ outside of a loop over strings",
    "wrong use of anonymous string",
    "rule a { condition: $ }",
)
TOO_MANY_STRINGS: Final = _error(
    "too-many-strings",
    "more strings in a rule than are allowed",
    'too many strings in rule "{name}" (limit: {limit})',
    "rule a { strings: ... condition: any of them }",
)

# -- warnings -------------------------------------------------------------------------------

SLOW_STRING: Final = _warning(
    "slow-string",
    "a string that is short, common or vague",
    'string "{name}" may slow down scanning',
    'rule a { strings: $a = "a" condition: $a }',
)
SLOW_RULE: Final = _warning(
    "slow-rule",
    "a rule whose strings have very many variants",
    "rule is slowing down scanning",
    "rule a { strings: ... condition: any of them }",
)
UNBOUNDED_DOT: Final = _warning(
    "unbounded-dot",
    "a regular expression that may run over anything",
    "{name} contains .*, .+ or .{{x,}} consider using .{{,N}}, .{{1,N}} or {{x,N}} with a "
    "reasonable value for N",
    "rule a { strings: $a = /abc.*def/ condition: $a }",
)
UNKNOWN_ESCAPE: Final = _warning(
    "unknown-escape",
    "an escape that means nothing, with strict_escape",
    "unknown escape sequence",
    "rule a { strings: $a = /\\y/ condition: $a }",
)
LITERAL_AS_BOOLEAN: Final = _warning(
    "literal-as-boolean",
    "a literal text where a condition is expected",
    'using literal string "{text}" in a boolean operation.',
    'rule a { condition: "abc" }',
)
ALWAYS_FALSE: Final = _warning(
    "always-false",
    "more is asked for than there is",
    "expression always false - requesting {requested} of {available}.",
    'rule a { strings: $a = "abc" condition: 2 of them }',
)
AMBIGUOUS_ZERO: Final = _warning(
    "ambiguous-zero",
    "the number 0 as a quantifier",
    'consider using "none" keyword, it is less ambiguous.',
    'rule a { strings: $a = "abc" condition: 0 of them }',
)
SEVERAL_AT_ONE_OFFSET: Final = _warning(
    "several-at-one-offset",
    "several strings cannot often be in one place",
    "multiple strings at an offset is usually false.",
    'rule a { strings: $a = "abc" $b = "abd" condition: all of them at 0 }',
)
DEPRECATED_ENTRYPOINT: Final = _warning(
    "deprecated-entrypoint",
    "the keyword entrypoint",
    'using deprecated "entrypoint" keyword. Use the "entry_point" function from PE module instead.',
    "rule a { condition: entrypoint == 0 }",
)
