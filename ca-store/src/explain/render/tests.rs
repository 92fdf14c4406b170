//! What reports look like, on reports that are written down here.

use crate::clients::CLIENTS;
use crate::explain::{Asked, ChainEntry, ClientChain, ClientVerdict, Question, Ran, Report, Verdict};
use crate::finding::{Code, Finding, Severity};
use crate::handshake::{self, EndpointFacts, Survey};
use crate::recognise::render::appendix;
use crate::recognise::{Candidate, Standing, alone, recognise};

use super::{Appendix, Style, html, html_with, svg, text};

fn entry(role: &'static str, subject: &str, issuer: &str, source: &str) -> ChainEntry {
    ChainEntry {
        role,
        subject: subject.to_owned(),
        sha256: "00".repeat(32),
        source: source.to_owned(),
        issuer: issuer.to_owned(),
        not_after: "2030-01-01T00:00:00Z".to_owned(),
        trusted: role == "root",
    }
}

fn clients(refusing: &[(&str, &str)]) -> Vec<ClientVerdict> {
    let verdict = |client: &&'static str| match refusing.iter().find(|(name, _)| name == client) {
        Some((_, error)) => ClientVerdict { client, verdict: "rejects", error: (*error).to_owned(), ran: None },
        None => ClientVerdict { client, verdict: "accepts", error: String::new(), ran: None },
    };
    CLIENTS.iter().map(verdict).collect()
}

/// Leaf, issuing CA and root, with these findings, the first of which is the cause unless it is harmless.
fn report(findings: Vec<Finding>) -> Report {
    let cause = findings.first().filter(|it| it.severity != Severity::Note).cloned();
    let refused = cause.as_ref().is_some_and(|it| it.severity == Severity::Error);
    Report {
        verdict: if refused { Verdict::Invalid } else { Verdict::Valid },
        asked: Asked { names: vec!["a.example.test".to_owned()], purpose: "server", at: "2026-06-01T12:00:00Z".into() },
        cause,
        chain: vec![
            entry("leaf", "CN=a.example.test", "CN=Issuing CA", "chain.pem, certificate 1"),
            entry("intermediate", "CN=Issuing CA", "CN=Root CA", "chain.pem, certificate 2"),
            entry("root", "CN=Root CA", "CN=Root CA", "ca.pem, certificate 1"),
        ],
        path_end: "anchored",
        findings,
        clients: clients(&[]),
        not_run: None,
        endpoint: None,
        rustls: None,
        candidates: Vec::new(),
    }
}

fn candidate(decide: &str) -> Candidate {
    Candidate { code: Code::Expired, decide: decide.to_owned(), standing: Standing::Open }
}

fn aki_mismatch() -> Finding {
    Finding::new(Code::AkiMismatch, "`CN=a.example.test` names another key than its issuer's")
        .about(0)
        .shown_by("authority_key_id", "aaaa01")
        .shown_by("issuer_key_id", "aaaa02")
        .mended_by("pki issue server a.example.test --out reissued\n# then give the server the new files")
}

fn follows(code: Code, from: Code) -> Finding {
    Finding { follows_from: Some(from), ..Finding::new(code, "so this too") }
}

