//! A function for tests of the gateway; the path of a request determines what it does. It uses the
//! Lambda Runtime API without a library, so that tests see exactly what the gateway sends.
//!
//! | path | behavior |
//! |---|---|
//! | `/answer` | returns the request's body as its payload |
//! | `/large` | returns a payload of as many bytes as the request's body names |
//! | `/error` | reports an error |
//! | `/crash` | exits |
//! | `/abort` | aborts, as the functions do when they panic |
//! | `/hang` | never responds |
//! | `/leak` | allocates the MB that the request's body names, and never responds |
//! | `/wait` | as `/echo`, when the file exists whose path is the request's body |
//! | `/echo`, others | returns its payload, its process id and its environment |
//!
//! With the variable `SCRIPT` the path determines nothing: the function writes its payload to the
//! file `$SCRIPT.event`, and does what the file `$SCRIPT.answer` says: `!error`, `!crash` or `!hang`,
//! or else the file's text is what it returns.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let script = std::env::var("SCRIPT").ok();
    let mut stream = BufReader::new(TcpStream::connect(&api)?);
    loop {
        let (id, payload) = call(&mut stream, "GET", "next", b"")?;
        if let Some(script) = &script {
            let (outcome, response) = play(script, &payload)?;
            call(&mut stream, "POST", &format!("{id}/{outcome}"), &response)?;
            continue;
        }
        let payload: Value = serde_json::from_slice(&payload)?;
        let body = payload["body"].as_str().unwrap_or_default();
        let body = if payload["isBase64Encoded"] == true {
            String::from_utf8_lossy(&STANDARD.decode(body)?).into_owned()
        } else {
            body.to_owned()
        };
        let path = payload["rawPath"].as_str().unwrap_or_default();
        let (outcome, response) = match path {
            "/answer" => ("response", body.as_bytes().to_vec()),
            "/large" => {
                let around = r#"{"statusCode":200,"body":""}"#;
                let text = "x".repeat(body.parse::<usize>()? - around.len());
                ("response", around.replace(r#""""#, &format!("\"{text}\"")).into_bytes())
            }
            "/error" => ("error", ERROR.to_vec()),
            "/crash" => std::process::exit(7),
            "/abort" => std::process::abort(),
            "/hang" => hang(),
            "/leak" => {
                let mut held = vec![0_u8; body.parse::<usize>()? << 20];
                // A page of memory becomes resident when it is written to.
                held.iter_mut().step_by(4_096).for_each(|byte| *byte = 1);
                loop {
                    std::thread::park();
                    std::hint::black_box(&held);
                }
            }
            "/wait" => {
                while !Path::new(&body).exists() {
                    std::thread::sleep(Duration::from_millis(5));
                }
                ("response", echo(&payload))
            }
            _ => ("response", echo(&payload)),
        };
        call(&mut stream, "POST", &format!("{id}/{outcome}"), &response)?;
    }
}

const ERROR: &[u8] = br#"{"errorType":"Test","errorMessage":"as told"}"#;

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

fn play(script: &str, payload: &[u8]) -> std::io::Result<(&'static str, Vec<u8>)> {
    // The reader finds a whole file, or none.
    std::fs::write(format!("{script}.part"), payload)?;
    std::fs::rename(format!("{script}.part"), format!("{script}.event"))?;
    match std::fs::read(format!("{script}.answer"))?.as_slice() {
        b"!error" => Ok(("error", ERROR.to_vec())),
        b"!crash" => std::process::exit(7),
        b"!hang" => hang(),
        answer => Ok(("response", answer.to_vec())),
    }
}

fn echo(payload: &Value) -> Vec<u8> {
    let environment: Value = std::env::vars().collect();
    let body = json!({
        "payload": payload,
        "process": std::process::id(),
        "environment": environment,
    });
    json!({
        "statusCode": 200,
        "headers": { "content-type": "application/json" },
        "body": body.to_string(),
    })
    .to_string()
    .into_bytes()
}

/// Calls the Runtime API. Returns the id of the invocation and the body of the response.
fn call(
    stream: &mut BufReader<TcpStream>,
    method: &str,
    path: &str,
    body: &[u8],
) -> std::io::Result<(String, Vec<u8>)> {
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\n\
         host: runtime\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("lambda-runtime-aws-request-id", value)) => value.clone_into(&mut id),
            Some(("content-length", value)) => length = value.parse().unwrap_or(0),
            None if line == "\r\n" => break,
            // The status line, and other headers.
            _ => {}
        }
    }
    let mut response = vec![0; length];
    stream.read_exact(&mut response)?;
    Ok((id, response))
}
