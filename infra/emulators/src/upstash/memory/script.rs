//! `EVAL` and its family: Lua 5.1 over the store.
//!
//! Every run gets a Lua state of its own. That costs some microseconds and makes it certain that one script leaves nothing behind for
//! the next. The engine's lock is held throughout, which is what makes a script atomic.

use std::cell::RefCell;
use std::collections::HashMap;

use mlua::{HookTriggers, Lua, LuaOptions, StdLib, Table, Value, Variadic, VmState};

use super::super::policy;
use super::super::reply::Reply;
use super::super::shebang::{self, sha1_hex};
use super::arguments::{integer, word};
use super::store::{Failure, Outcome, Store};
use super::{arity_fits, find};

/// The scripting commands, which the table of operations cannot hold because they need it themselves.
pub(super) fn arity(name: &[u8]) -> Option<i8> {
    match name.to_ascii_uppercase().as_slice() {
        b"EVAL" | b"EVALSHA" | b"EVAL_RO" | b"EVALSHA_RO" => Some(-3),
        b"SCRIPT" => Some(-2),
        _ => None,
    }
}

/// A script that runs longer than this is stuck: about a second of pure Lua.
const MAX_INSTRUCTIONS: u32 = 100_000_000;
const HOOK_INTERVAL: u32 = 1_000_000;
const MAX_MEMORY: usize = 64 * 1024 * 1024;

/// The globals that Redis gives a script, and its guard around them. The raw calls hand errors over as values; raising one is left to
/// Lua, so that a script that fails ends with the error table itself, as in Redis.
const PRELUDE: &str = include_str!("prelude.lua");

#[derive(Default)]
pub(super) struct Scripts {
    /// By SHA-1. Redis keeps what `EVAL` ran, too.
    sources: HashMap<String, Vec<u8>>,
    commands_run: u64,
}

impl Scripts {
    pub(super) fn take_count(&mut self) -> u64 {
        std::mem::take(&mut self.commands_run)
    }

    pub(super) fn run(&mut self, store: &mut Store, name: &[u8], words: &[Vec<u8>]) -> Outcome {
        match name.to_ascii_uppercase().as_slice() {
            b"SCRIPT" => self.manage(words),
            b"EVAL" | b"EVAL_RO" => {
                let source = word(words, 0)?.to_vec();
                let read_only = name.len() > b"EVAL".len();
                let reply = self.evaluate(store, &source, words, read_only)?;
                self.sources.insert(sha1_hex(&source), source);
                Ok(reply)
            }
            _ => {
                let sha = String::from_utf8_lossy(word(words, 0)?).to_ascii_lowercase();
                let source = self
                    .sources
                    .get(&sha)
                    .cloned()
                    .ok_or_else(|| Failure::new("NOSCRIPT No matching script. Please use EVAL."))?;
                let read_only = name.len() > b"EVALSHA".len();
                self.evaluate(store, &source, words, read_only)
            }
        }
    }

    fn manage(&mut self, words: &[Vec<u8>]) -> Outcome {
        let subcommand = word(words, 0)?.to_ascii_uppercase();
        match (subcommand.as_slice(), words.get(1..).unwrap_or_default()) {
            (b"LOAD", [source]) => {
                let text = String::from_utf8_lossy(source);
                let script = shebang::parse(&text).map_err(Failure::new)?;
                let lua = Lua::new_with(StdLib::NONE, LuaOptions::new()).map_err(internal)?;
                compile(&lua, script.body)?;
                let sha = sha1_hex(source);
                self.sources.insert(sha.clone(), source.clone());
                Ok(Reply::bulk(sha))
            }
            (b"EXISTS", shas @ [_, ..]) => Ok(Reply::Array(
                shas.iter()
                    .map(|sha| String::from_utf8_lossy(sha).to_ascii_lowercase())
                    .map(|sha| Reply::flag(self.sources.contains_key(&sha)))
                    .collect(),
            )),
            (b"FLUSH", [] | [_]) => {
                self.sources.clear();
                Ok(Reply::ok())
            }
            _ => Err(Failure::new(
                "ERR unknown subcommand or wrong number of arguments for 'script' command",
            )),
        }
    }

