//! Durations in the notation of Kubernetes and Go: `90s`, `10m`, `1h30m`. Pure.

use std::time::Duration;

/// Parses `90s`, `10m` or `1h30m`; `None` for anything else, zero included.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut number = None;
    for character in text.chars() {
        let unit = match character {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => {
                let digits: u64 = number.unwrap_or_default();
                number = Some(digits.checked_mul(10)?.checked_add(u64::from(character.to_digit(10)?))?);
                continue;
            }
        };
        // A unit needs a number before it, so that `5ms` is not read as five minutes.
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (seconds > 0 && number.is_none()).then(|| Duration::from_secs(seconds))
}

/// Writes a duration as [`duration`] reads it, in whole seconds.
#[must_use]
pub fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number}{unit}")).collect();
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for (text, expected) in [("90s", "1m30s"), ("10m", "10m"), ("1h30m", "1h30m"), ("24h", "24h"), ("1h1s", "1h1s")]
        {
            assert_eq!(written(duration(text).unwrap()), expected);
        }
        assert_eq!(written(Duration::from_millis(900)), "0s");
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text| duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds(""), None);
        assert_eq!(seconds("0s"), None);
        assert_eq!(seconds("999999999999999999999h"), None);
        for wrong in ["200ms", "90", "1h30", "h", "5 m"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
