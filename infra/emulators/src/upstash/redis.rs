//! A real `redis-server` as the engine, over RESP2.
//!
//! The codec is our own: it is one short function each way, and unlike a client library it hands on every error text as the
//! server wrote it, also inside an `EXEC` reply. One connection serves all requests in turn, so that a transaction needs no more
//! than its lock.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};

use super::StartError;
use super::reply::{Reply, write_bulk};
use super::request::Command;
use super::shebang::{sha1_hex, without_upstash_flag};

pub(super) struct Redis {
    address: String,
    database: u32,
    session: Mutex<Session>,
}

#[derive(Default)]
struct Session {
    /// Taken out while in use: a request that is cancelled half-way leaves no half-read reply to the next one.
    connection: Option<TcpStream>,
    /// The SHA-1 of a script as clients know it -> as the server knows it, where the shebang was rewritten.
    renamed: HashMap<String, String>,
}

impl Redis {
    pub(super) async fn connect(url: &str) -> Result<Self, StartError> {
        let invalid = || StartError::RedisUrl(url.to_owned());
        let rest = url.strip_prefix("redis://").ok_or_else(invalid)?;
        let (address, database) = rest.split_once('/').unwrap_or((rest, ""));
        let database = if database.is_empty() {
            0
        } else {
            database.parse().map_err(|_| invalid())?
        };
        if address.is_empty() || address.contains('@') {
            return Err(invalid());
        }
        let address = if address.contains(':') {
            address.to_owned()
        } else {
            format!("{address}:6379")
        };
        let redis = Self {
            address,
            database,
            session: Mutex::default(),
        };
        let connection = redis.open().await.map_err(|source| StartError::Redis {
            address: redis.address.clone(),
            source,
        })?;
        redis.session.lock().await.connection = Some(connection);
        Ok(redis)
    }

    async fn open(&self) -> Result<TcpStream, Error> {
        let mut connection = TcpStream::connect(&self.address).await?;
        let select = vec![b"SELECT".to_vec(), self.database.to_string().into_bytes()];
        match exchange(&mut connection, &[select]).await?.pop() {
            Some(Reply::Error(message)) => Err(Error::other(message)),
            _ => Ok(connection),
        }
    }

    pub(super) async fn pipeline(&self, commands: Vec<Command>) -> Vec<Reply> {
        let mut session = self.session.lock().await;
        let count = commands.len();
        let (commands, originals) = session.translate(commands);
        match self.send(&mut session, &commands).await {
            Ok(replies) => restore(replies, originals),
            Err(error) => vec![Reply::Error(unreachable(&error)); count],
        }
    }

    pub(super) async fn transaction(&self, commands: Vec<Command>) -> Result<Vec<Reply>, String> {
        let mut session = self.session.lock().await;
        let (commands, originals) = session.translate(commands);
        let mut framed = vec![vec![b"MULTI".to_vec()]];
        framed.extend(commands);
        framed.push(vec![b"EXEC".to_vec()]);
        let mut replies = self
            .send(&mut session, &framed)
            .await
            .map_err(|error| unreachable(&error))?;
        match replies.pop() {
            Some(Reply::Array(results)) => Ok(restore(results, originals)),
            // `EXECABORT`: the reason is the first reply that is not `QUEUED`.
            other => Err(replies
                .into_iter()
                .chain(other)
                .find_map(|reply| match reply {
                    Reply::Error(message) => Some(message),
                    _ => None,
                })
                .unwrap_or_else(|| "ERR unexpected reply to EXEC".to_owned())),
        }
    }

    async fn send(&self, session: &mut MutexGuard<'_, Session>, commands: &[Command]) -> Result<Vec<Reply>, Error> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = match session.connection.take() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        let replies = exchange(&mut connection, commands).await?;
        session.connection = Some(connection);
        Ok(replies)
    }
}

fn unreachable(error: &Error) -> String {
    format!("ERR the redis-server behind this endpoint does not answer: {error}")
}

impl Session {
    /// Rewrites what a real Redis would refuse. For each `SCRIPT LOAD` of a rewritten script the second list holds the name that
    /// the client expects as its answer.
    fn translate(&mut self, commands: Vec<Command>) -> (Vec<Command>, Vec<Option<String>>) {
        commands
            .into_iter()
            .map(|mut command| {
                let original = self.translate_one(&mut command);
                (command, original)
            })
            .unzip()
    }

