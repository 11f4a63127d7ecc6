#!/usr/bin/env python3
"""Types into real shells, on a terminal, and looks what the Tab key makes of it.

    shells.py --binary target/debug/cos-presign [SHELL…]

Exit code: 0 if everything was completed, 1 if not, 75 if none of the shells is here.
"""

import argparse
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "golden" / "fixtures"

# How each shell is started and loads the completion.
SHELLS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], "source <(cos-presign completions bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; source <(cos-presign completions zsh)"),
    # The script as a file on fpath, which is run as a function at the first Tab.
    "zsh, from a file": (
        ["zsh", "-f", "-i"],
        "cos-presign completions zsh > $XDG_DATA_HOME/_cos-presign; fpath=($XDG_DATA_HOME $fpath);"
        " autoload -U compinit; compinit -u -D",
    ),
    "fish": (["fish", "--no-config", "--interactive"], "cos-presign completions fish | source"),
}

# Home directory, what is typed before Tab, and what the line must have then.
CASES = [
    ("home-tools", "cos-presign doc", "cos-presign doctor"),
    ("home-tools", "cos-presign get tea", "cos-presign get team/"),
    ("home-tools", "cos-presign get amaz", "cos-presign get amazon:"),
    ("home-own", "cos-presign get @rep", "cos-presign get @reports/"),
    ("home-aws", "cos-presign get my-bucket/k --profile lost-s", "--profile lost-services"),
    ("home-tools", "cos-presign get my-bucket/k --region us-so", "--region us-south"),
    ("home-tools", "cos-presign stores storagegr", "cos-presign stores storagegrid"),
    ("home-tools", "cos-presign explain clock-s", "cos-presign explain clock-skew"),
    ("home-tools", "cos-presign get my-bucket/k --output pow", "--output powershell"),
    ("home-tools", "cos-presign get my-bucket/k --download-", "--download-as"),
]

# Colours, moves and titles.
CONTROL = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b[=>NOM78]|[\x00\x07\x0e\x0f]")


class Terminal:
    def __init__(self, command, environment, folder):
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.seen = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, text, seconds=8.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                try:
                    part = os.read(self.master, 65536)
                except OSError:
                    return False
                self.seen += part.decode(errors="replace")
            shown = CONTROL.sub("", self.seen)
            # Letters that are drawn, moved back over and drawn again.
            while "\b" in shown:
                shown = re.sub(r"[^\x08]?\x08", "", shown, count=1)
            if text in shown.replace("\r", "").replace("\n", ""):
                return True
        return False

    def close(self):
        os.kill(self.child, signal.SIGKILL)
        os.close(self.master)
        os.waitpid(self.child, 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("shells", nargs="*", default=list(SHELLS))
    args = parser.parse_args()
    here = [shell for shell in args.shells if shutil.which(SHELLS[shell][0][0])]
    for shell in args.shells:
        if shell not in here:
            print(f"{shell} is not installed, and was not tried", file=sys.stderr)
    if not here:
        return 75
    folder_of_binary = os.path.dirname(os.path.abspath(args.binary))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for shell in here:
            command, setup = SHELLS[shell]
            for home, typed, wanted in CASES:
                environment = {
                    "HOME": str(FIXTURES / home),
                    "PATH": folder_of_binary + os.pathsep + os.environ["PATH"],
                    "TERM": "xterm",
                    "LANG": "C.UTF-8",
                    "COLUMNS": "200",
                    "LINES": "50",
                    "PS1": "ready> ",
                    "HISTFILE": "/dev/null",
                    "XDG_CACHE_HOME": folder,
                    "XDG_DATA_HOME": folder,
                    "XDG_STATE_HOME": folder,
                }
                terminal = Terminal(command, environment, folder)
                terminal.type(f"stty cols 200; {setup}; echo set'-'up\n")
                if not terminal.wait_for("set-up"):
                    print(f"{shell} did not start: {terminal.seen!r}")
                    terminal.close()
                    return 1
                terminal.seen = ""
                terminal.type(typed + "\t")
                if not terminal.wait_for(wanted):
                    print(f"{shell}: `{typed}` was not completed to `{wanted}`: {terminal.seen!r}")
                    failed += 1
                terminal.close()
    print(f"{len(CASES)} lines in each of {', '.join(here)}, {failed} of all not completed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
