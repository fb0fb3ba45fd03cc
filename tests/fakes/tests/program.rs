//! The fake as a program of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

/// Killed with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What a chat with it gets, on a connection that ends with it.
fn chat(arguments: &[&str], stream: bool) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-models"));
    let mut program = Program(command.args(arguments).stdout(Stdio::piped()).spawn().unwrap());
    let mut url = String::new();
    BufReader::new(program.0.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    let address = url.trim_end().strip_prefix("http://").unwrap();
    let body = format!(r#"{{"model":"m","messages":[{{}}],"stream":{stream}}}"#);
    let mut connection = TcpStream::connect(address).unwrap();
    write!(
        connection,
        "POST /v1/chat/completions HTTP/1.1\r\nconnection: close\r\nauthorization: Bearer k\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

/// All that is between these in a text, together.
fn all_between(text: &str, before: &str, after: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| Some(rest.split_once(after)?.0.to_owned())).collect()
}

#[test]
fn it_prints_its_url_and_says_350_bytes() {
    let answer = chat(&[], false);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(all_between(&answer, r#""content":""#, r#"""#).concat().len(), 350);
}

#[test]
fn its_stream_has_as_many_pieces_as_are_asked_for() {
    let answer = chat(&["0", "--pieces", "20", "--pace-ms", "1", "--text-bytes", "100"], true);
    let mut texts = all_between(&answer, r#""content":""#, r#"""#);
    texts.retain(|text| !text.is_empty());
    assert_eq!((texts.len(), texts.concat().len()), (20, 100));
    assert!(answer.contains("data: [DONE]"));
}

#[test]
fn what_it_does_not_know_is_told() {
    for wrong in [&["here"][..], &["--pieces"], &["--pieces", "some"], &["99999"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_fake-models")).args(wrong).output().unwrap();
        assert!(!output.status.success(), "{wrong:?}");
        assert!(String::from_utf8(output.stderr).unwrap().starts_with("usage: "), "{wrong:?}");
    }
}
