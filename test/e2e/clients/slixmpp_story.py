"""Two people with slixmpp's own plugins live through one story in a room; what they see is told as JSON lines for the test to judge."""
import asyncio
import base64
import hashlib
import json
import sys

import slixmpp
from slixmpp.exceptions import IqError, PresenceError
from slixmpp.xmlstream.handler import Callback, Collector
from slixmpp.xmlstream.matcher import MatchXMLMask, MatchXPath

PATIENCE = 10  # seconds for anything to arrive

# One red pixel.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class Person(slixmpp.ClientXMPP):
    """A logged-in account. What arrives is kept until somebody asks for it."""

    def __init__(self, jid, password):
        super().__init__(jid, password, plugin_config={"feature_mechanisms": {"unencrypted_plain": True}})
        for plugin in ("xep_0004", "xep_0030", "xep_0045", "xep_0054", "xep_0199", "xep_0313"):
            self.register_plugin(plugin)
        self.arrived, self.arrival = [], asyncio.Event()
        self.ready = asyncio.get_event_loop().create_future()
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_auth", lambda _: self.ready.set_exception(RuntimeError("the password was refused")))
        for event in ("groupchat_presence", "groupchat_message", "groupchat_subject", "groupchat_config_status", "groupchat_message_error"):
            self.keep(event)

    @property
    def muc(self):
        return self["xep_0045"]

    def keep(self, event):
        def arrives(stanza):
            self.arrived.append((event, stanza))
            self.arrival.set()

        self.add_event_handler(event, arrives)

    def started(self, _):
        self.send_presence()
        self.ready.set_result(None)

    async def login(self, host, port):
        self.connect((host, port), use_ssl=False, force_starttls=False, disable_starttls=True)
        await asyncio.wait_for(self.ready, PATIENCE)
        return self

    async def sees(self, event, matches=lambda _: True):
        """The first stanza of this event that matches and was not taken before."""

        async def search():
            while True:
                for each in self.arrived:
                    if each[0] == event and matches(each[1]):
                        self.arrived.remove(each)
                        return each[1]
                self.arrival.clear()
                await self.arrival.wait()

        try:
            return await asyncio.wait_for(search(), PATIENCE)
        except asyncio.TimeoutError:
            seen = "\n".join(f"{name}: {stanza}" for name, stanza in self.arrived)
            raise RuntimeError(f"{self.boundjid} waited for {event} and has:\n{seen}") from None

    def presence(self, nick, kind="available"):
        return self.sees("groupchat_presence", lambda p: p["from"].resource == nick and (p["type"] == "unavailable") == (kind == "unavailable"))

    async def enters(self, room, nick):
        """The usual entry; what the library made of it."""
        presence, subject, occupants, history = await self.muc.join_muc_wait(room, nick, maxstanzas=20, timeout=PATIENCE)
        # What came with the entry has been reported by it.
        self.arrived.clear()
        return {
            "codes": sorted(presence["muc"]["status_codes"]),
            "role": presence["muc"]["role"],
            "affiliation": presence["muc"]["affiliation"],
            "subject": subject["subject"],
            "roster": sorted(self.muc.get_roster(room)),
            "history": [[each["mucnick"], each["body"]] for each in history],
        }


def shown(presence):
    muc = presence["muc"]
    return {
        "codes": sorted(muc["status_codes"]),
        "role": muc["role"],
        "affiliation": muc["affiliation"],
        "reason": muc["item"]["reason"],
        "actor": muc["item"]["actor"]["nick"],
    }


