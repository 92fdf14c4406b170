//! The connections to a real Redis: one to ask, one that waits for what comes into the inbox.

mod words;

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, Pipeline, RedisConnectionInfo, Value, cmd};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::failure::{self, Refusal};
use super::limits::{
    ANSWER_MS, BLOCK_MS, ENTRIES_PER_READ, HISTORY_OPS, INBOX_ENTRIES, INBOX_SECONDS, LEASE_MS, SILENCE_MS,
    SNAPSHOT_SECONDS, TOMBSTONES,
};
use super::member::Reading;
use super::request::{Entry, Reply, Request};
use super::{Address, failure::broken};

/// The first version of Redis that has what the script uses: ids of entries with a part to be filled in.
const OLDEST_MAJOR: u32 = 7;

/// How Redis is reached.
#[derive(Clone)]
pub struct Link {
    address: Arc<Address>,
    /// What every key begins with: `{chat:NETWORK}:`.
    prefix: Arc<str>,
    tls: Option<Arc<rustls::ClientConfig>>,
    script: Arc<str>,
}

/// A Redis that can be asked.
pub struct Connection {
    link: Link,
    asking: Half,
    reading: Half,
    sha: Arc<str>,
    process: Arc<str>,
}

/// One connection, which ends with this.
struct Half {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
}

impl Drop for Half {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Link {
    /// A Redis and the name of a network in it. TLS is spoken where the address says so.
    pub fn new(address: Address, network: &str, tls: Option<Arc<rustls::ClientConfig>>) -> Link {
        let tls = tls.filter(|_| address.tls);
        Link { address: Arc::new(address), prefix: format!("{{chat:{network}}}:").into(), tls, script: script().into() }
    }

    /// Connects, shows the password, and gives Redis the script.
    ///
    /// # Errors
    /// What was found, where, and what to type.
    pub async fn connect(&self) -> Result<Connection, String> {
        let all = async {
            let (mut asking, reading) = tokio::try_join!(self.half(), self.half())?;
            self.log_in(&mut asking.connection.clone()).await?;
            self.log_in(&mut reading.connection.clone()).await?;
            let (process, sha) = self.prepare(&mut asking.connection).await?;
            Ok(Connection { link: self.clone(), asking, reading, sha, process })
        };
        timeout(answer(), all).await.unwrap_or_else(|_| Err(failure::silent(&self.address)))
    }

    async fn half(&self) -> Result<Half, String> {
        let Address { host, port, .. } = &*self.address;
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|why| broken(&self.address, &why))?;
        stream.set_nodelay(true).map_err(|why| broken(&self.address, &why))?;
        let Some(tls) = &self.tls else { return self.over(stream).await };
        let name = ServerName::try_from(host.clone()).map_err(|why| broken(&self.address, &why))?;
        let connector = TlsConnector::from(tls.clone());
        self.over(connector.connect(name, stream).await.map_err(|why| broken(&self.address, &why))?).await
    }

    async fn over<S>(&self, stream: S) -> Result<Half, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // The password is given by [`Link::log_in`], whose errors say what Redis answered.
        let info = RedisConnectionInfo::default().set_skip_set_lib_name();
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let made = MultiplexedConnection::new_with_config(&info, stream, config).await;
        let (connection, driver) = made.map_err(|why| broken(&self.address, &why))?;
        Ok(Half { connection, driver: tokio::spawn(driver) })
    }

    async fn log_in(&self, connection: &mut MultiplexedConnection) -> Result<(), String> {
        let mut pipeline = Pipeline::new();
        if let Some(password) = &self.address.password {
            let user = self.address.user.as_deref().unwrap_or("default");
            pipeline.add_command(cmd("AUTH").arg(user).arg(password.as_str()).clone());
        }
        pipeline.add_command(cmd("SELECT").arg(self.address.database).clone());
        self.all(connection, &pipeline).await.map(drop)
    }

    /// The word of Redis's process, and the name of the script there.
    async fn prepare(&self, connection: &mut MultiplexedConnection) -> Result<(Arc<str>, Arc<str>), String> {
        let mut pipeline = Pipeline::new();
        pipeline.add_command(cmd("INFO"));
        pipeline.add_command(cmd("SCRIPT").arg("LOAD").arg(&*self.script).clone());
        let replies = self.all(connection, &pipeline).await?;
        let texts: Vec<String> = replies.into_iter().filter_map(words::text).collect();
        let [info, sha] = &texts[..] else { return Err(failure::silent(&self.address)) };
        let version = words::field(info, "redis_version");
        if version.split('.').next().and_then(|it| it.parse().ok()).is_some_and(|major: u32| major < OLDEST_MAJOR) {
            return Err(failure::too_old(&self.address, version));
        }
        let policy = words::field(info, "maxmemory_policy");
        if policy != "noeviction" {
            tracing::warn!(
                redis = self.address.place(),
                policy,
                "Redis may throw the chat's state away when its memory is full: set maxmemory-policy to noeviction"
            );
        }
        Ok((words::field(info, "run_id").into(), sha.as_str().into()))
    }

    /// Replies none of which is an error.
    async fn all(&self, connection: &mut MultiplexedConnection, pipeline: &Pipeline) -> Result<Vec<Value>, String> {
        let count = pipeline.len();
        let replies = connection.send_packed_commands(pipeline, 0, count).await;
        let replies = replies.map_err(|why| self.failed(&why))?;
        match replies.iter().find_map(words::error) {
            Some((code, detail)) => Err(match failure::refusal(&self.address, code, detail) {
                Refusal::Request(why) | Refusal::Connection(why) => why,
            }),
            None => Ok(replies),
        }
    }

    fn failed(&self, why: &redis::RedisError) -> String {
        match why.code() {
            Some(code) => match failure::refusal(&self.address, code, why.detail().unwrap_or_default()) {
                Refusal::Request(why) | Refusal::Connection(why) => why,
            },
            None => broken(&self.address, why),
        }
    }
}

