//! What was said while a node was away: told to who reads slowly as to others, and in the node's own history from then on.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use tests::Sandbox;
use tests::redis::Redis;

use crate::client::Client;
use crate::node::{Difference, Node};
use crate::wire::{Proxy, Wire};

/// Lines that are missed: with these texts several times what a client is told at once.
const LINES: usize = 1_500;

/// Octets of their texts.
const LENGTH: usize = 400;

/// Somebody who reads nothing until he wants to.
struct Slow {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Slow {
    fn join(address: &str, nickname: &str, channel: &str) -> Slow {
        let stream = TcpStream::connect(address).expect("the node listens");
        // What the kernel holds for it does not count as read.
        socket2::SockRef::from(&stream).set_recv_buffer_size(16 * 1024).expect("an option of every system");
        let reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut slow = Slow { stream, reader };
        for line in [format!("NICK {nickname}"), format!("USER {nickname} 0 * :{nickname}"), format!("JOIN {channel}")]
        {
            slow.says(&line);
        }
        slow.reads_until(" 366 ");
        slow
    }

    fn says(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).expect("it is connected");
    }

    /// All lines up to one with this text.
    #[track_caller]
    fn reads_until(&mut self, text: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|line| line.contains(text)) {
            let mut line = String::new();
            let count = self.reader.read_line(&mut line).expect("it is connected");
            assert!(count > 0, "closed before {text:?}: {:?}", lines.last());
            lines.push(line);
        }
        lines
    }
}

#[test]
fn who_reads_slowly_is_told_all_that_was_missed_and_the_node_has_it_when_the_others_are_gone() {
    let Some(redis) = Redis::start(&[]) else { return };
    let (sandbox, proxy) = (Sandbox::new(), Proxy::before(&redis));
    let difference = Difference::default();
    let mut first = Node::start(&sandbox, "n1", &format!("redis://{}", redis.place()), difference);
    let second = Node::start(&sandbox, "n2", &proxy.url(), difference);
    let mut al = first.user("al", "#a");
    second.log().line("listening on");
    let mut slow = Slow::join(&second.address(), "slow", "#a");
    let mut quick = second.user("quick", "#a");
    let mut reader = Client::register(&second.address(), "reader", "batch draft/chathistory");
    reader.says("JOIN #a");
    reader.hears(" 366 ");
    al.hears_with(&[":reader!", " JOIN #a"]);

    proxy.cut();
    quick.hears("NOTICE quick :This server is cut off from the others");
    al.hears_with(&[":slow!", "QUIT", "n2.test is gone"]);
    let filler = "x".repeat(LENGTH);
    for number in 0..LINES {
        al.says(&format!("PRIVMSG #a :{number} {filler}"));
    }
    al.answers("");
    proxy.mend();
    quick.hears(&format!("PRIVMSG #a :{} ", LINES - 1));
    al.says("PRIVMSG #a :afterwards");
    quick.hears("PRIVMSG #a :afterwards");
    slow.says("PRIVMSG #a :I have read it all");
    assert!(!quick.has_heard(&["I have read it all"]), "it waits until that is so");

    let told = slow.reads_until("PRIVMSG #a :afterwards");
    let texts = told.iter().filter_map(|line| line.split_once(" PRIVMSG #a :")).map(|(_, text)| text);
    let numbers: Vec<&str> = texts.filter_map(|text| text.split(' ').next().filter(|it| it.len() < 5)).collect();
    assert_eq!(numbers, (0..LINES).map(|number| number.to_string()).collect::<Vec<_>>(), "each once, in order");
    assert!(!told.iter().any(|line| line.contains("More was said") || line.contains("Not all servers")));
    al.hears("PRIVMSG #a :I have read it all");
    assert_eq!(second.counted("chat_cut_off_total"), 0, "nobody is closed for it");

    first.kill();
    quick.hears_with(&[":al!", "QUIT", "n1.test is gone"]);
    let batch = reader.answers("CHATHISTORY LATEST #a * 100");
    let last: Vec<&String> =
        batch.iter().filter(|line| line.starts_with("@batch=") && line.contains(&filler)).collect();
    assert_eq!(last.len(), 98, "what was missed is this node's own: {:?}", batch.first());
}