async def reserved_room(owner, guest, room):
    """Created with its form, moderated, its configuration changed, somebody kicked and banned, destroyed."""
    muc = owner.muc
    tell("created", **await owner.enters(room, "owner"))
    form = await muc.get_room_config(room, timeout=PATIENCE)
    fields = form.get_fields()
    types = {name: field["type"] for name, field in fields.items()}
    tell("form", type=form["type"], types=types, owners=fields["muc#roomconfig_roomowners"]["value"])
    form.set_values({"muc#roomconfig_roomname": "Grüße & <more>", "muc#roomconfig_moderatedroom": True})
    await muc.set_room_config(room, form, timeout=PATIENCE)
    info = (await owner["xep_0030"].get_info(room, timeout=PATIENCE))["disco_info"]
    tell("described", names=[identity[3] for identity in info["identities"]], moderated="muc_moderated" in info["features"])

    tell("entered", **await guest.enters(room, "guest"))
    tell("seen", **shown(await owner.presence("guest")))
    guest.send_message(mto=room, mbody="may I?", mtype="groupchat")
    tell("refused", condition=(await guest.sees("groupchat_message_error"))["error"]["condition"])
    await muc.set_role(room, "guest", "participant", timeout=PATIENCE)
    tell("voiced", **shown(await guest.presence("guest")))
    guest.send_message(mto=room, mbody="thank you", mtype="groupchat")
    tell("heard", body=(await owner.sees("groupchat_message"))["body"])
    muc.set_subject(room, "Tea, and nothing but tea")
    subject = await guest.sees("groupchat_subject")
    tell("subject", text=subject["subject"], nick=subject["from"].resource)

    form = await muc.get_room_config(room, timeout=PATIENCE)
    tell("form again", name=form.get_values()["muc#roomconfig_roomname"], moderated=form.get_values()["muc#roomconfig_moderatedroom"])
    form.set_values({"muc#roomconfig_roomname": "Tea room", "muc#roomconfig_moderatedroom": False})
    await muc.set_room_config(room, form, timeout=PATIENCE)
    notice = await guest.sees("groupchat_config_status")
    tell("changed", codes=sorted(notice["muc"]["status_codes"]), sender=notice["from"].full, type=notice["type"])

    await muc.set_role(room, "guest", "none", reason="be quiet", timeout=PATIENCE)
    tell("kicked", **shown(await guest.presence("guest", "unavailable")))
    tell("back", **await guest.enters(room, "guest"))
    await muc.set_affiliation(room, "member", jid=guest.boundjid.bare, timeout=PATIENCE)
    tell("member", **shown(await guest.presence("guest")))
    tell("members", jids=[str(jid) for jid in await muc.get_affiliation_list(room, "member", timeout=PATIENCE)])
    tell("participants", nicks=await muc.get_roles_list(room, "participant", timeout=PATIENCE))

    await muc.set_affiliation(room, "outcast", jid=guest.boundjid.bare, reason="go away", timeout=PATIENCE)
    tell("banned", **shown(await guest.presence("guest", "unavailable")))
    try:
        await guest.enters(room, "guest")
    except PresenceError as error:
        tell("kept out", condition=error.presence["error"]["condition"], by=error.presence["error"]["by"], sender=error.presence["from"].full)
    try:
        await guest.muc.get_room_config(room, timeout=PATIENCE)
    except IqError as error:
        tell("no form", condition=error.condition)
    tell("outcasts", jids=[str(jid) for jid in await muc.get_affiliation_list(room, "outcast", timeout=PATIENCE)])

    await muc.destroy(room, reason="the end", altroom=f"new-{room}", timeout=PATIENCE)
    end = await owner.presence("owner", "unavailable")
    tell("destroyed", reason=end["muc"]["destroy"]["reason"], venue=str(end["muc"]["destroy"]["jid"]), role=end["muc"]["role"])


async def invitation(owner, guest, room):
    """Somebody is invited into a members-only room and enters. (A decline makes this version of slixmpp raise an exception.)"""
    muc = owner.muc
    guest.keep("groupchat_invite")
    await owner.enters(room, "owner")
    form = await muc.get_room_config(room, timeout=PATIENCE)
    form.set_values({"muc#roomconfig_membersonly": True})
    await muc.set_room_config(room, form, timeout=PATIENCE)
    # No attempt to enter before this: slixmpp would take the person for an occupant and keep the invitation to itself.
    muc.invite(room, guest.boundjid.bare, reason="come & see")
    message = await guest.sees("groupchat_invite")
    invite = message["muc"]["invite"]
    tell("invited", sender=message["from"].full, inviter=str(invite["from"]), reason=invite["reason"])
    entered = await guest.enters(message["from"].bare, "guest")
    tell("entered", codes=entered["codes"], affiliation=entered["affiliation"])


