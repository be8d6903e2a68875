"""Who calls: the bearer token of a request, and what it lets them see."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.access.tokens import Tokens
from bot.api.errors import NotForThisRole, TokenMissing
from bot.escalation.actors import Actor, Role

_bearer = HTTPBearer(auto_error=False, description="a token from `donghanh token create --role ROLE`")


async def _caller(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Actor:
    tokens: Tokens = request.app.state.tokens
    token = await tokens.find(given.credentials) if given is not None else None
    if token is None:
        raise TokenMissing()
    return token.actor


Caller = Annotated[Actor, Depends(_caller)]


def _only(*roles: Role) -> Callable[[Actor], Awaitable[Actor]]:
    async def check(caller: Caller) -> Actor:
        if caller.role not in roles:
            raise NotForThisRole(role=str(caller.role))
        return caller

    return check


CaseWorker = Annotated[Actor, Depends(_only(Role.OFFICER, Role.COORDINATOR, Role.ADMINISTRATOR))]
"""somebody who works on inquiries: an officer's token on their department's, the others on all"""
Campaigner = Annotated[Actor, Depends(_only(Role.OFFICER, Role.COORDINATOR, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR))]
"""somebody who may see campaigns; what they may do with one the service decides"""
CampaignWriter = Annotated[Actor, Depends(_only(Role.COORDINATOR, Role.EDITOR, Role.APPROVER, Role.ADMINISTRATOR))]
"""somebody who may write campaigns, and look at whom they would reach"""
Overseer = Annotated[Actor, Depends(_only(Role.COORDINATOR, Role.ADMINISTRATOR))]
