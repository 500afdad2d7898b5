//! Requests as they are written, and answers as they come.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Map, Value};

/// Longer than any answer takes.
const TIME_LIMIT: Duration = Duration::from_secs(40);

#[derive(Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    /// In the order and with the names as they are written.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u64,
    /// With names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The values of a header, joined with commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.all(name).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// The headers as a row has them.
    pub fn to_json(&self) -> Map<String, Value> {
        let names = self.headers.iter().map(|(name, _)| name.clone());
        names.map(|name| (name.clone(), self.header(&name).into())).collect()
    }
}

/// Sends a request to an API by its URL.
pub fn send(api: &str, request: &Request) -> Answer {
    let (scheme, rest) = api.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().unwrap()),
        None => (authority, if scheme == "https" { 443 } else { 80 }),
    };
    let stream = TcpStream::connect((host, port)).unwrap();
    stream.set_read_timeout(Some(TIME_LIMIT)).unwrap();
    let bytes = request.to_bytes(authority);
    if scheme == "https" {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::new(trust()), name).unwrap();
        exchange(StreamOwned::new(connection, stream), &bytes)
    } else {
        exchange(stream, &bytes)
    }
}

fn trust() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

impl Request {
    fn to_bytes(&self, authority: &str) -> Vec<u8> {
        let has = |name: &str| self.headers.iter().any(|(of, _)| of.eq_ignore_ascii_case(name));
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let mut add = |name: &str, value: &str| {
            head.extend([name, ": ", value, "\r\n"]);
        };
        if !has("host") {
            add("Host", authority);
        }
        for (name, value) in &self.headers {
            add(name, value);
        }
        if !has("content-length") && !self.body.is_empty() {
            add("Content-Length", &self.body.len().to_string());
        }
        if !has("connection") {
            add("Connection", "close");
        }
        [head.as_bytes(), b"\r\n", &self.body].concat()
    }
}

fn exchange(mut stream: impl Read + Write, request: &[u8]) -> Answer {
    // A server may answer, and close the connection, before it has all of a body.
    let _ = stream.write_all(request).and_then(|()| stream.flush());
    let mut answer = Vec::new();
    // TLS need not be closed in form.
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {}", answer.escape_ascii()));
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    Answer { status, headers, body: answer[end + 4..].to_vec() }
}
