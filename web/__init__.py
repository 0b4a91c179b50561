"""The web application: pages for people on the engine and the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from engine import ProcessEngine
    from web.config import Settings
    from web.people import Directory


def create_app(settings: Settings, *, engine: ProcessEngine, people: Directory) -> Flask:
    """Make the application: the order of wiring, nothing else."""
    # Imported here, so that commands that serve nothing start without them.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from web import accounts, cycles, health, notifications, operations, plans, privacy, processes, rights, tasks
    from web.access import enforce_access
    from web.assets import install_assets
    from web.composition import compose
    from web.cookies import install_cookie
    from web.errors import install_errors
    from web.extensions import babel, csrf
    from web.formatting import install_formatting
    from web.intake import install_intake
    from web.log_setup import follow_requests
    from web.navigation import links
    from web.preferences import install_preferences, select_locale
    from web.security import install_security_headers

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_limit,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session: a page may stay open over lunch
        BABEL_DEFAULT_LOCALE="th",
        BABEL_DEFAULT_TIMEZONE="Asia/Bangkok",
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    install_cookie(app, settings)
    follow_requests(app)
    install_security_headers(app)
    install_errors(app)
    babel.init_app(app, locale_selector=select_locale)
    install_intake(app)
    csrf.init_app(app)
    install_assets(app)
    install_formatting(app)
    parts = compose(app, settings, engine, people)
    app.jinja_env.globals.update(navigation=links, demo_mode=settings.demo)
    app.context_processor(lambda: {"locale": select_locale()})

    install_preferences(app)
    accounts.install_accounts(app)
    app.register_blueprint(tasks.blueprint)
    app.register_blueprint(plans.blueprint)
    plans.install_panels(parts.panels)
    app.register_blueprint(processes.blueprint)
    app.register_blueprint(operations.blueprint)
    app.register_blueprint(cycles.blueprint)
    app.register_blueprint(notifications.blueprint)
    app.register_blueprint(rights.blueprint)
    app.register_blueprint(privacy.blueprint)
    app.register_blueprint(health.blueprint)
    enforce_access(app)
    return app
