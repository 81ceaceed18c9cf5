//! Free loopback ports.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Error;

/// So many ports are looked at.
const MANY: u16 = 12_000;

/// How many this process has looked at: it gives none away twice.
static LOOKED_AT: AtomicU32 = AtomicU32::new(0);

/// `COUNT` different ports on which nobody listens right now.
pub(crate) fn free<const COUNT: usize>() -> Result<[u16; COUNT], Error> {
    let range = quiet(std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok().as_deref());
    let mut ports = [0; COUNT];
    for port in &mut ports {
        *port = next(&range, &LOOKED_AT)?;
    }
    Ok(ports)
}

/// Ports that the system gives to nobody by itself. One of the others may go to any outgoing connection between our look and
/// the moment when somebody listens there.
fn quiet(handed_out: Option<&str>) -> Range<u16> {
    let first = handed_out.and_then(|range| range.split_whitespace().next()?.parse().ok());
    let end = first.filter(|first| *first > MANY + 1024).unwrap_or(32_768);
    end - MANY..end
}

fn next(range: &Range<u16>, looked_at: &AtomicU32) -> Result<u16, Error> {
    // Two processes begin in different places.
    let start = std::process::id().wrapping_mul(61);
    for _ in range.clone() {
        let step = start.wrapping_add(looked_at.fetch_add(1, Ordering::Relaxed)) % u32::from(MANY);
        let port = range.start + u16::try_from(step).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::Missing {
        what: format!("a free port of 127.0.0.1 from {} to {}", range.start, range.end - 1),
        remedy: "end some of what listens there".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_distinct_and_outside_the_ephemeral_range() {
        let ports: [u16; 5] = free().unwrap();
        assert!(ports.iter().all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()), "{ports:?}");
        let next: [u16; 5] = free().unwrap();
        assert!(ports.iter().all(|port| !next.contains(port)), "{ports:?} and {next:?}");
        assert_eq!(quiet(Some("32768\t60999\n")), 20_768..32_768);
        assert_eq!(quiet(Some("1024\t65535\n")), 20_768..32_768, "where all are handed out, any is as good");
        assert_eq!(quiet(None), 20_768..32_768);
        assert_eq!(quiet(Some("49152\t65535\n")), 37_152..49_152);
    }

    #[test]
    fn a_port_that_somebody_uses_is_passed_over() {
        // Not where the other test looks at the same time.
        const FAR: u32 = 6_000;
        let range = quiet(None);
        let port = next(&range, &AtomicU32::new(FAR)).unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert_ne!(next(&range, &AtomicU32::new(FAR)).unwrap(), port);
        drop(taken);
    }
}
