//! How much of the objects the cache may hold. What finds no place is read again from the API server whenever it is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Of one object, compressed. Ordinary objects need one or two kilobytes; what is larger holds code or long texts.
const MOST_OF_ONE: usize = 8 * 1024;

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
    /// Keeps a text; `None` where it is too large for its kind, or the cache is full.
    pub(super) fn new(text: Vec<u8>) -> Option<Self> {
        Self::within(text, MOST_OF_ALL)
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
        assert!(Kept::new(vec![0; MOST_OF_ONE + 1]).is_none());
        let one = Kept::new(vec![0; MOST_OF_ONE]).expect("room for one");
        assert_eq!(one.clone().text().len(), MOST_OF_ONE);
        assert!(Kept::within(vec![0], MOST_OF_ONE).is_none(), "the cache is full");
        drop(one);
    }
}
