"""The reference interpreter: the value of a condition, by the rules of libyara.

Every node of a condition has a method that computes its value from the values of
its parts; ``value`` is the one place where they are called, so that a subclass can
watch the value of every node.  It follows libyara's ``exec.c`` instruction by
instruction in what is undefined, what wraps around and what counts as true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from miniyara import limits
from miniyara.analysis import condition as steps
from miniyara.evaluation import counting, operations
from miniyara.evaluation.entry_point import entry_point
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from miniyara.analysis.condition import Condition
    from miniyara.deadline import Deadline
    from miniyara.modules.interface import ModuleScan, StructureValue
    from miniyara.search.hits import Hit, Hits
    from miniyara.values import Scalar


class Context(Protocol):
    """What the interpreter asks about the scan that it serves."""

    data: Any
    deadline: Deadline
    externals: Mapping[str, Scalar]

    @property
    def module_scan(self) -> ModuleScan:
        """What functions of modules get to see of the scan."""
        ...

    def hits(self, string: int) -> Hits:
        """The matches of a string."""
        ...

    def has_matched(self, rule: int) -> bool:
        """Whether a rule that was evaluated before has matched."""
        ...

    def module(self, name: str) -> StructureValue:
        """The values of a module."""
        ...


class Interpreter:
    """Evaluates conditions in one scan."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._variables: list[Any] = [UNDEFINED] * (
            limits.MAX_LOOP_NESTING * limits.MAX_LOOP_VARIABLES
        )
        self._current_string: int | None = None

    def is_true(self, condition: Condition) -> bool:
        """Whether a rule with this condition matches."""
        return operations.is_true(self.value(condition))

    def value(self, step: Condition) -> Any:
        """The value of a node."""
        return self._methods[type(step)](self, step)

    # -- values ------------------------------------------------------------------

    def _constant(self, step: steps.Constant) -> Any:
        return step.value

    def _regexp(self, step: steps.Regexp) -> Any:
        return step.regexp

    def _file_size(self, _step: steps.FileSize) -> int:
        return len(self._context.data)

    def _entry_point(self, _step: steps.EntryPoint) -> Any:
        return entry_point(self._context.data)

    def _read_integer(self, step: steps.ReadInteger) -> Any:
        offset = self.value(step.offset)
        data = self._context.data
        if offset is UNDEFINED or not 0 <= offset <= len(data) - step.size:
            return UNDEFINED
        order: Any = "big" if step.is_big_endian else "little"
        return int.from_bytes(data[offset : offset + step.size], order, signed=step.is_signed)

    def _variable(self, step: steps.Variable) -> Any:
        return self._variables[step.slot]

    def _external(self, step: steps.External) -> Any:
        return self._context.externals[step.name]

    def _rule_matches(self, step: steps.RuleMatches) -> bool:
        return self._context.has_matched(step.rule)

    # -- modules -----------------------------------------------------------------

    def _module_root(self, step: steps.ModuleRoot) -> Any:
        return self._context.module(step.module)

    def _field_of(self, step: steps.FieldOf) -> Any:
        owner = self.value(step.owner)
        return UNDEFINED if owner is UNDEFINED else owner.member(step.name)

    def _item_of(self, step: steps.ItemOf) -> Any:
        owner, index = self.value(step.owner), self.value(step.index)
        if owner is UNDEFINED or index is UNDEFINED:
            return UNDEFINED
        return owner.item(index)

    def _entry_of(self, step: steps.EntryOf) -> Any:
        owner, key = self.value(step.owner), self.value(step.key)
        if owner is UNDEFINED or key is UNDEFINED:
            return UNDEFINED
        return owner.value(key)

    def _call_of(self, step: steps.CallOf) -> Any:
        owner = self.value(step.owner)
        arguments = [self.value(argument) for argument in step.arguments]
        if owner is UNDEFINED or UNDEFINED in arguments:
            return UNDEFINED
        if step.is_method:
            arguments.insert(0, owner)
        return step.implementation(self._context.module_scan, *arguments)

    # -- strings -----------------------------------------------------------------

    def _hits(self, string: int | None) -> Hits:
        number = self._current_string if string is None else string
        assert number is not None
        return self._context.hits(number)

    def _string_found(self, step: steps.StringFound) -> bool:
        return self._hits(step.string).any()

    def _string_found_at(self, step: steps.StringFoundAt) -> Any:
        offset = self.value(step.offset)
        return UNDEFINED if offset is UNDEFINED else self._hits(step.string).at(offset)

    def _string_found_in(self, step: steps.StringFoundIn) -> Any:
        low, high = self.value(step.low), self.value(step.high)
        if low is UNDEFINED or high is UNDEFINED:
            return UNDEFINED
        return self._hits(step.string).within(low, high)

    def _count_of(self, step: steps.CountOf) -> int:
        return self._hits(step.string).count()

    def _count_of_in(self, step: steps.CountOfIn) -> Any:
        low, high = self.value(step.low), self.value(step.high)
        if low is UNDEFINED or high is UNDEFINED:
            return UNDEFINED
        return self._hits(step.string).count_within(low, high)

    def _offset_of(self, step: steps.OffsetOf) -> Any:
        hit = self._hit(step)
        return UNDEFINED if hit is None else hit.offset

    def _length_of(self, step: steps.LengthOf) -> Any:
        hit = self._hit(step)
        return UNDEFINED if hit is None else hit.length

    def _hit(self, step: steps.OffsetOf | steps.LengthOf) -> Hit | None:
        index = self.value(step.index)
        if index is UNDEFINED:
            return None
        # libyara does not check the type of an index.
        return self._hits(step.string).hit(operations.as_integer(index))

    # -- operators ---------------------------------------------------------------

    def _negate(self, step: steps.Negate) -> Any:
        value = self.value(step.operand)
        return UNDEFINED if value is UNDEFINED else operations.negate(value)

    def _complement(self, step: steps.Complement) -> Any:
        value = self.value(step.operand)
        # Not "~", of which Python warns where the value is a boolean.
        return UNDEFINED if value is UNDEFINED else value ^ -1

    def _to_float(self, step: steps.ToFloat) -> Any:
        value = self.value(step.operand)
        return UNDEFINED if value is UNDEFINED else float(value)

    def _is_not_empty(self, step: steps.IsNotEmpty) -> Any:
        value = self.value(step.operand)
        return UNDEFINED if value is UNDEFINED else len(value) > 0

    def _binary(self, step: steps.Binary) -> Any:
        # A chain such as 1 + 2 + 3 hangs to the left; it may be long, so no recursion.
        chain = [step]
        while isinstance(chain[-1].left, steps.Binary):
            chain.append(chain[-1].left)
        value = self.value(chain[-1].left)
        for link in reversed(chain):
            right = self.value(link.right)
            value = operations.apply(link.operator, link.type, value, right, self._context.deadline)
        return value

    def _not(self, step: steps.Not) -> Any:
        value = self.value(step.operand)
        return UNDEFINED if value is UNDEFINED else not operations.is_true(value)

    def _defined(self, step: steps.Defined) -> bool:
        return self.value(step.operand) is not UNDEFINED

    def _and(self, step: steps.And) -> bool:
        # The first operand decides alone only if it is defined and false; from then
        # on it is the outcome so far that counts, and that is always defined.
        first = self.value(step.operands[0])
        result = operations.is_true(first)
        if not result and first is not UNDEFINED:
            return False
        for operand in step.operands[1:]:
            result = operations.is_true(self.value(operand)) and result
            if not result:
                return False
        return True

    def _or(self, step: steps.Or) -> Any:
        # A first operand that decides alone is the value as it is, which a loop may
        # count as more than 1; any other outcome is a boolean.
        first = self.value(step.operands[0])
        if operations.is_true(first):
            return first
        return any(operations.is_true(self.value(operand)) for operand in step.operands[1:])

    # -- quantifiers -------------------------------------------------------------

    def _of_strings(self, step: steps.OfStrings) -> Any:
        quantifier, found = self.value(step.quantifier), self._found(step)
        if found is UNDEFINED:
            return UNDEFINED
        return counting.quantify(quantifier, step.is_percentage, found, len(step.strings))

    def _found(self, step: steps.OfStrings) -> Any:
        """For each string of a set whether it is where it is wanted; undefined if that is."""
        hits, strings = self._context.hits, step.strings
        if step.at is not None:
            offset = self.value(step.at)
            return UNDEFINED if offset is UNDEFINED else counting.found_at(hits, strings, offset)
        if step.low is not None and step.high is not None:
            low, high = self.value(step.low), self.value(step.high)
            if low is UNDEFINED or high is UNDEFINED:
                return UNDEFINED
            return counting.found_within(hits, strings, low, high)
        return counting.found_any(hits, strings)

    def _of_rules(self, step: steps.OfRules) -> Any:
        quantifier = self.value(step.quantifier)
        found = map(self._context.has_matched, step.rules)
        return counting.quantify(quantifier, step.is_percentage, found, len(step.rules))

    def _loop(self, step: steps.Loop) -> bool:
        count = counting.LoopCount(self.value(step.quantifier))
        outer = self._current_string
        try:
            for _ in self._iterate(step):
                self._context.deadline.check()
                if not count.goes_on(self.value(step.body)):
                    break
        finally:
            self._current_string = outer
        return count.verdict()

    def _iterate(self, step: steps.Loop) -> Iterator[None]:
        """Put each item in turn into the loop's variables."""
        iterator = step.iterator
        variables = self._variables
        if isinstance(iterator, steps.OverStrings):
            for string in iterator.strings:
                self._current_string = string
                yield
        elif isinstance(iterator, steps.OverDictionary):
            dictionary = self.value(iterator.dictionary)
            key_slot, value_slot = step.slots
            for key, value in () if dictionary is UNDEFINED else dictionary.items():
                variables[key_slot], variables[value_slot] = key, value
                yield
        else:
            (slot,) = step.slots
            for item in self._items(iterator):
                variables[slot] = item
                yield

    def _items(
        self, iterator: steps.OverRange | steps.OverItems | steps.OverArray
    ) -> Iterable[Any]:
        if isinstance(iterator, steps.OverRange):
            low, high = self.value(iterator.low), self.value(iterator.high)
            return () if low is UNDEFINED or high is UNDEFINED else range(low, high + 1)
        if isinstance(iterator, steps.OverItems):
            return [self.value(item) for item in iterator.items]
        array = self.value(iterator.array)
        return () if array is UNDEFINED else counting.array_items(array)

    _methods: ClassVar[dict[type, Callable[[Any, Any], Any]]] = {
        steps.Constant: _constant,
        steps.Regexp: _regexp,
        steps.FileSize: _file_size,
        steps.EntryPoint: _entry_point,
        steps.ReadInteger: _read_integer,
        steps.Variable: _variable,
        steps.External: _external,
        steps.RuleMatches: _rule_matches,
        steps.ModuleRoot: _module_root,
        steps.FieldOf: _field_of,
        steps.ItemOf: _item_of,
        steps.EntryOf: _entry_of,
        steps.CallOf: _call_of,
        steps.StringFound: _string_found,
        steps.StringFoundAt: _string_found_at,
        steps.StringFoundIn: _string_found_in,
        steps.CountOf: _count_of,
        steps.CountOfIn: _count_of_in,
        steps.OffsetOf: _offset_of,
        steps.LengthOf: _length_of,
        steps.Negate: _negate,
        steps.Complement: _complement,
        steps.ToFloat: _to_float,
        steps.IsNotEmpty: _is_not_empty,
        steps.Binary: _binary,
        steps.Not: _not,
        steps.Defined: _defined,
        steps.And: _and,
        steps.Or: _or,
        steps.OfStrings: _of_strings,
        steps.OfRules: _of_rules,
        steps.Loop: _loop,
    }
