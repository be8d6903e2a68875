"""Who leads a department now: whoever is appointed, while they are there; else the deputy that the directory names."""

from collections.abc import Iterable
from dataclasses import replace

from bot.knowledge.directory import Directory
from storage.clocks import Post


def posts_now(present: Iterable[Post], directory: Directory) -> frozenset[Post]:
    """Return the places that are filled, by those who are there.

    The lead that the directory names leads, also without having been added as one. Where no lead of a department is there, its
    deputy is the lead, if they are.
    """
    there = [_named_lead(each, directory) for each in present]
    led = {each.department_id for each in there if each.lead}
    stand_in = [(each.deputy, each.id) for each in directory if each.deputy and each.id not in led]
    by_login = {each.login: each for each in there}
    acting = [
        replace(by_login[login], department_id=department_id, lead=True)
        for login, department_id in stand_in
        if login in by_login
    ]
    return frozenset([*there, *acting])


def leads(login: str, department_id: str | None, *, lead: bool, present: Iterable[Post], directory: Directory) -> bool:
    """Say whether this officer leads their department now."""
    department = directory.get(department_id)
    if lead or department is None:
        return lead
    if department.lead == login:
        return True
    return department.deputy == login and not any(
        each.lead and each.department_id == department_id for each in (_named_lead(one, directory) for one in present)
    )


def _named_lead(post: Post, directory: Directory) -> Post:
    department = directory.get(post.department_id)
    named = department is not None and department.lead is not None and department.lead == post.login
    return replace(post, lead=True) if named else post
