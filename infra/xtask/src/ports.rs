//! Ports of this machine: is one free, and which are.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::time::Duration;

use anyhow::{Result, bail};

/// The ports of a local run unless it is told others.
pub const WEB_PORT: u16 = 8080;
pub const API_PORT: u16 = 3000;
pub const SIGN_IN_PORT: u16 = 9000;

/// Below the ports that systems hand out by themselves, so that no connection takes one between our
/// look and its use.
const CANDIDATES: Range<u16> = 20_000..32_000;

/// Fails with advice when `port` cannot be listened on; `option` chooses another.
pub fn require_free(port: u16, option: &str) -> Result<()> {
    for address in loopback(port) {
        let why = match probe(address) {
            Ok(()) => continue,
            Err(ErrorKind::AddrInUse) => {
                "is in use by another program: end that one, or".to_owned()
            }
            Err(ErrorKind::PermissionDenied) => "below 1024 needs more rights:".to_owned(),
            Err(kind) => format!("cannot be listened on ({kind}):"),
        };
        bail!("port {port} {why} choose another with {option} PORT");
    }
    Ok(())
}

/// Two different ports that are free.
pub fn free_pair() -> Result<(u16, u16)> {
    // Each process begins elsewhere: another that is about to use its ports does not hold them yet.
    let begin = usize::try_from(std::process::id().wrapping_mul(7919))? % CANDIDATES.len();
    let candidates = CANDIDATES.cycle().skip(begin).take(CANDIDATES.len());
    let mut free =
        candidates.filter(|&port| loopback(port).into_iter().all(|address| probe(address).is_ok()));
    match (free.next(), free.next()) {
        (Some(first), Some(second)) => Ok((first, second)),
        _ => bail!("no free port between {} and {}", CANDIDATES.start, CANDIDATES.end),
    }
}

/// Whether something answers there.
pub fn listening(port: u16) -> bool {
    loopback(port).into_iter().any(answers)
}

/// `localhost` is both.
fn loopback(port: u16) -> [SocketAddr; 2] {
    [(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]
}

fn probe(address: SocketAddr) -> Result<(), ErrorKind> {
    match TcpListener::bind(address) {
        // macOS lets one bind loopback beside a program that listens on all addresses: only a
        // connection shows that one.
        Ok(listener) => {
            drop(listener);
            if answers(address) { Err(ErrorKind::AddrInUse) } else { Ok(()) }
        }
        // A machine without IPv6 has no listener there either.
        Err(error) if address.is_ipv6() && error.kind() != ErrorKind::AddrInUse => Ok(()),
        Err(error) => Err(error.kind()),
    }
}

fn answers(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::{free_pair, listening, require_free};

    #[test]
    fn a_taken_port_is_named_with_the_option_that_avoids_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let message = require_free(port, "--web-port").unwrap_err().to_string();
        assert!(message.contains(&format!("port {port} is in use")), "{message}");
        assert!(message.contains("--web-port PORT"), "{message}");
        assert!(listening(port));
    }

    #[test]
    fn free_ports_are_two_and_free() {
        let (first, second) = free_pair().unwrap();
        assert_ne!(first, second);
        require_free(first, "").unwrap();
        require_free(second, "").unwrap();
    }
}
