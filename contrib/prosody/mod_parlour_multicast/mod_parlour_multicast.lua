-- A multicast service (XEP-0033) for named components: one message or presence and a list of addresses in, one copy for each address out.
--
-- Component "multicast.example.com" "parlour_multicast"
--   parlour_multicast_components = { "rooms.example.com" }
--
-- All addresses are `bcc`: nobody is shown them. Nothing is delivered of a stanza that is refused.

local cache = require "util.cache";
local jid_host = require "util.jid".host;
local jid_prep = require "util.jid".prep;
local st = require "util.stanza";

local xmlns_address = "http://jabber.org/protocol/address";
local full_sessions = prosody.full_sessions;

local components, most_addresses;
local function read_options()
	components = module:get_option_set("parlour_multicast_components", {});
	most_addresses = module:get_option_number("parlour_multicast_addresses", 100);
end
read_options();
module:hook_global("config-reloaded", read_options);

module:depends("disco");
module:add_identity("service", "multicast", module:get_option_string("name", "Multicast"));
module:add_feature(xmlns_address);
-- A copy goes to each address of whichever domain, and no other server is told of addresses.
module:add_feature("urn:parlour:multicast:everywhere");

local function refuse(event, kind, condition, text)
	local origin, stanza = event.origin, event.stanza;
	if stanza.attr.type == "error" then return true; end
	local reply = st.error_reply(stanza, kind, condition, text):reset();
	-- So the sender knows which of its stanzas this is about.
	local addresses = stanza:get_child("addresses", xmlns_address);
	if addresses and components:contains(jid_host(stanza.attr.from)) then reply:add_child(addresses); end
	origin.send(reply);
	return true;
end

-- The prepared address, nil if it is none. Rooms name the same people again and again.
local prepared_before = cache.new(5000);
local function prepared_of(jid)
	-- Who is online has a prepared address.
	if full_sessions[jid] then return jid; end
	local prepared = prepared_before:get(jid);
	if prepared == nil then
		prepared = jid_prep(jid);
		if prepared then prepared_before:set(jid, prepared); end
	end
	return prepared;
end

-- The prepared addresses; nil and why: one of them is none.
local function recipients_of(addresses)
	local recipients = {};
	for address in addresses:childtags("address", xmlns_address) do
		local jid = address.attr.jid;
		if address.attr.type ~= "bcc" or not jid then
			return nil, "bad-request", "every address must be of type bcc, and have a jid";
		end
		local prepared = prepared_of(jid);
		if not prepared then return nil, "jid-malformed", "an address is none: "..jid; end
		recipients[#recipients + 1] = prepared;
	end
	if not recipients[1] then return nil, "bad-request", "there are no addresses"; end
	return recipients;
end

-- A stanza of its own with children that all copies share, as a room of Prosody shares them. Put in place by hand: add_direct_child takes four times as long, for each copy.
local function copy_for(stanza, children, to)
	local copy = st.clone(stanza, true);
	copy.attr.to = to;
	local tags = copy.tags;
	for i = 1, #children do
		local child = children[i];
		copy[i] = child;
		if child.name then tags[#tags + 1] = child; end
	end
	return copy;
end

local function multicast(event)
	local origin, stanza = event.origin, event.stanza;
	if origin.type ~= "component" or not components:contains(jid_host(stanza.attr.from)) then
		return refuse(event, "auth", "forbidden", "this service is for components named in its configuration");
	end
	local addresses = stanza:get_child("addresses", xmlns_address);
	if not addresses then return refuse(event, "modify", "bad-request", "there are no addresses"); end
	if #addresses.tags > most_addresses then
		return refuse(event, "modify", "not-acceptable", "more than "..most_addresses.." addresses");
	end
	local recipients, condition, text = recipients_of(addresses);
	if not recipients then return refuse(event, "modify", condition, text); end
	local children = {};
	for _, child in ipairs(stanza) do
		if type(child) == "string" or child.name ~= "addresses" or child.attr.xmlns ~= xmlns_address then
			children[#children + 1] = child;
		end
	end
	for _, to in ipairs(recipients) do module:send(copy_for(stanza, children, to), origin); end
	return true;
end

module:hook("message/host", multicast);
module:hook("presence/host", multicast);
