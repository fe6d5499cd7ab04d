"""A table of an SQL database, through SQLAlchemy (the optional extra "sql")."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from everybirth.errors import ReadError
from everybirth.plan import ListPlan
from everybirth.read.table import FileTable, Source, nearest, row_numbers
from everybirth.read.typed import typed_column

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table


def open_sql(part: ListPlan, folder: Path) -> Source:
    """Open one table or view; rows come in the order of the plan's id column.

    part     its list in the plan: path is the URL, table the table's name ("schema.table" too)
    folder   the plan's folder: a relative SQLite file is looked for there
    Raises   ReadError  if SQLAlchemy or the driver is not installed, or the database or table cannot be reached
    """
    try:
        import sqlalchemy
        from sqlalchemy.exc import ArgumentError, NoSuchTableError, SQLAlchemyError
    except ImportError:
        raise ReadError(
            f"list {part.name}: reading a database needs SQLAlchemy. Install it with: pip install 'everybirth[sql]'"
        ) from None
    try:
        url = sqlalchemy.make_url(part.path)
        label = f"{url.render_as_string(hide_password=True)}, table {part.table}"
        if url.get_backend_name() == "sqlite" and url.database:
            file = folder / url.database
            if not file.is_file():
                raise ReadError(f"{label}: there is no file {url.database} beside the plan.")
            url = url.set(database=str(file))
        engine = sqlalchemy.create_engine(url)
        schema, _, name = part.table.rpartition(".")
        table = sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema or None, autoload_with=engine)
    except ArgumentError:
        raise ReadError(f"list {part.name}: path is no database address such as sqlite:///births.db.") from None
    except ImportError as error:
        raise ReadError(f"{label}: the driver {error.name} is not installed. pip install {error.name}") from None
    except NoSuchTableError:
        known = sqlalchemy.inspect(engine).get_table_names()
        raise ReadError(f"{label}: there is no such table. {nearest(part.table, known)}") from None
    except SQLAlchemyError as error:
        raise ReadError(f"{label}: the database cannot be read ({type(error).__name__}).") from None
    return _source(engine, table, part.id, label)


def _source(engine: "Engine", table: "Table", id_column: str, label: str) -> Source:
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    def load(wanted: Mapping[str, str]) -> FileTable:
        query = sqlalchemy.select(*(table.columns[name] for name in wanted))
        if id_column in table.columns:
            query = query.order_by(table.columns[id_column])
        try:
            with engine.connect() as connection:
                rows = connection.execute(query).fetchall()
        except SQLAlchemyError as error:
            raise ReadError(f"{label}: its rows cannot be read ({type(error).__name__}).") from None
        finally:
            engine.dispose()
        columns = [
            typed_column(name, [row[place] for row in rows], date_format)
            for place, (name, date_format) in enumerate(wanted.items())
        ]
        return FileTable(pl.DataFrame(columns), row_numbers(2, len(rows)))

    return Source(label=label, columns=tuple(table.columns.keys()), load=load)