#[test]
fn the_cause_the_broken_link_the_fix_and_who_refuses_fit_a_screen() {
    let mut report = report(vec![
        aki_mismatch(),
        follows(Code::KeyTypeSupport, Code::AkiMismatch),
        Finding::new(Code::Expired, "expired on 2026-01-01"),
        follows(Code::Revoked, Code::Expired),
        Finding::new(Code::ChainHasRoot, "the root is sent along"),
    ]);
    report.clients = clients(&[("openssl", "verify error:num=20:x"), ("curl", "same"), ("node", "same")]);
    let expected = "\
invalid: aki-mismatch

  `CN=a.example.test` names another key than its issuer's
    authority key id  aaaa01
    ≠ issuer key id   aaaa02
                           ^
  ↳ hence key-type-support: so this too

Chain
  CN=Root CA (root, trusted, until 2030-01-01; ca.pem, certificate 1)
  └─ CN=Issuing CA (intermediate, until 2030-01-01; chain.pem, certificate 2)
     ╎  ✗ aki-mismatch
     └╌ CN=a.example.test (leaf, until 2030-01-01; chain.pem, certificate 1)

What to type
  pki issue server a.example.test --out reissued
  # then give the server the new files

Also seen
  error expired: expired on 2026-01-01
    ↳ hence revoked: so this too
  note chain-has-root: the root is sent along

Who refuses, and says
  openssl     verify error:num=20:x
  curl, node  same
Accepted by: openssl-strict, wget, gnutls, python-3.11, python-3.13, java, rustls, rustls-aws-lc,
  go, nss, chromium
";
    assert_eq!(text(&report, Style::plain()), expected);
}

#[test]
fn a_valid_chain_says_so_in_few_lines() {
    let expected = "\
valid for a.example.test, as a server, on 2026-06-01 12:00 UTC: nothing to mend

Chain
  CN=Root CA (root, trusted, until 2030-01-01; ca.pem, certificate 1)
  └─ CN=Issuing CA (intermediate, until 2030-01-01; chain.pem, certificate 2)
     └─ CN=a.example.test (leaf, until 2030-01-01; chain.pem, certificate 1)

Accepted by all: openssl, openssl-strict, curl, wget, gnutls, python-3.11, python-3.13, node,
  java, rustls, rustls-aws-lc, go, nss, chromium
";
    assert_eq!(text(&report(Vec::new()), Style::plain()), expected);
}

/// The server's chain has no fault, and a certificate of it bears no mark for what is wrong with another.
#[test]
fn where_the_clients_certificate_is_at_fault_its_chain_is_drawn_first() {
    let fault = Finding::new(Code::Expired, "the client certificate that was shown: it ended");
    let refused = Finding::new(Code::ClientCertificateRefused, "refused");
    for (cause, certificate, mark) in [
        (&fault, Some(1), "✗ CN=People CA (intermediate, until 2030-01-01; own.pem, certificate 2)  expired"),
        (&refused, Some(0), "✗ CN=alice (leaf, until 2030-01-01; own.pem, certificate 1)  client-certificate-refused"),
    ] {
        let client = Report {
            chain: vec![
                entry("leaf", "CN=alice", "CN=People CA", "own.pem, certificate 1"),
                entry("intermediate", "CN=People CA", "CN=People Root", "own.pem, certificate 2"),
            ],
            path_end: "no-issuer",
            ..report(Vec::new())
        };
        let mut shown = ClientChain::of(&client);
        shown.add_fault(&fault, Some(1));
        let shown = shown.under(Some(cause));
        assert_eq!((shown.has_cause, shown.certificate), (true, certificate));
        let facts = EndpointFacts { client_chain: Some(shown), ..handshake::facts(&Survey::default()) };
        let report = Report { endpoint: Some(facts), ..report(vec![cause.clone()]) };
        let drawn = text(&report, Style::plain());
        let (own, servers) = drawn.split_once("The server's chain\n").expect("both");
        assert!(own.contains("\nThe client's chain\n  [ missing: CN=People Root ]\n") && own.contains(mark), "{drawn}");
        assert!(!servers.contains('✗') && servers.contains("CN=a.example.test (leaf"), "{drawn}");
        let of_client = "about the client certificate that was to be shown";
        let alone = Report { endpoint: None, ..report.clone() };
        assert_eq!((html(&report).contains(of_client), html(&alone).contains(of_client)), (true, false));
        let picture = svg(&report);
        let place = |words: &str| picture.find(&format!(">{words}<")).expect(words);
        assert!(place("The client&#39;s chain") < place("The server&#39;s chain"), "{picture}");
    }
    let unrelated = ClientChain::of(&report(Vec::new())).under(Some(&fault));
    assert!(!unrelated.has_cause && unrelated.certificate.is_none());
}

