//! A stand-in for a Supabase project: it publishes keys, and signs whatever it is told to.

use super::rsa;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

pub(super) const SECRET: &str = "the secret of a project, 32 bytes and more";

/// What the project answers to whoever asks for its keys.
#[derive(Clone)]
pub(super) enum Answer {
    Keys(Vec<Value>),
    Text(String, String),
    HangsUp,
    /// Hangs up so many times before that.
    FaltersBefore(usize, Box<Answer>),
}

pub(super) struct Project {
    pub(super) url: String,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Project {
    pub(super) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answer, asked) = (Arc::new(Mutex::new(answer)), Arc::new(Mutex::new(Vec::new())));
        let (answering, asking) = (answer.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(socket.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                asking.lock().unwrap().push(head.lines().next().unwrap().to_owned());
                let turn = next(&mut answering.lock().unwrap());
                let (status, body) = match turn {
                    Answer::Keys(keys) => ("200 OK".to_owned(), json!({ "keys": keys }).to_string()),
                    Answer::Text(status, body) => (status, body),
                    Answer::HangsUp | Answer::FaltersBefore(..) => continue,
                };
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                // Whoever reads no further hangs up.
                let _ = socket.write_all(text.as_bytes()).await;
            }
        });
        Self { url, answer, asked }
    }

    pub(super) fn now_answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The first lines of the requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn next(answer: &mut Answer) -> Answer {
    if let Answer::FaltersBefore(left, then) = answer {
        match left.checked_sub(1) {
            Some(fewer) => *left = fewer,
            None => *answer = (**then).clone(),
        }
    }
    answer.clone()
}

/// A key of the project.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) name: &'static str,
    signing: EncodingKey,
    pub(super) public: Value,
}

pub(super) fn ed(kid: &str, seed: u8) -> Key {
    let pair = SigningKey::from_bytes(&[seed; 32]);
    let x = URL_SAFE_NO_PAD.encode(pair.verifying_key().as_bytes());
    Key {
        algorithm: Algorithm::EdDSA,
        name: "EdDSA",
        signing: EncodingKey::from_ed_der(pair.to_pkcs8_der().unwrap().as_bytes()),
        public: json!({"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", "use": "sig"}),
    }
}

pub(super) fn ec(kid: &str) -> Key {
    let pair = KeyPair::generate().unwrap();
    let point = pair.der_bytes();
    let part = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
    Key {
        algorithm: Algorithm::ES256,
        name: "ES256",
        signing: EncodingKey::from_ec_der(pair.serialized_der()),
        public: json!({"kid": kid, "kty": "EC", "crv": "P-256", "x": part(1), "y": part(33),
            "key_ops": ["verify"], "ext": true}),
    }
}

pub(super) fn rsa(kid: &str) -> Key {
    Key {
        algorithm: Algorithm::RS256,
        name: "RS256",
        signing: EncodingKey::from_rsa_der(&STANDARD.decode(rsa::PAIR).unwrap()),
        public: json!({"kid": kid, "kty": "RSA", "n": rsa::MODULUS, "e": "AQAB", "alg": "RS256"}),
    }
}

impl Key {
    pub(super) fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": self.name, "kid": self.public["kid"]})
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        self.sign_under(&self.header(), claims)
    }

    pub(super) fn sign_under(&self, header: &Value, claims: &Value) -> String {
        sign(header, claims, &self.signing, self.algorithm)
    }
}

/// A token by the project's secret.
pub(super) fn by_secret(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    sign(&json!({"typ": "JWT", "alg": "HS256"}), claims, &key, Algorithm::HS256)
}

pub(super) fn sign(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}