    fn evaluate(&mut self, store: &mut Store, source: &[u8], words: &[Vec<u8>], read_only: bool) -> Outcome {
        let given = words.get(2..).unwrap_or_default();
        let count = usize::try_from(integer(word(words, 1)?)?)
            .map_err(|_| Failure::new("ERR Number of keys can't be negative"))?;
        let (keys, values) = given
            .split_at_checked(count)
            .ok_or_else(|| Failure::new("ERR Number of keys can't be greater than number of args"))?;
        let text = String::from_utf8_lossy(source);
        let script = shebang::parse(&text).map_err(Failure::new)?;
        let read_only = read_only || script.no_writes;

        let lua = sandbox().map_err(internal)?;
        let compiled = compile(&lua, script.body)?;
        let calls = RefCell::new((store, &mut self.commands_run));
        let outcome = lua.scope(|scope| {
            let call = scope.create_function(|lua, words: Variadic<Value>| {
                let mut calls = calls.borrow_mut();
                let (store, count) = &mut *calls;
                let reply = match words.iter().map(argument).collect::<Option<Vec<_>>>() {
                    Some(command) => {
                        **count += 1;
                        call(store, &command, read_only)
                    }
                    None => Err(Failure::new(
                        "ERR Lua redis lib command arguments must be strings or integers",
                    )),
                };
                to_lua(
                    lua,
                    &reply.unwrap_or_else(|Failure(text)| Reply::Error(text.into_owned())),
                )
            })?;
            let sha1hex = lua.create_function(|_, text: mlua::LuaString| Ok(sha1_hex(&text.as_bytes())))?;
            let globals = lua.globals();
            // Lua's own pcall, because what a script raises may be any Lua value.
            let protected: mlua::Function = globals.raw_get("pcall")?;
            globals.raw_set("KEYS", strings(&lua, keys)?)?;
            globals.raw_set("ARGV", strings(&lua, values)?)?;
            lua.load(PRELUDE).set_name("=prelude").call::<()>((call, sha1hex))?;
            protected.call::<(bool, Value)>(&compiled)
        });
        match outcome {
            Ok((true, value)) => from_lua(&value),
            Ok((false, raised)) => Err(raised_error(&raised)),
            Err(error) => Err(internal(error)),
        }
    }
}

fn sandbox() -> mlua::Result<Lua> {
    let lua = Lua::new_with(StdLib::STRING | StdLib::TABLE | StdLib::MATH, LuaOptions::new())?;
    lua.set_memory_limit(MAX_MEMORY)?;
    let triggers = HookTriggers::new().every_nth_instruction(HOOK_INTERVAL);
    let left = std::cell::Cell::new(MAX_INSTRUCTIONS / HOOK_INTERVAL);
    lua.set_global_hook(triggers, move |_, _| match left.get().checked_sub(1) {
        Some(next) => {
            left.set(next);
            Ok(VmState::Continue)
        }
        None => Err(mlua::Error::runtime("script killed: it ran for too long")),
    })?;
    Ok(lua)
}

fn compile(lua: &Lua, body: &str) -> Result<mlua::Function, Failure> {
    lua.load(body)
        .set_name("@user_script")
        .set_mode(mlua::chunk::ChunkMode::Text)
        .into_function()
        .map_err(|error| match error {
            mlua::Error::SyntaxError { message, .. } => Failure::new(format!(
                "ERR Error compiling script (new function): {}",
                one_line(&message)
            )),
            other => internal(other),
        })
}

