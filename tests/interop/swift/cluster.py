"""Writes the configuration of a one-device Swift cluster, and waits for it. Called by start.sh, in Swift's own environment.

`configure RUN` writes everything below RUN; `wait RUN` returns when all four servers answer.
"""

import configparser
import contextlib
import errno
import os
import pwd
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

# Not the region that every tool falls back to, so that a link for the wrong one is noticed.
REGION = "us-south"
# With the characters that have to be encoded in a credential, and that a secret may have.
ACCOUNT, USER = "interop", "tester"
SECRET_KEY = "only/for+this=test"
# Links in virtual-host style are made for BUCKET.localhost.
DOMAIN = "localhost"
SECONDS_TO_START = 60
NOT_AVAILABLE = 75

# Swift names the servers of a ring so, in this order.
STORAGE = ("account", "container", "object")

PIPELINE = (
    "catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth slo dlo versioned_writes symlink copy proxy-server"
)


def configure(run):
    check_attributes(run)
    ports = dict(zip(("proxy", *STORAGE), free_ports(4)))
    (run / "devices" / "d1").mkdir(parents=True)
    write(
        run / "swift.conf",
        {
            "swift-hash": {"swift_hash_path_prefix": "interop", "swift_hash_path_suffix": "interop"},
            "storage-policy:0": {"name": "only", "default": "yes"},
        },
    )
    for name in STORAGE:
        write(
            run / f"{name}-server.conf",
            {
                "DEFAULT": server(run, name, ports[name]),
                "pipeline:main": {"pipeline": f"{name}-server"},
                f"app:{name}-server": {"use": f"egg:swift#{name}"},
            },
        )
        build_ring(run, name, ports[name])
    write(run / "proxy-server.conf", proxy(run, ports["proxy"]))
    settings = {
        "ENDPOINT": f"http://127.0.0.1:{ports['proxy']}",
        "VHOST_ENDPOINT": f"http://{DOMAIN}:{ports['proxy']}",
        "ACCESS_KEY": f"{ACCOUNT}:{USER}",
        "SECRET_KEY": SECRET_KEY,
        "REGION": REGION,
    }
    (run / "settings").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def check_attributes(run):
    """Swift keeps metadata in extended attributes, which some file systems in memory do not have."""
    import xattr

    probe = run / "probe"
    probe.touch()
    try:
        xattr.setxattr(str(probe), "user.swift.probe", b"x")
    except OSError as error:
        print(f"OpenStack Swift is not available: no extended attributes below {run}: {error}", file=sys.stderr)
        sys.exit(NOT_AVAILABLE)
    finally:
        probe.unlink()


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def server(run, name, port):
    return {
        "bind_ip": "127.0.0.1",
        "bind_port": port,
        # No children: what was started is what has to be stopped.
        "workers": 0,
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "swift_dir": run,
        "devices": run / "devices",
        "mount_check": "false",
        "disable_fallocate": "true",
        "fallocate_reserve": 0,
        "log_name": name,
        "log_level": "WARNING",
        "log_address": run / "no-syslog",
    }


def proxy(run, port):
    filters = {name: {} for name in PIPELINE.split() if name != "proxy-server"}
    filters["s3api"] = {
        "location": REGION,
        "storage_domain": DOMAIN,
        "s3_acl": "false",
        "allow_multipart_uploads": "true",
    }
    filters["tempauth"] = {f"user_{ACCOUNT}_{USER}": f"{SECRET_KEY} .admin"}
    filters["versioned_writes"] = {"allow_versioned_writes": "true", "allow_object_versioning": "true"}
    # Parts of an upload may be small, and a test must not be slowed down.
    filters["slo"] = {"min_segment_size": 1, "rate_limit_after_segment": 10000}
    filters["s3api"]["min_segment_size"] = 1
    return {
        "DEFAULT": server(run, "proxy", port),
        "pipeline:main": {"pipeline": PIPELINE},
        "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": "true"},
        **{f"filter:{name}": {"use": f"egg:swift#{name}", **options} for name, options in filters.items()},
    }


def write(path, sections):
    parser = configparser.RawConfigParser(default_section=None)
    parser.read_dict({name: {key: str(value) for key, value in options.items()} for name, options in sections.items()})
    with path.open("w") as file:
        parser.write(file)


def build_ring(run, name, port):
    from swift.common.ring import RingBuilder

    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=1)
    builder.add_dev(
        {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1.0, "meta": ""}
        | {"replication_ip": "127.0.0.1", "replication_port": port}
    )
    builder.rebalance()
    builder.get_ring().save(str(run / f"{name}.ring.gz"))


def wait(run):
    deadline = time.monotonic() + SECONDS_TO_START
    for name in ("proxy", *STORAGE):
        parser = configparser.RawConfigParser(default_section=None)
        parser.read(run / f"{name}-server.conf")
        url = f"http://127.0.0.1:{parser['DEFAULT']['bind_port']}/healthcheck"
        while not answers(url):
            if not is_running(int((run / f"{name}.pid").read_text())) or time.monotonic() > deadline:
                print(f"the {name} server does not answer", file=sys.stderr)
                sys.exit(1)
            time.sleep(0.05)


# Loopback only: a proxy that the machine is set up with knows nothing of these servers.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url):
    try:
        DIRECT.open(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True  # The storage servers have no such page, and say so.
    except OSError:
        return False
    return True


def is_running(pid):
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True


if __name__ == "__main__":
    {"configure": configure, "wait": wait}[sys.argv[1]](Path(sys.argv[2]))
