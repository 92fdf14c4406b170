//! One client's connection: bytes to lines for the core, and what the core answers back to bytes.

use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::driver::Message;
use super::limits::{FLUSH, LINGER, LINGER_BYTES, READ, WRITE};
use super::outbox::{Next, Outbox};
use crate::core::{ClientId, Event, Identity};
use crate::wire::line::LineSplitter;

/// What is known of a client before its first line.
#[derive(Debug)]
pub(super) struct Introduction {
    pub(super) client: ClientId,
    /// The peer's address without its port.
    pub(super) host: String,
    pub(super) secure: bool,
    pub(super) identity: Option<Identity>,
    /// Whether it may be given a port of its own.
    pub(super) may_move: bool,
}

/// Why a connection ended.
enum Ended {
    /// The peer closed it, or it broke: the core has to hear of it.
    ByPeer(String),
    /// The core closed it.
    ByCore,
}

/// Speaks for a client until one of both sides ends it.
pub(super) async fn talk<S: AsyncRead + AsyncWrite>(
    stream: S,
    introduction: Introduction,
    core: mpsc::Sender<Message>,
    mut stopping: watch::Receiver<bool>,
) {
    let Introduction { client, host, secure, identity, may_move } = introduction;
    let outbox = Arc::new(Outbox::default());
    let event = Event::Accepted { client, host, secure, identity, may_move };
    if core.send(Message::Opened { client, outbox: outbox.clone(), event }).await.is_err() {
        return;
    }
    let (mut reader, mut writer) = tokio::io::split(stream);
    if let Ended::ByPeer(reason) = converse(&mut reader, &mut writer, client, &core, &outbox).await {
        tell_gone(&core, client, reason).await;
        // What the peer asked for before it closed its side is still answered.
        let _ = timeout(FLUSH, write_lines(&mut writer, &outbox)).await;
    }
    let _ = timeout(FLUSH, writer.shutdown()).await;
    tokio::select! {
        () = linger(&mut reader) => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

async fn converse<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    reader: &mut R,
    writer: &mut W,
    client: ClientId,
    core: &mpsc::Sender<Message>,
    outbox: &Outbox,
) -> Ended {
    tokio::select! {
        reason = read_lines(reader, client, core) => Ended::ByPeer(reason),
        written = write_until_overdue(writer, outbox) => match written {
            Ok(()) => Ended::ByCore,
            Err(error) => Ended::ByPeer(format!("Write error: {error}")),
        },
    }
}

async fn tell_gone(core: &mpsc::Sender<Message>, client: ClientId, reason: String) {
    let _ = core.send(Message::Happened(Event::Gone { client, reason })).await;
}

async fn read_lines<R: AsyncRead + Unpin>(reader: &mut R, client: ClientId, core: &mpsc::Sender<Message>) -> String {
    let mut splitter = LineSplitter::for_clients();
    let mut buffer = [0; READ];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) => return "Connection closed".to_owned(),
            // Many clients close the socket without the TLS notice; to people that is the same.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return "Connection closed".to_owned(),
            Err(error) => return format!("Read error: {error}"),
            Ok(length) => splitter.push(&buffer[..length]),
        }
        while let Some(line) = splitter.next_line() {
            let event = match line {
                Ok(line) => Event::Line { client, line },
                Err(_) => Event::LineTooLong { client },
            };
            if core.send(Message::Happened(event)).await.is_err() {
                return "Server closed".to_owned();
            }
        }
    }
}

/// Writes what waits until no more comes. Once the core has closed the connection a peer that does not read its last words
/// holds nothing any longer: it ends in the middle of a write.
async fn write_until_overdue<W: AsyncWrite + Unpin>(writer: &mut W, outbox: &Outbox) -> std::io::Result<()> {
    tokio::select! {
        written = write_lines(writer, outbox) => written,
        () = outbox.overdue(FLUSH) => Ok(()),
    }
}

/// Writes what waits until no more comes.
async fn write_lines<W: AsyncWrite + Unpin>(writer: &mut W, outbox: &Outbox) -> std::io::Result<()> {
    loop {
        // A buffer a burst: an idle connection keeps none.
        let mut buffer = Vec::new();
        if outbox.next(&mut buffer).await == Next::End {
            return Ok(());
        }
        debug_assert!(buffer.len() <= WRITE + READ, "one record, or one long line");
        write(writer, &buffer).await?;
    }
}

async fn write<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> std::io::Result<()> {
    writer.write_all(bytes).await?;
    writer.flush().await
}

/// Reads on for a moment and throws away what comes, so that the peer gets to read our last words.
pub(super) async fn linger<R: AsyncRead + Unpin>(reader: &mut R) {
    let drain = async {
        let mut buffer = [0; READ];
        let mut left = LINGER_BYTES;
        while let Ok(length @ 1..) = reader.read(&mut buffer).await {
            left = left.saturating_sub(length);
            if left == 0 {
                return;
            }
        }
    };
    let _ = timeout(LINGER, drain).await;
}