async def avatar(owner, guest, room):
    """The owner gives the room a picture; the guest fetches it, and cannot put up another."""
    picture = base64.b64decode(PICTURE)
    await owner.enters(room, "owner")
    await owner.muc.set_room_config(room, await owner.muc.get_room_config(room, timeout=PATIENCE), timeout=PATIENCE)
    await guest.enters(room, "guest")
    card = owner["xep_0054"].make_vcard()
    card["FN"] = "Tea room"
    card["PHOTO"]["TYPE"] = "image/png"
    card["PHOTO"]["BINVAL"] = picture
    await owner["xep_0054"].publish_vcard(card, jid=room, timeout=PATIENCE)
    tell("changed", codes=sorted((await guest.sees("groupchat_config_status"))["muc"]["status_codes"]))
    seen = (await guest["xep_0054"].get_vcard(room, timeout=PATIENCE))["vcard_temp"]
    photo = seen["photos"][0]
    tell("avatar", name=seen["FN"], type=photo["TYPE"], same=photo["BINVAL"] == picture)
    info = (await guest["xep_0030"].get_info(room, timeout=PATIENCE))["disco_info"]
    hashes = info.xml.findall(".//{jabber:x:data}field[@var='muc#roominfo_avatarhash']/{jabber:x:data}value")
    tell("announced", feature="vcard-temp" in info["features"], same=[each.text for each in hashes] == [hashlib.sha1(picture).hexdigest()])
    try:
        await guest["xep_0054"].publish_vcard(card, jid=room, timeout=PATIENCE)
    except IqError as error:
        tell("refused", condition=error.condition)


async def archive(owner, reader, room):
    """The owner speaks; somebody who never enters reads it all by pages, forwards and backwards, and searches it."""
    mam = reader["xep_0313"]
    await owner.enters(room, "owner")
    await owner.muc.set_room_config(room, await owner.muc.get_room_config(room, timeout=PATIENCE), timeout=PATIENCE)
    ids = []
    for number in range(25):
        body = f"message {number}" + (" with a needle in it" if number in (7, 21) else "")
        owner.send_message(mto=room, mbody=body, mtype="groupchat")
        heard = await owner.sees("groupchat_message", lambda m, body=body: m["body"] == body)
        ids.append(heard.xml.find("{urn:xmpp:sid:0}stanza-id").get("id"))

    def read(messages):
        results = [message["mam_result"] for message in messages]
        said = [result["forwarded"]["stanza"] for result in results]
        return {
            "ids": [ids.index(result["id"]) for result in results],
            "bodies": [each["body"].split(" with")[0] for each in said],
            "senders": sorted({each["from"].full for each in said}),
            "types": sorted({each["type"] for each in said}),
            "dated": all(result["forwarded"]["delay"]["stamp"] for result in results),
        }

    features = (await reader["xep_0030"].get_info(room, timeout=PATIENCE))["disco_info"]["features"]
    tell("announced", features=sorted(each for each in features if each.startswith("urn:xmpp:mam:") or "fulltext" in each))
    form = await mam.get_fields(room, timeout=PATIENCE)
    tell("fields", types={name: field["type"] for name, field in form.get_fields().items()})
    tell("forwards", **read([message async for message in mam.iterate(room, rsm={"max": 10})]))
    tell("backwards", **read([message async for message in mam.iterate(room, rsm={"max": 4}, reverse=True, total=9)]))
    ends = (await mam.get_archive_metadata(room, timeout=PATIENCE))["mam_metadata"]
    tell("ends", start=ids.index(ends["start"]["id"]), end=ids.index(ends["end"]["id"]))
    tell("nobody", **read([message async for message in mam.iterate(room, with_jid=owner.boundjid.bare)]))

    # The library knows no search; its query takes any field.
    query, mask = mam._pre_mam_retrieve(room)
    query["mam"].set_custom_field("{urn:xmpp:fulltext:0}fulltext", "needle")
    collector = Collector("search", MatchXMLMask(str(mask)))
    reader.register_handler(collector)
    end = await query.send(timeout=PATIENCE)
    tell("search", complete=end["mam_fin"].xml.get("complete"), count=end["mam_fin"]["rsm"]["count"], **read(collector.stop()))

    await owner.muc.set_affiliation(room, "outcast", jid=reader.boundjid.bare, timeout=PATIENCE)
    try:
        await mam.retrieve(room, timeout=PATIENCE)
    except IqError as error:
        tell("refused", condition=error.condition)



