//! Free loopback ports.

use std::net::{Ipv4Addr, TcpListener};

use crate::error::Error;

/// `COUNT` different ports on which nobody listens right now.
pub(crate) fn free<const COUNT: usize>() -> Result<[u16; COUNT], Error> {
    let mut ports = [0; COUNT];
    // all are held until all are found, else the system may give the same one twice
    let mut held = Vec::with_capacity(COUNT);
    for port in &mut ports {
        let network = |source| Error::Network { doing: "find a free port on 127.0.0.1".to_owned(), source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(network)?;
        *port = listener.local_addr().map_err(network)?.port();
        held.push(listener);
    }
    Ok(ports)
}
