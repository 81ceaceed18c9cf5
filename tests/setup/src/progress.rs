//! The text of a line of progress, and when the next one is due. Pure.

use std::time::Duration;

/// From now to the next line: at first a person wonders whether anything happens, later a file should not fill with lines.
pub fn pause(elapsed: Duration) -> Duration {
    Duration::from_secs(if elapsed < Duration::from_secs(120) { 15 } else { 30 })
}

/// `cargo: 212 crates compiled after 1:30`
pub fn after(builder: &str, done: usize, things: &str, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{builder}: {done} {things} compiled after {}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_progress_says_how_much_was_done_in_which_time() {
        let line = |seconds| after("cargo", 212, "crates", Duration::from_secs(seconds));
        assert_eq!(line(90), "cargo: 212 crates compiled after 1:30");
        assert_eq!(line(605), "cargo: 212 crates compiled after 10:05");
    }

    #[test]
    fn lines_become_rarer_and_ten_minutes_have_at_most_thirty() {
        let mut due = Vec::new();
        let mut elapsed = Duration::ZERO;
        while elapsed < Duration::from_secs(600) {
            elapsed += pause(elapsed);
            due.push(elapsed.as_secs());
        }
        assert_eq!(due[..3], [15, 30, 45]);
        assert!(due.len() <= 30, "{due:?}");
    }
}
