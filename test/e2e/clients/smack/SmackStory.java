/* Two people with Smack, the library of many clients in Java: what they see, and what Smack itself complains of, as JSON lines. */

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jivesoftware.smack.ConnectionConfiguration.SecurityMode;
import org.jivesoftware.smack.SmackConfiguration;
import org.jivesoftware.smack.XMPPException.XMPPErrorException;
import org.jivesoftware.smack.filter.AndFilter;
import org.jivesoftware.smack.filter.FromMatchesFilter;
import org.jivesoftware.smack.filter.StanzaTypeFilter;
import org.jivesoftware.smack.packet.IQ;
import org.jivesoftware.smack.packet.Presence;
import org.jivesoftware.smack.packet.StandardExtensionElement;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.jivesoftware.smackx.muc.MultiUserChat;
import org.jivesoftware.smackx.muc.MultiUserChatManager;
import org.jivesoftware.smackx.muc.ParticipantStatusListener;
import org.jivesoftware.smackx.muc.UserStatusListener;
import org.jivesoftware.smackx.vcardtemp.VCardManager;
import org.jivesoftware.smackx.vcardtemp.packet.VCard;
import org.jxmpp.jid.EntityBareJid;
import org.jxmpp.jid.EntityFullJid;
import org.jxmpp.jid.Jid;
import org.jxmpp.jid.impl.JidCreate;
import org.jxmpp.jid.parts.Resourcepart;

public class SmackStory {
    private static final int PATIENCE = 20_000; // milliseconds for anything to arrive

    /** One red pixel. */
    private static final byte[] PICTURE = Base64.getDecoder().decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==");

    private static String json(Object value) {
        if (value == null) return "null";
        if (value instanceof Boolean || value instanceof Number) return value.toString();
        if (value instanceof Collection) {
            return ((Collection<?>) value).stream().map(SmackStory::json).collect(Collectors.joining(",", "[", "]"));
        }
        StringBuilder text = new StringBuilder("\"");
        for (char c : value.toString().toCharArray()) {
            if (c < ' ' || c == '"' || c == '\\' || c > '~') text.append(String.format("\\u%04x", (int) c));
            else text.append(c);
        }
        return text.append('"').toString();
    }

    /** Names and values take turns. */
    private static synchronized void tell(String event, Object... facts) {
        StringBuilder line = new StringBuilder("{\"event\":" + json(event));
        for (int i = 0; i < facts.length; i += 2) line.append(',').append(json(facts[i])).append(':').append(json(facts[i + 1]));
        System.out.println(line.append('}'));
    }

