"""What can stand in the way of signing in, or of giving access. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class SignInWrong(HelpdeskError):
    """The login or the password is wrong, or the officer has left: which of them is not said."""

    code = "sign_in.wrong"
    status = 401


class SignInPaused(HelpdeskError):
    """Too many failures: the next attempt is taken after a pause. Params: left (a timedelta above zero)."""

    code = "sign_in.paused"
    status = 429


class SignInBusy(HelpdeskError):
    """More people try to sign in than this machine can check at once."""

    code = "sign_in.busy"
    status = 503


class PasswordTooShort(HelpdeskError):
    """Params: least (characters)."""

    code = "password.too_short"
    status = 422


class PasswordTooLong(HelpdeskError):
    """Params: most (characters)."""

    code = "password.too_long"
    status = 422


class PasswordIsLogin(HelpdeskError):
    code = "password.is_login"
    status = 422


class PasswordTooSimple(HelpdeskError):
    """It says the same few characters over and over."""

    code = "password.too_simple"
    status = 422


class PasswordNotNew(HelpdeskError):
    code = "password.not_new"
    status = 422


class LoginWrong(HelpdeskError):
    """Not usable as a login: 2 to 64 of a-z 0-9 . _ - @. Params: login."""

    code = "login.wrong"
    status = 422


class LoginTaken(HelpdeskError):
    """Params: login."""

    code = "login.taken"


class OfficerUnknown(HelpdeskError):
    """Params: login."""

    code = "officer.unknown"
    status = 404


class LastAdministrator(HelpdeskError):
    """Nobody would be left to give access to others. Params: login."""

    code = "officer.last_administrator"


class NameMissing(HelpdeskError):
    code = "name.missing"
    status = 422


class RoleUnknown(HelpdeskError):
    """Params: role, known."""

    code = "role.unknown"
    status = 422


class DepartmentMissing(HelpdeskError):
    """An officer works for a department. Params: role."""

    code = "role.needs_department"
    status = 422


class NoSuchDepartment(HelpdeskError):
    """The directory has no department of that id or name. Params: department."""

    code = "directory.no_such_department"
    status = 422


class ExpiryNotAhead(HelpdeskError):
    """A token must end in the future. Params: at."""

    code = "token.expiry_not_ahead"
    status = 422


class TokenUnknown(HelpdeskError):
    """Params: token (its id)."""

    code = "token.unknown"
    status = 404


class LinkUnknown(HelpdeskError):
    """The code is unknown, used, too old, or its officer has left: which of them is not said."""

    code = "officer.link_unknown"
    status = 404


class AwayInThePast(HelpdeskError):
    """Params: until."""

    code = "officer.away_in_the_past"
    status = 422
