"""`donghanh recall`: who was given an answer that cites a place, and telling them that it no longer holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.running import fail, with_core

if TYPE_CHECKING:
    from bot.app import Core
    from bot.recall.answers import Found, Given
    from bot.recall.corrections import Sent
    from storage.officers import OfficerRow


def add_to(app: typer.Typer) -> None:
    app.command("recall")(recall)


def recall(
    document: Annotated[str, typer.Argument(help="its number, such as 1399/QĐ-TCHQ")],
    place: Annotated[str, typer.Argument(help='such as "Điều 3 khoản 1 điểm c"; without it the whole document')] = "",
    text_vi: Annotated[str | None, typer.Option("--text-vi", help="the correction in Vietnamese")] = None,
    text_en: Annotated[str | None, typer.Option("--text-en", help="the correction in English")] = None,
    file_vi: Annotated[Path | None, typer.Option("--file-vi", help="the correction in Vietnamese, from a file")] = None,
    file_en: Annotated[Path | None, typer.Option("--file-en", help="the correction in English, from a file")] = None,
    by: Annotated[
        str | None, typer.Option(help="login of the approver, coordinator or administrator who answers for it")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="send without asking")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only list who was given such an answer")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line instead of a table")] = False,
) -> None:
    """List who was given an answer that cites the place, or one inside it; with texts, send each of them a correction."""
    texts = {"vi": _text("vi", text_vi, file_vi), "en": _text("en", text_en, file_en)}
    sending = not dry_run and any(texts.values())
    if sending and not all(texts.values()):
        fail("A correction is told in both languages: give --text-vi and --text-en (or --file-vi and --file-en).", code=2)
    if sending and not by:
        fail(
            "Say with --by who answers for the correction: the login of an approver, a coordinator or an administrator.", code=2
        )

    async def act(core: "Core") -> None:
        from bot.recall.answers import Answers
        from bot.recall.corrections import Corrections

        corrections = Corrections(
            core.database, core.clock, core.ledger, core.catalogue, default_language=core.settings.default_language
        )
        officer = await _officer(core, by) if sending and by else None
        if officer is not None:
            corrections.check(texts, officer)
        found = await Answers(core.database, lambda: core.knowledge.documents).citing(document, place)
        _show(found, core, as_json=as_json)
        if officer is None:
            return
        people = len(found.contacts)
        if people and not yes and not typer.confirm(f"Send this correction to {people} people?"):
            fail("Nothing was sent.")
        _report(await corrections.send(found, texts, officer))

    with_core(act)


async def _officer(core: "Core", login: str) -> "OfficerRow":
    from bot.access.errors import OfficerUnknown
    from storage import officers

    async with core.database.read() as uow:
        row = await officers.by_login(uow, login.strip().casefold())
    if row is None:
        raise OfficerUnknown(login=login.strip()[:80])
    return row


def _text(language: str, given: str | None, file: Path | None) -> str:
    if given is not None and file is not None:
        fail(f"Give either --text-{language} or --file-{language}.", code=2)
    if file is None:
        return (given or "").strip()
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read as UTF-8 text: {error}", code=2)


def _show(found: "Found", core: "Core", *, as_json: bool) -> None:
    import json

    zone = core.settings.zone
    for each in found.given:
        if as_json:
            print(json.dumps(_json(each), ensure_ascii=False))
            continue
        who = _printable(" · ".join(part for part in (each.contact_name, _enterprise(each)) if part))
        places = "; ".join(citation.place for citation in each.citations)
        lost = "" if each.reachable else "  (cannot be reached there)"
        print(
            f"{each.number}  {each.at.astimezone(zone):%d/%m/%Y %H:%M}  {each.by:<8}  {each.channel}  {who}  [{places}]{lost}"
        )
    if as_json:
        return
    where = f"{found.place}, {found.document}" if found.place else found.document
    print(f"{len(found.given)} answers to {len(found.contacts)} people cite {where}, or a place inside it.")
    if found.around:
        print(f"{found.around} more cite a place around it, which may or may not lean on it; recall that place to see them.")


def _enterprise(each: "Given") -> str:
    if not each.enterprise:
        return ""
    tax_code = f" ({each.tax_code})" if each.tax_code else ""
    return f"{each.enterprise}{tax_code}" + ("" if each.verified else " (unverified)")


def _printable(text: str) -> str:
    """People choose their names: what could steer a terminal is left out."""
    return "".join(letter for letter in text if letter.isprintable())


def _json(each: "Given") -> dict[str, object]:
    return {
        "number": each.number,
        "at": each.at.isoformat(),
        "by": each.by,
        "channel": each.channel,
        "contact": each.contact_name,
        "contact_id": each.contact_id,
        "enterprise": each.enterprise,
        "tax_code": each.tax_code,
        "verified": each.verified,
        "reachable": each.reachable,
        "citations": [{"document": cited.document, "place": cited.place} for cited in each.citations],
    }


def _report(sent: "Sent") -> None:
    print(f"Correction {sent.correction.id}: written to {sent.now} people; {sent.before} had been told before.")
    for each in sent.unreachable:
        print(_printable(f"not reached: {each.number}  {each.contact_name or '-'}  {_enterprise(each)}").rstrip())
