// Constants of ip(7), ipv6(7), tcp(7), udp(7) and raw(7).