async def away(owner, guest, room):
    """Somebody registers from outside, asks for offline delivery, and is mentioned by nickname while away."""
    await owner.enters(room, "owner")
    form = await owner.muc.get_room_config(room, timeout=PATIENCE)
    form.set_values({"muc#roomconfig_forwardmentions": True, "{urn:parlour:room}registration": "anyone"})
    await owner.muc.set_room_config(room, form, timeout=PATIENCE)
    offline = "{http://tigase.org/protocol/muc}offline"

    async def registration():
        answer = await guest.make_iq_get(queryxmlns="jabber:iq:register", ito=room).send(timeout=PATIENCE)
        query = answer.xml.find("{jabber:iq:register}query")
        form = guest["xep_0004"].stanza.Form(xml=query.find("{jabber:x:data}x"))
        return query.find("{jabber:iq:register}registered") is not None, form

    registered, form = await registration()
    tell("form", registered=registered, type=form.get_fields()[offline]["type"], offline=form.get_values()[offline])
    form["type"] = "submit"
    form.set_values({"muc#register_roomnick": "guest", offline: True})
    request = guest.make_iq_set(ito=room)
    query = request.xml.makeelement("{jabber:iq:register}query", {})
    query.append(form.xml)
    request.append(query)
    await request.send(timeout=PATIENCE)
    registered, form = await registration()
    tell("registered", registered=registered, nick=form.get_values()["muc#register_roomnick"], offline=form.get_values()[offline])

    message = owner.make_message(mto=room, mbody="guest: tea is ready", mtype="groupchat")
    reference = {"type": "mention", "begin": "0", "end": "5", "uri": f"xmpp:{room}/guest"}
    message.append(message.xml.makeelement("{urn:xmpp:reference:0}reference", reference))
    message.send()
    # Whoever has a wish is woken, and gets no notice.
    await asyncio.sleep(0.5)
    _, form = await registration()
    tell("woken", offline=form.get_values()[offline])


async def retraction(owner, guest, room):
    """Somebody retracts their message, a moderator that of somebody else (XEP-0424, XEP-0425 as of version 0, which the library has)."""
    for person in (owner, guest):
        person.register_plugin("xep_0425")
        for event in ("message_retract", "moderated_message"):
            person.keep(event)
    tell("created", codes=(await owner.enters(room, "owner"))["codes"])
    await owner.muc.set_room_config(room, await owner.muc.get_room_config(room, timeout=PATIENCE), timeout=PATIENCE)
    await guest.enters(room, "guest")
    ids = {}
    for words in ("oops", "spam"):
        guest.send_message(mto=room, mbody=words, mtype="groupchat")
        ids[words] = (await owner.sees("groupchat_message", lambda m: m["body"] == words))["stanza_id"]["id"]
    guest["xep_0424"].send_retraction(slixmpp.JID(room), ids["oops"], "groupchat")
    retracted = await owner.sees("message_retract")
    tell("retracted", nick=retracted["from"].resource, same=retracted["apply_to"]["id"] == ids["oops"])
    await owner["xep_0425"].moderate(slixmpp.JID(room), ids["spam"], "no spam", timeout=PATIENCE)
    moderated = await guest.sees("moderated_message")
    what = moderated["apply_to"]["moderated"]
    same = moderated["apply_to"]["id"] == ids["spam"]
    tell("moderated", sender=moderated["from"].full, by=what["by"], reason=what["reason"], same=same)
    try:
        await guest["xep_0425"].moderate(slixmpp.JID(room), ids["spam"], timeout=PATIENCE)
    except IqError as error:
        tell("refused", condition=error.condition)

    guest.muc.leave_muc(room, "guest")
    await owner.presence("guest", "unavailable")
    past = []
    tombstone = "{urn:xmpp:message-retract:1}retracted"
    guest.register_handler(Callback("past", MatchXPath("{jabber:client}message"), lambda m: past.append(m)))
    await guest.enters(room, "guest")
    kept = [each.xml.find(tombstone) is not None for each in past if each["stanza_id"]["id"] in ids.values()]
    words = [each["body"] for each in past if each["body"] in ids]
    tell("past", tombstones=kept, words=words)


STORIES = {
    "reserved room": reserved_room,
    "invitation": invitation,
    "avatar": avatar,
    "archive": archive,
    "away": away,
    "retraction": retraction,
}


async def main():
    task = json.loads(sys.argv[1])
    people = [await Person(each["jid"], each["password"]).login(task["host"], task["port"]) for each in task["people"]]
    await STORIES[task["story"]](*people, task["room"])
    for person in people:
        await person.disconnect()


asyncio.get_event_loop().run_until_complete(main())
