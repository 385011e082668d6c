//! Reads stanzas, one a line, as a client with strict types does: each stanza, and of its payloads those that a room makes.
//! Prints each kind of mistake once with an example; exits with 1 if there is any.
use std::collections::BTreeMap;
use std::io::BufRead;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::*;

/// What this version of the library refuses although XEP-0045 has it, and what the tests say on purpose.
const KNOWN: [&str; 7] = [
    // Bare JIDs in items about people who are not there (§9.3, §10.3); an item's JID is always full here.
    "no resource found in this full JID",
    // The password and the thread of an invitation (§7.8.2, §7.9), and a destroyed room (§10.9).
    "Unknown child in MucUser element.",
    "Unknown child in Invite element.",
    // `rooms.conditions`, which is off unless an operator wants it.
    "Unknown child in status element.",
    // Addresses that a server let through, and nicknames, which the tests choose.
    "localpart doesn’t pass nodeprep validation",
    "resource doesn’t pass resourceprep validation",
    "resource empty despite the presence of a /",
];

type Outcome = Result<(), String>;

fn read<T: TryFrom<Element>>(element: &Element) -> Outcome
where
    T::Error: std::fmt::Display,
{
    T::try_from(element.clone()).map(|_| ()).map_err(|error| error.to_string())
}

/// What a client makes of a payload; of kinds that this library does not know, or that may be a client's own, nothing.
fn payload(element: &Element) -> Outcome {
    match (element.name(), element.ns().as_str()) {
        ("x", ns::MUC_USER) => read::<muc::MucUser>(element),
        ("stanza-id", ns::SID) => read::<stanza_id::StanzaId>(element),
        ("occupant-id", ns::OID) => read::<occupant_id::OccupantId>(element),
        ("x", ns::VCARD_UPDATE) => read::<vcard_update::VCardUpdate>(element),
        ("query", ns::DISCO_INFO) => read::<disco::DiscoInfoResult>(element),
        ("query", ns::DISCO_ITEMS) => read::<disco::DiscoItemsResult>(element),
        ("result", ns::MAM) => read::<mam::Result_>(element),
        ("fin", ns::MAM) => read::<mam::Fin>(element),
        _ => Ok(()),
    }
}

fn stanza(element: &Element) -> Outcome {
    match element.name() {
        "message" => read::<message::Message>(element)?,
        "presence" => read::<presence::Presence>(element)?,
        _ => read::<iq::Iq>(element)?,
    }
    // What is asked, and what an error repeats, is a client's.
    match element.attr("type") {
        Some("get") | Some("set") | Some("error") => Ok(()),
        _ => element.children().try_for_each(|child| {
            payload(child).map_err(|error| format!("<{} xmlns='{}'>: {error}", child.name(), child.ns()))
        }),
    }
}

fn main() {
    let path = std::env::args().nth(1).expect("a file with stanzas, one a line");
    let file = std::fs::File::open(path).expect("the file can be read");
    let mut mistakes: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut count = 0;
    for line in std::io::BufReader::new(file).lines() {
        let line = line.expect("text in UTF-8");
        let outcome = match Element::from_reader_with_prefixes(line.as_bytes(), Some("jabber:client".to_string())) {
            Ok(element) => stanza(&element),
            Err(error) => Err(error.to_string()),
        };
        count += 1;
        if let Err(error) = outcome.or_else(|error| if KNOWN.iter().any(|known| error.ends_with(known)) { Ok(()) } else { Err(error) }) {
            mistakes.entry(error).or_insert((0, line)).0 += 1;
        }
    }
    for (error, (times, line)) in &mistakes {
        println!("{times} x {error}\n    {}", line.chars().take(600).collect::<String>());
    }
    println!("{count} stanzas, {} kinds of mistakes", mistakes.len());
    std::process::exit(i32::from(count == 0 || !mistakes.is_empty()));
}
