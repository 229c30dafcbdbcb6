//! The two engines behind the endpoint, under one face.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::StartError;
use super::memory::Memory;
use super::redis::Redis;
use super::reply::Reply;
use super::request::Command;
use crate::clock::Clock;

pub(super) enum Backend {
    Memory(Mutex<Memory>),
    Redis(Redis),
}

impl Backend {
    pub(super) fn memory(clock: Clock) -> Self {
        Self::Memory(Mutex::new(Memory::new(clock)))
    }

    pub(super) async fn redis(url: &str) -> Result<Self, StartError> {
        Redis::connect(url).await.map(Self::Redis)
    }

    /// Runs the commands in order, not atomically. Returns one reply for each, and how many commands their scripts ran.
    pub(super) async fn pipeline(&self, commands: Vec<Command>) -> (Vec<Reply>, u64) {
        match self {
            Self::Memory(memory) => {
                let mut script_commands = 0;
                let replies = commands
                    .iter()
                    .map(|command| {
                        let mut memory = lock(memory);
                        let reply = memory.execute(command);
                        script_commands += memory.take_script_commands();
                        reply
                    })
                    .collect();
                (replies, script_commands)
            }
            Self::Redis(redis) => (redis.pipeline(commands).await, 0),
        }
    }

    /// Runs the commands atomically. A command that could never run discards them all, and its error is the `Err`.
    pub(super) async fn transaction(&self, commands: Vec<Command>) -> Result<(Vec<Reply>, u64), String> {
        match self {
            Self::Memory(memory) => {
                let mut memory = lock(memory);
                if let Some(message) = commands.iter().find_map(Memory::objection) {
                    return Err(message);
                }
                let replies = commands.iter().map(|command| memory.execute(command)).collect();
                Ok((replies, memory.take_script_commands()))
            }
            Self::Redis(redis) => redis.transaction(commands).await.map(|replies| (replies, 0)),
        }
    }
}

/// A panic inside a command is a bug of that command; the data of a cache stays usable.
fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
