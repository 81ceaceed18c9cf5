//! The memory limit of the cache of objects. An object that does not fit is read from the API server whenever it is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use miniz_oxide::deflate::compress_to_vec;

/// Limit for one compressed object. Ordinary objects need one or two kilobytes; a larger object contains code or long texts.
const MOST_OF_ONE: usize = 8 * 1024;

/// Compression: a third of the text; more effort would gain little.
const EFFORT: u8 = 1;

/// The best compression ratio of an object that a person has written.
const BEST_RATIO: usize = 8;

/// Limit for all objects of the process.
const MOST_OF_ALL: usize = 32 * 1024 * 1024;

/// Bytes in the cache. The counter belongs to the process, so that an object can be counted while it is parsed.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// A compressed text in the cache.
#[derive(Clone, Debug)]
pub(super) struct Kept(Arc<Counted>);

#[derive(Debug)]
struct Counted(Box<[u8]>);

impl Drop for Counted {
    fn drop(&mut self) {
        HELD.fetch_sub(self.0.len(), Ordering::Relaxed);
    }
}

impl Kept {
    /// Compresses a text and stores it; `None` if it is too large, or the cache is full.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        // A text that is far too large is not compressed, because that can take seconds.
        let may_fit = text.len() <= MOST_OF_ONE.saturating_mul(BEST_RATIO);
        may_fit.then(|| Self::within(compress_to_vec(text, EFFORT), MOST_OF_ALL)).flatten()
    }

    fn within(text: Vec<u8>, most: usize) -> Option<Self> {
        let size = text.len();
        if size > MOST_OF_ONE {
            return None;
        }
        let fits = |held: usize| held.checked_add(size).filter(|held| *held <= most);
        HELD.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Self(Arc::new(Counted(text.into()))))
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_large_or_finds_no_room_is_not_kept() {
        assert!(Kept::within(vec![0; MOST_OF_ONE + 1], MOST_OF_ALL).is_none());
        let one = Kept::within(vec![0; MOST_OF_ONE], MOST_OF_ALL).expect("room for one");
        assert_eq!(one.clone().text().len(), MOST_OF_ONE);
        assert!(Kept::new(&[b'x'; 2 * MOST_OF_ONE]).is_some(), "compressed it is small");
        assert!(Kept::new(&[b'x'; MOST_OF_ONE * BEST_RATIO + 1]).is_none(), "not even tried");
        assert!(Kept::within(vec![0], MOST_OF_ONE).is_none(), "the cache is full");
        drop(one);
    }
}
