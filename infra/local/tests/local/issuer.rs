//! An issuer of tokens: its discovery document, its keys and what it signs. Tokens are made without
//! the library that checks them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding};
use aws_lc_rs::{hmac, signature};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The audience of the authorizers that use it.
pub const AUDIENCE: &str = "client-of-tests";

/// A pair of RSA keys with an id.
pub struct Key {
    pub id: String,
    pair: KeyPair,
}

/// An issuer that listens. Dropping it ends it.
pub struct Issuer {
    pub url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    keys: Mutex<Vec<Value>>,
    /// The paths that were asked for.
    calls: Mutex<Vec<String>>,
    is_gone: Mutex<bool>,
}

impl Key {
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), pair: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    fn component(&self, modulus: bool) -> Vec<u8> {
        let public = self.pair.public_key();
        let component = if modulus { public.modulus() } else { public.exponent() };
        component.big_endian_without_leading_zero().to_vec()
    }

    /// The public key as a JSON Web Key.
    pub fn public(&self) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(self.component(true)),
            "e": URL_SAFE_NO_PAD.encode(self.component(false)),
        })
    }

    /// A token with this key's signature.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": "RS256", "typ": "JWT", "kid": self.id }), claims)
    }

    /// A token with a header of the caller's, signed as RS256.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        self.sign_with(&RSA_PKCS1_SHA256, header, claims)
    }

    pub fn sign_with(
        &self,
        encoding: &'static dyn RsaEncoding,
        header: &Value,
        claims: &Value,
    ) -> String {
        let message = message(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(encoding, &random, message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token signed as HS256, with the public key as the secret.
    pub fn sign_with_public_key(&self, claims: &Value) -> String {
        let message = message(&json!({ "alg": "HS256", "kid": self.id }), claims);
        let secret = signature::KeyPair::public_key(&self.pair).as_ref();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }
}

/// Header and claims, as they are signed.
pub fn message(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// The key of most tests. To make one takes a while.
pub fn key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::new("key-1"))
}

/// A key that no issuer publishes.
pub fn strange_key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::new("key-1"))
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl Issuer {
    /// Publishes these keys.
    pub fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let issuer = Self { url: url.clone(), state: Arc::clone(&state) };
        issuer.publish(keys);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let is_gone = *state.is_gone.lock().unwrap();
                // A client may have gone.
                let _ = stream
                    .and_then(|stream| if is_gone { Ok(()) } else { serve(stream, &url, &state) });
                if Arc::strong_count(&state) == 1 {
                    break;
                }
            }
        });
        issuer
    }

    pub fn publish(&self, keys: &[&Key]) {
        *self.state.keys.lock().unwrap() = keys.iter().map(|key| key.public()).collect();
    }

    /// Publishes a key under one more id, for any algorithm.
    pub fn publish_also(&self, key: &Key, id: &str) {
        let mut public = key.public();
        public["kid"] = json!(id);
        public.as_object_mut().unwrap().remove("alg");
        self.state.keys.lock().unwrap().push(public);
    }

    /// From now on it closes each connection without an answer.
    pub fn leave(&self) {
        *self.state.is_gone.lock().unwrap() = true;
    }

    /// How often its keys were read.
    pub fn reads(&self) -> usize {
        self.state.calls.lock().unwrap().iter().filter(|path| *path == "/keys").count()
    }

    /// Claims of a token that is valid for this issuer.
    pub fn claims(&self) -> Value {
        let now = now();
        json!({ "iss": self.url, "aud": AUDIENCE, "sub": "tester", "iat": now, "exp": now + 600 })
    }

    /// The same with others; `null` leaves one out.
    pub fn claims_with(&self, change: &Value) -> Value {
        let mut claims = self.claims();
        for (name, claim) in change.as_object().unwrap() {
            match claim {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                claim => claims[name] = claim.clone(),
            }
        }
        claims
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // Wakes the thread, which sees that it is alone. It holds one of the two references.
        let address = self.url.trim_start_matches("http://").to_owned();
        self.leave();
        self.state = Arc::default();
        let _ = TcpStream::connect(address);
    }
}

fn serve(stream: TcpStream, url: &str, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    while line.trim_end() != "" {
        line.clear();
        reader.read_line(&mut line)?;
    }
    let body = match path.as_str() {
        "/.well-known/openid-configuration" => {
            json!({ "issuer": url, "jwks_uri": format!("{url}/keys") })
        }
        _ => json!({ "keys": *state.keys.lock().unwrap() }),
    }
    .to_string();
    state.calls.lock().unwrap().push(path);
    write!(
        reader.get_mut(),
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
