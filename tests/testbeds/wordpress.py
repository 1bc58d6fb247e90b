"""WordPress, the real one, for tests: Debian's package, its own MariaDB, PHP's server, all on loopback."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tests.testbeds import folders

SOURCE = Path("/usr/share/wordpress")
LOGIN, PASSWORD = "mira", "a password for the pages"
_PATIENCE = 90.0

_CONFIGURATION = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_CONTENT_DIR', '{folder}/wp-content');
define('AUTH_KEY', 'for tests'); define('SECURE_AUTH_KEY', 'for tests');
define('LOGGED_IN_KEY', 'for tests'); define('NONCE_KEY', 'for tests');
define('AUTH_SALT', 'for tests'); define('SECURE_AUTH_SALT', 'for tests');
define('LOGGED_IN_SALT', 'for tests'); define('NONCE_SALT', 'for tests');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', '{folder}/');
require_once ABSPATH . 'wp-settings.php';
"""

_INSTALL = """
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
$made = wp_install('The tea room', '{login}', 'mira@tearoom.example.com', true, '', '{password}');
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
update_option('blogname', 'The tea room');
foreach (get_comments(array('status' => 'any')) as $one) wp_delete_comment($one->comment_ID, true);
wp_update_user(array('ID' => 1, 'display_name' => 'Mira Holt'));
wp_insert_user(array('user_login' => 'ann', 'user_pass' => 'x', 'user_email' => 'ann@example.org',
  'display_name' => 'Ann Bell', 'role' => 'subscriber'));
wp_insert_user(array('user_login' => 'bo', 'user_pass' => 'x', 'user_email' => 'bo@example.org',
  'display_name' => 'Bo Lee', 'role' => 'subscriber'));
wp_insert_user(array('user_login' => 'tom', 'user_pass' => 'x', 'user_email' => 'tom@tearoom.example.com',
  'display_name' => 'Tom Ray', 'role' => 'editor'));
foreach (array(1, 'ann', 'bo', 'tom') as $who) {{
  $user = is_int($who) ? get_user_by('id', $who) : get_user_by('login', $who);
  [$word] = WP_Application_Passwords::create_new_application_password($user->ID, array('name' => 'tests'));
  echo "PASSWORD ", $user->user_login, " ", $word, "\\n";
}}
"""


def missing() -> str:
    """Why it cannot start here, ``""`` where it can."""
    if not (SOURCE / "wp-load.php").exists() or shutil.which("php") is None or _database() is None:
        return "WordPress is not installed: run scripts/install-test-servers"
    return ""