#[test]
fn what_is_missing_above_is_drawn_as_a_gap_and_a_wrong_issuer_as_none() {
    let missing = Finding::new(Code::MissingIntermediate, "not sent").about(0);
    let stranger = Finding::new(Code::RootRegenerated, "another key")
        .about(0)
        .shown_by("issuer_subject", "CN=Issuing CA")
        .shown_by("issuer_source", "ca.pem, certificate 1");
    for (finding, end, drawn) in [
        (missing, "no-issuer", "  [ missing: CN=Issuing CA ]\n  ╎  ✗ missing-intermediate\n  └╌ CN=a.example.test"),
        (
            stranger,
            "no-issuer",
            "  [ not its issuer: CN=Issuing CA (ca.pem, certificate 1) ]\n  ╎  ✗ root-regenerated\n  └╌ CN=a.exa",
        ),
        (
            Finding::new(Code::Expired, "old").about(0),
            "self-signed",
            "  [ missing: a trust anchor ]\n  ╎  ✗ nothing trusted above\n  └╌ ✗ CN=a.example.test (leaf, until 2030-01-01; chain.pem, certificate 1)  expired",
        ),
    ] {
        let mut report = report(vec![finding]);
        report.chain.truncate(1);
        report.path_end = end;
        let text = text(&report, Style::plain());
        assert!(text.contains(drawn), "{text}");
    }
}

#[test]
fn of_what_is_missing_it_is_drawn_where_it_lies_and_of_a_long_source_the_end() {
    let drawn = |finding: Finding, source: &str| {
        let mut report = report(vec![finding]);
        report.chain.truncate(1);
        report.chain[0].source = source.to_owned();
        report.path_end = "no-issuer";
        svg(&report)
    };
    let missing = || Finding::new(Code::MissingIntermediate, "not sent").about(0);
    let found = drawn(missing().shown_by("found_in", "int.pem, certificate 1"), "a.pem, certificate 1");
    assert!(found.contains(">found in int.pem, certificate 1<") && !found.contains("is at hand"), "{found}");
    assert!(found.contains(">until 2030-01-01 · a.pem, certificate 1<"), "{found}");
    let source = format!("/etc/letsencrypt/{}/fullchain.pem, certificate 2", "archive".repeat(8));
    let unknown = drawn(missing(), &source);
    assert!(unknown.contains(">no certificate of this subject is at hand<"), "{unknown}");
    assert!(
        unknown.contains("archive/fullchain.pem, certificate 2</text>") && unknown.contains(">until 2030-01-01<"),
        "{unknown}"
    );
}

#[test]
fn a_long_chain_is_drawn_around_the_marked_place() {
    let mut report = report(vec![aki_mismatch().about(9)]);
    let middle: Vec<_> = (1..18)
        .map(|n| entry("intermediate", &format!("CN=CA {n}"), &format!("CN=CA {}", n + 1), "chain.pem"))
        .collect();
    report.chain.splice(1..2, middle);
    let text = text(&report, Style::plain());
    assert!(text.matches("… 6 more certificates").count() == 2, "{text}");
    assert!(text.contains("CN=CA 10 ") && text.contains("✗ aki-mismatch") && text.contains("CN=CA 9 "), "{text}");
    assert!(svg(&report).contains("… 6 more certificates"));
}

