"""Two people with nbxmpp, the library of Gajim, without a window: what they see, and what nbxmpp itself complains of, as JSON lines."""
import base64
import hashlib
import json
import logging
import sys
import time

from gi.repository import GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType
from nbxmpp.modules.vcard_temp import VCard
from nbxmpp.protocol import JID, Message
from nbxmpp.structs import StanzaHandler

PATIENCE = 10  # seconds for anything to arrive

# One red pixel.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class Complaints(logging.Handler):
    """nbxmpp drops or repairs what it finds wrong and says so in its log: the test expects no such line."""

    def emit(self, record):
        tell("complaint", of=record.name, text=self.format(record))


def until(condition, what):
    """Lets GLib's main loop turn until the condition has a value; that value."""
    deadline = time.monotonic() + PATIENCE
    wake = GLib.timeout_add(100, lambda: GLib.SOURCE_CONTINUE)
    try:
        while (value := condition()) is None:
            if time.monotonic() > deadline:
                raise RuntimeError(f"waited in vain for {what()}")
            GLib.MainContext.default().iteration(True)
        return value
    finally:
        GLib.source_remove(wake)


class Person:
    """A logged-in account. What arrives is kept until somebody asks for it."""

    def __init__(self, task, who):
        self.arrived, self.state = [], None
        self.jid = JID.from_string(who["jid"])
        self.client = Client(log_context=who["nick"])
        self.client.set_username(self.jid.localpart)
        self.client.set_domain(self.jid.domain)
        self.client.set_resource("gajim")
        self.client.set_password(who["password"])
        self.client.set_custom_host(f"{task['host']}:{task['port']}", ConnectionProtocol.TCP, ConnectionType.PLAIN)
        self.client.set_mechs({"PLAIN"})
        for signal in ("connected", "connection-failed", "disconnected"):
            self.client.subscribe(signal, self.signalled)
        self.client.connect()
        until(lambda: self.state, lambda: "the login")
        if self.state != "connected":
            raise RuntimeError(f"{self.jid}: {self.state} {self.client.get_error()}")
        for kind in ("presence", "message"):
            self.client.register_handler(StanzaHandler(name=kind, callback=self.arrives, priority=50))
        self.client.get_module("BasePresence").send()

    @property
    def muc(self):
        return self.client.get_module("MUC")

    def signalled(self, _client, signal, *_args, **_more):
        self.state = signal

    def arrives(self, _client, stanza, properties):
        self.arrived.append((stanza.getName(), stanza, properties))

    def sees(self, kind, matches, what):
        """What nbxmpp read from the first stanza that matches and was not taken before."""

        def search():
            for each in self.arrived:
                if each[0] == kind and matches(each[2]):
                    self.arrived.remove(each)
                    return each[2]
            return None

        return until(search, lambda: f"{what} of {self.jid}, who has:\n" + "\n".join(str(stanza) for _, stanza, _ in self.arrived))

    def stanza(self, matches, what):
        """The first message that matches, which is not taken."""

        def search():
            return next((stanza for kind, stanza, _ in self.arrived if kind == "message" and matches(stanza)), None)

        return until(search, lambda: f"{what} of {self.jid}")

    def presence(self, nick, kind="available"):
        value = None if kind == "available" else kind
        return self.sees("presence", lambda p: p.from_muc and p.muc_nickname == nick and p.type.value == value, f"{kind} {nick}")

    def enters(self, room, nick, password=None):
        """Joins as Gajim does, up to the subject."""
        self.arrived.clear()
        self.client.get_module("BasePresence").send(jid=f"{room}/{nick}", muc=True, muc_history={"maxstanzas": "20"}, muc_password=password)
        own = self.sees("presence", lambda p: p.is_muc_self_presence or (p.type.is_error and p.jid.bare == str(room)), "the own presence")
        if own.type.is_error:
            return {"condition": own.error.condition, "sender": str(own.jid)}
        subject = self.sees("message", lambda m: m.muc_subject is not None, "the subject").muc_subject
        history = [[m.muc_nickname, m.body] for kind, _, m in self.arrived if kind == "message" and m.body is not None]
        others = sorted(p.muc_nickname for kind, _, p in self.arrived if kind == "presence" and p.from_muc)
        self.arrived.clear()
        return {"subject": [subject.author, subject.text], "history": history, "others": others, **shown(own)}

    def says(self, room, body):
        self.client.send_stanza(Message(to=room, typ="groupchat", body=body))

    def leaves(self):
        self.client.disconnect()
        until(lambda: True if self.state == "disconnected" else None, lambda: "the end of the stream")


def outcome(task):
    """The result of a request, or its error."""
    done = []
    task.add_done_callback(lambda finished: done.append(finished.get_result()), weak=False)
    until(lambda: True if done else None, lambda: "an answer")
    return done[0]