    /** Smack says in its log what it finds wrong: the test expects no such line. */
    private static class Complaints extends Handler {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() < Level.WARNING.intValue()) return;
            tell("complaint", "of", record.getLoggerName(), "text", record.getMessage() + " " + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** A logged-in account in one room. What it sees is kept, a queue for each kind, until somebody asks for it. */
    private static class Person {
        final XMPPTCPConnection connection;
        final EntityBareJid room;
        final MultiUserChat chat;
        final Resourcepart nick;
        final BlockingQueue<String> avatars = new LinkedBlockingQueue<>();
        final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<String> subjects = new LinkedBlockingQueue<>();
        final BlockingQueue<String> occupants = new LinkedBlockingQueue<>();
        final BlockingQueue<String> kicks = new LinkedBlockingQueue<>();

        Person(String host, int port, String jid, String password, String roomJid) throws Exception {
            EntityBareJid account = JidCreate.entityBareFrom(jid);
            connection = new XMPPTCPConnection(XMPPTCPConnectionConfiguration.builder()
                    .setXmppDomain(account.asDomainBareJid())
                    .setHost(host)
                    .setPort(port)
                    .setUsernameAndPassword(account.getLocalpart(), password)
                    .setResource("smack")
                    .setSecurityMode(SecurityMode.disabled)
                    .build());
            connection.setReplyTimeout(PATIENCE);
            room = JidCreate.entityBareFrom(roomJid);
            nick = Resourcepart.from(account.getLocalpart().toString());
            connection.connect().login();
            chat = MultiUserChatManager.getInstanceFor(connection).getMultiUserChat(room);
            connection.addSyncStanzaListener(stanza -> avatars.add(avatarOf((Presence) stanza)),
                    new AndFilter(StanzaTypeFilter.PRESENCE, FromMatchesFilter.createFull(room)));
            chat.addMessageListener(message -> {
                if (message.getBody() != null) messages.add(message.getFrom().getResourceOrEmpty() + ": " + message.getBody());
            });
            chat.addSubjectUpdatedListener((subject, from) -> subjects.add((from == null ? "" : from.getResourcepart() + ": ") + subject));
            chat.addParticipantListener(presence -> occupants.add(presence.getFrom().toString()));
            chat.addUserStatusListener(new UserStatusListener() {
                @Override
                public void kicked(Jid actor, String reason) {
                    kicks.add(nick + ": " + reason);
                }
            });
            chat.addParticipantStatusListener(new ParticipantStatusListener() {
                @Override
                public void kicked(EntityFullJid who, Jid actor, String reason) {
                    kicks.add(who.getResourcepart() + ": " + reason);
                }
            });
        }

        static String avatarOf(Presence presence) {
            StandardExtensionElement update = (StandardExtensionElement) presence.getExtensionElement("x", "vcard-temp:x:update");
            StandardExtensionElement photo = update == null ? null : update.getFirstElement("photo");
            return presence.getType() + " " + (photo == null ? "without a word of the avatar" : photo.getText() == null ? "" : photo.getText());
        }

        List<String> present() {
            return chat.getOccupants().stream().map(each -> each.getResourcepart().toString()).sorted().collect(Collectors.toList());
        }

        /** The owner writes the room's vCard; Smack's own way to save one is for accounts only. */
        String setAvatar(byte[] picture) throws Exception {
            VCard card = new VCard();
            if (picture != null) card.setAvatar(picture, "image/png");
            card.setTo(room);
            card.setType(IQ.Type.set);
            connection.sendIqRequestAndWaitForResponse(card);
            return card.getAvatarHash();
        }

        byte[] fetchAvatar() throws Exception {
            return VCardManager.getInstanceFor(connection).loadVCard(room).getAvatar();
        }
    }

    private static String next(BlockingQueue<String> queue, String what) throws InterruptedException {
        String seen = queue.poll(PATIENCE, TimeUnit.MILLISECONDS);
        if (seen == null) throw new IllegalStateException("waited in vain for " + what);
        return seen;
    }

    /** A room is created with its form and gets an avatar; somebody enters; the avatar changes and goes; somebody is kicked. */
    private static void avatar(Person owner, Person guest) throws Exception {
        MultiUserChat.MucCreateConfigFormHandle form = owner.chat.create(owner.nick);
        var fields = owner.chat.getConfigurationForm();
        var filled = fields.getFillableForm();
        filled.setAnswer("muc#roomconfig_roomname", "Grüße & <more>");
        owner.chat.sendConfigurationForm(filled);
        tell("created", "present", owner.present(), "reserved", form != null, "title", fields.getTitle());
        var info = MultiUserChatManager.getInstanceFor(owner.connection).getRoomInfo(owner.room);
        tell("described", "name", info.getName(), "occupants", info.getOccupantsCount());

        // Who is here hears of an avatar from the room's own address.
        owner.chat.sendMessage("first of all");
        tell("heard", "words", next(owner.messages, "the owner's words"));
        owner.chat.changeSubject("Nothing but tea");
        String first = owner.setAvatar(PICTURE);
        tell("avatar", "same", next(owner.avatars, "an avatar").equals("available " + first), "present", owner.present());

        guest.chat.join(guest.nick);
        tell("entered", "same", next(guest.avatars, "an avatar at the entry").equals("available " + first),
                "history", next(guest.messages, "the history"), "subject", next(guest.subjects, "the subject"), "present", guest.present());
        tell("fetched", "same", Arrays.equals(PICTURE, guest.fetchAvatar()));

        byte[] picture = Arrays.copyOf(PICTURE, PICTURE.length + 1);
        String second = owner.setAvatar(picture);
        for (Person each : List.of(owner, guest)) tell("changed", "same", next(each.avatars, "another avatar").equals("available " + second));
        tell("fetched", "same", Arrays.equals(picture, guest.fetchAvatar()));
        guest.chat.sendMessage("a nice picture");
        tell("heard", "words", next(owner.messages, "the guest's words"));
        owner.setAvatar(null);
        for (Person each : List.of(owner, guest)) tell("removed", "avatar", next(each.avatars, "no avatar"), "present", each.present());
        owner.chat.sendMessage("it is gone");
        for (String words : new String[] {"a nice picture", "it is gone"}) tell("heard", "words", next(guest.messages, words));
        try {
            guest.setAvatar(PICTURE);
        } catch (XMPPErrorException error) {
            tell("refused", "condition", error.getStanzaError().getCondition());
        }

        owner.chat.kickParticipant(guest.nick, "be quiet");
        for (Person each : List.of(owner, guest)) tell("kicked", "who", next(each.kicks, "a kick"));
        tell("present", "there", guest.chat.isJoined(), "present", owner.present());
        for (Person each : List.of(owner, guest)) tell("seen", "by", each.nick, "occupants", new TreeSet<>(each.occupants));
    }

    /** Arguments: host, port, room, then address and password of the owner and of the guest. */
    public static void main(String[] args) throws Exception {
        System.setOut(new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8));
        Logger.getLogger("").addHandler(new Complaints());
        SmackConfiguration.setDefaultReplyTimeout(PATIENCE);
        Person owner = new Person(args[0], Integer.parseInt(args[1]), args[3], args[4], args[2]);
        Person guest = new Person(args[0], Integer.parseInt(args[1]), args[5], args[6], args[2]);
        avatar(owner, guest);
        owner.connection.disconnect();
        guest.connection.disconnect();
        System.exit(0); // Smack leaves threads of its own behind.
    }
}
