//! The table of the chart's README, from the comments of values.yaml that begin with "--".

/// One row for each value, in the order of the file. A value without a comment is an error: nobody would know what it is for.
pub(crate) fn table(yaml: &str) -> Result<String, String> {
    let mut rows = String::from("| value | default | meaning |\n|---|---|---|\n");
    let mut path: Vec<(usize, &str)> = Vec::new();
    let mut comment: Option<String> = None;
    // Deeper lines belong to a value that has been described as a whole.
    let mut described: Option<usize> = None;
    let lines: Vec<&str> = yaml.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let depth = line.len() - text.len();
        if text.is_empty() || described.is_some_and(|above| depth > above) {
            continue;
        }
        described = None;
        if let Some(begun) = text.strip_prefix("# -- ") {
            comment = Some(begun.to_owned());
        } else if let Some(more) = text.strip_prefix('#') {
            comment = comment.map(|begun| format!("{begun} {}", more.trim_start()));
        } else if let Some((key, value)) = text.split_once(':') {
            path.retain(|(above, _)| *above < depth);
            path.push((depth, key));
            let name = path.iter().map(|(_, key)| *key).collect::<Vec<_>>().join(".");
            match comment.take() {
                Some(meaning) => {
                    let default = if value.trim().is_empty() {
                        inside(&lines[number + 1..], depth)
                    } else {
                        value.trim().to_owned()
                    };
                    rows.push_str(&format!("| `{name}` | `{default}` | {} |\n", meaning.replace('|', "\\|")));
                    described = Some(depth);
                }
                None if value.trim().is_empty() => {}
                None => return Err(format!("{name} has no comment that begins with \"# -- \"")),
            }
        }
    }
    Ok(rows)
}

/// A default of several lines, on one.
fn inside(following: &[&str], depth: usize) -> String {
    let inner = following.iter().take_while(|line| line.len() - line.trim_start().len() > depth);
    let inner: String = inner.map(|line| format!("{line}\n")).collect();
    let value: serde_json::Value = serde_saphyr::from_str(&inner).unwrap_or_default();
    value.to_string()
}

/// The paths of all values that have a row.
pub(crate) fn names(table: &str) -> Vec<&str> {
    table.lines().skip(2).filter_map(|row| row.split('`').nth(1)).collect()
}

/// Where the schema speaks of a value.
pub(crate) fn pointer(name: &str) -> String {
    name.split('.').map(|key| format!("/properties/{key}")).collect()
}

/// The paths of everything in the schema that has no named parts of its own.
pub(crate) fn leaves(schema: &serde_json::Value, above: &str) -> Vec<String> {
    let Some(parts) = schema["properties"].as_object() else { return vec![above.to_owned()] };
    let below = |(key, part): (&String, &serde_json::Value)| {
        leaves(part, &if above.is_empty() { key.clone() } else { format!("{above}.{key}") })
    };
    parts.iter().flat_map(below).collect()
}
