"""The database of the embedded PostgreSQL and its two roles: the owner of the tables and the running role."""

from pathlib import Path

from backoffice.embedded.problem import ServerProblem

# The database and the role that owns it and its tables.
DATABASE = "doorstep"
# The role that the program runs as: its rights on the tables are given by `manage.py database_rights`.
RUNNING_ROLE = "doorstep_app"


def ensure_database(*, home: Path, note: dict[str, str]) -> None:
    """
    Create the database and its two roles where they are missing. Neither is a superuser.

    `note` has the port and the passwords. The owner is a member of the running role, so that the tests, which connect
    as the owner, can take that role.

    :raises ServerProblem: if the server refuses the connection.
    """
    import psycopg  # noqa: PLC0415 - a wheel; this package is imported without it
    from psycopg import sql  # noqa: PLC0415 - the same

    try:
        with psycopg.connect(
            host="127.0.0.1",
            port=int(note["port"]),
            user="postgres",
            password=note["superuser_password"],
            dbname="postgres",
            autocommit=True,
            connect_timeout=30,
        ) as connection:
            owner, running_role = sql.Identifier(DATABASE), sql.Identifier(RUNNING_ROLE)
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE]).fetchone() is None:
                password = sql.Literal(note["password"])
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(owner, password))
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [RUNNING_ROLE]).fetchone() is None:
                password = sql.Literal(note["running_password"])
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(running_role, password))
            # Outside the condition: an interruption may have come between the two statements.
            connection.execute(sql.SQL("GRANT {} TO {}").format(running_role, owner))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            message = (
                f"The passwords in {home / 'postgres.json'} do not fit the database in {home / 'postgres'}. Restore"
                " the file from a copy, or move the directory away and start anew."
            )
            raise ServerProblem(message) from error
        message = f"PostgreSQL runs but refuses connections: {error}. See {home / 'log' / 'postgres.log'}."
        raise ServerProblem(message) from error