    fn translate_one(&mut self, command: &mut Command) -> Option<String> {
        let word = |at: usize| {
            command
                .get(at)
                .map(|word| word.to_ascii_uppercase())
                .unwrap_or_default()
        };
        match (word(0).as_slice(), word(1).as_slice()) {
            (b"EVAL" | b"EVAL_RO", _) => {
                self.rewrite(command.get_mut(1)?);
                None
            }
            (b"EVALSHA" | b"EVALSHA_RO", _) => {
                self.rename(command.get_mut(1)?);
                None
            }
            (b"SCRIPT", b"LOAD") => self.rewrite(command.get_mut(2)?),
            (b"SCRIPT", b"EXISTS") => {
                command.iter_mut().skip(2).for_each(|sha| self.rename(sha));
                None
            }
            _ => None,
        }
    }

    fn rewrite(&mut self, script: &mut Vec<u8>) -> Option<String> {
        let accepted = without_upstash_flag(std::str::from_utf8(script).ok()?)?;
        let original = sha1_hex(script);
        *script = accepted.into_bytes();
        self.renamed.insert(original.clone(), sha1_hex(script));
        Some(original)
    }

    fn rename(&self, sha: &mut Vec<u8>) {
        let asked = String::from_utf8_lossy(sha).to_ascii_lowercase();
        if let Some(renamed) = self.renamed.get(&asked) {
            *sha = renamed.clone().into_bytes();
        }
    }
}

fn restore(mut replies: Vec<Reply>, originals: Vec<Option<String>>) -> Vec<Reply> {
    for (reply, original) in replies.iter_mut().zip(originals) {
        if let (Reply::Bulk(sha), Some(original)) = (reply, original) {
            *sha = original.into_bytes();
        }
    }
    replies
}

async fn exchange(connection: &mut TcpStream, commands: &[Command]) -> Result<Vec<Reply>, Error> {
    let mut out = Vec::new();
    for command in commands {
        out.extend_from_slice(format!("*{}\r\n", command.len()).as_bytes());
        for argument in command {
            write_bulk(argument, &mut out);
        }
    }
    let (reader, mut writer) = connection.split();
    // Nothing is lost with the buffer: the server says no more than the replies that are read here.
    let mut reader = BufReader::new(reader);
    // Written and read at once: with a long pipeline both socket buffers fill up, and one waiting for the other would never end.
    let write = writer.write_all(&out);
    let read = async {
        let mut replies = Vec::with_capacity(commands.len());
        for _ in commands {
            replies.push(read_reply(&mut reader).await?);
        }
        Ok(replies)
    };
    let ((), replies) = tokio::try_join!(write, read)?;
    Ok(replies)
}

async fn read_reply<R: AsyncBufReadExt + Unpin + Send>(reader: &mut R) -> Result<Reply, Error> {
    let mut line = String::new();
    if reader.read_line(&mut line).await? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let line = line.trim_end_matches(['\r', '\n']);
    let malformed = || Error::new(ErrorKind::InvalidData, format!("not RESP2: {line}"));
    let (kind, rest) = line.split_at_checked(1).ok_or_else(malformed)?;
    let number = || rest.parse::<i64>().map_err(|_| malformed());
    match kind {
        "+" => Ok(Reply::Status(rest.to_owned())),
        "-" => Ok(Reply::Error(rest.to_owned())),
        ":" => number().map(Reply::Integer),
        "$" => match usize::try_from(number()?) {
            Err(_) => Ok(Reply::Nil),
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                reader.read_exact(&mut bytes).await?;
                bytes.truncate(length);
                Ok(Reply::Bulk(bytes))
            }
        },
        "*" => match usize::try_from(number()?) {
            Err(_) => Ok(Reply::Nil),
            Ok(length) => {
                let mut items = Vec::new();
                for _ in 0..length {
                    items.push(Box::pin(read_reply(reader)).await?);
                }
                Ok(Reply::Array(items))
            }
        },
        _ => Err(malformed()),
    }
}