fn internal(error: mlua::Error) -> Failure {
    Failure::new(format!("ERR {}", one_line(&error.to_string())))
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn strings(lua: &Lua, words: &[Vec<u8>]) -> mlua::Result<Table> {
    let words = words.iter().map(|word| lua.create_string(word));
    lua.create_sequence_from(words.collect::<mlua::Result<Vec<_>>>()?)
}

/// A string or a number; nothing else may be an argument.
fn argument(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        Value::Integer(number) => Some(number.to_string().into_bytes()),
        Value::Number(number) => Some(number.to_string().into_bytes()),
        _ => None,
    }
}

fn call(store: &mut Store, command: &[Vec<u8>], read_only: bool) -> Outcome {
    let (name, words) = command
        .split_first()
        .ok_or_else(|| Failure::new("ERR Please specify at least one argument for this redis.call() call"))?;
    if arity(name).is_some() {
        return Err(Failure::new("ERR This Redis command is not allowed from script"));
    }
    let operation = find(name).ok_or_else(|| Failure::new("ERR Unknown Redis command called from script"))?;
    if !arity_fits(operation.arity, command.len()) {
        return Err(Failure::new(
            "ERR Wrong number of args calling Redis command from script",
        ));
    }
    if read_only && !policy::is_read(name) {
        return Err(Failure::new(
            "ERR Write commands are not allowed from read-only scripts.",
        ));
    }
    (operation.run)(store, words)
}

fn to_lua(lua: &Lua, reply: &Reply) -> mlua::Result<Value> {
    let single = |field: &str, text: &str| {
        let table = lua.create_table()?;
        table.raw_set(field, text)?;
        Ok(Value::Table(table))
    };
    match reply {
        Reply::Nil => Ok(Value::Boolean(false)),
        // Lua 5.1 has no other numbers; Redis loses the same digits.
        Reply::Integer(number) => Ok(Value::Number(*number as f64)),
        Reply::Bulk(bytes) => lua.create_string(bytes).map(Value::String),
        Reply::Status(text) => single("ok", text),
        Reply::Error(text) => single("err", text),
        Reply::Array(items) => {
            let items = items.iter().map(|item| to_lua(lua, item));
            let items = items.collect::<mlua::Result<Vec<_>>>()?;
            lua.create_sequence_from(items).map(Value::Table)
        }
    }
}

/// The conversion of a script's result: numbers lose their fraction, a table ends at its first nil.
fn from_lua(value: &Value) -> Outcome {
    Ok(match value {
        Value::String(text) => Reply::bulk(text.as_bytes().to_vec()),
        Value::Boolean(true) => Reply::Integer(1),
        Value::Integer(number) => Reply::Integer(*number),
        Value::Number(number) => Reply::Integer(*number as i64),
        Value::Table(table) => {
            if let Some(text) = text_field(table, "err") {
                return Ok(Reply::Error(text));
            }
            if let Some(text) = text_field(table, "ok") {
                return Ok(Reply::Status(text));
            }
            let mut items = Vec::new();
            for at in 1.. {
                match table.raw_get::<Value>(at).map_err(internal)? {
                    Value::Nil => break,
                    item => items.push(from_lua(&item)?),
                }
            }
            Reply::Array(items)
        }
        _ => Reply::Nil,
    })
}

fn text_field(table: &Table, field: &str) -> Option<String> {
    match table.raw_get::<Value>(field).ok()? {
        Value::String(text) => Some(text.to_string_lossy()),
        _ => None,
    }
}

fn raised_error(raised: &Value) -> Failure {
    let text = match raised {
        Value::Table(table) => match text_field(table, "err") {
            // As it came from the command that failed.
            Some(text) => return Failure::new(one_line(&text)),
            None => "unknown error".to_owned(),
        },
        Value::String(text) => text.to_string_lossy(),
        Value::Error(error) => error.to_string(),
        _ => "unknown error".to_owned(),
    };
    Failure::new(format!("ERR {}", one_line(&text)))
}
