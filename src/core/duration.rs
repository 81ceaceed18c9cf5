//! Durations as people write them: `90s`, `10m`, `1h30m`. Pure.

use std::time::Duration;

/// `90s`, `10m`, `1h30m`; `None` where nothing is said.
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
        // 5ms is not five minutes.
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (seconds > 0 && number.is_none()).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

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