def succeeds(task):
    result = outcome(task)
    if isinstance(result, Exception):
        raise result
    return result


def shown(properties):
    user = properties.muc_user
    return {
        "codes": sorted(int(code.value) for code in properties.muc_status_codes or ()),
        "role": user.role.value,
        "affiliation": user.affiliation.value,
        "reason": user.reason,
        "actor": user.actor,
        "identified": properties.occupant_id is not None,
    }


def described(person, room):
    info = succeeds(person.client.get_module("Discovery").disco_info(room))
    return {
        "name": info.muc_name,
        "description": info.muc_description,
        "moderated": info.muc_is_moderated,
        "open": info.muc_is_open,
        "nonanonymous": info.muc_is_nonanonymous,
        "users": info.muc_users,
    }


def fields_of(form):
    """Every field as Gajim's dialogue would build it; reading the values and options is where wrong ones fail."""
    fields = {}
    for field in form.iter_fields():
        valid, why = field.is_valid()
        if not valid:
            raise RuntimeError(f"{field.var} is not valid as it comes: {why}")
        fields[field.var] = {"type": field.type_, "value": field.values if hasattr(field, "values") else field.value}
        if field.type_ in ("list-single", "list-multi"):
            options = [value for value, _ in field.iter_options()]
            chosen = field.values if hasattr(field, "values") else [field.value]
            fields[field.var]["offered"] = len(options) == len(set(options)) and set(chosen) <= set(options)
    return fields


def configure(person, room, **changes):
    """Fetches the form, fills it in and submits it as Gajim does: without the empty fields and the decoration."""
    form = succeeds(person.muc.request_config(room)).form
    before = fields_of(form)
    for var, value in changes.items():
        form[f"muc#roomconfig_{var}"].value = value
    form.type_ = "submit"
    succeeds(person.muc.set_config(room, form.get_purged()))
    return before


def reserved_room(owner, guest, room):
    """Created with its form, moderated, its configuration changed, somebody kicked and banned, destroyed."""
    muc, nick = owner.muc, "guest"
    tell("created", **owner.enters(room, "owner"))
    fields = configure(owner, room, roomname="Grüße & <more>", roomdesc="For tea", moderatedroom=True, whois="anyone")
    tell("form", fields=fields)
    tell("described", **described(owner, room))

    tell("entered", **guest.enters(room, nick))
    tell("seen", **shown(owner.presence(nick)))
    guest.says(room, "may I?")
    refusal = guest.sees("message", lambda m: m.type.is_error, "the refusal")
    tell("refused", condition=refusal.error.condition, text=refusal.error.get_text())
    succeeds(muc.set_role(room, nick, "participant"))
    tell("voiced", **shown(guest.presence(nick)))
    guest.says(room, "thank you")
    heard = owner.sees("message", lambda m: m.body == "thank you", "the message")
    tell("heard", nick=heard.muc_nickname, by=[str(each.by) for each in heard.stanza_ids], identified=heard.occupant_id is not None)
    muc.set_subject(room, "Tea, and nothing but tea")
    subject = guest.sees("message", lambda m: m.muc_subject is not None, "the subject").muc_subject
    tell("subject", text=subject.text, author=subject.author)

    configure(owner, room, roomname="Tea room", moderatedroom=False, whois="moderators")
    # The notices are here when the room has answered what was asked after them.
    description = described(guest, room)
    notices = [m for kind, _, m in guest.arrived if kind == "message" and m.muc_status_codes is not None]
    tell("changed", codes=sorted(int(code.value) for m in notices for code in m.muc_status_codes), senders=sorted({str(m.jid) for m in notices}))
    tell("described", **description)
    same = configure(owner, room)
    tell("form again", name=same["muc#roomconfig_roomname"]["value"], same=same == fields_of(succeeds(muc.request_config(room)).form))

    succeeds(muc.set_role(room, nick, "none", "be quiet"))
    tell("kicked", **shown(guest.presence(nick, "unavailable")))
    tell("back", **guest.enters(room, nick))
    succeeds(muc.set_affiliation(room, {guest.jid: {"affiliation": "member", "nick": nick, "reason": "welcome"}}))
    tell("member", **shown(guest.presence(nick)))
    succeeds(muc.set_affiliation(room, {guest.jid: {"affiliation": "outcast", "reason": "go away"}}))
    tell("banned", **shown(guest.presence(nick, "unavailable")))
    tell("kept out", **guest.enters(room, nick))
    tell("no form", condition=outcome(guest.muc.request_config(room)).condition)
    for affiliation in ("owner", "admin", "member", "outcast"):
        users = succeeds(muc.get_affiliation(room, affiliation)).users
        tell("list", affiliation=affiliation, users={str(jid): facts for jid, facts in users.items()})

    succeeds(muc.destroy(room, "the end", f"new-{room}"))
    end = owner.sees("presence", lambda p: p.is_muc_destroyed, "the destruction").muc_destroyed
    tell("destroyed", venue=str(end.alternate))


