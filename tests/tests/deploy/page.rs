//! What `docs/deploy.md` has people type.

use std::path::PathBuf;

use tests::programs::workspace;

/// A file of the documentation.
pub(crate) fn document(name: &str) -> PathBuf {
    workspace().join("docs").join(name)
}

/// Its text.
#[track_caller]
pub(crate) fn read(name: &str) -> String {
    let path = document(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// What is in fences of this kind, block by block.
pub(crate) fn blocks(text: &str, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(fence) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if fence == kind {
                found.push(block.join("\n") + "\n");
            }
        }
    }
    found
}

/// The page from a heading to the next of any kind.
#[track_caller]
pub(crate) fn section(heading: &str) -> String {
    let page = read("deploy.md");
    let (_, rest) = page.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading:?}"));
    rest.split("\n#").next().unwrap_or_default().to_owned()
}

/// The commands below a heading that are typed at this prompt, `ca$` say, one a line; what is continued is one.
#[track_caller]
pub(crate) fn typed(heading: &str, prompt: &str) -> Vec<String> {
    let prompt = format!("{prompt} ");
    let joined = blocks(&section(heading), "console").concat().replace("\\\n", "");
    joined.lines().filter_map(|line| line.strip_prefix(&prompt)).map(str::to_owned).collect()
}
