//! The chat's bounds: each with its name, its number and its reason in one file, `chat/src/limits.rs`.

use std::path::Path;

use syn::visit::{self, Visit};
use tests::programs::workspace;
use tests::sources::files;

/// Numbers that stand elsewhere because they bound nothing: lengths that a format or an algorithm has, units of time, versions.
const NO_BOUNDS: &[&str] = &[
    "archive/bounds.rs DAY_MS",
    "archive/mod.rs FORMAT",
    "client/scram.rs FEWEST_ROUNDS",
    "client/scram.rs KEY",
    "client/help.rs TYPED",
    "client/link.rs NONCE",
    "client/session/login.rs CHUNK",
    "client/terminal/scrollback.rs TIME",
    "client/terminal/scrollback.rs TOO_NARROW_FOR_TIMES",
    "config/endpoint.rs DEFAULT_TLS_PORT",
    "config/words.rs NEAR",
    "config/words.rs SHOWN",
    "core/accounts/mod.rs FEWEST_ITERATIONS",
    "core/accounts/mod.rs ITERATIONS",
    "core/accounts/registered.rs HOUR_MS",
    "core/accounts/sasl.rs CHUNK",
    "core/accounts/sasl.rs NONCE",
    "core/accounts/sasl.rs SECRET",
    "core/accounts/scram.rs KEY",
    "core/command/list.rs MINUTE_MS",
    "core/command/mod.rs VERB_COUNT",
    "core/deadline.rs GRAIN_MS",
    "core/fanout.rs KINDS",
    "core/network/mod.rs PROTOCOL",
    "core/network/node.rs CLIENT_BITS",
    "server/handshake.rs HANDSHAKE_RECORD",
    "server/network/missed.rs FIRST",
    "server/outlets.rs NONE",
    "server/secrets.rs SALT",
    "server/secrets.rs SALTED_PASSWORD",
    "wire/message.rs ROOM",
];

#[test]
fn every_bound_of_the_chat_stands_in_one_file() {
    let root = workspace().join("chat/src");
    // The bus has its own file: it knows nothing of the rest.
    let elsewhere = files(&root).into_iter().filter(|path| {
        let is_home = path.ends_with("chat/src/limits.rs") || path.starts_with(root.join("bus"));
        !is_home && !path.ends_with("tests.rs") && !path.iter().any(|part| part == "tests")
    });
    let found = elsewhere.flat_map(|path| {
        let shown = path.strip_prefix(&root).expect("below the root").display().to_string();
        numbers(&path).into_iter().map(move |number| format!("{shown} {}", number.name))
    });
    let mut found: Vec<String> = found.collect();
    let mut known: Vec<&str> = NO_BOUNDS.to_vec();
    found.sort();
    known.sort_unstable();
    assert_eq!(found, known, "a bound belongs into chat/src/limits.rs; what is none into the list of this test");
}

#[test]
fn every_bound_has_its_reason() {
    for home in ["chat/src/limits.rs", "chat/src/bus/limits.rs"] {
        let numbers = numbers(&workspace().join(home));
        assert!(numbers.len() > 20, "{home}");
        let bare: Vec<&str> =
            numbers.iter().filter(|number| number.reason.len() < 12).map(|number| &*number.name).collect();
        assert!(bare.is_empty(), "{home}: without a reason: {bare:?}");
    }
}

/// A constant that is a number or a time.
struct Number {
    name: String,
    reason: String,
}

/// Those of a file, its tests left out.
fn numbers(path: &Path) -> Vec<Number> {
    let source = std::fs::read_to_string(path).expect("a source file can be read");
    let file = syn::parse_file(&source).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let mut numbers = Numbers(Vec::new());
    numbers.visit_file(&file);
    numbers.0
}

struct Numbers(Vec<Number>);

impl<'ast> Visit<'ast> for Numbers {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        if is_number(&item.ty) {
            let reason = item.attrs.iter().filter_map(words).collect::<Vec<_>>().join(" ");
            self.0.push(Number { name: item.ident.to_string(), reason });
        }
    }
}

fn is_number(kind: &syn::Type) -> bool {
    const KINDS: [&str; 12] =
        ["usize", "u8", "u16", "u32", "u64", "u128", "isize", "i32", "i64", "f32", "f64", "Duration"];
    let syn::Type::Path(kind) = kind else { return false };
    kind.path.segments.last().is_some_and(|last| KINDS.iter().any(|known| last.ident == known))
}

/// A line of documentation.
fn words(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(literal) = &pair.value else { return None };
    let syn::Lit::Str(text) = &literal.lit else { return None };
    pair.path.is_ident("doc").then(|| text.value().trim().to_owned())
}
