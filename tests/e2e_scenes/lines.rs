//! Calls and writes as lines of text that are the same in each run: no values, and no count of what depends on time.

use testbed::{Call, Write};

/// Both lists. They stand apart: which of a call and a write is first may differ from run to run.
pub(crate) fn text(calls: &[Call], writes: &[Write]) -> String {
    let section = |name: &str, lines: Vec<String>| {
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("{name}:\n{lines}")
    };
    section("aws", aws(calls)) + &section("kubernetes", kubernetes(writes))
}

/// One line for each call. How often, and in which turns, a busy function is looked at depends on time: of the looks after
/// a change each is told once, with a plus, up to the next change. Before the first change equal looks in a row are one
/// line with a plus.
fn aws(calls: &[Call]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // Where the looks after the newest change begin.
    let mut changed: Option<usize> = None;
    for call in calls {
        let line = aws_line(call);
        if !reads(call) {
            lines.push(line);
            changed = Some(lines.len());
            continue;
        }
        let many = line.replacen(&call.operation, &format!("{}+", call.operation), 1);
        if let Some(begun) = changed {
            if !lines[begun..].contains(&many) {
                lines.push(many);
            }
            continue;
        }
        match lines.last_mut() {
            Some(last) if *last == many => {}
            Some(last) if *last == line => *last = many,
            _ => lines.push(line),
        }
    }
    lines
}

/// Operation, version, what the body says, and the error if there was one.
fn aws_line(call: &Call) -> String {
    let mut line = call.operation.clone();
    if let Some(qualifier) = &call.qualifier {
        line += &format!(" Qualifier={qualifier}");
    }
    for member in &call.members {
        line += &format!(" {member}");
    }
    if call.status >= 300 {
        line += &format!(" -> {} {}", call.status, call.error_code.as_deref().unwrap_or_default());
    }
    line
}

/// One line for each write; equal writes in a row are one line.
fn kubernetes(writes: &[Write]) -> Vec<String> {
    let mut lines: Vec<_> = writes.iter().map(kubernetes_line).collect();
    lines.dedup();
    lines
}

/// Verb, resource, subresource, and the error if there was one.
fn kubernetes_line(write: &Write) -> String {
    let verb = match write.verb.as_str() {
        "create" => "POST",
        "update" => "PUT",
        "patch" => "PATCH",
        _ => "DELETE",
    };
    let subresource = write.subresource.iter().map(|name| format!("/{name}")).collect::<String>();
    let error = match write.status {
        0 => " -> lost".to_owned(),
        200..300 => String::new(),
        status => format!(" -> {status}"),
    };
    format!("{verb} {}{subresource}{error}", write.resource)
}

/// Whether it changes nothing.
fn reads(call: &Call) -> bool {
    ["Get", "List"].iter().any(|verb| call.operation.starts_with(verb))
}

#[test]
fn looks_are_counted_only_where_no_time_plays_a_part() {
    let call = |operation: &str, status: u16| -> Call {
        let call = serde_json::json!({
            "number": 1, "at_ms": 0, "duration_ms": 1, "service": "lambda", "operation": operation, "account": "1",
            "region": "eu-west-1", "members": ["A", "B"], "agent": "", "status": status, "error_code": "Gone",
        });
        serde_json::from_value(call).unwrap()
    };
    let (look, other) = (call("GetX", 200), call("ListX", 404));
    assert_eq!(aws(&[look.clone(), other.clone()]), ["GetX A B", "ListX A B -> 404 Gone"]);
    assert_eq!(aws(&[look.clone(), look.clone(), look.clone()]), ["GetX+ A B"]);
    let turns = [call("PutX", 200), look.clone(), other.clone(), look.clone(), other, call("PutX", 200), look];
    assert_eq!(aws(&turns), ["PutX A B", "GetX+ A B", "ListX+ A B -> 404 Gone", "PutX A B", "GetX+ A B"]);
}
