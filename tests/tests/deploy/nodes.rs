//! Two nodes of the page, with its Redis, and people on them.

use tests::peers::peer;
use tests::ports::FreePort;
use tests::{Running, Sandbox};

use crate::page::typed;
use crate::site::Site;

#[test]
fn people_on_two_nodes_are_in_one_chat() {
    let Some(site) = Site::new() else { return };
    let nodes = ["node1", "node2"].map(|node| site.serve(node));
    let mut alice = site.person("alice", &nodes[0]);
    let mut bob = site.person("bob", &nodes[1]);
    alice.line("bob joined");
    alice.types("hello from the first");
    bob.line("<alice> hello from the first");
    bob.types("hello from the second");
    alice.line("<bob> hello from the second");
}

/// The same file on all nodes, and the chat takes it by itself.
#[test]
fn a_person_is_put_out_wherever_he_is() {
    let Some(site) = Site::new() else { return };
    let nodes = ["node1", "node2"].map(|node| site.serve(node));
    let (bob, alice) = (site.person("bob", &nodes[0]), site.person("alice", &nodes[1]));
    bob.line("alice joined");
    site.types("### Putting a person out");
    alice.line("revoked");
    bob.line("alice quit");
}

#[test]
fn a_node_that_is_put_out_takes_its_people_with_it() {
    let Some(site) = Site::new() else { return };
    let [first, second] = ["node1", "node2"].map(|node| site.serve(node));
    let mut bob = site.person("bob", &first);
    let alice = site.person("alice", &second);
    bob.line("alice joined");
    site.types("### Putting a node out");
    second.line_with(&["bus-lost", "WRONGPASS"]);
    alice.line("cut off from the others");
    bob.line("alice quit");
    bob.types("who is still here?");
    drop(second);
    // With the file that she has, on another node.
    let alice = site.person("alice", &first);
    alice.line("bob");
}

#[test]
fn a_redis_that_is_started_again_puts_nobody_out() {
    let Some(site) = Site::new() else { return };
    let nodes = ["node1", "node2"].map(|node| site.serve(node));
    let mut alice = site.person("alice", &nodes[0]);
    let bob = site.person("bob", &nodes[1]);
    alice.line("bob joined");
    let site = site.restart();
    let printed = site.redis.printed();
    assert!(!printed.iter().any(|line| line.contains("CRITICAL")), "{printed:#?}");
    for (node, person) in nodes.iter().zip([&alice, &bob]) {
        node.line("bus-lost");
        node.line("bus-back");
        person.line("cut off from the others");
        person.line("back with the others");
    }
    alice.types("still here");
    bob.line("<alice> still here");
}

#[test]
fn a_node_with_other_settings_is_refused_and_told_in_what() {
    let Some(site) = Site::new() else { return };
    let first = site.serve("node1");
    first.line(" joined node=");
    let refused = site.serve_with("node2", "[limits]\nnick_length = 16\n");
    refused.line_with(&["can't join the network", "nick_length is 16 here and 32 there", "node1.example.test"]);
    // The unit tries again, until the settings are the same.
    let unit = crate::page::read("systemd/chat.service");
    let code = refused.ends().0;
    let given_up: Vec<&str> = unit.lines().filter_map(|it| it.strip_prefix("RestartPreventExitStatus=")).collect();
    assert!(!given_up[0].split(' ').any(|it| it == code.to_string()), "{code}");
}

#[test]
fn what_is_typed_to_see_it_work_on_one_machine_works() {
    if ["redis-server", "redis-cli"].map(peer).iter().any(Option::is_none) {
        return;
    }
    let (sandbox, ports) = (Sandbox::new(), [(); 3].map(|()| FreePort::take()));
    let mut running: Vec<Running> = Vec::new();
    for command in typed("## Several machines", "$") {
        let command = ["6379", "6697", "6698"]
            .iter()
            .zip(&ports)
            .fold(command, |it, (written, port)| it.replace(written, &port.number().to_string()));
        match (command.strip_suffix(" &"), command.starts_with("chat connect")) {
            (None, false) => drop(sandbox.shell(&command).exits(0)),
            (server, _) => {
                let program = sandbox.start("sh", ["-c", &format!("exec {}", server.unwrap_or(&command))]);
                program.line(match &command {
                    it if it.starts_with("redis-server") => "Ready to accept connections",
                    it if it.starts_with("chat serve") => "joined node=",
                    _ => "alice joined",
                });
                running.push(program);
            }
        }
    }
    assert_eq!(running.len(), 4);
}
