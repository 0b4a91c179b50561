"""nginx and pgbouncer with throw-away configurations on loopback; PostgreSQL comes from web.bench."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url

NGINX = """\
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/nginx.log warn;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  upstream saanphaen {{
    {servers}
    keepalive 32;
    keepalive_timeout 3s;
  }}
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {home}/certificate.pem; ssl_certificate_key {home}/key.pem;
    client_max_body_size 50m;
    location / {{
      proxy_pass http://saanphaen;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-ID $request_id;
      proxy_next_upstream error timeout;
      add_header X-Machine $upstream_addr always;
    }}
  }}
}}
"""
PGBOUNCER = """\
[databases]
{name} = host={host} port={server_port} dbname={name} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
logfile = {home}/pgbouncer.log
"""
_PATIENCE = 20.0


def missing() -> list[str]:
    """Name the programs that are not on this machine."""
    return [name for name in ("nginx", "pgbouncer", "openssl") if _find(name) is None]


@contextmanager
def nginx(home: Path, *, port: int, tls_port: int, machines: Sequence[int]) -> Iterator[subprocess.Popen[bytes]]:
    """Run nginx before web processes on these ports."""
    home.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-keyout", str(home / "key.pem"), "-out", str(home / "certificate.pem"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    servers = "\n    ".join(f"server 127.0.0.1:{one} max_fails=0;" for one in machines)
    path = home / "nginx.conf"
    path.write_text(NGINX.format(home=home, servers=servers, port=port, tls_port=tls_port))
    with _running([str(_find("nginx")), "-c", str(path), "-p", str(home)], port) as program:
        yield program


@contextmanager
def pgbouncer(home: Path, url: str, *, port: int, pool: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run pgbouncer by transactions before a database; yields it with the url that leads through it."""
    home.mkdir(parents=True, exist_ok=True)
    server = make_url(url)
    path = home / "pgbouncer.ini"
    path.write_text(
        PGBOUNCER.format(
            name=server.database,
            host=server.host,
            server_port=server.port,
            user=server.username,
            port=port,
            pool=pool,
            home=home,
        )
    )
    as_owner: list[str] = []
    if os.geteuid() == 0:  # it refuses to run as root
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for place in (home, path):
            shutil.chown(place, "postgres", "postgres")
    pooled = server.set(host="127.0.0.1", port=port).update_query_dict({"pooler": "transaction"})
    with _running([*as_owner, str(_find("pgbouncer")), "-q", str(path)], port) as program:
        yield program, pooled.render_as_string(hide_password=False)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + _PATIENCE
        while not _listens(port):
            assert program.poll() is None, f"{command} has ended with {program.returncode}"
            assert time.monotonic() < end, f"{command} does not listen on {port}"
            time.sleep(0.05)
        yield program
    finally:
        program.terminate()
        try:
            program.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _find(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
