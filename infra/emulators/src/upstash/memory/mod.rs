//! The in-process engine: a keyspace with expiry, a table of commands, and Lua scripts over both.

mod arguments;
mod hashes;
mod keys;
mod lists;
mod pattern;
mod script;
mod sets;
mod sorted_sets;
mod store;
mod strings;

use super::reply::Reply;
use super::request::Command;
use crate::clock::Clock;
use script::Scripts;
use store::{Failure, Outcome, Store};

/// One entry of the command table.
struct Operation {
    name: &'static str,
    /// As in Redis: the number of words with the name; negative: at least that many.
    arity: i8,
    /// Gets the words after the name.
    run: fn(&mut Store, &[Vec<u8>]) -> Outcome,
}

const fn operation(name: &'static str, arity: i8, run: fn(&mut Store, &[Vec<u8>]) -> Outcome) -> Operation {
    Operation { name, arity, run }
}

const TABLES: &[&[Operation]] = &[
    keys::OPERATIONS,
    strings::OPERATIONS,
    hashes::OPERATIONS,
    sets::OPERATIONS,
    sorted_sets::OPERATIONS,
    lists::OPERATIONS,
];

fn find(name: &[u8]) -> Option<&'static Operation> {
    TABLES
        .iter()
        .copied()
        .flatten()
        .find(|operation| operation.name.as_bytes().eq_ignore_ascii_case(name))
}

fn arity_fits(arity: i8, words: usize) -> bool {
    let least = usize::from(arity.unsigned_abs());
    if arity < 0 { words >= least } else { words == least }
}

pub(super) struct Memory {
    store: Store,
    scripts: Scripts,
    clock: Clock,
}

impl Memory {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            store: Store::default(),
            scripts: Scripts::default(),
            clock,
        }
    }

    /// Why `command` could never run: it is unknown or has a wrong number of arguments.
    pub(super) fn objection(command: &Command) -> Option<String> {
        let (name, arguments) = command.split_first()?;
        let arity = script::arity(name).or_else(|| find(name).map(|operation| operation.arity));
        match arity {
            None => Some(unknown(name, arguments)),
            Some(arity) if !arity_fits(arity, command.len()) => Some(format!(
                "ERR wrong number of arguments for '{}' command",
                String::from_utf8_lossy(name).to_ascii_lowercase()
            )),
            Some(_) => None,
        }
    }

    /// Runs one command at the present time. A script is one command: its own commands all see that same time.
    pub(super) fn execute(&mut self, command: &Command) -> Reply {
        if let Some(message) = Self::objection(command) {
            return Reply::Error(message);
        }
        let Some((name, arguments)) = command.split_first() else {
            return Reply::Error("ERR empty command".to_owned());
        };
        self.store.advance((self.clock)());
        let outcome = match find(name) {
            Some(operation) => (operation.run)(&mut self.store, arguments),
            None => self.scripts.run(&mut self.store, name, arguments),
        };
        outcome.unwrap_or_else(|Failure(message)| Reply::Error(message.into_owned()))
    }

    /// How many commands scripts ran since the last call.
    pub(super) fn take_script_commands(&mut self) -> u64 {
        self.scripts.take_count()
    }
}

fn unknown(name: &[u8], arguments: &[Vec<u8>]) -> String {
    use std::fmt::Write as _;
    let mut message = format!(
        "ERR unknown command '{}', with args beginning with: ",
        String::from_utf8_lossy(name)
    );
    for argument in arguments.iter().take(20) {
        // Writing to a String cannot fail.
        let _ = write!(message, "'{}' ", String::from_utf8_lossy(argument));
        if message.len() > 128 {
            break;
        }
    }
    message
}
