#!/usr/bin/env python3
"""A session cache after the man pages of OpenSSL, as a subject of sesscheck: `exec:python3 cache.py`.

First the cache, and what a server and a client do with it in a handshake: that knows nothing of the protocol. Then the
protocol (`sesscheck subject --protocol`), which decides nothing about a cache. Standard library alone.
"""

import json
import sys

CLIENT, SERVER = 0x1, 0x2
NO_AUTO_CLEAR, NO_INTERNAL_LOOKUP, NO_INTERNAL_STORE, UPDATE_TIME = 0x80, 0x100, 0x200, 0x400


class Session:
    """A session object; whoever keeps it holds a reference."""

    def __init__(self, number, session_id, protocol, time, timeout, id_context=""):
        self.number, self.id, self.protocol = number, session_id, protocol
        self.time, self.timeout, self.id_context = time, timeout, id_context
        self.resumable = True
        self.references = 1

    def is_expired_at(self, now):
        # In its last second it is still alive.
        return now > self.time + self.timeout


class Context:
    """An SSL_CTX, as far as its session cache goes."""

    def __init__(self, world, application):
        self.world, self.application = world, application
        self.mode, self.size, self.timeout, self.id_context = SERVER, 20480, 300, ""
        self.verify_peer = False
        self.cache = {}  # by id, in order of addition
        self.counters = {}
        self.connections = 0  # towards the next automatic flush

    def count(self, counter):
        self.counters[counter] = self.counters.get(counter, 0) + 1

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
            self.count("cache_full")
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
        self.application.removed(session)
        self.world.release(session)

    def set(self, name, value):
        before = getattr(self, name)
        setattr(self, name, value)
        return before

    def set_session_id_context(self, id_context):
        if len(id_context) > 2 * 32:
            return 0
        self.id_context = id_context
        return 1

    # Handshakes.

    def look_up(self, session_id):
        """The session with this id, with a reference for the connection: the internal cache, then the external one."""
        serves = self.mode & SERVER
        if serves and not self.mode & NO_INTERNAL_LOOKUP and session_id in self.cache:
            session = self.cache[session_id]
            session.references += 1
            return session
        self.count("misses")
        session, copy = self.application.get(session_id) if serves else (None, None)
        if session is None:
            return None
        self.count("cb_hits")
        if copy != 0:
            session.references += 1  # with 0, the application has done so
        if not self.mode & NO_INTERNAL_STORE:
            self.add_session(session)
        return session

    def may_resume(self, session, protocol, id_context):
        """1: the session is resumed; 0: a full handshake; -1: the handshake fails."""
        if session.protocol != protocol or session.id_context != id_context:
            return 0
        if self.verify_peer and not id_context:
            # Nobody knows for which application the peer was verified.
            return -1
        if session.is_expired_at(self.world.now):
            self.count("timeouts")
            if self.cache.get(session.id) is session:
                self.leave(session)
            return 0
        if not session.resumable:
            return 0
        self.count("hits")
        if self.mode & UPDATE_TIME:
            session.time = self.world.now
        return 1

    def established(self, role, session, made, again):
        """One side is done, with a session that was made or resumed, in the first handshake or a further one."""
        due = False
        if self.mode & role and not again:
            self.connections += 1
            due = self.connections % 255 == 0 and not self.mode & NO_AUTO_CLEAR
        if made and self.mode & role:
            if not self.mode & NO_INTERNAL_STORE:
                self.add_session(session)
            if not self.application.new(session) and self.cache.get(session.id) is session:
                self.leave(session)
        if due:
            self.flush_sessions(self.world.now)
        self.count("accept_good" if role == SERVER else "connect_good")

    def freed(self, session, clean):
        """One side of a connection is freed; without a shutdown its session is not to be resumed."""
        if not clean:
            if self.cache.get(session.id) is session:
                self.leave(session)
            session.resumable = False
        self.world.release(session)


class Side:
    """A side of a connection: its context, the session that it uses, and what it makes if none is resumed."""

    def __init__(self, role, context, id_context):
        self.role, self.context, self.id_context = role, context, id_context
        self.session = None

    def may_make(self, number, session_id, protocol):
        now, timeout = self.context.world.now, self.context.timeout
        self.new = number, session_id, protocol, now, timeout, self.id_context

    def let_go(self):
        if self.session is not None:
            self.context.world.release(self.session)
            self.session = None

    def make(self, again):
        self.session = self.context.world.make(*self.new)
        self.context.established(self.role, self.session, True, again)


