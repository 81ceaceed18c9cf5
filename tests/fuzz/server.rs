//! AWS as far as one function goes: each question gets the answer that the case has for it, whole or not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// An answer to one question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `x-amzn-errortype`.
    pub(crate) code: Option<String>,
    pub(crate) body: String,
    /// The connection ends in the middle of it.
    pub(crate) cut: bool,
}

/// The answers to all that can be asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(crate) latest: Answer,
    pub(crate) version: Answer,
    pub(crate) versions: Answer,
    pub(crate) signing: Answer,
    pub(crate) executions: Answer,
    pub(crate) groups: Answer,
}

/// What is answered now.
pub(crate) type Stage = Arc<Mutex<Scene>>;

/// GetCallerIdentity.
const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/operator</Arn><UserId>AIDA</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// Answers until the process ends.
pub(crate) fn serve(listener: &TcpListener, stage: &Stage) {
    for stream in listener.incoming() {
        let scene = stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // The client may be gone; the next one is another matter.
        let _ = respond(&stream.unwrap(), &scene);
    }
}

fn respond(mut stream: &TcpStream, scene: &Scene) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while head.last().is_none_or(|line: &String| line.trim() != "") {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        head.push(line.to_ascii_lowercase());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    reader.take(length.unwrap_or_default()).read_to_end(&mut Vec::new())?;
    // Whose credentials we have is no part of the scene.
    if head.iter().any(|line| line.contains("/sts/aws4_request")) {
        return write!(
            stream,
            "HTTP/1.1 200 -\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{CALLER}",
            CALLER.len()
        );
    }
    let Answer { status, code, body, cut } = scene.answer(&head[0]);
    let code = code.as_ref().map(|code| format!("x-amzn-errortype: {code}\r\n")).unwrap_or_default();
    let length = body.len() + if *cut { 100 } else { 0 };
    let head = format!("HTTP/1.1 {status} -\r\ncontent-type: application/json\r\n{code}content-length: {length}\r\n");
    write!(stream, "{head}connection: close\r\n\r\n{body}")
}

impl Scene {
    fn answer(&self, request: &str) -> &Answer {
        if request.starts_with("post / ") {
            &self.groups
        } else if request.contains("/code-signing-config") {
            &self.signing
        } else if request.contains("/durable-executions") {
            &self.executions
        } else if request.contains("/versions") {
            &self.versions
        } else if request.contains("qualifier=") {
            &self.version
        } else {
            &self.latest
        }
    }
}