#[test]
fn of_a_long_subject_its_end_is_drawn_and_a_long_code_has_a_line_of_its_own() {
    let mut report = report(vec![Finding::new(Code::UnknownCriticalExtension, "it has one").about(1)]);
    report.chain[1].subject = format!("O={}, OU={}, CN=The name that tells", "o".repeat(60), "u".repeat(60));
    let places = |report: &Report| {
        let drawn = svg(report);
        let line = |text: &str| drawn.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{drawn}"));
        let y =
            |line: &str| line.split(" y=\"").nth(1).and_then(|it| it.split('"').next()).expect("a place").to_owned();
        assert!(line(">CN=The name that tells<").contains("\"subject\""), "{drawn}");
        (y(line(">intermediate")), y(line("✗ unknown-critical-extension")))
    };
    let (role, code) = places(&report);
    assert_eq!(role, code);
    report.chain[1].trusted = true;
    let (role, code) = places(&report);
    assert_ne!(role, code);
}

#[test]
fn prose_keeps_to_the_width_and_commands_stay_whole() {
    let long = "word ".repeat(60);
    let command = format!("pki diagnose --chain {}", "x".repeat(200));
    let finding = Finding::new(Code::Expired, long.trim_end()).mended_by(command.clone());
    let report = report(vec![finding]);
    for width in [40, 80, 120] {
        let text = text(&report, Style::plain().wide(width));
        assert!(text.lines().any(|line| line.trim() == command), "{text}");
        let prose = text.lines().filter(|line| line.contains("word"));
        prose.for_each(|line| assert!(line.chars().count() <= width, "{line}"));
    }
}

