"""A statement that is compiled once for each kind of database and then handed to the driver as it is.

What every command runs goes this way: SQLAlchemy's own way of executing costs three times what SQLite needs to do the
work. The statement stays a SQLAlchemy one, with its types; errors are SQLAlchemy's, too. Where somebody listens to the
statements of an engine, or has them echoed, they take SQLAlchemy's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Executable

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
        self._forms: dict[tuple[str, tuple[str, ...]], _Form] = {}

    def run(self, connection: Connection, values: Values) -> int:
        """Run it; return how many rows it changed."""
        if _is_watched(connection):
            return int(connection.execute(self._statement, values).rowcount)
        return int(self._execute(connection, self._form(connection, values), values).rowcount)

    def run_many(self, connection: Connection, values: Sequence[Values]) -> None:
        """Run it once for each of these; all have the same names."""
        if not values:
            return
        if len(values) == 1:
            self.run(connection, values[0])
        elif _is_watched(connection):
            connection.execute(self._statement, values)
        else:
            form = self._form(connection, values[0])
            raw = connection.connection.dbapi_connection
            assert raw is not None
            try:
                raw.cursor().executemany(form.sql, [form.parameters(each) for each in values])
            except connection.dialect.loaded_dbapi.Error as error:
                raise _wrapped(connection, form.sql, error) from error

    def row(self, connection: Connection, values: Values) -> dict[str, Any] | None:
        """Return its first row by the names of the columns, None when there is none."""
        if _is_watched(connection):
            seen = connection.execute(self._statement, values).mappings().first()
            return None if seen is None else dict(seen)
        form = self._form(connection, values)
        found = self._execute(connection, form, values).fetchone()
        return None if found is None else form.row(found)

    def rows(self, connection: Connection, values: Values) -> list[dict[str, Any]]:
        """Return all its rows by the names of the columns."""
        if _is_watched(connection):
            return [dict(seen) for seen in connection.execute(self._statement, values).mappings()]
        form = self._form(connection, values)
        return [form.row(found) for found in self._execute(connection, form, values).fetchall()]

    def column(self, connection: Connection, values: Values) -> list[Any]:
        """Return the first column of all its rows."""
        if _is_watched(connection):
            return list(connection.execute(self._statement, values).scalars())
        form = self._form(connection, values)
        convert = form.converters[0]
        found = self._execute(connection, form, values).fetchall()
        return [each[0] for each in found] if convert is None else [convert(each[0]) for each in found]

    def scalar(self, connection: Connection, values: Values) -> Any:
        """Return the first column of its first row, None when there is none."""
        if _is_watched(connection):
            return connection.execute(self._statement, values).scalar()
        form = self._form(connection, values)
        found = self._execute(connection, form, values).fetchone()
        convert = form.converters[0]
        return None if found is None else found[0] if convert is None else convert(found[0])

    def _execute(self, connection: Connection, form: _Form, values: Values) -> Any:
        raw: Any = connection.connection.dbapi_connection
        try:
            return raw.execute(form.sql, form.parameters(values))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(connection, form.sql, error) from error

    def _form(self, connection: Connection, values: Values) -> _Form:
        names = tuple(values) if isinstance(self._statement, Insert) else ()
        dialect = connection.dialect
        form = self._forms.get((dialect.name, names))
        if form is None:
            form = self._forms[dialect.name, names] = _compile(self._statement, dialect, names)
        return form


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


def _is_watched(connection: Connection) -> bool:
    return bool(connection._has_events or connection.engine._has_events or connection._echo)  # noqa: SLF001 (the same)


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
