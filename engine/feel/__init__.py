"""FEEL, the expression language of OMG DMN 1.5: text in, value out; no I/O, no clock of its own, no Python reachable.

    compile_expression('count(plans[state = "late"]) > 0').evaluate(variables, now=now, zone=zone)

**Null or error.** What DMN answers with null is null here: an unknown name, a missing member, an operator or function
whose operands do not fit, a division by zero. `FeelSyntaxError` is a text that is no FEEL (the deploy gate finds it);
`FeelError` at evaluation means that a limit was passed (`engine.feel.limits`) or an `assert` does not hold. Nothing
else is raised. Whoever needs a value that is not null says so where the value is used: a condition that is null, a
correlation key that is null, a collection that is null stop the process with an incident.

**Values.** number: int, Decimal (float is read, never made); string: str; boolean: bool; date, time, date and time:
`datetime`; days and time duration: `timedelta`; years and months duration: `YearsMonthsDuration`; list: list; context:
dict; range: `Range`; function: `Function`. An int stays an int, a Decimal a Decimal; a division of ints that leaves a
remainder makes a Decimal of 34 digits. Functions, and ranges of anything, are values within an expression; all others
can be stored.
"""

from engine.feel.builtins.working_days import ADD as ADD_WORKING_DAYS
from engine.feel.builtins.working_days import BETWEEN as WORKING_DAYS_BETWEEN
from engine.feel.errors import AssertionFailed, FeelError, FeelSyntaxError, LimitReached
from engine.feel.expression import CompiledExpression, compile_expression, compile_unary_tests
from engine.feel.values import Function, Range, YearsMonthsDuration
from engine.feel.written import as_json

__all__ = [
    "ADD_WORKING_DAYS",
    "WORKING_DAYS_BETWEEN",
    "AssertionFailed",
    "CompiledExpression",
    "FeelError",
    "FeelSyntaxError",
    "Function",
    "LimitReached",
    "Range",
    "YearsMonthsDuration",
    "as_json",
    "compile_expression",
    "compile_unary_tests",
]
