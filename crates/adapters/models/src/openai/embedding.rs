use super::response::WireUsage;
use crate::status::{miscounted, unreadable};
use agents::dispatch::{Embeddings, ModelFailure, Usage};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of a request for vectors.
#[must_use]
pub fn embedding_body(name: &str, texts: &[String]) -> Value {
    json!({"model": name, "input": texts, "encoding_format": "float"})
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    data: Vec<Vector>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Vector {
    index: usize,
    embedding: Vec<f32>,
}

/// Reads the vectors of so many texts; each says which text it is of.
///
/// # Errors
/// What can't be read, or is not one vector a text.
pub fn embeddings(body: &[u8], texts: usize) -> Result<Embeddings, ModelFailure> {
    let mut answer: Answer = serde_json::from_slice(body).map_err(|e| unreadable(&e))?;
    answer.data.sort_by_key(|vector| vector.index);
    let is_whole = answer
        .data
        .iter()
        .enumerate()
        .all(|(place, vector)| vector.index == place && !vector.embedding.is_empty());
    if !is_whole || answer.data.len() != texts {
        return Err(miscounted(answer.data.len(), texts));
    }
    let usage = answer.usage.as_ref().map(Usage::from);
    Ok(Embeddings { vectors: answer.data.into_iter().map(|vector| vector.embedding).collect(), usage })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_in_the_order_of_the_texts() {
        let answer = json!({"data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}],
            "usage": {"prompt_tokens": 7, "total_tokens": 7}});
        let read = embeddings(answer.to_string().as_bytes(), 2).unwrap();
        assert_eq!(
            (read.vectors, read.usage.map(|usage| usage.fresh)),
            (vec![vec![1.0], vec![2.0]], Some(7))
        );
        assert!(embeddings(answer.to_string().as_bytes(), 3).is_err());
        let twice = json!({"data": [{"index": 0, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]});
        assert!(embeddings(twice.to_string().as_bytes(), 2).is_err());
    }
}
