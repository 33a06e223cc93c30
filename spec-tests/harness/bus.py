"""A message bus with nothing but systemd's manager on it, which starts and stops any unit: bus.py SOCKET [BEHAVIOUR]

Prints a JSON object a line: the socket, then what each connection authenticates with and calls, and when it is closed.

private     no bus: systemd's own socket, without Hello and senders, which loses a call that comes together with BEGIN
big         answers in big-endian order
pieces      sends byte by byte
old         answers an AUTH without identity as systemd did before version 246: OK at once, and again
refuse      refuses to authenticate
exists      a unit of the name is there until ResetFailedUnit; then jobs fail
old-memory  knows no OOMPolicy; then jobs fail
error       answers calls of the manager with an error
failed      jobs fail
silent      never answers calls of the manager
forged      another client says that the job is done; it never ends
flood       35 000 signals, 7 MB or so, before the answer
garbage     answers the manager's calls with bytes that are no message
long        announces an answer of more than 128 MiB
half        half an answer, then the end
strange     an answer with the values of another one
hang        accepts and says nothing
broken      hangs up
"""

import json
import socket
import struct
import sys
import time

CALL, REPLY, ERROR, SIGNAL = 1, 2, 3, 4
FIELDS = {"path": (1, "o"), "interface": (2, "s"), "member": (3, "s"), "error": (4, "s"), "reply": (5, "u"), "sender": (7, "s"), "signature": (8, "g")}
MANAGER = {"path": "/org/freedesktop/systemd1", "interface": "org.freedesktop.systemd1.Manager"}
JOB = "/org/freedesktop/systemd1/job/7"

path = sys.argv[1]
behaviour = sys.argv[2] if len(sys.argv) > 2 else ""
order = ">" if behaviour == "big" else "<"
serials = iter(range(100, 1 << 30))
taken = True


def say(**what):
    print(json.dumps(what), flush=True)


def padded(bytes, boundary):
    return bytes + b"\0" * (-len(bytes) % boundary)


def value(kind, content):
    """Only what stands at a multiple of its boundary: no 64 bits but in front."""
    if kind == "u":
        return struct.pack(order + "I", content)
    if kind == "g":
        return bytes([len(content)]) + content.encode() + b"\0"
    if kind == "v":
        return value("g", content[0]) + b"\0" + value(*content)
    return struct.pack(order + "I", len(content)) + content.encode() + b"\0"


def body_of(signature, values):
    body = b""
    for kind, content in zip(signature, values):
        body = padded(body, 1 if kind in "gv" else 4) + value(kind, content)
    return body


def message(kind, signature="", values=(), **fields):
    if signature:
        fields["signature"] = signature
    if behaviour == "private":
        fields.pop("sender", None)
    header = b""
    for name, content in fields.items():
        number, letter = FIELDS[name]
        header = padded(header, 8) + bytes([number, 1]) + letter.encode() + b"\0" + value(letter, content)
    body = body_of(signature, values)
    start = bytes([ord("B" if order == ">" else "l"), kind, 0, 1])
    return padded(start + struct.pack(order + "III", len(body), next(serials), len(header)) + header, 8) + body


class Closed(Exception):
    pass


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.waiting = b""

    def read(self, size):
        while len(self.waiting) < size:
            received = self.connection.recv(65536)
            if not received:
                raise Closed
            self.waiting += received
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def line(self):
        line = b""
        while not line.endswith(b"\r\n"):
            line += self.read(1)
        return line[:-2].decode()

    def send(self, bytes):
        if behaviour == "pieces":
            for at in range(len(bytes)):
                self.connection.sendall(bytes[at : at + 1])
        else:
            self.connection.sendall(bytes)

    def authenticate(self):
        zero, said = self.read(1), [self.line()]
        if behaviour == "refuse":
            self.send(b"REJECTED EXTERNAL\r\n")
        else:
            self.send(b"OK 0123456789abcdef\r\n" if behaviour == "old" else b"DATA\r\n")
            said.append(self.line())
            self.send(b"OK 0123456789abcdef\r\n")
        if behaviour == "private":
            time.sleep(0.02)
        said.append(self.line())
        # As systemd does: what came together with BEGIN is not looked at.
        if behaviour == "private":
            self.waiting = b""
        say(zero=zero[0], said=said)

    def call(self):
        """Strings of the header, without looking at types: the client's order is little-endian."""
        start = self.read(16)
        body, serial, size = struct.unpack("<III", start[4:])
        header, names, at = self.read(size + -size % 8), {}, 0
        while at < size:
            number, kind = header[at], header[at + 2 : at + 3]
            length = header[at + 4] if kind == b"g" else struct.unpack("<I", header[at + 4 : at + 8])[0]
            first = at + (5 if kind == b"g" else 8)
            names[number] = header[first : first + length].decode()
            at = first + length + 1
            at += -at % 8
        content = self.content = self.read(body)
        say(member=names[3], path=names[1], interface=names[2], destination=names[6], signature=names.get(8, ""), body=content.hex())
        return serial, names[3], names[6] == "org.freedesktop.systemd1"