#[test]
fn commands_of_the_page_go_on_below_and_are_seen_on_paper() {
    let finding = Finding::new(Code::Expired, "old").mended_by("cat a b > c\n# then");
    let page = html(&report(vec![finding]));
    let lines =
        "<code><span class=\"line\">cat a b &gt; c\n</span><span class=\"line quiet\"># then\n</span></code></pre>";
    for expected in [lines, "@media print", "pre-wrap"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    // On paper there is neither a dark ground nor anything to scroll.
    assert!(!page.contains("overflow-x") && !page.contains("@media (prefers-color-scheme"), "{page}");
}

#[test]
fn in_a_pipe_values_and_consequences_are_whole_and_all_shows_the_words_of_clients() {
    let long = format!("{}the end", "word ".repeat(30));
    let mut cause = Finding::new(Code::Expired, "old");
    for index in 0..9 {
        cause = cause.shown_by(&format!("value_{index}"), format!("number {index}"));
    }
    let hence = Finding { message: long.clone(), ..follows(Code::Revoked, Code::Expired) };
    let mut report = report(vec![cause, hence]);
    report.clients = clients(&[("go", &long), ("curl", "same")]);
    report.clients[0].ran = Some(Ran { verdict: "rejects", output: "another".into(), agrees: true });
    let (piped, all) = (text(&report, Style::plain()), text(&report, Style::plain().whole()));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(piped.contains("number 8") && !piped.contains(" more\n"), "{piped}");
    assert!(words(&piped).contains(&format!("hence revoked: {long}")), "{piped}");
    assert!(!words(&piped).contains(&format!("go {long}")) && words(&all).contains(&format!("go {long}")), "{all}");
    assert!(piped.contains("rejects, as foretold, in other words: another"), "{piped}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let report = report(vec![aki_mismatch(), Finding::new(Code::ChainHasRoot, "harmless")]);
    let mut bare = String::new();
    for (index, part) in text(&report, Style::colour()).split("\u{1b}[").enumerate() {
        bare.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    let unbroken = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(unbroken(&bare), unbroken(&text(&report, Style::plain())));
}

#[test]
fn clients_that_were_run_stand_beside_what_was_foretold() {
    let mut report = report(Vec::new());
    report.clients[0].ran = Some(Ran { verdict: "accepts", output: String::new(), agrees: true });
    report.clients[2].ran = Some(Ran { verdict: "rejects", output: "curl: (60) <x>".into(), agrees: false });
    report.not_run = Some("no key".to_owned());
    let shown = text(&report, Style::plain());
    let expected = "Asked on this machine\n  openssl         accepts, as foretold\n  curl            rejects, ✗ not as foretold: curl: (60) <x>\n  no key\n";
    assert!(shown.contains(expected), "{shown}");
    let page = html(&report);
    assert!(page.contains("✗ not as foretold") && page.contains("curl: (60) &lt;x&gt;"), "{page}");
}

#[test]
fn words_of_several_lines_are_lines_of_the_page_and_one_of_the_text() {
    let mut report = report(vec![Finding::new(Code::Expired, "old")]);
    report.clients = clients(&[("wget", "ERROR: one\r\nERROR: two\r\n")]);
    report.clients[0].ran = Some(Ran { verdict: "rejects", output: "verify:\nlast".into(), agrees: false });
    let (page, text) = (html(&report), text(&report, Style::plain()));
    assert!(page.contains("<code>ERROR: one<br/>ERROR: two</code>") && page.contains("verify:<br/>last"), "{page}");
    assert!(text.contains("wget  ERROR: one; ERROR: two\n") && text.contains("verify:; last"), "{text}");
}

#[test]
fn what_the_report_is_of_is_read_before_it_on_a_page() {
    let more = Appendix { title: "More", lead: "of 2 certificates `CN=<a>`".into(), ..Appendix::default() };
    let page = html_with(&report(Vec::new()), &[more]);
    let (lead, verdict) = (page.find("of 2 certificates <code>CN=&lt;a&gt;</code>"), page.find("<header>"));
    assert!(lead.is_some() && lead < verdict, "{page}");
}

#[test]
fn candidates_are_a_section_of_the_page() {
    let mut report = report(Vec::new());
    report.candidates = vec![candidate("pki inspect <chain.pem>")];
    assert!(html(&report).contains("pki inspect &lt;chain.pem&gt;\n</span></code>"));
}

#[test]
fn the_page_of_a_text_alone_judges_nothing_and_tells_what_each_candidate_means() {
    let question = Question::server(None, time::OffsetDateTime::UNIX_EPOCH);
    let page = |text: &str| {
        let recognised = recognise(text, None);
        html_with(&alone(&recognised, &question), appendix(&recognised).as_slice())
    };
    let shown = page("first\ncurl: (60) SSL certificate problem: certificate has expired\n");
    for expected in [
        "</span> not judged</span>",
        "<h1>What the text alone may stand for, the likeliest first; no chain was judged.</h1>",
        "<li><code class=\"code\">expired</code><br/>",
        Code::Expired.summary(),
        "<th scope=\"row\">line 2</th><td><code>curl: (60) SSL certificate problem: certificate has expired</code>",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    for shown in [shown, page("nothing of the kind")] {
        assert!(!shown.contains("Nothing to mend") && !shown.contains("invalid"), "{shown}");
    }
}

#[test]
fn hostile_text_stays_text_in_every_form() {
    let hostile = "CN=</title><script>alert('1')</script>\" onload=\"x\u{202e}\u{0}\u{1b}[2J";
    let mut finding = Finding::new(Code::NoSan, format!("`{hostile}` has none {hostile}"))
        .about(0)
        .shown_by(hostile, hostile)
        .shown_by("list", vec![hostile, "b"])
        .mended_by(format!("echo {hostile}\n# {hostile}"));
    finding.severity = Severity::Error;
    let mut report = report(vec![finding.clone(), Finding { code: Code::Expired, ..finding }]);
    report.asked.names = vec![hostile.to_owned()];
    for entry in &mut report.chain {
        entry.subject = hostile.to_owned();
        entry.source = hostile.to_owned();
    }
    report.clients[0].ran = Some(Ran { verdict: "rejects", output: hostile.to_owned(), agrees: false });
    report.candidates = vec![candidate(hostile)];
    for (form, shown) in [("html", html(&report)), ("svg", svg(&report)), ("text", text(&report, Style::plain()))] {
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{form}: {shown}");
        if form != "text" {
            assert!(!shown.contains("<script") && !shown.contains("\" onload"), "{form}: {shown}");
        }
    }
}
