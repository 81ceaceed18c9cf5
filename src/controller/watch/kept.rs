//! How much of the objects the cache may hold. What finds no place is read again from the API server whenever it is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use miniz_oxide::deflate::compress_to_vec;

/// Of one object, compressed. Ordinary objects need one or two kilobytes; what is larger holds code or long texts.
const MOST_OF_ONE: usize = 8 * 1024;

/// Compression: a third of the text; more effort would gain little.
const EFFORT: u8 = 1;

/// No object that people write is compressed better.
const BEST_RATIO: usize = 8;

/// Of all objects of the process.
const MOST_OF_ALL: usize = 32 * 1024 * 1024;

/// Bytes that are held now. One cache serves the process, so that objects are measured where they are read.
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
    /// Compresses a text and keeps it; `None` where it is too large, or the cache is full.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        // What is far too large need not be tried: that would cost seconds where there is much of it.
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
