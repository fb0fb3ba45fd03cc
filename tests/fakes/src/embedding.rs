//! Vectors of texts.

use crate::{
    reply::{Call, Said, Whole},
    turn::Refusal,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// How many numbers a vector has when nobody asks for another number.
pub(crate) const DIMENSIONS: usize = 8;

/// A vector of length one; the same text has the same vector, and another text another.
pub(crate) fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    // FNV-1a, and then the steps of splitmix64.
    let mut state = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f32::from(u16::try_from(mixed >> 48).unwrap_or_default()) / 32_768.0 - 1.0
    };
    let numbers: Vec<f32> = (0..dimensions).map(|_| next()).collect();
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    numbers.into_iter().map(|number| number / length).collect()
}

/// The list, or the bytes in base64, of a vector.
pub(crate) fn value(text: &str, dimensions: usize, as_base64: bool) -> Value {
    let vector = vector(text, dimensions);
    if as_base64 {
        let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        json!(STANDARD.encode(bytes))
    } else {
        json!(vector)
    }
}

/// The vectors of a list in OpenAI's shape.
pub(crate) fn list(texts: &[String], dimensions: usize, as_base64: bool) -> Value {
    let one = |(index, text): (usize, &String)| json!({"object": "embedding", "index": index, "embedding": value(text, dimensions, as_base64)});
    texts.iter().enumerate().map(one).collect()
}

/// The texts of an input: one, or several, each a text or a list of tokens.
pub(crate) fn texts(input: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(tokens) if !tokens.is_empty() && tokens.iter().all(Value::is_u64) => {
            Some(value.to_string())
        }
        _ => None,
    };
    match (one(input), input) {
        (Some(text), _) => Some(vec![text]),
        (None, Value::Array(several)) if !several.is_empty() => several.iter().map(one).collect(),
        _ => None,
    }
}

/// A request for vectors in OpenAI's manner, which some refuse in words of their own.
#[derive(Debug)]
pub(crate) struct Embeds {
    pub(crate) answer: Value,
    pub(crate) refuse: fn(&Refusal) -> Whole,
}

impl Call for Embeds {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        (self.refuse)(refusal)
    }

    fn whole(&self, _: &Said<'_>) -> Value {
        self.answer.clone()
    }

    fn breaks(&self) -> Refusal {
        Refusal::of_status(500)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_vector_of_length_one() {
        let vector_of = |text| vector(text, 16);
        assert_eq!(vector_of("a"), vector_of("a"));
        assert_ne!(vector_of("a"), vector_of("b"));
        let length: f32 = vector_of("a").iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        assert_eq!(vector("a", 3).len(), 3);
    }

    #[test]
    fn an_input_is_one_text_or_several_or_tokens() {
        assert_eq!(texts(&json!("a")).unwrap(), ["a"]);
        assert_eq!(texts(&json!(["a", "b"])).unwrap(), ["a", "b"]);
        assert_eq!(texts(&json!([1, 2])).unwrap(), ["[1,2]"]);
        assert_eq!(texts(&json!([[1, 2], [3]])).unwrap(), ["[1,2]", "[3]"]);
        assert_eq!(texts(&json!([])), None);
        assert_eq!(texts(&json!(null)), None);
    }
}
