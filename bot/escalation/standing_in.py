"""Who leads a department now: whoever is appointed, while they are there; else the deputy that the directory names."""

from collections.abc import Iterable
from dataclasses import replace

from bot.escalation.actors import Role
from bot.knowledge.directory import Directory
from storage.clocks import Post


def posts_now(present: Iterable[Post], directory: Directory) -> frozenset[Post]:
    """Return the places that are filled, by those who are there.

    The lead that the directory names leads, also without having been added as one. Where no lead of a department is there, its
    deputy is the lead, if they are.
    """
    there = [_named_lead(each, directory) for each in present]
    by_login = {each.login: each for each in there}
    acting = [
        _acting(by_login[deputy], department_id, directory)
        for department_id, deputy in _without_lead(there, directory).items()
        if deputy in by_login
    ]
    return frozenset([*there, *acting])


def led_by(
    login: str, department_id: str | None, *, lead: bool, present: Iterable[Post], directory: Directory
) -> frozenset[str]:
    """Return the departments that this officer leads now: their own (`department_id`), where they are its lead or the directory
    names them as such, and any whose lead is away and whose deputy they are."""
    there = [_named_lead(each, directory) for each in present]
    own = {each.id for each in directory if each.id == department_id and (lead or each.lead == login)}
    in_place = {each for each, deputy in _without_lead(there, directory).items() if deputy == login}
    return frozenset(own | in_place)


def _without_lead(there: Iterable[Post], directory: Directory) -> dict[str, str]:
    """Return the departments of which no lead is there, each with its deputy."""
    led = {each.department_id for each in there if each.lead}
    return {each.id: each.deputy for each in directory if each.deputy and each.id not in led}


def _acting(post: Post, department_id: str, directory: Directory) -> Post:
    """The place that a deputy fills. A coordinator who leads a department for somebody is no head of the coordinating unit."""
    elsewhere = department_id != directory.coordinating.id and post.role in (Role.COORDINATOR, Role.ADMINISTRATOR)
    return replace(post, role=str(Role.OFFICER) if elsewhere else post.role, department_id=department_id, lead=True)


def _named_lead(post: Post, directory: Directory) -> Post:
    department = directory.get(post.department_id)
    named = department is not None and department.lead is not None and department.lead == post.login
    return replace(post, lead=True) if named else post
