//! What the crates' own sources name: every path in them (`std::net::TcpStream`, `crate::store`), test code left out.
//!
//! Read with a parser, not with a search for words: a grouped import (`use std::{fs, io}`) names `std::fs` as much as a
//! plain one does, and a comment names nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Every `.rs` file below a folder, or the file itself; none where there is no such path.
pub fn files(root: &Path) -> Vec<PathBuf> {
    if root.is_file() {
        return vec![root.to_owned()];
    }
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().flat_map(|entry| files(&entry.path())).collect();
    found.retain(|path| path.extension().is_some_and(|it| it == "rs"));
    found.sort();
    found
}

/// Everything that a source text names outside its tests.
///
/// # Panics
/// Where the text is not Rust.
pub fn named(source: &str) -> BTreeSet<String> {
    let file = syn::parse_file(source).unwrap_or_else(|why| panic!("not Rust: {why}"));
    let mut collector = Collector::default();
    collector.visit_file(&file);
    collector.found
}

/// Whether a path is, or lies below, another: `std::fs::File` lies below `std::fs`, `std::fsx` does not.
pub fn lies_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[derive(Default)]
struct Collector {
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree("", &item.tree);
    }

    /// Inside a macro there is no syntax yet, only words: those that `::` joins are taken for a path.
    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.visit_path(&invocation.path);
        self.words(invocation.tokens.clone());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|it| it.ident.to_string()).collect();
        self.found.insert(segments.join("::"));
        visit::visit_path(self, path);
    }
}

impl Collector {
    fn words(&mut self, tokens: TokenStream) {
        let mut path = String::new();
        for token in tokens {
            match token {
                TokenTree::Ident(word) if path.is_empty() || path.ends_with("::") => path.push_str(&word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => path.push(':'),
                other => {
                    self.found.insert(std::mem::take(&mut path));
                    match other {
                        TokenTree::Group(group) => self.words(group.stream()),
                        TokenTree::Ident(word) => path = word.to_string(),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
        }
        self.found.insert(path);
    }

    fn tree(&mut self, above: &str, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.tree(&format!("{above}{}::", path.ident), &path.tree),
            syn::UseTree::Name(name) => self.leaf(above, &name.ident),
            syn::UseTree::Rename(rename) => self.leaf(above, &rename.ident),
            syn::UseTree::Glob(_) => {
                self.found.insert(above.trim_end_matches("::").to_owned());
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|it| self.tree(above, it)),
        }
    }

    fn leaf(&mut self, above: &str, name: &syn::Ident) {
        let path = if name == "self" { above.trim_end_matches("::").to_owned() } else { format!("{above}{name}") };
        self.found.insert(path);
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(it) => &it.attrs,
        syn::Item::Impl(it) => &it.attrs,
        syn::Item::Mod(it) => &it.attrs,
        syn::Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident("cfg") && it.parse_args::<syn::Ident>().is_ok_and(|it| it == "test"))
}
