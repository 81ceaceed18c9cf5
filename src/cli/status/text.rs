//! The text of the trees that `lambda-operator status` prints. Pure.

use super::tree::Node;
use crate::core::shown::printable;

/// The text of a tree. Names, messages and values come from the cluster and from AWS: none of them steers a terminal or forges a line.
pub(super) fn text(node: &Node) -> String {
    let mut text = String::new();
    add(node, "", "", &mut text);
    text
}

/// Adds a node. `first` stands before its own line, and `rest` before all lines below it.
fn add(node: &Node, first: &str, rest: &str, text: &mut String) {
    let Node { object, state, health: _, lines, children } = node;
    let mut line = |before: &str, words: &str| {
        text.push_str(before);
        text.push_str(&printable(words));
        text.push('\n');
    };
    line(first, &format!("{object}: {state}"));
    let below = if children.is_empty() { "  " } else { "│ " };
    lines.iter().for_each(|words| line(&format!("{rest}{below}"), words));
    for (number, child) in children.iter().enumerate() {
        let (branch, trunk) = if number + 1 == children.len() { ("└─", "  ") } else { ("├─", "│ ") };
        add(child, &format!("{rest}{branch}"), &format!("{rest}{trunk}"), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::status::tree::Health;

    fn node(object: &str, state: &str, lines: &[&str], children: Vec<Node>) -> Node {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Node { object: object.into(), state: state.into(), health: Health::Ready, lines, children }
    }

    #[test]
    fn a_tree_is_drawn_with_its_branches_and_no_text_forges_a_line() {
        let mapping =
            node("LambdaEventSourceMapping orders", "Stalled, AccessDenied", &["Allow it.\nOther: Ready"], vec![]);
        let alias = node("LambdaAlias live", "Ready", &["functionVersion 7"], vec![mapping]);
        let secret = node("Secret db", "exists", &[], vec![]);
        let url = node("LambdaFunctionUrl web", "Ready", &["qualifier \u{1b}[2J"], vec![]);
        let function = node("LambdaFunction checkout", "Ready", &["version 7"], vec![secret, alias, url]);
        let expected = "\
LambdaFunction checkout: Ready
│ version 7
├─Secret db: exists
├─LambdaAlias live: Ready
│ │ functionVersion 7
│ └─LambdaEventSourceMapping orders: Stalled, AccessDenied
│     Allow it.\\nOther: Ready
└─LambdaFunctionUrl web: Ready
    qualifier \\u{1b}[2J
";
        assert_eq!(text(&function), expected);
    }
}
