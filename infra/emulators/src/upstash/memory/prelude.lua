-- Run once in each script's state, before its globals are closed. See `script.rs`.
local raw_call, sha1hex = ...
redis = {
    LOG_DEBUG = 0, LOG_VERBOSE = 1, LOG_NOTICE = 2, LOG_WARNING = 3,
    call = function(...)
        local reply = raw_call(...)
        if type(reply) == 'table' and rawget(reply, 'err') then error(reply, 0) end
        return reply
    end,
    pcall = raw_call,
    error_reply = function(text)
        if type(text) ~= 'string' then return { err = 'ERR wrong number or type of arguments' } end
        if text:sub(1, 1) == '-' then text = text:sub(2) end
        if not text:find(' ', 1, true) then text = 'ERR ' .. text end
        return { err = text }
    end,
    status_reply = function(text)
        if type(text) ~= 'string' then return { err = 'ERR wrong number or type of arguments' } end
        return { ok = text }
    end,
    sha1hex = sha1hex,
    log = function() end,
    replicate_commands = function() return true end,
}
-- Redis hands an error table to a script's own pcall as its text.
local raw_pcall = pcall
local function as_text(ok, raised, ...)
    if not ok and type(raised) == 'table' then raised = rawget(raised, 'err') or raised end
    return ok, raised, ...
end
pcall = function(...) return as_text(raw_pcall(...)) end
dofile, loadfile, print, collectgarbage, newproxy, module, require, package = nil
setmetatable(_G, {
    __index = function(_, name)
        error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
    end,
    __newindex = function()
        error('Attempt to modify a readonly table', 2)
    end,
})
