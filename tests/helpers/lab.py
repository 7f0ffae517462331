"""A real SLURM of one machine for the tests: two partitions with pretended GPUs, accounting, no systemd.

`python tests/cluster/lab.py up|down|status [--root DIR]` serves a person who wants to look around.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "slurmdbd": "slurmdbd",
    "mariadbd": "mariadb-server",
}
# node -> partition, GPU type, GPUs, CPUs, memory in MB: what the profile of the tests is written for.
NODES = {"a100-1": ("a100", "a100", 4, 32, 256000), "a6000-1": ("a6000", "a6000", 1, 16, 128000)}
PORTS = {"slurmctld": 26817, "slurmdbd": 26819, "mariadb": 23306, "slurmd": 26820}
DEFAULT_PLACE = Path("/etc/slurm")  # Snakemake's job steps drop SLURM_CONF, so the default place must lead to us


def install() -> None:
    """Installs SLURM from the distribution where it is missing. Raises RuntimeError without root."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    if os.geteuid():
        raise RuntimeError(f"SLURM's packages {missing} are missing, and installing them needs root")
    quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL, "check": True}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "slurm-wlm-basic-plugins", *missing], **quiet
    )


def wait_for(what: str, ready: Callable[[], bool], *, seconds: float = 30) -> None:
    """Returns when `ready` does. Raises TimeoutError naming `what`."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come up in {seconds:.0f} s")
        time.sleep(0.1)


@dataclass(frozen=True)
class Lab:
    """The cluster below one folder."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs."""
        return os.environ | {"SLURM_CONF": str(self.root / "etc/slurm.conf")}

    def run(self, *command: str, check: bool = True) -> str:
        """Standard output of a SLURM command."""
        return subprocess.run(
            command, env=self.environment, check=check, capture_output=True, text=True, timeout=60
        ).stdout

    def _answers(self, *command: str, expect: str = "") -> bool:
        try:
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=5)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0 and expect in done.stdout

    # --- up -----------------------------------------------------------------------------------------------

    def up(self) -> "Lab":
        """Starts all daemons with a fresh state; returns when both nodes take jobs."""
        install()
        for folder in ("etc", "run", "log", "state", "dev", *(f"spool/{node}" for node in NODES)):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)
        self._write_configs()
        self._link_default_place()
        self._start_munge()
        self._start_accounting()
        subprocess.run(["slurmctld", "-c"], env=self.environment, check=True)
        wait_for("slurmctld", lambda: self._answers("scontrol", "ping", expect="is UP"))
        for node in NODES:
            self.start_node(node)
        wait_for("the nodes", self._nodes_are_idle)
        return self

    def start_node(self, node: str) -> None:
        """Starts one node's daemon."""
        subprocess.run(["slurmd", "-N", node], env=self.environment, check=True)

    def _nodes_are_idle(self) -> bool:
        found = self.run("sinfo", "-h", "-N", "-t", "idle,mix,alloc", "-o", "%N", check=False)
        return set(found.split()) == set(NODES)

    def _start_munge(self) -> None:
        key, run = self.root / "etc/munge.key", self.root / "run"
        if not key.exists():
            key.touch(0o600)
            key.write_bytes(os.urandom(1024))
        options = {
            "socket": run / "munge.socket",
            "key-file": key,
            "log-file": self.root / "log/munged.log",
            "pid-file": run / "munged.pid",
            "seed-file": run / "munged.seed",
        }
        with open(self.root / "log/munged.err", "w") as errors:
            subprocess.run(
                ["munged", "--force", *(f"--{k}={v}" for k, v in options.items())], check=True, stderr=errors
            )
        wait_for("munged", (run / "munge.socket").exists)

    def _start_accounting(self) -> None:
        data, sock = self.root / "mysql", self.root / "run/mysql.sock"
        with open(self.root / "log/mariadb.log", "a") as log:
            plain = {"stdout": log, "stderr": log}
            if not (data / "mysql").exists():
                install = ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}", "--skip-test-db"]
                subprocess.run([*install, "--auth-root-authentication-method=socket"], check=True, **plain)
            server = ["mariadbd", "--no-defaults", "--user=root", f"--datadir={data}", f"--socket={sock}"]
            server += [f"--port={PORTS['mariadb']}", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=64M"]
            server += [f"--pid-file={self.root / 'run/mariadbd.pid'}", "--skip-log-bin"]
            subprocess.Popen(server, start_new_session=True, stdin=subprocess.DEVNULL, **plain)
        client = ["mariadb", "--no-defaults", f"--socket={sock}"]
        wait_for("mariadbd", lambda: self._answers(*client, "-e", "select 1"))
        grants = (
            f"grant all on slurm_acct_db.* to slurm@'{h}' identified by 'slurm';" for h in ("127.0.0.1", "localhost")
        )
        subprocess.run([*client, "-e", "create database if not exists slurm_acct_db; " + " ".join(grants)], check=True)
        subprocess.run(["slurmdbd"], env=self.environment, check=True)
        wait_for("slurmdbd", lambda: self._answers("sacctmgr", "-n", "-i", "list", "cluster"))
        self.run("sacctmgr", "-i", "-Q", "add", "cluster", "lab", check=False)

    def _link_default_place(self) -> None:
        DEFAULT_PLACE.mkdir(exist_ok=True)
        for name in ("slurm.conf", "gres.conf", "cgroup.conf"):
            place = DEFAULT_PLACE / name
            if place.exists() and not place.is_symlink():
                raise RuntimeError(f"{place} is a real file: this machine has a SLURM of its own")
            place.unlink(missing_ok=True)
            place.symlink_to(self.root / "etc" / name)

    # --- configs ------------------------------------------------------------------------------------------

    def _write_configs(self) -> None:
        gres = ["AutoDetect=off"]
        for node, (_, gpu, count, *_) in NODES.items():
            for number in range(count):  # a link to a character device is what slurmd takes for a GPU
                device = self.root / f"dev/nvidia{number}"
                device.unlink(missing_ok=True)
                device.symlink_to("/dev/null")
            files = f"nvidia[0-{count - 1}]" if count > 1 else "nvidia0"
            gres.append(f"NodeName={node} Name=gpu Type={gpu} File={self.root}/dev/{files}")
        self._write("gres.conf", gres)
        self._write("cgroup.conf", ["CgroupAutomount=no"])
        self._write("slurm.conf", [*self._controller(), *self._nodes()])
        self._write("slurmdbd.conf", self._database(), mode=0o600)

    def _write(self, name: str, lines: list[str], mode: int = 0o644) -> None:
        path = self.root / "etc" / name
        path.write_text("\n".join(lines) + "\n")
        path.chmod(mode)

    def _controller(self) -> list[str]:
        root, munge = self.root, self.root / "run/munge.socket"
        settings = {
            "ClusterName": "lab",
            "SlurmctldHost": f"{_host()}(127.0.0.1)",
            "SlurmctldPort": PORTS["slurmctld"],
            "SlurmUser": "root",
            "SlurmdUser": "root",
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={munge}",
            "CredType": "cred/munge",
            "StateSaveLocation": root / "state",
            "SlurmdSpoolDir": f"{root}/spool/%n",
            "SlurmctldPidFile": root / "run/slurmctld.pid",
            "SlurmdPidFile": f"{root}/run/slurmd-%n.pid",
            "SlurmctldLogFile": root / "log/slurmctld.log",
            "SlurmdLogFile": f"{root}/log/slurmd-%n.log",
            "MailProg": "/bin/true",
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "JobAcctGatherType": "jobacct_gather/linux",
            "JobAcctGatherFrequency": "task=1",
            "JobAcctGatherParams": "OverMemoryKill",  # memory limits without cgroups
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_CPU_Memory",
            "SchedulerParameters": "sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0",
            "GresTypes": "gpu",
            "SlurmdParameters": "config_overrides",  # the nodes claim more than the machine has
            "ReturnToService": 2,
            "MinJobAge": 300,
            "KillWait": 2,
            "SlurmdTimeout": 15,
            "MessageTimeout": 20,
            "AccountingStorageType": "accounting_storage/slurmdbd",
            "AccountingStorageHost": "127.0.0.1",
            "AccountingStoragePort": PORTS["slurmdbd"],
            "AccountingStoragePass": munge,  # else the clients look for munge in /run
            "AccountingStorageTRES": "gres/gpu",
            "AccountingStoreFlags": "job_comment",
        }
        return [f"{key}={value}" for key, value in settings.items()]

    def _nodes(self) -> list[str]:
        lines = []
        for port, (node, (partition, gpu, count, cpus, memory)) in enumerate(NODES.items(), PORTS["slurmd"]):
            lines.append(
                f"NodeName={node} NodeHostname={_host()} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} "
                f"RealMemory={memory} Gres=gpu:{gpu}:{count} State=UNKNOWN"
            )
            default = "YES" if partition == "a6000" else "NO"
            lines.append(
                f"PartitionName={partition} Nodes={node} Default={default} DefMemPerCPU=1000 MaxTime=1-0 State=UP"
            )
        return lines

    def _database(self) -> list[str]:
        settings = {
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={self.root}/run/munge.socket",
            "DbdHost": "localhost",
            "DbdAddr": "127.0.0.1",
            "DbdPort": PORTS["slurmdbd"],
            "SlurmUser": "root",
            "LogFile": self.root / "log/slurmdbd.log",
            "PidFile": self.root / "run/slurmdbd.pid",
            "StorageType": "accounting_storage/mysql",
            "StorageHost": "127.0.0.1",
            "StoragePort": PORTS["mariadb"],
            "StorageUser": "slurm",
            "StoragePass": "slurm",
            "StorageLoc": "slurm_acct_db",
        }
        return [f"{key}={value}" for key, value in settings.items()]

    # --- down ---------------------------------------------------------------------------------------------

    def pid(self, daemon: str) -> int | None:
        """The process of a daemon this lab started, if it lives."""
        try:
            pid = int((self.root / f"run/{daemon}.pid").read_text())
            name = Path(f"/proc/{pid}/comm").read_text()
        except (OSError, ValueError):
            return None
        return pid if name.startswith(("slurm", "maria", "munge")) else None

    def stop(self, daemon: str, *, with_signal: int = signal.SIGTERM) -> None:
        """Ends one daemon and waits for it."""
        pid = self.pid(daemon)
        if pid is not None:
            os.kill(pid, with_signal)
            wait_for(f"the end of {daemon}", lambda: self.pid(daemon) is None)

    def down(self) -> None:
        """Ends what `up` started and removes the folder."""
        if self.pid("slurmctld"):
            self.run("scancel", "--full", "-u", "root", check=False)
        for daemon in (*(f"slurmd-{node}" for node in NODES), "slurmctld", "slurmdbd", "mariadbd", "munged"):
            self.stop(daemon)
        for name in ("slurm.conf", "gres.conf", "cgroup.conf"):
            place = DEFAULT_PLACE / name
            if place.is_symlink() and place.readlink() == self.root / "etc" / name:
                place.unlink()
        shutil.rmtree(self.root, ignore_errors=True)


def _host() -> str:
    return socket.gethostname().partition(".")[0]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["up", "down", "status"])
    parser.add_argument("--root", type=Path, default=Path("/var/tmp/alignscape-slurm"))
    options = parser.parse_args()
    lab = Lab(options.root)
    if options.what == "status":
        print(lab.run("sinfo"), lab.run("squeue"))
    else:
        getattr(lab, options.what)()
    print(f"export SLURM_CONF={lab.root}/etc/slurm.conf", file=sys.stderr)


if __name__ == "__main__":
    main()