def signal(member, sender=":1.1", job=JOB, result="done"):
    return message(SIGNAL, "uoss", (7, job, "a.scope", result), member=member, sender=sender, **MANAGER)


def answer(client, serial, member, of_manager):
    global taken
    to = {"reply": serial, "sender": ":1.1" if of_manager else "org.freedesktop.DBus"}
    starts_job = member in ("StartTransientUnit", "StopUnit")
    reply = message(REPLY, "o", (JOB,), **to) if starts_job else message(REPLY, **to)
    if member == "Hello":
        reply = message(REPLY, "s", (":1.9",), **to) + message(SIGNAL, "s", (":1.9",), path="/", interface="org.freedesktop.DBus", member="NameAcquired")
    if member == "Get":
        reply = message(REPLY, "v", (("s", "/user.slice"),), **to)
    if member == "ResetFailedUnit":
        taken = False
    if not of_manager or member == "Subscribe":
        return client.send(reply)
    if behaviour == "exists" and member == "StartTransientUnit" and taken:
        return client.send(message(ERROR, "s", ("Unit a.scope already exists.",), error="org.freedesktop.systemd1.UnitExists", **to))
    if behaviour == "old-memory" and b"OOMPolicy" in client.content:
        return client.send(message(ERROR, "s", ("Cannot set property OOMPolicy, or unknown property.",), error="org.freedesktop.DBus.Error.PropertyReadOnly", **to))
    if behaviour == "error":
        return client.send(message(ERROR, "s", ("No.",), error="org.freedesktop.DBus.Error.AccessDenied", **to))
    if behaviour == "garbage":
        return client.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    if behaviour == "long":
        return client.send(b"l\2\0\1" + struct.pack("<III", 1 << 27, 1, 8))
    if behaviour == "half":
        client.send(reply[:-3])
        raise Closed
    if behaviour == "strange":
        return client.send(message(REPLY, "u", (7,), **to))
    if behaviour == "silent":
        return None
    if behaviour == "flood":
        for _ in range(700):
            client.send(signal("JobNew") * 50)
    if not starts_job:
        return client.send(reply)
    result = "failed" if behaviour in ("failed", "exists", "old-memory") else "done"
    others = signal("JobNew") + signal("JobRemoved", job=JOB + "1", result="canceled")
    if behaviour != "private":
        others += signal("JobRemoved", sender=":1.66", result="forged")
    if behaviour == "forged":
        return client.send(others + reply + others)
    # The end of a job may be told before its beginning.
    early = member == "StartTransientUnit"
    end = signal("JobRemoved", result=result)
    return client.send(others + end + reply if early else reply + others + end)


def serve(client):
    try:
        client.authenticate()
        while True:
            answer(client, *client.call())
    except (Closed, ConnectionError):
        say(closed=True)


listener = socket.socket(socket.AF_UNIX)
listener.bind("\0" + path[1:] if path.startswith("@") else path)
listener.listen()
say(listening=path)
while True:
    connection, _ = listener.accept()
    with connection:
        if behaviour == "hang":
            connection.recv(1)
            connection.recv(1 << 20)
            connection.recv(1)
        elif behaviour != "broken":
            serve(Client(connection))