def invitation(owner, guest, room):
    """Somebody is invited into a members-only room with a password, enters, and declines the second time."""
    owner.enters(room, "owner")
    configure(owner, room, membersonly=True, passwordprotectedroom=True, roomsecret="open sesame")
    tell("kept out", **guest.enters(room, "guest"))
    owner.muc.invite(room, guest.jid, None, "come & see")
    invite = guest.sees("message", lambda m: m.muc_invite is not None, "the invitation").muc_invite
    tell("invited", room=str(invite.muc), inviter=str(invite.from_), reason=invite.reason, password=invite.password, type=invite.type.value)
    entered = guest.enters(invite.muc, "guest", invite.password)
    tell("entered", codes=entered["codes"], affiliation=entered["affiliation"])
    guest.client.get_module("BasePresence").send(jid=f"{room}/guest", typ="unavailable")
    owner.presence("guest", "unavailable")
    owner.muc.invite(room, guest.jid, None)
    invite = guest.sees("message", lambda m: m.muc_invite is not None, "the second invitation").muc_invite
    guest.muc.decline(room, invite.from_, "not today")
    decline = owner.sees("message", lambda m: m.muc_decline is not None, "the decline").muc_decline
    tell("declined", room=str(decline.muc), by=str(decline.from_), reason=decline.reason)


def avatar(owner, guest, room):
    """The owner gives the room a picture; the guest finds it as Gajim does, and cannot put up another."""
    picture = base64.b64decode(PICTURE)
    owner.enters(room, "owner")
    configure(owner, room, roomname="Tea room")
    guest.enters(room, "guest")
    card = VCard()
    card.set_avatar(picture, "image/png")
    succeeds(owner.client.get_module("VCardTemp").set_vcard(card, room))
    info = succeeds(guest.muc.request_info(room))
    data, sha = info.vcard.get_avatar()
    announced = info.info.get_field_value("http://jabber.org/protocol/muc#roominfo", "muc#roominfo_avatarhash")
    tell("avatar", same=data == picture, sha=sha == hashlib.sha1(picture).hexdigest(), announced=announced in (sha, [sha]))
    notice = guest.sees("message", lambda m: m.muc_status_codes is not None, "the notice")
    tell("changed", codes=sorted(int(code.value) for code in notice.muc_status_codes))
    tell("refused", condition=outcome(guest.client.get_module("VCardTemp").set_vcard(card, room)).condition)


def private_group(owner, guest, room):
    """One word of the whole form makes a private group; who is added is asked in, comes and goes, and hears the doorbell, which is no message to read."""
    owner.enters(room, "owner")
    form = succeeds(owner.muc.request_config(room)).form
    form["{urn:parlour:room}preset"].value = "private-group"
    form.type_ = "submit"
    succeeds(owner.muc.set_config(room, form.get_purged()))
    info = succeeds(owner.client.get_module("Discovery").disco_info(room))
    tell("described", open=info.muc_is_open, nonanonymous=info.muc_is_nonanonymous, hidden=info.muc_is_hidden, persistent=info.muc_is_persistent)
    succeeds(owner.muc.set_affiliation(room, {guest.jid: {"affiliation": "member"}}))
    invite = guest.sees("message", lambda m: m.muc_invite is not None, "the invitation").muc_invite
    tell("invited", room=str(invite.muc), type=invite.type.value)
    tell("entered", affiliation=guest.enters(room, "guest")["affiliation"])
    guest.client.get_module("BasePresence").send(jid=f"{room}/guest", typ="unavailable")
    owner.presence("guest", "unavailable")
    guest.arrived.clear()
    owner.says(room, "supper is ready")
    stanza = guest.stanza(lambda s: s.getTag("encrypted", namespace="urn:parlour:wake:0") is not None, "the doorbell")
    properties = guest.sees("message", lambda m: m.jid is not None and m.jid.bare == str(room), "the doorbell")
    tell("woken", messages=stanza.getTag("encrypted").getAttr("messages"), body=properties.body, type=properties.type.value, private=properties.is_muc_pm)


STORIES = {"reserved room": reserved_room, "invitation": invitation, "avatar": avatar, "private group": private_group}


def main():
    complaints = Complaints(logging.WARNING)
    complaints.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger("nbxmpp").addHandler(complaints)
    task = json.loads(sys.argv[1])
    people = [Person(task, each) for each in task["people"]]
    STORIES[task["story"]](*people, JID.from_string(task["room"]))
    for person in people:
        person.leaves()


main()