class Connection:
    """A connection, whose server is ours; its client too, when it has a context."""

    def __init__(self, protocol, server, client):
        self.protocol, self.server, self.client = protocol, server, client

    def begin(self, proposed, makes, client_makes):
        """The server looks up what is proposed (an id, or None). 1: it is resumed; 0: it is not; -1: a failure."""
        server, client, used = self.server, self.client, self.server.session
        server.session, self.resumed = None, 0
        found = None if proposed is None else server.context.look_up(proposed)
        if found is not None:
            self.resumed = server.context.may_resume(found, self.protocol, server.id_context)
            if self.resumed == 1:
                server.session = found
            else:
                server.context.world.release(found)
        if self.resumed < 0:
            server.session = used
            return -1
        server.may_make(*makes, self.protocol)
        if client:
            client.may_make(*client_makes, self.protocol)
            if proposed is None:
                client.let_go()
        if used is not None:
            server.context.world.release(used)
        return self.resumed

    def finish(self, again=False):
        server, client = self.server, self.client
        if self.resumed:
            if client:
                client.context.count("hits")
                client.context.established(CLIENT, client.session, False, again)
            server.context.established(SERVER, server.session, False, again)
            return []
        if client:
            client.let_go()
        server.make(again)
        if client:
            client.make(again)
        return [side.session.number for side in (server, client) if side]

    def close(self, clean):
        for side in (self.server, self.client):
            if side and side.session is not None:
                side.context.freed(side.session, clean)

    def abort(self):
        for side in (self.server, self.client):
            if side:
                side.let_go()


class Application:
    """The callbacks of one context, as its application has them, and the external cache. It outlives the context."""

    def __init__(self, number, world):
        self.number, self.world = number, world
        self.new_cb = self.get_cb = None  # the step that has set it
        self.new_calls, self.get_finds = 0, 0
        self.remove_cb, self.forgets_removed = False, True
        self.external, self.kept = {}, []

    def record(self, callback, **what):
        self.world.events.append({"callback": callback, "context": self.number, **what})

    def removed(self, session):
        if self.remove_cb:
            self.record("remove", session=session.number)
            if self.forgets_removed:
                self.forget(session.id)

    def new(self, session):
        """Whether the callback has no objection to the session; it may keep the reference that it is given."""
        if not self.new_cb:
            return True
        session.references += 1
        keeps = script(self.new_cb["keeps"], self.new_calls, self.new_cb["then"])
        self.new_calls += 1
        self.record("new", session=session.number, kept=keeps)
        if not keeps:
            # Never the last reference: the connection has one.
            self.world.release(session)
        elif self.new_cb["stores"]:
            self.forget(session.id)
            self.external[session.id] = session
        else:
            self.kept.append(session)
        return keeps

    def get(self, session_id):
        """What the external cache has under this id, and what is written to `copy`."""
        if not self.get_cb:
            return None, None
        session = self.external.get(session_id)
        self.record("get", id=session_id, session=session and session.number)
        if session is None:
            return None, None
        copy = script(self.get_cb["copies"], self.get_finds, self.get_cb["then"])
        self.get_finds += 1
        if copy == 0:
            session.references += 1
        return session, copy

    def store(self, session):
        session.references += 1
        self.forget(session.id)
        self.external[session.id] = session

    def forget(self, session_id):
        old = self.external.pop(session_id, None)
        if old is not None:
            self.world.release(old)

    def release(self):
        held = [*self.external.values(), *self.kept]
        self.external, self.kept = {}, []
        for session in held:
            self.world.release(session)


def script(first, call, then):
    return first[call] if call < len(first) else then


