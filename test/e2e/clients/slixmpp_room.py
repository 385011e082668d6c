"""Joins a room with slixmpp's own XEP-0045 plugin, says one thing, and tells what it sees as JSON lines until it hears "goodbye, slixmpp"."""
import asyncio
import json
import sys

import slixmpp


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class Visitor(slixmpp.ClientXMPP):
    def __init__(self, task):
        super().__init__(task["jid"], task["password"], plugin_config={"feature_mechanisms": {"unencrypted_plain": True}})
        self.room, self.nick = task["room"], task["nick"]
        self.register_plugin("xep_0045")
        self.register_plugin("xep_0199")
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("groupchat_message", self.heard)
        self.add_event_handler("groupchat_subject", self.subject)
        self.add_event_handler("failed_auth", lambda _: self.fail("the server refused the password"))

    def fail(self, why):
        tell("failed", why=why)
        self.abort()

    async def started(self, _):
        try:
            self.send_presence()
            muc = self["xep_0045"]
            await muc.join_muc_wait(self.room, self.nick, timeout=15)
            tell("joined", roster=sorted(muc.get_roster(self.room)))
            self.send_message(mto=self.room, mbody="hello from slixmpp", mtype="groupchat")
        except Exception as error:  # whatever goes wrong is for the test to read
            self.fail(repr(error))

    def subject(self, message):
        tell("subject", text=message["subject"])

    async def heard(self, message):
        tell("message", nick=message["mucnick"], body=message["body"])
        if message["body"] == "goodbye, slixmpp":
            self["xep_0045"].leave_muc(self.room, self.nick)
            await asyncio.sleep(0.3)
            tell("left")
            await self.disconnect()


async def main():
    task = json.loads(sys.argv[1])
    visitor = Visitor(task)
    visitor.connect((task["host"], task["port"]), use_ssl=False, force_starttls=False, disable_starttls=True)
    await asyncio.wait_for(visitor.disconnected, timeout=60)


asyncio.get_event_loop().run_until_complete(main())
