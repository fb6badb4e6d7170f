"""Runs a plane through a journey, and prints how often anybody tried to reach beyond this machine.

`apart`: in a network of its own that has a loopback and nothing else; the kernel counts what finds no route.
`watched`: where no such network can be made; the plane's sockets are looked at all the while.
Either way the last number is what the same eyes see of one attempt, so that they are known to be open.
"""
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading

rolecall, walk, how = sys.argv[1:]
ELSEWHERE = ("192.0.2.1", 443)  # TEST-NET-1: nobody's
LISTEN, ESTABLISHED, SYN_SENT = "0A", "01", "02"


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


def counted():
    """Packets without a route, and datagrams: nobody here needs one, not even to ask a name server."""
    numbers = {}
    lines = open("/proc/net/snmp").read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        protocol, names = names.split(":")
        numbers |= {protocol + name: int(value) for name, value in zip(names.split(), values.split()[1:])}
    numbers |= {name: int(value) for name, value in map(str.split, open("/proc/net/snmp6"))}
    wanted = ["IpOutNoRoutes", "Ip6OutNoRoutes", "UdpOutDatagrams", "Udp6OutDatagrams"]
    return sum(numbers[name] for name in wanted)


def attempt():
    with socket.socket() as one:
        one.settimeout(1)
        try:
            one.connect(ELSEWHERE)
        except OSError:
            pass


def run():
    return subprocess.run([rolecall, "run", "--", sys.executable, walk], check=True, stdout=subprocess.PIPE).stdout


def apart():
    loopback_up()
    before = counted()
    walked = run()
    after = counted()
    attempt()
    return walked, after - before, counted() - after


def outward(pid):
    """The sockets of a process that it did not accept from its own listeners."""
    inodes = set()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in open(f"/proc/{pid}/net/{table}").read().splitlines()[1:]:
            words = line.split()
            if words[9] in inodes:
                rows.append((table, words[1].split(":")[1], words[2], words[3]))
    own = {port for table, port, _, state in rows if table.startswith("tcp") and state == LISTEN}
    dialled = [row for row in rows if row[0].startswith("tcp") and row[3] in (ESTABLISHED, SYN_SENT) and row[1] not in own]
    return dialled + [row for row in rows if row[0].startswith("udp")]


def watched():
    seen, done = [], threading.Event()
    process = subprocess.Popen([rolecall, "run", "--", sys.executable, walk], stdout=subprocess.PIPE)

    def watch():
        while not done.wait(0.001):
            try:
                seen.extend(outward(process.pid))
            except FileNotFoundError:
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    walked, _ = process.communicate()
    done.set()
    watcher.join()
    assert process.returncode == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(ELSEWHERE)
        return walked, len(seen), len(outward(os.getpid()))


walked, attempts, proof = apart() if how == "apart" else watched()
print(json.dumps({"walked": json.loads(walked), "attempts": attempts, "proof": proof}))
