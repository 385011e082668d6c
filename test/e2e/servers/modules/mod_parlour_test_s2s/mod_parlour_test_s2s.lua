-- For tests on one machine without DNS: other servers are on this machine, at the ports that a file says ("domain port", a line each), and nowhere else.
module:set_global();

local file = module:get_option_string("parlour_test_s2s");

-- Prosody 13 has its libraries below "prosody.".
local function library(name)
	local found, what = pcall(require, "prosody."..name);
	return found and what or require(name);
end

local service = library "net.resolvers.service";
local manual = library "net.resolvers.manual";

function service.new(hostname, _, _, extra)
	local targets = {};
	for line in io.lines(file) do
		local domain, port = line:match("^(%S+) (%d+)$");
		if domain == hostname then targets[1] = { "tcp", "127.0.0.1", tonumber(port), extra }; end
	end
	return manual.new(targets, "tcp", extra);
end