class World:
    """What one trace meets: a clock, contexts, sessions, connections, and what was seen in a step."""

    def __init__(self):
        self.now = 0
        self.contexts, self.applications, self.sessions, self.connections = {}, {}, {}, {}
        self.events, self.destroyed, self.shown = [], [], {}

    def make(self, number, *what):
        self.sessions[number] = Session(number, *what)
        return self.sessions[number]

    def release(self, session):
        session.references -= 1
        if session.references == 0:
            self.destroyed.append(session.number)
            del self.sessions[session.number]

    def do(self, step):
        """Carries out a step: its answer, but for what every answer has."""
        op, number = step["op"], step.get("context")
        context, application = self.contexts.get(number), self.applications.get(number)
        session = self.sessions.get(step.get("session"))
        if op == "set_clock":
            self.now = step["time"]
        elif op == "ctx_new":
            self.applications[number] = Application(number, self)
            self.contexts[number] = Context(self, self.applications[number])
        elif op == "ctx_free":
            self.contexts.pop(number).free()
        elif op == "session":
            self.make(step["session"], step["id"], step["protocol"], step["time"], step["timeout"])
        elif op == "session_free":
            if session:
                self.release(session)
        elif op == "set_verify":
            context.verify_peer = step["peer"]
        elif op == "sess_set_remove_cb":
            application.remove_cb = step["set"]
        elif op == "sess_set_new_cb":
            application.new_cb = step if step["set"] else None
        elif op == "sess_set_get_cb":
            application.get_cb = step if step["set"] else None
        elif op == "external_policy":
            application.forgets_removed = step["forgets_removed"]
        elif op == "flush_sessions":
            context.flush_sessions(step["time"])
        elif op == "external_store":
            application.store(session)
        elif op == "external_forget":
            application.forget(session.id)
        elif op == "application_release":
            application.release()
        elif op == "show_session":
            return {"time": session.time, "timeout": session.timeout, "resumable": session.resumable}
        elif op == "accept_begin":
            return self.accept_begin(step, context)
        elif "connection" in step:
            return self.on_connection(op, step, self.connections.get(step["connection"]))
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

    def accept_begin(self, step, context):
        # A connection that is switched to another context (`switch_to`) still goes by the one that it began on.
        server = Side(SERVER, context, step.get("id_context", context.id_context))
        client, proposed = None, step.get("propose_id")
        if "client" in step:
            of = self.contexts[step["client"]]
            client = Side(CLIENT, of, of.id_context)
            of.count("connect")
            proposed = self.offer(client, self.sessions.get(step.get("propose_session")), step["protocol"])
        context.count("accept")
        connection = Connection(step["protocol"], server, client)
        return self.began(step, connection, connection.begin(proposed, *makes(step)))

    def offer(self, client, session, protocol):
        """A client is given a session, which it proposes if it can be resumed: the id."""
        if session is None:
            return None
        session.references += 1
        client.session = session
        return session.id if session.resumable and session.protocol == protocol else None

    def began(self, step, connection, returns):
        if returns < 0:
            connection.abort()
            return {"returns": -1}
        self.connections[step["connection"]] = connection
        return {"returns": 1, "session": connection.server.session.number} if returns else {"returns": 0}

    def on_connection(self, op, step, connection):
        """What was called on a connection that has failed does nothing."""
        if connection is None:
            return {"returns": -1} if op in ("accept_finish", "renegotiate") else {}
        if op == "accept_finish":
            return finished(connection, connection.finish())
        if op == "renegotiate":
            return self.renegotiate(step, connection)
        del self.connections[step["connection"]]
        if op == "close":
            connection.close(step["clean"])
        else:
            connection.abort()
        return {}

    def renegotiate(self, step, connection):
        server, client = connection.server, connection.client
        proposed = step.get("propose_id")
        server.context.count("accept_renegotiate")
        if client:
            client.context.count("connect_renegotiate")
            session = client.session
            proposed = session.id if step["kind"] != "new" and session and session.resumable else None
        if connection.begin(proposed, *makes(step)) < 0:
            del self.connections[step["connection"]]
            connection.close(False)
            return {"returns": -1}
        answer = finished(connection, connection.finish(again=True))
        return {**answer, "session": server.session.number} if connection.resumed else answer

    def answer(self, step):
        self.events, self.destroyed = [], []
        answer = self.do(step)
        if self.events:
            answer["events"] = self.events
        if self.destroyed:
            answer["destroyed"] = self.destroyed
        changed = self.changed()
        if changed:
            answer["counters"] = changed
        dropped = any("cache_full" in counters for counters in changed)
        contexts = self.contexts.items()
        if step.get("members") or dropped or sum(len(c.cache) for _, c in contexts) <= 12:
            answer["members"] = [
                {"context": n, "session": s.number, "time": s.time, "timeout": s.timeout, "resumable": s.resumable}
                for n, c in contexts
                for s in c.cache.values()
            ]
        return answer

    def changed(self):
        """The counters that are not what was shown last."""
        changed = []
        for n, context in self.contexts.items():
            now, before = {"number": len(context.cache), **context.counters}, self.shown.get(n, {})
            counters = {name: value for name, value in now.items() if value != before.get(name, 0)}
            self.shown[n] = now
            if counters:
                changed.append({"context": n, **counters})
        return changed


def makes(step):
    """The numbers and the id of what the two sides make if no session is resumed."""
    return (step["server_session"], step["id"]), (step.get("client_session"), step["id"])


def finished(connection, made):
    return {"returns": 1} if connection.resumed else {"returns": 0, "made": made}


def say(message):
    print(json.dumps(message), flush=True)


def main():
    capabilities = ["external", "id_context", "handshakes", "client", "renegotiation", "servername"]
    for line in sys.stdin:
        message = json.loads(line)
        if "hello" in message:
            say({"hello": {"protocol": 2, "subject": "cache.py 2.0", "capabilities": capabilities}})
            continue
        for trace in message["traces"]:
            begin = trace.get("from", 0)
            if begin == 0:
                world = World()
            for n, step in enumerate(trace["steps"], begin):
                say({"trace": trace["trace"], "step": n, **world.answer(step)})
            if not trace.get("more"):
                say({"trace": trace["trace"], "done": begin + len(trace["steps"])})


if __name__ == "__main__":
    main()
