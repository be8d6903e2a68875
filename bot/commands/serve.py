"""`donghanh serve`: everything in one process."""

import typer

from bot.commands.running import explained, fail, settings


def add_to(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve() -> None:
    """Run the web chat, the desk, the channels, the clock and the sender."""
    found = settings()
    from bot.first_start import FirstStart
    from bot.instance import AlreadyRunning
    from bot.logs import configure
    from bot.serving import PortTaken, run
    from storage.schema import SchemaTooNew

    configure(found.log_level, found.log_format)

    def announce(first: FirstStart) -> None:
        url = found.base_url
        print(f"\nĐồng Hành: {url}    desk: {url}/desk", flush=True)
        if first.administrator_password:
            print("First administrator (shown once; the password is changed at the first sign-in):")
            print(f"  login: admin    one-time password: {first.administrator_password}")
        if first.invitation_code:
            print(f"Invitation of a sample enterprise (valid for 14 days, once): {url}/?join={first.invitation_code}")
        print("Stop with Ctrl+C.\n", flush=True)

    try:
        with explained(found):
            run(found, announce=announce)
    except AlreadyRunning as error:
        fail(
            f"Another Đồng Hành (process {error.pid or 'unknown'}) works on {found.data_dir}.",
            "Stop it first, or give this one its own DATA_DIR and PORT. Several processes need PostgreSQL (DATABASE_URL).",
        )
    except PortTaken:
        fail(
            f"Port {found.port} on {found.host} is taken by another program.",
            f"Stop that program, or choose another port: PORT={found.port + 1 if found.port < 65535 else 8080} make run",
        )
    except SchemaTooNew as error:
        fail(f"This program is older than its database: {error}.", "Start the newer version, or restore a backup.")
    except OSError as error:
        fail(f"HOST={found.host} PORT={found.port} cannot be used: {error.strerror or error}.")