def _database() -> str | None:
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/libexec")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WordPress:
    """A running blog at ``url``. ``passwords`` are the application passwords of mira (its administrator), tom
    (an editor), ann and bo (subscribers)."""

    def __init__(self) -> None:
        self.folder = folders.made("wp")
        self.folder.chmod(0o755)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.web: subprocess.Popen[bytes] | None = None
        self.passwords: dict[str, str] = {}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            self._start_database()
            self._install()
            self.start()
        except BaseException:
            self.stop()
            raise

    # ------------------------------------------------------------ starting and stopping

    def _start_database(self) -> None:
        root = os.geteuid() == 0
        self._user = "mysql" if root else pwd.getpwuid(os.geteuid()).pw_name
        data = self.folder / "database"
        data.mkdir()
        if root:
            shutil.chown(data, self._user)
        self._socket = data / "s"
        with (self.folder / "database.log").open("wb") as log:
            subprocess.run(
                [
                    *("mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={self._user}"),
                    *("--auth-root-authentication-method=normal", "--skip-test-db"),
                ],
                check=True,
                stdout=log,
                stderr=log,
                cwd="/",
            )
            program = _database()
            assert program is not None
            self._processes.append(
                subprocess.Popen(
                    [
                        *(program, "--no-defaults", f"--datadir={data}", f"--user={self._user}"),
                        *(f"--socket={self._socket}", "--skip-networking", "--innodb-flush-method=fsync"),
                        *("--innodb-buffer-pool-size=32M", "--skip-log-bin", f"--pid-file={data}/pid"),
                    ],
                    stdout=log,
                    stderr=log,
                    cwd="/",
                )
            )
        made = (
            "CREATE DATABASE wordpress CHARACTER SET utf8mb4;"
            " CREATE USER wordpress@localhost IDENTIFIED BY '';"
            " GRANT ALL ON wordpress.* TO wordpress@localhost;"
        )
        until = time.monotonic() + _PATIENCE
        while True:
            done = subprocess.run(
                ["mariadb", "--no-defaults", f"--socket={self._socket}", "-u", "root", "-e", made],
                capture_output=True,
                check=False,
            )
            if done.returncode == 0:
                return
            if time.monotonic() > until or self._processes[0].poll() is not None:
                said = (self.folder / "database.log").read_text(errors="replace")[-3000:]
                raise RuntimeError(f"MariaDB did not start: {done.stderr.decode(errors='replace')}\n{said}")
            time.sleep(0.1)

    def _install(self) -> None:
        self.site = self.folder / "site"
        # Debian's package links to other packages: followed, so that the copy stands alone.
        shutil.copytree(SOURCE, self.site, symlinks=False, ignore_dangling_symlinks=True)
        configuration = self.site / "wp-config.php"
        configuration.unlink(missing_ok=True)
        configuration.write_text(_CONFIGURATION.format(socket=self._socket, folder=self.site, url=self.url))
        said = self.php(_INSTALL.format(login=LOGIN, password=PASSWORD))
        self.passwords = dict(re.findall(r"^PASSWORD (\w+) (\w+)$", said, re.MULTILINE))
        if "mira" not in self.passwords:
            raise RuntimeError(f"WordPress did not install itself: {said[-3000:]}")

    def start(self) -> None:
        """Starts PHP's web server, again after `kill`."""
        with (self.folder / "web.log").open("ab") as log:
            self.web = subprocess.Popen(
                ["php", "-d", "display_errors=0", "-S", f"127.0.0.1:{self.port}", "-t", str(self.site)],
                stdout=log,
                stderr=log,
                cwd=self.site,
                env={name: value for name, value in os.environ.items() if name != "PHP_CLI_SERVER_WORKERS"},
            )
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/?rest_route=/", timeout=30):
                    return
            except OSError:
                if self.web.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError((self.folder / "web.log").read_text(errors="replace")[-3000:])

    def kill(self) -> None:
        """Ends the web server at once, as a power cut would."""
        assert self.web is not None
        self.web.kill()
        self.web.wait(20)

    def stop(self) -> None:
        """Stops everything by its process id, and removes its folder."""
        if self.web is not None and self.web.poll() is None:
            self.kill()
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------ what people do there

    def php(self, code: str) -> str:
        """Runs PHP inside of the blog's folder; answers what it printed."""
        host = f"$_SERVER['HTTP_HOST'] = '127.0.0.1:{self.port}'; $_SERVER['SERVER_NAME'] = '127.0.0.1';"
        done = subprocess.run(
            ["php", "-d", "display_errors=stderr", "-r", f"{host} {code}"],
            cwd=self.site,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
        if done.returncode:
            raise RuntimeError(f"PHP: {done.stderr.decode(errors='replace')[-2000:]}{done.stdout[-500:]!r}")
        return done.stdout.decode()

    def inside(self, code: str) -> str:
        """Runs PHP with WordPress loaded."""
        return self.php(f"require 'wp-load.php'; {code}")

    def post(self, title: str, *, author: int = 1, tags: str = "") -> int:
        """Publishes a post; answers its number."""
        said = self.inside(
            f"echo wp_insert_post(array('post_title' => '{title}', 'post_content' => '<p>About {title}.</p>',"
            f" 'post_status' => 'publish', 'post_author' => {author}, 'tags_input' => '{tags}'));"
        )
        return int(said.split()[-1])

    def comment(self, post: int, words: str, *, by: str = "ann", parent: int = 0, held: bool = False) -> int:
        """Somebody registered comments; answers the comment's number."""
        said = self.inside(
            f"$u = get_user_by('login', '{by}');"
            f" echo wp_insert_comment(wp_slash(array('comment_post_ID' => {post},"
            f" 'comment_content' => '{words}', 'user_id' => $u->ID, 'comment_author' => $u->display_name,"
            f" 'comment_author_email' => $u->user_email, 'comment_parent' => {parent},"
            f" 'comment_approved' => {0 if held else 1}, 'comment_type' => 'comment')));"
        )
        return int(said.split()[-1])

    def visit(self, post: int, words: str, *, name: str, email: str, site: str = "") -> int:
        """A visitor comments on the page, as a browser does; answers the HTTP status."""
        form = {"comment_post_ID": str(post), "comment": words, "author": name, "email": email, "url": site}
        asked = urllib.request.Request(
            f"{self.url}/wp-comments-post.php", urllib.parse.urlencode(form).encode(), method="POST"
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(asked, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            return int(answer.code)

    def set_status(self, comment: int, status: str) -> None:
        """``approve``, ``hold``, ``spam`` or ``trash``, as the owner does it in the administration."""
        self.inside(f"wp_set_comment_status({comment}, '{status}');")

    def edit(self, comment: int, words: str) -> None:
        """The words of a comment are changed."""
        self.inside(f"wp_update_comment(array('comment_ID' => {comment}, 'comment_content' => '{words}'));")

    def delete(self, comment: int) -> None:
        """A comment is deleted for good."""
        self.inside(f"wp_delete_comment({comment}, true);")

    def export(self) -> str:
        """The blog's export file (WXR)."""
        return self.inside(
            "require_once ABSPATH . 'wp-admin/includes/export.php'; wp_set_current_user(1);"
            " @export_wp(array('content' => 'all'));"
        )

    def pretty_permalinks(self, on: bool) -> None:
        """Whether addresses are ``/2026/05/04/title/`` (needs no rewriting with PHP's server) or ``?p=1``."""
        structure = "/%year%/%monthnum%/%day%/%postname%/" if on else ""
        self.inside(
            f"global $wp_rewrite; $wp_rewrite->set_permalink_structure('{structure}'); flush_rewrite_rules();"
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """The address that a comment leads back to is not looked at."""