impl Connection {
    /// The word by which this process of Redis is told from another.
    pub fn process(&self) -> &str {
        &self.process
    }

    /// Asks. There are as many replies as requests; the call may be dropped, and then so is the connection to be.
    ///
    /// # Errors
    /// Where the connection is of no use any more: why.
    pub fn call(&self, requests: &[Request]) -> impl Future<Output = Result<Vec<Reply>, String>> + Send + use<> {
        let mut pipeline = Pipeline::with_capacity(requests.len());
        for request in requests {
            pipeline.add_command(self.command(request));
        }
        let kinds: Vec<words::Kind> = requests.iter().map(words::Kind::of).collect();
        let (link, mut connection) = (self.link.clone(), self.asking.connection.clone());
        async move {
            let asked = connection.send_packed_commands(&pipeline, 0, kinds.len());
            let Ok(replies) = timeout(answer(), asked).await else { return Err(failure::silent(&link.address)) };
            let replies = replies.map_err(|why| link.failed(&why))?;
            let reply = |(kind, value)| words::reply(&link.address, kind, value);
            kinds.into_iter().zip(replies).map(reply).collect()
        }
    }

    /// Waits for entries of an inbox; none after a while.
    ///
    /// # Errors
    /// As for [`Connection::call`].
    pub fn read(&self, reading: &Reading) -> impl Future<Output = Result<Vec<Entry>, String>> + Send + use<> {
        let key = format!("{}in:{}:{}", self.link.prefix, reading.seat.network, reading.seat.node);
        let mut command = cmd("XREAD");
        command.arg("COUNT").arg(ENTRIES_PER_READ).arg("BLOCK").arg(BLOCK_MS);
        command.arg("STREAMS").arg(key).arg(reading.after.to_string());
        let (link, mut connection) = (self.link.clone(), self.reading.connection.clone());
        async move {
            let blocked = Duration::from_millis(BLOCK_MS.unsigned_abs());
            let read = timeout(answer() + blocked, connection.send_packed_command(&command)).await;
            let Ok(value) = read else { return Err(failure::silent(&link.address)) };
            match value.map_err(|why| link.failed(&why))? {
                Value::ServerError(why) => Err(words::told(&link.address, &why)),
                value => Ok(words::entries(value)),
            }
        }
    }

    fn script(&self, operation: &str) -> Cmd {
        let mut command = cmd("EVALSHA");
        command.arg(&*self.sha).arg(1).arg(&*self.link.prefix).arg(operation);
        command
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.link.prefix)
    }
}

fn answer() -> Duration {
    Duration::from_millis(ANSWER_MS.unsigned_abs())
}

/// The script, with the bounds that it keeps. The first line makes Redis refuse the whole where it would refuse a part.
fn script() -> String {
    format!(
        "#!lua\nlocal LEASE_MS, SILENCE_MS, INBOX_ENTRIES, INBOX_SECONDS, SNAPSHOT_SECONDS, HISTORY_OPS, \
         TOMBSTONES = {LEASE_MS}, {SILENCE_MS}, {INBOX_ENTRIES}, {INBOX_SECONDS}, {SNAPSHOT_SECONDS}, {HISTORY_OPS}, {TOMBSTONES}\n{}",
        include_str!("script.lua")
    )
}
