"""A small, wilful endpoint on loopback: each spec says what it answers."""

import contextlib
import http.server
import json
import re
import socket
import threading

GROUP = "/fake"
STREAM = "fake/stream"
START = 1_795_400_000_000


class Reply:
    """An answer, down to its bytes. `length` may promise more than the body holds."""

    def __init__(self, body, status=200, content_type="application/x-amz-json-1.1", length=None):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.content_type, self.length = status, content_type, length


def refusal(code, message, status=400):
    return Reply({"__type": code, "message": message}, status)


def event(time, text, number, stream=STREAM):
    return {
        "logStreamName": stream, "timestamp": time, "message": text, "ingestionTime": time + 500,
        "eventId": f"{number:056}",
    }


class FakeCloud:
    """Answers FilterLogEvents as the spec says, and everything around it plausibly."""

    def __init__(self, pages=None, everything=None):
        """`pages(request, times asked)` answers FilterLogEvents; `everything(action)` answers all."""
        self.pages, self.everything = pages, everything
        self.requests = []
        self.lock = threading.Lock()

    def answer(self, action, request):
        with self.lock:
            self.requests.append((action, request))
            times = sum(known == action for known, _ in self.requests)
        if self.everything:
            return self.everything(action)
        if action == "FilterLogEvents":
            reply = self.pages(request, times)
            return reply if isinstance(reply, Reply) else Reply(reply)
        if action == "DescribeLogGroups":
            arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
            group = {"logGroupName": GROUP, "arn": f"{arn}:*", "logGroupArn": arn, "creationTime": START}
            return Reply({"logGroups": [group]})
        if action == "ListClusters":
            return Reply({"clusterArns": []})
        return refusal("AccessDeniedException", f"not authorized to perform {action}")

    def asked(self, action):
        return [request for known, request in self.requests if known == action]


@contextlib.contextmanager
def serving(cloud):
    """Serves it; the URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            action = self.headers.get("x-amz-target", "").rsplit(".", 1)[-1]
            if not action:
                action = re.search(r"Action=(\w+)", body.decode()).group(1)
            request = json.loads(body) if body.startswith(b"{") else {}
            reply = cloud.answer(action, request)
            self.send_response(reply.status)
            self.send_header("content-type", reply.content_type)
            self.send_header("content-length", str(reply.length or len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.length:
                self.close_connection = True

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # Whoever hangs up early is part of the play.

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def silent():
    """A socket that takes connections and never says a word; its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def closed():
    """A port at which nobody listens, and at which nobody else can begin to; its URL."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
