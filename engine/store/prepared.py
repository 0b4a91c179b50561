"""A statement that is compiled once for each kind of database and then handed to the driver as it is.

What every command runs goes this way: SQLAlchemy's own way of executing costs three times what SQLite needs to do the
work. The statement stays a SQLAlchemy one, with its types; errors are SQLAlchemy's, too. Where somebody listens to the
statements of an engine, or has them echoed, they take SQLAlchemy's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Connection, Dialect, Executable

_TOGETHER: Final = 16  # rows of one INSERT
Values = Mapping[str, Any]
Converter = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Form:
    """The statement in the words of one database: its text, its parameters in order, its columns."""

    sql: str
    positional: bool
    given: tuple[tuple[str, str, Converter], ...]  # name, key in the values, converter
    defaults: Values  # what the statement itself holds
    columns: tuple[str, ...]
    converters: tuple[Converter, ...]

    def parameters(self, values: Values) -> Any:
        """Return the values as the driver takes them."""
        if self.defaults:
            values = {**self.defaults, **values}
        if self.positional:
            return [values[key] if convert is None else convert(values[key]) for _, key, convert in self.given]
        return {name: values[key] if convert is None else convert(values[key]) for name, key, convert in self.given}

    def row(self, found: Sequence[Any]) -> dict[str, Any]:
        """Return a row by the names of its columns."""
        return {
            name: value if convert is None else convert(value)
            for name, convert, value in zip(self.columns, self.converters, found, strict=True)
        }


class Prepared:
    """One statement, run many times; its values are named as its bound parameters are."""

    def __init__(self, statement: Executable) -> None:
        self._statement: Final = statement
        self._inserts_values: Final = isinstance(statement, Insert) and statement.select is None
        self._forms: dict[tuple[str, tuple[str, ...], int], _Form] = {}

    def run(self, connection: Connection, values: Values) -> int:
        """Run it; return how many rows it changed."""
        raw = _raw(connection)
        if raw is None:
            return int(connection.execute(self._statement, values).rowcount)
        return int(self._execute(connection, raw, self._form(connection, values), values).rowcount)

    def put(self, connection: Connection, *values: Values, otherwise: Callable[[], Exception] | None = None) -> None:
        """Run it for each of these, at the latest before this transaction asks anything or commits.

        Args:
            connection: Where.
            values: All have the same names.
            otherwise: Makes the error that is raised, now or with what is asked next, unless one row is changed.
        """
        if not values:
            return
        raw: Any = _raw(connection)
        if raw is None:
            for each in values:
                changed = connection.execute(self._statement, each).rowcount
                if otherwise is not None and changed != 1:
                    raise otherwise()
            return
        for form, each in self._forms_of(connection, values):
            try:
                raw.later(form.sql, form.parameters(each), otherwise)
            except connection.dialect.loaded_dbapi.Error as error:
                raise _wrapped(connection, form.sql, error) from error

    def row(self, connection: Connection, values: Values) -> dict[str, Any] | None:
        """Return its first row by the names of the columns, None when there is none."""
        raw = _raw(connection)
        if raw is None:
            seen = connection.execute(self._statement, values).mappings().first()
            return None if seen is None else dict(seen)
        form = self._form(connection, values)
        found = self._execute(connection, raw, form, values).fetchone()
        return None if found is None else form.row(found)

    def rows(self, connection: Connection, values: Values) -> list[dict[str, Any]]:
        """Return all its rows by the names of the columns."""
        raw = _raw(connection)
        if raw is None:
            return [dict(seen) for seen in connection.execute(self._statement, values).mappings()]
        form = self._form(connection, values)
        return [form.row(found) for found in self._execute(connection, raw, form, values).fetchall()]

    def column(self, connection: Connection, values: Values) -> list[Any]:
        """Return the first column of all its rows."""
        raw = _raw(connection)
        if raw is None:
            return list(connection.execute(self._statement, values).scalars())
        form = self._form(connection, values)
        convert = form.converters[0]
        found = self._execute(connection, raw, form, values).fetchall()
        return [each[0] for each in found] if convert is None else [convert(each[0]) for each in found]

    def scalar(self, connection: Connection, values: Values) -> Any:
        """Return the first column of its first row, None when there is none."""
        raw = _raw(connection)
        if raw is None:
            return connection.execute(self._statement, values).scalar()
        form = self._form(connection, values)
        found = self._execute(connection, raw, form, values).fetchone()
        convert = form.converters[0]
        return None if found is None else found[0] if convert is None else convert(found[0])

    @staticmethod
    def _execute(connection: Connection, raw: Any, form: _Form, values: Values) -> Any:
        try:
            return raw.ask(form.sql, form.parameters(values))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(connection, form.sql, error) from error

    def _forms_of(self, connection: Connection, values: Sequence[Values]) -> Iterator[tuple[_Form, Values]]:
        """Yield what to run for these values: rows to be inserted go several at once."""
        if len(values) == 1 or not self._inserts_values:
            form = self._form(connection, values[0])
            yield from ((form, each) for each in values)
            return
        names = tuple(values[0])
        for at in range(0, len(values), _TOGETHER):
            some = values[at : at + _TOGETHER]
            if len(some) == 1:
                yield self._form(connection, some[0]), some[0]
                continue
            yield (
                self._many(connection, names, len(some)),
                {f"{name}_{row}": each[name] for row, each in enumerate(some) for name in names},
            )

    def _many(self, connection: Connection, names: tuple[str, ...], count: int) -> _Form:
        known = (connection.dialect.name, names, count)
        form = self._forms.get(known)
        if form is None:
            assert isinstance(self._statement, Insert)
            columns = self._statement.table.c  # their types are said: SQLAlchemy gives them to the first row only
            rows: list[dict[str, BindParameter[Any]]] = [
                {name: bindparam(f"{name}_{row}", type_=columns[name].type) for name in names} for row in range(count)
            ]
            form = self._forms[known] = _compile(self._statement.values(rows), connection.dialect, ())
        return form

    def _form(self, connection: Connection, values: Values) -> _Form:
        names = tuple(values) if self._inserts_values else ()
        dialect = connection.dialect
        known = (dialect.name, names, 1)
        form = self._forms.get(known)
        if form is None:
            form = self._forms[known] = _compile(self._statement, dialect, names)
        return form


def first_rows(connection: Connection, *asked: tuple[Prepared, Values]) -> list[dict[str, Any] | None]:
    """Run several statements, none of which needs the answer of another, and return the first row of each.

    They run in this order; where there is a network, they travel together.
    """
    raw = _raw(connection)
    if raw is None:
        return [statement.row(connection, values) for statement, values in asked]
    forms = [(statement._form(connection, values), values) for statement, values in asked]  # noqa: SLF001 (its own room)
    try:
        cursors = raw.ask_all([(form.sql, form.parameters(values)) for form, values in forms])
        found = [cursor.fetchone() for cursor in cursors]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, forms[-1][0].sql, error) from error
    return [None if row is None else form.row(row) for (form, _), row in zip(forms, found, strict=True)]


def _compile(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Form:
    compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
    assert isinstance(compiled, SQLCompiler)
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise TypeError("Expected a statement whose text is always the same, but it has a list of values inside.")
    # No public way leads to its converters; SQLAlchemy is pinned to 2.1.
    converters: Mapping[str, Any] = compiled._bind_processors  # noqa: SLF001
    keys = {name: bind.key for bind, name in compiled.bind_names.items()}
    order = compiled.positiontup if compiled.positiontup is not None else list(keys)
    columns = compiled._result_columns  # noqa: SLF001 (the same)
    return _Form(
        sql=str(compiled),
        positional=compiled.positiontup is not None,
        given=tuple((name, keys[name], converters.get(name)) for name in order),
        defaults={
            bind.key: compiled.params[name]
            for bind, name in compiled.bind_names.items()
            if not bind.required and not names
        },
        columns=tuple(entry.keyname for entry in columns),
        converters=tuple(
            entry.type._cached_result_processor(dialect, None)  # noqa: SLF001 (the same)
            for entry in columns
        ),
    )


def _raw(connection: Connection) -> Any:
    """Return the driver's connection; None where SQLAlchemy must see the statement, or must begin the transaction."""
    watched = connection._has_events or connection.engine._has_events or connection._echo  # noqa: SLF001 (the same)
    if watched or not connection.in_transaction():
        return None
    raw = connection.connection.dbapi_connection
    return raw if hasattr(raw, "ask") else None


def _wrapped(connection: Connection, sql: str, error: Exception) -> BaseException:
    """Return what SQLAlchemy would raise; a connection that is broken is given up."""
    dialect = connection.dialect
    raw: Any = connection.connection.dbapi_connection
    broken = isinstance(error, dialect.loaded_dbapi.Error) and dialect.is_disconnect(error, raw, None)
    if broken:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=broken,
        dialect=dialect,
    )
