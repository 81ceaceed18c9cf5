//! The texts that users read, and where each is: from documents, comments, descriptions, help and string literals.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::ROOT;

/// What kind of file holds the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Paragraphs, headings, items and cells; blocks of code are not prose.
    Markdown,
    /// Comments of YAML.
    Comments,
    /// Comments and text of Helm's templates.
    Template,
    /// `summary` and `description` of alerts.
    Rules,
    /// Titles and descriptions of a dashboard.
    Dashboard,
    /// Descriptions and messages of a CRD.
    Crd,
    /// What `--help` prints.
    Help,
    /// String literals of Rust outside of tests.
    Literals,
}

/// One piece of text that is read as a whole.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) place: String,
    pub(crate) words: String,
}

pub(crate) fn texts(form: Form, pattern: &str) -> Vec<Text> {
    if form == Form::Help {
        return help();
    }
    // Tests beside the code are read by nobody but us.
    let read = files(pattern).into_iter().filter(|path| !path.ends_with("tests.rs"));
    read.flat_map(|path| of_file(form, &path)).collect()
}

/// Paths of files below the root that a pattern names, with `*` at its end for everything below a folder.
pub(crate) fn files(pattern: &str) -> Vec<String> {
    let Some(folder) = pattern.strip_suffix('*') else { return vec![pattern.to_owned()] };
    let mut all = below(folder.trim_end_matches('/'));
    all.sort();
    all
}

fn below(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path().is_dir()));
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    named
        .flat_map(|(name, is_folder)| match is_folder {
            // The root itself is not searched: it holds what is built.
            true if folder.is_empty() => Vec::new(),
            true => below(&path(&name)),
            false => vec![path(&name)],
        })
        .collect()
}

fn of_file(form: Form, path: &str) -> Vec<Text> {
    let text = std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let pieces = match form {
        Form::Markdown => markdown(&text),
        Form::Comments => comments(&text, false),
        Form::Template => comments(&text, path.ends_with(".txt")),
        Form::Rules => yaml(&text, &["summary", "description"]),
        Form::Dashboard => yaml(&text, &["title", "description"]),
        Form::Crd => yaml(&text, &["description", "message"]),
        Form::Literals => literals(text.split("#[cfg(test)]").next().unwrap_or_default()),
        Form::Help => Vec::new(),
    };
    let place = |line: usize| if line == 0 { path.to_owned() } else { format!("{path}:{line}") };
    pieces.into_iter().map(|(line, words)| Text { place: place(line), words }).collect()
}

/// A line's number, from one, and the text that begins there.
type Piece = (usize, String);

/// Lines that belong together, until one begins another piece.
#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    open: Option<Piece>,
}

impl Pieces {
    fn close(&mut self) {
        self.done.extend(self.open.take());
    }

    fn begin(&mut self, line: usize, text: &str) {
        self.close();
        self.open = Some((line, text.to_owned()));
    }

    fn add(&mut self, line: usize, text: &str) {
        match &mut self.open {
            Some((_, words)) => words.extend([" ", text]),
            None => self.open = Some((line, text.to_owned())),
        }
    }
}

fn markdown(text: &str) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut code = false;
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line.trim())) {
        if line.starts_with("```") {
            pieces.close();
            code = !code;
        } else if code || line.is_empty() || line.starts_with("<!--") {
            pieces.close();
        } else if let Some(row) = line.strip_prefix('|') {
            row.split(" | ").for_each(|cell| pieces.begin(number, cell.trim_matches(['|', ' '])));
            pieces.close();
        } else if line.starts_with('#') {
            pieces.begin(number, line.trim_start_matches(['#', ' ']));
            pieces.close();
        } else if let Some(item) = item(line) {
            pieces.begin(number, item);
        } else {
            pieces.add(number, line);
        }
    }
    pieces.close();
    pieces.done
}

/// The text of a line that begins an item of a list.
fn item(line: &str) -> Option<&str> {
    let numbered = line.split_once(". ").filter(|(number, _)| number.parse::<u32>().is_ok());
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or(numbered.map(|(_, text)| text))
}

