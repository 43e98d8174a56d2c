#!/usr/bin/env python3
"""A session cache after the man pages of OpenSSL, as a subject of sesscheck: `exec:python3 cache.py`.

The first half is the cache, and knows nothing of the protocol; the second half is the protocol
(`sesscheck subject --protocol`), and decides nothing about a cache. Standard library alone.
"""

import json
import sys

SERVER = 0x2


class Session:
    """A session object; whoever keeps it holds a reference."""

    def __init__(self, number, session_id, time, timeout):
        self.number, self.id = number, session_id
        self.time, self.timeout = time, timeout
        self.id_context = ""
        self.resumable = True
        self.references = 1

    def is_expired_at(self, now):
        # In its last second it is still alive.
        return now > self.time + self.timeout


class Context:
    """An SSL_CTX, as far as its internal session cache goes, and its application's external cache."""

    def __init__(self, seen):
        self.seen = seen
        self.mode, self.size, self.timeout, self.id_context = SERVER, 20480, 300, ""
        self.cache = {}  # by id, in order of addition
        self.cache_full = 0
        self.remove_cb = None
        self.external, self.forgets_removed = {}, True

    def add_session(self, session):
        old = self.cache.get(session.id)
        if old is session:
            return 0
        if old is not None:
            self.leave(old)
        self.cache[session.id] = session
        session.references += 1
        while self.size and len(self.cache) > self.size:
            # From the end: the one that was added first, so never the newcomer.
            self.leave(next(iter(self.cache.values())))
            self.cache_full += 1
        return 1

    def remove_session(self, session):
        if self.cache.get(session.id) is not session:
            return 0
        session.resumable = False
        self.leave(session)
        return 1

    def flush_sessions(self, time):
        for session in [s for s in self.cache.values() if s.is_expired_at(time)]:
            self.leave(session)

    def free(self):
        for session in list(self.cache.values()):
            self.leave(session)

    def leave(self, session):
        """A session leaves the internal cache: the callback is told, then the cache's reference is freed."""
        del self.cache[session.id]
        if self.remove_cb:
            self.remove_cb(session)
        self.seen.release(session)

    def set(self, name, value):
        before = getattr(self, name)
        setattr(self, name, value)
        return before

    def set_session_id_context(self, id_context):
        if len(id_context) > 2 * 32:
            return 0
        self.id_context = id_context
        return 1

    # The application.

    def external_store(self, session):
        session.references += 1
        self.external_forget(session)
        self.external[session.id] = session

    def external_forget(self, session):
        old = self.external.pop(session.id, None)
        if old is not None:
            self.seen.release(old)

    def application_release(self):
        held, self.external = self.external, {}
        for session in held.values():
            self.seen.release(session)


class World:
    """What one trace meets: a clock, contexts, sessions, and what was seen in a step."""

    def __init__(self):
        self.now = 0
        self.contexts, self.freed, self.sessions = {}, {}, {}
        self.events, self.destroyed, self.dropped = [], [], 0

    def release(self, session):
        session.references -= 1
        if session.references == 0:
            self.destroyed.append(session.number)
            del self.sessions[session.number]

    def set_remove_cb(self, number, context, is_set):
        def record(session):
            self.events.append({"callback": "remove", "context": number, "session": session.number})
            if context.forgets_removed:
                context.external_forget(session)

        context.remove_cb = record if is_set else None

    def do(self, step):
        """Carries out a step: its answer, but for what every answer has."""
        op, number = step["op"], step.get("context")
        # The application outlives its context.
        context = self.contexts.get(number) or self.freed.get(number)
        session = self.sessions.get(step.get("session"))
        if op == "set_clock":
            self.now = step["time"]
        elif op == "ctx_new":
            self.contexts[number] = Context(self)
        elif op == "ctx_free":
            self.freed[number] = self.contexts.pop(number)
            context.free()
        elif op == "session":
            number = step["session"]
            self.sessions[number] = Session(number, step["id"], step["time"], step["timeout"])
        elif op == "session_free":
            if session:
                self.release(session)
        elif op == "sess_set_remove_cb":
            self.set_remove_cb(number, context, step["set"])
        elif op == "external_policy":
            context.forgets_removed = step["forgets_removed"]
        elif op == "flush_sessions":
            context.flush_sessions(step["time"])
        elif op == "external_store":
            context.external_store(session)
        elif op == "external_forget":
            context.external_forget(session)
        elif op == "application_release":
            context.application_release()
        elif op == "show_session":
            return {"time": session.time, "timeout": session.timeout, "resumable": session.resumable}
        elif op != "probe":
            return {"returns": self.call(op, step, context, session)}
        return {}

    def call(self, op, step, context, session):
        """The functions that return something."""
        if op == "session_up_ref":
            session.references += 1
            return 1
        if op in ("session_set_time", "session_set_timeout", "session_set1_id_context"):
            name = op.removeprefix("session_set").removeprefix("1").removeprefix("_")
            setattr(session, name, step[name])
            return 1
        if op in ("session_get_time", "session_get_timeout"):
            return getattr(session, op.removeprefix("session_get_"))
        if op == "session_is_resumable":
            return int(session.resumable)
        if op in ("add_session", "remove_session"):
            return getattr(context, op)(session)
        if op == "set_session_id_context":
            return context.set_session_id_context(step["id_context"])
        name = {"session_cache_mode": "mode", "cache_size": "size", "timeout": "timeout"}
        what = name[op.removeprefix("sess_").removeprefix("set_").removeprefix("get_")]
        return context.set(what, step[what]) if "set_" in op else getattr(context, what)

    def answer(self, step):
        self.events, self.destroyed = [], []
        answer = self.do(step)
        if self.events:
            answer["events"] = self.events
        if self.destroyed:
            answer["destroyed"] = self.destroyed
        contexts = self.contexts.items()
        answer["counters"] = [
            {"context": n, "number": len(c.cache), "cache_full": c.cache_full} for n, c in contexts
        ]
        dropped = sum(c.cache_full for _, c in contexts)
        if step.get("members") or dropped != self.dropped or sum(len(c.cache) for _, c in contexts) <= 12:
            answer["members"] = [
                {"context": n, "session": s.number, "time": s.time, "timeout": s.timeout, "resumable": s.resumable}
                for n, c in contexts
                for s in c.cache.values()
            ]
        self.dropped = dropped
        return answer


def say(message):
    print(json.dumps(message), flush=True)


def main():
    for line in sys.stdin:
        message = json.loads(line)
        if "hello" in message:
            say({"hello": {"protocol": 1, "subject": "cache.py 1.0", "capabilities": ["external", "id_context"]}})
            continue
        for trace in message["traces"]:
            world = World()
            for n, step in enumerate(trace["steps"]):
                say({"trace": trace["trace"], "step": n, **world.answer(step)})
            say({"trace": trace["trace"], "done": len(trace["steps"])})


if __name__ == "__main__":
    main()
