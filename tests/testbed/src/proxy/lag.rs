//! Reads that are behind the writes: what GetFunction answered before, kept for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::place::Place;
use crate::glob;
use crate::http::Answer;
use crate::rules::Lag;

/// What is still shown of each function.
#[derive(Debug, Default)]
pub(crate) struct Lags {
    before: Mutex<HashMap<Place, Before>>,
}

#[derive(Debug)]
struct Before {
    answer: Answer,
    rule: String,
    lag: Lag,
    since: Instant,
    looks: u32,
}

/// The rule that makes reads lag behind this write.
pub(crate) fn after<'a>(lags: &'a [(String, Lag)], operation: &str) -> Option<&'a (String, Lag)> {
    lags.iter().find(|(_, lag)| operation != "GetFunction" && glob::optional(Some(&lag.after), Some(operation)))
}

impl Lags {
    /// A write was done, before which GetFunction answered this.
    pub(crate) fn begin(&self, place: &Place, (rule, lag): &(String, Lag), answer: Answer) {
        let (rule, lag) = (rule.clone(), lag.clone());
        self.before().insert(place.clone(), Before { answer, rule, lag, since: Instant::now(), looks: 0 });
    }

    /// The old answer and its rule's name, where it is still given and its rule still in force.
    pub(crate) fn old(&self, place: &Place, lags: &[(String, Lag)]) -> Option<(String, Answer)> {
        let mut all = self.before();
        let before = all.get_mut(place)?;
        let Before { answer, rule, lag, since, looks } = before;
        let over = since.elapsed() >= Duration::from_millis(lag.ms) || *looks >= lag.looks;
        if over || !lags.iter().any(|(name, _)| name == rule) {
            all.remove(place);
            return None;
        }
        *looks += 1;
        Some((rule.clone(), answer.clone()))
    }

    fn before(&self) -> MutexGuard<'_, HashMap<Place, Before>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lags, after};
    use crate::http::Answer;
    use crate::proxy::place::Place;
    use crate::rules::Lag;

    fn lag(ms: u64, looks: u32) -> (String, Lag) {
        ("stale".to_owned(), Lag { after: "Update*".to_owned(), ms, looks })
    }

    fn place() -> Place {
        Place { account: "1".to_owned(), region: "r".to_owned(), function: "f".to_owned() }
    }

    fn begun(lag: &(String, Lag)) -> Lags {
        let lags = Lags::default();
        lags.begin(&place(), lag, Answer::no_content());
        lags
    }

    #[test]
    fn a_stale_read_ends_by_count_time_or_rule() {
        let two = lag(60_000, 2);
        let lags = begun(&two);
        let seen: Vec<bool> = (0..3).map(|_| lags.old(&place(), std::slice::from_ref(&two)).is_some()).collect();
        assert_eq!(seen, [true, true, false]);
        assert!(begun(&lag(0, 9)).old(&place(), &[lag(0, 9)]).is_none());
        assert!(begun(&two).old(&place(), &[]).is_none(), "the rule is gone");
        assert!(Lags::default().old(&place(), &[two]).is_none(), "nothing was written");
    }

    #[test]
    fn it_begins_with_the_writes_that_the_rule_names() {
        let lags = [lag(1, 1)];
        assert!(after(&lags, "UpdateFunctionCode").is_some());
        assert!(after(&lags, "CreateFunction").is_none());
        let all = [("all".to_owned(), Lag { after: "*".to_owned(), ms: 1, looks: 1 })];
        assert!(after(&all, "GetFunction").is_none(), "a read");
    }
}
