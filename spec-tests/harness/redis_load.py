"""
redis_load.py write | read PORT: a client of redis in the network namespace that it is started in.

write: counts in two keys by one transaction after the other, and prints each number that the server has answered.
read: prints both numbers.
"""
import socket
import sys
import time


def connect(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).makefile("rwb")
        # Nothing tells when the server has begun to listen.
        except ConnectionRefusedError:
            time.sleep(0.01)


def ask(server, *words):
    server.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    server.flush()


def answer(server):
    line = server.readline().strip()
    if line[:1] == b"*":
        return [answer(server) for _ in range(int(line[1:]))]
    if line[:1] == b"$":
        return server.read(int(line[1:]) + 2)[:-2]
    if line[:1] in (b"-", b""):
        sys.exit(f"redis says {line!r}")
    return line[1:]


def call(server, *words):
    ask(server, *words)
    return answer(server)


def main():
    server = connect(int(sys.argv[2]))
    if sys.argv[1] == "read":
        print(*(value.decode() for value in call(server, b"MGET", b"counter", b"mirror")))
        return
    while True:
        for words in ((b"MULTI",), (b"INCR", b"counter"), (b"INCR", b"mirror")):
            call(server, *words)
        counter, mirror = call(server, b"EXEC")
        if counter != mirror:
            sys.exit(f"{counter} and {mirror}")
        print(counter.decode(), flush=True)


main()
