"""A switch between hosts in network namespaces that passes each packet on after a delay: what `tc netem` does, in kernels that lack it.

    python delay_switch.py <delay in ms> <device> ...     each device is a TUN of this name, made here; the parent gives it to a host

Prints a line when the devices are there, and ends with its standard input.
"""

import fcntl
import heapq
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def open_device(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def main() -> None:
    delay = float(sys.argv[1]) / 1000
    devices = [open_device(name) for name in sys.argv[2:]]
    print("ready", flush=True)
    poll = select.epoll()
    for device in [*devices, sys.stdin.fileno()]:
        poll.register(device, select.EPOLLIN)
    waiting: list[tuple[float, int, int, bytes]] = []
    count = 0
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else -1
        for ready, _ in poll.poll(timeout):
            if ready == sys.stdin.fileno():
                return
            packet = os.read(ready, 65_535)
            # The last byte of an IPv4 address of the receiver is its rank plus one.
            if packet[0] >> 4 == 4 and 1 <= packet[19] <= len(devices):
                count += 1
                heapq.heappush(waiting, (time.monotonic() + delay, count, devices[packet[19] - 1], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(waiting)
            try:
                os.write(device, packet)
            except OSError:
                # Dropped, as a full queue would: TCP sends it again.
                pass


if __name__ == "__main__":
    main()