/// Comments, joined while they go on; with `all` every line is text.
fn comments(text: &str, all: bool) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line.trim())) {
        let comment = line.strip_prefix("# ").or_else(|| line.split_once(" # ").map(|(_, comment)| comment));
        match comment {
            Some(comment) if line.starts_with('#') => match comment.strip_prefix("-- ") {
                Some(described) => pieces.begin(number, described),
                None => pieces.add(number, comment),
            },
            Some(comment) => {
                pieces.begin(number, comment);
                pieces.close();
            }
            None if all && !line.is_empty() => pieces.add(number, line),
            None => pieces.close(),
        }
    }
    pieces.close();
    pieces.done
}

/// Strings under these keys, however deep.
fn yaml(text: &str, keys: &[&str]) -> Vec<Piece> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let mut all = Vec::new();
    documents.iter().for_each(|document| collect(document, keys, &mut all));
    all.into_iter().map(|text| (0, text)).collect()
}

fn collect(value: &Value, keys: &[&str], all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) if keys.contains(&key.as_str()) => all.push(text.to_owned()),
                    Some(_) => {}
                    None => collect(value, keys, all),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Texts between quotation marks, outside of comments. One word is a name.
fn literals(source: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut rest = source;
    let line = |rest: &str| source[..source.len() - rest.len()].lines().count();
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (mark, after) = rest[at..].split_at(1);
        rest = after;
        match mark {
            "/" if after.starts_with('/') => rest = after.split_once('\n').map_or("", |(_, next)| next),
            "\"" => {
                let begun = line(after);
                let (text, next) = literal(after);
                rest = next;
                all.extend(Some((begun, text)).filter(|(_, text)| text.trim().contains(' ')));
            }
            // A quotation mark as a character.
            "'" if after.starts_with("\"'") || after.starts_with("\\\"'") => {
                rest = after.split_once("'").map_or("", |(_, next)| next);
            }
            _ => {}
        }
    }
    all
}

/// A literal's text, and what follows it.
fn literal(after: &str) -> (String, &str) {
    let mut text = String::new();
    let mut escaped = false;
    for (at, c) in after.char_indices() {
        match c {
            '"' if !escaped => return (text, &after[at + 1..]),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            'n' if escaped => text.push('\n'),
            // The line goes on behind what the next one is indented by.
            '\n' if escaped => {}
            c => text.push(c),
        }
        escaped = false;
    }
    (text, "")
}

const COMMANDS: [&[&str]; 9] = [
    &[],
    &["run"],
    &["plan"],
    &["import"],
    &["status"],
    &["generate"],
    &["generate", "iam"],
    &["generate", "reference"],
    &["generate", "json-schema"],
];

/// The help of each command; a blank line or an option begins another text.
fn help() -> Vec<Text> {
    let mut all = Vec::new();
    for command in COMMANDS {
        let output = Command::new(env!("CARGO_BIN_EXE_lambda-operator")).args(command).arg("--help").output().unwrap();
        let place = format!("lambda-operator {} --help", command.join(" "));
        let text = String::from_utf8(output.stdout).unwrap();
        let mut pieces = Pieces::default();
        for (number, line) in text.lines().enumerate() {
            match line.trim() {
                "" => pieces.close(),
                line if line.starts_with('-') => pieces.close(),
                // A command and its description.
                words if line.starts_with("  ") && !line.starts_with("   ") && words.contains("  ") => {
                    pieces.begin(number + 1, words.split_once("  ").map_or("", |(_, text)| text.trim()));
                }
                words => pieces.add(number + 1, words),
            }
        }
        pieces.close();
        all.extend(pieces.done.into_iter().map(|(_, words)| Text { place: place.clone(), words }));
    }
    all
}

#[test]
fn each_form_of_text_is_read() {
    let words = |pieces: Vec<Piece>| pieces.into_iter().map(|(_, words)| words).collect::<Vec<_>>();
    let document = "# Head\nOne\ntwo.\n- item\n  goes on\n| a | b |\n```sh\ncode\n```\n1. first\n";
    assert_eq!(words(markdown(document)), ["Head", "One two.", "item goes on", "a", "b", "first"]);
    assert_eq!(words(comments("# one\n# two\nkey: 1 # three\n# -- four\n", false)), ["one two", "three", "four"]);
    assert_eq!(words(yaml("a:\n- description: x y\n  type: z\n", &["description"])), ["x y"]);
    let source = r#"// "no text" \n
        let c = '"'; let a = ("one two", "name", "a \"b\" c");"#;
    assert_eq!(words(literals(source)), ["one two", r#"a "b" c"#]);
}
