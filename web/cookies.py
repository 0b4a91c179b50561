"""The one cookie: signed, out of reach of scripts and other sites, and over TLS bound to this host."""

from __future__ import annotations

from flask import Flask, has_request_context, request
from flask.sessions import SecureCookieSessionInterface
from typing_extensions import override

from web.config import Settings

NAME = "saanphaen"
# Browsers take a cookie of this name only when it is Secure, of the path / and of no wider domain.
SECURE_NAME = f"__Host-{NAME}"


class Cookie(SecureCookieSessionInterface):
    """Sends the cookie over TLS only as soon as the site is reached over TLS, also where nobody set it so."""

    def __init__(self, settings: Settings) -> None:
        self._always_secure = settings.cookie_secure

    @override
    def get_cookie_name(self, app: Flask) -> str:
        return SECURE_NAME if self.get_cookie_secure(app) else NAME

    @override
    def get_cookie_secure(self, app: Flask) -> bool:
        return self._always_secure or (has_request_context() and request.is_secure)


def install_cookie(app: Flask, settings: Settings) -> None:
    """Keep the session's token, the language and the form token in this cookie."""
    app.session_interface = Cookie(settings)
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_DOMAIN=None,
        # It outlives the session, of which the database knows the end: language and form token stay usable.
        PERMANENT_SESSION_LIFETIME=30 * settings.session_absolute,
        # Sent when it changes only: an answer to an older request must not bring an older token back.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
