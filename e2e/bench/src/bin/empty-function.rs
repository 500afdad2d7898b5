//! A function that does nothing, on the Lambda Runtime API without a library. The time of a request
//! to it is the time of the runner.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;

fn main() -> Result<()> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(Error::other)?;
    let mut stream = BufReader::new(TcpStream::connect(api)?);
    loop {
        let id = call(&mut stream, "GET", "next", "")?;
        call(&mut stream, "POST", &format!("{id}/response"), r#"{"statusCode":200,"body":"{}"}"#)?;
    }
}

/// Calls the Runtime API. Returns the id of the invocation and drops the rest of the response.
fn call(stream: &mut BufReader<TcpStream>, method: &str, path: &str, body: &str) -> Result<String> {
    let length = body.len();
    let request = format!(
        "{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\n\
         host: runtime\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.get_mut().write_all(request.as_bytes())?;
    let (mut id, mut length, mut line) = (String::new(), 0, String::new());
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("lambda-runtime-aws-request-id", value)) => value.clone_into(&mut id),
            Some(("content-length", value)) => length = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    stream.read_exact(&mut vec![0; length])?;
    Ok(id)
}
